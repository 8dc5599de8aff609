# The rp2 port: firmware for Raspberry Pi's Pico boards with all modules built in, and a plain one that loads native modules.

RP2_BOARDS := RPI_PICO RPI_PICO2

# Code for the RP2350 uses the FPU, but passes floats in integer registers, as all of its firmware does.
RP2_TARGET_RPI_PICO := thumbv6m-none-eabi
RP2_TARGET_RPI_PICO2 := thumbv8m.main-none-eabi
RUSTFLAGS_thumbv8m.main-none-eabi := -Ctarget-cpu=cortex-m33
$(eval $(call rust_library,thumbv8m.main-none-eabi))

RP2_UF2_FAMILY_RPI_PICO := 0xe48bff56
RP2_UF2_FAMILY_RPI_PICO2 := 0xe48bff59

rp2_firmware = dist/firmware/rp2/$(1)/firmware.uf2
RP2_FIRMWARE := $(foreach b,$(RP2_BOARDS),$(call rp2_firmware,$(b)))
RP2_PLAIN := $(BUILD)/rp2/plain/RPI_PICO/firmware.uf2

# ---- MicroPython's source with the submodules that the pinned one lacks, all as links: the source may be read-only ----

RP2_SOURCE := $(BUILD)/rp2/source
RP2_LIBS := $(foreach l,pico-sdk tinyusb mbedtls,$(if $(wildcard $(MPY_DIR)/lib/$(l)/*),,$(l)))

$(RP2_LIBS:%=$(BUILD)/%-src/.complete): $(BUILD)/%-src/.complete: micropython/fetch.sh
	@sh micropython/fetch.sh $* $(@D)
	@touch $@

$(RP2_SOURCE)/.complete: $(MPY_DIR_READY) $(RP2_LIBS:%=$(BUILD)/%-src/.complete)
	@rm -rf $(@D) && mkdir -p $(@D) && ln -s $(MPY_DIR)/* $(@D)
	@rm $(@D)/lib && mkdir $(@D)/lib && ln -s $(MPY_DIR)/lib/* $(@D)/lib
	@for l in $(RP2_LIBS); do ln -sfn $(abspath $(BUILD))/$$l-src $(@D)/lib/$$l; done
	@touch $@

# ---- firmware ----

# $(call rp2_build,BOARD,FOLDER,ENVIRONMENT,OPTIONS OF CMAKE)
define rp2_build
	@mkdir -p $(2)
	@MICROPY_MPYCROSS=$(abspath $(MPY_CROSS)) cmake -S $(RP2_SOURCE)/ports/rp2 -B $(2) -DMICROPY_BOARD=$(1) -DMICROPY_FROZEN_MANIFEST=$(abspath ports/rp2/manifest.py) \
		-DMICROPY_LIB_DIR=$(abspath $(BUILD)/mpy-lib) -DPython3_EXECUTABLE=$(PYTHON) -DPICO_NO_PICOTOOL=1 -DPICO_BUILD_DOCS=0 $(4) \
		> $(2)/cmake.log 2>&1 || { tail -n 30 $(2)/cmake.log; false; }
	+@MICROPY_MPYCROSS=$(abspath $(MPY_CROSS)) $(3) $(MAKE) $(JOBS) -C $(2) > $(2)/make.log 2>&1 || { tail -n 30 $(2)/make.log; false; }
	@$(PYTHON) $(MPY_DIR)/tools/uf2conv.py -f $(RP2_UF2_FAMILY_$(1)) -b 0x10000000 -c -o $@ $(2)/firmware.bin > /dev/null
endef

$(RP2_PLAIN): $(RP2_SOURCE)/.complete $(MPY_CROSS) ports/rp2/manifest.py | $(PYTHON)
	@echo "building firmware for RPI_PICO without modules"
	$(call rp2_build,RPI_PICO,$(@D))

define rp2_firmware_rule
$(call rp2_firmware,$(1)): $(RP2_SOURCE)/.complete $(MPY_CROSS) $(call libemlearn,$(RP2_TARGET_$(1))) ports/rp2/manifest.py \
		micropython/micropython.cmake $(BUILTIN_SOURCES) $(PYTHON)
	@echo "building firmware for $(1) with all modules built in"
	@mkdir -p $$(@D)
	$$(call rp2_build,$(1),$(BUILD)/rp2/$(1),EMLEARN_BUILD=$(abspath $(BUILD)),-DUSER_C_MODULES=$(abspath micropython/micropython.cmake) \
		-DEMLEARN_BUILD=$(abspath $(BUILD)) -DEMLEARN_TARGET=$(RP2_TARGET_$(1)))
endef
$(foreach b,$(RP2_BOARDS),$(eval $(call rp2_firmware_rule,$(b))))

# ---- an emulated Raspberry Pi Pico ----

RP2040_EMULATOR := $(BUILD)/rp2040/.complete

$(RP2040_EMULATOR): ports/rp2/emulator/package-lock.json ports/rp2/emulator/bootrom.py | $(PYTHON)
	@echo "fetching the RP2040's emulator and boot ROM"
	@mkdir -p $(@D) && cp ports/rp2/emulator/package.json ports/rp2/emulator/package-lock.json $(@D)
	@npm ci --prefix $(@D) --silent --no-audit --no-fund
	@$(PYTHON) ports/rp2/emulator/bootrom.py $(@D)/bootrom.bin
	@touch $@

NEEDS_pico := $(RP2_PLAIN) $(call rp2_firmware,RPI_PICO) $(RP2040_EMULATOR) $(call native_modules,armv6m)

pico-firmware: $(RP2_FIRMWARE) ## firmware for Raspberry Pi Pico and Pico 2, in dist/

pico-emulator: $(RP2040_EMULATOR) $(call rp2_firmware,RPI_PICO) ## run an emulated Pico: mpremote connect socket://127.0.0.1:2040
	@NODE_PATH=$(BUILD)/rp2040/node_modules node ports/rp2/emulator/emulator.js $(call rp2_firmware,RPI_PICO) $(BUILD)/rp2040/bootrom.bin 2040
