# The static library of all kernels, for each Rust target, and its C header.

RUST_TARGETS := $(sort $(foreach a,$(ARCHS),$(RUST_$(a))))
RUST_SOURCES := $(shell find src -name '*.rs') Cargo.toml Cargo.lock build.rs

# $(call libemlearn,TARGET)
libemlearn = $(BUILD)/lib/$(1)/libemlearn.a

# rustup's cargo where it has the target; else Debian's, whose source package has the library to build for any target.
RUSTUP_TARGETS := $(shell rustup target list --installed 2>/dev/null || rustc -vV | sed -n 's/^host: //p')
DEBIAN_CARGO := RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo
cargo = $(if $(filter $(1),$(RUSTUP_TARGETS)),cargo,$(DEBIAN_CARGO))

# Native modules are position-independent.
RUSTFLAGS_BARE := -Crelocation-model=pic

define rust_library
# Without compiler-builtins, which would replace the C toolchain's own routines in a whole firmware.
$(call libemlearn,$(1)): $(RUST_SOURCES)
	@echo "building the kernels for $(1)"
	@mkdir -p $$(@D) $(EMLEARN_INCLUDE_DIR)
	@$(if $(findstring -none-,$(1)),RUSTFLAGS=$(RUSTFLAGS_BARE)) $(call cargo,$(1)) rustc --quiet --locked --release --lib \
		--crate-type staticlib --features staticlib --target $(1) $(if $(filter $(1),$(RUSTUP_TARGETS)),,-Zbuild-std=core)
	@cp $(CARGO_TARGET_DIR)/$(1)/release/libemlearn.a $$@
	@ar d $$@ $$$$(ar t $$@ | grep ^compiler_builtins)
endef
$(foreach t,$(RUST_TARGETS),$(eval $(call rust_library,$(t))))

$(BUILD)/include/emlearn.h: $(call libemlearn,$(RUST_x64))
