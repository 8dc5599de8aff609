"""emlearn_cnn_int8 on the device."""

import check
import cnn_cases
import emlearn_cnn_int8

cnn_cases.use(emlearn_cnn_int8, cnn_cases.INT8)
check.run(cnn_cases.__dict__)
