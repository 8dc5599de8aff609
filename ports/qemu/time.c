// The module `time`.

#include "py/mphal.h"
#include "py/runtime.h"
#include "board.h"

uint64_t mp_hal_time_ns(void) {
    return board_time_ns();
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return board_time_ns();
}

mp_uint_t mp_hal_ticks_us(void) {
    return board_time_ns() / 1000;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return board_time_ns() / 1000000;
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = board_time_ns() + (uint64_t)us * 1000;
    while (board_time_ns() < end) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = board_time_ns() + (uint64_t)ms * 1000000;
    for (uint64_t now; (now = board_time_ns()) < end;) {
        mp_event_wait_ms(MIN((end - now) / 1000000 + 1, 1000));
    }
}
