#include "py/mpconfig.h"

static inline void mp_hal_set_interrupt_char(char c) {
    (void)c;
}
