// RISC-V "virt" machine: time, sleep.

#include <stdint.h>
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define MTIMECMP_LOW REGISTER(0x02004000)
#define MTIMECMP_HIGH REGISTER(0x02004004)
#define MTIME_LOW REGISTER(0x0200bff8)
#define MTIME_HIGH REGISTER(0x0200bffc)
#define MTIME_HZ 10000000

#define UART_IRQ 10
#define UART_IER (*(volatile uint8_t *)0x10000001)
#define PLIC_PRIORITY REGISTER(0x0c000000 + 4 * UART_IRQ)
#define PLIC_ENABLE REGISTER(0x0c002000)
#define PLIC_CLAIM REGISTER(0x0c200004)

#define MIE_TIMER (1 << 7)
#define MIE_EXTERNAL (1 << 11)

static uint64_t mtime(void) {
    uint32_t high, low;
    do {
        high = MTIME_HIGH;
        low = MTIME_LOW;
    } while (high != MTIME_HIGH);
    return (uint64_t)high << 32 | low;
}

void board_init(void) {
    __asm volatile ("csrci mstatus, 8"); // no interrupt is served
    PLIC_PRIORITY = 1;
    PLIC_ENABLE = 1 << UART_IRQ;
    UART_IER = 1; // data received
}

uint64_t board_time_ns(void) {
    return mtime() * (1000000000 / MTIME_HZ);
}

void board_sleep(int ms) {
    uint64_t end = ms < 0 ? UINT64_MAX : mtime() + (uint64_t)ms * (MTIME_HZ / 1000);
    MTIMECMP_HIGH = UINT32_MAX; // not due in between
    MTIMECMP_LOW = end;
    MTIMECMP_HIGH = end >> 32;
    __asm volatile ("csrw mie, %0\n wfi\n csrw mie, zero" :: "r" (MIE_TIMER | MIE_EXTERNAL) : "memory");
    uint32_t source = PLIC_CLAIM;
    if (source != 0) {
        PLIC_CLAIM = source;
    }
}
