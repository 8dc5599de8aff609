# The Python part of a built-in module is a frozen module of the module's name that takes in the C part, whose name begins with _.

FROZEN_PY := $(foreach m,$(EMLEARN_MODULES),$(if $(wildcard mpy_modules/emlearn_$(m)/emlearn_$(m).py),$(BUILD)/frozen/emlearn_$(m).py))

$(BUILD)/frozen:
	@mkdir -p $@

define frozen_module
$(BUILD)/frozen/$(1).py: mpy_modules/$(1)/$(1).py | $(BUILD)/frozen
	@{ echo 'from _$(1) import *'; cat $$<; } > $$@
endef
$(foreach m,$(EMLEARN_MODULES),$(eval $(call frozen_module,emlearn_$(m))))
