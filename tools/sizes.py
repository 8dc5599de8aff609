"""Sizes of the native modules. Run, it writes them into docs/sizes.md, beside those of the C implementation."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs/sizes.md"

# emlearn-micropython 0.10.1 built by its own Makefiles with gcc 12, bytes of each .mpy.
C_IMPLEMENTATION = {
    "x64": dict(trees=3038, neighbors=2898, iir=1412, fft=1954, kmeans=1317, iir_q15=1695, arrayutils=803, linreg=3630, cnn_int8=6918, cnn_fp32=6238),
    "armv6m": dict(trees=4728, neighbors=2369, iir=4240, fft=4334, kmeans=1689, iir_q15=2302, arrayutils=4720, linreg=6782, cnn_int8=10098, cnn_fp32=9734),
    "armv7m": dict(trees=3948, neighbors=2349, iir=2388, fft=2918, kmeans=1189, iir_q15=1454, arrayutils=2224, linreg=4510, cnn_int8=7226, cnn_fp32=7010),
    "armv7emsp": dict(trees=2503, neighbors=2361, iir=1123, fft=1669, kmeans=1189, iir_q15=1462, arrayutils=699, linreg=2982, cnn_int8=5462, cnn_fp32=4922),
    # as published, built with Espressif's gcc
    "xtensawin": dict(trees=2536, neighbors=2173, iir=1060, fft=1551, kmeans=1140, iir_q15=1422, arrayutils=823, linreg=2929, cnn_int8=6065, cnn_fp32=5069),
    "rv32imc": dict(trees=5083, neighbors=2784, iir=4017, fft=4607, kmeans=1220, iir_q15=1703, arrayutils=4707, linreg=7326, cnn_int8=11111, cnn_fp32=10763),
}

HEAD = """# Sizes of the native modules

Bytes of each `.mpy` file, and how that compares with the C implementation (emlearn-micropython 0.10.1, built by its own
Makefiles with gcc 12) where its size is known; for the sum, that of the modules which both have. Written by `make sizes`; the tests fail when a module has grown.

"""


def measure():
    """Bytes of each module that is built, by (architecture, module)."""
    files = ROOT.glob("dist/mpy/*_*/emlearn_*.mpy")
    return {(f.parent.name.rsplit("_", 1)[0], f.stem.removeprefix("emlearn_")): f.stat().st_size for f in files}


def read_table():
    """The committed sizes, by (architecture, module)."""
    found = {}
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "module":
            architectures = cells[1:]
        elif len(cells) > 1 and cells[0] not in ("sum", "---"):
            for architecture, cell in zip(architectures, cells[1:]):
                if size := re.match(r"\d+", cell):
                    found[architecture, cells[0]] = int(size[0])
    return found


def cell(size, reference):
    return f"{size} ({size / reference:.2f})" if reference else str(size)


def write_table(measured):
    known = [*C_IMPLEMENTATION["x64"]]
    modules = sorted({m for _, m in measured}, key=lambda m: (known.index(m) if m in known else len(known), m))
    architectures = sorted({a for a, _ in measured}, key=lambda a: [*C_IMPLEMENTATION].index(a) if a in C_IMPLEMENTATION else 99)
    rows = [["module", *architectures], ["---", *["--:"] * len(architectures)]]
    for m in modules:
        rows.append([m, *(cell(measured[a, m], C_IMPLEMENTATION.get(a, {}).get(m)) if (a, m) in measured else "" for a in architectures)])
    total = ["sum"]
    for a in architectures:
        reference = C_IMPLEMENTATION.get(a, {})
        both = [m for m in modules if (a, m) in measured and m in reference]
        size = str(sum(measured[a, m] for m in modules if (a, m) in measured))
        total.append(size + (f" ({sum(measured[a, m] for m in both) / sum(reference[m] for m in both):.2f})" if both else ""))
    text = "\n".join("| " + " | ".join(row) + " |" for row in [*rows, total])
    TABLE.write_text(f"{HEAD}{text}\n")
    print(text)


if __name__ == "__main__":
    write_table(measure())
