# Emulated boards: a plain firmware that loads native modules, build/qemu/BOARD/firmware.elf, and one with all modules built
# in, dist/firmware/qemu/BOARD/firmware.elf.

QEMU_BOARDS := m0 m3 m4f m7 rv32
QEMU_ARCH_m0 := armv6m
QEMU_ARCH_m3 := armv7m
QEMU_ARCH_m4f := armv7emsp
QEMU_ARCH_m7 := armv7emdp
QEMU_ARCH_rv32 := rv32imc

QEMU_SOURCES := $(filter-out %.md %.sh,$(shell find ports/qemu -type f))
QEMU_MICROPYTHON := $(QEMU_BOARDS:%=$(BUILD)/qemu/%/firmware.elf)
QEMU_FIRMWARE := $(QEMU_BOARDS:%=dist/firmware/qemu/%/firmware.elf)

qemu_make = $(MPY_MAKE) -C $(MPY_DIR)/ports/qemu BOARD=$(1) BOARD_DIR=$(abspath ports/qemu/boards/$(1))

define qemu_board
$(BUILD)/qemu/$(1)/firmware.elf: $(MPY_CROSS) $(QEMU_SOURCES)
	@echo "building MicroPython for the emulated board $(1)"
	@$$(call fresh_if_mk_changed,$$(@D))
	+@$$(call qemu_make,$(1)) BUILD=$$(abspath $$(@D)) > /dev/null
	@touch $$@

dist/firmware/qemu/$(1)/firmware.elf: $(MPY_CROSS) $(QEMU_SOURCES) $(call libemlearn,$(RUST_$(QEMU_ARCH_$(1)))) $(BUILTIN_SOURCES)
	@echo "building MicroPython for the emulated board $(1) with all modules built in"
	@$$(call fresh_if_mk_changed,$(BUILD)/qemu/$(1)-builtin)
	+@$$(call qemu_make,$(1)) BUILD=$$(abspath $(BUILD)/qemu/$(1)-builtin) FROZEN_MANIFEST=$$(abspath ports/qemu/manifest_builtin.py) \
		$(call builtin,$(RUST_$(QEMU_ARCH_$(1)))) > /dev/null
	@mkdir -p $$(@D)
	@cp $(BUILD)/qemu/$(1)-builtin/firmware.elf $$@

# What its tests need.
NEEDS_$(1) := $(BUILD)/qemu/$(1)/firmware.elf dist/firmware/qemu/$(1)/firmware.elf $(call native_modules,$(QEMU_ARCH_$(1)))
endef
$(foreach b,$(QEMU_BOARDS),$(eval $(call qemu_board,$(b))))
