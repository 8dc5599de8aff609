"""emlearn_trees on the device."""

import gc
import io
from array import array

import check
import emlearn_trees

# XOR of two int16 features, true above 2**14, as two trees.
XOR = """f,2
c,2
lb,0
l,0
l,1
r,0
r,3
n,0,16383.5,1,2
n,1,16383.5,-1,-2
n,1,16383.5,-2,-1
n,1,16383.5,1,2
n,0,16383.5,-1,-2
n,0,16383.5,-2,-1
"""


def load(text, trees=5, nodes=30, leaves=10):
    model = emlearn_trees.new(trees, nodes, leaves)
    emlearn_trees.load_model(model, io.StringIO(text))
    return model


def predict(model, *features):
    out = array("f", [7.0] * model.outputs())
    model.predict(array("h", features), out)
    return list(out)


def refused(text, *words):
    """Loading the text raises ValueError with these words in its message, and leaves the model as it was."""
    model = emlearn_trees.new(5, 30, 10)
    model.setdata(3, 4)
    message = check.raises(ValueError, emlearn_trees.load_model, model, io.StringIO(text))
    for word in words:
        assert word in message, "%r: %r" % (text, message)
    assert model.outputs() == 4
    emlearn_trees.load_model(model, io.StringIO(XOR))
    assert predict(model, 0, 20000) == [0.0, 1.0]


def test_load_file():
    model = load(XOR)
    assert model.outputs() == 2
    for a in (-32768, 0, 16383, 16384, 32767):
        for b in (-32768, 0, 16383, 16384, 32767):
            expected = (a > 16383) != (b > 16383)
            assert predict(model, a, b) == [float(not expected), float(expected)]


def test_load_other_sources():
    lines = XOR.split("\n")
    for source in (
        io.BytesIO(XOR.encode()),
        io.StringIO(XOR.replace("\n", "\r\n")),
        io.StringIO(XOR[:-1]),
        lines,
        [line + "\n" for line in lines],
        tuple(line.encode() for line in lines),
        (line for line in lines),
        ["\n", "comment, 1, x.y-z\n", "zz,1\n", "fn,3\n", "l_x,5\n", "n2,1\n", "# [1]: " + 100 * "long " + "\n"] + lines,
        io.BytesIO(b"# " + 1000 * b"long" + b"\n" + XOR.encode()),
    ):
        model = emlearn_trees.new(2, 6, 2)
        emlearn_trees.load_model(model, source)
        assert predict(model, 0, 20000) == [0.0, 1.0]


def test_built_by_calls():
    model = emlearn_trees.new(2, 6, 2)
    model.setdata(2, 2)
    model.addleaf(0)
    model.addleaf(1)
    for root, first, second in ((0, 0, 1), (3, 1, 0)):
        model.addroot(root)
        model.addnode(1, 2, first, 16384)
        model.addnode(-1, -2, second, 16384)
        model.addnode(-2, -1, second, 16384)
    assert model.outputs() == 2
    assert predict(model, 0, 16383) == [1.0, 0.0]
    assert predict(model, 0, 16384) == [0.0, 1.0]


def single_node(threshold):
    return "f,1\nc,2\nl,0\nl,1\nr,0\nn,0,%s,-1,-2\n" % threshold


def test_thresholds():
    # (threshold, largest sample that goes left)
    for threshold, left in (
        ("4.5", 4), ("4", 4), ("4.0", 4), ("4.999999", 4), ("-4.5", -5), ("-4", -4), ("-4.0", -4), ("-4.000001", -5),
        ("0.0", 0), ("-0.0", 0), ("-0.5", -1), ("0.5", 0), ("1e-05", 0), ("-1e-05", -1), ("1.5e2", 150), ("12345.678e-2", 123),
        ("32766.5", 32766), ("32767", 32767), ("40000.5", 32767), ("1e10", 32767), ("99999999999999999999", 32767),
        ("-32767.5", -32768), ("-32768", -32768), ("-32768.000001", None), ("-32769", None), ("-1e20", None),
        ("16383.99999999999999", 16383), ("16383.0000000000001", 16383), ("-16383.0000000000001", -16384),
    ):
        model = load(single_node(threshold))
        for sample in (-32768, -32767, -1, 0, 1, 32766, 32767, left or 0, (left or 0) + 1):
            if sample <= 32767:
                goes_left = left is not None and sample <= left
                assert predict(model, sample) == [float(goes_left), float(not goes_left)], (threshold, sample)


def test_values_of_addnode():
    # (value, largest sample that goes left)
    for value, left in ((0, -1), (5, 4), (-5, -6), (32767, 32766), (32768, 32767), (-32767, -32768), (-32768, None), (40000, 32767), (-40000, None)):
        model = emlearn_trees.new(1, 1, 2)
        model.setdata(1, 2)
        model.addleaf(0)
        model.addleaf(1)
        model.addroot(0)
        model.addnode(-1, -2, 0, value)
        for sample in (-32768, -1, 0, 1, 32767, left or 0, (left or 0) + 1):
            if sample <= 32767:
                goes_left = left is not None and sample <= left
                assert predict(model, sample) == [float(goes_left), float(not goes_left)], (value, sample)


def test_class_proportions():
    text = "f,1\nc,3\nlb,8\nl,[  0 255   0]\nl,[ 51   0 204]\nr,0\nr,1\nn,0,0.5,-1,-2\nn,0,10.5,-1,-2"
    for variant in (text, text.replace("[ 51   0 204]", "[ 51\n   0\n 204]"), text.replace("[ 51   0 204]", "51,0,204")):
        model = load(variant)
        assert model.outputs() == 3
        check.close(predict(model, 0), [0, 1, 0], 0)
        check.close(predict(model, 1), [0.1, 0.5, 0.4], 1e-7)
        check.close(predict(model, 11), [0.2, 0, 0.8], 1e-7)
    refused(text.replace("204", "256"))
    refused(text[: text.index("204")])
    refused(text.replace("204]", "204 1]"))
    refused(text.replace(" 204]", "]"))
    refused(text.replace("r,0", "lb,0"))
    refused(text.replace("r,0", "c,2"))


def test_many_classes():
    # Lines and lists that are longer than what is read at once.
    names = ["f,1", "c,200", "lb,8"]
    values = [["%d" % (255 * (i == leaf)) for i in range(200)] for leaf in (7, 150)]
    for before, separator, after in (("", ",", ""), ("[", " ", "]"), ("[ ", "\n ", "]")):
        leaves = ["l," + before + separator.join(leaf) + after for leaf in values]
        text = "\n".join(names + leaves + ["r,0", "n,0,0.5,-1,-2"])
        for source in (io.StringIO(text), text.split("\n")):
            model = emlearn_trees.new(1, 1, 2)
            emlearn_trees.load_model(model, source)
            for sample, leaf in ((0, 7), (1, 150)):
                assert predict(model, sample) == [float(i == leaf) for i in range(200)]


def test_regression():
    model = load("f,1\nc,0\nlb,32\nl,-1.5\nl,1e3\nl,123.4567\nr,0\nr,1\nn,0,0.5,-1,-2\nn,0,10.5,-3,-2\n")
    assert model.outputs() == 1
    check.close(predict(model, 0), [(-1.5 + 123.4567) / 2], 1e-5)
    check.close(predict(model, 1), [(1000 + 123.4567) / 2], 1e-4)
    check.close(predict(model, 11), [1000], 0)


def test_large():
    # One tree that is a chain: node i asks for sample <= i and the last leaf comes after 65,535 decisions.
    nodes = min(65535, check.memory() // 16)
    def chain():
        yield "f,300\nc,256\nl,0\nl,255\nr,0\n"
        for i in range(nodes):
            yield "n,%d,%d,%d,%d\n" % (299 if i == 0 else 0, i - 32768, -1, 1 if i < nodes - 1 else -2)
    model = emlearn_trees.new(1, nodes, 2)
    emlearn_trees.load_model(model, chain())
    features = array("h", [0] * 300)
    out = array("f", [0] * 256)
    for last, first in ((-32768, 1.0), (32767, 0.0)):
        features[299] = last
        features[0] = 32767
        model.predict(features, out)
        assert out[0] == first and out[255] == 1 - first


def test_far_leaves():
    nodes = check.memory() // 16
    if nodes >= 65535:
        model = emlearn_trees.new(1, 65535, 2)
        model.addleaf(0)
        model.addleaf(1)
        check.raises(ValueError, model.addnode, 1, -2, 0, 0)
        model.addnode(1, -1, 0, 0)
        model.addnode(-1, -2, 0, 0)
        model.addroot(0)
        model.setdata(1, 2)
        assert predict(model, 1) == [1.0, 0.0]


def test_malformed():
    refused("", "")
    for old, new, *words in (
        ("f,2\n", ""), ("c,2\n", ""), ("r,0\nr,3\n", ""),
        ("l,0\n", ""),
        ("f,2", "f,0"), ("f,2", "f,1", "9"), ("f,2", "f,-1", "1"), ("f,2", "f,65537", "1"), ("f,2", "f,x", "1"), ("f,2", "f,", "1"),
        ("f,2", "f,2,3", "1"), ("c,2", "c,1"), ("c,2", "c,257", "2"), ("c,2", "c,-2", "2"),
        ("lb,0", "lb,9", "3"), ("lb,0", "lb,33", "3"), ("lb,0", "lb,-1", "3"), ("l,1", "l,2", "5"), ("l,1", "l,256", "5"), ("l,1", "l,-1", "5"),
        ("l,1", "l,1,1", "5"), ("l,1", "l,1-0", "5"), ("l,1", "l,--1", "5"), ("l,1", "l,1x", "5"), ("l,1", "l,", "5"), ("l,1", "l,-", "5"),
        ("r,3", "r,6", "7"), ("r,3", "r,-1", "7"), ("r,3", "r,65536", "7"), ("r,3", "r,100000000000000000000", "7"),
        ("n,0,16383.5,1,2", "n,2,16383.5,1,2", "8"), ("n,0,16383.5,1,2", "n,-1,16383.5,1,2", "8"),
        ("n,0,16383.5,1,2", "n,0,16383.5,0,2", "8"), ("n,0,16383.5,1,2", "n,0,16383.5,1,6", "8"),
        ("n,0,16383.5,1,2", "n,0,16383.5,1,-3", "8"), ("n,0,16383.5,1,2", "n,0,16383.5,1,-70000", "8"),
        ("n,0,16383.5,1,2", "n,0,16383.5,1,65536", "8"), ("n,0,16383.5,1,2", "n,0,16383.5,1", "8"),
        ("n,0,16383.5,1,2", "n,0,16383.5,1,2,3", "8"), ("n,0,16383.5,1,2", "n,0,nan,1,2", "8"),
        ("n,0,16383.5,1,2", "n,0,1.2.3,1,2", "8"), ("n,0,16383.5,1,2", "n,0,1e,1,2", "8"), ("n,0,16383.5,1,2", "n,0,1e2e3,1,2", "8"),
        ("n,0,16383.5,1,2", "n,0,,1,2", "8"), ("n,0,16383.5,1,2", "n,0;16383.5,1,2", "8"), ("n,0,16383.5,1,2", "n,0#16383.5,1,2", "8"),
        ("n,0,16383.5,1,2", "n,0\0,16383.5,1,2", "8"), ("n,0,16383.5,1,2", "n,0,16383.5,1,2+", "8"),
    ):
        assert old in XOR
        refused(XOR.replace(old, new, 1), *words)
    refused("# " + 1000 * "1" + "\n" + XOR)
    for n_trees, n_nodes, n_leaves in ((1, 6, 2), (2, 5, 2), (2, 6, 1)):
        check.raises(ValueError, load, XOR, n_trees, n_nodes, n_leaves)


def test_reload():
    model = load(XOR)
    check.raises(ValueError, emlearn_trees.load_model, model, io.StringIO(XOR))
    assert predict(model, 0, 20000) == [0.0, 1.0]


def test_reader_interferes():
    class Reader:
        def __init__(self, text, act):
            self.file = io.StringIO(text)
            self.act = act

        def readinto(self, block):
            self.act()
            return self.file.readinto(block)

    def fail():
        raise OSError("gone")

    model = emlearn_trees.new(5, 30, 10)
    check.raises(OSError, emlearn_trees.load_model, model, Reader(XOR, fail))
    emlearn_trees.load_model(model, io.StringIO(XOR))
    assert predict(model, 0, 20000) == [0.0, 1.0]

    model = emlearn_trees.new(5, 30, 10)
    check.raises(ValueError, emlearn_trees.load_model, model, Reader(XOR, lambda: model.addleaf(1)))
    model = emlearn_trees.new(5, 30, 10)
    reader = Reader(XOR, lambda: emlearn_trees.load_model(model, io.StringIO(XOR)))
    check.raises(ValueError, emlearn_trees.load_model, model, reader)
    assert predict(model, 0, 20000) == [0.0, 1.0]
    model = emlearn_trees.new(5, 30, 10)
    check.raises(TypeError, emlearn_trees.load_model, model, Reader(XOR, model.__del__))

    class Wrong:
        def __init__(self, count):
            self.count = count

        def readinto(self, block):
            return self.count

    for error, count in ((ValueError, -1), (ValueError, 100000), (ValueError, 2**64), (TypeError, None), (TypeError, "1")):
        model = emlearn_trees.new(5, 30, 10)
        check.raises(error, emlearn_trees.load_model, model, Wrong(count))
        emlearn_trees.load_model(model, io.StringIO(XOR))


def test_arguments():
    new = emlearn_trees.new
    for wrong in (0, -1, 65536, 2**31, 2**32 + 1, 2**64 + 1):
        check.raises(ValueError, new, wrong, 1, 1)
        check.raises(ValueError, new, 1, wrong, 1)
        check.raises(ValueError, new, 1, 1, wrong)
    for wrong in (None, "1", 1.0, [], b"1"):
        check.raises(TypeError, new, wrong, 1, 1)
    check.raises(TypeError, new, 1, 1)
    check.raises(TypeError, new, 1, 1, 1, 1)

    model = new(1, 1, 1)
    for wrong in (-1, 65536, 2**31, 2**32, 2**64):
        check.raises(ValueError, model.addleaf, wrong)
        check.raises(ValueError, model.setdata, wrong, 1)
        check.raises(ValueError, model.setdata, 1, wrong)
        check.raises(ValueError, model.addnode, -1, -1, wrong, 0)
    for wrong in (-65536, 65536, 2**31, -(2**31), 2**64):
        check.raises(ValueError, model.addnode, -1, -1, 0, wrong)
    for method in (model.addleaf, model.addroot):
        check.raises(TypeError, method, None)
        check.raises(TypeError, method, 1.5)
    check.raises(ValueError, model.predict, array("h", [0]), array("f", [0]))
    model.setdata(1, 1)
    model.addleaf(0)
    check.raises(ValueError, model.addleaf, 0)
    check.raises(ValueError, model.predict, array("h", [0]), array("f", [0]))
    model.addroot(0)
    check.raises(ValueError, model.addroot, 0)
    check.raises(ValueError, model.predict, array("h", [0]), array("f", [0]))
    model.addnode(-1, -1, 0, 0)
    check.raises(ValueError, model.addnode, -1, -1, 0, 0)
    assert predict(model, 3) == [1.0]

    features, out = array("h", [0]), array("f", [0])
    for wrong in (array("h"), array("h", [0, 0]), array("H", [0]), array("f", [0]), array("b", [0]), b"\0", bytes(3), bytearray(4)):
        check.raises(ValueError, model.predict, wrong, out)
    for wrong in (array("f"), array("f", [0, 0]), array("h", [0, 0]), array("d", [0]), bytearray(4)):
        check.raises(ValueError, model.predict, features, wrong)
    for wrong in (None, 1, [0], (0,)):
        check.raises(TypeError, model.predict, wrong, out)
        check.raises(TypeError, model.predict, features, wrong)
    check.raises(TypeError, model.predict, features)
    check.raises(TypeError, emlearn_trees.load_model, model)
    for wrong in (None, 5):
        check.raises(TypeError, emlearn_trees.load_model, new(1, 1, 1), wrong)
    check.raises(TypeError, emlearn_trees.load_model, new(1, 1, 1), [5])
    check.raises(TypeError, emlearn_trees.load_model, 5, [])


def test_feature_buffers():
    model = load(XOR)
    out = array("f", [0, 0])
    features = array("h", [0, 20000])
    padded = array("h", [1, 0, 20000, 1])
    raw = bytes(features)
    for buffer in (
        features, memoryview(features), memoryview(padded)[1:3], raw, bytearray(raw), memoryview(raw), memoryview(b"xx" + raw)[2:],
    ):
        out[0] = out[1] = 7
        model.predict(buffer, out)
        assert list(out) == [0.0, 1.0]
    model.predict(features, memoryview(out))
    check.raises(TypeError, model.predict, features, bytes(8))


def test_wrong_and_deleted_objects():
    model = load(XOR)
    kind = type(model)
    for method, args in (
        (kind.predict, (array("h", [0, 0]), array("f", [0, 0]))), (kind.outputs, ()), (kind.addleaf, (0,)), (kind.addroot, (0,)),
        (kind.addnode, (-1, -1, 0, 0)), (kind.setdata, (1, 1)), (kind.__del__, ()),
    ):
        for other in (None, 5, array("h", [0] * 50), kind, emlearn_trees):
            check.raises(TypeError, method, other, *args)
    check.raises(TypeError, emlearn_trees.load_model, kind, [])
    model.__del__()
    for method, args in ((model.predict, (array("h", [0, 0]), array("f", [0, 0]))), (model.outputs, ()), (model.__del__, ())):
        try:
            method(*args)
        except (ValueError, TypeError):
            continue
        assert False, "not raised"


def test_heap():
    def life():
        model = load(XOR)
        predict(model, 0, 0)
        del model

    def broken():
        check.raises(ValueError, load, XOR + "n,\n")

    def proportions():
        load("f,1\nc,9\nlb,8\n" + "l,1 2 3 4 5 6 7 8 9\n" * 10 + "r,0\nn,0,1,-1,-10\n")

    for call in (life, broken, proportions):
        assert check.heap_growth(call) == 0
    model = load(XOR)
    assert check.allocated(model.predict, array("h", [0, 0]), array("f", [0, 0])) == 0


def test_heap_of_a_model():
    gc.collect()
    before = gc.mem_alloc()
    model = emlearn_trees.new(5, 30, 2)
    taken = gc.mem_alloc() - before
    assert 50 < taken < 1000, taken
    before = gc.mem_alloc()
    large = emlearn_trees.new(10, 1000, 10)
    taken = gc.mem_alloc() - before
    assert taken <= 8192, taken
    del model, large


check.run(globals())
