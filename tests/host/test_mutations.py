"""No model can hurt the interpreter: tests/hostile/mutations.py loads and runs many that are broken, through the modules."""

import os
import re
import subprocess

import pytest
from devices import ROOT, SANITIZED, UNIX

NODES = "r,0\nr,3\nn,0,16383.5,1,2\nn,1,-3.25,-1,-2\nn,2,1e3,-2,-3\nn,0,0,1,-4\nn,1,-0.5,-4,-1\n"
MODELS = {
    "hard_leaves": "f,3\nc,3\nlb,0\nl,0\nl,1\nl,2\nl,1\n" + NODES,
    "soft_leaves": "f,3\nc,3\nlb,8\nl,[  0 255   0]\nl,[ 51\n   0 204]\nl,255,0,0\nl,[0 0 255]\n" + NODES,
    "regression": "f,3\r\nc,0\r\nlb,32\r\nl,0.25\r\nl,-1.5e-3\r\nl,1234567.5\r\nl,-0\r\n" + NODES,
    **{path.stem: path for path in sorted((ROOT / "tests/data/cnn").glob("*.tmdl"))},
}
# AddressSanitizer takes ten times as long.
STEPS = [(UNIX[0], 1), (SANITIZED, 10)]


@pytest.mark.parametrize("device,step", STEPS, ids=[device.name for device, _ in STEPS])
@pytest.mark.parametrize("name", MODELS)
def test_mutations(device, step, name, tmp_path, record_property):
    model = MODELS[name]
    module = "trees"
    if isinstance(model, str):
        (tmp_path / "model.csv").write_text(model, newline="")
        model = tmp_path / "model.csv"
    else:
        module = "cnn_int8" if name.endswith("int8") else "cnn_fp32"
    # What asks for more memory than this is refused.
    process = subprocess.run(
        [*device.command, "-X", "heapsize=512k", ROOT / "tests/hostile/mutations.py", module, model, str(step)],
        env={**os.environ, "MICROPYPATH": device.path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    output = process.stdout
    assert process.returncode == 0, output[-3000:]
    n, accepted = map(int, re.fullmatch(r"MODELS (\d+) (\d+)\n", output).groups())
    assert 0 < accepted < n
    record_property("count", [f"broken models on {device.name}", n])
    record_property("count", [f"of them accepted on {device.name}", accepted])
