// emlearn_cnn_int8: int8 convolutional networks. The functions are described in emlearn_cnn_int8.pyi.

#include "glue.h"

static mp_obj_t cnn_new(size_t n_args, const mp_obj_t *args) {
    size_t len;
    uint8_t *model = eml_array(args[0], "model", 'B', MP_BUFFER_READ, &len);
    eml_CnnSize size;
    eml_check(eml_cnn_int8_size(model, len, &size), 0);
    eml_CnnHeader *state = eml_new_state(size.bytes);
    eml_Status status = eml_cnn_int8_init(state, &size, model, len);
    eml_check(status, state->place);
    state->owner = MP_OBJ_TO_PTR(args[0]);
    state->memory = eml_block_beside(state, state->memory_size);
    return eml_object(state);
}

static mp_obj_t cnn_output_dimensions(size_t n_args, const mp_obj_t *args) {
    eml_CnnHeader *state = eml_state(args[0]);
    const uint16_t *dims = state->output_dims;
    mp_obj_t items[] = { eml_small_int(dims[1]), eml_small_int(dims[2]), eml_small_int(dims[3]) };
    return mp_obj_new_tuple(dims[0], items + 3 - dims[0]);
}

static mp_obj_t cnn_run(size_t n_args, const mp_obj_t *args) {
    eml_CnnHeader *state = eml_state(args[0]);
    size_t model_len = state->model_len, input_len = state->input_len, output_len = state->output_len;
    uint8_t *model = eml_array_of(MP_OBJ_FROM_PTR((void *)state->owner), "model", 'B', MP_BUFFER_READ, model_len);
    uint8_t *input = eml_array_of(args[1], "input", 'B', MP_BUFFER_READ, input_len);
    float *out = eml_array_of(args[2], "out", 'f', MP_BUFFER_RW, output_len);
    eml_cnn_int8_run(state, model, input, out);
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_output_dimensions, cnn_output_dimensions, 1, 1) \
    M(MP_QSTR_run, cnn_run, 3, 3)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, cnn_new, 1, 1)

EML_MODULE(emlearn_cnn_int8, FUNCTIONS, MP_QSTR_Model, METHODS)
