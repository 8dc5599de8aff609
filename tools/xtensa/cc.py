"""clang for Xtensa, which makes LLVM bitcode for link.py, or preprocesses (-E). Headers of a C library are newlib's."""

import os
import pathlib
import sys

import llvm

NEWLIB = "/usr/include/newlib"


def main():
    if not os.path.isdir(NEWLIB):
        sys.exit(f"{NEWLIB} is missing: apt-get install libnewlib-dev")
    include = [
        pathlib.Path(__file__).parent / "include",
        pathlib.Path(llvm.run("clang", "-print-resource-dir").strip()) / "include",
        NEWLIB,
    ]
    clang = llvm.tool("clang")
    os.execv(clang, [
        clang, "--target=xtensa", "-ffreestanding", "-nostdinc", *(argument for path in include for argument in ("-isystem", str(path))),
        *(["-emit-llvm"] if "-c" in sys.argv else []), *sys.argv[1:],
    ])


if __name__ == "__main__":
    main()
