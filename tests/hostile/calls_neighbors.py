"""Good calls of emlearn_neighbors."""

from array import array

import emlearn_neighbors
from hostile import Array, Int, Object

ITEMS = ((1, 2, 3), 7), ((-5, 0, 100), -2), ((32767, -32768, 0), 7), ((4, 4, 4), 300)
QUERY = 3, 3, 2


def new():
    return emlearn_neighbors.new(6, 3, 2)


def make():
    model = new()
    for values, label in ITEMS:
        model.additem(array("h", values), label)
    model.predict(array("h", QUERY))
    return model


def until_refused(function):
    results = []
    try:
        while True:
            results.append(function(len(results)))
    except ValueError:
        return results


def observe(model):
    def item(index):
        values = array("h", (0, 0, 0))
        model.getitem(index, values)
        return values

    return until_refused(item), until_refused(model.getresult)


def use(model):
    model.additem(array("h", QUERY), 5)
    return model.predict(array("h", QUERY)), observe(model)


MODEL = Object(make)
MIXED = {}
CALLS = {
    "new": [Int(6, 1, 65535), Int(3, 1, 65535), Int(1, 1, 65535)],
    "Model.additem": [MODEL, Array("h", QUERY, or_bytes=True), Int(9, -32768, 32767)],
    "Model.getitem": [MODEL, Int(1, 0, len(ITEMS) - 1), Array("h", (7, 11, 13), out=True)],
    "Model.predict": [MODEL, Array("h", QUERY, or_bytes=True)],
    "Model.getresult": [MODEL, Int(1, 0, len(ITEMS) - 1)],
    "Model.__del__": [MODEL],
}
