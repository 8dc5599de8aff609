# All modules as user C modules of a Make-based port: USER_C_MODULES points at the folder above this one.
EMLEARN_DIR := $(abspath $(USERMOD_DIR)/..)
EMLEARN_BUILD ?= $(EMLEARN_DIR)/build

include $(USERMOD_DIR)/modules.mk

SRC_USERMOD_C += $(foreach m,$(EMLEARN_MODULES),$(EMLEARN_DIR)/mpy_modules/emlearn_$(m)/emlearn_$(m).c)
# Linux has these in its C library.
SRC_USERMOD_C += $(if $(findstring -none-,$(EMLEARN_TARGET)),$(USERMOD_DIR)/runtime.c)
CFLAGS_USERMOD += -Wno-unused-function -I$(USERMOD_DIR) -I$(EMLEARN_BUILD)/include
# The whole library, of which the linker drops what is unused: some ports name libraries before the objects that need them.
LDFLAGS_USERMOD += -Wl,--whole-archive $(EMLEARN_BUILD)/lib/$(EMLEARN_TARGET)/libemlearn.a -Wl,--no-whole-archive
