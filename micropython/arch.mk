# The architectures of native modules, under MicroPython's names.

ARCHS := x64 x86 armv6m armv7m armv7emsp armv7emdp rv32imc

# The ESP32 family by Espressif's compilers; tools/xtensa has another way.
ifeq ($(XTENSA),espressif)
ARCHS += xtensawin xtensawin-s2
endif

# The Rust target that serves each. With a double-precision FPU the code is the same: kernels compute in single precision.
RUST_x64 := x86_64-unknown-linux-gnu
RUST_x86 := i686-unknown-linux-gnu
RUST_armv6m := thumbv6m-none-eabi
RUST_armv7m := thumbv7m-none-eabi
RUST_armv7emsp := thumbv7em-none-eabihf
RUST_armv7emdp := thumbv7em-none-eabihf
RUST_rv32imc := riscv32imc-unknown-none-elf
RUST_xtensawin := xtensa-esp32-none-elf
RUST_xtensawin-s2 := xtensa-esp32s2-none-elf
RUSTFLAGS_xtensa-esp32-none-elf := -Crelocation-model=static
RUSTFLAGS_xtensa-esp32s2-none-elf := -Crelocation-model=static

# C compiler and flags, as in MicroPython's py/dynruntime.mk.
CROSS_x64 :=
CROSS_x86 := i686-linux-gnu-
CROSS_armv6m := arm-none-eabi-
CROSS_armv7m := arm-none-eabi-
CROSS_armv7emsp := arm-none-eabi-
CROSS_armv7emdp := arm-none-eabi-
CROSS_rv32imc := riscv64-unknown-elf-
CROSS_xtensawin := xtensa-esp32-elf-
CROSS_xtensawin-s2 := xtensa-esp32s2-elf-

CFLAGS_x64 := -malign-data=abi -fno-stack-protector -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_DOUBLE
CFLAGS_x86 := -malign-data=abi -fno-stack-protector -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_DOUBLE
CFLAGS_armv6m := -mthumb -mcpu=cortex-m0 -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_NONE
CFLAGS_armv7m := -mthumb -mcpu=cortex-m3 -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_NONE
CFLAGS_armv7emsp := -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_FLOAT
CFLAGS_armv7emdp := -mthumb -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_DOUBLE
CFLAGS_rv32imc := -march=rv32imac -mabi=ilp32 -mno-relax -specs=picolibc.specs -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_NONE
CFLAGS_xtensawin := -DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_FLOAT
CFLAGS_xtensawin-s2 := $(CFLAGS_xtensawin)

LDFLAGS_rv32imc := -melf32lriscv

# What makes the compiler's assembly of the glue shorter.
SHORTER_armv7m := micropython/near_constants.awk
SHORTER_armv7emsp := $(SHORTER_armv7m)
SHORTER_armv7emdp := $(SHORTER_armv7m)
SHORTER_rv32imc := micropython/short_calls.awk

# The kernels with calls that reach far enough for a module, though not through all of a firmware.
KERNELS_rv32imc = $(dir $(call libemlearn,$(RUST_rv32imc)))module.o

# Float arithmetic without an FPU: Rust's routines, or the C toolchain's where they are faster and position-independent.
compiler_builtins = $(dir $(call libemlearn,$(RUST_$(1))))libcompiler_builtins.a
libgcc = $$$$($(CROSS_$(1))gcc $(CFLAGS_$(1)) -print-libgcc-file-name)
SOFT_FLOAT_armv6m = $(call compiler_builtins,armv6m)
SOFT_FLOAT_armv7m = $(call libgcc,armv7m)
SOFT_FLOAT_rv32imc = $(call compiler_builtins,rv32imc)
