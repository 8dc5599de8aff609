// Variable arguments for clang on Xtensa. LLVM's own va_arg reads the wrong places: va_start leaves the register area where
// it is for a function without named arguments, and the stack index is off. So the structure that va_start fills is read
// here, by the rules of the ABI: six words in registers, then the stack, 64-bit values at even words.

#pragma once

typedef struct {
    char *stack;
    char *registers;
    int index;
} xtensa_va_t;

typedef xtensa_va_t va_list[1];
typedef va_list __gnuc_va_list; // the name that C library headers use

#define va_start(ap, last) do { \
    __builtin_va_list started; \
    __builtin_va_start(started, last); \
    __builtin_memcpy((ap), &started, sizeof(xtensa_va_t)); \
    (ap)->registers -= (ap)->index; \
} while (0)
#define va_end(ap) ((void)0)
#define va_copy(to, from) (*(to) = *(from))
#define va_arg(ap, type) (*(type *)xtensa_va_next((ap), (sizeof(type) + 3) & ~3, __alignof__(type) > 4 ? 8 : 4))

static inline __attribute__((always_inline)) void *xtensa_va_next(xtensa_va_t *ap, int size, int alignment) {
    int index = (ap->index + alignment - 1) & -alignment;
    if (index + size <= 24) {
        ap->index = index + size;
        return ap->registers + index;
    }
    if (index < 32) {
        index = 32; // where the ABI counts the stack from
    }
    ap->index = index + size;
    return ap->stack + index;
}
