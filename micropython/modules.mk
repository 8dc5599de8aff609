# The modules, each a folder of this name in mpy_modules/ with the prefix emlearn_.
EMLEARN_MODULES := trees extratrees neighbors cnn_int8 cnn_fp32 fft iir iir_q15 kmeans linreg logreg plsr arrayutils
