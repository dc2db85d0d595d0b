/* Lua needs the type. There are no signals. */
#ifndef aoxide_signal_h
#define aoxide_signal_h
typedef int sig_atomic_t;
#endif
