// emlearn_linreg: linear regression with elastic-net penalty. The functions are described in emlearn_linreg.pyi.

#include "glue.h"

static mp_obj_t linreg_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t n_features = eml_int(args[0], "n_features", 1, UINT16_MAX);
    eml_LinregSettings settings;
    eml_float(args[1], &settings.alpha, 0);
    eml_float(args[2], &settings.l1_ratio, 0);
    eml_float(args[3], &settings.learning_rate, 0);
    eml_object_t *self = eml_object(eml_linreg_size(n_features));
    eml_check(eml_linreg_init(self->state, n_features, &settings), 0);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t linreg_predict(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    float result;
    eml_linreg_predict(state, eml_array_of(args[1], "x", 'f', MP_BUFFER_READ, state->n_features), &result);
    return eml_float_obj(&result);
}

// The arguments of step and score_mse: a row of X for each value of y.
static size_t linreg_rows(const eml_LinregHeader *state, const mp_obj_t *args, float **x, float **y) {
    size_t n_rows;
    *y = eml_array(args[2], "y", 'f', MP_BUFFER_READ, &n_rows);
    *x = eml_array_of(args[1], "X", 'f', MP_BUFFER_READ, n_rows * state->n_features);
    if (n_rows == 0) {
        eml_raise("y: expected a row", 0, 0, 0);
    }
    return n_rows;
}

static mp_obj_t linreg_step(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    float *x, *y;
    size_t n_rows = linreg_rows(state, args, &x, &y);
    eml_linreg_step(state, x, y, n_rows);
    return mp_const_none;
}

static mp_obj_t linreg_score_mse(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    float *x, *y, result;
    size_t n_rows = linreg_rows(state, args, &x, &y);
    eml_linreg_score_mse(state, x, y, n_rows, &result);
    return eml_float_obj(&result);
}

static mp_obj_t linreg_get_n_features(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    return MP_OBJ_NEW_SMALL_INT(state->n_features);
}

static mp_obj_t linreg_get_weights(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    float *out = eml_array_of(args[1], "out", 'f', MP_BUFFER_RW, state->n_features);
    memmove(out, eml_linreg_weights(state), state->n_features * sizeof(float));
    return mp_const_none;
}

static mp_obj_t linreg_set_weights(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    float *weights = eml_array_of(args[1], "w", 'f', MP_BUFFER_READ, state->n_features);
    memmove(eml_linreg_weights(state), weights, state->n_features * sizeof(float));
    return mp_const_none;
}

static mp_obj_t linreg_get_bias(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    return eml_float_obj(&state->bias);
}

static mp_obj_t linreg_set_bias(size_t n_args, const mp_obj_t *args) {
    eml_LinregHeader *state = eml_self(args[0])->state;
    eml_float(args[1], &state->bias, 0);
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

EML_TYPE(MP_QSTR_Model, METHODS)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, linreg_new, 4, 4)

EML_MODULE_WITH_PYTHON(emlearn_linreg, FUNCTIONS)
