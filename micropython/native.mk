# From a module's glue and the static library to a native module, dist/mpy/ARCH_6.3/NAME.mpy.

MPY_ABI := 6.3

CFLAGS_NATIVE := -std=c99 -Oz -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function \
	-DNDEBUG -DNO_QSTR -DMICROPY_ENABLE_DYNRUNTIME -DMICROPY_PERSISTENT_CODE_LOAD=1 \
	-fpic -fno-common -fdata-sections -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE \
	-I$(MPY_DIR) -Imicropython -I$(BUILD)/include

# What else makes gcc's code smaller.
CFLAGS_GCC := -fno-move-loop-invariants -fno-caller-saves

MPY_TOOL = $(abspath $(BUILD)/venv/bin/python) $(MPY_DIR)/tools/mpy-tool.py
MPY_LD := $(abspath $(BUILD)/venv/bin/python) $(abspath $(MPY_DIR))/tools/mpy_ld.py

# MicroPython's name of an architecture, of which there may be variants: ARCH-VARIANT
mpy_arch = $(firstword $(subst -, ,$(1)))

# $(call assemble,ARCH,ASSEMBLY,OBJECT), by way of what makes the assembly shorter
assemble = awk -f $(SHORTER_$(1)) $(2) | $(CROSS_$(1))gcc $(CFLAGS_$(1)) -c -x assembler -o $(3) -

# $(call native_object,ARCH,NAME,FOLDER OF SOURCES)
define native_object
$(BUILD)/native/$(1)/$(2).glue.o: $(3)/$(2).c $(BUILD)/include/emlearn.h
$(BUILD)/native/$(1)/$(2).runtime.o: micropython/runtime.c
$(BUILD)/native/$(1)/$(2).runtime.o: SECTIONS := -ffunction-sections
$(BUILD)/native/$(1)/$(2).glue.o $(BUILD)/native/$(1)/$(2).runtime.o: $(BUILD)/native/$(1)/$(2).config.h micropython/glue.h micropython/table.h \
		micropython/native.mk $(SHORTER_$(1))
	@$(CROSS_$(1))gcc $(CFLAGS_NATIVE) $(CFLAGS_GCC) $(CFLAGS_$(1)) -DMP_CONFIGFILE='"$(abspath $(BUILD))/native/$(1)/$(2).config.h"' \
		$(if $(SHORTER_$(1)),-S -o $$(@:.o=.s),-c -o $$@) $$(SECTIONS) $$(filter %.c,$$^)
	$(if $(SHORTER_$(1)),@$(call assemble,$(1),$$(@:.o=.s),$$@))

# A relocatable link that keeps only what the module's entry point reaches.
$(BUILD)/native/$(1)/$(2).o: $(BUILD)/native/$(1)/$(2).glue.o $(BUILD)/native/$(1)/$(2).runtime.o $(or $(KERNELS_$(1)),$(call libemlearn,$(RUST_$(1))))
	@$(CROSS_$(1))ld -r $(LDFLAGS_$(1)) --no-warn-execstack --gc-sections -e mpy_init -u mpy_init -o $$@ $$^ \
		$(SOFT_FLOAT_$(1))
endef

# $(call native_mpy,ARCH,NAME,FOLDER OF SOURCES,FOLDER OF THE RESULT): what goes before and after the object
define native_mpy
$(BUILD)/native/$(1)/$(2).config.h: $(3)/$(2).c micropython/qstrs.awk | $(PYTHON) $(MPY_DIR_READY)
	@mkdir -p $$(@D)
	@$(MPY_LD) --arch $(call mpy_arch,$(1)) --preprocess -o $$@.all $$<
	@awk -f micropython/qstrs.awk $$< $$@.all > $$@

# A native module carries the name of its file. "_" is the shortest of those that every MicroPython has already.
$(BUILD)/native/$(1)/$(2).native.mpy: $(BUILD)/native/$(1)/$(2).o $(BUILD)/native/$(1)/$(2).config.h
	@mkdir -p $$(@D)/$(2)
	@cd $$(@D)/$(2) && { log=$$$$($(MPY_LD) --arch $(call mpy_arch,$(1)) --qstrs ../$(2).config.h -o _ ../$(2).o) || { echo "$$$$log" >&2; exit 1; }; }
	@mv $$(@D)/$(2)/_ $$@

# A module's Python part, if it has one, runs in the same namespace after the native part.
$(BUILD)/native/$(1)/$(2).python.mpy: $(3)/$(2).py $(MPY_CROSS)
	@$(MPY_CROSS) -march=$(call mpy_arch,$(1)) -O3 -s _ -o $$@ $$<

$(4)/$(2).mpy: $(BUILD)/native/$(1)/$(2).native.mpy $(if $(wildcard $(3)/$(2).py),$(BUILD)/native/$(1)/$(2).python.mpy)
	@mkdir -p $$(@D)
	@$(if $(wildcard $(3)/$(2).py),$(MPY_TOOL) --merge -o $$@ $$^,cp $$< $$@)
	@printf '%-40s %6d bytes\n' $$@ $$$$(wc -c < $$@)
endef

# $(call native_module,ARCH,NAME,FOLDER OF SOURCES,FOLDER OF THE RESULT)
native_module = $(call native_object,$(1),$(2),$(3))$(newline)$(call native_mpy,$(1),$(2),$(3),$(4))

define newline


endef

# $(call native_modules,ARCH): the files of all modules
native_modules = $(foreach m,$(EMLEARN_MODULES),dist/mpy/$(1)_$(MPY_ABI)/emlearn_$(m).mpy)

$(foreach a,$(ARCHS),$(foreach m,$(EMLEARN_MODULES),\
	$(eval $(call native_module,$(a),emlearn_$(m),mpy_modules/emlearn_$(m),dist/mpy/$(a)_$(MPY_ABI)))))
