// emlearn_iir: IIR filters in second-order sections. The functions are described in emlearn_iir.pyi.

#include "glue.h"

static mp_obj_t iir_new(size_t n_args, const mp_obj_t *args) {
    size_t len;
    float *coefficients = eml_array(args[0], "coefficients", 'f', MP_BUFFER_READ, &len);
    void *state = eml_new_state(eml_iir_size(len));
    eml_check_plain(eml_iir_init(state, coefficients, len));
    return eml_object(state);
}

static mp_obj_t iir_run(size_t n_args, const mp_obj_t *args) {
    void *state = eml_state(args[0]);
    size_t len;
    float *values = eml_array(args[1], "values", 'f', MP_BUFFER_RW, &len);
    eml_iir_run(state, values, len);
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_run, iir_run, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, iir_new, 1, 1)

EML_MODULE(emlearn_iir, FUNCTIONS, MP_QSTR_IIR, METHODS)
