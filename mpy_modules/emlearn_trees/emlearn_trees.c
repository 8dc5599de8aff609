// emlearn_trees: decision-tree ensembles. The functions are described in emlearn_trees.pyi.

#include "glue.h"

#define COUNT_MAX UINT16_MAX

// Bytes of text that are read at once.
#define BLOCK 256

static mp_obj_t trees_new(size_t n_args, const mp_obj_t *args) {
    uint32_t max[3];
    for (size_t i = 0; i < 3; i++) {
        max[i] = eml_int(args[i], "size", 1, COUNT_MAX);
    }
    void *leaves = eml_block(max[2]);
    eml_TreesState *state = eml_new_state(eml_trees_size(&max));
    eml_trees_init(state, &max, leaves);
    return eml_object(state);
}

// Adds a record of the text format, which has the arguments as its fields; a node's children come last there.
static __attribute__((noinline)) mp_obj_t trees_add(size_t n_args, const mp_obj_t *args, uint32_t name) {
    int32_t fields[4] = { 0 };
    for (size_t i = 1; i < n_args; i++) {
        fields[(i - 1) ^ ((n_args & 4) >> 1)] = eml_int(args[i], "argument", n_args == 5 ? -COUNT_MAX : 0, COUNT_MAX);
    }
    fields[1] -= n_args >> 2; // features < value: features <= value - 1
    eml_TreesState *state = eml_state(args[0]);
    eml_Status status = eml_trees_add(state, name, &fields);
    return eml_check(status, state->header.shape.place);
}

static mp_obj_t trees_addnode(size_t n_args, const mp_obj_t *args) {
    return trees_add(n_args, args, 'n');
}

static mp_obj_t trees_addroot(size_t n_args, const mp_obj_t *args) {
    return trees_add(n_args, args, 'r');
}

static mp_obj_t trees_addleaf(size_t n_args, const mp_obj_t *args) {
    return trees_add(n_args, args, 'l');
}

static mp_obj_t trees_setdata(size_t n_args, const mp_obj_t *args) {
    return trees_add(n_args, args, 'f');
}

static mp_obj_t trees_outputs(size_t n_args, const mp_obj_t *args) {
    eml_TreesState *state = eml_state(args[0]);
    return eml_small_int(state->header.shape.kinds[eml_TreesKind_Outputs].count);
}

static mp_obj_t trees_predict(size_t n_args, const mp_obj_t *args) {
    eml_TreesState *state = eml_state(args[0]);
    size_t n_features = state->header.shape.kinds[eml_TreesKind_Features].count, n_outputs = state->header.shape.kinds[eml_TreesKind_Outputs].count;
    int16_t *features = eml_array_of(args[1], "features", 'h', MP_BUFFER_READ | EML_OR_BYTES, n_features);
    float *out = eml_array_of(args[2], "out", 'f', MP_BUFFER_RW, n_outputs);
    eml_no_overlap(features, n_features * sizeof(*features), out, n_outputs * sizeof(*out));
    eml_Status status = eml_trees_predict(state, features, out);
    return eml_check(status, state->header.shape.place);
}

static mp_obj_t trees_load_model(size_t n_args, const mp_obj_t *args) {
    eml_TreesLoader loader;
    memset(&loader, 0, sizeof(loader));
    loader.shape.place = 1;

    mp_obj_t readinto[3];
    mp_load_method_maybe(args[1], MP_QSTR_readinto, readinto);
    mp_obj_iter_buf_t iter;
    bool is_file = readinto[0] != MP_OBJ_NULL;
    byte *block = NULL;
    if (is_file) {
        block = eml_block(BLOCK);
    } else {
        eml_getiter(args[1], &iter);
    }
    mp_buffer_info_t text = { .len = 0 };
    eml_TreesEnd end;
    do {
        end = eml_TreesEnd_Model;
        if (is_file) {
            // What was not used comes first. Where it is all, a number is too long.
            size_t room = BLOCK - text.len;
            memmove(block, text.buf, text.len);
            readinto[2] = mp_obj_new_bytearray_by_ref(room, block + text.len);
            size_t n = eml_int(eml_call_method(1, readinto), "readinto", room == 0, room);
            text.buf = block;
            text.len += n;
            if (n != 0) {
                end = eml_TreesEnd_More;
            }
        } else {
            mp_obj_t line = eml_iternext(&iter);
            if (line != MP_OBJ_STOP_ITERATION) {
                mp_get_buffer_raise(line, &text, MP_BUFFER_READ);
                end = text.len != 0 && ((byte *)text.buf)[text.len - 1] == '\n' ? eml_TreesEnd_More : eml_TreesEnd_Line;
            }
        }
        for (;;) {
            // The Python code that was called may have deleted the model.
            eml_TreesState *state = eml_state(args[0]);
            eml_Status status = eml_trees_load(state, &loader, text.buf, text.len, end);
            eml_check(status, loader.shape.place);
            text.buf = (byte *)text.buf + loader.used;
            text.len -= loader.used;
            if (loader.leaf_bytes <= state->header.leaf_bytes) {
                break;
            }
            state->leaves = eml_block(loader.leaf_bytes);
            state->header.leaf_bytes = loader.leaf_bytes;
        }
    } while (end != eml_TreesEnd_Model);
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_addnode, trees_addnode, 5, 5) \
    M(MP_QSTR_addroot, trees_addroot, 2, 2) \
    M(MP_QSTR_addleaf, trees_addleaf, 2, 2) \
    M(MP_QSTR_setdata, trees_setdata, 3, 3) \
    M(MP_QSTR_outputs, trees_outputs, 1, 1) \
    M(MP_QSTR_predict, trees_predict, 3, 3)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, trees_new, 3, 3) \
    F(MP_QSTR_load_model, trees_load_model, 2, 2)

EML_MODULE(emlearn_trees, FUNCTIONS, MP_QSTR_Model, METHODS)
