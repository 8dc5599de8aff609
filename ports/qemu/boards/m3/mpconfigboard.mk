# Cortex-M3, without an FPU.
CPU = -mcpu=cortex-m3 -mfloat-abi=soft
THUMB = thumb2
include $(BOARD_DIR)/../cortex-m.mk

QEMU_MACHINE = mps2-an385
CFLAGS += -DQEMU_SOC_MPS2 -DMICROPY_HW_MCU_NAME='"Cortex-M3"'
LDSCRIPT = $(HERE)/mps2.ld
MPY_CROSS_FLAGS += -march=armv7m
