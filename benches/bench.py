"""Counts instructions per call of each workload: on x64 with callgrind, as ratios to the C implementation's figures; or, with
`--arch xtensawin` or `xtensawin-s2`, under QEMU, for which there are no such figures.

The cost of a call is (cost of 2N calls - cost of N calls) / N, less that of an empty native call with as many arguments.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import emlearn
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from workloads import WORKLOADS

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODULES = re.search(r"^EMLEARN_MODULES := (.*)$", (ROOT / "micropython/modules.mk").read_text(), re.M)[1].split()

LOOP = """
def loop(n):
    for _ in range(n):
        {body}
loop({n})
"""


def instructions(script, folder, arch):
    """Instructions that MicroPython executes for a script."""
    (folder / "bench.py").write_text(script)
    if arch != "x64":
        plugin = f"file={ROOT}/build/xtensa-qemu/watch.so,out={folder}/count.txt"
        path = f"{ROOT}/dist/mpy/{arch}_6.3:{ROOT}/build/benches/xtensawin"
        command = [ROOT / "build/xtensa-qemu/micropython", "-X", "heapsize=4m", "bench.py"]
        process = subprocess.run(command, cwd=folder, env={**os.environ, "MICROPYPATH": path, "QEMU_PLUGIN": plugin}, capture_output=True, text=True)
        if process.returncode != 0:
            sys.exit(process.stdout + process.stderr)
        return int(re.match(r"instructions (\d+)", (folder / "count.txt").read_text())[1])
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", ROOT / "build/micropython/micropython", "bench.py"]
    path = f"{ROOT}/dist/mpy/x64_6.3:{ROOT}/build/benches"
    process = subprocess.run(command, cwd=folder, env={**os.environ, "MICROPYPATH": path}, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(process.stdout + process.stderr)
    return int(re.search(r"Collected : (\d+)", process.stderr)[1])


def check_instructions(script, folder, arch):
    """Those of them that are in what all modules share to check and take apart their arguments, where they are built in."""
    (folder / "bench.py").write_text(script)
    out = folder / "callgrind.out"
    for command in (
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", ROOT / "build/unix/micropython", "bench.py"],
        ["callgrind_annotate", "--auto=no", "--threshold=100", out],
    ):
        process = subprocess.run(command, cwd=folder, env={**os.environ, "MICROPYPATH": ".frozen"}, capture_output=True, text=True)
        if process.returncode != 0:
            sys.exit(process.stdout + process.stderr)
    counts = re.findall(r"^ *([\d,]+) \(.*?\)  \S*/micropython/glue\.h:", process.stdout, re.M)
    return sum(int(count.replace(",", "")) for count in counts)


def per_call(setup, body, repeat, folder, arch, count=instructions):
    once, twice = (count(setup + LOOP.format(body=body, n=n), folder, arch) for n in (repeat, 2 * repeat))
    return (twice - once) / repeat


def make_forest(folder, name, **settings):
    """Trains the digits forest of the C implementation's figures; returns the capacities that it needs."""
    features, classes = load_digits(return_X_y=True)
    train, _, train_classes, _ = train_test_split(features, classes, test_size=0.3, random_state=1)
    forest = RandomForestClassifier(random_state=1, **settings).fit(train, train_classes)
    csv = emlearn.convert(forest, method="inline").save(name=name, file=str(folder / f"{name}.csv"), format="csv")
    return dict(name=name, **{key: len(re.findall(f"^{letter},", csv, re.M)) for key, letter in (("trees", "r"), ("nodes", "n"), ("leaves", "l"))})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", choices=MODULES, help="only this one")
    parser.add_argument("--arch", choices=["x64", "xtensawin", "xtensawin-s2"], default="x64")
    parser.add_argument("--checks", action="store_true", help="how many instructions are spent on the checks of arguments instead")
    parser.add_argument("--mnist", type=pathlib.Path, help="folder of mnist_cnn_int8.tmdl, mnist_cnn_fp32.tmdl and mnist_example_0.bin")
    args = parser.parse_args()
    columns = "checks | share" if args.checks else "C implementation | ratio"
    print(f"| module | workload | instructions | {columns} |\n| --- | --- | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        forests = {
            "10 trees": make_forest(folder, "forest10", n_estimators=10, max_leaf_nodes=100),
            "100 trees": make_forest(folder, "forest100", n_estimators=100, max_depth=10),
        }
        empty = {}
        for workload in WORKLOADS:
            if workload.module not in MODULES or args.module not in (None, workload.module):
                continue
            setup, call = workload.setup, workload.call
            if workload.module == "trees":
                forest = next(value for key, value in forests.items() if workload.name.endswith(", " + key))
                setup, call = setup.format(**forest), call.format(**forest)
            if "MNIST" in workload.name:
                if not args.mnist:
                    continue
                (folder / "mnist.tmdl").write_bytes((args.mnist / f"mnist_{workload.module}.tmdl").read_bytes())
                (folder / "mnist.bin").write_bytes((args.mnist / "mnist_example_0.bin").read_bytes())
                setup = setup.format(module=workload.module)
            if workload.refill:
                call = f"{workload.refill}; {call}"
            cost = per_call(setup, call, workload.repeat, folder, args.arch)
            if workload.refill:
                cost -= per_call(setup, workload.refill, workload.repeat, folder, args.arch)
            if workload.arguments is not None:
                if workload.arguments not in empty:
                    arguments = ", ".join(["None"] * workload.arguments)
                    empty[workload.arguments] = per_call("import empty\n", f"empty.empty({arguments})", 1000, folder, args.arch)
                cost -= empty[workload.arguments]
            if args.checks:
                checks = per_call(setup, call, workload.repeat, folder, args.arch, check_instructions)
                print(f"| {workload.module} | {workload.name} | {cost:,.0f} | {checks:,.0f} | {checks / cost:.1%} |", flush=True)
                continue
            compared = f"{workload.reference:,} | {cost / workload.reference:.2f}" if args.arch == "x64" and workload.reference else "|"
            print(f"| {workload.module} | {workload.name} | {cost:,.0f} | {compared} |", flush=True)


if __name__ == "__main__":
    main()
