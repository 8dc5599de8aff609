// The C headers that tests compare with. Rust exports two of their names.
#define eml_neighbors_predict c_eml_neighbors_predict
#define eml_trees_predict c_eml_trees_predict
#include <eml_fft.h>
#include <eml_iir.h>
#include <eml_neighbors.h>
#include <eml_trees.h>
