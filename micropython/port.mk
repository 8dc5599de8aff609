# What the build of every port needs.

MPY_CROSS := $(BUILD)/mpy-cross/mpy-cross

# Runs one of MicroPython's own Makefiles, with a job for each processor unless `make -j` says otherwise.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
MPY_MAKE = $(MAKE) --no-print-directory -s $(JOBS) MPY_LIB_DIR=$(abspath $(BUILD)/mpy-lib) \
	MICROPY_MPYCROSS=$(abspath $(MPY_CROSS)) MICROPY_MPYCROSS_DEPENDENCY=

# MicroPython's Makefiles see neither a new module nor a new flag: $(call fresh_if_mk_changed,FOLDER OF THE BUILD).
fresh_if_mk_changed = $(if $(filter %.mk,$?),rm -rf $(1))

# With all modules built in for a Rust target, $(call builtin,TARGET), which is made of these.
builtin = USER_C_MODULES=$(CURDIR) EMLEARN_BUILD=$(abspath $(BUILD)) EMLEARN_TARGET=$(1)
BUILTIN_SOURCES := $(FROZEN_PY) micropython/micropython.mk micropython/modules.mk micropython/manifest.py micropython/glue.h \
	$(foreach m,$(EMLEARN_MODULES),mpy_modules/emlearn_$(m)/emlearn_$(m).c) | $(BUILD)/frozen

$(MPY_CROSS): $(MPY_DIR_READY)
	@echo "building mpy-cross"
	@mkdir -p $(BUILD)/mpy-lib && touch $(BUILD)/mpy-lib/README.md
	+@$(MPY_MAKE) -C $(MPY_DIR)/mpy-cross BUILD=$(abspath $(@D)) PROG=mpy-cross > /dev/null
	@touch $@

kernels: $(if $(TARGET),$(call libemlearn,$(TARGET))) $(BUILD)/include/emlearn.h $(FROZEN_PY) | $(BUILD)/frozen ## what firmware of your own needs for a Rust TARGET
