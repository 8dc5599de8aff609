include $(BOARD_DIR)/../common.mk

QEMU_ARCH = arm
SRC_C += $(HERE)/cortex_m.c
CFLAGS += -mthumb $(CPU)
LDFLAGS += -mthumb $(CPU)
SRC_BOARD_O = shared/runtime/gchelper_native.o shared/runtime/gchelper_$(THUMB).o
