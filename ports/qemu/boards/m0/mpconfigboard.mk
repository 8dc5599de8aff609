# Cortex-M0 with little memory. -mcpu=cortex-m0 has no unaligned access and no division.
CPU = -mcpu=cortex-m0 -mfloat-abi=soft
THUMB = thumb1
include $(BOARD_DIR)/../cortex-m.mk

QEMU_MACHINE = microbit
CFLAGS += -DQEMU_SOC_NRF51 -DMICROPY_HW_MCU_NAME='"Cortex-M0"' -DDISK_SIZE=49152
LDSCRIPT = $(HERE)/nrf51.ld
MPY_CROSS_FLAGS += -march=armv6m
MICROPY_HEAP_SIZE = 163840
