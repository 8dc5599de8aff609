// MicroPython's heap is one array to AddressSanitizer. Here it learns which bytes of it were asked for: an access to any other,
// behind an object or after it was freed, is an error.

#include <sanitizer/asan_interface.h>
#include <stdlib.h>

#include "py/gc.h"
#include "py/mpstate.h"

// What MicroPython holds when it ends is no leak.
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}

// Between an object and the next.
#define GAP MICROPY_BYTES_PER_GC_BLOCK

void *__real_gc_alloc(size_t n_bytes, unsigned int flags);
void *__real_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);
void __real_gc_free(void *ptr);
void __real_gc_collect_end(void);

// For each block that an object begins in, the object's size and one.
static size_t *sizes;
static size_t n_used;

void *heap_memset(void *to, int value, size_t n) {
    for (char *p = to; n-- != 0;) {
        *p++ = value;
    }
    return to;
}

void *heap_memcpy(void *to, const void *from, size_t n) {
    const char *q = from;
    for (char *p = to; n-- != 0;) {
        *p++ = *q++;
    }
    return to;
}

static byte *heap_start(void) {
    return MP_STATE_MEM(area).gc_pool_start;
}

static size_t *size_of(void *ptr) {
    if (sizes == NULL) {
        size_t n = MP_STATE_MEM(area).gc_pool_end - heap_start();
        __asan_poison_memory_region(heap_start(), n);
        sizes = calloc(n / GAP + 1, sizeof(size_t));
    }
    size_t block = ((byte *)ptr - heap_start()) / GAP;
    if (block >= n_used) {
        n_used = block + 1;
    }
    return &sizes[block];
}

static void forget(void *ptr) {
    size_t *size = size_of(ptr);
    if (*size != 0) {
        __asan_poison_memory_region(ptr, *size - 1);
        *size = 0;
    }
}

static void *remember(void *ptr, size_t n_bytes) {
    if (ptr != NULL) {
        forget(ptr);
        *size_of(ptr) = n_bytes + 1;
        __asan_unpoison_memory_region(ptr, n_bytes);
    }
    return ptr;
}

void *__wrap_gc_alloc(size_t n_bytes, unsigned int flags) {
    return remember(__real_gc_alloc(n_bytes > SIZE_MAX - GAP ? n_bytes : n_bytes + GAP, flags), n_bytes);
}

void __wrap_gc_free(void *ptr) {
    if (ptr != NULL) {
        forget(ptr);
    }
    __real_gc_free(ptr);
}

void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move) {
    if (ptr == NULL) {
        return __wrap_gc_alloc(n_bytes, 0);
    }
    if (n_bytes == 0) {
        __wrap_gc_free(ptr);
        return NULL;
    }
    void *result = __real_gc_realloc(ptr, n_bytes > SIZE_MAX - GAP ? n_bytes : n_bytes + GAP, allow_move);
    if (result != NULL && result != ptr) {
        forget(ptr);
    }
    return remember(result, n_bytes);
}

void __wrap_gc_collect_end(void) {
    __real_gc_collect_end();
    for (size_t block = 0; block < n_used; block++) {
        void *ptr = heap_start() + block * GAP;
        if (sizes[block] != 0 && gc_nbytes(ptr) == 0) {
            forget(ptr);
        }
    }
}
