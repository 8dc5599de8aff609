"""Every function and method of every module while the heap runs out, at each of its allocations in turn."""

import gc
import io
import micropython
import sys
from array import array

import check
import cnn_cases

# A tuple is one block of memory, of two words more than it has items; the heap hands out four words at once.
ITEM = (None,)
HOLE = 638  # items of the tuple in whose place calls find memory
STEP = 4


def fill(rest):
    """Takes the heap, block by ever smaller block, into a list."""
    n = gc.mem_free() // 4
    while n:
        try:
            while True:
                rest.append(ITEM * n)
        except MemoryError:
            n >>= 1


def fill_up(rest):
    """Takes what is left, down to the smallest block, as a chain, since a list would need room."""
    try:
        while True:
            rest[0] = (rest[0],)
    except MemoryError:
        pass


def plugged(n):
    return ITEM * n


def succeeds(call):
    # What a call threw away would make room for its next allocation, which then never failed.
    gc.disable()
    try:
        call()
        return True
    except MemoryError:
        return False
    finally:
        gc.enable()


# Bytes of free heap, which is locked before. What is over may still be referred to: by the exception that MicroPython keeps
# for when there is no memory, in whose place another comes here; and by the stack, on which a function's state lies, zeroed,
# when it gets no memory. This one's is large.
exec("""
def collected():
    try:
        [%s]
    except MemoryError:
        pass
    micropython.heap_unlock()
    gc.collect()
    return gc.mem_free()
""" % ("0," * 1000))


def run_out(cases):
    """Makes each call with no memory and then with ever more, until it succeeds, which must be at once for those that promise
    to allocate nothing. Whenever it fails, all memory must be free again and the check, if there is one, must pass."""
    for name, allocates, call, intact in cases:
        call()
        intact()
    plug = plugged(HOLE)
    rest = [None]
    fill(rest)
    micropython.heap_lock()
    collected()
    fill_up(rest)
    plug = None
    micropython.heap_lock()
    free = collected()
    try:
        for name, allocates, call, intact in cases:
            failures = 0
            while True:
                plug = plugged(HOLE - STEP * failures)
                done = succeeds(call)
                plug = None
                if intact is not nothing:
                    # On MIPS the plug would else still be on the stack.
                    micropython.heap_lock()
                    collected()
                    intact()
                micropython.heap_lock()
                left = collected()
                assert left == free, "%s, failure %d: %d bytes of %d free" % (name, failures, left, free)
                if done:
                    break
                failures += 1
            assert allocates == (failures > 0), "%s: %d failures" % (name, failures)
    finally:
        rest.clear()


def only(name):
    """The module. A small board has not room for all of them."""
    for other in list(sys.modules):
        if other.startswith("emlearn_"):
            del sys.modules[other]
    micropython.heap_lock()
    collected()
    return __import__(name)


def nothing():
    pass


def allocating(name, call, intact=nothing):
    return name, True, call, intact


def frugal(name, call):
    return name, False, call, nothing


def floats(*values):
    return array("f", values)


def test_arrayutils():
    linear_map = only("emlearn_arrayutils").linear_map

    integers, numbers = array("h", range(20)), array("f", range(20))
    run_out([frugal("linear_map", lambda: linear_map(integers, numbers, 0, 20, 0, 1))])


def test_cnn_int8():
    cnn_calls(only("emlearn_cnn_int8"), cnn_cases.INT8)


def test_cnn_fp32():
    cnn_calls(only("emlearn_cnn_fp32"), cnn_cases.FP32)


def cnn_calls(cnn, number):
    content = cnn_cases.small(number)[0]
    model, out = cnn.new(content), floats(0, 0, 0)
    run_out([
        allocating("new", lambda: cnn.new(content)),
        allocating("Model.__del__", lambda: cnn.new(content).__del__()),
        allocating("Model.output_dimensions", lambda: model.output_dimensions()),
        frugal("Model.run", lambda: model.run(cnn_cases.IMAGE_BYTES, out)),
    ])


def test_extratrees():
    extratrees = only("emlearn_extratrees")

    x, y = array("h", (0, 5, 9, 1, 7, 3, 2, 8)), array("h", (0, 1, 1, 0))
    row, proportions = x[:2], floats(0, 0)

    def new():
        return extratrees.new(2, 2, n_trees=2, max_nodes=9, max_samples=4)

    def intact():
        model.train(x, y)
        assert list(map(model.get_node, range(model.get_n_nodes_used()))) == nodes

    def steps():
        for _ in extratrees.train_steps(model, x, y):
            pass

    def step():
        other.train_init(x, y)
        other.train_step()

    class File:
        def write(self, text):
            pass

    file, model, other = File(), new(), new()
    model.train(x, y)
    nodes = list(map(model.get_node, range(model.get_n_nodes_used())))
    run_out([
        allocating("new", new),
        allocating("Model.__del__", lambda: new().__del__()),
        frugal("Model.predict", lambda: model.predict(row, proportions)),
        allocating("Model.train", lambda: model.train(x, y), intact),
        allocating("train_steps", steps, intact),
        frugal("Model.train_init", lambda: other.train_init(x, y)),
        frugal("Model.train_step", step),
        frugal("Model.get_n_features", lambda: model.get_n_features()),
        frugal("Model.get_n_classes", lambda: model.get_n_classes()),
        frugal("Model.get_n_trees", lambda: model.get_n_trees()),
        frugal("Model.get_n_nodes_used", lambda: model.get_n_nodes_used()),
        frugal("Model.get_n_trees_trained", lambda: model.get_n_trees_trained()),
        frugal("Model.get_root", lambda: model.get_root(0)),
        allocating("Model.get_node", lambda: model.get_node(0)),
        allocating("save_model", lambda: extratrees.save_model(model, file), intact),
    ])


def test_fft():
    fft = only("emlearn_fft")

    transform, real, imaginary, half = fft.FFT(16), array("f", range(16)), array("f", range(16)), array("f", range(8))
    run_out([
        allocating("FFT", lambda: fft.FFT(16)),
        allocating("FFT.__del__", lambda: fft.FFT(16).__del__()),
        frugal("FFT.fill", lambda: transform.fill(half, half)),
        frugal("fill", lambda: fft.fill(transform, 16)),
        frugal("FFT.run", lambda: transform.run(real, imaginary)),
    ])


def test_iir():
    iir = only("emlearn_iir")

    section, values = floats(1, 0, 0, 1, -0.5, 0), floats(1, 2, 3)
    filter = iir.new(section)
    run_out([
        allocating("new", lambda: iir.new(section)),
        allocating("IIR.__del__", lambda: iir.new(section).__del__()),
        frugal("IIR.run", lambda: filter.run(values)),
    ])


def test_iir_q15():
    iir = only("emlearn_iir_q15")

    section, values = [0.25, 0.5, 0.25, 1, -0.5, 0.1], array("h", (1, 2, 3))
    coefficients = iir.convert_coefficients(section)
    filter = iir.new(coefficients)
    run_out([
        allocating("new", lambda: iir.new(coefficients)),
        allocating("IIR.__del__", lambda: iir.new(coefficients).__del__()),
        allocating("convert_coefficients", lambda: iir.convert_coefficients(section)),
        frugal("IIR.run", lambda: filter.run(values)),
    ])


def test_kmeans():
    kmeans = only("emlearn_kmeans")

    values, centroids, assignments = bytes(range(0, 200, 10)), bytearray((0, 0, 90, 90)), bytearray(10)

    def iterations():
        for _ in kmeans.cluster_iter(values, centroids, assignments, 2):
            pass

    run_out([
        allocating("cluster", lambda: kmeans.cluster(values, centroids, 2)),
        allocating("cluster_iter", iterations),
        allocating("euclidean_argmin", lambda: kmeans.euclidean_argmin(values, b"ab")),
        frugal("step", lambda: kmeans.step(values, centroids, assignments, 2)),
    ])


def test_linreg():
    linreg = only("emlearn_linreg")

    x, y, weights = floats(0, 1, 2, 3, 1, 2), floats(1, 2, 3), floats(0, 0)
    model = linreg.new(2, 0.1, 0.5, 0.01)

    def intact():
        model.step(x, y)
        assert model.score_mse(x, y) < 9

    run_out([
        allocating("new", lambda: linreg.new(2, 0.1, 0.5, 0.01)),
        allocating("Model.__del__", lambda: linreg.new(2, 0.1, 0.5, 0.01).__del__()),
        allocating("train", lambda: linreg.train(model, x, y, 3, check_interval=1), intact),
        frugal("Model.step", lambda: model.step(x, y)),
        allocating("Model.predict", lambda: model.predict(weights)),
        allocating("Model.score_mse", lambda: model.score_mse(x, y)),
        frugal("Model.get_n_features", lambda: model.get_n_features()),
        frugal("Model.get_weights", lambda: model.get_weights(weights)),
        frugal("Model.set_weights", lambda: model.set_weights(weights)),
        allocating("Model.get_bias", lambda: model.get_bias()),
        frugal("Model.set_bias", lambda: model.set_bias(0.5)),
    ])


def test_logreg():
    logreg = only("emlearn_logreg")

    x, y, weights = floats(0, 1, 2, 3, 1, 2), floats(1, 0, 0, 1, 1, 0), floats(0, 0, 0, 0)
    work = [floats(0, 0), floats(0, 0), floats(0, 0)]
    batches = ((x, y), (x, y))
    model = logreg.new(2, 2, 0.1, 0.1, 0.1)

    def intact():
        model.step(x, y, work[0], work[1], work[2])
        assert model.score_logloss(x, y, work[0], work[1]) < 9

    run_out([
        allocating("new", lambda: logreg.new(2, 2, 0.1, 0.1, 0.1)),
        allocating("Model.__del__", lambda: logreg.new(2, 2, 0.1, 0.1, 0.1).__del__()),
        allocating("train", lambda: logreg.train(model, x, y, 3, check_interval=1), intact),
        allocating("train_batches", lambda: logreg.train_batches(model, lambda: batches, 3, check_interval=1), intact),
        frugal("Model.step", lambda: model.step(x, y, work[0], work[1], work[2])),
        frugal("Model.predict", lambda: model.predict(work[0], work[1], work[2])),
        allocating("Model.score_logloss", lambda: model.score_logloss(x, y, work[0], work[1])),
        frugal("Model.get_n_features", lambda: model.get_n_features()),
        frugal("Model.get_n_classes", lambda: model.get_n_classes()),
        frugal("Model.get_weights", lambda: model.get_weights(weights)),
        frugal("Model.set_weights", lambda: model.set_weights(weights)),
        frugal("Model.get_bias", lambda: model.get_bias(work[0])),
        frugal("Model.set_bias", lambda: model.set_bias(work[0])),
    ])


def test_neighbors():
    neighbors = only("emlearn_neighbors")

    values = array("h", (1, 2))
    model = neighbors.new(9, 2, 1)
    run_out([
        allocating("new", lambda: neighbors.new(9, 2, 1)),
        allocating("Model.__del__", lambda: neighbors.new(9, 2, 1).__del__()),
        frugal("Model.additem", lambda: model.additem(values, 7)),
        frugal("Model.getitem", lambda: model.getitem(0, values)),
        frugal("Model.predict", lambda: model.predict(values)),
        allocating("Model.getresult", lambda: model.getresult(0)),
    ])


def test_plsr():
    plsr = only("emlearn_plsr")

    x, y, row = floats(0, 1, 2, 3, 1, 2), floats(1, 2, 4), floats(1, 1)
    model, other = plsr.new(3, 2, 1), plsr.new(3, 2, 1)

    def intact():
        assert plsr.fit(model, x, y)[0] == iterations and model.predict(row) == predicted

    def component():
        other.fit_start(x, y)
        while not other.is_converged():
            other.step()
        other.finalize_component()

    iterations = plsr.fit(model, x, y)[0]
    predicted = model.predict(row)
    run_out([
        allocating("new", lambda: plsr.new(3, 2, 1)),
        allocating("Model.__del__", lambda: plsr.new(3, 2, 1).__del__()),
        allocating("fit", lambda: plsr.fit(model, x, y), intact),
        frugal("Model.fit_start", lambda: other.fit_start(x, y)),
        frugal("Model.step", lambda: other.step()),
        frugal("Model.finalize_component", component),
        frugal("Model.is_converged", lambda: model.is_converged()),
        frugal("Model.is_complete", lambda: model.is_complete()),
        frugal("Model.set_auto_center", lambda: model.set_auto_center(True)),
        frugal("Model.get_auto_center", lambda: model.get_auto_center()),
        allocating("Model.get_convergence_metric", lambda: model.get_convergence_metric()),
        allocating("Model.predict", lambda: model.predict(row)),
    ])


def test_trees():
    trees = only("emlearn_trees")

    xor = "f,2\nc,2\nlb,0\nl,0\nl,1\nr,0\nn,0,99,1,2\nn,1,99,-1,-2\nn,1,99,-2,-1\n"
    # Its leaves need more room than a model has at first.
    lines = ["f,2", "c,1", "lb,32", "l,-5", "l,7.5", "r,0", "n,0,99,-1,-2"]
    file, features, out = io.StringIO("\n".join(lines)), array("h", (0, 100)), floats(0, 0, 0, 0)
    pair = memoryview(out)[:2]
    target = None
    built = trees.new(9, 9, 9)
    built.setdata(2, 2)
    model = trees.new(1, 3, 2)
    trees.load_model(model, io.StringIO(xor))

    def load(source):
        nonlocal target
        target = trees.new(2, 5, 5)
        target.setdata(3, 4)
        trees.load_model(target, source)

    def load_file():
        file.seek(0)
        load(file)

    def intact():
        nonlocal target
        if target and target.outputs() == 1:
            target.predict(features, memoryview(out)[:1])
            assert out[0] == -5
        elif target:
            assert target.outputs() == 4
            trees.load_model(target, io.StringIO(xor))
            target.predict(features, pair)
            assert list(pair) == [0, 1]
        target = None

    run_out([
        allocating("new", lambda: trees.new(3, 20, 10)),
        allocating("Model.__del__", lambda: trees.new(3, 20, 10).__del__()),
        allocating("load_model", load_file, intact),
        allocating("load_model", lambda: load(line + "\n" for line in lines), intact),
        frugal("Model.outputs", lambda: model.outputs()),
        frugal("Model.predict", lambda: model.predict(features, pair)),
        frugal("Model.setdata", lambda: built.setdata(2, 2)),
        frugal("Model.addleaf", lambda: built.addleaf(0)),
        frugal("Model.addroot", lambda: built.addroot(0)),
        frugal("Model.addnode", lambda: built.addnode(-1, -2, 0, 5)),
    ])


check.run(globals())
