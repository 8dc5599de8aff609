"""emlearn_kmeans against plain numpy, exactly."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_image

CLUSTER = """
from array import array
import emlearn_kmeans
values = open("values.bin", "rb").read()
centroids = bytearray(open("centroids.bin", "rb").read())
assignments = bytearray(b"\\xff" * (len(values) // {features}))
changes = list(emlearn_kmeans.cluster_iter(values, centroids, assignments, {features}, max_iter={max_iter}, stop_changes={stop_changes}))
with open("centroids_out.bin", "wb") as f:
    f.write(centroids)
with open("assignments.bin", "wb") as f:
    f.write(assignments)
with open("changes.bin", "wb") as f:
    f.write(array("i", changes))
other = bytearray(open("centroids.bin", "rb").read())
assert bytes(emlearn_kmeans.cluster(values, other, {features}, {max_iter}, {stop_changes})) == bytes(assignments)
assert other == centroids
"""


def cluster(values, centroids, max_iter, stop_changes):
    """Lloyd's algorithm in int64: changes of each iteration, centroids, assignments."""
    values, centroids = values.astype(np.int64), centroids.astype(np.int64)
    assignments, history = np.full(len(values), 255), []
    for _ in range(max_iter):
        nearest = ((values[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
        history.append(int((nearest != assignments).sum()))
        assignments = nearest
        if history[-1] <= stop_changes:
            break
        for c in np.unique(assignments):
            centroids[c] = values[assignments == c].sum(axis=0) // (assignments == c).sum()
    return history, centroids, assignments


def datasets():
    rng = np.random.default_rng(1)
    yield "digits", load_digits().data.astype(np.uint8) * 15, 10
    yield "pixels", load_sample_image("flower.jpg")[::12, ::12].reshape(-1, 3), 16
    yield "few values", rng.integers(0, 3, (500, 2), dtype=np.uint8), 5
    yield "extremes", rng.choice(np.array([0, 255], np.uint8), (300, 40)), 7
    yield "most clusters", rng.integers(0, 256, (2000, 1), dtype=np.uint8), 255
    yield "one cluster", rng.integers(0, 256, (100, 5), dtype=np.uint8), 1


@pytest.mark.parametrize("max_iter,stop_changes", [(10, 0), (30, 5), (3, -1)])
@pytest.mark.parametrize("values,k", [d[1:] for d in datasets()], ids=[d[0] for d in datasets()])
def test_cluster(device, tmp_path, values, k, max_iter, stop_changes):
    start = values[np.random.default_rng(2).choice(len(values), k, replace=False)]
    script = CLUSTER.format(features=values.shape[1], max_iter=max_iter, stop_changes=stop_changes)
    result = device.compute(script, tmp_path, values=values, centroids=start)
    history, centroids, assignments = cluster(values, start, max_iter, stop_changes)
    np.testing.assert_array_equal(result("changes", np.int32), history)
    np.testing.assert_array_equal(result("centroids_out", np.uint8), centroids.ravel())
    np.testing.assert_array_equal(result("assignments", np.uint8), assignments)
