"""emlearn_extratrees against scikit-learn, and, decision by decision, against the same algorithm written in Python."""

import signal
import subprocess
import time
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import train_test_split

LOAD = """
from array import array
import emlearn_extratrees
def load(name):
    with open(name + ".bin", "rb") as f:
        return array("h", f.read())
def save(name, values):
    with open(name + ".bin", "wb") as f:
        f.write(array("h", values))
def predict(model, rows):
    n = model.get_n_features()
    out = array("f", bytes(4 * model.get_n_classes()))
    return [model.predict(rows[i : i + n], out) for i in range(0, len(rows), n)]
"""

TRAIN = LOAD + """
model = emlearn_extratrees.new({n_features}, {n_classes}, **{settings})
model.train(load("X"), load("y"))
with open("model.csv", "w") as f:
    emlearn_extratrees.save_model(model, f)
"""

SEEDS = range(10)

LEARN = LOAD + """
for seed in range({n_seeds}):
    seed = str(seed)
    y = load("y" + seed)
    model = emlearn_extratrees.new({n_features}, {n_classes}, max_samples=len(y), max_nodes=4000, rng_seed=int(seed), **{settings})
    model.train(load("X" + seed), y)
    save("predicted" + seed, predict(model, load("X_test" + seed)))
    save("nodes" + seed, [model.get_n_nodes_used()])
"""

LOADED = LOAD + """
import emlearn_trees
x = load("X_test")
model = emlearn_extratrees.new({n_features}, {n_classes}, max_samples=2000, max_nodes=4000, **{settings})
model.train(load("X"), load("y"))
with open("model.csv", "w") as f:
    emlearn_extratrees.save_model(model, f)
loaded = emlearn_trees.new(model.get_n_trees(), model.get_n_nodes_used(), model.get_n_classes())
with open("model.csv") as f:
    emlearn_trees.load_model(loaded, f)
a, b = array("f", bytes(4 * {n_classes})), array("f", bytes(4 * {n_classes}))
differences = 0
for i in range(0, len(x), {n_features}):
    row = x[i : i + {n_features}]
    model.predict(row, a)
    loaded.predict(row, b)
    differences += bytes(a) != bytes(b)
save("differences", [differences])
"""

INTERRUPTED = LOAD + """
X = array("h", [i * 7919 % 65536 - 32768 for i in range(20000 * 20)])
y = array("h", [i * 31 % 7 for i in range(20000)])
model = emlearn_extratrees.new(20, 7, n_trees=1000, max_nodes=60000, max_samples=20000)
try:
    print("training")
    model.train(X, y)
except KeyboardInterrupt:
    print("interrupted")
model.train(X[:200], y[:10])
print("trained", model.get_n_trees_trained())
"""


class Random:
    """PCG-RXS-M-XS of 32 bits."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        old = self.state
        self.state = (old * 747796405 + 2891336453) % 2**32
        word = ((old >> ((old >> 28) + 4)) ^ old) * 277803737 % 2**32
        return (((word >> 22) ^ word) * n) >> 32

    def draw(self, items, at):
        """Moves a random one of the items from `at` on to that place."""
        other = at + self.below(len(items) - at)
        items[at], items[other] = items[other], items[at]
        return items[at]


def purity(labels):
    return Fraction(sum(int(n) ** 2 for n in np.bincount(labels)), len(labels))


def reference(X, y, n_classes, n_trees=10, max_depth=10, min_samples_leaf=1, n_thresholds=10, subsample_ratio=1.0,
              feature_subsample_ratio=1.0, rng_seed=42, use_global_feature_range=False):
    """The text of the model."""
    random = Random(rng_seed)
    rows, features = list(range(len(y))), list(range(X.shape[1]))
    n_drawn, n_candidates = (max(1, int(ratio * n + 0.5)) for ratio, n in ((subsample_ratio, len(rows)), (feature_subsample_ratio, len(features))))
    roots, nodes = [], []

    def child(start, end, depth, last):
        """The number of a new node, or ~class of a leaf."""
        labels = y[rows[start:end]]
        if last or depth == max_depth or len(labels) < 2 * min_samples_leaf or len(set(labels)) <= 1:
            return ~int(np.bincount(labels, minlength=1).argmax())
        nodes.append((start, end, depth))
        return len(nodes) - 1

    for _ in range(n_trees):
        for i in range(n_drawn):
            random.draw(rows, i)
        index = len(nodes)
        roots.append(index)
        nodes.append((0, n_drawn, 0))
        while index < len(nodes):
            start, end, depth = nodes[index]
            best, feature, threshold = None, 0, 32767
            is_pure = len(set(y[rows[start:end]])) == 1
            for at in range(len(features)):
                if is_pure or (at >= n_candidates and best is not None):
                    break
                f = random.draw(features, at)
                seen = X[:, f] if use_global_feature_range else X[rows[start:end], f]
                low, high = int(seen.min()), int(seen.max())
                for _ in range(n_thresholds if low < high else 0):
                    t = low + random.below(high - low)
                    divide(rows, start, end, X[:, f], t)
                    goes_left = X[rows[start:end], f] <= t
                    left, right = y[rows[start:end]][goes_left], y[rows[start:end]][~goes_left]
                    if min(len(left), len(right)) >= min_samples_leaf:
                        candidate = purity(left) + purity(right)
                        if best is None or candidate > best:
                            best, feature, threshold = candidate, f, t
            middle = divide(rows, start, end, X[:, feature], threshold)
            left = child(start, middle, depth + 1, best is None)
            right = child(middle, end, depth + 1, best is None)
            nodes[index] = (feature, threshold, *(n - index if n >= 0 else n for n in (left, right)))
            index += 1
    lines = [("f", X.shape[1]), ("c", n_classes), *(("l", i) for i in range(n_classes)), *(("r", root) for root in roots), *(("n", *n) for n in nodes)]
    return "".join(",".join(map(str, line)) + "\n" for line in lines)


def divide(rows, start, end, values, threshold):
    """Moves rows that go left to the front, each in the place of the first that does not; returns where they end."""
    for i in range(start, end):
        if values[rows[i]] <= threshold:
            rows[start], rows[i] = rows[i], rows[start]
            start += 1
    return start


@pytest.mark.parametrize("settings", [
    dict(),
    dict(n_thresholds=1, feature_subsample_ratio=0.5),
    dict(n_trees=5, max_depth=3, n_thresholds=2),
    dict(min_samples_leaf=4, subsample_ratio=0.5, rng_seed=2**32 - 1),
    dict(use_global_feature_range=True, n_thresholds=1, rng_seed=0),
    dict(use_global_feature_range=True, min_samples_leaf=3, subsample_ratio=0.31, feature_subsample_ratio=0.01, max_depth=100),
], ids=str)
@pytest.mark.parametrize("n,n_features,n_classes,spread", [(1, 1, 1, 5), (2, 1, 2, 32767), (40, 5, 3, 32767), (60, 3, 4, 2), (25, 2, 256, 1000)])
def test_every_decision(device, tmp_path, n, n_features, n_classes, spread, settings):
    rng = np.random.default_rng(n)
    X = rng.integers(-spread - 1, spread, (n, n_features), endpoint=True).astype(np.int16)
    y = rng.integers(0, n_classes, n).astype(np.int16)
    device.compute(TRAIN.format(n_features=n_features, n_classes=n_classes, settings=settings), tmp_path, X=X, y=y)
    assert (tmp_path / "model.csv").read_text() == reference(X, y, n_classes, **settings)


def scaled(load):
    """A dataset, each feature scaled to int16."""
    X, y = load(return_X_y=True)
    low, high = X.min(axis=0), X.max(axis=0)
    return np.round((X - low) / np.where(high > low, high - low, 1) * 65535 - 32768).astype(np.int16), y.astype(np.int16)


def ratio(n_features):
    """As many features for a node as ExtraTreesClassifier takes: the square root, rounded down."""
    return int(n_features**0.5) / n_features


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer, load_digits])
def test_accuracy(device, tmp_path, load):
    """As accurate as ExtraTreesClassifier on average, with as many trees, depth, features for a node and, one, thresholds.

    Its trees answer with proportions of classes, ours with a vote; besides, random numbers are other ones."""
    X, y = scaled(load)
    arrays, truth, expected = {}, [], []
    for seed in SEEDS:
        x, x_test, labels, labels_test = train_test_split(X, y, test_size=0.3, random_state=seed)
        arrays |= {f"X{seed}": x, f"y{seed}": labels, f"X_test{seed}": x_test}
        truth.append(labels_test)
        forest = ExtraTreesClassifier(10, max_depth=10, random_state=seed).fit(x, labels)
        n_nodes = sum(tree.tree_.node_count - tree.tree_.n_leaves for tree in forest.estimators_)
        expected.append((forest.score(x_test, labels_test), n_nodes))
    n_features, n_classes = X.shape[1], int(y.max()) + 1
    settings = dict(n_trees=10, max_depth=10, n_thresholds=1, feature_subsample_ratio=ratio(n_features))
    result = device.compute(LEARN.format(n_seeds=len(SEEDS), n_features=n_features, n_classes=n_classes, settings=settings), tmp_path, **arrays)
    accuracy = np.mean([np.mean(result(f"predicted{seed}", np.int16) == truth[seed]) for seed in SEEDS])
    nodes = np.mean([result(f"nodes{seed}", np.int16) for seed in SEEDS])
    expected_accuracy, expected_nodes = np.mean(expected, axis=0)
    assert accuracy > expected_accuracy - 0.015
    assert abs(nodes / expected_nodes - 1) < 0.1


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer, load_digits])
def test_saved_model_predicts_the_same(device, tmp_path, load):
    X, y = scaled(load)
    x, x_test, labels, _ = train_test_split(X, y, test_size=0.3, random_state=1)
    extremes = np.random.default_rng(1).integers(-32768, 32767, (500, X.shape[1]), endpoint=True).astype(np.int16)
    settings = dict(n_thresholds=1, feature_subsample_ratio=ratio(X.shape[1]))
    script = LOADED.format(n_features=X.shape[1], n_classes=int(y.max()) + 1, settings=settings)
    result = device.compute(script, tmp_path, X=x, y=labels, X_test=np.concatenate([x, x_test, extremes]))
    assert result("differences", np.int16) == 0


def test_interrupted(device, tmp_path):
    """Ctrl-C ends a training that would take minutes, and the next one works."""
    (tmp_path / "script.py").write_text(INTERRUPTED)
    command = ["env", f"MICROPYPATH={device.path}", device.interpreter, "-X", "heapsize=64m", "script.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "training\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate()
    assert process.returncode == 0 and output == "interrupted\ntrained 1000\n"
