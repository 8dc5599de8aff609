"""The same scripts with the same random inputs, on x64 and on every device: integers are identical, and so are floats.

Rust neither reorders nor fuses operations on floats, and each is rounded as IEEE 754 has it, by an FPU or without. So what a
script writes differs only where a kernel computes in another way, and then by as much as `apart` says.
"""

import struct
import textwrap

import numpy as np
import pytest
import test_cnn
from devices import MODULES, UNIX

# A board's files are slow, and its memory small: what is written is collected a little. Literals are powers of two and small multiples
# of them: where floats are short, MicroPython may read others as neighbouring numbers.
SCRIPT = """
import io
from array import array
def load(name, typecode):
    with open(name + ".bin", "rb") as f:
        return array(typecode, f.read())
class Output:
    def __init__(self, file):
        self.file = file
        self.collected = io.BytesIO()
    def write(self, data):
        self.collected.write(data)
        if self.collected.tell() > 4000:
            self.flush()
    def flush(self):
        self.file.write(self.collected.getvalue())
        self.collected = io.BytesIO()
values, floats = load("values", "h"), load("floats", "f")
with open("out.bin", "wb") as f:
    out = Output(f)
{}
    out.flush()
"""

NETWORKS = """
import struct
import emlearn_cnn_{0} as cnn
del values, floats
with open("networks.bin", "rb") as networks:
    while sizes := networks.read(12):
        model_len, n_images, image_len = struct.unpack("<3I", sizes)
        net = cnn.new(networks.read(model_len))
        n = 1
        for dim in net.output_dimensions():
            n *= dim
        result = array("f", bytes(4 * n))
        for _ in range(n_images):
            net.run(networks.read(image_len), result)
            out.write(result)
"""

# The type of what is written, and the script.
SAME = {
    "trees": ("f", """
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
votes = array("f", bytes(16))
for i in range(0, 4000, 8):
    model.predict(values[i : i + 8], votes)
    out.write(votes)
"""),
    # The model as text, and what it says to other rows.
    "extratrees": ("B", """
import emlearn_extratrees
X, y = values[:1200], array("h", [v % 5 for v in values[1200:1500]])
for settings in ({}, {"subsample_ratio": 0.5, "feature_subsample_ratio": 0.5, "use_global_feature_range": True, "rng_seed": 3}):
    model = emlearn_extratrees.new(4, 5, n_trees=3, max_samples=300, **settings)
    model.train(X, y)
    emlearn_extratrees.save_model(model, out)
    votes = array("f", bytes(20))
    for i in range(1500, 3900, 4):
        out.write(bytes([model.predict(values[i : i + 4], votes)]))
        out.write(bytes([round(3 * v) for v in votes]))
"""),
    # Labels, and for some ranks index, distance and label.
    "neighbors": ("i", """
import emlearn_neighbors
model = emlearn_neighbors.new(300, 7, 5)
for i in range(300):
    model.additem(values[7 * i : 7 * i + 7], values[i] % 4)
for i in range(2100, 4000 - 7, 7):
    out.write(array("i", [model.predict(values[i : i + 7])]))
    for rank in (0, 1, 4, 7, 150, 299):
        out.write(array("i", model.getresult(rank)))
"""),
    "cnn_int8": ("f", NETWORKS),
    "cnn_fp32": ("f", NETWORKS),
    "fft": ("f", """
from emlearn_fft import FFT
for log in range(1, 11):
    n = 1 << log
    real, imag = floats[:n], floats[n : 2 * n]
    FFT(n).run(real, imag)
    out.write(real)
    out.write(imag)
"""),
    "iir": ("f", """
import emlearn_iir
iir = emlearn_iir.new(array("f", [0.0625, 0.125, 0.0625, 1, -1.125, 0.40625, 1, -2, 1, 1, -1.8125, 0.84375]))
for i in range(0, 4000, 100):
    block = floats[i : i + 100]
    iir.run(block)
    out.write(block)
"""),
    "iir_q15": ("h", """
import emlearn_iir_q15
iir = emlearn_iir_q15.new(array("h", [553, 0, 1106, 553, 9363, -3384, 8192, 0, -16384, 8192, 15000, -7000]))
for i in range(0, 4000, 100):
    block = values[i : i + 100]
    iir.run(block)
    out.write(block)
"""),
    # Assignments and centroids; and some nearest vectors.
    "kmeans": ("B", """
import emlearn_kmeans
points = bytes([v >> shift & 255 for v in values for shift in (0, 8)])
for features, clusters in ((1, 255), (4, 16), (100, 3)):
    centroids = bytearray(points[: features * clusters])
    out.write(emlearn_kmeans.cluster(points, centroids, features))
    out.write(centroids)
for i in range(0, 8000, 50):
    out.write("%d %d " % emlearn_kmeans.euclidean_argmin(points[:2000], points[i : i + 50]))
"""),
    # Steps without and with penalties: errors, predictions, weights and bias.
    "linreg": ("f", """
import emlearn_linreg
X, y = floats[:1600], floats[1600:1800]
weights = array("f", bytes(32))
for alpha, l1_ratio in ((0, 0), (0.0625, 0), (0.0078125, 1), (0.03125, 0.25)):
    model = emlearn_linreg.new(8, alpha, l1_ratio, 0.25)
    for i in range(30):
        model.step(X, y)
        out.write(array("f", [model.score_mse(X, y), model.get_bias(), model.predict(floats[8 * i : 8 * i + 8])]))
        model.get_weights(weights)
        out.write(weights)
"""),
    # Likewise, and logits and probabilities.
    "logreg": ("f", """
import emlearn_logreg
X, y = floats[:1000], array("f", bytes(4 * 4 * 200))
for i in range(200):
    y[4 * i + values[i] % 4] = 1
weights = array("f", bytes(80))
biases, logits, probs, work = [array("f", bytes(16)) for _ in range(4)]
for l2, l1 in ((0, 0), (0.0625, 0), (0, 0.0078125), (0.03125, 0.0078125)):
    model = emlearn_logreg.new(5, 4, 0.25, l2, l1)
    for i in range(20):
        model.step(X, y, logits, probs, work)
        out.write(array("f", [model.score_logloss(X, y, logits, probs), model.predict(floats[5 * i : 5 * i + 5], probs, logits)]))
        model.get_weights(weights)
        model.get_bias(biases)
        for part in (weights, biases, logits, probs):
            out.write(part)
"""),
    # Predictions after each component, with means taken off and without.
    "plsr": ("f", """
import emlearn_plsr
X, y = floats[:800], floats[800:880]
model = emlearn_plsr.new(80, 10, 10)
for flag in (True, False):
    model.set_auto_center(flag)
    model.fit_start(X, y)
    while not model.is_complete():
        model.step()
        model.finalize_component()
        out.write(array("f", [model.predict(floats[i : i + 10]) for i in range(0, 4000, 40)]))
"""),
    # Each type to each.
    "arrayutils": ("f", """
from emlearn_arrayutils import linear_map
sizes = {"b": 1, "B": 1, "h": 2, "H": 2, "f": 4}
for t, limits in (("b", (-120, 125)), ("B", (3, 250)), ("h", (-30000, 29000)), ("H", (100, 65000)), ("f", (-0.875, 0.75))):
    inputs = floats[:1000] if t == "f" else array(t, [v >> 8 if t == "b" else v & 255 if t == "B" else v & 65535 if t == "H" else v for v in values[:1000]])
    for u in "bBhHf":
        outputs = array(u, bytes(sizes[u] * len(inputs)))
        linear_map(inputs, outputs, *limits, -100, 90)
        out.write(array("f", outputs))
"""),
}


def apart(module, results):
    """How far results may lie apart."""
    if module == "cnn_fp32":
        # x64 adds products in fours. Sums of up to 276 are within 4 epsilon for each of the exact one, as test_cnn.py has it.
        return 2 * 4 * 276 * np.finfo(np.float32).eps
    if module == "fft":
        # Without an FPU, points are integers meanwhile. Either way they are as near to the exact ones as test_fft.py has it.
        lengths = 2 << np.arange(1, 11)
        spectra = np.split(results, lengths.cumsum()[:-1])
        return np.concatenate([np.full(len(s), 2 * 3e-7 * np.log2(len(s) / 2) * np.abs(s).max()) for s in spectra])
    return 0


def networks(number):
    """The trained models with random images, and the random ones with theirs."""
    rng = np.random.default_rng(2)
    cases = [((test_cnn.MODELS / f"{name}_{number}.tmdl").read_bytes(), rng.integers(0, 256, (20, 64), np.uint8)) for name in ("plain", "residual")]
    number_type = {"int8": test_cnn.tmdl.INT8, "fp32": test_cnn.tmdl.FP32}[number]
    cases += [(model, images) for case_type, model, images, *_ in test_cnn.random_layers() if case_type == number_type]
    sizes = [struct.pack("<3I", len(model), len(images), images[0].size) for model, images in cases]
    return np.frombuffer(b"".join(size + model + images.tobytes() for size, (model, images) in zip(sizes, cases)), np.uint8)


@pytest.mark.parametrize("module", MODULES)
def test_same(any_device, module, tmp_path):
    typecode, script = SAME[module]
    rng = np.random.default_rng(7)
    inputs = dict(values=rng.integers(-32768, 32768, 4000, dtype=np.int16), floats=rng.uniform(-1, 1, 4000).astype(np.float32))
    if script is NETWORKS:
        number = module.removeprefix("cnn_")
        inputs["networks"] = networks(number)
        script = script.format(number)
    script = SCRIPT.format(textwrap.indent(script, "    "))
    here, there = (d.compute(script, tmp_path, **inputs)("out", np.dtype(typecode)) for d in (UNIX[0], any_device))
    assert len(here) >= 1000 and np.isfinite(here).all() and len(np.unique(here)) > 4
    error = np.abs(there.astype(float) - here)
    assert (error <= apart(module, here)).all(), (error.argmax(), error.max())
