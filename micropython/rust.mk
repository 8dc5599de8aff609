# The static library of all kernels, for each Rust target, and its C header.

RUST_TARGETS := $(sort $(foreach a,$(ARCHS),$(RUST_$(a))))
RUST_SOURCES := $(shell find src -name '*.rs') Cargo.toml Cargo.lock build.rs micropython/rust.mk micropython/assembly.awk

# $(call libemlearn,TARGET). Rust's own runtime, compiler-builtins, is beside it in a library of its own: in a whole firmware
# it would replace the C toolchain's routines.
libemlearn = $(BUILD)/lib/$(1)/libemlearn.a

# rustup's cargo where it has the target; else Debian's, whose source package has the library to build for any target.
RUSTUP_TARGETS := $(shell rustup target list --installed 2>/dev/null || rustc -vV | sed -n 's/^host: //p')
DEBIAN_CARGO := RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo
cargo = MAKEFLAGS= $(if $(filter $(1),$(RUSTUP_TARGETS)),cargo,$(if $(filter xtensa%,$(1)),cargo +esp,$(DEBIAN_CARGO)))

# Rust's definitions of ARM's microcontrollers demand frame pointers, for debuggers. Debian's cargo builds for our own, without.
own_target = $(and $(filter thumb%,$(1)),$(if $(filter $(1),$(RUSTUP_TARGETS)),,own))
target = $(if $(own_target),$(abspath $(BUILD)/targets/$(1).json) -Zjson-target-spec,$(1))

$(BUILD)/targets/%.json: micropython/rust.mk
	@mkdir -p $(@D)
	@RUSTC_BOOTSTRAP=1 /usr/bin/rustc -Zunstable-options --print target-spec-json --target $* \
		| sed 's/"frame-pointer": "always"/"frame-pointer": "may-omit"/' > $@

# Native modules are position-independent. RUSTFLAGS_TARGET says otherwise for a target that only firmware uses.
# Code that occurs in several modules is not worth a function of its own, which each would have to carry. On x86 functions that are
# not exported save only the registers that their callers need; elsewhere LLVM does not do that reliably. Both make modules smaller.
rustflags = -Cjump-tables=no -Cllvm-args=-enable-machine-outliner=never $(if $(filter x86_64-% i686-%,$(1)),-Cllvm-args=-enable-ipra) \
	$(or $(RUSTFLAGS_$(1)),$(if $(findstring -none-,$(1)),-Crelocation-model=pic))

# Those of the target. Its LLVM bitcode goes, which Debian's binutils would read with an older LLVM.
binutils = $(if $(filter thumb%,$(1)),arm-none-eabi-,$(if $(filter riscv%,$(1)),riscv64-unknown-elf-,$(if $(filter i686%,$(1)),i686-linux-gnu-,\
	$(if $(filter xtensa%,$(1)),$(CROSS_xtensawin)))))
# zig's linker, which serves Linux, leaves it out by itself.
by_zig = $(findstring -linux-musl,$(1))
ar = $(if $(by_zig),$(ZIG) ar,$(binutils)ar)

define reassemble
@member=$$$$(ar t $$@ | grep ^emlearn-) && awk -f micropython/assembly.awk $$@.s | $(binutils)as -o $$(@D)/$$$$member - && \
		ar r $$@ $$(@D)/$$$$member && rm $$(@D)/$$$$member
endef

define rust_library
$(call libemlearn,$(1)): $(RUST_SOURCES) $(if $(own_target),$(BUILD)/targets/$(1).json) $(if $(by_zig),| $(ZIG))
	@echo "building the kernels for $(1)"
	@mkdir -p $$(@D) $(EMLEARN_INCLUDE_DIR)
	@RUSTFLAGS="$(call rustflags,$(1))" $(call cargo,$(1)) rustc --quiet --locked --release --lib \
		--crate-type staticlib --features staticlib --target $(target) $(if $(filter $(1),$(RUSTUP_TARGETS)),,-Zbuild-std=core) \
		-- --emit asm=$$(abspath $$@).s
	@cp $(CARGO_TARGET_DIR)/$(1)/release/libemlearn.a $$@
	$(if $(by_zig),,@$(binutils)objcopy -R .llvmbc -R .llvmcmd $$@)
	$(if $(filter x86_64-%-gnu i686-%-gnu,$(1)),$(reassemble))
	@cp $$@ $$(@D)/libcompiler_builtins.a
	@$(ar) d $$(@D)/libcompiler_builtins.a $$$$($(ar) t $$@ | grep -v ^compiler_builtins)
	@$(ar) d $$@ $$$$($(ar) t $$@ | grep ^compiler_builtins)
endef
$(foreach t,$(RUST_TARGETS),$(eval $(call rust_library,$(t))))

$(BUILD)/include/emlearn.h: $(call libemlearn,$(RUST_x64))

$(KERNELS_rv32imc): $(call libemlearn,$(RUST_rv32imc)) $(SHORTER_rv32imc)
	@$(call assemble,rv32imc,$<.s,$@)
