/* Reads JSON. The tables that are not complete lie on the stack of Lua, those of objects with the key of the next value. */
#include <string.h>

#include "lauxlib.h"
#include "shim.h"

/* Places on the stack of Lua. */
enum { TEXT = 1, COUNTS };

/* Stands for the number of values, where a table is an object. */
#define OBJECT (-1)

typedef struct {
    lua_State *L;
    const char *start, *end, *at;
    /* How many values each open table has. */
    int *counts;
    int depth, room;
} Reader;

/* Pushes `nil`, what is wrong, the position, and the part of the text that stands for `%s`. */
static int fail(Reader *reader, const char *place, const char *what, const char *part, size_t length) {
    lua_State *L = reader->L;
    size_t left = (size_t)(reader->end - part);
    lua_pushnil(L);
    lua_pushstring(L, what);
    lua_pushinteger(L, place - reader->start + 1);
    lua_pushlstring(L, part, length < left ? length : left);
    return 4;
}

static int fail_at(Reader *reader, const char *place, const char *what) { return fail(reader, place, what, reader->end, 0); }

/* The next character, or -1 at the end. */
static int look(const Reader *reader) { return reader->at < reader->end ? (unsigned char)*reader->at : -1; }

/* The next character that is no white space. */
static int skip(Reader *reader) {
    int next = look(reader);
    while (next == ' ' || next == '\t' || next == '\r' || next == '\n') {
        reader->at++;
        next = look(reader);
    }
    return next;
}

/* The number of `\uXXXX`, or -1. */
static long unit(const char *at, const char *end) {
    long value = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
    for (int index = 2; index < 6; index++) {
        int character = (unsigned char)at[index];
        int letter = character | 0x20;
        if (character >= '0' && character <= '9') {
            value = value * 16 + character - '0';
        } else if (letter >= 'a' && letter <= 'f') {
            value = value * 16 + letter - 'a' + 10;
        } else {
            return -1;
        }
    }
    return value;
}

static void add_utf8(luaL_Buffer *buffer, long code) {
    if (code < 0x80) {
        luaL_addchar(buffer, (char)code);
        return;
    }
    int rest = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const int marks[] = {0, 0xc0, 0xe0, 0xf0};
    luaL_addchar(buffer, (char)(marks[rest] | code >> 6 * rest));
    while (rest-- > 0) luaL_addchar(buffer, (char)(0x80 | (code >> 6 * rest & 0x3f)));
}

/* The character that a short escape stands for, or 0. */
static char unescaped(char letter) {
    static const char letters[] = "bfnrt\"\\/", characters[] = "\b\f\n\r\t\"\\/";
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? characters[found - letters] : 0;
}

static const char *end_of_plain(const char *at, const char *end) {
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ') at++;
    return at;
}

/* Reads a text that has escapes. The reader is at its first character. */
static int read_escapes(Reader *reader) {
    luaL_Buffer buffer;
    const char *at = reader->at, *end = reader->end;
    luaL_buffinit(reader->L, &buffer);
    for (;;) {
        const char *from = at;
        at = end_of_plain(at, end);
        luaL_addlstring(&buffer, from, (size_t)(at - from));
        if (at == end) return fail_at(reader, reader->at - 1, "expected closing quote for string");
        if (*at == '"') break;
        if (*at != '\\') return fail_at(reader, at, "control character in string");
        char letter = at + 1 < end ? at[1] : 0;
        if (letter == 'u') {
            long code = unit(at, end);
            if (code < 0) return fail_at(reader, at, "invalid unicode escape in string");
            at += 6;
            long low = code >= 0xd800 && code < 0xdc00 ? unit(at, end) : -1;
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + (code - 0xd800) * 0x400 + low - 0xdc00;
                at += 6;
            }
            add_utf8(&buffer, code);
        } else {
            char plain = unescaped(letter);
            if (!plain) return fail(reader, at, "invalid escape char '%s' in string", at + 1, 1);
            luaL_addchar(&buffer, plain);
            at += 2;
        }
    }
    luaL_pushresult(&buffer);
    reader->at = at + 1;
    return 0;
}

/* Pushes the text at whose quotation mark the reader is. Returns the number of results if it fails, or else 0. */
static int read_text(Reader *reader) {
    const char *from = ++reader->at;
    const char *stop = end_of_plain(from, reader->end);
    if (stop == reader->end || *stop != '"') return read_escapes(reader);
    lua_pushlstring(reader->L, from, (size_t)(stop - from));
    reader->at = stop + 1;
    return 0;
}

/* Pushes the number, `true`, `false` or `nil` at which the reader is. */
static int read_word(Reader *reader, int first) {
    lua_State *L = reader->L;
    const char *from = reader->at, *at = from;
    while (at < reader->end && !(*at && strchr(" \t\r\n],}", *at))) at++;
    size_t length = (size_t)(at - from);
    reader->at = at;
    if (first == '-' || (first >= '0' && first <= '9')) {
        lua_pushlstring(L, from, length);
        if (lua_stringtonumber(L, lua_tostring(L, -1)) != length + 1) {
            return fail(reader, from, "invalid number '%s'", from, length);
        }
        lua_remove(L, -2);
    } else if (length == 4 && memcmp(from, "true", 4) == 0) {
        lua_pushboolean(L, 1);
    } else if (length == 5 && memcmp(from, "false", 5) == 0) {
        lua_pushboolean(L, 0);
    } else if (length == 4 && memcmp(from, "null", 4) == 0) {
        lua_pushnil(L);
    } else if (first == 't' || first == 'f' || first == 'n') {
        return fail(reader, from, "invalid literal '%s'", from, length);
    } else {
        return fail(reader, from, "unexpected character '%s'", from, 1);
    }
    return 0;
}

static int open_table(Reader *reader, int count) {
    lua_State *L = reader->L;
    if (reader->depth == AOXIDE_JSON_DEPTH) {
        lua_pushnil(L);
        lua_pushliteral(L, "stack overflow");
        return 2;
    }
    luaL_checkstack(L, LUA_MINSTACK, "JSON");
    if (reader->depth == reader->room) {
        int *counts = lua_newuserdata(L, (size_t)reader->room * 2 * sizeof *counts);
        memcpy(counts, reader->counts, (size_t)reader->room * sizeof *counts);
        lua_replace(L, COUNTS);
        reader->counts = counts;
        reader->room *= 2;
    }
    reader->counts[reader->depth++] = count;
    lua_newtable(L);
    reader->at++;
    return 0;
}

/* Pushes the key of the next value. The reader is behind it and its colon then. */
static int read_key(Reader *reader, int next) {
    if (next != '"') return fail_at(reader, reader->at, "expected string for key");
    int failed = read_text(reader);
    if (failed) return failed;
    if (skip(reader) != ':') return fail_at(reader, reader->at, "expected ':' after key");
    reader->at++;
    return 0;
}

/* Adds the value on top of the stack to the table behind it. */
static void add(Reader *reader, int *count) {
    if (*count == OBJECT) {
        lua_rawset(reader->L, -3);
    } else {
        lua_rawseti(reader->L, -2, ++*count);
    }
}

/* Reads one value, with all that it contains. */
static int read_value(Reader *reader) {
    for (;;) {
        int failed = 0, next = skip(reader);
        int is_open = next == '{' || next == '[';
        if (is_open) {
            failed = open_table(reader, next == '{' ? OBJECT : 0);
        } else {
            failed = next == '"' ? read_text(reader) : read_word(reader, next);
        }
        /* The value is complete, and so may the tables be that contain it. */
        while (!failed) {
            if (!is_open) {
                if (!reader->depth) return 0;
                add(reader, &reader->counts[reader->depth - 1]);
            }
            int is_object = reader->counts[reader->depth - 1] == OBJECT;
            int close = is_object ? '}' : ']';
            next = skip(reader);
            if (!is_open && next != close) {
                reader->at++;
                if (next != ',') {
                    return fail_at(reader, reader->at, is_object ? "expected '}' or ','" : "expected ']' or ','");
                }
                next = skip(reader);
            }
            is_open = 0;
            if (next != close) {
                if (is_object) failed = read_key(reader, next);
                break;
            }
            reader->at++;
            reader->depth--;
        }
        if (failed) return failed;
    }
}

int aoxide_json_decode(lua_State *L) {
    size_t length;
    Reader reader = {.L = L, .room = 16};
    reader.start = reader.at = luaL_checklstring(L, TEXT, &length);
    reader.end = reader.start + length;
    lua_settop(L, TEXT);
    reader.counts = lua_newuserdata(L, (size_t)reader.room * sizeof *reader.counts);
    int failed = read_value(&reader);
    if (failed) return failed;
    if (skip(&reader) != -1) return fail_at(&reader, reader.at, "trailing garbage");
    return 1;
}
