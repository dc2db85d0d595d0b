/* Included before every file of Lua: what Lua does in a process of AO, where its defaults would need a system. */
#ifndef aoxide_prelude_h
#define aoxide_prelude_h

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Errors of Lua leave C through the host, as Emscripten's modules do it: the host calls the function of the table, catches
   `_emscripten_throw_longjmp`, restores the C stack and returns. Lua keeps the status itself, so no jump buffer is needed. */
__attribute__((import_module("env"), import_name("invoke_vii"))) void aoxide_invoke(void *function, void *first,
                                                                                  void *second);
__attribute__((import_module("env"), import_name("_emscripten_throw_longjmp"), noreturn)) void aoxide_throw(void);
#define LUAI_THROW(L, c) aoxide_throw()
#define LUAI_TRY(L, c, a) aoxide_invoke((void *)f, L, ud)
#define luai_jmpbuf int

/* The order of a table's keys must be the same for everyone who computes a message. */
#define luai_makeseed() 0x616fu

/* The environment replaces `math.random` by one that depends on the message. */
#define l_rand() 0u
#define l_srand(seed) ((void)(seed))
#define L_RANDMAX 0xffffffffu

/* Where `table.sort` splits next, if a first choice was bad. */
#define l_randomizePivot() (~0u)

/* There is no terminal. The environment replaces `print`. */
#define lua_writestring(text, length) ((void)(text), (void)(length))
#define lua_writeline() ((void)0)
#define lua_writestringerror(format, value) ((void)(format), (void)(value))

/* There are no files. */
#define fopen(name, mode) ((void)(name), (FILE *)0)
#define freopen(name, mode, file) ((void)(name), (void)(file), (FILE *)0)
#define fclose(file) ((void)(file), 0)
#define fread(place, size, count, file) ((void)(place), (void)(file), (size_t)0)
#define feof(file) ((void)(file), 1)
#define ferror(file) ((void)(file), 1)
#define fgets(place, size, file) ((void)(place), (char *)0)
#define strerror(number) "there are no files here"
#define getenv(name) ((void)(name), (char *)0)
#undef stdin
#define stdin ((FILE *)0)
#undef getc
#define getc(file) ((void)(file), EOF)

/* 200 calls of C inside of each other, each with a buffer, must fit the C stack. */
#include "luaconf.h"
#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 512

#endif
