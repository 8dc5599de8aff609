#!/bin/sh
# Says what is missing of what the build and the tests need, and installs it with apt-get. Takes the Rust targets that are built.
set -eu

# A tool or a file of it, how to tell whether it is here, and Debian's package.
missing=
need() { # NAME PACKAGES COMMAND...
    name=$1 packages=$2
    shift 2
    "$@" > /dev/null 2>&1 && return
    echo "missing: $name (apt-get install $packages)"
    missing="$missing $packages"
}
tool() { need "$1" "$2" command -v "$1"; }
file() { need "$2 of $1" "$3" test -e "$("$1" -print-file-name="$2" 2> /dev/null)"; } # of a C compiler
every_rust_target() {
    installed=$(rustup target list --installed)
    for target in $rust_targets; do
        echo "$installed" | grep -qx "$target" || return 1
    done
}
rust_targets=$*

tool git git
tool gcc "gcc libc6-dev"
tool make make
tool xz xz-utils
need "python3's venv" python3-venv python3 -c "import ensurepip, venv"
need "Rust with the library's source" "rustc-web cargo-web rust-web-src" eval "test -e /usr/bin/cargo -a -d /usr/src/rustc-*/library || every_rust_target"
tool i686-linux-gnu-gcc gcc-i686-linux-gnu
file i686-linux-gnu-gcc libc.a libc6-dev-i386-cross
tool arm-none-eabi-gcc gcc-arm-none-eabi
file arm-none-eabi-gcc nano.specs libnewlib-arm-none-eabi
tool riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
file riscv64-unknown-elf-gcc picolibc.specs picolibc-riscv64-unknown-elf
tool qemu-system-arm qemu-system-arm
tool qemu-system-riscv32 qemu-system-misc
tool setpriv util-linux
tool cmake cmake
file arm-none-eabi-gcc libstdc++.a libstdc++-arm-none-eabi-newlib
tool node nodejs
tool npm npm
tool valgrind valgrind
# Xtensa's compiler: LLVM of the version that Debian's Rust has.
llvm=$(/usr/bin/rustc -vV 2> /dev/null | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
if [ -n "$llvm" ]; then
    tool "clang-$llvm" "clang-$llvm"
    tool "llc-$llvm" "llvm-$llvm"
fi
tool xtensa-lx106-elf-ld binutils-xtensa-lx106
tool qemu-xtensa qemu-user
need newlib libnewlib-dev test -d /usr/include/newlib

[ -n "$missing" ] || exit 0
command -v apt-get > /dev/null || { echo "no apt-get here: install these by the means of your system"; exit 1; }
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing$missing"
$sudo apt-get -qq update
# Unquoted: several words.
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $missing > /dev/null
# Some of the tools were not known before.
[ -n "${SETUP_AGAIN:-}" ] || SETUP_AGAIN=1 exec sh "$0" "$@"
