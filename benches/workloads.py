"""The workloads of the benchmarks: what to set up, what to call, and what the C implementation needs for it.

Figures of the C implementation (emlearn-micropython 0.10.1, gcc 12 -Os, MicroPython 1.26.1) are instructions per call on
x64, counted as here.
"""

from dataclasses import dataclass


@dataclass
class Workload:
    name: str
    module: str
    setup: str
    call: str
    reference: int | None  # None: the C implementation has no such module
    repeat: int = 200
    arguments: int | None = None  # of the native call whose own cost is taken off; None: nothing is
    refill: str = ""  # done before each call, and taken off


RANDOM = """
from array import array
state = 1
def random(n):
    global state
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % n
"""

TREES = """
from array import array
import emlearn_trees
model = emlearn_trees.new({trees}, {nodes}, {leaves})
emlearn_trees.load_model(model, open("{name}.csv"))
x = array("h", [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0, 0, 3, 15, 2, 0, 11, 8, 0, 0, 4, 12, 0, 0, 8, 8, 0,
                0, 5, 8, 0, 0, 9, 8, 0, 0, 4, 11, 0, 1, 12, 7, 0, 0, 2, 14, 5, 10, 12, 0, 0, 0, 0, 6, 13, 10, 0, 0, 0])
out = array("f", bytes(40))
"""

KMEANS = RANDOM + """
import emlearn_kmeans
values = array("B", [random(256) for i in range(1500)])
start = bytes(values[:24])
"""

MNIST = """
from array import array
import emlearn_{module}
model = emlearn_{module}.new(open("mnist.tmdl", "rb").read())
image = open("mnist.bin", "rb").read()
out = array("f", bytes(40))
"""

FFT = """
from array import array
import emlearn_fft
fft = emlearn_fft.FFT({n})
emlearn_fft.fill(fft, {n})
signal = array("f", [float(i * 7 % 31) for i in range({n})])
zero = array("f", bytes(4 * {n}))
re = array("f", signal)
im = array("f", zero)
"""

LINREG = RANDOM + """
import emlearn_linreg
model = emlearn_linreg.new(8, 0.01, 0.5, 0.01)
X = array("f", [random(1000) / 500 - 1 for i in range(1600)])
y = array("f", [random(1000) / 500 - 1 for i in range(200)])
x = X[:8]
"""

EXTRATREES = RANDOM + """
import emlearn_extratrees
model = emlearn_extratrees.new(10, 3, feature_subsample_ratio=0.3)
X = array("h", [random(2000) - 1000 for _ in range(2000)])
y = array("h", [(X[10 * i] > 0) + (X[10 * i + 1] > 300) for i in range(200)])
x = X[:10]
out = array("f", bytes(12))
"""

LOGREG = RANDOM + """
import emlearn_logreg
model = emlearn_logreg.new(8, 3, 0.01, 0.01, 0.01)
X = array("f", [random(1000) / 500 - 1 for i in range(1600)])
y = array("f", [i % 3 == k for i in range(200) for k in range(3)])
logits, probs, bias_grads = [array("f", bytes(12)) for i in range(3)]
x = X[:8]
"""

PLSR = RANDOM + """
import emlearn_plsr
model = emlearn_plsr.new(200, 8, 3)
X = array("f", [random(1000) / 500 - 1 for i in range(1600)])
y = array("f", [random(1000) / 500 - 1 for i in range(200)])
x = X[:8]
emlearn_plsr.fit(model, X, y)
"""

LINEAR_MAP = """
from array import array
import emlearn_arrayutils
integers = array("h", [i * 31 % 65536 - 32768 for i in range(2000)])
floats = array("f", [i / 1000 - 1 for i in range(2000)])
"""


WORKLOADS = [
    Workload("predict, 10 trees", "trees", TREES, "model.predict(x, out)", 1865, 2000, 3),
    Workload("predict, 100 trees", "trees", TREES, "model.predict(x, out)", 15319, 500, 3),
    Workload("load_model, 10 trees", "trees", TREES,
             "emlearn_trees.load_model(emlearn_trees.new({trees}, {nodes}, {leaves}), open('{name}.csv'))", 30679156, 5),
    Workload("predict, 200 x 16, k=5", "neighbors", RANDOM + """
import emlearn_neighbors
model = emlearn_neighbors.new(200, 16, 5)
for i in range(200):
    model.additem(array("h", [random(2000) - 1000 for _ in range(16)]), i % 10)
x = array("h", [random(2000) - 1000 for _ in range(16)])
""", "model.predict(x)", 78999, 200, 2),
    Workload("run, MNIST", "cnn_int8", MNIST, "model.run(image, out)", 400902, 20, 3),
    Workload("run, MNIST", "cnn_fp32", MNIST, "model.run(image, out)", 332225, 20, 3),
    *(Workload(f"run, {n}", "fft", FFT.replace("{n}", str(n)), "fft.run(re, im)", reference, 100, 3, "re[:] = signal; im[:] = zero")
      for n, reference in ((128, 24015), (256, 53665), (512, 118746), (1024, 260843))),
    Workload("run, 4 sections x 400", "iir", """
from array import array
import emlearn_iir
f = emlearn_iir.new(array("f", [0.2, 0.3, 0.2, 1.0, -0.5, 0.2] * 4))
values = array("f", [float(i % 17) for i in range(400)])
""", "f.run(values)", 65705, 100, 2),
    Workload("run, 2 sections x 400", "iir_q15", """
from array import array
import emlearn_iir_q15
f = emlearn_iir_q15.new(emlearn_iir_q15.convert_coefficients([0.2, 0.3, 0.2, 1.0, -0.5, 0.2] * 2))
values = array("h", [i * 77 % 20000 - 10000 for i in range(400)])
""", "f.run(values)", 32168, 100, 2),
    Workload("step, 8 x 200", "linreg", LINREG, "model.step(X, y)", 33491, 100, 3),
    Workload("predict, 8", "linreg", LINREG, "model.predict(x)", 461, 2000, 2),
    Workload("train, 200 x 10, 10 trees", "extratrees", EXTRATREES, "model.train(X, y)", None, 3),
    Workload("predict, 10 trees", "extratrees", EXTRATREES + "model.train(X, y)\n", "model.predict(x, out)", None, 2000, 3),
    Workload("step, 8 x 200, 3 classes", "logreg", LOGREG, "model.step(X, y, logits, probs, bias_grads)", None, 100, 6),
    Workload("predict, 8, 3 classes", "logreg", LOGREG, "model.predict(x, probs, logits)", None, 2000, 4),
    Workload("fit, 8 x 200, 3 components", "plsr", PLSR, "emlearn_plsr.fit(model, X, y)", None, 50),
    Workload("predict, 8", "plsr", PLSR, "model.predict(x)", None, 2000, 2),
    Workload("cluster, 500 x 3, 8 clusters, 10 iterations", "kmeans", KMEANS,
             "emlearn_kmeans.cluster(values, bytearray(start), 3, max_iter=10, stop_changes=-1)", 41336294, 2),
    Workload("linear_map, 2000 int16 to float", "arrayutils", LINEAR_MAP,
             "emlearn_arrayutils.linear_map(integers, floats, -32768, 32767, -1.0, 1.0)", 46397, 50, 6),
    Workload("linear_map, 2000 float to int16", "arrayutils", LINEAR_MAP,
             "emlearn_arrayutils.linear_map(floats, integers, -1.0, 1.0, -32768, 32767)", 46407, 50, 6),
]
