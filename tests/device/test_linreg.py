"""emlearn_linreg on the device."""

from array import array

import check
import emlearn_linreg

X = [1.0, 2.0, 3.0, -1.0, 0.5, 2.0, 0.0, -2.0, 1.0, 1.5, 1.0, -0.5, 2.0, -1.0, 0.0]
Y = [2.0, -1.0, 0.5, 3.0, 1.0]


def reference(w, b, alpha, l1_ratio, rate):
    """One step over X and Y."""
    rows = [X[i : i + 3] for i in range(0, len(X), 3)]
    errors = [sum(a * c for a, c in zip(w, row)) + b - y for row, y in zip(rows, Y)]
    result = []
    for j in range(3):
        gradient = sum(e * row[j] for e, row in zip(errors, rows)) / len(rows) + alpha * (1 - l1_ratio) * w[j]
        value = w[j] - rate * gradient
        shrink = alpha * l1_ratio * rate
        result.append(value - shrink if value > shrink else value + shrink if value < -shrink else 0)
    return result, b - rate * sum(errors) / len(rows), sum(e * e for e in errors) / len(rows)


def weights(model):
    out = array("f", [0] * model.get_n_features())
    assert model.get_weights(out) is None
    return list(out)


def test_steps():
    x, y = array("f", X), array("f", Y)
    for alpha, l1_ratio, rate in ((0, 0.5, 0.1), (0.1, 0, 0.1), (0.5, 1, 0.05), (0.3, 0.5, 0.2)):
        model = emlearn_linreg.new(3, alpha, l1_ratio, rate)
        w, b = [0.5, -1.0, 0.01], 0.25
        model.set_weights(array("f", w))
        model.set_bias(b)
        for _ in range(10):
            new_w, new_b, mse = reference(w, b, alpha, l1_ratio, rate)
            check.close([model.score_mse(x, y)], [mse], 1e-5)
            assert model.step(x, y) is None
            w, b = new_w, new_b
            check.close(weights(model) + [model.get_bias()], w + [b], 1e-5)
        check.close([model.predict(x[3:6])], [sum(a * c for a, c in zip(w, X[3:6])) + b], 1e-5)


def test_numbers_of_rows():
    # Rows are taken in fours: any number must do.
    for n in range(1, 10):
        x, y = array("f", [i + 1 for i in range(n)]), array("f", [3 * i + 1 for i in range(n)])
        model = emlearn_linreg.new(1, 0, 0, 0.01)
        model.set_bias(1)
        errors = [1 - value for value in y]
        check.close([model.score_mse(x, y)], [sum(e * e for e in errors) / n], 1e-4)
        model.step(x, y)
        check.close(weights(model), [-0.01 * sum(e * v for e, v in zip(errors, x)) / n], 1e-4)
        check.close([model.get_bias()], [1 - 0.01 * sum(errors) / n], 1e-4)


def test_new_model():
    model = emlearn_linreg.new(4, 0.1, 0.5, 0.01)
    assert model.get_n_features() == 4
    assert weights(model) == [0] * 4 and model.get_bias() == 0
    assert model.predict(array("f", [1, 2, 3, 4])) == 0
    model.set_bias(-1.5)
    model.set_weights(array("f", [1, 0.5, -2, 0]))
    assert weights(model) == [1, 0.5, -2, 0] and model.get_bias() == -1.5
    assert model.predict(array("f", [1, 2, 3, 4])) == -5.5


def test_train():
    model = emlearn_linreg.new(4, 0.1, 0.5, 0.01)
    x, y = array("f", [1, 2, 3, 4, 2, 3, 4, 5]), array("f", [10, 15])
    iterations, mse = emlearn_linreg.train(model, x, y, max_iterations=100, tolerance=1e-6, verbose=0)
    assert iterations == 100 and abs(mse - model.score_mse(x, y)) < 1e-6
    assert abs(model.predict(array("f", [1, 2, 3, 4])) - 10) < 0.8
    iterations, mse = emlearn_linreg.train(model, x, y, 1000, score_limit=mse * 2)
    assert iterations == 1
    iterations, _ = emlearn_linreg.train(model, x, y, 5000, 1e-4)
    assert 31 <= iterations < 5000 and iterations % 10 == 1
    assert emlearn_linreg.train(model, x, y, 0) == (0, model.score_mse(x, y))
    assert emlearn_linreg.train(model, x, y, 7, 0, 3)[0] == 7
    check.raises(ValueError, emlearn_linreg.train, model, x, y, check_interval=0)
    check.raises(ValueError, emlearn_linreg.train, model, x, y[:1])


def test_train_diverges():
    model = emlearn_linreg.new(1, 0, 0, 100.0)
    x, y = array("f", [1, 2, 3]), array("f", [1, 2, 4])
    iterations, mse = emlearn_linreg.train(model, x, y, 1000)
    assert iterations < 50 and not mse < 1e6


def test_not_numbers():
    model = emlearn_linreg.new(2, 0.1, 0.5, 0.01)
    x, y = array("f", [1, 2, 3, 4]), array("f", [1, 2])
    for bad in ("nan", "inf", "-inf"):
        bad = float(bad)
        for data in ((array("f", [1, bad, 3, 4]), y), (x, array("f", [1, bad]))):
            model.step(*data)
            model.score_mse(*data)
            value = model.predict(array("f", [1, 1]))
            assert not abs(value) < 1e38
            iterations, mse = emlearn_linreg.train(model, x, y)
            assert iterations <= 11 and not mse < 1e38
            model.set_weights(array("f", [0, 0]))
            model.set_bias(0)
            model.step(x, y)
            assert model.score_mse(x, y) < 3
        emlearn_linreg.new(1, bad, bad, bad).step(y, y)
        model.set_bias(bad)
        model.step(x, y)
        model.set_bias(0)
        model.set_weights(array("f", [0, 0]))


def test_wrong_arguments():
    new = emlearn_linreg.new
    for n in (0, -1, 65536, 2**40, -(2**70)):
        check.raises(ValueError, new, n, 0, 0, 0)
    for arguments in ((None, 0, 0, 0), (1, None, 0, 0), (1, 0, "0", 0), (1, 0, 0, [])):
        check.raises(TypeError, new, *arguments)
    check.raises(TypeError, new, 1, 0, 0)
    model = new(2, 0, 0, 1)
    x, y = array("f", [1, 2, 3, 4]), array("f", [1, 2])
    for a, b in ((array("f"), array("f")), (x, array("f")), (array("f"), y), (x, x), (x[:3], y), (x, y[:1]), (array("d", x), y), (x, array("h", [1, 2])),
                 (x, b"12345678"), (bytes(16), y)):
        check.raises(ValueError, model.step, a, b)
        check.raises(ValueError, model.score_mse, a, b)
    for a, b in ((None, y), (x, None), ([1, 2], y), (x, 1)):
        check.raises(TypeError, model.step, a, b)
        check.raises(TypeError, model.score_mse, a, b)
    for values in (x, y[:1], array("d", y), array("h", [1, 2]), bytearray(8), array("f")):
        for method in (model.predict, model.get_weights, model.set_weights):
            check.raises(ValueError, method, values)
    for values in (None, [1, 2], 1):
        for method in (model.predict, model.get_weights, model.set_weights):
            check.raises(TypeError, method, values)
    for bias in (None, "1", []):
        check.raises(TypeError, model.set_bias, bias)
    assert weights(model) == [0, 0] and model.get_bias() == 0


def test_wrong_self():
    Model = type(emlearn_linreg.new(1, 0, 0, 0))
    f = array("f", [1])
    for method, arguments in ((Model.predict, (f,)), (Model.step, (f, f)), (Model.score_mse, (f, f)), (Model.get_n_features, ()), (Model.get_weights, (f,)),
                              (Model.set_weights, (f,)), (Model.get_bias, ()), (Model.set_bias, (1,)), (Model.__del__, ())):
        for other in (None, 1, [], array, f, Model):
            check.raises(TypeError, method, other, *arguments)
        deleted = emlearn_linreg.new(1, 0, 0, 0)
        deleted.__del__()
        check.raises(TypeError, method, deleted, *arguments)


def test_memory():
    model = emlearn_linreg.new(8, 0, 0, 0)
    assert check.allocated(emlearn_linreg.new, 8, 0, 0, 0) <= 128
    x, y, out = array("f", range(80)), array("f", range(10)), array("f", range(8))
    assert check.allocated(model.step, x, y) == 0
    assert check.allocated(model.get_weights, out) == 0
    assert check.allocated(model.set_weights, out) == 0
    # A float object, where floats are objects.
    for call in (lambda: model.predict(out), lambda: model.score_mse(x, y), lambda: model.get_bias()):
        assert check.allocated(call) <= 32
    assert check.heap_growth(lambda: emlearn_linreg.new(8, 0, 0, 0)) == 0
    assert check.heap_growth(lambda: emlearn_linreg.train(model, x, y)) == 0


check.run(globals())
