"""Writes docs/linux.md: how large the files for small Linux machines are, and what memory they take, idle and at work."""

import pathlib
import platform
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/host"))
from devices import MODULES, QEMU_USER

DOCUMENT = ROOT / "docs/linux.md"
DEMO = ROOT / "examples/activity"
# Which of the machines the host's processor is, too.
NATIVE = {"x86_64": "i386", "aarch64": "aarch64"}.get(platform.machine())

HEAD = """# Size and memory on Linux

Of the files in `dist/firmware/linux`, each of which is all that a machine needs ([how to use them](../ports/linux/README.md)). Written by `make linux-memory`.
File: bytes. Idle: resident set in kB with all modules imported; demo: the most while [activities](../examples/activity/README.md) are recognised in
recordings. These natively, where the computer that measured can run the file, and under QEMU with QEMU itself, which takes most of it.

"""

RESIDENT = """
for line in open("/proc/self/status"):
    if line.startswith(("VmRSS:", "VmHWM:")):
        print(line)
"""


def firmware(machine):
    return ROOT / f"dist/firmware/linux/{machine}/micropython"


def command(machine, natively):
    """What runs a machine's MicroPython here."""
    return ([] if natively else QEMU_USER[machine].split()) + [firmware(machine)]


def resident(micropython, script, folder=None):
    """Resident set at the script's end, and its maximum, in kB."""
    path = f".frozen:{DEMO}"
    process = subprocess.run(
        [*micropython, "-c", script + RESIDENT], cwd=folder, env={"MICROPYPATH": path}, stdout=subprocess.PIPE, text=True, check=True
    )
    return [int(re.search(rf"^{name}:\s+(\d+) kB", process.stdout, re.M)[1]) for name in ("VmRSS", "VmHWM")]


def at_rest(micropython):
    """With all modules imported."""
    return resident(micropython, "".join(f"import emlearn_{module}\n" for module in MODULES))[0]


def during_demo(micropython, folder):
    """The most while the recordings are recognised, which are made first."""
    interpreter = " ".join(map(str, micropython))
    arguments = ["--out", folder, "--micropython", interpreter, "--modules", ".frozen"]
    subprocess.run([sys.executable, DEMO / "demo.py", *arguments], stdout=subprocess.DEVNULL, check=True)
    files = ["activity.csv", *sorted(file.name for file in folder.glob("recording*.bin"))]
    return resident(micropython, f"import sys\nsys.argv[:] = {['recognise.py', *files]!r}\nimport recognise\n", folder)[1]


def main():
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for machine in QEMU_USER:
            figures = [f"{firmware(machine).stat().st_size:,}"]
            for natively in (True, False):
                if natively and machine != NATIVE:
                    figures += ["", ""]
                else:
                    micropython = command(machine, natively)
                    figures += [f"{kb:,}" for kb in (at_rest(micropython), during_demo(micropython, pathlib.Path(folder)))]
            rows.append(f"| {machine} | " + " | ".join(figures) + " |\n")
            print(rows[-1], end="")
    table = "| machine | file | idle | demo | idle, QEMU | demo, QEMU |\n| --- | --: | --: | --: | --: | --: |\n"
    DOCUMENT.write_text(HEAD + table + "".join(rows))


if __name__ == "__main__":
    main()
