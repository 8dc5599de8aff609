// emlearn_neighbors: k nearest neighbours. The functions are described in emlearn_neighbors.pyi.

#include "glue.h"

static mp_obj_t neighbors_new(size_t n_args, const mp_obj_t *args) {
    mp_int_t max_items = eml_int(args[0], "max_items", 1, UINT16_MAX);
    mp_int_t n_features = eml_int(args[1], "n_features", 1, UINT16_MAX);
    mp_int_t k = eml_int(args[2], "k_neighbors", 1, UINT16_MAX);
    eml_NeighborsHeader header;
    void *state = eml_new_state(eml_neighbors_size(max_items, n_features, k, &header));
    memcpy(state, &header, sizeof(header));
    return eml_object(state);
}

// Copies between an array and the values of an item or the query.
static __attribute__((noinline)) void neighbors_copy(eml_NeighborsHeader *state, int32_t index, mp_obj_t obj, mp_uint_t flags) {
    size_t n_features = state->n_features;
    void *values = eml_array_of(obj, "values", 'h', flags, n_features);
    void *row = eml_neighbors_row(state, index);
    size_t size = n_features * sizeof(int16_t);
    if (flags == MP_BUFFER_RW) {
        memcpy(values, row, size);
    } else {
        memcpy(row, values, size);
    }
}

static mp_obj_t neighbors_additem(size_t n_args, const mp_obj_t *args) {
    eml_NeighborsHeader *state = eml_state(args[0]);
    mp_int_t label = eml_int(args[2], "label", INT16_MIN, INT16_MAX);
    if (state->n_items < state->max_items) {
        neighbors_copy(state, state->n_items, args[1], MP_BUFFER_READ | EML_OR_BYTES);
    }
    eml_check(eml_neighbors_add(state, label), 0);
    return eml_small_int(state->n_items - 1);
}

static mp_obj_t neighbors_getitem(size_t n_args, const mp_obj_t *args) {
    eml_NeighborsHeader *state = eml_state(args[0]);
    neighbors_copy(state, eml_int(args[1], "index", 0, (mp_int_t)state->n_items - 1), args[2], MP_BUFFER_RW);
    return mp_const_none;
}

static mp_obj_t neighbors_predict(size_t n_args, const mp_obj_t *args) {
    eml_NeighborsHeader *state = eml_state(args[0]);
    neighbors_copy(state, -1, args[1], MP_BUFFER_READ | EML_OR_BYTES);
    int32_t label;
    eml_check(eml_neighbors_predict(state, &label), state->k);
    return eml_small_int(label);
}

static mp_obj_t neighbors_getresult(size_t n_args, const mp_obj_t *args) {
    eml_NeighborsHeader *state = eml_state(args[0]);
    eml_NeighborsResult result;
    eml_neighbors_result(state, eml_int(args[1], "i", 0, (mp_int_t)state->n_ranked - 1), &result);
    mp_obj_t items[3];
    items[0] = eml_small_int(result.index);
    items[1] = eml_small_int(result.distance);
    items[2] = eml_small_int(result.label);
    return mp_obj_new_tuple(3, items);
}

#define METHODS(M) \
    M(MP_QSTR_additem, neighbors_additem, 3, 3) \
    M(MP_QSTR_getitem, neighbors_getitem, 3, 3) \
    M(MP_QSTR_predict, neighbors_predict, 2, 2) \
    M(MP_QSTR_getresult, neighbors_getresult, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, neighbors_new, 3, 3)

EML_MODULE(emlearn_neighbors, FUNCTIONS, MP_QSTR_Model, METHODS)
