// Standard input: buffered, with Ctrl-C and select, and without spinning. Linked in place of the port's functions (--wrap).

#include "py/mphal.h"
#include "py/ringbuf.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/runtime/interrupt_char.h"
#include "uart.h"
#include "board.h"

static uint8_t buffer[512];
static ringbuf_t input = { buffer, sizeof(buffer), 0, 0 };

void board_poll(void) {
    while (ringbuf_free(&input) > 0) {
        int c = uart_rx_chr();
        if (c == UART_RX_NO_CHAR) {
            return;
        }
        if (c == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ringbuf_put(&input, c);
        }
    }
}

int __wrap_mp_hal_stdin_rx_chr(void) {
    for (;;) {
        board_poll();
        int c = ringbuf_get(&input);
        if (c >= 0) {
            return c;
        }
        mp_event_wait_indefinite();
    }
}

uintptr_t __wrap_mp_hal_stdio_poll(uintptr_t flags) {
    board_poll();
    return (flags & MP_STREAM_POLL_WR) | (ringbuf_avail(&input) > 0 ? flags & MP_STREAM_POLL_RD : 0);
}

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv) {
    board_init();
    return __real_main(argc, argv);
}
