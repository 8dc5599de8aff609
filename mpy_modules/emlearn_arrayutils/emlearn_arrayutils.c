// emlearn_arrayutils: operations on whole arrays. The function is described in emlearn_arrayutils.pyi.

#include "glue.h"

// An array of any type is handed on as MicroPython describes it.
_Static_assert(sizeof(eml_ArrayutilsItems) == sizeof(mp_buffer_info_t), "");
_Static_assert(offsetof(eml_ArrayutilsItems, typecode) == offsetof(mp_buffer_info_t, typecode), "");

static mp_obj_t arrayutils_linear_map(size_t n_args, const mp_obj_t *args) {
    eml_ArrayutilsMap map;
    size_t i = 0;
    do {
        eml_float(args[2 + i], map.limits, i);
    } while (++i != MP_ARRAY_SIZE(map.limits));
    mp_get_buffer_raise(args[0], (mp_buffer_info_t *)&map.input, MP_BUFFER_READ);
    mp_get_buffer_raise(args[1], (mp_buffer_info_t *)&map.output, MP_BUFFER_RW);
    return eml_check_plain(eml_arrayutils_linear_map(&map));
}

#define FUNCTIONS(F) \
    F(MP_QSTR_linear_map, arrayutils_linear_map, 6, 6)

EML_MODULE_WITHOUT_TYPE(emlearn_arrayutils, FUNCTIONS)
