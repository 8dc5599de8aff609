"""Good calls of emlearn_trees."""

from array import array

import emlearn_trees
from hostile import Array, Failure, Int, Object, Parameter

LINES = "f,2\n", "c,2\n", "lb,0\n", "l,0\n", "l,1\n", "r,0\n", "n,0,10.5,1,-1\n", "n,1,-3,-1,-2\n"


def new():
    return emlearn_trees.new(2, 4, 3)


def make():
    model = new()
    emlearn_trees.load_model(model, LINES)
    return model


def observe(model):
    results = [model.outputs()]
    for sample in ((0, 0), (11, 0), (10, -3), (0, 32767)):
        out = array("f", [0] * results[0])
        model.predict(array("h", sample), out)
        results.append(out)
    return results


def use(model):
    emlearn_trees.load_model(model, LINES)
    return observe(model)


class Lines(Parameter):
    """An iterable of lines."""

    def hostile(self):
        yield from super().hostile()
        for label, lines in (
            ("no lines", []), ("an empty line", [""]), ("a list of numbers", [1, 2]), ("bytes", [b"f,2\n", 1]), ("None", [None]),
            ("half of the lines", LINES[:4]), ("a huge line", ["f," + "1" * 70000]), ("zeros", [bytes(10000)]), ("huge numbers", ["f,99999999999999999999\n"]),
        ):
            yield label, lines, lines
            yield "a file of " + label, File(lines), lines
        yield "a file", File(LINES), LINES
        yield "letters", File("".join(LINES)), LINES

    def is_good(self, plain):
        return isinstance(plain, (list, tuple))


class File:
    def __init__(self, blocks):
        self.blocks = iter(blocks)

    def readinto(self, buffer):
        block = next(self.blocks, "")
        block = bytes(block, "utf-8") if isinstance(block, str) else bytes(block)
        n = min(len(block), len(buffer))
        buffer[:n] = block[:n]
        return n


def meanwhile(act, blocks=True):
    """Loads from a file, or lines, that do something with the model in the middle."""

    def case():
        model = new()

        def lines():
            yield from LINES[:4]
            act(model)
            yield from LINES[4:]

        try:
            emlearn_trees.load_model(model, File(lines()) if blocks else lines())
        except ValueError as e:
            if not str(e):
                raise Failure("no message")
        model.outputs()
        return observe(model)

    return case


def fail(model):
    raise IndexError("of the file's")


MODEL = Object(make)
MIXED = {}
CALLS = {
    "new": [Int(2, 1, 65535), Int(4, 1, 65535), Int(3, 1, 65535)],
    "load_model": [Object(new), Lines(lambda: LINES)],
    "Model.addnode": [Object(new), Int(1, -65535, 65535), Int(-1, -65535, 65535), Int(0, 0, 65535), Int(5, -65535, 65535)],
    "Model.addroot": [Object(new), Int(0, 0, 65535)],
    "Model.addleaf": [Object(new), Int(1, 0, 255)],
    "Model.setdata": [Object(new), Int(2, 1, 65535), Int(2, 0, 256)],
    "Model.outputs": [MODEL],
    "Model.predict": [MODEL, Array("h", (11, -5), or_bytes=True), Array("f", (7, 11), out=True)],
    "Model.__del__": [MODEL],
}
EXTRA = {
    "load_model": [
        ("%s %s meanwhile" % (name, "a file" if blocks else "lines"), meanwhile(act, blocks))
        for blocks in (True, False)
        for name, act in (
            ("deleted by", lambda model: model.__del__()),
            ("loaded by", lambda model: emlearn_trees.load_model(model, LINES)),
            ("a leaf added by", lambda model: model.addleaf(1)),
            ("classes changed by", lambda model: model.setdata(7, 200)),
            ("predicted by", lambda model: model.predict(array("h", (0, 0)), array("f", (0, 0)))),
            ("an exception of", fail),
        )
    ]
}
