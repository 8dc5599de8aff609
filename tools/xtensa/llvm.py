"""LLVM's tools, of the version that Rust's compiler has: bitcode passes between them."""

import functools
import re
import shutil
import subprocess
import sys

RUSTC = "/usr/bin/rustc"


@functools.cache
def major_version():
    """The major version of the LLVM in Debian's Rust compiler."""
    try:
        version = subprocess.run([RUSTC, "-vV"], stdout=subprocess.PIPE, text=True, check=True).stdout
    except FileNotFoundError:
        sys.exit(f"{RUSTC} is missing: apt-get install rustc-web cargo-web rust-web-src")
    return re.search(r"^LLVM version: (\d+)", version, re.M)[1]


@functools.cache
def tool(name):
    """The path of an LLVM tool."""
    versioned = f"{name}-{major_version()}"
    path = shutil.which(versioned)
    if path is None:
        sys.exit(f"{versioned} is missing: apt-get install clang-{major_version()} llvm-{major_version()}")
    return path


def run(name, *arguments, stdin=None):
    """What a tool writes to its standard output. Its failure ends the program, with its message."""
    process = subprocess.run([tool(name), *map(str, arguments)], input=stdin, stdout=subprocess.PIPE, text=True)
    if process.returncode != 0:
        sys.exit(f"{name} failed")
    return process.stdout


def symbols(path, *options):
    """Names that llvm-nm lists."""
    return {line.split()[-1] for line in run("llvm-nm", *options, path).splitlines() if line.strip()}
