"""No call can hurt the interpreter: tests/hostile makes from a good call of each function many that are wrong.

Which functions there are is read from the modules' tables, so that none can be forgotten.
"""

import os
import re
import shutil
import subprocess

import pytest
from bindings import calls, keywords
from devices import MODULES, ROOT, SANITIZED, UNIX

HOSTILE = ROOT / "tests/hostile"

# What each function is called like, of the table that is imported.
DESCRIBE = """
import calls_{module} as table
for name, parameters in table.CALLS.items():
    print(name, len([p for p in parameters if not p.optional]), len(parameters))
for name, parameters in getattr(table, "KEYWORDS", {{}}).items():
    print("KEYWORDS", name, *parameters)
"""

# With --fresh, an interpreter for each case; one that computes for two minutes has hanged.
LOOP = """
ulimit -t 120
number=0
while true; do
    "$@" $number $((number + 1))
    status=$?
    case $status in
        0 | 4) ;;
        3) exit ;;
        *) echo "FAILED: case $number, status $status"; exit ;;
    esac
    number=$((number + 1))
done
"""

# Else one for all cases of a function, which says what it is about to do, so that a crash or hang is known to be this one's.
ALL = """
ulimit -t 120
"$@"
status=$?
[ $status = 0 ] || [ $status = 4 ] || echo "FAILED: status $status"
"""


@pytest.fixture(scope="session")
def fresh(request):
    return request.config.getoption("fresh")


@pytest.mark.parametrize("module", MODULES)
def test_every_function_has_a_good_call(module, tmp_path, monkeypatch):
    device = UNIX[0]
    monkeypatch.setattr(device, "path", f"{device.path}:{HOSTILE}")
    output = device.run(DESCRIBE.format(module=module), tmp_path)
    described = re.findall(r"^(\S+) (\d+) (\d+)$", output, re.M)
    # A method's object is its first argument.
    assert {name: (int(low), int(high)) for name, low, high in described} == calls(module)
    described = re.findall(r"^KEYWORDS (\S+) (.*)$", output, re.M)
    assert {name: set(names.split()) for name, names in described} == {name: set(names) for name, names in keywords(module).items()}


def outcomes(device, fresh, module, name):
    """What every case came to."""
    command = [*device.command, "-X", "heapsize=8m", HOSTILE / "run.py", module, name]
    process = subprocess.run(
        ["sh", "-c", LOOP if fresh else ALL, "sh", *command], env={**os.environ, "MICROPYPATH": f"{device.path}:{HOSTILE}"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    assert "FAILED" not in process.stdout, "\n".join(line for line in process.stdout.splitlines() if "FAILED" in line)
    return process.stdout


ALL_CALLS = [(module, name) for module in MODULES for name in sorted(calls(module))]


@pytest.mark.parametrize("module,name", ALL_CALLS, ids=[".".join(call) for call in ALL_CALLS])
def test_hostile_calls(fresh, module, name, record_property):
    """Native modules, built-in ones and those under AddressSanitizer, which takes too long to start for each case, come to the same,
    word for word."""
    devices = UNIX if fresh else [*UNIX, SANITIZED]
    all_outcomes = [outcomes(device, fresh, module, name) for device in devices]
    # Where a board may refuse or not, by where in memory things are, so may each of these.
    assert len({re.sub(r"^.*, argument \d+: \[.*\n", "", output, flags=re.M) for output in all_outcomes}) == 1
    n = len(re.findall(rf"^{module}\.{name} ", all_outcomes[0], re.M))
    assert n > 20
    for device in devices:
        record_property("count", [f"hostile calls on {device.name}", n])


# Every so many cases of a function, all in one interpreter.
SAMPLE = """
import gc
import hostile
hostile.MOST = 1000
for name in sorted(hostile.table_of("{module}").CALLS):
    gc.collect()
    print("CASES", *hostile.run("{module}", name, 0, None, {step}))
"""


@pytest.mark.parametrize("module", MODULES)
def test_hostile_sample(any_device, module, tmp_path, record_property):
    for path in HOSTILE.glob("*.py"):
        shutil.copy(path, tmp_path)
    output = any_device.run(SAMPLE.format(module=module, step=31), tmp_path)
    counts = [tuple(map(int, pair)) for pair in re.findall(r"^CASES \d+ (\d+) (\d+)$", output, re.M)]
    assert len(counts) == len(calls(module)), output[-3000:]
    assert not any(failed for _, failed in counts), "\n".join(line for line in output.splitlines() if "FAILED" in line)
    record_property("count", [f"hostile calls on {any_device.name}", sum(n for n, _ in counts)])


# m0 and pico have less memory than the tables of calls take; the rest have a processor much like another's.
test_hostile_sample.not_on = {"m0", "m7", "pico", "x86", "xtensa"}
