"""Good calls of emlearn_cnn_int8."""

import cnn_calls
import cnn_models
import emlearn_cnn_int8

new, observe, CALLS = cnn_calls.table(emlearn_cnn_int8, cnn_models.INT8)
make, use, MIXED = new, observe, {}
