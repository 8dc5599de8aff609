"""What can go wrong on the ESP32 alone: register windows and the garbage collector, instruction memory, the FPU."""

import re

import numpy as np
import pytest
from devices import DEVICE_TESTS, MODULES, ROOT, XTENSA, UnixPort
from elftools.elf.elffile import ELFFile

BUILD = ROOT / "build/xtensa-qemu"

# Collects at every allocation, so that an object that only a register holds, in whatever window, is lost. What a test measures
# of the heap is off then, and one that allocates much would take too long.
STRESS = """
import gc
import check
namespace = {{}}
check.run = namespace.update
exec(open({path!r}).read(), {{}})
for name in sorted(namespace):
    if name.startswith("test_") and "heap" not in name and "memory" not in name:
        gc.collect()
        gc.threshold(20000 if "large" in name or "all_pairs" in name or "roundtrip" in name else 1)
        namespace[name]()
        gc.threshold(-1)
        print(name)
"""


@pytest.mark.parametrize("module", MODULES)
def test_collect_at_every_allocation(module, tmp_path):
    device = UnixPort("xtensa-stress", "build/xtensa-qemu/micropython", "xtensawin", "1m")
    assert "test_" in device.run(STRESS.format(path=str(DEVICE_TESTS / f"test_{module}.py")), tmp_path)


@pytest.fixture
def watched(monkeypatch, tmp_path):
    """Runs a script under the plugin; returns the number of instructions and of accesses that instruction memory does not allow."""
    with open(BUILD / "micropython.elf", "rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        (memory,) = (s for s in symbols.iter_symbols() if s.name.startswith("commit_exec.exec_memory"))
    start, end = memory["st_value"], memory["st_value"] + memory["st_size"]
    out = tmp_path / "watched.txt"
    monkeypatch.setenv("QEMU_PLUGIN", f"file={BUILD / 'watch.so'},out={out},start={start:x},end={end:x}")

    def run(device, script):
        device.run(script, tmp_path)
        return tuple(map(int, re.search(r"instructions (\d+)\nnarrow accesses (\d+)", out.read_text()).groups()))

    run.start = start
    return run


@pytest.mark.parametrize("device", XTENSA, ids=lambda device: device.name)
@pytest.mark.parametrize("module", MODULES)
def test_instruction_memory(watched, device, module):
    """The device tests make no access to a module's code that an ESP32 does not allow."""
    instructions, narrow = watched(device, DEVICE_TESTS / f"test_{module}.py")
    assert instructions > 1_000_000
    assert narrow == 0


def test_watch_notices(watched):
    """A byte read from there is noticed, a word is not."""
    read = "import uctypes\nuctypes.{}\n"
    word = f"struct({watched.start}, {{'word': uctypes.UINT32 | 0}}).word"
    assert watched(XTENSA[0], read.format(word))[1] == 0
    assert watched(XTENSA[0], read.format(f"bytearray_at({watched.start}, 4)[1]"))[1] == 1


DIVIDE = """
from array import array
a, b = array("f", bytes(4 * 20000)), array("f", bytes(4 * 20000))
open("a.bin", "rb").readinto(a)
open("b.bin", "rb").readinto(b)
for i in range(len(a)):
    a[i] = a[i] / b[i] if b[i] else 0.0
open("q.bin", "wb").write(a)
"""


def test_division(tmp_path):
    """MicroPython here divides by the same routine as the modules (tools/xtensa/hard): random bits, rounded as IEEE 754 wants.

    QEMU computes the quotient in one of the routine's steps, so this proves the plumbing, not the sequence.
    """
    a, b = np.random.default_rng(1).integers(0, 2**32, (2, 20000), dtype=np.uint32).view(np.float32)
    result = XTENSA[0].compute(DIVIDE, tmp_path, a=a, b=b)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(result("q", np.float32), np.where(b != 0, a / b, 0).astype(np.float32))
