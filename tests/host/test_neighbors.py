"""emlearn_neighbors against scikit-learn, exactly."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors

PREDICT = """
from array import array
import emlearn_neighbors
model = emlearn_neighbors.new({n}, {n_features}, {k})
values = array("h", bytes(2 * {n_features}))
with open("items.bin", "rb") as items, open("labels.bin", "rb") as labels:
    for label in array("h", labels.read()):
        items.readinto(values)
        model.additem(values, label)
results = array("q")
with open("queries.bin", "rb") as queries, open("predicted.bin", "wb") as f:
    while queries.readinto(values):
        f.write(array("i", [model.predict(values)]))
        for i in range({n_results}):
            results.extend(array("q", model.getresult(i)))
with open("results.bin", "wb") as f:
    f.write(results)
"""


def rank(items, queries):
    """Distances, squared, and indices of all items for each query, nearest first, by index where they are equal."""
    items, queries = items.astype(np.int64), queries.astype(np.int64)
    squares = ((queries[:, None] - items) ** 2).sum(axis=2)
    order = np.argsort(squares, axis=1, kind="stable")
    return np.take_along_axis(squares, order, axis=1), order


def floor_sqrt(squares):
    roots = np.sqrt(squares.astype(np.float64)).astype(np.int64)
    roots -= roots * roots > squares
    return roots + ((roots + 1) ** 2 <= squares)


def vote(labels):
    """The most frequent label, the smallest on a tie: unique() sorts, argmax() takes the first."""
    values, counts = np.unique(labels, return_counts=True)
    return values[counts.argmax()]


def compare(device, folder, items, labels, queries, k, n_results):
    script = PREDICT.format(n=len(items), n_features=items.shape[1], k=k, n_results=n_results)
    result = device.compute(script, folder, items=items.astype(np.int16), labels=labels.astype(np.int16), queries=queries.astype(np.int16))
    squares, order = rank(items, queries)
    np.testing.assert_array_equal(result("predicted", np.int32), [vote(labels[nearest[:k]]) for nearest in order])
    expected = np.stack([order, floor_sqrt(squares), labels[order]], axis=2)[:, :n_results]
    np.testing.assert_array_equal(result("results", np.int64).reshape(expected.shape), expected)
    # Our own reference agrees with scikit-learn, whose order among equal distances is another.
    distances, _ = NearestNeighbors(n_neighbors=n_results, algorithm="brute").fit(items).kneighbors(queries)
    np.testing.assert_allclose(distances, np.sqrt(squares[:, :n_results]), rtol=1e-9)


def to_int16(features):
    """Each feature scaled to the whole range of int16."""
    low, high = features.min(axis=0), features.max(axis=0)
    return np.round((features - low) / np.where(high > low, high - low, 1) * 65535 - 32768)


@pytest.mark.parametrize("k", [1, 4, 15])
@pytest.mark.parametrize("load", [load_digits, load_wine, load_breast_cancer], ids=["digits", "wine", "breast cancer"])
def test_datasets(device, tmp_path, load, k):
    features, labels = load(return_X_y=True)
    features = features if load is load_digits else to_int16(features)
    items, queries, labels, _ = train_test_split(features, labels, test_size=50, random_state=1)
    compare(device, tmp_path, items, labels, queries, k, 3 * k)


@pytest.mark.parametrize("n,n_features,k", [(50, 1, 5), (100, 3, 100), (333, 7, 2), (9, 40, 9), (200, 1, 1)])
@pytest.mark.parametrize("span", [2, 30, 65536])
def test_random(device, tmp_path, n, n_features, k, span):
    """With a small span there are many ties; the whole range goes beyond 32 bits. Every rank is compared."""
    rng = np.random.default_rng(1)
    items, queries = (rng.integers(0, span, (m, n_features)) - span // 2 for m in (n, 20))
    compare(device, tmp_path, items, rng.choice([-32768, -3, 0, 4, 32767], n), queries, k, n)


def test_extremes(device, tmp_path):
    rng = np.random.default_rng(1)
    items, queries = (rng.choice([-32768, 32767], (m, 300)) for m in (60, 20))
    compare(device, tmp_path, items, rng.integers(-32768, 32768, 60), queries, 5, 60)
