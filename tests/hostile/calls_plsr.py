"""Good calls of emlearn_plsr."""

from array import array

import emlearn_plsr
from hostile import Array, Flag, Int, Object, Real

X = 1.0, 2.0, 3.0, -1.0, 0.5, 2.0, 0.0, -2.0, 1.0, 4.0, 0.25, -3.0
Y = 2.0, -1.0, 0.5, 3.0


def new():
    return emlearn_plsr.new(4, 3, 2)


def started():
    model = new()
    model.fit_start(array("f", X), array("f", Y))
    return model


def stepped():
    model = started()
    model.step()
    return model


def make():
    """One component is found, one is not."""
    model = stepped()
    model.finalize_component()
    return model


def observe(model):
    try:
        predictions = [model.predict(array("f", X[i : i + 3])) for i in (0, 3, 6)]
    except ValueError as e:
        predictions = str(e)
    return predictions, model.is_converged(), model.is_complete(), model.get_convergence_metric(), model.get_auto_center()


def use(model):
    """Of a model of any size that is made with two of these numbers."""
    for rows, n in (4, 3), (4, 4), (4, 2), (4, 65535), (3, 3), (65535, 3):
        try:
            x, y = array("f", bytes(4 * rows * n)), array("f", bytes(4 * rows))
            x[0] = x[rows * n - 1] = y[0] = 1
            model.fit_start(x, y)
            break
        except ValueError:
            pass
    model.step()
    model.finalize_component()
    return model.is_complete(), model.predict(x[:n])


MODEL = Object(make)
DATA = [Array("f", X), Array("f", Y)]
MIXED = {}
CALLS = {
    "new": [Int(4, 2, 65535), Int(3, 2, 65535), Int(2, 1, 3)],
    "fit": [MODEL] + DATA + [Real(5, True), Real(1e-6, True), Real(2, True), Real(0, True)],
    "Model.fit_start": [MODEL] + DATA,
    "Model.step": [MODEL, Real(1e-6, True)],
    "Model.is_converged": [Object(stepped)],
    "Model.finalize_component": [Object(stepped)],
    "Model.is_complete": [MODEL],
    "Model.get_convergence_metric": [MODEL],
    "Model.set_auto_center": [MODEL, Flag(False)],
    "Model.get_auto_center": [MODEL],
    "Model.predict": [MODEL, Array("f", X[:3])],
    "Model.__del__": [MODEL],
}
