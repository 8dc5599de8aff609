"""emlearn_plsr on the device."""

from array import array

import check
import emlearn_plsr

N, F = 8, 3
X = [1, 0, 0.5, 0, 1, 0.25, 0, 0, 1, 1, 1, -2, 1, 0, 1.5, 0, 1, 1, -1, 1, 1, 0.5, 2, 0.5]
Y = [2.5, 3, 1, 5.25, 3, 4.5, 6, 3]


def floats(values):
    return array("f", values)


def random_values(n, seed=1):
    result = array("f")
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        result.append((seed >> 8) / (1 << 22) - 1)
    return result


def reference(x, y, f, n_components, center=True):
    """A function that predicts: textbook NIPALS, which takes the components off a row one by one."""
    n = len(y)
    rows, y = [list(x[f * i : f * i + f]) for i in range(n)], list(y)
    mean, y_mean = [0] * f, 0
    if center:
        mean, y_mean = [sum(row[j] for row in rows) / n for j in range(f)], sum(y) / n
    rows, y = [[a - m for a, m in zip(row, mean)] for row in rows], [v - y_mean for v in y]
    components = []
    for _ in range(n_components):
        w = [sum(row[j] * v for row, v in zip(rows, y)) for j in range(f)]
        norm = sum(v * v for v in w) ** 0.5
        w = [v / norm for v in w]
        t = [sum(a * b for a, b in zip(row, w)) for row in rows]
        tt = sum(v * v for v in t)
        p = [sum(row[j] * v for row, v in zip(rows, t)) / tt for j in range(f)]
        q = sum(a * b for a, b in zip(t, y)) / tt
        rows, y = [[a - s * b for a, b in zip(row, p)] for row, s in zip(rows, t)], [a - q * s for a, s in zip(y, t)]
        components.append((w, p, q))

    def predict(row):
        row, result = [a - m for a, m in zip(row, mean)], y_mean
        for w, p, q in components:
            score = sum(a * b for a, b in zip(row, w))
            row = [a - score * b for a, b in zip(row, p)]
            result += q * score
        return result

    return predict


def predictions(model, x, f):
    return [model.predict(x[i : i + f]) for i in range(0, len(x), f)]


def finish(model):
    while not model.is_complete():
        model.step()
        model.finalize_component()


def test_components():
    for n, f, k, x, y in ((N, F, 3, floats(X), floats(Y)), (20, 5, 4, random_values(100), random_values(20, 5)), (6, 9, 3, random_values(54), random_values(6, 7))):
        model = emlearn_plsr.new(n, f, k)
        new_rows = random_values(3 * f, 9)
        for center in (True, False):
            model.set_auto_center(center)
            assert model.fit_start(x, y) is None
            for i in range(k):
                assert model.step() is None and model.finalize_component() is None
                expected = reference(x, y, f, i + 1, center)
                for rows in (x, new_rows):
                    check.close(predictions(model, rows, f), [expected(rows[j : j + f]) for j in range(0, len(rows), f)], 1e-4)


def test_progress():
    model = emlearn_plsr.new(N, F, 2)
    assert not model.is_converged() and not model.is_complete()
    assert model.get_convergence_metric() == float("inf")
    model.fit_start(floats(X), floats(Y))
    for i in range(2):
        assert model.is_converged() is False and model.is_complete() is False
        model.step(1e-6)
        assert model.is_converged() is True and model.is_complete() is False
        assert model.get_convergence_metric() < 1e-6
        model.step(1e-9)  # makes no difference
        model.finalize_component()
    assert model.is_converged() is False and model.is_complete() is True
    assert model.get_convergence_metric() < 1e-6
    once = predictions(model, floats(X), F)
    assert emlearn_plsr.fit(model, floats(X), floats(Y)) == (2, 0)
    assert predictions(model, floats(X), F) == once
    model.fit_start(floats(X), floats(Y))
    assert not model.is_complete() and model.get_convergence_metric() == float("inf")


def test_data_are_copied():
    x, y = floats(X), floats(Y)
    one, two = emlearn_plsr.new(N, F, 3), emlearn_plsr.new(N, F, 3)
    emlearn_plsr.fit(one, x, y)
    two.fit_start(x, y)
    for i in range(len(x)):
        x[i] = 100
    y[0] = -100
    finish(two)
    assert predictions(one, floats(X), F) == predictions(two, floats(X), F)


def test_auto_center():
    model = emlearn_plsr.new(N, F, 1)
    assert model.get_auto_center() is True
    assert model.set_auto_center(False) is None
    assert model.get_auto_center() is False
    model.fit_start(floats(X), floats(Y))
    assert model.get_auto_center() is False
    model.set_auto_center(1)  # for the next fit
    assert model.get_auto_center() is True
    finish(model)
    assert model.predict(floats([0] * F)) == 0
    emlearn_plsr.fit(model, floats(X), floats(Y))
    check.close([model.predict(floats([sum(X[j::F]) / N for j in range(F)]))], [sum(Y) / N], 1e-5)


def test_fit():
    model = emlearn_plsr.new(N, F, 3)
    x, y = floats(X), floats(Y)
    assert emlearn_plsr.fit(model, x, y, max_iterations=100, tolerance=1e-6, check_interval=5, verbose=0) == (3, 0)
    assert model.is_complete()
    # As many components as features are least squares, which fits targets that are linear.
    linear = floats([2 * x[i] + 3 * x[i + 1] - x[i + 2] + 4 for i in range(0, len(x), F)])
    emlearn_plsr.fit(model, x, linear)
    check.close(predictions(model, x, F), linear, 1e-5)
    check.close([model.predict(floats([10, -10, 5]))], [-11], 1e-4)
    n, metric = emlearn_plsr.fit(model, x, y, 0)
    assert n == 0 and metric == float("inf") and not model.is_complete()
    check.raises(ValueError, model.predict, x[:F])
    check.raises(ValueError, emlearn_plsr.fit, model, x, y, check_interval=0)
    check.raises(ValueError, emlearn_plsr.fit, model, x[:5], y, 100, 1e-6)
    check.raises(TypeError, emlearn_plsr.fit, model, None, y)
    check.raises(TypeError, emlearn_plsr.fit, None, x, y)


class Interrupting(float):
    """A tolerance whose third use is interrupted."""

    left = 3

    def __float__(self):
        Interrupting.left -= 1
        if Interrupting.left == 0:
            raise KeyboardInterrupt
        return 1e-6


def test_fit_is_interrupted():
    x, y = floats(X), floats(Y)
    one, two = emlearn_plsr.new(N, F, 3), emlearn_plsr.new(N, F, 3)
    emlearn_plsr.fit(one, x, y)
    try:
        emlearn_plsr.fit(two, x, y, tolerance=Interrupting(1e-6))
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    assert not two.is_complete()
    finish(two)
    assert predictions(one, x, F) == predictions(two, x, F)


def test_nothing_to_explain():
    x, y = random_values(40), random_values(10, 3)
    rank_one = floats([a * b for a in y for b in (1, -2, 0.5, 3)])
    constant = floats([0.1] * 40)
    for data, targets, expected in ((constant, y, sum(y) / 10), (x, floats([0.1] * 10), 0.1), (constant, floats([7] * 10), 7), (floats([0] * 40), floats([0] * 10), 0)):
        model = emlearn_plsr.new(10, 4, 4)
        emlearn_plsr.fit(model, data, targets)
        assert model.is_complete()
        check.close(predictions(model, data, 4), [expected] * 10, 1e-6)
        check.close([model.predict(floats([1000, 0, -1000, 1]))], [expected], 1e-3)
    # More components than X has dimensions change nothing.
    model = emlearn_plsr.new(10, 4, 4)
    for targets in (y, random_values(10, 8)):
        expected = reference(rank_one, targets, 4, 1)
        emlearn_plsr.fit(model, rank_one, targets)
        check.close(predictions(model, rank_one, 4), [expected(rank_one[i : i + 4]) for i in range(0, 40, 4)], 1e-5)
    model = emlearn_plsr.new(1, 1, 1)
    emlearn_plsr.fit(model, floats([3]), floats([5]))
    assert model.predict(floats([4])) == 5


def test_not_numbers():
    model = emlearn_plsr.new(N, F, 3)
    for bad in ("nan", "inf", "-inf"):
        bad = float(bad)
        for data in ((floats([bad] + X[1:]), floats(Y)), (floats(X), floats(Y[1:] + [bad]))):
            assert emlearn_plsr.fit(model, *data) == (3, 0)
            value = model.predict(floats(X[:F]))
            assert value != value
    for factor in (1e-30, 1e-15, 1e15, 1e30):
        emlearn_plsr.fit(model, floats([factor * v for v in X]), floats([factor * v for v in Y]))
        model.predict(floats(X[:F]))
    emlearn_plsr.fit(model, floats(X), floats(Y))
    expected = reference(X, Y, F, 3)
    check.close(predictions(model, floats(X), F), [expected(X[i : i + F]) for i in range(0, len(X), F)], 1e-4)
    assert not abs(model.predict(floats([float("inf"), 0, 0]))) < 1e38


def test_wrong_order():
    x, y = floats(X), floats(Y)
    model = emlearn_plsr.new(N, F, 2)
    for _ in range(2):
        check.raises(ValueError, model.step)
        check.raises(ValueError, model.finalize_component)
        check.raises(ValueError, model.predict, x[:F])
    model.fit_start(x, y)
    check.raises(ValueError, model.finalize_component)
    check.raises(ValueError, model.predict, x[:F])
    model.step()
    check.raises(ValueError, model.predict, x[:F])
    model.finalize_component()
    one = model.predict(x[:F])
    check.raises(ValueError, model.finalize_component)
    assert model.predict(x[:F]) == one
    model.step()
    model.finalize_component()
    two = model.predict(x[:F])
    check.raises(ValueError, model.step)
    check.raises(ValueError, model.finalize_component)
    # A start that is refused leaves the model as it was.
    check.raises(ValueError, model.fit_start, x, y[:1])
    assert model.is_complete() and model.predict(x[:F]) == two
    model.fit_start(x, y)
    check.raises(ValueError, model.predict, x[:F])


def test_wrong_arguments():
    new = emlearn_plsr.new
    for arguments in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (5, 3, 4), (3, 5, 4), (2, 3, -1), (-1, 3, 1), (65536, 3, 1), (3, 65536, 1), (3, 3, 2**40), (2**40, 1, 1),
                      (-(2**70), 1, 1)):
        check.raises(ValueError, new, *arguments)
    check.raises(MemoryError, new, 65535, 65535, 65535)
    for arguments in ((None, 3, 1), (3, "3", 1), (3, 3, 1.0), (3, 3, None)):
        check.raises(TypeError, new, *arguments)
    check.raises(TypeError, new, 3, 3)
    model = new(2, 2, 1)
    x, y = floats([1, 2, 3, 5]), floats([1, 2])
    for a, b in ((floats([]), floats([])), (x, floats([])), (floats([]), y), (x, x), (x[:3], y), (x, y[:1]), (y, y), (floats([1] * 5), y), (array("d", x), y),
                 (x, array("h", [1, 2])), (x, b"12345678"), (bytes(16), y)):
        check.raises(ValueError, model.fit_start, a, b)
    for a, b in ((None, y), (x, None), ([1, 2, 3, 4], y), (x, 1)):
        check.raises(TypeError, model.fit_start, a, b)
    check.raises(ValueError, model.step)
    # One array may be both.
    memory = memoryview(x)
    model.fit_start(memory, memory[1:3])
    for tolerance in (None, "1", []):
        check.raises(TypeError, model.step, tolerance)
    assert not model.is_converged()
    finish(model)
    for values in (x, y[:1], array("d", y), array("h", [1, 2]), bytearray(8), floats([])):
        check.raises(ValueError, model.predict, values)
    for values in (None, [1, 2], 1):
        check.raises(TypeError, model.predict, values)


def test_wrong_self():
    def new():
        model = emlearn_plsr.new(2, 1, 1)
        model.fit_start(floats([1, 2]), floats([3, 5]))
        model.step()
        return model

    Model = type(new())
    f, g = floats([1]), floats([1, 2])
    for method, arguments in ((Model.fit_start, (g, g)), (Model.step, ()), (Model.step, (1e-6,)), (Model.is_converged, ()), (Model.finalize_component, ()),
                              (Model.is_complete, ()), (Model.get_convergence_metric, ()), (Model.set_auto_center, (True,)), (Model.get_auto_center, ()),
                              (Model.predict, (f,)), (Model.__del__, ())):
        for other in (None, 1, [], array, f, Model):
            check.raises(TypeError, method, other, *arguments)
        deleted = new()
        deleted.__del__()
        check.raises(TypeError, method, deleted, *arguments)


def test_memory():
    x, y, row = random_values(80), random_values(10), random_values(8)
    model = emlearn_plsr.new(10, 8, 3)
    assert check.allocated(emlearn_plsr.new, 10, 8, 3) <= 4 * (10 * 10 + 8 * 10) + 112
    assert check.allocated(model.fit_start, x, y) == 0
    assert check.allocated(model.step) == 0

    def component():
        model.fit_start(x, y)
        model.step()
        model.finalize_component()

    assert check.allocated(component) == 0
    # A float object, where floats are objects.
    for call in (lambda: model.predict(row), lambda: model.get_convergence_metric()):
        assert check.allocated(call) <= 32
    assert check.heap_growth(lambda: emlearn_plsr.new(3, 2, 1)) == 0
    assert check.heap_growth(lambda: emlearn_plsr.fit(model, x, y)) == 0


check.run(globals())
