# What the boards have in common. This folder is outside MicroPython's tree, of which nothing is changed: BOARD_DIR names a board here.
HERE := $(abspath $(BOARD_DIR)/../..)

SRC_C += $(HERE)/console.c $(HERE)/time.c $(HERE)/disk.c
CFLAGS += -I$(HERE) -DMP_CONFIGFILE='"board_mpconfig.h"'
LDFLAGS += -L$(HERE) -Wl,-z,noexecstack $(addprefix -Wl$(comma)--wrap=,main mp_hal_stdin_rx_chr mp_hal_stdio_poll)
comma := ,

MICROPY_VFS_LFS2 = 1
MICROPY_HEAP_SIZE ?= 1048576
FROZEN_MANIFEST ?= $(HERE)/manifest.py
