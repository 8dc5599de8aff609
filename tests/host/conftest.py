"""Devices that tests run on, and what passes between host and device."""

import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEVICE_TESTS = ROOT / "tests/device"
MODULES = re.search(r"^EMLEARN_MODULES := (.*)$", (ROOT / "micropython/modules.mk").read_text(), re.M)[1].split()


class UnixPort:
    """MicroPython's Unix port, which runs a script in a folder with modules beside it."""

    def __init__(self, name, interpreter, module_path, heap="64m"):
        self.name = name
        self.interpreter = ROOT / interpreter
        self.module_path = module_path
        self.heap = heap

    def run(self, script, folder, *args):
        """Runs a script, a path or a text, in a folder; returns what it printed. An exception fails the test."""
        if not isinstance(script, pathlib.Path):
            (folder / "script.py").write_text(script)
            script = folder / "script.py"
        path = [".frozen", *(str(ROOT / p) for p in [*self.module_path, "tests/device"])]
        process = subprocess.run(
            [self.interpreter, "-X", f"heapsize={self.heap}", script, *args],
            cwd=folder, env={**os.environ, "MICROPYPATH": ":".join(path)}, capture_output=True, text=True,
        )
        assert process.returncode == 0, f"{self.name}: exit status {process.returncode}\n{process.stdout[-3000:]}{process.stderr[-3000:]}"
        return process.stdout

    def compute(self, script, folder, **inputs):
        """Runs a script that reads the arrays `NAME.bin` given here and writes others; returns a function that reads those."""
        for name, value in inputs.items():
            (folder / f"{name}.bin").write_bytes(np.ascontiguousarray(value).tobytes())
        self.run(script, folder)
        return lambda name, dtype: np.frombuffer((folder / f"{name}.bin").read_bytes(), dtype)


DEVICES = [
    UnixPort("unix-native", "build/micropython/micropython", ["dist/mpy/x64_6.3"]),
    UnixPort("unix-builtin", "dist/firmware/unix/micropython", []),
    # MicroPython for qemu-xtensa is run like the Unix port.
    UnixPort("xtensa-hard", "build/xtensa-qemu/micropython", ["dist/mpy/xtensawin_6.3"], "4m"),
    UnixPort("xtensa-soft", "build/xtensa-qemu/micropython", ["dist/mpy/xtensawin-s2_6.3"], "4m"),
]


@pytest.fixture(params=DEVICES, ids=lambda device: device.name)
def device(request):
    """Each flavour and board in turn."""
    return request.param
