// The functions of the C headers that tests compare with.
#define eml_trees_predict c_eml_trees_predict // Rust exports this name
#include <eml_trees.h>

int reference_trees_predict(const EmlTrees *forest, const int16_t *features, float *out);
