# See mpconfigvariant.h. Of undefined behaviour only what MicroPython itself is free of.

CFLAGS_SANITIZE := -fsanitize=address,undefined -fno-sanitize=alignment,shift,nonnull-attribute -fno-sanitize-recover=all -fno-omit-frame-pointer -g
CFLAGS_EXTRA += $(CFLAGS_SANITIZE)
LDFLAGS_EXTRA += $(CFLAGS_SANITIZE) $(foreach f,alloc realloc free collect_end,-Wl,--wrap=gc_$(f))

# The collector reads whatever there is, the stack and freed blocks included.
PLAIN := -fno-sanitize=all -fno-builtin -Dmemset=heap_memset -Dmemcpy=heap_memcpy
$(BUILD)/py/gc.o $(BUILD)/$(VARIANT_DIR)/heap.o: CFLAGS += $(PLAIN)
