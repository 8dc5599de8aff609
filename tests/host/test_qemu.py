"""Firmware of the emulated boards with all modules built in: what it is linked from."""

import re

import pytest
from devices import ROOT, qemu_boards

# Memory and float routines, by the names of ARM's run-time ABI or by libgcc's.
ROUTINES = re.compile(r"mem(cpy|move|set|cmp)|__aeabi_\w+|__(add|sub|mul|div|lt|le|gt|ge|eq|ne|unord|fixuns|fix|floatsi|floatun|extend|trunc)\w*[sdt]f\w*")


def linked_from(board):
    """The object that each symbol of a firmware comes from, as its map says."""
    origins, origin = {}, None
    for line in (ROOT / f"build/qemu/{board}-builtin/firmware.map").read_text().splitlines():
        if section := re.fullmatch(r" *\S* +0x[0-9a-f]+ +0x[0-9a-f]+ (\S.*)", line):
            origin = section[1]
        elif (symbol := re.fullmatch(r" +0x[0-9a-f]+ +([A-Za-z_]\w*)", line)) and origin:
            origins[symbol[1]] = origin
    return origins


@pytest.mark.parametrize("board", [board for board, _ in qemu_boards()])
def test_c_routines(board):
    """The library brings nothing but kernels: memory and float routines are the firmware's own, for it too."""
    origins = linked_from(board)
    kernels = {symbol for symbol, origin in origins.items() if "libemlearn.a" in origin}
    assert kernels and all(symbol.startswith("eml_") for symbol in kernels), kernels
    assert not any("compiler_builtins" in origin for origin in origins.values())
    assert origins["memcpy"].endswith("/string0.o")
    routines = {symbol: origin for symbol, origin in origins.items() if ROUTINES.fullmatch(symbol)}
    assert all(re.search(r"/string0\.o$|/runtime\.o$|libgcc\.a\(", origin) for origin in routines.values()), routines
    if board in ("m0", "m3"):
        assert "libgcc.a" in routines["__aeabi_fmul"]
    if board == "rv32":
        assert "libgcc.a" in routines["__mulsf3"]
