"""A long training or clustering is stopped by Ctrl-C between steps, and goes on when called again."""

import os
import signal
import subprocess

import pytest
from devices import SANITIZED, UNIX

# What would go on for ever, once it has said that it started, and what then must hold.
LONG = {
    "linreg": ("""
import emlearn_linreg
x, y = array("f", range(3000)), array("f", [v % 7 for v in range(1000)])
model = emlearn_linreg.new(3, 0.1, 0.5, 1e-9)
weights = array("f", [0] * 3)
""", "print('started'); emlearn_linreg.train(model, x, y, 1 << 60, tolerance=0)", """
model.get_weights(weights)
assert 0 <= weights[0] < 1
before = model.score_mse(x, y)
assert emlearn_linreg.train(model, x, y, 5)[1] <= before * 1.0001
"""),
    "kmeans": ("""
from emlearn_kmeans import cluster_iter
values = bytearray(v * 37 & 255 for v in range(9000))
centroids, assignments = bytearray(values[:30]), bytearray(b"\\xff" * 3000)
""", "for i, _ in enumerate(cluster_iter(values, centroids, assignments, 3, 1 << 60, -1)): i or print('started')", """
assert max(assignments) < 10
assert list(cluster_iter(values, centroids, assignments, 3, 3, 3000))[0] < 3000
"""),
}

SCRIPT = """
import sys
from array import array
{setup}
try:
    {endless}
except KeyboardInterrupt:
    print("stopped")
{check}
print("usable")
"""


@pytest.mark.parametrize("device", [*UNIX, SANITIZED], ids=lambda device: device.name)
@pytest.mark.parametrize("what", LONG)
def test_interrupt(device, what, tmp_path):
    setup, endless, check = LONG[what]
    (tmp_path / "script.py").write_text(SCRIPT.format(setup=setup, endless=endless, check=check))
    process = subprocess.Popen(
        [*device.command, "-X", "heapsize=4m", "script.py"], cwd=tmp_path, env={**os.environ, "MICROPYPATH": device.path}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 0 and output == "stopped\nusable\n", output
