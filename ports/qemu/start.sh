#!/bin/sh
# start.sh BOARD FIRMWARE QEMU-OPTION...: starts an emulated board. Its serial port is what the options say, for example
# -serial tcp:127.0.0.1:5000,server=on,wait=off,nodelay=on
set -eu

board=$1 firmware=$2
shift 2
case $board in
    m0) machine="arm -machine microbit -global nrf51-soc.flash-size=1048576 -global nrf51-soc.sram-size=262144" ;;
    m3) machine="arm -machine mps2-an385" ;;
    m4f) machine="arm -machine mps2-an386" ;;
    m7) machine="arm -machine mps2-an500" ;;
    rv32) machine="riscv32 -machine virt -bios none" ;;
    *) echo "$board: no such board" >&2; exit 2 ;;
esac
# Unquoted: several words.
exec qemu-system-$machine -display none -monitor none -semihosting -kernel "$firmware" "$@"
