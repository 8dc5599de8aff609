// emlearn_iir_q15: IIR filters in second-order sections, int16 fixed point. The functions are described in emlearn_iir_q15.pyi.

#include "glue.h"

static mp_obj_t iir_q15_new(size_t n_args, const mp_obj_t *args) {
    size_t len;
    int16_t *coefficients = eml_array(args[0], "coefficients", 'h', MP_BUFFER_READ, &len);
    void *state = eml_new_state(eml_iir_q15_size(len));
    eml_check_plain(eml_iir_q15_init(state, coefficients, len));
    return eml_object(state);
}

static mp_obj_t iir_q15_run(size_t n_args, const mp_obj_t *args) {
    void *state = eml_state(args[0]);
    size_t len;
    int16_t *values = eml_array(args[1], "values", 'h', MP_BUFFER_RW, &len);
    eml_iir_q15_run(state, values, len);
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_run, iir_q15_run, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, iir_q15_new, 1, 1)

EML_MODULE_WITH_PYTHON(emlearn_iir_q15, FUNCTIONS, MP_QSTR_IIR, METHODS)
