#ifndef aoxide_shim_h
#define aoxide_shim_h

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lua.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* A library of `lua/`, as the build embeds it. */
typedef struct {
    const char *name;
    const char *source;
    size_t length;
} Library;
extern const Library aoxide_libraries[];

/* The time, for `os`. */
time_t aoxide_time(time_t *place);
clock_t aoxide_clock(void);

/* The memory of Lua. */
void *aoxide_allocate(void *unused, void *place, size_t old, size_t wanted);

int aoxide_open_os(lua_State *L);

/* More tables inside each other are a stack overflow, as for functions of Lua that call each other. */
#define AOXIDE_JSON_DEPTH 180000

/* Functions for `json.lua`. They return the result, or `nil` and what is wrong. */
int aoxide_json_encode(lua_State *L);
int aoxide_json_decode(lua_State *L);

#endif
