# Native modules for the ESP32 family: `xtensawin` with FPU (ESP32, ESP32-S3), `xtensawin-s2` without (ESP32-S2). MicroPython's
# loader can't tell them apart, so the folders do.
#
# Two ways. Debian's compilers through the tools of this folder (tested under QEMU), or with XTENSA=espressif the ordinary way with
# the compilers that espup installs (see arch.mk; not tested).

XTENSA_ARCHS := xtensawin xtensawin-s2

ifneq ($(XTENSA),espressif)

XTENSA_TOOLS := $(wildcard tools/xtensa/* tools/xtensa/*/*)
XTENSA_CC := $(PYTHON) $(abspath tools/xtensa/cc.py)
XTENSA_LINK := $(PYTHON) $(abspath tools/xtensa/link.py)
XTENSA_FLOAT_xtensawin := hard
XTENSA_FLOAT_xtensawin-s2 := soft

# The kernels with what they use of Rust's core, after rustc's link-time optimisation as for every target, which proves that they
# can't panic; and compiler-builtins, which takes no part in that.
XTENSA_RUST := $(BUILD)/lib/xtensa/emlearn.bc $(BUILD)/lib/xtensa/compiler_builtins.bc
XTENSA_RUST_DEPS := $(CARGO_TARGET_DIR)/xtensa-none-elf/release/deps

$(firstword $(XTENSA_RUST)): $(RUST_SOURCES) tools/xtensa/xtensa-none-elf.json
	@echo "building the kernels for Xtensa"
	@mkdir -p $(@D) $(EMLEARN_INCLUDE_DIR)
	@MAKEFLAGS= RUSTFLAGS="--emit=llvm-bc -Cjump-tables=no" $(DEBIAN_CARGO) rustc --quiet --locked --release --lib --crate-type staticlib \
		--features staticlib --target tools/xtensa/xtensa-none-elf.json -Zjson-target-spec -Zbuild-std=core
	@for crate in emlearn compiler_builtins; do cp "$$(ls -t $(XTENSA_RUST_DEPS)/$$crate-*.bc | head -n 1)" $(@D)/$$crate.bc; done
	@touch $@

# $(call xtensa_object,ARCH,NAME,FOLDER OF SOURCES)
define xtensa_object
$(BUILD)/native/$(1)/$(2).glue.bc: $(3)/$(2).c
$(BUILD)/native/$(1)/$(2).runtime.bc: micropython/runtime.c
$(BUILD)/native/$(1)/$(2).glue.bc $(BUILD)/native/$(1)/$(2).runtime.bc: $(BUILD)/native/$(1)/$(2).config.h micropython/glue.h \
		$(BUILD)/include/emlearn.h $(XTENSA_TOOLS)
	@$(XTENSA_CC) $(filter-out -f%,$(CFLAGS_NATIVE)) -fno-common -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_FLOAT \
		-DMP_CONFIGFILE='"$(abspath $(BUILD))/native/$(1)/$(2).config.h"' -c -o $$@ $$(filter %.c,$$^)

$(BUILD)/native/$(1)/$(2).o: $(BUILD)/native/$(1)/$(2).glue.bc $(BUILD)/native/$(1)/$(2).runtime.bc $(firstword $(XTENSA_RUST))
	@$(XTENSA_LINK) --form module --float $(XTENSA_FLOAT_$(1)) --root mpy_init -o $$@ $$(filter %.glue.bc %.runtime.bc,$$^) $(XTENSA_RUST)
endef

$(foreach a,$(XTENSA_ARCHS),$(foreach m,$(EMLEARN_MODULES),\
	$(eval $(call xtensa_object,$(a),emlearn_$(m),mpy_modules/emlearn_$(m)))\
	$(eval $(call native_mpy,$(a),emlearn_$(m),mpy_modules/emlearn_$(m),dist/mpy/$(a)_$(MPY_ABI)))))

$(eval $(call xtensa_object,xtensawin,empty,benches/empty)$(newline)$(call native_mpy,xtensawin,empty,benches/empty,$(BUILD)/benches/xtensawin))

endif
