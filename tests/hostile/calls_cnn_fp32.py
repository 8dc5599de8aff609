"""Good calls of emlearn_cnn_fp32."""

import cnn_calls
import cnn_models
import emlearn_cnn_fp32

new, observe, CALLS = cnn_calls.table(emlearn_cnn_fp32, cnn_models.FP32)
make, use, MIXED = new, observe, {}
