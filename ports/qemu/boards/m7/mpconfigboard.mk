# Cortex-M7 with a double-precision FPU.
CPU = -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard
THUMB = thumb2
include $(BOARD_DIR)/../cortex-m.mk

QEMU_MACHINE = mps2-an500
CFLAGS += -DQEMU_SOC_MPS2 -DMICROPY_HW_MCU_NAME='"Cortex-M7"'
LDSCRIPT = $(HERE)/mps2.ld
MPY_CROSS_FLAGS += -march=armv7emdp

# As MicroPython's STM32 port does on such parts: Python's floats are doubles.
CFLAGS += -DBOARD_FLOAT_IMPL=MICROPY_FLOAT_IMPL_DOUBLE
LIB_SRC_C += $(SRC_LIB_LIBM_DBL_C) $(SRC_LIB_LIBM_DBL_SQRT_HW_C)
