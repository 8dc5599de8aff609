// emlearn_extratrees: tree ensembles trained on the device. The functions are described in emlearn_extratrees.pyi.

#include "glue.h"

#define COUNT_MAX UINT16_MAX

// The first argument is a Python function that trains a model; ratios are in 65536ths.
static mp_obj_t extratrees_new(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesSettings settings;
    settings.n_features = eml_int(args[1], "n_features", 1, 1 << 14);
    settings.n_classes = eml_int(args[2], "n_classes", 1, 256);
    settings.n_trees = eml_int(args[3], "n_trees", 1, COUNT_MAX);
    settings.max_depth = eml_int(args[4], "max_depth", 1, COUNT_MAX);
    settings.min_samples_leaf = eml_int(args[5], "min_samples_leaf", 1, COUNT_MAX);
    settings.n_thresholds = eml_int(args[6], "n_thresholds", 1, COUNT_MAX);
    settings.subsample = eml_int(args[7], "ratio", 0, 1 << 16);
    settings.feature_subsample = eml_int(args[8], "ratio", 0, 1 << 16);
    settings.max_nodes = eml_int(args[9], "max_nodes", 1, COUNT_MAX);
    settings.max_samples = eml_int(args[10], "max_samples", 1, COUNT_MAX);
    settings.rng_seed = mp_obj_get_int_truncated(args[11]);
    settings.use_global_feature_range = mp_obj_is_true(args[12]);
    eml_ExtratreesState *state = eml_new_state(eml_extratrees_size(&settings));
    eml_extratrees_init(state, &settings);
    state->train = args[0];
    return eml_object(state);
}

// Python code runs between two nodes, which can be interrupted.
static mp_obj_t extratrees_train(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    return mp_call_function_n_kw(state->train, n_args, 0, args);
}

typedef struct {
    int16_t *x, *y;
    size_t x_len, y_len;
} extratrees_rows_t;

static __attribute__((noinline)) void extratrees_get_rows(mp_obj_t x, mp_obj_t y, extratrees_rows_t *rows) {
    rows->x = eml_array(x, "X", 'h', MP_BUFFER_READ | EML_OR_BYTES, &rows->x_len);
    rows->y = eml_array(y, "y", 'h', MP_BUFFER_READ | EML_OR_BYTES, &rows->y_len);
}

static mp_obj_t extratrees_train_init(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    extratrees_rows_t rows;
    extratrees_get_rows(args[1], args[2], &rows);
    eml_check_plain(eml_extratrees_train_init(state, rows.x, rows.x_len, rows.y, rows.y_len));
    state->x = args[1];
    state->y = args[2];
    return mp_const_none;
}

static mp_obj_t extratrees_train_step(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    int16_t none;
    extratrees_rows_t rows = { &none, &none, 0, 0 };
    if (state->header.n_rows != 0) {
        extratrees_get_rows(state->x, state->y, &rows);
    }
    bool is_trained;
    eml_Status status = eml_extratrees_train_step(state, rows.x, rows.x_len, rows.y, rows.y_len, &is_trained);
    if (state->header.n_rows == 0) {
        state->x = state->y = NULL;
    }
    eml_check_plain(status);
    return eml_small_int(is_trained);
}

static mp_obj_t extratrees_predict(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    size_t n_features = state->header.settings.n_features, n_classes = state->header.settings.n_classes;
    int16_t *features = eml_array_of(args[1], "features", 'h', MP_BUFFER_READ | EML_OR_BYTES, n_features);
    float *probabilities = eml_array_of(args[2], "probabilities", 'f', MP_BUFFER_RW, n_classes);
    eml_no_overlap(features, n_features * sizeof(*features), probabilities, n_classes * sizeof(*probabilities));
    uint32_t class;
    eml_check_plain(eml_extratrees_predict(state, features, probabilities, &class));
    return eml_small_int(class);
}

static mp_obj_t extratrees_get_n_features(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    return eml_small_int(state->header.settings.n_features);
}

static mp_obj_t extratrees_get_n_classes(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    return eml_small_int(state->header.settings.n_classes);
}

static mp_obj_t extratrees_get_n_trees(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    return eml_small_int(state->header.settings.n_trees);
}

static mp_obj_t extratrees_get_n_nodes_used(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    return eml_small_int(state->header.n_nodes);
}

static mp_obj_t extratrees_get_n_trees_trained(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    return eml_small_int(state->header.n_trees_trained);
}

static mp_obj_t extratrees_get_root(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    uint32_t root;
    eml_check_plain(eml_extratrees_root(state, eml_int(args[1], "tree", 0, (mp_int_t)state->header.settings.n_trees - 1), &root));
    return eml_small_int(root);
}

static mp_obj_t extratrees_get_node(size_t n_args, const mp_obj_t *args) {
    eml_ExtratreesState *state = eml_state(args[0]);
    int32_t node[4];
    eml_check_plain(eml_extratrees_node(state, eml_int(args[1], "index", 0, (mp_int_t)state->header.n_nodes - 1), &node));
    mp_obj_t items[4];
    for (size_t i = 0; i < MP_ARRAY_SIZE(items); i++) {
        items[i] = eml_small_int(node[i]);
    }
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}

#define METHODS(M) \
    M(MP_QSTR_train, extratrees_train, 3, 3) \
    M(MP_QSTR_train_init, extratrees_train_init, 3, 3) \
    M(MP_QSTR_train_step, extratrees_train_step, 1, 1) \
    M(MP_QSTR_predict, extratrees_predict, 3, 3) \
    M(MP_QSTR_get_n_features, extratrees_get_n_features, 1, 1) \
    M(MP_QSTR_get_n_classes, extratrees_get_n_classes, 1, 1) \
    M(MP_QSTR_get_n_trees, extratrees_get_n_trees, 1, 1) \
    M(MP_QSTR_get_n_nodes_used, extratrees_get_n_nodes_used, 1, 1) \
    M(MP_QSTR_get_n_trees_trained, extratrees_get_n_trees_trained, 1, 1) \
    M(MP_QSTR_get_root, extratrees_get_root, 2, 2) \
    M(MP_QSTR_get_node, extratrees_get_node, 2, 2)

#define FUNCTIONS(F) \
    F(MP_QSTR_new, extratrees_new, 13, 13)

EML_MODULE_WITH_PYTHON(emlearn_extratrees, FUNCTIONS, MP_QSTR_Model, METHODS)
