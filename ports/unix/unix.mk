# The Unix port, for 64 and for 32 bit: a plain interpreter that loads native modules, and one with all modules built in.

UNIX_MICROPYTHON := $(BUILD)/micropython/micropython
UNIX_FIRMWARE := dist/firmware/unix/micropython
X86_MICROPYTHON := $(BUILD)/micropython-x86/micropython
X86_FIRMWARE := dist/firmware/unix-x86/micropython

# The pinned source has no submodules: what needs one is left out.
UNIX_MAKE = $(MPY_MAKE) -C $(MPY_DIR)/ports/unix MICROPY_PY_BTREE=0 MICROPY_PY_SSL=0 MICROPY_SSL_MBEDTLS=0 \
	MICROPY_SSL_AXTLS=0 MICROPY_PY_FFI=0

# The latter's build keeps the names of functions, for benches.
# $(call unix_port,ARCH,PLAIN INTERPRETER,ONE WITH ALL MODULES,FOLDER OF ITS BUILD,MAKE'S ARGUMENTS)
define unix_port
$(2): $(MPY_CROSS) ports/unix/manifest.py
	@echo "building MicroPython's Unix port for $(1)"
	+@$$(UNIX_MAKE) $(5) BUILD=$$(abspath $$(@D)) FROZEN_MANIFEST=$$(abspath ports/unix/manifest.py) > /dev/null
	@touch $$@

$(3): $(MPY_CROSS) $(call libemlearn,$(RUST_$(1))) $(BUILTIN_SOURCES)
	@echo "building MicroPython's Unix port for $(1) with all modules built in"
	@$$(call fresh_if_mk_changed,$(4))
	+@$$(UNIX_MAKE) $(5) STRIP= BUILD=$$(abspath $(4)) FROZEN_MANIFEST=$$(abspath micropython/manifest.py) $(call builtin,$(RUST_$(1))) > /dev/null
	@mkdir -p $$(@D)
	@$(CROSS_$(1))strip -o $$@ $(4)/micropython
endef
# 32 bit is for tests on a 64-bit machine: static, since that has no 32-bit C library, and so without name look-ups.
$(eval $(call unix_port,x64,$(UNIX_MICROPYTHON),$(UNIX_FIRMWARE),$(BUILD)/unix))
$(eval $(call unix_port,x86,$(X86_MICROPYTHON),$(X86_FIRMWARE),$(BUILD)/unix-x86,CROSS_COMPILE=$(CROSS_x86) LDFLAGS_EXTRA=-static MICROPY_PY_SOCKET=0))

# What their tests need.
NEEDS_unix := $(UNIX_MICROPYTHON) $(UNIX_FIRMWARE) $(call native_modules,x64)
NEEDS_x86 := $(X86_MICROPYTHON) $(X86_FIRMWARE) $(call native_modules,x86)

# All modules built in, C and Rust with AddressSanitizer.
SANITIZED := $(BUILD)/unix-sanitized/micropython
SANITIZED_RUST := $(BUILD)/lib/x86_64-sanitized/libemlearn.a
# Nightly features of whatever Rust there is.
SANITIZED_CARGO := RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address --cfg fuzzing" CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)/sanitized cargo

$(SANITIZED_RUST): $(RUST_SOURCES)
	@echo "building the kernels with AddressSanitizer"
	@mkdir -p $(@D)
	@MAKEFLAGS= $(SANITIZED_CARGO) rustc --quiet --locked --release --lib --crate-type staticlib --features staticlib --target $(RUST_x64)
	@cp $(CARGO_TARGET_DIR)/sanitized/$(RUST_x64)/release/libemlearn.a $@
	@objcopy -R .llvmbc -R .llvmcmd $@
	@ar d $@ $$(ar t $@ | grep ^compiler_builtins)

$(SANITIZED): $(MPY_CROSS) $(SANITIZED_RUST) $(wildcard ports/unix/sanitize/*) $(BUILTIN_SOURCES)
	@echo "building MicroPython's Unix port for AddressSanitizer"
	@$(call fresh_if_mk_changed,$(@D))
	+@$(UNIX_MAKE) BUILD=$(abspath $(@D)) VARIANT_DIR=$(abspath ports/unix/sanitize) FROZEN_MANIFEST=$(abspath micropython/manifest.py) \
		STRIP=true $(call builtin,x86_64-sanitized) > /dev/null
	@touch $@
