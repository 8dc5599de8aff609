// emlearn_kmeans: clustering of uint8 vectors. The functions are described in emlearn_kmeans.pyi.

#include "glue.h"

_Static_assert(sizeof(eml_KmeansBytes) == sizeof(mp_buffer_info_t), "");
_Static_assert(offsetof(eml_KmeansBytes, typecode) == offsetof(mp_buffer_info_t, typecode), "");

static __attribute__((noinline)) void kmeans_bytes(mp_obj_t obj, mp_uint_t flags, eml_KmeansBytes *bytes) {
    mp_get_buffer_raise(obj, (mp_buffer_info_t *)bytes, flags);
    if (bytes->typecode != 'B' && bytes->typecode != BYTEARRAY_TYPECODE) {
        EML_RAISE(ValueError, "expected array('B')");
    }
}

// The point is the only sample.
static mp_obj_t kmeans_euclidean_argmin(size_t n_args, const mp_obj_t *args) {
    eml_KmeansBytes arrays[3];
    eml_KmeansFound found;
    uint8_t assignment;
    kmeans_bytes(args[1], MP_BUFFER_READ, &arrays[0]);
    kmeans_bytes(args[0], MP_BUFFER_READ, &arrays[1]);
    arrays[2].data = &assignment;
    arrays[2].len = 1;
    eml_check_plain(eml_kmeans_step(&arrays, arrays[0].len, SIZE_MAX, false, &found));
    mp_obj_t items[2];
    items[0] = eml_small_int(found.index);
    items[1] = mp_obj_new_int_from_uint(found.distance);
    return mp_obj_new_tuple(2, items);
}

static mp_obj_t kmeans_step(size_t n_args, const mp_obj_t *args) {
    eml_KmeansBytes arrays[3];
    eml_KmeansFound found;
    kmeans_bytes(args[0], MP_BUFFER_READ, &arrays[0]);
    kmeans_bytes(args[1], MP_BUFFER_RW, &arrays[1]);
    kmeans_bytes(args[2], MP_BUFFER_RW, &arrays[2]);
    eml_no_overlap(arrays[0].data, arrays[0].len, arrays[1].data, arrays[1].len);
    mp_int_t features = mp_obj_get_int_truncated(args[3]);
    eml_check_plain(eml_kmeans_step(&arrays, mp_obj_is_small_int(args[3]) ? features : 0, UINT8_MAX, n_args > 4, &found));
    return eml_small_int(found.changes);
}

#define FUNCTIONS(F) \
    F(MP_QSTR_euclidean_argmin, kmeans_euclidean_argmin, 2, 2) \
    F(MP_QSTR_step, kmeans_step, 4, 5)

EML_MODULE_WITHOUT_TYPE_WITH_PYTHON(emlearn_kmeans, FUNCTIONS)
