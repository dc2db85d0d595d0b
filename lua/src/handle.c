/* `handle`, which a host calls for each message, and the state of Lua behind it. */
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "shim.h"

/* Long texts of a message that the host has placed on the heap: the message and the environment. */
static void *placed[2];

void *aoxide_place(size_t length) {
    void *place = malloc(length);
    /* Without a place there is no message. The host keeps the state as it was. */
    if (!place) __builtin_trap();
    void **slot = placed[0] ? &placed[1] : &placed[0];
    free(*slot);
    *slot = place;
    return place;
}

static void release_texts(void) {
    for (int i = 0; i < 2; i++) {
        free(placed[i]);
        placed[i] = NULL;
    }
}

EXPORT("setThrew") void set_threw(int threw, int value) {
    /* Lua keeps the status of an error. */
    (void)threw;
    (void)value;
}

/* `invoke_vii` of ao-loader calls the function of the table through this. */
EXPORT("dynCall_vii") void call_function(void (*function)(void *, void *), void *first, void *second) {
    function(first, second);
}

/* Loads a library on its first `require`. `json` takes two functions in C, and the others take nothing. */
static int load_library(lua_State *L) {
    const Library *library = lua_touserdata(L, lua_upvalueindex(1));
    const char *name = lua_pushfstring(L, ".%s", library->name);
    if (luaL_loadbufferx(L, library->source, library->length, name, "t")) return lua_error(L);
    lua_pushcfunction(L, aoxide_json_encode);
    lua_pushcfunction(L, aoxide_json_decode);
    lua_call(L, 2, 1);
    return 1;
}

/* `.json` is `json`. */
static int load_undotted(lua_State *L) {
    lua_getglobal(L, "require");
    lua_pushstring(L, luaL_checkstring(L, 1) + 1);
    lua_call(L, 1, 1);
    return 1;
}

/* Opens the libraries. Returns what the library `process` returns: the function that handles messages. */
static int boot(lua_State *L) {
    static const luaL_Reg standard[] = {{"_G", luaopen_base},          {LUA_LOADLIBNAME, luaopen_package},
                                        {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
                                        {LUA_OSLIBNAME, aoxide_open_os},    {LUA_STRLIBNAME, luaopen_string},
                                        {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
                                        {LUA_DBLIBNAME, luaopen_debug},     {LUA_BITLIBNAME, luaopen_bit32},
                                        {NULL, NULL}};
    for (const luaL_Reg *library = standard; library->func; library++) {
        luaL_requiref(L, library->name, library->func, 1);
        lua_pop(L, 1);
    }
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    for (const Library *library = aoxide_libraries; library->name; library++) {
        lua_pushlightuserdata(L, (void *)library);
        lua_pushcclosure(L, load_library, 1);
        lua_setfield(L, -2, library->name);
        lua_pushcfunction(L, load_undotted);
        lua_pushfstring(L, ".%s", library->name);
        lua_insert(L, -2);
        lua_settable(L, -3);
    }
    lua_getglobal(L, "require");
    lua_pushliteral(L, "process");
    lua_call(L, 1, 1);
    return 1;
}

static lua_State *lua;
static int handler;

/* Calls the function that handles messages with the two texts. */
static int call(lua_State *L) {
    const char *message = lua_touserdata(L, 1);
    const char *environment = lua_touserdata(L, 2);
    if (!handler) {
        lua_pushcfunction(L, boot);
        lua_call(L, 0, 1);
        handler = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, handler);
    lua_pushstring(L, message);
    lua_pushstring(L, environment);
    release_texts();
    lua_call(L, 2, 1);
    luaL_checktype(L, -1, LUA_TSTRING);
    return 1;
}

/* The answer for an error that the libraries have not caught. It takes no memory of Lua's. */
static const char *failure(const char *text) {
    static char answer[1024];
    static const char hex[] = "0123456789abcdef";
    static const char start[] = "{\"ok\":false,\"response\":\"";
    memcpy(answer, start, sizeof start - 1);
    char *end = answer + sizeof start - 1;
    for (; *text && end < answer + sizeof answer - 16; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x7f) {
            memcpy(end, "\\u00", 4);
            end[4] = hex[byte >> 4];
            end[5] = hex[byte & 15];
            end += 6;
        } else {
            *end++ = (char)byte;
        }
    }
    memcpy(end, "\"}", 3);
    return answer;
}

EXPORT("handle") const char *handle(const char *message, const char *environment) {
    if (!lua) lua = lua_newstate(aoxide_allocate, NULL);
    if (!lua) return failure("not enough memory");
    /* The last answer was on the stack. */
    lua_settop(lua, 0);
    lua_pushcfunction(lua, call);
    lua_pushlightuserdata(lua, (void *)message);
    lua_pushlightuserdata(lua, (void *)environment);
    int status = lua_pcall(lua, 2, 1, 0);
    release_texts();
    if (status != LUA_OK) {
        const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "an error that is no text";
        return failure(text);
    }
    return lua_tostring(lua, -1);
}
