// Cortex-M: FPU, time, sleep.

#include "py/mpconfig.h"
#include "py/misc.h"
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define SYST_CSR REGISTER(0xe000e010)
#define SYST_RVR REGISTER(0xe000e014)
#define SYST_CVR REGISTER(0xe000e018)
#define NVIC_ISER REGISTER(0xe000e100)
#define NVIC_ICPR REGISTER(0xe000e280)
#define ICSR REGISTER(0xe000ed04)
#define ICSR_PENDSTCLR (1 << 25)
#define CPACR REGISTER(0xe000ed88)

#if defined(QEMU_SOC_NRF51)
#define CLOCK_HZ 16000000
#define UART_IRQ (1 << 2)
#define UART_ENABLE_IRQ() (REGISTER(0x40002304) = 1 << 2) // INTENSET: RXDRDY
#define UART_CLEAR_IRQ() // when the event is cleared, by uart_rx_chr()
#elif defined(QEMU_SOC_MPS2)
#define CLOCK_HZ 25000000
#define UART_IRQ (1 << 0)
#define UART_ENABLE_IRQ() (REGISTER(0x40004008) |= 1 << 3) // CTRL: receive interrupt
#define UART_CLEAR_IRQ() (REGISTER(0x4000400c) = 1 << 1)
#endif

void board_init(void) {
    __asm volatile ("cpsid i");
    #if defined(__ARM_FP)
    CPACR |= 0xf << 20;
    __asm volatile ("dsb\n isb" ::: "memory");
    #endif
    NVIC_ISER = UART_IRQ;
    UART_ENABLE_IRQ();
}

// Semihosting's SYS_ELAPSED; QEMU counts nanoseconds.
uint64_t board_time_ns(void) {
    uint64_t ns = 0;
    register uintptr_t operation __asm("r0") = 0x30;
    register uint64_t *result __asm("r1") = &ns;
    __asm volatile ("bkpt 0xab" : "+r" (operation) : "r" (result) : "memory");
    return ns;
}

void board_sleep(int ms) {
    if (ms >= 0) {
        SYST_RVR = (uint32_t)MIN(MAX(ms, 1), 500) * (CLOCK_HZ / 1000) - 1;
        SYST_CVR = 0;
        SYST_CSR = 7;
    }
    __asm volatile ("dsb\n wfi" ::: "memory");
    SYST_CSR = 0;
    ICSR = ICSR_PENDSTCLR;
    UART_CLEAR_IRQ();
    NVIC_ICPR = UART_IRQ;
}
