#include "reference.h"

int reference_trees_predict(const EmlTrees *forest, const int16_t *features, float *out) {
    return eml_trees_predict_proba(forest, features, forest->n_features, out, forest->n_classes);
}
