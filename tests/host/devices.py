"""What tests run on: MicroPython's Unix port, boards that QEMU emulates, and a real board. All have the same `run` and `compute`.

Run with a port, it prints the architecture of the native modules that the board there takes, or nothing if it has ours built in."""

import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
from rp2040 import RP2040

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEVICE_TESTS = ROOT / "tests/device"
MODULES = re.search(r"^EMLEARN_MODULES := (.*)$", (ROOT / "micropython/modules.mk").read_text(), re.M)[1].split()
# Of the files test_NAME.py that run on every device: one for each module, and what concerns all.
DEVICE_FILES = [*MODULES, "low_memory"]
MPREMOTE = [sys.executable, ROOT / "tests/host/patient_mpremote.py"]
MPY_ABI = "6.3"

# As numbered in sys.implementation._mpy; MicroPython says armv7em on a Cortex-M without an FPU.
ARCHITECTURES = [None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7m", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc", "rv64imc"]


class DeviceError(Exception):
    """A device that can't run the tests, and why."""


def native_modules(arch):
    return ROOT / f"dist/mpy/{arch}_{MPY_ABI}"


class Device:
    """`name` is the board's and then, after a hyphen, what of it is tested."""

    byte_order = "little"

    def __init__(self, name):
        self.name = name
        self.board = name.split("-")[0]

    def run(self, script, folder):
        """Runs a script, a path or a text, in a folder; returns what it printed. An exception fails the test."""
        if not isinstance(script, pathlib.Path):
            (folder / "script.py").write_text(script)
            script = folder / "script.py"
        status, output = self.execute(script, folder)
        assert status == 0, f"{self.name}: exit status {status}\n{output[-3000:]}"
        return output

    def compute(self, script, folder, **inputs):
        """Runs a script that reads the arrays `NAME.bin` given here and writes others; returns a function that reads those."""
        ours = lambda dtype: np.dtype(dtype).newbyteorder(self.byte_order)
        for name, value in inputs.items():
            (folder / f"{name}.bin").write_bytes(np.asarray(value).astype(ours(value.dtype)).tobytes())
        self.run(script, folder)
        return lambda name, dtype: np.frombuffer((folder / f"{name}.bin").read_bytes(), ours(dtype)).astype(dtype)

    def stop(self):
        pass


class UnixPort(Device):
    """MicroPython's Unix port, which finds modules in its search path."""

    # This one fills it, again and again.
    heaps = {"test_low_memory.py": "512k"}

    def __init__(self, name, interpreter, arch=None, heap="64m"):
        super().__init__(name)
        self.command = [ROOT / interpreter]
        self.heap = heap
        self.path = ":".join([".frozen", str(DEVICE_TESTS), *([str(native_modules(arch))] if arch else [])])

    def execute(self, script, folder):
        process = subprocess.run(
            [*self.command, "-X", f"heapsize={self.heaps.get(script.name, self.heap)}", script], cwd=folder, env={**os.environ, "MICROPYPATH": self.path},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
        )
        return process.returncode, process.stdout


class LinuxPort(UnixPort):
    """The Unix port of ports/linux for another processor, under QEMU's emulation of a Linux process."""

    def __init__(self, name, interpreter, arch=None):
        super().__init__(name, interpreter, arch)
        self.command = [*QEMU_USER[self.board].split(), *self.command]
        if self.board == "mips":
            self.byte_order = "big"


# As users' machines are at least: the router's 24Kc has no FPU.
QEMU_USER = {
    "mips": "qemu-mips -cpu 24Kc", "mipsel": "qemu-mipsel -cpu 24Kc", "armhf": "qemu-arm -cpu cortex-a7", "aarch64": "qemu-aarch64 -cpu cortex-a53",
    "riscv64": "qemu-riscv64", "i386": "qemu-i386",
}


class Board(Device):
    """A board at a port, driven by mpremote. The folder is mounted, with the native modules, if any, and what tests share copied into it."""

    TIMEOUT = 300

    def __init__(self, name, port=None, arch=None):
        super().__init__(name)
        self.port = port
        self.arch = arch

    def mpremote(self, *commands):
        """Exit status and output. The board is soft-reset first, as mpremote does by itself."""
        process = subprocess.run(
            [*MPREMOTE, "connect", self.port, *commands], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=self.TIMEOUT,
        )
        return process.returncode, process.stdout

    def copy_modules(self, folder):
        if self.arch:
            for module in native_modules(self.arch).glob("*.mpy"):
                shutil.copy(module, folder)

    def execute(self, script, folder):
        for helper in DEVICE_TESTS.glob("*.py"):
            if not helper.name.startswith("test_"):
                shutil.copy(helper, folder)
        self.copy_modules(folder)
        try:
            status, output = self.mpremote("mount", folder, "run", script)
        except subprocess.TimeoutExpired as e:
            status, output = f"none after {self.TIMEOUT} s", (e.stdout or b"").decode(errors="replace")
        if status != 0:
            self.stop()
        return status, re.sub(r"^Local directory .* is mounted at /remote\n", "", output)


class EmulatedBoard(Board):
    """A board of ports/qemu/, started when it is first needed, and again after a failure."""

    def __init__(self, name, firmware, arch=None):
        super().__init__(name, None, arch)
        self.firmware = ROOT / firmware
        self.qemu = None

    def mpremote(self, *commands):
        if self.qemu is None:
            self.start()
        return super().mpremote(*commands)

    def start(self):
        # QEMU ends with us, however we end.
        command = ["setpriv", "--pdeathsig", "KILL", ROOT / "ports/qemu/start.sh", self.board, self.firmware, "-serial", "pty"]
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        atexit.register(self.stop)
        started = self.qemu.stdout.readline()
        self.port = re.search(r"/dev/pts/\d+", started)[0]
        # While somebody has it open, QEMU does not take it for disconnected.
        self.terminal = os.open(self.port, os.O_RDWR | os.O_NOCTTY)

    def stop(self):
        if self.qemu is not None:
            self.qemu.kill()
            self.qemu.wait()
            self.qemu.stdout.close()
            os.close(self.terminal)
            self.qemu = None
            atexit.unregister(self.stop)


class EmulatedPico(Board):
    """A Raspberry Pi Pico, started likewise."""

    def __init__(self, name, firmware, arch=None):
        super().__init__(name, None, arch)
        self.emulator = RP2040(firmware)

    def mpremote(self, *commands):
        if self.port is None:
            self.emulator.start()
            atexit.register(self.stop)
            self.port = self.emulator.address
        return super().mpremote(*commands)

    def stop(self):
        if self.port is not None:
            self.emulator.stop()
            self.port = None
            atexit.unregister(self.stop)


PROBE = f"""
import sys, json
present = []
for module in {MODULES}:
    try:
        __import__("emlearn_" + module)
        present.append(module)
    except ImportError:
        pass
i = sys.implementation
print(json.dumps([".".join(str(n) for n in i.version[:3]), getattr(i, "_mpy", 0), present]))
"""


def probe(port):
    """The board at a port, or DeviceError."""
    status, output = Board(port, port).mpremote("exec", PROBE)
    if status != 0:
        raise DeviceError(f"no MicroPython answers at {port}: {output.strip()[-500:]}")
    version, mpy, present = json.loads(output.splitlines()[-1])
    if present == MODULES:
        return Board(f"{port} builtin", port)
    abi, arch = f"{mpy & 0xff}.{mpy >> 8 & 3}", ARCHITECTURES[mpy >> 10 & 15]
    if not arch:
        raise DeviceError(f"{port}: this MicroPython, {version}, can't load native modules: install firmware that has emlearn built in")
    if abi != MPY_ABI:
        raise DeviceError(f"{port}: native modules need MicroPython 1.23 or newer (.mpy ABI {MPY_ABI}); this is {version}, ABI {abi}")
    if arch not in re.search(r"^ARCHS := (.*)$", (ROOT / "micropython/arch.mk").read_text(), re.M)[1].split():
        raise DeviceError(f"{port}: there are no native modules for {arch}: install firmware that has emlearn built in")
    return Board(f"{port} {arch}", port, arch)


def qemu_boards():
    """The emulated boards and their architectures, as in ports/qemu/qemu.mk."""
    return re.findall(r"^QEMU_ARCH_(\w+) := (\w+)$", (ROOT / "ports/qemu/qemu.mk").read_text(), re.M)


UNIX = [
    UnixPort("unix-native", "build/micropython/micropython", "x64"),
    UnixPort("unix-builtin", "dist/firmware/unix/micropython"),
]
# With AddressSanitizer, which ends the process at the first access to what nobody owns.
SANITIZED = UnixPort("unix-sanitized", "build/unix-sanitized/micropython", heap="16m")
X86 = [
    UnixPort("x86-native", "build/micropython-x86/micropython", "x86"),
    UnixPort("x86-builtin", "dist/firmware/unix-x86/micropython"),
]
# MicroPython for qemu-xtensa is run like the Unix port.
XTENSA = [
    UnixPort("xtensa-hard", "build/xtensa-qemu/micropython", "xtensawin", "4m"),
    UnixPort("xtensa-soft", "build/xtensa-qemu/micropython", "xtensawin-s2", "4m"),
]
LINUX = [
    *(LinuxPort(f"{machine}-builtin", f"dist/firmware/linux/{machine}/micropython") for machine in QEMU_USER),
    LinuxPort("armhf-native", "build/linux/armhf-plain/micropython", "armv7emsp"),
    LinuxPort("i386-native", "build/linux/i386-plain/micropython", "x86"),
]
BOARDS = [
    device
    for board, arch in qemu_boards()
    for device in (
        EmulatedBoard(f"{board}-native", f"build/qemu/{board}/firmware.elf", arch),
        EmulatedBoard(f"{board}-builtin", f"dist/firmware/qemu/{board}/firmware.elf"),
    )
]
PICO = [
    EmulatedPico("pico-native", "build/rp2/plain/RPI_PICO/firmware.uf2", "armv6m"),
    EmulatedPico("pico-builtin", "dist/firmware/rp2/RPI_PICO/firmware.uf2"),
]
DEVICES = [*BOARDS, *PICO, *LINUX, *X86, *XTENSA, *UNIX]


if __name__ == "__main__":
    try:
        print(probe(sys.argv[1]).arch or "")
    except DeviceError as e:
        sys.exit(str(e))
