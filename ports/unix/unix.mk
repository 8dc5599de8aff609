# The Unix port: a plain interpreter that loads native modules, and one with all modules built in.

UNIX_MICROPYTHON := $(BUILD)/micropython/micropython
UNIX_FIRMWARE := dist/firmware/unix/micropython

# The pinned source has no submodules: what needs one is left out.
UNIX_MAKE = $(MAKE) --no-print-directory -s -C $(MPY_DIR)/ports/unix MICROPY_PY_BTREE=0 MICROPY_PY_SSL=0 MICROPY_SSL_MBEDTLS=0 \
	MICROPY_SSL_AXTLS=0 MICROPY_PY_FFI=0 MPY_LIB_DIR=$(abspath $(BUILD)/mpy-lib) \
	MICROPY_MPYCROSS=$(abspath $(MPY_CROSS)) MICROPY_MPYCROSS_DEPENDENCY=

$(MPY_CROSS): $(MPY_DIR_READY)
	@echo "building mpy-cross"
	@$(MAKE) --no-print-directory -s -C $(MPY_DIR)/mpy-cross BUILD=$(abspath $(@D)) PROG=mpy-cross > /dev/null
	@mkdir -p $(BUILD)/mpy-lib && touch $(BUILD)/mpy-lib/README.md

$(UNIX_MICROPYTHON): $(MPY_CROSS) ports/unix/manifest.py
	@echo "building MicroPython's Unix port"
	@$(UNIX_MAKE) BUILD=$(abspath $(@D)) FROZEN_MANIFEST=$(abspath ports/unix/manifest.py) > /dev/null

$(UNIX_FIRMWARE): $(MPY_CROSS) $(call libemlearn,$(RUST_x64)) $(FROZEN_PY) micropython/micropython.mk micropython/modules.mk micropython/manifest.py micropython/glue.h \
		$(foreach m,$(EMLEARN_MODULES),mpy_modules/emlearn_$(m)/emlearn_$(m).c) | $(BUILD)/frozen
	@echo "building MicroPython's Unix port with all modules built in"
	@$(UNIX_MAKE) BUILD=$(abspath $(BUILD)/unix) USER_C_MODULES=$(CURDIR) FROZEN_MANIFEST=$(abspath micropython/manifest.py) \
		EMLEARN_BUILD=$(abspath $(BUILD)) EMLEARN_TARGET=$(RUST_x64) > /dev/null
	@mkdir -p $(@D)
	@cp $(BUILD)/unix/micropython $@
