"""The files for small Linux machines: what they are, what they take, and the examples on a router's processor."""

import os
import re
import subprocess
import sys

import pytest
from devices import LINUX, MODULES, QEMU_USER, ROOT
from elftools.elf.elffile import ELFFile
from test_examples import EXAMPLES

sys.path.insert(0, str(ROOT / "tools"))
import linux_memory

LINUX_MK = (ROOT / "ports/linux/linux.mk").read_text()
ZIG = ROOT / "build/linux/zig"
FLOAT_ABI = [sys.executable, ROOT / "ports/linux/float_abi.py"]

# Machine and kind of each, and of C code with another float ABI, for those that have another.
KINDS = {
    "aarch64": ("EM_AARCH64", 64, True, None),
    "armhf": ("EM_ARM", 32, True, "arm-linux-musleabi"),
    "i386": ("EM_386", 32, True, None),
    "riscv64": ("EM_RISCV", 64, True, "riscv64-linux-musl -mabi=lp64"),
    "mips": ("EM_MIPS", 32, False, "mips-linux-musleabihf"),
    "mipsel": ("EM_MIPS", 32, True, "mipsel-linux-musleabihf"),
}


def test_every_machine():
    built = re.search(r"^LINUX_ARCHS := (.*)$", LINUX_MK, re.M)[1].split()
    assert set(built) == KINDS.keys() == QEMU_USER.keys()


@pytest.mark.parametrize("machine", KINDS)
def test_file(machine):
    """One small file that needs no other."""
    path = ROOT / f"dist/firmware/linux/{machine}/micropython"
    with open(path, "rb") as file:
        elf = ELFFile(file)
        assert (elf["e_machine"], elf.elfclass, elf.little_endian) == KINDS[machine][:3]
        assert not any(segment["p_type"] in ("PT_INTERP", "PT_DYNAMIC") for segment in elf.iter_segments())
        names = [section.name for section in elf.iter_sections()]
        assert not any(re.match(r"\.(symtab|debug|llvm|pdr)", name) for name in names), names
    assert path.stat().st_size <= (900_000 if machine == "mips" else 1_600_000)
    assert os.access(path, os.X_OK)


@pytest.mark.parametrize("machine", [machine for machine, kind in KINDS.items() if kind[3]])
def test_float_abis_are_compared(machine, tmp_path):
    """C code of another float ABI beside the library is noticed, the same is not."""
    target = re.search(rf"^LINUX_RUST_{machine} := (.*)$", LINUX_MK, re.M)[1]
    library = ROOT / f"build/lib/{target}/libemlearn.a"
    good = ROOT / f"build/linux/{machine}/main.o"
    assert subprocess.run([*FLOAT_ABI, library, good]).returncode == 0
    (tmp_path / "half.c").write_text("float half(float x) { return x / 2; }\n")
    command = [ZIG, "cc", "-target", *KINDS[machine][3].split(), "-c", "-o", tmp_path / "half.o", tmp_path / "half.c"]
    subprocess.run(command, check=True)
    process = subprocess.run([*FLOAT_ABI, library, good, tmp_path / "half.o"], capture_output=True, text=True)
    assert process.returncode == 1 and "half.o" in process.stderr


@pytest.mark.parametrize("device", [device for device in LINUX if device.name.endswith("-native")], ids=lambda device: device.name)
def test_installer_knows(device, tmp_path):
    """What it chooses are the modules that the device's tests run with: on armhf others load, too, but compute wrongly."""
    script = f"import sys\nsys.path.append({str(ROOT / 'dist/mip')!r})\nimport emlearn_install\nprint(emlearn_install.folder())\n"
    assert f"/{device.run(script, tmp_path).strip()}" in device.path


@pytest.mark.parametrize("example", ["activity", "sound_level"])
def test_example_on_a_router(example, tmp_path):
    """Big-endian and without an FPU it recognises and measures the same."""
    micropython = f"{QEMU_USER['mips']} {ROOT}/dist/firmware/linux/mips/micropython"
    command = [sys.executable, ROOT / f"examples/{example}/demo.py", "--out", tmp_path, "--micropython", micropython, "--modules", ".frozen"]
    process = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert process.returncode == 0, process.stdout + process.stderr
    assert re.search(EXAMPLES[example][1], process.stdout), process.stdout


@pytest.mark.skipif(linux_memory.NATIVE is None, reason="none of the files runs here without QEMU")
def test_memory(tmp_path):
    """A router with 64 MB has some to spare: the first example fits into 4 MB."""
    assert linux_memory.during_demo(linux_memory.command(linux_memory.NATIVE, natively=True), tmp_path) <= 4096


def test_modules_are_built_in(tmp_path):
    """Also where MicroPython looks for no files."""
    script = "".join(f"import emlearn_{module}\n" for module in MODULES)
    for device in LINUX:
        if device.name.endswith("-builtin"):
            process = subprocess.run([*device.command, "-c", script], env={"MICROPYPATH": ".frozen"}, cwd=tmp_path)
            assert process.returncode == 0, device.name
