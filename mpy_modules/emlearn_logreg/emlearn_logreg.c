// emlearn_logreg: logistic regression with L1 and L2 penalties. The functions are described in emlearn_logreg.pyi.

#include "glue.h"

static mp_obj_t logreg_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t n_features = eml_int(args[0], "n_features", 1, UINT16_MAX);
    mp_int_t n_classes = eml_int(args[1], "n_classes", 2, UINT8_MAX);
    float parameters[3];
    for (size_t i = 0; i < MP_ARRAY_SIZE(parameters); i++) {
        eml_float(args[2 + i], parameters, i);
    }
    void *state = eml_new_state(eml_logreg_size(n_features, n_classes));
    eml_logreg_init(state, n_features, n_classes, &parameters);
    return eml_object(state);
}

// The arrays of a call: inputs, then workspaces, each of n_classes values and apart from all others.
static __attribute__((noinline)) eml_LogregHeader *logreg_arrays(const mp_obj_t *args, eml_LogregArray *arrays, size_t n_inputs, size_t n) {
    eml_LogregHeader *state = eml_state(args[0]);
    for (size_t i = 0; i < n; i++) {
        eml_LogregArray *array = &arrays[i];
        array->data = eml_array(args[1 + i], "arrays", 'f', i < n_inputs ? MP_BUFFER_READ : MP_BUFFER_RW, &array->len);
        if (i >= n_inputs) {
            eml_expect_len("workspaces", state->n_classes, array->len);
            for (size_t j = 0; j < i; j++) {
                eml_no_overlap(array->data, array->len * sizeof(float), arrays[j].data, arrays[j].len * sizeof(float));
            }
        }
    }
    return state;
}

static mp_obj_t logreg_predict(size_t n_args, const mp_obj_t *args) {
    eml_LogregArray arrays[3];
    eml_LogregHeader *state = logreg_arrays(args, arrays, 1, MP_ARRAY_SIZE(arrays));
    eml_expect_len("features", state->n_features, arrays[0].len);
    return eml_small_int(eml_logreg_predict(state, &arrays));
}

static __attribute__((noinline)) void logreg_run(const mp_obj_t *args, size_t n, float *loss) {
    eml_LogregArray arrays[5];
    arrays[4].data = loss;
    arrays[4].len = 0;
    eml_LogregHeader *state = logreg_arrays(args, arrays, 2, n);
    eml_check_plain(eml_logreg_run(state, &arrays, loss));
}

static mp_obj_t logreg_step(size_t n_args, const mp_obj_t *args) {
    float loss;
    logreg_run(args, 5, &loss);
    return mp_const_none;
}

static mp_obj_t logreg_score_logloss(size_t n_args, const mp_obj_t *args) {
    float loss;
    logreg_run(args, 4, &loss);
    return eml_float_obj(&loss);
}

static mp_obj_t logreg_get_n_features(size_t n_args, const mp_obj_t *args) {
    eml_LogregHeader *state = eml_state(args[0]);
    return eml_small_int(state->n_features);
}

static mp_obj_t logreg_get_n_classes(size_t n_args, const mp_obj_t *args) {
    eml_LogregHeader *state = eml_state(args[0]);
    return eml_small_int(state->n_classes);
}

static __attribute__((noinline)) mp_obj_t logreg_copy(const mp_obj_t *args, bool weights, mp_uint_t flags) {
    eml_LogregHeader *state = eml_state(args[0]);
    size_t n_classes = state->n_classes, n_features = state->n_features;
    float *from = eml_logreg_biases(state), *to;
    size_t len = n_classes;
    if (weights) {
        from += len;
        len *= n_features;
        to = eml_array_of(args[1], "weights", 'f', flags, n_classes * n_features);
    } else {
        to = eml_array_of(args[1], "bias", 'f', flags, n_classes);
    }
    if (flags == MP_BUFFER_READ) {
        float *parameters = from;
        from = to;
        to = parameters;
    }
    memcpy(to, from, len * sizeof(float));
    return mp_const_none;
}

static mp_obj_t logreg_get_weights(size_t n_args, const mp_obj_t *args) {
    return logreg_copy(args, true, MP_BUFFER_RW);
}

static mp_obj_t logreg_set_weights(size_t n_args, const mp_obj_t *args) {
    return logreg_copy(args, true, MP_BUFFER_READ);
}

static mp_obj_t logreg_get_bias(size_t n_args, const mp_obj_t *args) {
    return logreg_copy(args, false, MP_BUFFER_RW);
}

static mp_obj_t logreg_set_bias(size_t n_args, const mp_obj_t *args) {
    return logreg_copy(args, false, MP_BUFFER_READ);
}

#define METHODS(M) \
    M(MP_QSTR_predict, logreg_predict, 4, 4) \
    M(MP_QSTR_step, logreg_step, 6, 6) \
    M(MP_QSTR_score_logloss, logreg_score_logloss, 5, 5) \
    M(MP_QSTR_get_n_features, logreg_get_n_features, 1, 1) \
    M(MP_QSTR_get_n_classes, logreg_get_n_classes, 1, 1) \
    M(MP_QSTR_get_weights, logreg_get_weights, 2, 2) \
    M(MP_QSTR_set_weights, logreg_set_weights, 2, 2) \
    M(MP_QSTR_get_bias, logreg_get_bias, 2, 2) \
    M(MP_QSTR_set_bias, logreg_set_bias, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, logreg_new, 5, 5)

EML_MODULE_WITH_PYTHON(emlearn_logreg, FUNCTIONS, MP_QSTR_Model, METHODS)
