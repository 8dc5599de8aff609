"""Every processor computes what the one of the host computes: the same scripts with the same inputs here and there."""

import numpy as np
import pytest
from devices import LINUX, MODULES, ROOT, UNIX, XTENSA

EPSILON = 2.0**-23

# The images are of noise, the model is a real one.
NETWORK = """
import emlearn_{module} as cnn
net = cnn.new(open("model.bin", "rb").read())
pixels = bytes([v & 255 for v in values])
out = array("f", bytes(40))
with open("out.bin", "wb") as f:
    for i in range(0, 3936, 36):
        net.run(pixels[i : i + 64], out)
        f.write(out)
"""

# Type and tolerance of what each writes to `out.bin`, from `values`, 4000 random int16.
SAME = {
    "trees": ("f", 0, """
import emlearn_trees
model = emlearn_trees.new(4, 60, 4)
lines = ["f,8\\n", "c,4\\n", "l,0\\n", "l,1\\n", "l,2\\n", "l,3\\n"]
for tree in range(4):
    lines.append("r,%d\\n" % (15 * tree))
for node in range(60):
    i = node % 15
    left, right = (i + 1, i + 2) if i < 7 else (-1 - values[node] % 4, -1 - values[node + 60] % 4)
    lines.append("n,%d,%d,%d,%d\\n" % (values[node + 120] % 8, values[node + 180], left, right))
emlearn_trees.load_model(model, lines)
out = array("f", bytes(16))
with open("out.bin", "wb") as f:
    for i in range(0, 4000, 8):
        model.predict(values[i : i + 8], out)
        f.write(out)
"""),
    "arrayutils": ("h", 0, """
from emlearn_arrayutils import linear_map
with open("out.bin", "wb") as f:
    for t in "bBhH":
        out = array(t, bytes((2 if t in "hH" else 1) * 4000))
        linear_map(values, out, -30000, 29000, -100, 90)
        f.write(array("h", out))
"""),
    "iir_q15": ("h", 0, """
import emlearn_iir_q15
sections = array("h", [553, 0, 1106, 553, 9363, -3384, 8192, 0, -16384, 8192, 15000, -7000])
emlearn_iir_q15.new(sections).run(values)
open("out.bin", "wb").write(values)
"""),
    # As many roundings as either may make differently (a fused multiply-add, say), amplified by the poles.
    "iir": ("f", 1e-4, """
import emlearn_iir
signal = array("f", [v / 32768 for v in values])
emlearn_iir.new(array("f", [0.07, 0.14, 0.07, 1, -1.14, 0.41, 1, -2, 1, 1, -1.8, 0.85])).run(signal)
open("out.bin", "wb").write(signal)
"""),
    "neighbors": ("i", 0, """
import emlearn_neighbors
model = emlearn_neighbors.new(200, 16, 5)
for i in range(0, 3200, 16):
    model.additem(values[i : i + 16], values[i] % 7)
found = array("i", bytes(4 * 1550))
for q in range(50):
    label = model.predict(values[3200 + 16 * q : 3216 + 16 * q])
    for i in range(10):
        found[31 * q + 3 * i], found[31 * q + 3 * i + 1], found[31 * q + 3 * i + 2] = model.getresult(i)
    found[31 * q + 30] = label
open("out.bin", "wb").write(found)
"""),
    "kmeans": ("B", 0, """
import emlearn_kmeans
samples = array("B", [v & 255 for v in values])
centroids = samples[:24]
assigned = emlearn_kmeans.cluster(samples, centroids, 4, 20)
with open("out.bin", "wb") as f:
    f.write(assigned)
    f.write(centroids)
"""),
    "cnn_int8": ("f", 0, NETWORK),
    # Sums of at most 100 products of a few units in another order, in a handful of layers, before a softmax whose slope is at most 1/4.
    "cnn_fp32": ("f", 1000 * EPSILON, NETWORK),
    # Ten steps, each of which rounds by half an epsilon of at most 32 * sqrt(1024) in all.
    "fft": ("f", 10 * EPSILON * 1024, """
import emlearn_fft
real = array("f", [v / 32768 for v in values[:1024]])
imag = array("f", [v / 32768 for v in values[1024:2048]])
emlearn_fft.FFT(1024).run(real, imag)
with open("out.bin", "wb") as f:
    f.write(real)
    f.write(imag)
"""),
    # Sums of 200 products, each step a tenth of the way: the errors of steps add up to ten of one.
    "linreg": ("f", 10 * 200 * EPSILON, """
import emlearn_linreg
X = array("f", [v / 32768 for v in values[:1600]])
y = array("f", [v / 32768 for v in values[1600:1800]])
model = emlearn_linreg.new(8, 0.01, 0.5, 0.1)
weights = array("f", bytes(32))
with open("out.bin", "wb") as f:
    for _ in range(200):
        model.step(X, y)
        model.get_weights(weights)
        f.write(weights)
"""),
}


def test_every_module():
    assert SAME.keys() == set(MODULES)


@pytest.mark.parametrize("device", [*XTENSA, *LINUX], ids=lambda device: device.name)
@pytest.mark.parametrize("module", SAME)
def test_same_as_host(device, module, tmp_path):
    """Integers are identical, and so are floats where only their order counts; others lie within the stated distance."""
    typecode, tolerance, script = SAME[module]
    script = 'from array import array\nvalues = array("h", open("random.bin", "rb").read())\n' + script.replace("{module}", module)
    inputs = {"random": np.random.default_rng(7).integers(-32768, 32768, 4000, dtype=np.int16)}
    if script.count("model.bin"):
        inputs["model"] = np.fromfile(ROOT / f"tests/data/cnn/plain_{module.removeprefix('cnn_')}.tmdl", np.uint8)
    here, there = (d.compute(script, tmp_path, **inputs)("out", np.dtype(typecode)) for d in (UNIX[0], device))
    assert len(here) >= 1000
    np.testing.assert_allclose(there, here, rtol=0, atol=tolerance)
