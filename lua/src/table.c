/* The tables of Lua, but with fewer protected calls, which cost a call of the host each. */
#include "ldo.h"

/* Lua protects the change of a table's hash part, to undo the growth of its array part if there is no memory. It is only
   needed where both parts grow. */
#define luaD_rawrunprotected(L, change, data) \
    (nasize > oldasize && nhsize > 0 ? luaD_rawrunprotected(L, change, data) : (change(L, data), LUA_OK))

#include "ltable.c"
