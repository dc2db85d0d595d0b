/* The heap. Blocks lie side by side and know their neighbours; free ones are in lists by size. Lua's many small objects have
   no headers: Lua says how long an object is when it frees it. */
#include <stdlib.h>
#include <string.h>

#include "shim.h"

__attribute__((import_module("env"), import_name("emscripten_resize_heap"))) int aoxide_resize_heap(size_t bytes);

#define PAGE ((size_t)65536)
#define USED ((size_t)1)

/* Before every block: its own size and that of the one before it, with their headers. Sizes are multiples of 8. */
typedef struct Block {
    size_t before;
    size_t size; /* and USED */
    /* If it is free: its neighbours in the list. */
    struct Block *next, *previous;
} Block;

#define HEADER offsetof(Block, next)
#define SMALLEST sizeof(Block)

/* Four lists for each power of two. A bit says whether a list has blocks. */
static Block *lists[128];
static uint32_t filled[4];
/* The end of the heap: a header of a used block without content. */
static Block *last;

static size_t size_of(const Block *block) { return block->size & ~USED; }
static Block *after(Block *block) { return (Block *)((char *)block + size_of(block)); }
static Block *before(Block *block) { return (Block *)((char *)block - block->before); }
static Block *block_of(void *place) { return (Block *)((char *)place - HEADER); }

static unsigned list_of(size_t size) {
    unsigned power = 31 - (unsigned)__builtin_clz(size);
    return power * 4 + (unsigned)((size >> (power - 2)) & 3);
}

static void enlist(Block *block, size_t size) {
    block->size = size;
    after(block)->before = size;
    unsigned list = list_of(size);
    block->previous = NULL;
    block->next = lists[list];
    if (block->next) block->next->previous = block;
    lists[list] = block;
    filled[list / 32] |= 1u << list % 32;
}

static void unlist(Block *block) {
    unsigned list = list_of(block->size);
    if (block->next) block->next->previous = block->previous;
    if (block->previous) {
        block->previous->next = block->next;
    } else {
        lists[list] = block->next;
        if (!block->next) filled[list / 32] &= ~(1u << list % 32);
    }
}

/* Uses `size` bytes of a block that is in no list, and frees the rest of it. */
static void take(Block *block, size_t whole, size_t size) {
    if (whole - size < SMALLEST) {
        size = whole;
    } else {
        Block *rest = (Block *)((char *)block + size);
        Block *follower = (Block *)((char *)block + whole);
        size_t left = whole - size;
        if (!(follower->size & USED)) {
            unlist(follower);
            left += follower->size;
        }
        rest->before = size;
        enlist(rest, left);
    }
    block->size = size | USED;
    after(block)->before = size;
}

static void release(Block *block) {
    size_t size = size_of(block);
    Block *follower = after(block);
    if (!(follower->size & USED)) {
        unlist(follower);
        size += follower->size;
    }
    if (block->before && !(before(block)->size & USED)) {
        block = before(block);
        unlist(block);
        size += block->size;
    }
    enlist(block, size);
}

/* Makes the heap longer by at least `size`, whole pages at a time. The new space is one free block. */
static int lengthen(size_t size) {
    extern char __heap_base;
    size_t end = last ? (size_t)last + HEADER : ((size_t)&__heap_base + 7) & ~(size_t)7;
    /* A call of the host takes long, so a large heap grows by an eighth, if there is as much. */
    size_t spare = end / 8;
    if (size > SIZE_MAX - end - spare - 2 * PAGE) return 0;
    size_t least = (end + size + HEADER + PAGE - 1) & ~(PAGE - 1);
    size_t wanted = (end + size + spare + HEADER) & ~(PAGE - 1);
    if (wanted < least) wanted = least;
    size_t memory = __builtin_wasm_memory_size(0) * PAGE;
    if (wanted > memory && !aoxide_resize_heap(wanted)) {
        wanted = least;
        if (wanted > memory && !aoxide_resize_heap(wanted)) return 0;
    }
    Block *block = last;
    if (!block) {
        block = (Block *)end;
        block->before = 0;
    }
    last = (Block *)(wanted - HEADER);
    last->size = USED;
    block->size = (size_t)((char *)last - (char *)block) | USED;
    last->before = size_of(block);
    release(block);
    return 1;
}

static Block *find(size_t size) {
    unsigned list = list_of(size);
    /* Blocks of its own list may be too small: look at a few. All of the next lists are large enough. */
    Block *block = lists[list];
    for (int looks = 0; block && looks < 8; block = block->next, looks++) {
        if (block->size >= size) return block;
    }
    list++;
    for (unsigned word = list / 32; word < 4; word++) {
        uint32_t bits = filled[word];
        if (word == list / 32) bits &= ~0u << list % 32;
        if (bits) return lists[word * 32 + (unsigned)__builtin_ctz(bits)];
    }
    return NULL;
}

static size_t whole_size(size_t length) {
    size_t size = (length + HEADER + 7) & ~(size_t)7;
    return size < SMALLEST ? SMALLEST : size;
}

EXPORT("malloc") void *malloc(size_t length) {
    if (length > INT32_MAX) return NULL;
    size_t size = whole_size(length);
    Block *block = find(size);
    if (!block) {
        if (!lengthen(size)) return NULL;
        block = find(size);
        if (!block) return NULL;
    }
    unlist(block);
    take(block, block->size, size);
    return (char *)block + HEADER;
}

EXPORT("free") void free(void *place) {
    if (place) release(block_of(place));
}

void *realloc(void *place, size_t length) {
    if (!place) return malloc(length);
    if (length > INT32_MAX) return NULL;
    Block *block = block_of(place);
    size_t had = size_of(block);
    size_t size = whole_size(length);
    if (size <= had) {
        take(block, had, size);
        return place;
    }
    Block *follower = after(block);
    size_t room = had + (follower->size & USED ? 0 : follower->size);
    /* The last block grows with the heap. */
    if (room < size && (Block *)((char *)block + room) == last && lengthen(size - room)) {
        follower = after(block);
        room = had + follower->size;
    }
    if (room >= size) {
        unlist(follower);
        take(block, room, size);
        return place;
    }
    void *moved = malloc(length);
    if (!moved) return NULL;
    memcpy(moved, place, had - HEADER);
    free(place);
    return moved;
}

/* Objects up to this length have lists of their own, by length in steps of 8. They are cut from larger blocks. */
#define SMALL 256
#define CUT ((size_t)4096 - HEADER)

typedef struct Small {
    struct Small *next;
} Small;

static Small *smalls[SMALL / 8 + 1];
static char *cut_from;
static size_t cut_left;

static void *allocate_small(size_t class) {
    Small *small = smalls[class];
    if (small) {
        smalls[class] = small->next;
        return small;
    }
    size_t length = class * 8;
    if (cut_left < length) {
        char *fresh = malloc(CUT);
        if (!fresh) return NULL;
        /* What is left is the length of a class. */
        if (cut_left) {
            Small *rest = (Small *)cut_from;
            rest->next = smalls[cut_left / 8];
            smalls[cut_left / 8] = rest;
        }
        cut_from = fresh;
        cut_left = CUT;
    }
    char *place = cut_from;
    cut_from += length;
    cut_left -= length;
    return place;
}

static void *allocate(size_t length) { return length <= SMALL ? allocate_small((length + 7) / 8) : malloc(length); }

static void discard(void *place, size_t length) {
    if (length > SMALL) {
        free(place);
    } else {
        Small *small = place;
        size_t class = (length + 7) / 8;
        small->next = smalls[class];
        smalls[class] = small;
    }
}

void *aoxide_allocate(void *unused, void *place, size_t old, size_t wanted) {
    (void)unused;
    if (!place) return wanted ? allocate(wanted) : NULL;
    if (!wanted) {
        discard(place, old);
        return NULL;
    }
    if (old > SMALL && wanted > SMALL) return realloc(place, wanted);
    if (old <= SMALL && wanted <= SMALL && (old + 7) / 8 == (wanted + 7) / 8) return place;
    void *moved = allocate(wanted);
    /* Lua counts on it that an object can always become smaller. */
    if (!moved) return wanted <= old ? place : NULL;
    memcpy(moved, place, old < wanted ? old : wanted);
    discard(place, old);
    return moved;
}
