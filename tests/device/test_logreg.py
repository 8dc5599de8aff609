"""emlearn_logreg on the device."""

from array import array
from math import exp, log

import check
import emlearn_logreg

X = [1.0, 2.0, 3.0, -1.0, 0.5, 2.0, 0.0, -2.0, 1.0, 1.5, 1.0, -0.5, 2.0, -1.0, 0.0]
Y = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0]
W = [0.5, -1.0, 0.01, -0.25, 0.75, 0.3]
B = [0.25, -0.5]


def softmax(logits):
    powers = [exp(z - max(logits)) for z in logits]
    return [p / sum(powers) for p in powers]


def logits_of(w, b, row):
    n = len(row)
    return [sum(a * c for a, c in zip(w[k * n : k * n + n], row)) + b[k] for k in range(len(b))]


def reference(w, b, rate, l2, l1):
    """Weights and biases after a step over X and Y, and the loss before it."""
    n = len(X) // 3
    w_gradients, b_gradients, loss = [0] * 6, [0] * 2, 0
    for i in range(n):
        row = X[3 * i : 3 * i + 3]
        for k, p in enumerate(softmax(logits_of(w, b, row))):
            error = p - Y[2 * i + k]
            loss -= Y[2 * i + k] * log(p) / n
            b_gradients[k] += error / n
            for j in range(3):
                w_gradients[3 * k + j] += error * row[j] / n
    result = []
    for v, g in zip(w, w_gradients):
        moved = v - rate * (g + l2 * v)
        result.append(max(moved - rate * l1, 0) if moved > 0 else min(moved + rate * l1, 0))
    loss += sum(l2 / 2 * v * v + l1 * abs(v) for v in w)
    return result, [v - rate * g for v, g in zip(b, b_gradients)], loss


def floats(n):
    return array("f", [0] * n)


def state(model):
    w, b = floats(model.get_n_features() * model.get_n_classes()), floats(model.get_n_classes())
    assert model.get_weights(w) is None and model.get_bias(b) is None
    return list(w) + list(b)


def reset(model):
    model.set_weights(floats(model.get_n_features() * model.get_n_classes()))
    model.set_bias(floats(model.get_n_classes()))


def test_steps():
    x, y, logits, probs, grads = array("f", X), array("f", Y), floats(2), floats(2), floats(2)
    for rate, l2, l1 in ((0.1, 0, 0), (0.5, 0.1, 0), (0.25, 0, 0.3), (0.2, 0.3, 0.05)):
        model = emlearn_logreg.new(3, 2, rate, l2, l1)
        w, b = W, B
        model.set_weights(array("f", w))
        model.set_bias(array("f", b))
        for _ in range(10):
            new_w, new_b, loss = reference(w, b, rate, l2, l1)
            check.close([model.score_logloss(x, y, logits, probs)], [loss], 1e-5)
            assert model.step(x, y, logits, probs, grads) is None
            w, b = new_w, new_b
            check.close(state(model), w + b, 1e-5)
        expected = logits_of(w, b, X[3:6])
        assert model.predict(x[3:6], probs, logits) == expected.index(max(expected))
        check.close(logits, expected, 1e-5)
        check.close(probs, softmax(expected), 1e-6)


def test_new_model():
    model = emlearn_logreg.new(2, 4, 0.1, 0, 0)
    assert model.get_n_features() == 2 and model.get_n_classes() == 4
    assert state(model) == [0] * 12
    probs, logits = floats(4), floats(4)
    assert model.predict(array("f", [1, 2]), probs, logits) == 0
    assert list(probs) == [0.25] * 4 and list(logits) == [0] * 4
    check.close([model.score_logloss(array("f", [1, 2]), array("f", [0, 0, 1, 0]), logits, probs)], [log(4)], 3e-7)
    model.set_weights(array("f", range(8)))
    model.set_bias(array("f", [1, 0.5, -2, 0]))
    assert state(model) == list(range(8)) + [1, 0.5, -2, 0]
    assert model.predict(array("f", [1, 2]), probs, logits) == 3
    assert list(logits) == [3, 8.5, 12, 20]


def test_stable_softmax():
    model = emlearn_logreg.new(1, 3, 0.1, 0, 0)
    probs, logits, x = floats(3), floats(3), array("f", [1])
    for bias in ([1000, 1000, -1000], [-5000, -5000, -9000], [3e38, 3e38, -3e38]):
        model.set_bias(array("f", bias))
        assert model.predict(x, probs, logits) == 0
        assert list(probs) == [0.5, 0.5, 0]
    model.set_bias(array("f", [0, 1000, 200]))
    for k, loss in enumerate((1000, 0, 800)):
        assert model.score_logloss(x, array("f", [k == 0, k == 1, k == 2]), logits, probs) == loss


def clusters():
    """Rows of two features near three centres in turn, and their classes."""
    x, y, seed = array("f"), array("f"), 1
    for i in range(60):
        for j in range(2):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            x.append(((0, 0), (3, 0), (0, 3))[i % 3][j] - 1 + (seed >> 16) / 32768)
        for k in range(3):
            y.append(k == i % 3)
    return x, y


def accuracy(model, x):
    probs, logits = floats(3), floats(3)
    return sum(model.predict(x[2 * i : 2 * i + 2], probs, logits) == i % 3 for i in range(60)) / 60


def test_train():
    x, y = clusters()
    model = emlearn_logreg.new(2, 3, 0.5, 0.01, 0.001)
    assert emlearn_logreg.train(model, x, y, 0)[0] == 0
    iterations, loss = emlearn_logreg.train(model, x, y)
    assert 15 <= iterations <= 200 and iterations % 5 == 0
    assert loss == model.score_logloss(x, y, floats(3), floats(3)) < 0.5
    assert accuracy(model, x) > 0.95
    assert emlearn_logreg.train(model, x, y, score_limit=loss)[0] == 5
    assert emlearn_logreg.train(model, x, y, 7, 0, 3)[0] == 7
    assert emlearn_logreg.train(model, x, y, 5000, 1e-6)[0] < 5000
    check.raises(ValueError, emlearn_logreg.train, model, x, y, check_interval=0)
    check.raises(ValueError, emlearn_logreg.train, model, x, y[:3])
    check.raises(ValueError, emlearn_logreg.train, model, array("f"), array("f"))
    check.raises(TypeError, emlearn_logreg.train, model, x, None)


def test_train_goes_on():
    x, y = clusters()
    one, two = emlearn_logreg.new(2, 3, 0.5, 0.01, 0), emlearn_logreg.new(2, 3, 0.5, 0.01, 0)
    emlearn_logreg.train(one, x, y, 50, 0)
    for n in (20, 1, 29):
        emlearn_logreg.train(two, x, y, n, 0)
    assert state(one) == state(two)


def test_train_diverges():
    model = emlearn_logreg.new(1, 2, 1e30, 0, 0)
    x, y = array("f", [1, 2, 3, 4]), array("f", [1, 0, 0, 1, 1, 0, 0, 1])
    iterations, loss = emlearn_logreg.train(model, x, y, 1000)
    assert iterations < 50 and not loss < 1e6


def test_train_batches():
    x, y = clusters()
    epochs = 0

    def batches():
        nonlocal epochs
        epochs += 1
        for i in range(0, 60, 25):
            yield x[2 * i : 2 * i + 50], y[3 * i : 3 * i + 75]

    model = emlearn_logreg.new(2, 3, 0.5, 0.01, 0.001)
    iterations, loss = emlearn_logreg.train_batches(model, batches)
    assert 15 <= iterations <= 200 and iterations % 5 == 0
    assert epochs == iterations + iterations // 5
    check.close([loss], [model.score_logloss(x, y, floats(3), floats(3))], 1e-6)
    assert accuracy(model, x) > 0.95
    # All in one batch is a full step.
    one, two = emlearn_logreg.new(2, 3, 0.5, 0.01, 0), emlearn_logreg.new(2, 3, 0.5, 0.01, 0)
    assert emlearn_logreg.train(one, x, y) == emlearn_logreg.train_batches(two, lambda: [(x, y)])
    assert state(one) == state(two)
    scores = [5.0, 4.0, 3.5, 3.5, 9.0]
    assert emlearn_logreg.train_batches(model, batches, score_batches=lambda m: m is model and scores.pop(0)) == (20, 3.5)
    assert scores == [9.0]
    assert emlearn_logreg.train_batches(model, batches, score_batches=lambda m: 2.0, score_limit=2) == (5, 2.0)
    check.raises(ValueError, emlearn_logreg.train_batches, model, lambda: ())
    check.raises(ValueError, emlearn_logreg.train_batches, model, lambda: ((x, y), (x, x)))
    check.raises(TypeError, emlearn_logreg.train_batches, model, None)
    check.raises(ValueError, emlearn_logreg.train_batches, model, batches, check_interval=0)


def test_train_is_interrupted():
    x, y = clusters()
    left = 30

    def batches():
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return ((x, y),)

    one, two = emlearn_logreg.new(2, 3, 0.5, 0, 0), emlearn_logreg.new(2, 3, 0.5, 0, 0)
    try:
        emlearn_logreg.train_batches(one, batches, 200, 0, 1000)
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    emlearn_logreg.train_batches(one, batches, 21, 0, 1000)
    emlearn_logreg.train(two, x, y, 50, 0)
    assert state(one) == state(two)


def test_not_numbers():
    x, y, work = array("f", [1, 2, 3, 4]), array("f", [1, 0, 0, 1]), (floats(2), floats(2), floats(2))
    model = emlearn_logreg.new(2, 2, 0.01, 0.1, 0.1)
    for bad in ("nan", "inf", "-inf"):
        bad = float(bad)
        for data in ((array("f", [1, bad, 3, 4]), y), (x, array("f", [1, 0, bad, 1]))):
            model.step(*data, *work)
            model.score_logloss(*data, *work[:2])
            assert model.predict(x[:2], *work[:2]) in (0, 1)
            iterations, loss = emlearn_logreg.train(model, *data)
            assert iterations <= 15 and not loss < 1e38
            assert not abs(sum(state(model))) < 1e38
            reset(model)
            model.step(x, y, *work)
            assert model.score_logloss(x, y, *work[:2]) < 1
            reset(model)
        for parameters in ((bad, 0, 0), (0, bad, 0), (0, 0, bad), (bad, bad, bad)):
            other = emlearn_logreg.new(2, 2, *parameters)
            assert emlearn_logreg.train(other, x, y)[0] <= 200
        model.set_bias(array("f", [bad, 0]))
        model.step(x, y, *work)
        reset(model)


def test_wrong_arguments():
    new = emlearn_logreg.new
    for n in (0, -1, 65536, 2**40, -(2**70)):
        check.raises(ValueError, new, n, 2, 0, 0, 0)
    for n in (0, 1, 256, -1, 2**40):
        check.raises(ValueError, new, 2, n, 0, 0, 0)
    for arguments in ((None, 2, 0, 0, 0), (1, None, 0, 0, 0), (1, 2, "0", 0, 0), (1, 2, 0, [], 0), (1, 2, 0, 0, None)):
        check.raises(TypeError, new, *arguments)
    check.raises(TypeError, new, 1, 2, 0, 0)
    model = new(2, 3, 1, 0, 0)
    x, y, work = array("f", [1, 2, 3, 4]), array("f", [1, 0, 0, 0, 0, 1]), (floats(3), floats(3), floats(3))
    empty, h = array("f"), array("h", [0] * 6)
    for a, b in ((empty, empty), (x, empty), (empty, y), (x, x), (x[:3], y), (x[:2], y), (x, y[:3]), (x, y[:4]), (y, y), (array("d", x), y), (x, h),
                 (x, bytes(24)), (bytes(16), y)):
        check.raises(ValueError, model.step, a, b, *work)
        check.raises(ValueError, model.score_logloss, a, b, *work[:2])
    for a, b in ((None, y), (x, None), ([1, 2], y), (x, 1)):
        check.raises(TypeError, model.step, a, b, *work)
        check.raises(TypeError, model.score_logloss, a, b, *work[:2])
    for exception, values in ((ValueError, (floats(2), floats(4), empty, array("h", [0] * 3), bytearray(12))), (TypeError, (None, [0] * 3, bytes(12), 1))):
        for bad in values:
            for i in range(3):
                arguments = list(work)
                arguments[i] = bad
                check.raises(exception, model.step, x, y, *arguments)
                if i < 2:
                    check.raises(exception, model.score_logloss, x, y, *arguments[:2])
                    check.raises(exception, model.predict, x[:2], *arguments[:2])
    for values in (x, y[:1], array("d", [1, 2]), array("h", [1, 2]), bytearray(8), empty):
        check.raises(ValueError, model.predict, values, *work[:2])
    for values in (None, [1, 2], 1):
        check.raises(TypeError, model.predict, values, *work[:2])
    for size, methods in ((6, (model.get_weights, model.set_weights)), (3, (model.get_bias, model.set_bias))):
        for method in methods:
            for values in (floats(size - 1), floats(size + 1), empty, array("h", range(size)), bytearray(4 * size)):
                check.raises(ValueError, method, values)
            for values in (None, [1, 2], 1):
                check.raises(TypeError, method, values)
    check.raises(TypeError, model.get_weights, bytes(24))
    assert state(model) == [0] * 9


def test_overlap():
    model = emlearn_logreg.new(3, 3, 1, 0, 0)
    memory = array("f", range(40))
    view = memoryview(memory)
    x, y, logits, probs, grads = view[:6], view[6:12], view[12:15], view[15:18], view[18:21]
    for i in range(5):
        for j in range(2, 5):
            if i != j:
                arguments = [x, y, logits, probs, grads]
                # One value in common: the last of one is the first of the other.
                arguments[j] = (view[5:8], view[11:14], view[14:17], view[17:20], view[20:23])[i]
                if i > j:
                    arguments[i], arguments[j] = arguments[j], arguments[i]
                check.raises(ValueError, model.step, *arguments)
                if max(i, j) < 4:
                    check.raises(ValueError, model.score_logloss, *arguments[:4])
    for features, probs, logits in ((view[:3], view[2:5], view[5:8]), (view[:3], view[5:8], view[2:5]), (view[:3], view[5:8], view[7:10])):
        check.raises(ValueError, model.predict, features, probs, logits)
    check.raises(ValueError, model.step, memory[:3], memory[:3], logits, logits, logits)
    assert state(model) == [0] * 12 and list(memory) == list(range(40))
    # Inputs may be one.
    model.step(view[:3], view[:3], view[3:6], view[6:9], view[9:12])


def test_wrong_self():
    new = lambda: emlearn_logreg.new(1, 2, 0, 0, 0)
    Model = type(new())
    f, g, a, b, c = array("f", [1]), floats(2), floats(2), floats(2), floats(2)
    for method, arguments in ((Model.predict, (f, a, b)), (Model.step, (f, g, a, b, c)), (Model.score_logloss, (f, g, a, b)), (Model.get_n_features, ()),
                              (Model.get_n_classes, ()), (Model.get_weights, (a,)), (Model.set_weights, (a,)), (Model.get_bias, (a,)), (Model.set_bias, (a,)),
                              (Model.__del__, ())):
        method(new(), *arguments)
        for other in (None, 1, [], array, f, Model):
            check.raises(TypeError, method, other, *arguments)
        deleted = new()
        deleted.__del__()
        check.raises(TypeError, method, deleted, *arguments)


def test_memory():
    model = emlearn_logreg.new(8, 3, 0.1, 0, 0)
    assert check.allocated(emlearn_logreg.new, 8, 3, 0, 0, 0) <= 300
    x, y, logits, probs, grads = array("f", range(80)), array("f", [1, 0, 0] * 10), floats(3), floats(3), floats(3)
    w, b, row = floats(24), floats(3), x[:8]
    assert check.allocated(model.step, x, y, logits, probs, grads) == 0
    assert check.allocated(model.predict, row, probs, logits) == 0
    for method, values in ((model.get_weights, w), (model.set_weights, w), (model.get_bias, b), (model.set_bias, b)):
        assert check.allocated(method, values) == 0
    # A float object, where floats are objects.
    assert check.allocated(lambda: model.score_logloss(x, y, logits, probs)) <= 32
    assert check.heap_growth(lambda: emlearn_logreg.new(8, 3, 0, 0, 0)) == 0
    assert check.heap_growth(lambda: emlearn_logreg.train(model, x, y, 10)) == 0


check.run(globals())
