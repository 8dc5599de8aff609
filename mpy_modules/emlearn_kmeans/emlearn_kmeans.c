// emlearn_kmeans: clustering of uint8 vectors. The functions are described in emlearn_kmeans.pyi.

#include "glue.h"

_Static_assert(sizeof(eml_KmeansBytes) == sizeof(mp_buffer_info_t), "");
_Static_assert(offsetof(eml_KmeansBytes, typecode) == offsetof(mp_buffer_info_t, typecode), "");

static __attribute__((noinline)) void kmeans_check(eml_Status status) {
    if (status != NULL) {
        mp_raise_ValueError((mp_rom_error_text_t)status);
    }
}

static __attribute__((noinline)) void kmeans_bytes(eml_KmeansBytes *bytes, size_t n, const mp_obj_t *args, mp_uint_t flags) {
    for (size_t i = 0; i < n; i++) {
        mp_get_buffer_raise(args[i], (mp_buffer_info_t *)&bytes[i], i == 0 ? MP_BUFFER_READ : flags);
        kmeans_check(bytes[i].typecode == 'B' || bytes[i].typecode == BYTEARRAY_TYPECODE ? NULL : "expected array('B')");
    }
}

static mp_obj_t kmeans_euclidean_argmin(size_t n_args, const mp_obj_t *args) {
    eml_KmeansBytes bytes[2];
    uint32_t result[2];
    kmeans_bytes(bytes, 2, args, MP_BUFFER_READ);
    kmeans_check(eml_kmeans_euclidean_argmin(&bytes, &result));
    mp_obj_t items[2];
    items[0] = mp_obj_new_int_from_uint(result[0]);
    items[1] = mp_obj_new_int_from_uint(result[1]);
    return mp_obj_new_tuple(2, items);
}

static mp_obj_t kmeans_step(size_t n_args, const mp_obj_t *args) {
    eml_KmeansBytes bytes[3];
    uint32_t changes;
    kmeans_bytes(bytes, 3, args, MP_BUFFER_RW);
    mp_int_t features = mp_obj_get_int(args[3]);
    kmeans_check(eml_kmeans_step(&bytes, mp_obj_is_small_int(args[3]) ? features : 0, n_args > 4, &changes));
    return mp_obj_new_int_from_uint(changes);
}

#define FUNCTIONS(F) \
    F(MP_QSTR_euclidean_argmin, kmeans_euclidean_argmin, 2, 2) \
    F(MP_QSTR_step, kmeans_step, 4, 5)

EML_NO_TYPE

EML_MODULE_WITH_PYTHON(emlearn_kmeans, FUNCTIONS)
