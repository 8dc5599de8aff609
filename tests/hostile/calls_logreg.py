"""Good calls of emlearn_logreg."""

from array import array

import emlearn_logreg
from hostile import Array, Int, Nothing, Object, OrNone, Parameter, Real

X = 1.0, 2.0, -1.0, 0.5, 0.0, -2.0
Y = 1, 0, 0, 0, 1, 0, 0, 0, 1


def new():
    return emlearn_logreg.new(2, 3, 0.25, 0.5, 0.125)


def make():
    model = new()
    model.set_weights(array("f", (0.5, -1.0, 0.25, 0.75, 0, 2)))
    model.set_bias(array("f", (0.125, 0, -0.5)))
    return model


def observe(model):
    n = model.get_n_classes()
    weights, biases = array("f", bytes(4 * n * model.get_n_features())), array("f", bytes(4 * n))
    model.get_weights(weights)
    model.get_bias(biases)
    return weights, biases


def use(model):
    n, k = model.get_n_features(), model.get_n_classes()
    x, y = array("f", bytes(4 * n)), array("f", bytes(4 * k))
    x[n - 1] = y[0] = 1
    works = [array("f", bytes(4 * k)) for _ in range(3)]
    model.step(x, y, *works)
    return observe(model), model.score_logloss(x, y, *works[:2])


def batches():
    for i in range(3):
        yield array("f", X[2 * i : 2 * i + 2]), array("f", Y[3 * i : 3 * i + 3])


class Batches(Parameter):
    """A function that returns an iterable of pairs of arrays."""

    def is_good(self, plain):
        return plain is batches

    def hostile(self):
        yield from super().hostile()
        x, y = next(batches())
        for label, made in (
            ("no batches", ()), ("None", (None,)), ("numbers", (1, 2)), ("an array", (x,)), ("three arrays", ((x, y, y),)), ("lists", (([1, 2], [1, 0, 0]),)),
            ("y first", ((y, x),)), ("short arrays", ((x[:1], y),)), ("empty arrays", ((x[:0], y[:0]),)), ("bytes", ((bytes(x), bytes(y)),)), ("text", "text"),
        ):
            yield "of " + label, lambda: made, Nothing
            yield "a generator of " + label, lambda: iter(made), Nothing
        yield "a list", lambda: list(batches()), batches


class Score(Parameter):
    """A function that returns a number."""

    def is_good(self, plain):
        return True

    def hostile(self):
        for label, value, plain in super().hostile():
            # What it does when it is called is a case of its own.
            if not callable(value):
                yield label, value, plain
        for value in (0, 1, False, ()):
            yield repr(value), value, Nothing


def meanwhile(act, score=False):
    """Trains on batches, or by a score, that do something with the model in the middle."""

    def case():
        model = make()

        def acting():
            yield from batches()
            act(model)
            yield from batches()

        if score:
            emlearn_logreg.train_batches(model, batches, 5, score_batches=act)
        else:
            emlearn_logreg.train_batches(model, acting, 5)
        return observe(model)

    return case


def fail(model):
    raise IndexError("of the caller's")


MODEL = Object(make)
WORK = [Array("f", (7, 11, 13), out=True), Array("f", (17, 19, 23), out=True)]
LIMITS = [Real(5, True), Real(1e-2, True), Real(2, True), Real(10.0, True), OrNone(Real(0.1)), Real(0, True)]
MIXED = {}
CALLS = {
    "new": [Int(2, 1, 65535), Int(3, 2, 255), Real(0.25), Real(0.5), Real(0.125)],
    "train": [MODEL, Array("f", X), Array("f", Y)] + LIMITS,
    "train_batches": [MODEL, Batches(lambda: batches)] + LIMITS + [OrNone(Score(lambda: lambda model: 0.5))],
    "Model.predict": [MODEL, Array("f", X[:2])] + WORK,
    "Model.step": [MODEL, Array("f", X), Array("f", Y)] + WORK + [Array("f", (29, 31, 37), out=True)],
    "Model.score_logloss": [MODEL, Array("f", X), Array("f", Y)] + WORK,
    "Model.get_n_features": [MODEL],
    "Model.get_n_classes": [MODEL],
    "Model.get_weights": [MODEL, Array("f", (1, 2, 3, 4, 5, 6), out=True)],
    "Model.set_weights": [MODEL, Array("f", X)],
    "Model.get_bias": [MODEL, Array("f", (1, 2, 3), out=True)],
    "Model.set_bias": [MODEL, Array("f", X[:3])],
    "Model.__del__": [MODEL],
}
EXTRA = {
    "train_batches": [
        ("%s %s" % (name, "the score" if score else "batches"), meanwhile(act, score))
        for score in (False, True)
        for name, act in (
            ("deleted by", lambda model: model.__del__()), ("set by", lambda model: model.set_bias(array("f", (1, 2, float("nan"))))),
            ("trained by", lambda model: emlearn_logreg.train(model, array("f", X), array("f", Y), 2)), ("an exception of", fail),
        )
    ]
}
