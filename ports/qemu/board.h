// What the files of this folder share. The machine's part is in cortex_m.c and riscv.c.

#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

// Before main(): FPU, interrupts.
void board_init(void);

// Nanoseconds since the start.
uint64_t board_time_ns(void);

// Waits until the serial port receives or the time is over, at the latest; negative: without a limit. The emulated
// processor sleeps and so does QEMU. No interrupt is ever served: being pending is enough to end the sleep.
void board_sleep(int ms);

// Takes in what the serial port has received.
void board_poll(void);

// Runs _boot.py.
void board_boot(void);

#endif
