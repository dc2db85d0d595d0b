/* Writes JSON. The tables that are not complete lie on the stack of Lua, each with its plan. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "shim.h"

/* Places on the stack of Lua. Of the tables that enclose a value, `OPEN` has the addresses: one inside itself has no text. */
enum { VALUE = 1, OUTPUT, OPEN };

typedef struct {
    const char *text;
    size_t length;
} Key;

/* What is written of a table: values 1 to `count`, or those of the keys in their order. */
typedef struct {
    int is_object;
    lua_Integer count, done;
    Key keys[];
} Plan;

typedef struct {
    lua_State *L;
    char *output;
    size_t length, room;
    int depth;
} Writer;

static char *reserve(Writer *writer, size_t more) {
    if (writer->room - writer->length < more) {
        size_t room = writer->room * 2;
        if (room < writer->length + more) room = writer->length + more;
        char *output = lua_newuserdata(writer->L, room);
        memcpy(output, writer->output, writer->length);
        lua_replace(writer->L, OUTPUT);
        writer->output = output;
        writer->room = room;
    }
    return writer->output + writer->length;
}

static void put(Writer *writer, const char *text, size_t length) {
    memcpy(reserve(writer, length), text, length);
    writer->length += length;
}

static void put_character(Writer *writer, char character) { put(writer, &character, 1); }

static void put_text(Writer *writer, const char *text, size_t length) {
    static const char characters[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *end = text + length;
    put_character(writer, '"');
    while (text < end) {
        const char *from = text;
        while (text < end && *text != '"' && *text != '\\' && (unsigned char)*text >= ' ') text++;
        put(writer, from, (size_t)(text - from));
        if (text == end) break;
        const char *found = *text ? strchr(characters, *text) : NULL;
        char *place = reserve(writer, 8);
        writer->length += found ? (size_t)snprintf(place, 8, "\\%c", letters[found - characters])
                                : (size_t)snprintf(place, 8, "\\u%04x", (unsigned char)*text);
        text++;
    }
    put_character(writer, '"');
}

/* As `%.14g`. */
static void put_number(Writer *writer, lua_Number number) {
    char *place = reserve(writer, 32), digits[16];
    /* The library needs long for whole numbers, too. */
    if (number != floor(number) || fabs(number) >= 1e14 || (number == 0 && signbit(number))) {
        writer->length += (size_t)snprintf(place, 32, "%.14g", number);
        return;
    }
    int count = 0;
    uint64_t left = (uint64_t)fabs(number);
    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (number < 0) *place++ = '-';
    writer->length += (size_t)(count + (number < 0));
    while (count) *place++ = digits[--count];
}

static int fail(Writer *writer, const char *what) {
    lua_pushnil(writer->L);
    lua_pushstring(writer->L, what);
    return 2;
}

static int by_text(const void *left, const void *right) {
    const Key *a = left, *b = right;
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Counts the entries of the table on top of the stack. Returns -1 if a key has another type. */
static lua_Integer count_keys(lua_State *L, int type) {
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1), count++) {
        if (lua_type(L, -2) != type) {
            lua_pop(L, 2);
            return -1;
        }
    }
    return count;
}

/* Reads the keys of the table below the plan on top of the stack, and sorts them. The plan keeps them: finalizers may run while
   the entries are written, and take them out of the table. */
static void plan_keys(lua_State *L, Plan *plan) {
    int table = lua_gettop(L) - 1;
    lua_createtable(L, (int)plan->count, 0);
    lua_Integer index = 0;
    for (lua_pushnil(L); index < plan->count && lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        Key *key = &plan->keys[index++];
        key->text = lua_tolstring(L, -2, &key->length);
        lua_pushvalue(L, -2);
        lua_rawseti(L, table + 2, index);
    }
    lua_settop(L, table + 2);
    lua_setuservalue(L, -2);
    plan->count = index;
    qsort(plan->keys, (size_t)index, sizeof *plan->keys, by_text);
}

/* Begins the table on top of the stack, and pushes its plan. */
static int open_table(Writer *writer) {
    lua_State *L = writer->L;
    if (lua_rawgetp(L, OPEN, lua_topointer(L, -1)) != LUA_TNIL) return fail(writer, "circular reference");
    lua_pop(L, 1);
    if (writer->depth++ == AOXIDE_JSON_DEPTH) return fail(writer, "stack overflow");
    luaL_checkstack(L, LUA_MINSTACK, "JSON");
    lua_pushboolean(L, 1);
    lua_rawsetp(L, OPEN, lua_topointer(L, -2));

    int is_object = lua_rawgeti(L, -1, 1) == LUA_TNIL;
    lua_pop(L, 1);
    lua_pushnil(L);
    int is_empty = !lua_next(L, -2);
    if (!is_empty) lua_pop(L, 2);
    is_object = is_object && !is_empty;
    lua_Integer count = count_keys(L, is_object ? LUA_TSTRING : LUA_TNUMBER);
    if (count < 0) return fail(writer, "invalid table: mixed or invalid key types");
    if (!is_object && count != (lua_Integer)lua_rawlen(L, -1)) return fail(writer, "invalid table: sparse array");
    Plan *plan = lua_newuserdata(L, sizeof *plan + (is_object ? (size_t)count * sizeof *plan->keys : 0));
    *plan = (Plan){.is_object = is_object, .count = count};
    if (is_object) plan_keys(L, plan);
    put_character(writer, is_object ? '{' : '[');
    return 0;
}

static void close_table(Writer *writer, const Plan *plan) {
    lua_State *L = writer->L;
    put_character(writer, plan->is_object ? '}' : ']');
    lua_pushnil(L);
    lua_rawsetp(L, OPEN, lua_topointer(L, -3));
    lua_pop(L, 2);
    writer->depth--;
}

/* Pushes the next value of the table below the plan on top of the stack, after what stands before it. */
static void push_next(Writer *writer, Plan *plan) {
    lua_State *L = writer->L;
    if (plan->done++) put_character(writer, ',');
    if (!plan->is_object) {
        lua_rawgeti(L, -2, plan->done);
        return;
    }
    const Key *key = &plan->keys[plan->done - 1];
    put_text(writer, key->text, key->length);
    put_character(writer, ':');
    lua_pushlstring(L, key->text, key->length);
    lua_rawget(L, -3);
}

/* Writes the value on top of the stack, which is no table. */
static int write_plain(Writer *writer) {
    lua_State *L = writer->L;
    size_t length;
    const char *text;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &length);
        put_text(writer, text, length);
        break;
    case LUA_TNUMBER:
        if (!isfinite(lua_tonumber(L, -1))) {
            lua_pushfstring(L, "unexpected number value '%s'", luaL_tolstring(L, -1, NULL));
            return fail(writer, lua_tostring(L, -1));
        }
        put_number(writer, lua_tonumber(L, -1));
        break;
    case LUA_TBOOLEAN:
        put(writer, lua_toboolean(L, -1) ? "true" : "false", lua_toboolean(L, -1) ? 4 : 5);
        break;
    case LUA_TNIL:
        put(writer, "null", 4);
        break;
    default:
        lua_pushfstring(L, "unexpected type '%s'", luaL_typename(L, -1));
        return fail(writer, lua_tostring(L, -1));
    }
    return 0;
}

/* Writes the value on top of the stack, with all that it contains. */
static int write_value(Writer *writer) {
    lua_State *L = writer->L;
    for (;;) {
        int is_table = lua_istable(L, -1);
        int failed = is_table ? open_table(writer) : write_plain(writer);
        if (failed) return failed;
        if (!is_table) {
            if (!writer->depth) return 0;
            lua_pop(L, 1);
        }
        Plan *plan = lua_touserdata(L, -1);
        while (plan->done == plan->count) {
            close_table(writer, plan);
            if (!writer->depth) return 0;
            plan = lua_touserdata(L, -1);
        }
        push_next(writer, plan);
    }
}

int aoxide_json_encode(lua_State *L) {
    Writer writer = {.L = L, .room = 1024};
    lua_settop(L, VALUE);
    writer.output = lua_newuserdata(L, writer.room);
    lua_newtable(L);
    lua_pushvalue(L, VALUE);
    int failed = write_value(&writer);
    if (failed) return failed;
    lua_pushlstring(L, writer.output, writer.length);
    return 1;
}
