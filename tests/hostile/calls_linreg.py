import emlearn_linreg
from hostile import Array, Int, Object, OrNone, Real
from array import array

X = 1.0, 2.0, 3.0, -1.0, 0.5, 2.0
Y = 2.0, -1.0


def new():
    return emlearn_linreg.new(3, 0.1, 0.5, 0.1)


def make():
    model = new()
    model.set_weights(array("f", (0.5, -1.0, 0.25)))
    model.set_bias(0.125)
    return model


def observe(model):
    weights = array("f", bytes(4 * model.get_n_features()))
    model.get_weights(weights)
    return weights, model.get_bias()


def use(model):
    model.step(array("f", X), array("f", Y))
    return observe(model)


MODEL = Object(make)
MIXED = {}
CALLS = {
    "new": [Int(3, 1, 65535), Real(0.1), Real(0.5), Real(0.1)],
    "train": [MODEL, Array("f", X), Array("f", Y), Real(5, True), Real(1e-6, True), Real(2, True), Real(10.0, True), OrNone(Real(0.1)), Real(0, True)],
    "Model.predict": [MODEL, Array("f", X[:3])],
    "Model.step": [MODEL, Array("f", X), Array("f", Y)],
    "Model.score_mse": [MODEL, Array("f", X), Array("f", Y)],
    "Model.get_n_features": [MODEL],
    "Model.get_weights": [MODEL, Array("f", (7, 11, 13), out=True)],
    "Model.set_weights": [MODEL, Array("f", X[:3])],
    "Model.get_bias": [MODEL],
    "Model.set_bias": [MODEL, Real(0.5)],
    "Model.__del__": [MODEL],
}
