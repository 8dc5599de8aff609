"""Installs emlearn's modules on the board that this runs on, by mip, as its processor needs them.

    import emlearn_install
    emlearn_install.install("emlearn_trees", "emlearn_fft")   # or all: install()

`mpremote run emlearn_install.py` installs all; on a board without a network it says what to type on the computer instead.
"""

import sys

# Where the index is, and the folders that it has: .mpy architecture and version. Filled in by `make release`.
URL = "dist/mip"
FOLDERS = []

# Architectures in the order of their numbers in .mpy files.
ARCHITECTURES = (
    None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc",
)


def folder(mpy=getattr(sys.implementation, "_mpy", 0), platform=sys.platform, machine=getattr(sys.implementation, "_machine", "")):
    """The index's folder for this board."""
    number = mpy >> 10 & 15
    architecture = ARCHITECTURES[number] if number < len(ARCHITECTURES) else "number %d" % number
    if architecture is None:
        raise RuntimeError("MicroPython on this board loads no native modules: use firmware that has emlearn built in")
    if architecture == "armv7em":
        architecture = "armv7m"  # no FPU
    elif architecture == "armv7emdp" and platform == "linux":
        architecture = "armv7emsp"  # what armhf calls armv7emdp lacks instructions of a microcontroller's FPU
    elif architecture == "xtensawin" and "ESP32S2" in machine:
        architecture = "xtensawin-s2"  # no FPU
    name = "%s_%d.%d" % (architecture, mpy & 0xFF, mpy >> 8 & 3)
    if name not in FOLDERS:
        raise RuntimeError("no modules for %s, only for %s" % (name, ", ".join(FOLDERS)))
    return name


def install(*modules, url=None, target=None):
    """Installs these modules, or all, from the index at `url` into the folder `target`, which mip chooses otherwise."""
    base = (url or URL) + "/" + folder()
    packages = [base + "/" + module + "/package.json" for module in modules] or [base + "/package.json"]
    try:
        import mip
    except ImportError:
        raise RuntimeError("no mip on this board; on your computer: mpremote mip install " + " ".join(packages))
    if ":" not in base:
        raise ValueError("url: expected the address that dist/mip is served at")
    for package in packages:
        mip.install(package, target=target)


if __name__ == "__main__":
    install()
