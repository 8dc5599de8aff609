// The port's configuration and, on top of it, what mpremote needs.

#include <mpconfigport.h>
#include "board.h"

#undef MICROPY_PY_SELECT
#define MICROPY_PY_SELECT (1)
#undef MICROPY_PY_TIME
#define MICROPY_PY_TIME (1)
#undef MICROPY_PY_SYS_STDIO_BUFFER
#define MICROPY_PY_SYS_STDIO_BUFFER (1)

#define MICROPY_PORT_INIT_FUNC board_boot()

// Ctrl-C is looked for at every 64th jump and return of the bytecode, and while waiting.
#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_VM_HOOK_INIT static unsigned vm_hook_count;
#define MICROPY_VM_HOOK_LOOP if (++vm_hook_count % 64 == 0) { board_poll(); }
#define MICROPY_VM_HOOK_RETURN MICROPY_VM_HOOK_LOOP
#define MICROPY_INTERNAL_EVENT_HOOK board_poll()
#define MICROPY_INTERNAL_WFE(timeout_ms) board_sleep(timeout_ms)

// The port turns native code off on the Cortex-M0. It works there without what only newer processors have.
#if defined(__ARM_ARCH_6M__)
#define MICROPY_EMIT_THUMB (1)
#define MICROPY_EMIT_THUMB_ARMV7M (0)
#define MICROPY_EMIT_INLINE_THUMB (0)
#endif

#if defined(BOARD_FLOAT_IMPL)
#undef MICROPY_FLOAT_IMPL
#define MICROPY_FLOAT_IMPL BOARD_FLOAT_IMPL
#endif
