"""emlearn_kmeans on the device."""

from array import array

import check
from emlearn_kmeans import cluster, cluster_iter, euclidean_argmin, step


def reference(values, centroids, assignments, features, max_iter, stop_changes):
    """Plain Lloyd's algorithm; changes centroids and assignments, returns the changes of each iteration."""
    history = []
    points = [values[i : i + features] for i in range(0, len(values), features)]
    for _ in range(max_iter):
        changes = 0
        for i, point in enumerate(points):
            nearest = argmin(centroids, point)[0]
            changes += nearest != assignments[i]
            assignments[i] = nearest
        history.append(changes)
        if changes <= stop_changes:
            break
        for c in range(len(centroids) // features):
            members = [p for p, a in zip(points, assignments) if a == c]
            for j in range(features):
                if members:
                    centroids[c * features + j] = sum(p[j] for p in members) // len(members)
    return history


def argmin(vectors, point):
    n = len(point)
    distances = [sum((a - b) ** 2 for a, b in zip(vectors[i : i + n], point)) for i in range(0, len(vectors), n)]
    return distances.index(min(distances)), min(distances)


def random_bytes(n, seed=1):
    result = array("B")
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        result.append(seed >> 16 & 255)
    return result


def test_cluster():
    for features, n, k, max_iter, stop in ((1, 50, 3, 10, 0), (3, 40, 5, 10, 0), (4, 30, 4, 3, 0), (17, 20, 3, 10, 0), (3, 40, 5, 10, 3), (2, 9, 9, 5, -1)):
        values = random_bytes(features * n, features)
        centroids = values[: features * k]
        expected, assigned = list(centroids), [255] * n
        reference(values, expected, assigned, features, max_iter, stop)
        result = cluster(values, centroids, features, max_iter=max_iter, stop_changes=stop)
        assert isinstance(result, array) and list(result) == assigned
        assert list(centroids) == expected


def test_cluster_iter():
    values = random_bytes(3 * 60)
    centroids = bytearray(values[:15])
    assignments = bytearray(b"\xff" * 60)
    expected, assigned = list(centroids), [255] * 60
    history = reference(values, expected, assigned, 3, 10, 0)
    start = bytes(centroids)
    steps = cluster_iter(values, centroids, assignments, 3)
    assert next(steps) == history[0] == 60
    assert bytes(centroids) == start
    assert [60] + list(steps) == history
    assert list(centroids) == expected and list(assignments) == assigned
    assert list(cluster_iter(values, centroids, assignments, 3, 10, 60)) == [0]
    assert list(cluster_iter(values, centroids, assignments, 3, max_iter=2, stop_changes=-1)) == [0, 0]
    assert list(cluster_iter(values, centroids, assignments, 3, max_iter=0)) == []


def test_empty_cluster_keeps_its_centroid():
    centroids = bytearray([0, 200, 100])
    assert list(cluster(b"\x00\x02\x05\x01", centroids, 1)) == [0, 0, 0, 0]
    assert list(centroids) == [2, 200, 100]


def test_many():
    centroids = array("B", range(255))
    values = bytes(range(255))
    assert list(cluster(values, centroids, 1)) == list(range(255))
    n = min(70000, check.memory() // 6)
    values = bytearray(b"\xff" * n)
    centroids = bytearray([0, 254])
    assert cluster(values, centroids, 1)[n - 1] == 1
    assert list(centroids) == [0, 255]
    assert len(cluster(b"", centroids, 1)) == 0


def test_euclidean_argmin():
    for features in (1, 3, 16):
        vectors = random_bytes(20 * features)
        point = random_bytes(features, 5)
        assert euclidean_argmin(vectors, point) == argmin(vectors, point)
    assert euclidean_argmin(b"\x05\x05\x05", b"\x05") == (0, 0)
    assert euclidean_argmin(b"\x07\x03", b"\x05") == (0, 4)
    n = min(65535, check.memory() // 6)
    assert euclidean_argmin(bytearray(n), b"\xff" * n) == (0, 255 * 255 * n)
    assert euclidean_argmin(bytearray(1000), b"\x00") == (0, 0)
    vectors = bytearray(b"\x09" * 1000)
    vectors[999] = 1
    assert euclidean_argmin(vectors, b"\x00") == (999, 1)


def test_wrong_arguments():
    values, centroids, assignments = bytes(12), bytearray(6), bytearray(4)
    for features in (0, -1, 2, 5, 7, 12, 65536, 2**40, 2**70, -(2**70), True):
        if features != 2:
            check.raises(ValueError, cluster, values, centroids, features)
        check.raises(ValueError, list, cluster_iter(values, centroids, assignments, features))
        check.raises(ValueError, step, values, centroids, assignments, features)
    for features in (None, "3", 3.0):
        check.raises(TypeError, step, values, centroids, assignments, features)
        check.raises(TypeError, cluster, values, centroids, features)
    h = array("h", [0] * 6)
    for arguments in ((h, centroids, assignments), (values, h, assignments), (values, centroids, h), (values, centroids, array("b", assignments)),
                      (values, bytearray(), assignments), (values, bytearray(5), assignments), (values, centroids, bytearray(3)),
                      (values, centroids, bytearray(5)), (bytes(13), centroids, assignments), (bytes(768), bytearray(768), bytearray(256))):
        check.raises(ValueError, step, *arguments, 3)
        check.raises(ValueError, step, *arguments, 3, True)
    for arguments in ((None, centroids, assignments), (values, None, assignments), (values, centroids, None), (values, b"123456", assignments),
                      (values, centroids, b"1234"), (values, centroids, [0] * 4)):
        check.raises(TypeError, step, *arguments, 3)
    check.raises(TypeError, step, values, centroids, assignments)
    check.raises(TypeError, cluster, values, centroids)
    check.raises(TypeError, cluster, values, centroids, 3, unknown=1)
    for vectors, point in ((b"", b"1"), (b"12", b""), (b"", b""), (b"123", b"12"), (b"1", b"12"), (h, b"1"), (b"1", h)):
        check.raises(ValueError, euclidean_argmin, vectors, point)
    if check.memory() > 1000000:
        check.raises(ValueError, euclidean_argmin, bytes(65536), bytes(65536))
    for vectors, point in ((None, b"1"), (b"1", None), ([1], b"1"), (1, b"1")):
        check.raises(TypeError, euclidean_argmin, vectors, point)
    assert centroids == bytearray(6) and assignments == bytearray(4)


def test_overlap():
    data = bytearray(range(40))
    view = memoryview(data)
    for values, centroids in ((view[:12], view[6:12]), (view[:12], view[9:15]), (view[8:20], view[3:9]), (data[:12], None), (data, data)):
        if centroids is None:
            centroids = values
        check.raises(ValueError, step, values, centroids, bytearray(len(values) // 3), 3)
        check.raises(ValueError, cluster, values, centroids, 1)
    assert data == bytearray(range(40))
    step(view[:12], view[12:18], view[18:22], 3)
    # Assignments that are their own samples mean nothing, but do no harm.
    step(view[:12], view[20:26], view[:4], 3)
    step(view[:12], view[20:26], view[24:28], 3, True)
    assert euclidean_argmin(view[30:39], view[33:36]) == (1, 0)


def test_memory():
    values, centroids, assignments = random_bytes(300), random_bytes(9), bytearray(100)
    assert check.allocated(step, values, centroids, assignments, 3) == 0
    assert check.allocated(step, values, centroids, assignments, 3, True) == 0
    assert check.heap_growth(lambda: cluster(values, centroids, 3)) == 0


check.run(globals())
