# RISC-V, 32 bit, without an FPU. Debian's compiler finds its libraries under the older name of the architecture,
# in whose version the CSR instructions are included.
include $(BOARD_DIR)/../common.mk

QEMU_ARCH = riscv32
QEMU_MACHINE = virt
RV32_ARCH = rv32imac
AFLAGS += -misa-spec=2.2
SRC_C += $(HERE)/riscv.c
CFLAGS += -DQEMU_SOC_VIRT -DMICROPY_HW_MCU_NAME='"RV32IMAC"'
LDSCRIPT = $(HERE)/virt.ld
SRC_BOARD_O += shared/runtime/gchelper_native.o shared/runtime/gchelper_rv32i.o
MPY_CROSS_FLAGS += -march=rv32imc
