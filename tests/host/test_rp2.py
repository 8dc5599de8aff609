"""Firmware of the rp2 port: what it is linked from, and an emulated Raspberry Pi Pico that runs it."""

import os
import re
import socket
import subprocess
import time

import pytest
from devices import MODULES, ROOT
from rp2040 import RP2040

BOARDS = {"RPI_PICO": "thumbv6m-none-eabi", "RPI_PICO2": "thumbv8m.main-none-eabi"}


def tool(name, *args):
    return subprocess.run([f"arm-none-eabi-{name}", *args], capture_output=True, text=True, check=True).stdout


def linked_from(board):
    """The object that each symbol of a firmware comes from."""
    origins, origin = {}, None
    for line in (ROOT / f"build/rp2/{board}/firmware.elf.map").read_text().splitlines():
        if section := re.fullmatch(r" *\S* +0x[0-9a-f]+ +0x[0-9a-f]+ (\S+)", line):
            origin = section[1]
        elif symbol := re.fullmatch(r" +0x[0-9a-f]+ +(\w+)", line):
            origins[symbol[1]] = origin
    return origins


@pytest.mark.parametrize("board", BOARDS)
def test_c_routines(board):
    """The library brings nothing but kernels: memory and float routines are the SDK's and newlib's, for it too."""
    origins = linked_from(board)
    kernels = {symbol for symbol, origin in origins.items() if "libemlearn.a" in origin}
    assert kernels and all(symbol.startswith("eml_") for symbol in kernels), kernels
    assert not any("compiler_builtins" in origin for origin in origins.values())
    needed = set(re.findall(r" U (\w+)", tool("nm", ROOT / f"build/lib/{BOARDS[board]}/libemlearn.a")))
    provided = set(re.findall(r" [TtWw] (\w+)", tool("nm", ROOT / f"build/rp2/{board}/firmware.elf")))
    wrapped = {symbol.removeprefix("__wrap_") for symbol in provided}
    assert {"memcpy", "memset", "memmove"} <= wrapped
    assert {s for s in needed if not s.startswith("emlearn_")} <= provided | wrapped


@pytest.mark.parametrize("board", BOARDS)
def test_float_abi(board):
    """Rust and C pass floats alike, in integer registers, and use an FPU where there is one."""
    for file in (ROOT / f"build/lib/{BOARDS[board]}/libemlearn.a", ROOT / f"build/rp2/{board}/firmware.elf"):
        attributes = tool("readelf", "-A", file)
        assert "Tag_CPU_arch" in attributes
        assert "Tag_ABI_VFP_args" not in attributes
        assert ("Tag_FP_arch: FPv5" in attributes) == (board == "RPI_PICO2")


FIRMWARE = {"native": "build/rp2/plain/RPI_PICO/firmware.uf2", "builtin": "dist/firmware/rp2/RPI_PICO/firmware.uf2"}


@pytest.fixture(scope="module", params=FIRMWARE)
def pico(request):
    board = RP2040(FIRMWARE[request.param])
    board.start()
    board.flavour = request.param
    yield board
    board.stop()


def mpremote(pico, *args):
    command = [ROOT / "build/venv/bin/mpremote", "connect", pico.address, *args]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_modules(pico, tmp_path):
    """Every module can be imported: a native one from a mounted folder, a built-in one from the firmware."""
    folder = ROOT / "dist/mpy/armv6m_6.3" if pico.flavour == "native" else tmp_path
    for module in MODULES:
        assert f"emlearn_{module}" in mpremote(pico, "mount", folder, "exec", f"import emlearn_{module}; print(emlearn_{module})")


def test_files_survive_a_reset(pico, tmp_path):
    data = os.urandom(9000)
    (tmp_path / "data").write_bytes(data)
    mpremote(pico, "fs", "cp", tmp_path / "data", ":data")
    mpremote(pico, "reset")
    mpremote(pico, "fs", "cp", ":data", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data


def test_run(pico, tmp_path):
    (tmp_path / "script.py").write_text("print(6 * 7)")
    assert mpremote(pico, "run", tmp_path / "script.py") == "42\n"


def test_interrupt(pico):
    """Ctrl-C ends a program."""
    host, port = pico.address.removeprefix("socket://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as console:
        console.sendall(b"\r\x03while True: pass\r\r")
        time.sleep(0.5)
        console.sendall(b"\x03")
        seen = b""
        while b"KeyboardInterrupt" not in seen:
            seen += console.recv(1000)


def test_time(pico):
    """A sleeping board follows real time; a working one counts its cycles."""
    start = time.monotonic()
    guest = int(mpremote(pico, "exec", "import time; t = time.ticks_ms(); time.sleep(1); print(time.ticks_diff(time.ticks_ms(), t))"))
    assert 1000 <= guest < 1010 and time.monotonic() - start >= 0.9
    count = "import machine\ndef f(n):\n t = machine.mem32[0x40070000]\n for i in range(n): pass\n return machine.mem32[0x40070000] - t\nprint(f(1000), f(2000))"
    once, twice = map(int, mpremote(pico, "exec", count).split())
    assert 1.8 < twice / once < 2.2
