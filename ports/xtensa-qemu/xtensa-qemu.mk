# A freestanding MicroPython for qemu-xtensa, which runs scripts and loads native modules like the Unix port.

XTENSA_MICROPYTHON := $(BUILD)/xtensa-qemu/micropython

$(BUILD)/xtensa-qemu/micropython.elf: $(MPY_CROSS) $(firstword $(XTENSA_RUST)) $(wildcard ports/xtensa-qemu/*) $(XTENSA_TOOLS)
	@echo "building MicroPython for qemu-xtensa"
	@$(MPY_MAKE) -C ports/xtensa-qemu MPY_DIR=$(MPY_DIR) BUILD=$(abspath $(@D)) CC="$(XTENSA_CC)" CPP="$(XTENSA_CC) -E" \
		XTENSA_LINK="$(XTENSA_LINK)" COMPILER_BUILTINS=$(abspath $(lastword $(XTENSA_RUST))) > /dev/null

$(XTENSA_MICROPYTHON): $(BUILD)/xtensa-qemu/micropython.elf
	@printf '#!/bin/sh\nexec qemu-xtensa -cpu de233_fpu %s "$$@"\n' $(abspath $<) > $@
	@chmod +x $@

$(BUILD)/xtensa-qemu/watch.so: ports/xtensa-qemu/watch.c
	@mkdir -p $(@D)
	@gcc -shared -fPIC -O2 -Wall -Wextra -Werror -o $@ $<

# What its tests need: modules for it with FPU and without, and the plugin that watches instruction memory.
NEEDS_xtensa := $(XTENSA_MICROPYTHON) $(BUILD)/xtensa-qemu/watch.so $(foreach a,$(XTENSA_ARCHS),$(call native_modules,$(a)))
