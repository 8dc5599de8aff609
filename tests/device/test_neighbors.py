"""emlearn_neighbors on the device."""

import gc
from array import array

import check
import emlearn_neighbors


def make(items, k, capacity=None):
    """A model of (values, label) pairs."""
    model = emlearn_neighbors.new(capacity or len(items), len(items[0][0]), k)
    for i, (values, label) in enumerate(items):
        assert model.additem(array("h", values), label) == i
    return model


def square_root(square):
    root = int(square**0.5)
    while root * root > square:
        root -= 1
    while (root + 1) * (root + 1) <= square:
        root += 1
    return root


def ranking(items, query):
    """What getresult returns, for every i."""
    order = sorted((sum((a - b) ** 2 for a, b in zip(values, query)), i) for i, (values, _) in enumerate(items))
    return [(i, square_root(square), items[i][1]) for square, i in order]


def vote(results):
    labels = [label for _, _, label in results]
    return min((-labels.count(label), label) for label in labels)[1]


seed = 1


def random(n):
    global seed
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    return (seed >> 12) % n


def random_items(n, n_features, span, labels):
    return [([random(2 * span) - span for _ in range(n_features)], labels[random(len(labels))]) for _ in range(n)]


def test_random():
    for n, n_features, k, span in ((1, 1, 1, 10), (10, 2, 3, 2), (30, 1, 30, 5), (33, 5, 4, 32768), (40, 4, 1, 1), (41, 3, 7, 3), (25, 9, 25, 100)):
        items = random_items(n, n_features, span, (-32768, -1, 0, 9, 32767))
        model = make(items, k, n + random(10))
        for order in (range(n), range(n - 1, -1, -1), [random(n) for _ in range(20)]):
            query = [random(2 * span) - span for _ in range(n_features)]
            expected = ranking(items, query)
            assert model.predict(array("h", query)) == vote(expected[:k])
            for i in order:
                assert model.getresult(i) == expected[i], (n, k, i)


def test_whole_range():
    items = [([-32768] * 9, 1), ([32767] * 9, 2), ([0] * 9, 3), ([-32768] * 8 + [32767], 4)]
    model = make(items, 1)
    for query in ([32767] * 9, [-32768] * 9, [-1] * 9, [32767] * 8 + [-32768]):
        expected = ranking(items, query)
        assert model.predict(array("h", query)) == expected[0][2]
        assert [model.getresult(i) for i in range(4)] == expected
    model = make([([-32768] * 200, 5)], 1)
    assert model.predict(array("h", [32767] * 200)) == 5
    assert model.getresult(0) == (0, square_root(200 * 65535**2), 5)


def test_ties():
    # Equal distances in order of index; equal votes to the smallest label.
    items = [([5], 9), ([-5], 3), ([5], 3), ([-5], -7), ([5], 9)]
    for k, label in ((1, 9), (2, 3), (3, 3), (4, 3), (5, 3)):
        model = make(items, k)
        assert model.predict(array("h", [0])) == label
        assert [model.getresult(i)[0] for i in range(5)] == [0, 1, 2, 3, 4]
    model = make([([0], label) for label in (30000, 12, -30000, 12, 30000, -30000)], 6)
    assert model.predict(array("h", [7])) == -30000


def test_items():
    items = random_items(5, 3, 32768, (1, 2))
    model = make(items, 2)
    out = array("h", [0] * 3)
    for i, (values, _) in enumerate(items):
        assert model.getitem(i, out) is None
        assert list(out) == values
    for i in (-1, 5, 2**40, -(2**70)):
        check.raises(ValueError, model.getitem, i, out)
    check.raises(ValueError, model.additem, array("h", [1, 2, 3]), 0)
    model.getitem(4, out)
    assert list(out) == items[4][0]


def test_raw_bytes():
    model = make([([1, 2], 1), ([30, 40], 2)], 1, 3)
    assert model.additem(bytes(array("h", [-1, -2])), 3) == 2
    assert model.predict(memoryview(array("h", [0, -1, -1]))[1:]) == 3
    assert model.predict(bytes(array("h", [30, 30]))) == 2


def test_order_of_calls():
    model = emlearn_neighbors.new(4, 1, 2)
    check.raises(ValueError, model.getresult, 0)
    check.raises(ValueError, model.predict, array("h", [0]))
    model.additem(array("h", [1]), 1)
    check.raises(ValueError, model.predict, array("h", [0]))
    check.raises(ValueError, model.getresult, 0)
    model.additem(array("h", [3]), 2)
    assert model.predict(array("h", [3])) == 1
    # Results are of the prediction, whatever is added after it or fails.
    model.additem(array("h", [2]), 3)
    check.raises(ValueError, model.predict, array("h", [0, 1]))
    assert [model.getresult(i) for i in (0, 1)] == [(1, 0, 2), (0, 2, 1)]
    for i in (2, 3, -1, 2**40, -(2**70)):
        check.raises(ValueError, model.getresult, i)
    assert model.predict(array("h", [3])) == 2
    assert [model.getresult(i)[0] for i in (0, 1, 2)] == [1, 2, 0]
    # More neighbours than there can be items: nothing to predict from.
    model = make([([0], 1)], 2)
    check.raises(ValueError, model.predict, array("h", [0]))


def test_wrong_arguments():
    new = emlearn_neighbors.new
    for arguments in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1), (1, -1, 1), (1, 1, -1), (65536, 1, 1), (1, 65536, 1), (1, 1, 65536), (2**40, 1, 1), (1, 2**70, 1)):
        check.raises(ValueError, new, *arguments)
    for arguments in ((None, 1, 1), (1, "1", 1), (1, 1, 1.0)):
        check.raises(TypeError, new, *arguments)
    check.raises(TypeError, new, 1, 1)
    check.raises(MemoryError, new, 65535, 65535, 65535)
    model = new(3, 2, 1)
    model.additem(array("h", [1, 2]), True)
    h = array("h", [1, 2])
    for values in (array("h", [1]), array("h", [1, 2, 3]), array("H", [1, 2]), array("f", [1, 2]), b"123", b"12345", array("h")):
        check.raises(ValueError, model.additem, values, 1)
        check.raises(ValueError, model.predict, values)
        check.raises(ValueError, model.getitem, 0, values if not isinstance(values, bytes) else array("b", values))
    for values in (None, [1, 2], 1):
        check.raises(TypeError, model.additem, values, 1)
        check.raises(TypeError, model.predict, values)
        check.raises(TypeError, model.getitem, 0, values)
    check.raises(TypeError, model.getitem, 0, b"1234")
    check.raises(ValueError, model.getitem, 0, bytearray(4))
    for label in (-32769, 32768, 2**40, -(2**70)):
        check.raises(ValueError, model.additem, h, label)
    for label in (None, "1", 1.0):
        check.raises(TypeError, model.additem, h, label)
    check.raises(TypeError, model.getresult, None)
    assert model.predict(h) == 1
    assert model.additem(h, 2) == 1


def test_wrong_self():
    Model = type(emlearn_neighbors.new(1, 1, 1))
    h = array("h", [1])
    for method, arguments in ((Model.additem, (h, 1)), (Model.getitem, (0, h)), (Model.predict, (h,)), (Model.getresult, (0,)), (Model.__del__, ())):
        for other in (None, 1, [], array, h, Model):
            check.raises(TypeError, method, other, *arguments)
        deleted = make([([1], 1)], 1, 2)
        deleted.predict(h)
        deleted.__del__()
        check.raises(TypeError, method, deleted, *arguments)


def test_memory():
    gc.collect()
    before = gc.mem_alloc()
    model = emlearn_neighbors.new(30, 5, 3)
    taken = gc.mem_alloc() - before
    assert 100 < taken < 1000, taken
    before = gc.mem_alloc()
    large = emlearn_neighbors.new(200, 16, 5)
    taken = gc.mem_alloc() - before
    assert taken <= 8480, taken
    h = array("h", [1] * 5)
    for _ in range(30):
        model.additem(h, 1)
    assert check.allocated(model.predict, h) == 0
    assert check.allocated(model.getitem, 1, h) == 0
    # A tuple of three.
    assert check.allocated(model.getresult, 29) <= 64
    assert check.heap_growth(lambda: emlearn_neighbors.new(30, 5, 3)) == 0
    assert check.heap_growth(lambda: emlearn_neighbors.new(1, 1, 1).__del__()) == 0


check.run(globals())
