// A native module whose functions do nothing: what a call costs by itself.

#include "glue.h"

static mp_obj_t empty(size_t n_args, const mp_obj_t *args) {
    return mp_const_none;
}

#define FUNCTIONS(F) F(MP_QSTR_empty, empty, 0, 6)

EML_MODULE_WITHOUT_TYPE(empty, FUNCTIONS)
