"""What can go wrong on the ESP32 alone: instruction memory, the FPU."""

import re

import numpy as np
import pytest
from devices import DEVICE_TESTS, MODULES, ROOT, UNIX, XTENSA
from elftools.elf.elffile import ELFFile

BUILD = ROOT / "build/xtensa-qemu"

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


# The same script with the same random inputs here and there. Each reads the array `random.bin` of 4000 int16 and writes `out.bin`.
SAME = {
    "trees": ("f", 0, """
import emlearn_trees
model = emlearn_trees.new(4, 60, 4)
lines = ["f,8\\n", "c,4\\n", "l,0\\n", "l,1\\n", "l,2\\n", "l,3\\n"]
for tree in range(4):
    lines.append("r,%d\\n" % (15 * tree))
for node in range(60):
    i = node % 15
    left, right = (i + 1, i + 2) if i < 7 else (-1 - values[node] % 4, -1 - values[node + 60] % 4)
    lines.append("n,%d,%d,%d,%d\\n" % (values[node + 120] % 8, values[node + 180], left, right))
emlearn_trees.load_model(model, lines)
out = array("f", bytes(16))
with open("out.bin", "wb") as f:
    for i in range(0, 4000, 8):
        model.predict(values[i : i + 8], out)
        f.write(out)
"""),
    "arrayutils": ("b", 0, """
from emlearn_arrayutils import linear_map
with open("out.bin", "wb") as f:
    for t in "bBhH":
        out = array(t, bytes((2 if t in "hH" else 1) * 4000))
        linear_map(values, out, -30000, 29000, -100, 90)
        f.write(out)
"""),
    "iir_q15": ("h", 0, """
import emlearn_iir_q15
sections = array("h", [553, 0, 1106, 553, 9363, -3384, 8192, 0, -16384, 8192, 15000, -7000])
emlearn_iir_q15.new(sections).run(values)
open("out.bin", "wb").write(values)
"""),
    # As many roundings as either may make differently (a fused multiply-add, say), amplified by the poles.
    "iir": ("f", 1e-4, """
import emlearn_iir
signal = array("f", [v / 32768 for v in values])
emlearn_iir.new(array("f", [0.07, 0.14, 0.07, 1, -1.14, 0.41, 1, -2, 1, 1, -1.8, 0.85])).run(signal)
open("out.bin", "wb").write(signal)
"""),
}


@pytest.mark.parametrize("device", XTENSA, ids=lambda device: device.name)
@pytest.mark.parametrize("module", SAME)
def test_same_as_host(device, module, tmp_path):
    """Integers are identical, and so are floats where only their order counts; others lie within the stated distance."""
    typecode, tolerance, script = SAME[module]
    script = 'from array import array\nvalues = array("h", open("random.bin", "rb").read())\n' + script
    random = np.random.default_rng(7).integers(-32768, 32768, 4000, dtype=np.int16)
    here, there = (d.compute(script, tmp_path, random=random)("out", np.dtype(typecode)) for d in (UNIX[0], device))
    assert len(here) >= 1000
    np.testing.assert_allclose(there, here, rtol=0, atol=tolerance)
