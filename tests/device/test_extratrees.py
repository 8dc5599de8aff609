"""emlearn_extratrees on the device."""

import gc
from array import array

import check
import emlearn_extratrees
import emlearn_trees

N_FEATURES = 4
N_CLASSES = 3


def make(rows, n_features=N_FEATURES, n_classes=N_CLASSES):
    """Random rows, whose label depends on two features."""
    state = 1
    X, y = array("h", bytes(2 * rows * n_features)), array("h", bytes(2 * rows))
    for i in range(rows):
        for j in range(n_features):
            state = (state * 1021 + 12345) % 1048573
            X[i * n_features + j] = state % 60001 - 30000
        y[i] = (X[i * n_features] // 8000 + (X[i * n_features + 1] > 3000)) % n_classes
    return X, y


X, Y = make(60)


def predictions(model, X=X):
    probabilities = array("f", [0] * model.get_n_classes())
    n = model.get_n_features()
    return [(model.predict(X[i : i + n], probabilities), list(probabilities)) for i in range(0, len(X), n)]


class Text:
    """A file that is written to."""

    def __init__(self):
        self.lines = []

    def write(self, text):
        self.lines.append(text)


def text(model):
    file = Text()
    assert emlearn_extratrees.save_model(model, file) is None
    return "".join(file.lines)


def checksum(text):
    total = 0
    for c in text:
        total = (total * 31 + ord(c)) % 16777213
    return total


def test_new_model():
    model = emlearn_extratrees.new(5, 7)
    assert (model.get_n_features(), model.get_n_classes(), model.get_n_trees()) == (5, 7, 10)
    assert (model.get_n_nodes_used(), model.get_n_trees_trained()) == (0, 0)
    model = emlearn_extratrees.new(
        4, 3, n_trees=3, max_depth=4, min_samples_leaf=2, n_thresholds=5, subsample_ratio=0.5, feature_subsample_ratio=0.5,
        max_nodes=100, max_samples=60, rng_seed=-1, use_global_feature_range=True
    )
    assert model.get_n_trees() == 3
    assert model.train(X, Y) is None
    assert model.get_n_trees_trained() == 3 and 3 <= model.get_n_nodes_used() <= 3 * 15


def test_learns():
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, max_depth=100, n_thresholds=1)
    model.train(X, Y)
    # Rows are all different: every tree knows every one.
    for (label, probabilities), y in zip(predictions(model), Y):
        assert label == y and probabilities == [float(i == y) for i in range(N_CLASSES)]


def test_votes():
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, max_depth=2, n_thresholds=1, feature_subsample_ratio=0.25)
    model.train(X, Y)
    shared = 0
    for label, probabilities in predictions(model):
        votes = [round(p * 10) for p in probabilities]
        check.close(probabilities, [v / 10 for v in votes], 1e-7)
        assert sum(votes) == 10 and label == votes.index(max(votes))
        shared += votes[label] < 10
    assert shared


def test_same_everywhere():
    """These numbers are those of every architecture."""
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3, max_depth=6)
    model.train(X, Y)
    assert (model.get_n_nodes_used(), checksum(text(model))) == (41, 14160938), (model.get_n_nodes_used(), checksum(text(model)))
    model = emlearn_extratrees.new(
        N_FEATURES, N_CLASSES, n_trees=4, max_depth=9, min_samples_leaf=2, n_thresholds=1, subsample_ratio=0.7,
        feature_subsample_ratio=0.4, rng_seed=2**31 + 5, use_global_feature_range=True
    )
    model.train(X, Y)
    assert (model.get_n_nodes_used(), checksum(text(model))) == (67, 5856120), (model.get_n_nodes_used(), checksum(text(model)))


def test_seeds():
    def trained(seed):
        model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=1, rng_seed=seed)
        model.train(X, Y)
        return text(model)

    assert trained(1) == trained(1) == trained(2**32 + 1) != trained(2)
    assert trained(-1) == trained(2**32 - 1)
    assert trained(0) != trained(2**40 + 3) == trained(3)


def test_steps():
    settings = dict(n_trees=3, n_thresholds=2, subsample_ratio=0.8, rng_seed=5)
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, **settings)
    model.train(X, Y)
    expected = text(model)

    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, **settings)
    assert model.train_init(X, Y) is None
    steps = trees = 0
    done = 0
    while not done:
        assert model.get_n_trees_trained() < 3
        check.raises(ValueError, predictions, model)
        done = model.train_step()
        steps += 1
        assert trees <= model.get_n_trees_trained() <= trees + 1
        trees = model.get_n_trees_trained()
    assert done == 1 == model.train_step() and trees == 3
    assert steps == model.get_n_nodes_used()
    assert text(model) == expected

    # Again, with the same model.
    yielded = list(emlearn_extratrees.train_steps(model, X, Y))
    assert len(yielded) == steps and yielded == sorted(yielded) and set(yielded) == {0, 1, 2, 3}
    assert text(model) == expected

    # Given up in the middle.
    generator = emlearn_extratrees.train_steps(model, X, Y)
    next(generator)
    generator.close()
    check.raises(ValueError, text, model)
    model.train(X, Y)
    assert text(model) == expected


def test_data_changes_between_steps():
    def started():
        x, y = array("h", X), array("h", Y)
        model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3)
        model.train_init(x, y)
        model.train_step()
        return model, x, y

    model, x, y = started()
    while not model.train_step():
        pass
    expected = text(model)

    # A label that is none: nothing is done, and training can go on.
    model, x, y = started()
    for bad in (N_CLASSES, -1, 32767, -32768):
        y[:] = array("h", [bad] * len(y))
        check.raises(ValueError, model.train_step)
    y[:] = Y
    # Arrays of other lengths too.
    x.append(0)
    check.raises(ValueError, model.train_step)
    x[:] = X
    y.append(0)
    check.raises(ValueError, model.train_step)
    y[:] = Y
    x[:] = array("h")
    y[:] = array("h")
    check.raises(ValueError, model.train_step)
    x.extend(X)
    y.extend(Y)
    assert model.get_n_trees_trained() == 0
    while not model.train_step():
        pass
    assert text(model) == expected

    # Other values: another model.
    model, x, y = started()
    x[:] = array("h", [x[-1 - i] for i in range(len(x))])
    while not model.train_step():
        x[:] = array("h", [x[-1 - i] ^ 21845 for i in range(len(x))])
    assert text(model) != expected
    predictions(model)


def test_data_is_kept():
    x, y = array("h", X), array("h", Y)
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3)
    model.train(x, y)
    expected = text(model)
    model.train_init(x, y)
    x = y = None
    for _ in range(2):
        gc.collect()
        [array("h", [-1] * 50) for _ in range(20)]
    while not model.train_step():
        pass
    assert text(model) == expected


def test_raw_bytes():
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3)
    model.train(X, Y)
    expected, predicted = text(model), predictions(model)
    model.train(bytes(X), memoryview(bytes(Y)))
    assert text(model) == expected
    probabilities = array("f", [0] * N_CLASSES)
    assert model.predict(bytes(X[:N_FEATURES]), probabilities) == predicted[0][0]


def test_out_of_nodes():
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3)
    model.train(X, Y)
    needed, expected = model.get_n_nodes_used(), text(model)
    for max_nodes in (1, 2, 3, needed - 1):
        model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3, max_nodes=max_nodes)
        for _ in range(2):
            assert "max_nodes" in check.raises(ValueError, model.train, X, Y)
            check.raises(ValueError, predictions, model)
            check.raises(ValueError, model.train_step)
            check.raises(ValueError, text, model)
            assert (model.get_n_nodes_used(), model.get_n_trees_trained()) == (0, 0)
        # Rows of one label need a node a tree.
        if max_nodes >= 3:
            model.train(X, array("h", [1] * len(Y)))
            assert predictions(model, X[:N_FEATURES]) == [(1, [0, 1, 0])]
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3, max_nodes=needed)
    model.train(X, Y)
    assert text(model) == expected


def test_extremes():
    # The whole range of int16, one feature, one row, one class, all rows alike.
    x, y = array("h", [-32768, 32767, -32768, 32767]), array("h", [1, 0, 1, 0])
    for is_global in (False, True):
        model = emlearn_extratrees.new(1, 2, use_global_feature_range=is_global)
        model.train(x, y)
        assert [label for label, _ in predictions(model, x)] == list(y)
    model = emlearn_extratrees.new(1, 1, n_trees=1)
    model.train(x[:1], y[1:2])
    assert predictions(model, x) == [(0, [1])] * 4
    model = emlearn_extratrees.new(2, 3, max_depth=65535, n_thresholds=1, min_samples_leaf=1)
    model.train(array("h", [7] * 8), array("h", [2, 0, 1, 2]))
    assert predictions(model, array("h", [7, 7, 0, 0])) == [(2, [0, 0, 1])] * 2
    # A tie: the smallest.
    model.train(array("h", [7] * 8), array("h", [2, 1, 1, 2]))
    assert predictions(model, array("h", [7, 7])) == [(1, [0, 1, 0])]
    # No decision leaves as many rows on either side.
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, min_samples_leaf=65535)
    model.train(X, Y)
    assert model.get_n_nodes_used() == 10
    model = emlearn_extratrees.new(1, 256, max_nodes=256 * 10, subsample_ratio=1, max_depth=256)
    x = array("h", range(256))
    model.train(x, x)
    probabilities = array("f", x)
    assert all(model.predict(x[i : i + 1], probabilities) == i for i in x)


def test_saved():
    for settings in (dict(), dict(max_depth=1), dict(min_samples_leaf=65535), dict(n_thresholds=1, feature_subsample_ratio=0.5)):
        model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=5, **settings)
        model.train(X, Y)
        lines = text(model).split("\n")
        nodes, leaves = model.get_n_nodes_used(), model.get_n_classes()
        loaded = emlearn_trees.new(5, nodes, leaves)
        emlearn_trees.load_model(loaded, [line + "\n" for line in lines])
        # The same without a file.
        copied = emlearn_trees.new(5, nodes, leaves)
        copied.setdata(N_FEATURES, N_CLASSES)
        for i in range(leaves):
            copied.addleaf(i)
        for i in range(5):
            copied.addroot(model.get_root(i))
        for i in range(nodes):
            copied.addnode(*model.get_node(i))
        samples, _ = make(100)
        out = array("f", [0] * N_CLASSES)
        for i, (_, probabilities) in enumerate(predictions(model, samples)):
            for trees in (loaded, copied):
                trees.predict(samples[i * N_FEATURES : (i + 1) * N_FEATURES], out)
                assert list(out) == probabilities, i


def test_interrupted():
    """An exception in the middle of a training, as Ctrl-C is, leaves a model that can be trained again."""

    class Interrupt(Exception):
        pass

    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=3)
    model.train(X, Y)
    expected = text(model)
    for at in (0, 1, 7):
        try:
            for i, _ in enumerate(emlearn_extratrees.train_steps(model, X, Y)):
                if i == at:
                    raise Interrupt
        except Interrupt:
            pass
        check.raises(ValueError, predictions, model)
        model.train(X, Y)
        assert text(model) == expected


def test_wrong_arguments():
    new = emlearn_extratrees.new
    for arguments in ((), (1,), (1, 2, 3)):
        check.raises(TypeError, new, *arguments)
    check.raises(TypeError, new, 1, 2, trees=3)
    for name, most in (("n_features", 16384), ("n_classes", 256), ("n_trees", 65535), ("max_depth", 65535), ("min_samples_leaf", 65535),
                       ("n_thresholds", 65535), ("max_nodes", 65535), ("max_samples", 65535)):
        for value in (0, -1, most + 1, 2**31, 2**32 + 1, -(2**70)):
            settings = dict(n_features=1, n_classes=1)
            settings[name] = value
            assert name in check.raises(ValueError, new, **settings)
        for value in (None, "1", 1.5, []):
            settings = dict(n_features=1, n_classes=1)
            settings[name] = value
            check.raises(TypeError, new, **settings)
    for value in (None, "1", 1.5):
        check.raises(TypeError, new, 1, 1, rng_seed=value)
    for name in ("subsample_ratio", "feature_subsample_ratio"):
        for value in (0, -1, 1.001, 2, 1e9, -1e-9, float("nan"), float("inf"), -float("inf")):
            assert "ratio" in check.raises(ValueError, new, 1, 1, **{name: value})
        for value in (None, "1", []):
            check.raises(TypeError, new, 1, 1, **{name: value})
        new(1, 1, **{name: 1e-9})
        new(1, 1, **{name: True})

    model = new(N_FEATURES, N_CLASSES, n_trees=2, max_samples=len(Y))
    probabilities = array("f", [5] * N_CLASSES)
    for trained in (False, True):
        if trained:
            model.train(X, Y)
            expected = text(model)
        for method in (model.train, model.train_init):
            for x, y in ((array("h"), array("h")), (X, array("h")), (array("h"), Y), (X[:-1], Y), (X, Y[:-1]), (X, X), (Y, X), (array("H", X[:4]), Y),
                         (array("f", X), Y), (X, array("f", Y)), (X, array("B", Y)[:-1]), (bytes(X)[1:], Y)):
                check.raises(ValueError, method, x, y)
            for x, y in ((None, Y), (X, None), ([1], Y), (X, 1)):
                check.raises(TypeError, method, x, y)
            for bad in (N_CLASSES, -1, 32767, -32768):
                check.raises(ValueError, method, X, array("h", list(Y)[:-1] + [bad]))
            check.raises(ValueError, method, X + X[:N_FEATURES], Y + Y[:1])
            check.raises(TypeError, method, X)
            check.raises(TypeError, method, X, Y, 1)
        for index in (-1, model.get_n_nodes_used(), 2**31, -(2**40)):
            check.raises(ValueError, model.get_node, index)
        for tree in (-1, 2, 65536):
            check.raises(ValueError, model.get_root, tree)
        for value in (None, "0", 0.5):
            check.raises(TypeError, model.get_node, value)
            check.raises(TypeError, model.get_root, value)
        for features, out in ((X[:3], probabilities), (X[:5], probabilities), (array("h"), probabilities), (array("f", [1] * 4), probabilities),
                              (X[:4], probabilities[:2]), (X[:4], array("f")), (X[:4], array("h", [1] * 3)), (X[:4], bytearray(12))):
            check.raises(ValueError, model.predict, features, out)
        for features, out in ((None, probabilities), (X[:4], None), ([1, 2, 3, 4], probabilities)):
            check.raises(TypeError, model.predict, features, out)
        assert list(probabilities) == [5] * N_CLASSES
        if trained:
            assert text(model) == expected
        else:
            check.raises(ValueError, model.predict, X[:4], probabilities)
            check.raises(ValueError, model.train_step)
            check.raises(ValueError, model.get_root, 0)
    check.raises(TypeError, emlearn_extratrees.save_model, model, None)
    check.raises(TypeError, emlearn_extratrees.save_model, None, Text())
    check.raises(TypeError, list, emlearn_extratrees.train_steps(None, X, Y))


def test_wrong_self():
    Model = type(emlearn_extratrees.new(1, 1))
    h, f = array("h", [1]), array("f", [1])
    for method, arguments in ((Model.train, (h, h)), (Model.train_init, (h, h)), (Model.train_step, ()), (Model.predict, (h, f)), (Model.get_n_features, ()),
                              (Model.get_n_classes, ()), (Model.get_n_trees, ()), (Model.get_n_nodes_used, ()), (Model.get_n_trees_trained, ()),
                              (Model.get_root, (0,)), (Model.get_node, (0,)), (Model.__del__, ())):
        for other in (None, 1, [], array, f, Model):
            check.raises(TypeError, method, other, *arguments)
        deleted = emlearn_extratrees.new(1, 1)
        deleted.__del__()
        check.raises(TypeError, method, deleted, *arguments)


def test_deleted_while_training():
    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES)
    steps = emlearn_extratrees.train_steps(model, X, Y)
    next(steps)
    model.__del__()
    check.raises(TypeError, next, steps)

    class Deletes:
        def write(self, text):
            model.__del__()

    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, n_trees=1)
    model.train(X, Y)
    check.raises(TypeError, emlearn_extratrees.save_model, model, Deletes())


def test_memory():
    # 1,000 nodes, 200 rows of 10 features, data included.
    def learn():
        x, y = make(200, 10)
        model = emlearn_extratrees.new(10, N_CLASSES, max_nodes=1000, max_samples=200, n_thresholds=1)
        model.train(x, y)

    assert check.allocated(learn) <= 32 * 1024
    assert check.allocated(lambda: emlearn_extratrees.new(10, N_CLASSES, max_nodes=1000, max_samples=200)) <= 9 * 1024

    model = emlearn_extratrees.new(N_FEATURES, N_CLASSES, max_nodes=500, max_samples=60)
    features, probabilities = X[:N_FEATURES], array("f", [0] * N_CLASSES)
    assert check.allocated(model.train_init, X, Y) == 0
    assert check.allocated(model.train_step) == 0
    model.train(X, Y)
    assert check.allocated(model.predict, features, probabilities) == 0
    assert check.heap_growth(lambda: emlearn_extratrees.new(2, 2, n_trees=2, max_nodes=9, max_samples=9)) == 0
    small, labels = X[:20], Y[:5]
    assert check.heap_growth(lambda: model.train(small, labels)) == 0
    # Data is let go of after the last step.
    assert check.heap_growth(lambda: model.train(array("h", small), array("h", labels))) == 0


check.run(globals())
