"""What the examples share on the computer: their arguments, MicroPython, progress."""

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def arguments(description, name, **extra):
    """The command line of an example, parsed: the folder for results (made here), the interpreter, the modules, and `extra`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / name, help="folder for what is made (default: build/%s)" % name)
    parser.add_argument("--micropython", default=str(ROOT / "build/micropython/micropython"), help="the interpreter")
    parser.add_argument("--modules", default=str(ROOT / "dist/mpy/x64_6.3"), help="folder of the native modules")
    for option, settings in extra.items():
        parser.add_argument("--" + option, **settings)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    return args


def micropython(args, script, *script_args, folders=()):
    """Runs a script in MicroPython with the modules, and Python files of its folder and others; yields each line that it prints."""
    path = ":".join(map(str, [args.modules, script.parent, *folders]))
    command = ["env", f"MICROPYPATH={path}", *args.micropython.split(), script, *script_args]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        yield line.rstrip("\n")
    if process.wait() != 0:
        sys.exit(f"{script.name} failed on MicroPython")


def progress(done, total, what):
    """Shows how far it is: a bar on a terminal, now and then a line elsewhere."""
    if sys.stdout.isatty():
        width = 30
        print(f"\r{what} [{'#' * (width * done // total):<{width}}] {done}/{total}", end="\n" if done == total else "", flush=True)
    elif done == total or done % max(1, total // 5) == 0:
        print(f"{what} {done}/{total}", flush=True)


def shown(path):
    """A path as a person would say it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
