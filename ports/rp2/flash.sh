#!/bin/sh
# flash.sh BOARD: puts dist/firmware/rp2/BOARD/firmware.uf2 on a board that was connected with its BOOTSEL button held.
set -eu

board=$(echo "${1:-}" | tr a-z A-Z)
case $board in
RPI_PICO) drive=RPI-RP2 ;;
RPI_PICO2) drive=RP2350 ;;
*) echo "make flash BOARD=rpi_pico or BOARD=rpi_pico2; other boards: docs/install.md" >&2; exit 1 ;;
esac
firmware=dist/firmware/rp2/$board/firmware.uf2
[ -e "$firmware" ] || { echo "$firmware is missing: make pico-firmware" >&2; exit 1; }

for folder in /media/*/$drive /run/media/*/$drive /Volumes/$drive; do
    if [ -d "$folder" ]; then
        cp "$firmware" "$folder/"
        echo "copied to $folder: the board restarts with it"
        exit 0
    fi
done
if command -v picotool > /dev/null && picotool load -x "$firmware"; then
    exit 0
fi
echo "No board found. Hold BOOTSEL while connecting it, then copy $firmware to the drive $drive that appears." >&2
exit 1
