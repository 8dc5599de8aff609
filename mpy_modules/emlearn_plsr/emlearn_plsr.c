// emlearn_plsr: partial least squares regression. The functions are described in emlearn_plsr.pyi.

#include "glue.h"

static mp_obj_t plsr_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t n_samples = eml_int(args[0], "n_samples", 1, UINT16_MAX);
    mp_int_t n_features = eml_int(args[1], "n_features", 1, UINT16_MAX);
    mp_int_t n_components = eml_int(args[2], "n_components", 1, MIN(n_samples, n_features));
    void *state = eml_new_state(eml_plsr_size(n_samples, n_features, n_components));
    eml_plsr_init(state, n_samples, n_features, n_components);
    return eml_object(state);
}

static mp_obj_t plsr_fit_start(size_t n_args, const mp_obj_t *args) {
    eml_PlsrHeader *state = eml_state(args[0]);
    size_t n_samples = state->n_samples, n_features = state->n_features;
    float *x = eml_array_of(args[1], "X", 'f', MP_BUFFER_READ, n_samples * n_features);
    float *y = eml_array_of(args[2], "y", 'f', MP_BUFFER_READ, n_samples);
    eml_plsr_start(state, x, y);
    return mp_const_none;
}

static mp_obj_t plsr_step(size_t n_args, const mp_obj_t *args) {
    if (n_args > 1) {
        float tolerance;
        eml_float(args[1], &tolerance, 0);
    }
    return eml_check_plain(eml_plsr_step(eml_state(args[0])));
}

static mp_obj_t plsr_finalize_component(size_t n_args, const mp_obj_t *args) {
    return eml_check_plain(eml_plsr_finalize_component(eml_state(args[0])));
}

static mp_obj_t plsr_predict(size_t n_args, const mp_obj_t *args) {
    eml_PlsrHeader *state = eml_state(args[0]);
    size_t n_features = state->n_features;
    float y;
    eml_check_plain(eml_plsr_predict(state, eml_array_of(args[1], "x", 'f', MP_BUFFER_READ, n_features), &y));
    return eml_float_obj(&y);
}

static mp_obj_t plsr_is_converged(size_t n_args, const mp_obj_t *args) {
    eml_PlsrHeader *state = eml_state(args[0]);
    return mp_obj_new_bool(state->is_converged);
}

static mp_obj_t plsr_is_complete(size_t n_args, const mp_obj_t *args) {
    eml_PlsrHeader *state = eml_state(args[0]);
    return mp_obj_new_bool(state->is_complete);
}

static mp_obj_t plsr_get_convergence_metric(size_t n_args, const mp_obj_t *args) {
    eml_PlsrHeader *state = eml_state(args[0]);
    return eml_float_obj(&state->metric);
}

static mp_obj_t plsr_set_auto_center(size_t n_args, const mp_obj_t *args) {
    bool flag = mp_obj_is_true(args[1]);
    eml_PlsrHeader *state = eml_state(args[0]);
    state->auto_center = flag;
    return mp_const_none;
}

static mp_obj_t plsr_get_auto_center(size_t n_args, const mp_obj_t *args) {
    eml_PlsrHeader *state = eml_state(args[0]);
    return mp_obj_new_bool(state->auto_center);
}

#define METHODS(M) \
    M(MP_QSTR_fit_start, plsr_fit_start, 3, 3) \
    M(MP_QSTR_step, plsr_step, 1, 2) \
    M(MP_QSTR_is_converged, plsr_is_converged, 1, 1) \
    M(MP_QSTR_finalize_component, plsr_finalize_component, 1, 1) \
    M(MP_QSTR_is_complete, plsr_is_complete, 1, 1) \
    M(MP_QSTR_get_convergence_metric, plsr_get_convergence_metric, 1, 1) \
    M(MP_QSTR_set_auto_center, plsr_set_auto_center, 2, 2) \
    M(MP_QSTR_get_auto_center, plsr_get_auto_center, 1, 1) \
    M(MP_QSTR_predict, plsr_predict, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, plsr_new, 3, 3)

EML_MODULE_WITH_PYTHON(emlearn_plsr, FUNCTIONS, MP_QSTR_Model, METHODS)
