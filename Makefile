# emlearn for MicroPython. `make help` lists the targets.

BUILD := build

export CARGO_TARGET_DIR := $(abspath $(BUILD)/rust)
export EMLEARN_INCLUDE_DIR := $(abspath $(BUILD)/include)

# Same inputs, same bytes: firmware carries the date of the commit. git doesn't take this repository for MicroPython's.
ifndef SOURCE_DATE_EPOCH
export SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
endif
export GIT_CEILING_DIRECTORIES := $(abspath $(BUILD))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

include micropython/modules.mk

# ---- Python ----

PYTHON := $(abspath $(BUILD)/venv/bin/python)

$(PYTHON): requirements.txt
	@echo "installing Python packages"
	@python3 -m venv $(BUILD)/venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# ---- zig: a C compiler for Linux on every processor, with a C library ----

ZIG := $(abspath $(BUILD)/linux/zig)

# Its cache holds the C library, compiled.
$(ZIG): | $(PYTHON)
	@mkdir -p $(@D)
	@{ echo '#!/bin/sh'; echo 'export ZIG_GLOBAL_CACHE_DIR=$@-cache ZIG_LOCAL_CACHE_DIR=$@-cache'; \
		$(PYTHON) -c 'import pathlib, ziglang; print("exec", pathlib.Path(ziglang.__file__).with_name("zig"), "\"$$@\"")'; } > $@
	@chmod +x $@

# ---- MicroPython: a checkout of the user's, or the pinned version ----

ifdef MPY_DIR
MPY_DIR_READY := $(MPY_DIR)/py/mpconfig.h
else
MPY_DIR := $(abspath $(BUILD)/micropython-src)
MPY_DIR_READY := $(MPY_DIR)/.complete
# Else git would be asked, which answers with our own commit.
export MICROPY_GIT_TAG := $(shell sed -n 's|.*/micropython tag=\(v[^ ]*\).*|\1|p' micropython/fetch.sh)
$(MPY_DIR_READY): micropython/fetch.sh
	@sh micropython/fetch.sh micropython $(MPY_DIR)
	@touch $@
endif

# ---- Rust ----

include micropython/arch.mk
include micropython/rust.mk

# ---- what users install ----

include micropython/frozen.mk
include micropython/port.mk
include micropython/native.mk
include ports/unix/unix.mk
include tools/xtensa/xtensa.mk
include ports/xtensa-qemu/xtensa-qemu.mk
include ports/qemu/qemu.mk
include ports/rp2/rp2.mk
include ports/linux/linux.mk
include micropython/release.mk

ifdef ARCH
DIST = $(call native_modules,$(ARCH))
else
DIST = $(foreach a,$(sort $(ARCHS) $(XTENSA_ARCHS)),$(call native_modules,$(a))) $(UNIX_FIRMWARE) $(X86_FIRMWARE) $(QEMU_FIRMWARE) $(RP2_FIRMWARE) $(LINUX_FIRMWARE)
endif

dist: $(DIST) ## native modules for every architecture, or for ARCH=armv6m only, and all firmware, in dist/

# ---- what developers run ----

demo: $(PYTHON) $(UNIX_MICROPYTHON) $(call native_modules,x64) ## recognise activities in real smartwatch recordings
	@$(PYTHON) examples/activity/demo.py

EXAMPLES := learn sound-level colours digits

learn: ## learn activities on the board, in MicroPython
sound-level: ## measure the A-weighted level of recorded speech
colours: ## reduce a photograph to 16 colours
digits: ## recognise handwritten digits with a neural network

$(EXAMPLES): $(PYTHON) $(UNIX_MICROPYTHON) $(call native_modules,x64)
	@$(PYTHON) examples/$(subst -,_,$@)/demo.py

# The C headers that kernels are compared with, and libclang to bind them, come from PyPI.
WITH_HEADERS = EMLEARN_HEADERS=$$($(PYTHON) -c 'import emlearn; print(emlearn.includedir)') \
	LIBCLANG_PATH=$$($(PYTHON) -c 'import clang, pathlib; print(pathlib.Path(clang.__path__[0]) / "native")')

rust-test: $(PYTHON) ## test the kernels
	@$(WITH_HEADERS) cargo test --quiet --locked --workspace

sanitize: $(PYTHON) ## test the kernels with AddressSanitizer, with blocks of exact size
	@$(WITH_HEADERS) $(SANITIZED_CARGO) test --quiet --locked -p emlearn -p fuzz --lib --tests --target $(RUST_x64)

# How long, in seconds. What it finds is kept in build/fuzz/, findings in the current folder.
FUZZ_TIME ?= 600
FUZZER := $(BUILD)/fuzz/fuzzer
COVERAGE := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions=on

fuzz: ## look for inputs that hurt a kernel, with libFuzzer: FUZZ_TIME=600
	@mkdir -p $(BUILD)/fuzz/corpus
	@RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address --cfg fuzzing $(COVERAGE)" CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)/fuzz \
		cargo rustc --quiet --locked --release -p fuzz --lib --crate-type staticlib --config profile.release.lto=false \
		--config profile.release.opt-level=2 --target $(RUST_x64)
	@clang-$$(/usr/bin/rustc -vV | sed -n "s/^LLVM version: \([0-9]*\).*/\1/p") -fsanitize=address,fuzzer -o $(FUZZER) $(CARGO_TARGET_DIR)/fuzz/$(RUST_x64)/release/libfuzz.a -lstdc++ -lm -lpthread -ldl
	@$(FUZZER) -max_total_time=$(FUZZ_TIME) -max_len=6000 -timeout=60 -print_final_stats=1 $(BUILD)/fuzz/corpus tests/fuzz/corpus

# Boards wait for their serial ports more than they compute.
PYTEST = $(PYTHON) -m pytest -q --tb=short -n $$(expr 2 '*' $$(nproc)) --dist loadgroup

ifdef PORT
device-test: $(PYTHON)
	@arch=$$($(PYTHON) tests/host/devices.py $(PORT)) && { [ -z "$$arch" ] || $(MAKE) --no-print-directory dist ARCH=$$arch; }
	@$(PYTHON) -m pytest -q --tb=short tests/host/test_device.py --port $(PORT)
else ifdef BOARD
device-test: $(PYTHON) $(NEEDS_$(BOARD))
	@$(PYTEST) tests/host/test_device.py --board $(BOARD)
else
device-test: $(PYTHON) release $(UNIX_MICROPYTHON) $(SANITIZED) $(X86_MICROPYTHON) $(QEMU_MICROPYTHON) $(RP2_PLAIN) $(RP2040_EMULATOR) $(LINUX_PLAIN) $(NEEDS_xtensa) ## test the modules on every device
	@$(PYTEST) tests/host
endif

# A fresh make, for which the tools are there.
test: setup ## run all tests, or a board's: BOARD=m3 (unix, x86, mips, armhf, xtensa, pico, m0, m4f, m7, rv32), PORT=/dev/ttyACM0
	$(if $(BOARD)$(PORT),,@$(MAKE) --no-print-directory rust-test sanitize)
	@$(MAKE) --no-print-directory device-test

setup: ## install the tools that are missing, with apt-get
	@sh tools/setup.sh $(sort $(RUST_TARGETS) $(RP2_TARGET_RPI_PICO2) $(LINUX_RUST_TARGETS))

$(eval $(call native_module,x64,empty,benches/empty,$(BUILD)/benches))

bench: $(PYTHON) $(UNIX_MICROPYTHON) $(call native_modules,x64) $(BUILD)/benches/empty.mpy $(if $(findstring --checks,$(BENCH)),$(UNIX_FIRMWARE)) $(if $(findstring xtensawin,$(BENCH)),$(NEEDS_xtensa) $(BUILD)/benches/xtensawin/empty.mpy) ## count instructions, compare with the C implementation
	@$(PYTHON) benches/bench.py $(BENCH)

sizes: dist ## write the size of each module to docs/sizes.md
	@$(PYTHON) tools/sizes.py

format: ## format the Rust sources
	@cargo fmt --all

lint: $(PYTHON) ## check formatting and run clippy
	@cargo fmt --all --check
	@$(WITH_HEADERS) cargo clippy --quiet --locked --workspace --all-targets -- -D warnings

clean: ## remove what was built, but not what was fetched
	@rm -rf dist $(BUILD)/rust $(BUILD)/lib $(BUILD)/include $(BUILD)/native $(BUILD)/frozen $(BUILD)/micropython $(BUILD)/micropython-x86 \
		$(BUILD)/unix $(BUILD)/unix-x86 $(BUILD)/unix-sanitized $(BUILD)/fuzz $(BUILD)/linux $(BUILD)/qemu $(BUILD)/rp2 $(BUILD)/xtensa-qemu

.PHONY: help dist linux linux-% linux-memory pico-firmware pico-emulator kernels release flash demo learn sound-level colours digits rust-test sanitize fuzz device-test test setup bench sizes format lint clean
