# From a module's glue and the static library to a native module, dist/mpy/ARCH_6.3/NAME.mpy.

MPY_ABI := 6.3

# As in MicroPython's py/dynruntime.mk.
CROSS_x64 :=
CFLAGS_x64 := -malign-data=abi -fno-stack-protector -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_DOUBLE

CFLAGS_NATIVE := -std=c99 -Oz -fno-move-loop-invariants -fno-caller-saves -Wall -Wextra -Werror -Wno-unused-parameter -DNDEBUG -DNO_QSTR -DMICROPY_ENABLE_DYNRUNTIME \
	-fpic -fno-common -fdata-sections -ffunction-sections -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE \
	-I$(MPY_DIR) -Imicropython -I$(BUILD)/include

MPY_TOOL = $(abspath $(BUILD)/venv/bin/python) $(MPY_DIR)/tools/mpy-tool.py
MPY_LD := $(abspath $(BUILD)/venv/bin/python) $(MPY_DIR)/tools/mpy_ld.py

# $(call native_module,ARCH,NAME)
define native_module
$(BUILD)/native/$(1)/$(2).config.h: mpy_modules/$(2)/$(2).c micropython/glue.h | $(PYTHON) $(MPY_DIR_READY)
	@mkdir -p $$(@D)
	@$(MPY_LD) --arch $(1) --preprocess -o $$@ $$^

$(BUILD)/native/$(1)/$(2).glue.o: mpy_modules/$(2)/$(2).c $(BUILD)/native/$(1)/$(2).config.h micropython/glue.h $(LIBEMLEARN)
	@$(CROSS_$(1))gcc $(CFLAGS_NATIVE) $(CFLAGS_$(1)) -DMP_CONFIGFILE='"$(abspath $(BUILD))/native/$(1)/$(2).config.h"' -c -o $$@ $$<

# A relocatable link that keeps only what the module's entry point reaches.
$(BUILD)/native/$(1)/$(2).o: $(BUILD)/native/$(1)/$(2).glue.o $(LIBEMLEARN)
	@$(CROSS_$(1))ld -r --gc-sections -e mpy_init -u mpy_init -o $$@ $$^

$(BUILD)/native/$(1)/$(2).native.mpy: $(BUILD)/native/$(1)/$(2).o $(BUILD)/native/$(1)/$(2).config.h
	@cd $$(@D) && $(MPY_LD) --arch $(1) --qstrs $(2).config.h -o $$(@F) $$(<F) > /dev/null

# A module's Python part, if it has one, runs in the same namespace after the native part.
$(BUILD)/native/$(1)/$(2).python.mpy: mpy_modules/$(2)/$(2).py $(MPY_CROSS)
	@$(MPY_CROSS) -march=$(1) -o $$@ $$<

dist/mpy/$(1)_$(MPY_ABI)/$(2).mpy: $(BUILD)/native/$(1)/$(2).native.mpy $(if $(wildcard mpy_modules/$(2)/$(2).py),$(BUILD)/native/$(1)/$(2).python.mpy)
	@mkdir -p $$(@D)
	@$(if $(wildcard mpy_modules/$(2)/$(2).py),$(MPY_TOOL) --merge -o $$@ $$^,cp $$< $$@)
	@printf '%-40s %6d bytes\n' $$@ $$$$(wc -c < $$@)
endef

NATIVE_MPY := $(foreach m,$(EMLEARN_MODULES),dist/mpy/$(ARCH)_$(MPY_ABI)/emlearn_$(m).mpy)
$(foreach m,$(EMLEARN_MODULES),$(eval $(call native_module,$(ARCH),emlearn_$(m))))
