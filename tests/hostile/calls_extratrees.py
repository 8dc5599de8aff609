"""Good calls of emlearn_extratrees."""

from array import array

import emlearn_extratrees
from hostile import Array, Failure, Flag, Int, Nothing, Object, Parameter, Real

X = -5, 100, 3, 100, 7, -100, 32767, -32768, 8, 0, 9, 1
Y = 0, 0, 1, 2, 2, 1


def new():
    return emlearn_extratrees.new(2, 3, n_trees=2, n_thresholds=3, max_nodes=20, max_samples=8)


def begun():
    model = new()
    model.train_init(array("h", X), array("h", Y))
    model.train_step()
    return model


def make():
    model = new()
    model.train(array("h", X), array("h", Y))
    return model


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except ValueError as e:
        return str(e)


def observe(model):
    n = model.get_n_features()
    out = array("f", [0] * model.get_n_classes())
    results = [n, len(out), model.get_n_trees(), model.get_n_nodes_used(), model.get_n_trees_trained()]
    results += [attempt(model.get_root, tree) for tree in range(min(3, model.get_n_trees()))]
    results += [attempt(model.get_node, index) for index in range(min(20, model.get_n_nodes_used()))]
    for value in (-6, 0, 8, 32767):
        results += [attempt(model.predict, array("h", [value] * n), out), array("f", out)]
    return results


def use(model):
    n = model.get_n_features()
    samples = array("h", bytes(2 * 4 * n))
    for i in range(4):
        samples[i * n] = samples[i * n + n - 1] = 3 * i
    last = model.get_n_classes() - 1
    return attempt(model.train, samples, array("h", (0, last, 0, last // 2))), observe(model)


class Ratio(Real):
    """A real number above 0, up to 1."""

    def is_good(self, plain):
        return 0 < plain <= 1


class Seed(Int):
    """Any integer."""

    def is_good(self, plain):
        return True


class Writable(Parameter):
    """A file open for writing."""

    def hostile(self):
        yield from super().hostile()
        for value in (0, 1.5, File):
            yield repr(type(value)), value, Nothing


class File:
    def __init__(self, act=None):
        self.act = act
        self.text = ""

    def write(self, text):
        if self.act:
            self.act()
        self.text += text


def saved_meanwhile(act):
    """Saves to a file that does something with the model at each write."""

    def case():
        model = make()
        emlearn_extratrees.save_model(model, File(lambda: act(model)))
        return observe(model)

    return case


def trained_meanwhile(act):
    """Trains in steps, with data that something happens to in between."""

    def case():
        model = new()
        x, y = array("h", X), array("h", Y)
        model.train_init(x, y)
        said = []
        for step in range(100):
            try:
                if model.train_step():
                    break
            except ValueError as e:
                said.append(str(e))
            if step == 1:
                act(model, x, y)
        said.append(observe(model))
        model.train(array("h", X), array("h", Y))
        if str(observe(model)) != str(observe(make())):
            raise Failure("trains otherwise afterwards")
        return said[-1]

    return case


def fill(items, value):
    for i in range(len(items)):
        items[i] = value


def fail(model):
    raise IndexError("of the file's")


MODEL = Object(make)
DATA = [Array("h", X, or_bytes=True), Array("h", Y, or_bytes=True)]
MIXED = {}
CALLS = {
    "new": [Int(2, 1, 16384), Int(3, 1, 256)],
    "train_steps": [MODEL] + DATA,
    "save_model": [MODEL, Writable(File)],
    "Model.train": [MODEL] + DATA,
    "Model.train_init": [MODEL] + DATA,
    "Model.train_step": [Object(begun)],
    "Model.predict": [MODEL, Array("h", (8, -5), or_bytes=True), Array("f", (7, 11, 13), out=True)],
    "Model.get_n_features": [MODEL],
    "Model.get_n_classes": [MODEL],
    "Model.get_n_trees": [MODEL],
    "Model.get_n_nodes_used": [MODEL],
    "Model.get_n_trees_trained": [MODEL],
    "Model.get_root": [MODEL, Int(1, 0, 1)],
    "Model.get_node": [MODEL, Int(1, 0, make().get_n_nodes_used() - 1)],
    "Model.__del__": [MODEL],
}
COUNT = 1, 65535
KEYWORDS = {
    "new": {
        "n_trees": Int(2, *COUNT), "max_depth": Int(3, *COUNT), "min_samples_leaf": Int(2, *COUNT), "n_thresholds": Int(3, *COUNT),
        "subsample_ratio": Ratio(0.5), "feature_subsample_ratio": Ratio(0.5), "max_nodes": Int(20, *COUNT), "max_samples": Int(8, *COUNT),
        "rng_seed": Seed(7, 0, 2**32), "use_global_feature_range": Flag(True),
    }
}
EXTRA = {
    "save_model": [
        ("%s the file" % name, saved_meanwhile(act))
        for name, act in (
            ("deleted by", lambda model: model.__del__()), ("trained by", lambda model: use(model)),
            ("begun by", lambda model: model.train_init(array("h", X), array("h", Y))), ("an exception of", fail),
        )
    ],
    "Model.train_step": [
        (name, trained_meanwhile(act))
        for name, act in (
            ("X changes", lambda model, x, y: fill(x, 7)), ("y changes", lambda model, x, y: fill(y, 2)),
            ("y is out of range", lambda model, x, y: fill(y, 3)), ("y is negative", lambda model, x, y: fill(y, -1)),
            ("X grows", lambda model, x, y: x.extend(array("h", [1] * 5000))), ("y grows", lambda model, x, y: y.extend(array("h", [1] * 5000))),
            ("begun anew", lambda model, x, y: model.train_init(array("h", X[:4]), array("h", Y[:2]))),
            ("trained", lambda model, x, y: model.train(x, y)),
        )
    ],
}
