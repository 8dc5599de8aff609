# The Unix port for small Linux machines: one static file for each processor, dist/firmware/linux/ARCH/micropython, with all modules
# built in. It needs nothing of the system that it runs on, whose C library may be another.

LINUX_ARCHS := aarch64 armhf i386 riscv64 mips mipsel

LINUX_RUST_aarch64 := aarch64-unknown-linux-musl
LINUX_RUST_armhf := armv7-unknown-linux-musleabihf
LINUX_RUST_i386 := i686-unknown-linux-musl
LINUX_RUST_riscv64 := riscv64gc-unknown-linux-musl
LINUX_RUST_mips := mips-unknown-linux-musl
LINUX_RUST_mipsel := mipsel-unknown-linux-musl
LINUX_RUST_TARGETS := $(foreach a,$(LINUX_ARCHS),$(LINUX_RUST_$(a)))
$(foreach t,$(LINUX_RUST_TARGETS),$(eval RUSTFLAGS_$(t) := -Crelocation-model=static -Cforce-unwind-tables=no)$(eval $(call rust_library,$(t))))

# zig compiles C for each, and carries musl. On armhf native modules are Thumb code, and not every processor has NEON.
LINUX_CC_aarch64 := -target aarch64-linux-musl
LINUX_CC_armhf := -target arm-linux-musleabihf -mcpu=baseline-neon-d32 -mthumb
LINUX_CC_i386 := -target x86-linux-musl
LINUX_CC_riscv64 := -target riscv64-linux-musl
LINUX_CC_mips := -target mips-linux-musleabi
LINUX_CC_mipsel := -target mipsel-linux-musleabi

# What MicroPython has in assembly for gcc, clang makes wrong: registers go uncollected, floating-point registers unrestored.
LINUX_CFLAGS := -DMICROPY_GCREGS_SETJMP=1 -DMICROPY_NLR_SETJMP=1 -fno-sanitize=undefined -fno-unwind-tables -fno-asynchronous-unwind-tables

# Those whose MicroPython loads native modules.
LINUX_NATIVE_armhf := armv7emsp
LINUX_NATIVE_i386 := x86

LINUX_FIRMWARE := $(LINUX_ARCHS:%=dist/firmware/linux/%/micropython)
LINUX_PLAIN := $(foreach a,$(LINUX_ARCHS),$(if $(LINUX_NATIVE_$(a)),$(BUILD)/linux/$(a)-plain/micropython))

LINUX_SOURCES := $(addprefix ports/linux/,linux.mk cpp.sh discard.ld float_abi.py manifest.py)

# Linux has file systems of its own.
LINUX_MAKE = $(UNIX_MAKE) MICROPY_VFS_FAT=0 MICROPY_VFS_LFS1=0 MICROPY_VFS_LFS2=0 CWARN=-Wall CFLAGS_EXTRA="$(LINUX_CFLAGS)" \
	LDFLAGS_ARCH=-Wl,--gc-sections LDFLAGS_EXTRA="-static -s -Wl,-T,$(abspath ports/linux/discard.ld)" STRIP=true SIZE=true
linux_cc = CC="$(ZIG) cc $(LINUX_CC_$(1))" CPP="$(abspath ports/linux/cpp.sh) $(ZIG) cc $(LINUX_CC_$(1)) -E"

# $(call linux_port,ARCH)
define linux_port
dist/firmware/linux/$(1)/micropython: $(MPY_CROSS) $(call libemlearn,$(LINUX_RUST_$(1))) $(LINUX_SOURCES) $(BUILTIN_SOURCES) $(ZIG)
	@echo "building MicroPython for Linux on $(1) with all modules built in"
	@$$(call fresh_if_mk_changed,$(BUILD)/linux/$(1))
	@rm -f $(BUILD)/linux/$(1)/micropython # linked anew, since the library is not among what the port's Makefile looks at
	+@$$(LINUX_MAKE) $$(call linux_cc,$(1)) BUILD=$$(abspath $(BUILD)/linux/$(1)) FROZEN_MANIFEST=$$(abspath ports/linux/manifest.py) \
		$(call builtin,$(LINUX_RUST_$(1))) > /dev/null
	@$(PYTHON) ports/linux/float_abi.py $(call libemlearn,$(LINUX_RUST_$(1))) $(BUILD)/linux/$(1)
	@mkdir -p $$(@D)
	@cp $(BUILD)/linux/$(1)/micropython $$@

$(BUILD)/linux/$(1)-plain/micropython: $(MPY_CROSS) $(LINUX_SOURCES) ports/unix/manifest.py | $(ZIG)
	@echo "building MicroPython for Linux on $(1)"
	@$$(call fresh_if_mk_changed,$$(@D))
	+@$$(LINUX_MAKE) $$(call linux_cc,$(1)) BUILD=$$(abspath $$(@D)) FROZEN_MANIFEST=$$(abspath ports/unix/manifest.py) > /dev/null
	@touch $$@

# What its tests need.
NEEDS_$(1) := dist/firmware/linux/$(1)/micropython \
	$(if $(LINUX_NATIVE_$(1)),$(BUILD)/linux/$(1)-plain/micropython $(call native_modules,$(LINUX_NATIVE_$(1))))
endef
$(foreach a,$(LINUX_ARCHS),$(eval $(call linux_port,$(a))))

linux: $(LINUX_FIRMWARE) ## MicroPython with all modules in one file, for each processor that Linux runs on

linux-%: dist/firmware/linux/%/micropython ## the same for one: aarch64, armhf, i386, riscv64, mips, mipsel
	@:

linux-memory: $(LINUX_FIRMWARE) | $(PYTHON) ## write their sizes and memory to docs/linux.md
	@$(PYTHON) tools/linux_memory.py
