// emlearn_fft: fast Fourier transform. The functions are described in emlearn_fft.pyi.

#include "glue.h"

static mp_obj_t fft_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t n = mp_obj_get_int_truncated(args[0]);
    size_t size;
    eml_check_plain(eml_fft_size(args[0] == eml_small_int(n) ? n : 0, &size));
    void *state = eml_new_state(size);
    eml_fft_init(state, n);
    return eml_object(state);
}

static mp_obj_t fft_fill_method(size_t n_args, const mp_obj_t *args) {
    size_t n = ((eml_FftHeader *)eml_state(args[0]))->n;
    eml_array_of(args[1], "sin, cos", 'f', MP_BUFFER_READ, n / 2);
    eml_array_of(args[2], "sin, cos", 'f', MP_BUFFER_READ, n / 2);
    return mp_const_none;
}

static mp_obj_t fft_fill(size_t n_args, const mp_obj_t *args) {
    eml_FftHeader *state = eml_state(args[0]);
    if (args[1] != eml_small_int(state->n)) {
        EML_RAISE(ValueError, "n: wrong");
    }
    return mp_const_none;
}

static mp_obj_t fft_run(size_t n_args, const mp_obj_t *args) {
    eml_FftHeader *state = eml_state(args[0]);
    size_t n = state->n, bytes = n * sizeof(float);
    float *real = eml_array_of(args[1], "real", 'f', MP_BUFFER_RW, n);
    float *imag = eml_array_of(args[2], "imag", 'f', MP_BUFFER_RW, n);
    eml_no_overlap(real, bytes, imag, bytes);
    eml_fft_run(state, real, imag);
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_fill, fft_fill_method, 3, 3) \
    M(MP_QSTR_run, fft_run, 3, 3)

#define FUNCTIONS(F) \
    F(MP_QSTR_fill, fft_fill, 2, 2)

EML_MODULE_WITH_TYPE(emlearn_fft, FUNCTIONS, MP_QSTR_FFT, METHODS, fft_new, 1, 1)
