/* The part of the `os` library that needs no system: date, time, clock, difftime. */
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include "shim.h"

/* The rest is compiled and then left out. */
#define system(command) ((void)(command), 0)
#define remove(name) ((void)(name), -1)
#define rename(from, to) ((void)(from), (void)(to), -1)
#define setlocale(category, name) ((void)(category), (void)(name), (char *)0)
/* Time has no zones. */
#define l_gmtime(time, place) gmtime_r(time, place)
#define l_localtime(time, place) gmtime_r(time, place)
#define mktime timegm
#define clock aoxide_clock
#define time aoxide_time
#define exit(status) abort()
#define lua_tmpnam(place, failed) ((void)(place), (failed) = 1)
#define LUA_TMPNAMBUFSIZE 1
#define luaopen_os aoxide_open_all_of_os
/* `clock` is left out where the sources of Lua know a system without one. Here it is the time of the message. */
#undef __wasi__
#include "loslib.c"

int aoxide_open_os(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"clock", os_clock}, {"date", os_date}, {"difftime", os_difftime}, {"time", os_time}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
