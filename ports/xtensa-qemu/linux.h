// Linux on Xtensa, as far as the port needs it.

#ifndef XTENSA_QEMU_LINUX_H
#define XTENSA_QEMU_LINUX_H

enum {
    SYS_OPEN = 8,
    SYS_CLOSE = 9,
    SYS_READ = 12,
    SYS_WRITE = 13,
    SYS_LSEEK = 15,
    SYS_EXIT_GROUP = 119,
    SYS_SIGACTION = 226,
};

// Flags of open; those of the C library's headers are other numbers.
enum {
    LINUX_O_RDONLY = 0,
    LINUX_O_WRONLY = 1,
    LINUX_O_RDWR = 2,
    LINUX_O_CREAT = 0x40,
    LINUX_O_TRUNC = 0x200,
    LINUX_O_APPEND = 0x400,
};

// A negative result is an error's number. (start.s)
long system_call(long number, long a, long b, long c, long d);

#endif
