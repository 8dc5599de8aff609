// What compilers call by themselves: in a native module from MicroPython's table, in firmware from its C library. The linker
// drops what is not needed.

#if MICROPY_ENABLE_DYNRUNTIME

#include "py/dynruntime.h"
#include "table.h"

void *memset(void *s, int c, size_t n) {
    return mp_fun_table.memset_(s, c, n);
}

void *memmove(void *dest, const void *src, size_t n) {
    return mp_fun_table.memmove_(dest, src, n);
}

void *memcpy(void *dest, const void *src, size_t n) {
    return mp_fun_table.memmove_(dest, src, n);
}

#define MEMSET mp_fun_table.memset_
#define MEMMOVE mp_fun_table.memmove_

#else

#include <string.h>

#define MEMSET memset
#define MEMMOVE memmove

#endif

#if defined(__arm__)
// The names of ARM's run-time ABI, for any alignment.
void __aeabi_memclr(void *dest, size_t n) {
    MEMSET(dest, 0, n);
}
void __aeabi_memclr4(void *, size_t) __attribute__((alias("__aeabi_memclr")));
void __aeabi_memclr8(void *, size_t) __attribute__((alias("__aeabi_memclr")));

void __aeabi_memset(void *dest, size_t n, int c) {
    MEMSET(dest, c, n);
}
void __aeabi_memset4(void *, size_t, int) __attribute__((alias("__aeabi_memset")));
void __aeabi_memset8(void *, size_t, int) __attribute__((alias("__aeabi_memset")));

void __aeabi_memmove(void *dest, const void *src, size_t n) {
    MEMMOVE(dest, src, n);
}
void __aeabi_memmove4(void *, const void *, size_t) __attribute__((alias("__aeabi_memmove")));
void __aeabi_memmove8(void *, const void *, size_t) __attribute__((alias("__aeabi_memmove")));
void __aeabi_memcpy(void *, const void *, size_t) __attribute__((alias("__aeabi_memmove")));
void __aeabi_memcpy4(void *, const void *, size_t) __attribute__((alias("__aeabi_memmove")));
void __aeabi_memcpy8(void *, const void *, size_t) __attribute__((alias("__aeabi_memmove")));
#endif
