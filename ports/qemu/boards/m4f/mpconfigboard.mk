# Cortex-M4 with a single-precision FPU.
CPU = -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
THUMB = thumb2
include $(BOARD_DIR)/../cortex-m.mk

QEMU_MACHINE = mps2-an386
CFLAGS += -DQEMU_SOC_MPS2 -DMICROPY_HW_MCU_NAME='"Cortex-M4F"'
LDSCRIPT = $(HERE)/mps2.ld
MPY_CROSS_FLAGS += -march=armv7emsp
