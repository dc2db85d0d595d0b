/* What the C library would ask a system for. */
#include "shim.h"

/* The environment replaces `os.time` and `os.clock` by the time of the message. */
time_t aoxide_time(time_t *place) {
    if (place) *place = 0;
    return 0;
}

clock_t aoxide_clock(void) { return 0; }

/* The C library reads the time zone from files. These stand in for that part of it: there is one zone. */
const char __utc[] = "UTC";

const char *__tm_to_tzname(const struct tm *time) {
    (void)time;
    return __utc;
}

void __tzset(void) {}

/* Where the stack is, for hosts that mark its end to see whether it was full. The linker says it. */
extern char __stack_low, __stack_high;

EXPORT("emscripten_stack_init") void stack_init(void) {}

EXPORT("emscripten_stack_get_base") void *stack_base(void) { return &__stack_high; }

EXPORT("emscripten_stack_get_end") void *stack_end(void) { return &__stack_low; }
