#!/bin/sh
# Fetches the pinned MicroPython into DIR, once: Debian's source package where apt-get can have it, else a git checkout.
set -eu

dir=$1
version=1.25.0
tarball=micropython_${version}+ds.orig.tar.xz
sha256=7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea

[ -e "$dir/.complete" ] && exit 0
rm -rf "$dir" "$dir.tmp"
mkdir -p "$dir.tmp/lists/partial" "$dir.tmp/cache/archives/partial"
cd "$dir.tmp"

# apt-get with its own sources, lists and cache, so that the system's stay as they are and root is not needed.
from_debian() {
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | sort -u | head -n 1)
    [ -n "$mirror" ] || return 1
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > sources.list
    options="-oDir::Etc::sourcelist=$PWD/sources.list -oDir::Etc::sourceparts=/dev/null -oDir::State::Lists=$PWD/lists -oDir::Cache=$PWD/cache -oAPT::Sandbox::User="
    apt-get $options -qq update && apt-get $options -qq source --download-only micropython=$version+ds-1 || return 1
    echo "$sha256  $tarball" | sha256sum --check --quiet || exit 1
    mkdir source && tar -xf "$tarball" -C source --strip-components=1
}

from_git() {
    git clone --quiet --depth 1 --branch v$version https://github.com/micropython/micropython source
}

echo "fetching MicroPython $version"
from_debian || from_git || { echo "MicroPython $version can't be had here: set MPY_DIR to a checkout of v$version" >&2; exit 1; }
touch source/.complete
mv source "$dir"
cd .. && rm -rf "$dir.tmp"
