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

#endif
