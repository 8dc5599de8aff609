// emlearn_trees: decision-tree ensembles. The functions are described in emlearn_trees.pyi.

#include "glue.h"

#define COUNT_MAX UINT16_MAX

static mp_obj_t trees_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t max_trees = eml_int(args[0], "max_trees", 1, COUNT_MAX);
    mp_int_t max_nodes = eml_int(args[1], "max_nodes", 1, COUNT_MAX);
    mp_int_t max_leaves = eml_int(args[2], "max_leaves", 1, COUNT_MAX);
    eml_object_t *self = eml_object(eml_trees_size(max_trees, max_nodes, max_leaves));
    eml_trees_init(self->state, max_trees, max_nodes, max_leaves);
    return MP_OBJ_FROM_PTR(self);
}

// Raises what a kernel refused, with the line or the like that is to blame.
static void trees_check(eml_Status status, const eml_TreesShape *shape) {
    eml_check(status, shape->place);
}

static mp_obj_t trees_add(eml_TreesHeader *state, uint32_t name, int32_t first, int32_t floor, int32_t left, int32_t right) {
    int32_t fields[4] = { first, floor, left, right };
    trees_check(eml_trees_add(state, name, &fields), &state->shape);
    return mp_const_none;
}

static mp_obj_t trees_addnode(size_t n_args, const mp_obj_t *args) {
    mp_int_t left = eml_int(args[1], "left", -COUNT_MAX, COUNT_MAX);
    mp_int_t right = eml_int(args[2], "right", -COUNT_MAX, COUNT_MAX);
    mp_int_t feature = eml_int(args[3], "feature", 0, COUNT_MAX);
    mp_int_t value = eml_int(args[4], "value", INT16_MIN, INT16_MAX + 1);
    return trees_add(eml_self(args[0])->state, 'n', feature, value - 1, left, right);
}

static mp_obj_t trees_addroot(size_t n_args, const mp_obj_t *args) {
    return trees_add(eml_self(args[0])->state, 'r', eml_int(args[1], "node", 0, COUNT_MAX), 0, 0, 0);
}

static mp_obj_t trees_addleaf(size_t n_args, const mp_obj_t *args) {
    return trees_add(eml_self(args[0])->state, 'l', eml_int(args[1], "value", 0, UINT8_MAX), 0, 0, 0);
}

static mp_obj_t trees_setdata(size_t n_args, const mp_obj_t *args) {
    eml_TreesHeader *state = eml_self(args[0])->state;
    mp_int_t n_classes = eml_int(args[2], "n_classes", 0, UINT8_MAX + 1);
    trees_add(state, 'f', eml_int(args[1], "n_features", 1, COUNT_MAX), 0, 0, 0);
    return trees_add(state, 'c', n_classes, 0, 0, 0);
}

static mp_obj_t trees_outputs(size_t n_args, const mp_obj_t *args) {
    eml_TreesHeader *state = eml_self(args[0])->state;
    return MP_OBJ_NEW_SMALL_INT(state->shape.n_outputs);
}

static mp_obj_t trees_predict(size_t n_args, const mp_obj_t *args) {
    eml_TreesHeader *state = eml_self(args[0])->state;
    int16_t *features = eml_array_of(args[1], "features", 'h', MP_BUFFER_READ | EML_OR_BYTES, state->shape.n_features);
    float *out = eml_array_of(args[2], "out", 'f', MP_BUFFER_RW, state->shape.n_outputs);
    trees_check(eml_trees_predict(state, features, out), &state->shape);
    return mp_const_none;
}

// Feeds one block or line, or the end. The model makes room for larger leaves once their size is known.
static void trees_feed(eml_object_t *self, eml_TreesLoader *loader, const char *text, size_t len) {
    size_t used;
    for (;;) {
        eml_TreesHeader *state = eml_self(MP_OBJ_FROM_PTR(self))->state;
        trees_check(eml_trees_load_feed(state, loader, (const uint8_t *)text, len, &used), &loader->shape);
        if (used >= len) {
            break;
        }
        size_t size = eml_trees_size(state->max_trees, state->max_nodes, 0);
        state = (void *)m_renew(byte, (byte *)state, size + state->leaf_bytes, size + loader->leaf_bytes);
        state->leaf_bytes = loader->leaf_bytes;
        self->state = state;
        text += used;
        len -= used;
    }
}

static mp_obj_t trees_load_model(size_t n_args, const mp_obj_t *args) {
    eml_object_t *self = eml_self(args[0]);
    eml_TreesLoader loader;
    memset(&loader, 0, sizeof(loader));

    mp_obj_t read[3];
    read[2] = MP_OBJ_NEW_SMALL_INT(256);
    mp_load_method_maybe(args[1], MP_QSTR_read, read);
    mp_obj_iter_buf_t iter = { .buf = { MP_OBJ_NULL } };
    if (read[0] == MP_OBJ_NULL) {
        eml_getiter(args[1], &iter);
    }
    mp_buffer_info_t text;
    do {
        mp_obj_t block;
        if (read[0] == MP_OBJ_NULL) {
            block = eml_iternext(&iter);
            if (block == MP_OBJ_STOP_ITERATION) {
                trees_feed(self, &loader, NULL, 0);
                break;
            }
        } else {
            block = eml_call_method(1, read);
        }
        mp_get_buffer_raise(block, &text, MP_BUFFER_READ);
        const char *bytes = text.buf;
        if (read[0] != MP_OBJ_NULL || text.len != 0) {
            trees_feed(self, &loader, bytes, text.len);
        }
        if (read[0] == MP_OBJ_NULL && (text.len == 0 || bytes[text.len - 1] != '\n')) {
            trees_feed(self, &loader, "\n", 1);
        }
    } while (read[0] == MP_OBJ_NULL || text.len != 0);
    return mp_const_none;
}

#define METHODS(M) \
    M(MP_QSTR_addnode, trees_addnode, 5, 5) \
    M(MP_QSTR_addroot, trees_addroot, 2, 2) \
    M(MP_QSTR_addleaf, trees_addleaf, 2, 2) \
    M(MP_QSTR_setdata, trees_setdata, 3, 3) \
    M(MP_QSTR_outputs, trees_outputs, 1, 1) \
    M(MP_QSTR_predict, trees_predict, 3, 3)

EML_TYPE(MP_QSTR_Model, METHODS)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, trees_new, 3, 3) \
    F(MP_QSTR_load_model, trees_load_model, 2, 2)

EML_MODULE(emlearn_trees, FUNCTIONS)
