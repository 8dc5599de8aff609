"""A long training or clustering is stopped by Ctrl-C between steps, and goes on when called again."""

import os
import pty
import signal
import subprocess

import pytest
from devices import DEVICES, MPREMOTE, SANITIZED, UNIX, Board

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
    "logreg": ("""
import emlearn_logreg
x, y = array("f", [v % 10 for v in range(300)]), array("f", [float(v // 50 == c) for v in range(100) for c in range(2)])
model = emlearn_logreg.new(3, 2, 0.01, 0, 0)
steps = 0
def batches():
    global steps
    steps += 1
    steps == 5 and print("started")
    yield x, y
outs = [array("f", [0] * 2) for _ in range(2)]
""", "emlearn_logreg.train_batches(model, batches, 1 << 60, tolerance=-1)", """
before = model.score_logloss(x, y, *outs)
assert 0 < before < 0.7
assert emlearn_logreg.train(model, x, y, 5)[1] <= before
"""),
    "extratrees": ("""
import emlearn_extratrees
y = array("h", [row // 10 % 2 for row in range(40)])
x = array("h", [100 * y[v // 2] + v * 7 % 31 for v in range(80)])
model = emlearn_extratrees.new(2, 2, n_trees=5, max_samples=40)
def endless():
    trainings = 0
    while True:
        for _ in emlearn_extratrees.train_steps(model, x, y):
            pass
        trainings += 1
        trainings == 3 and print("started")
""", "endless()", """
model.train(x, y)
probabilities = array("f", [0] * 2)
assert model.get_n_trees_trained() == 5
assert [model.predict(x[2 * row : 2 * row + 2], probabilities) for row in range(40)] == list(y)
"""),
    "plsr": ("""
import emlearn_plsr
x, y = array("f", [v * v % 13 for v in range(600)]), array("f", range(200))
model = emlearn_plsr.new(200, 3, 2)
""", """
    print("started")
    while True:
        emlearn_plsr.fit(model, x, y)
""", """
emlearn_plsr.fit(model, x, y)
expected = emlearn_plsr.new(200, 3, 2)
emlearn_plsr.fit(expected, x, y)
assert model.predict(x[:3]) == expected.predict(x[:3])
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


def write_script(what, folder):
    setup, endless, check = LONG[what]
    (folder / "script.py").write_text(SCRIPT.format(setup=setup, endless=endless, check=check))


@pytest.mark.parametrize("device", [*UNIX, SANITIZED], ids=lambda device: device.name)
@pytest.mark.parametrize("what", LONG)
def test_interrupt(device, what, tmp_path):
    write_script(what, tmp_path)
    process = subprocess.Popen(
        [*device.command, "-X", "heapsize=4m", "script.py"], cwd=tmp_path, env={**os.environ, "MICROPYPATH": device.path}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 0 and output == "stopped\nusable\n", output


class Prompt:
    """A board's prompt, as a user has it in a terminal: what `mpremote repl` shows and what is typed there."""

    def __init__(self, board, folder):
        status, output = board.mpremote("exec", "")
        assert status == 0, output
        board.copy_modules(folder)
        self.terminal, other = pty.openpty()
        self.process = subprocess.Popen([*MPREMOTE, "connect", board.port, "mount", folder, "repl"], stdin=other, stdout=other, stderr=other)
        os.close(other)
        self.shown = b""

    def type(self, keys):
        os.write(self.terminal, keys)

    def wait_for(self, *texts):
        """Until one of these is shown; returns what was shown, up to it."""
        while not any(text in self.shown for text in texts):
            try:
                self.shown += os.read(self.terminal, 1000)
            except OSError:  # mpremote has ended
                raise AssertionError(self.shown.decode(errors="replace")) from None
        before, text, self.shown = min((self.shown.partition(text) for text in texts if text in self.shown), key=lambda parts: len(parts[0]))
        return (before + text).decode()

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


@pytest.mark.parametrize("what", LONG)
def test_interrupt_at_the_prompt(any_device, what, tmp_path):
    write_script(what, tmp_path)
    prompt = Prompt(any_device, tmp_path)
    try:
        prompt.wait_for(b">>> ")
        prompt.type(b"import script\r")
        prompt.wait_for(b"started\r\n", b"Error")
        prompt.type(b"\x03")
        shown = prompt.wait_for(b">>> ")
        assert shown == "stopped\r\nusable\r\n>>> ", shown
    finally:
        prompt.close()


# The emulated Pico's port is a socket, with which mpremote has no prompt.
test_interrupt_at_the_prompt.not_on = {"pico", *(device.board for device in DEVICES if not isinstance(device, Board))}
