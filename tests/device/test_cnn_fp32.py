"""emlearn_cnn_fp32 on the device."""

import check
import cnn_cases
import emlearn_cnn_fp32

cnn_cases.use(emlearn_cnn_fp32, cnn_cases.FP32)
check.run(cnn_cases.__dict__)
