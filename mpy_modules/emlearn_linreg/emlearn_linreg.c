// emlearn_linreg: linear regression with elastic-net penalty. The functions are described in emlearn_linreg.pyi.

#include "glue.h"

static mp_obj_t linreg_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t n_features = mp_obj_get_int_truncated(args[0]);
    if (mp_obj_is_obj(args[0]) || n_features < 1 || n_features > UINT16_MAX) {
        EML_RAISE(ValueError, "n_features: expected 1 to 65535");
    }
    float parameters[3];
    size_t i = 0;
    do {
        eml_float(args[1 + i], parameters, i);
    } while (++i != MP_ARRAY_SIZE(parameters));
    void *state = eml_new_state(eml_linreg_size(n_features));
    eml_linreg_init(state, n_features, &parameters);
    return eml_object(state);
}

static mp_obj_t linreg_predict(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_state(args[0]);
    size_t n_features = state->n_features;
    float y;
    eml_linreg_predict(state, eml_array_of(args[1], "x", 'f', MP_BUFFER_READ, n_features), &y);
    return eml_float_obj(&y);
}

static __attribute__((noinline)) void linreg_run(const mp_obj_t *args, bool is_step, float *mean) {
    eml_LinregHeader *state = eml_state(args[0]);
    size_t x_len, y_len;
    float *x = eml_array(args[1], "X", 'f', MP_BUFFER_READ, &x_len);
    float *y = eml_array(args[2], "y", 'f', MP_BUFFER_READ, &y_len);
    eml_check_plain(eml_linreg_run(state, x, x_len, y, y_len, is_step, mean));
}

static mp_obj_t linreg_step(size_t n_args, const mp_obj_t *args) {
    float mean;
    linreg_run(args, true, &mean);
    return mp_const_none;
}

static mp_obj_t linreg_score_mse(size_t n_args, const mp_obj_t *args) {
    float mse;
    linreg_run(args, false, &mse);
    return eml_float_obj(&mse);
}

static mp_obj_t linreg_get_n_features(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_state(args[0]);
    return eml_small_int(state->n_features);
}

static __attribute__((noinline)) mp_obj_t linreg_copy_weights(const mp_obj_t *args, mp_uint_t flags) {
    eml_LinregHeader *state = eml_state(args[0]);
    size_t n_features = state->n_features;
    void *to = eml_array_of(args[1], "weights", 'f', flags, n_features);
    void *from = eml_linreg_weights(state);
    if (flags == MP_BUFFER_READ) {
        void *weights = from;
        from = to;
        to = weights;
    }
    memcpy(to, from, n_features * sizeof(float));
    return mp_const_none;
}

static mp_obj_t linreg_get_weights(size_t n_args, const mp_obj_t *args) {
    return linreg_copy_weights(args, MP_BUFFER_RW);
}

static mp_obj_t linreg_set_weights(size_t n_args, const mp_obj_t *args) {
    return linreg_copy_weights(args, MP_BUFFER_READ);
}

static mp_obj_t linreg_get_bias(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_state(args[0]);
    return eml_float_obj(&state->bias);
}

static mp_obj_t linreg_set_bias(size_t n_args, const mp_obj_t *args) {
    float bias;
    eml_float(args[1], &bias, 0);
    eml_LinregHeader *state = eml_state(args[0]);
    state->bias = bias;
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_predict, linreg_predict, 2, 2) \
    M(MP_QSTR_step, linreg_step, 3, 3) \
    M(MP_QSTR_score_mse, linreg_score_mse, 3, 3) \
    M(MP_QSTR_get_n_features, linreg_get_n_features, 1, 1) \
    M(MP_QSTR_get_weights, linreg_get_weights, 2, 2) \
    M(MP_QSTR_set_weights, linreg_set_weights, 2, 2) \
    M(MP_QSTR_get_bias, linreg_get_bias, 1, 1) \
    M(MP_QSTR_set_bias, linreg_set_bias, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, linreg_new, 4, 4)

EML_MODULE_WITH_PYTHON(emlearn_linreg, FUNCTIONS, MP_QSTR_Model, METHODS)
