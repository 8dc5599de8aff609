#!/bin/sh
# fetch.sh NAME DIR: unpacks a pinned source into DIR, once: Debian 13's where apt-get can have it, else a git checkout.
set -eu

name=$1
dir=$2
case $name in
micropython)
    package=micropython=1.25.0+ds-1 file=micropython_1.25.0+ds.orig.tar.xz
    sha256=7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea
    git=https://github.com/micropython/micropython tag=v1.25.0 ;;
pico-sdk)
    package=pico-sdk-source=2.1.1-1 file=pico-sdk-source_2.1.1-1_all.deb
    sha256=507a3ca37636641bc90239d7c04dc9dc28c5008087a8162102ea94d2273153d3
    git=https://github.com/raspberrypi/pico-sdk tag=2.1.1 ;;
tinyusb)
    package=tinyusb-source=0.18.0+dfsg-1 file=tinyusb-source_0.18.0+dfsg-1_all.deb
    sha256=01ce2c645df68f14a8a7dcfc8fb355713152543757955820479a87949a61154e
    git=https://github.com/hathach/tinyusb tag=0.18.0 ;;
mbedtls)
    package=mbedtls=3.6.6-0.1~deb13u1 file=mbedtls_3.6.6.orig.tar.bz2
    sha256=8fb65fae8dcae5840f793c0a334860a411f884cc537ea290ce1c52bb64ca007a
    git=https://github.com/Mbed-TLS/mbedtls tag=v3.6.6 ;;
*) echo "fetch.sh: no source is called $name" >&2; exit 1 ;;
esac

[ -e "$dir/.complete" ] && exit 0
rm -rf "$dir" "$dir.tmp"
mkdir -p "$dir.tmp/lists/partial" "$dir.tmp/cache/archives/partial"
cd "$dir.tmp"

# apt-get with its own sources, lists and cache, so that the system's stay as they are and root is not needed.
from_debian() {
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | sort -u | head -n 1)
    [ -n "$mirror" ] || return 1
    for kind in deb deb-src; do
        echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main"
    done > sources.list
    options="-oDir::Etc::sourcelist=$PWD/sources.list -oDir::Etc::sourceparts=/dev/null -oDir::State::Lists=$PWD/lists -oDir::Cache=$PWD/cache -oAPT::Sandbox::User="
    apt-get $options -qq update || return 1
    case $file in
    *.deb) apt-get $options -qq download "$package" || return 1 ;;
    *) apt-get $options -qq source --download-only "$package" || return 1 ;;
    esac
    echo "$sha256  $file" | sha256sum --check --quiet || exit 1
    case $file in
    *.deb) dpkg -x "$file" package && mv "package/usr/src/$name" source ;;
    *) mkdir source && tar -xf "$file" -C source --strip-components=1 ;;
    esac
}

from_git() {
    git clone --quiet --depth 1 --branch "$tag" "$git" source
}

echo "fetching $name"
from_debian || from_git || { echo "$name can't be had here; make MPY_DIR=... uses a checkout of MicroPython with its submodules" >&2; exit 1; }
touch source/.complete
mv source "../${dir##*/}"
cd .. && rm -rf "${dir##*/}.tmp"
