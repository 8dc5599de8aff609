"""emlearn_iir on the device."""

import gc
from array import array

import check
import emlearn_iir

# y[n] = x[n] + 0.5 y[n-1], and a section that passes everything
SECTIONS = array("f", [1, 0, 0, 1, -0.5, 0, 1, 0, 0, 1, 0, 0])


def test_impulse_response():
    values = array("f", [1, 0, 0, 0, 0])
    emlearn_iir.new(SECTIONS).run(values)
    assert list(values) == [1, 0.5, 0.25, 0.125, 0.0625]


def test_state_carries_over():
    coefficients = array("f", [0.2, 0.3, 0.2, 1, -0.5, 0.2, 0.1, 0, -0.1, 1, 0.3, 0.4])
    signal = array("f", [(i * 37) % 19 - 9 for i in range(50)])
    whole = array("f", signal)
    emlearn_iir.new(coefficients).run(whole)
    for size in (1, 3, 7, 49):
        parts = array("f", signal)
        stream = emlearn_iir.new(coefficients)
        for start in range(0, 50, size):
            stream.run(memoryview(parts)[start : start + size])
        assert list(parts) == list(whole)


def test_starts_from_zero():
    for i in range(20):
        filter = emlearn_iir.new(SECTIONS)
        values = array("f", [0, 0, 0])
        filter.run(values)
        assert list(values) == [0, 0, 0]
        filter.run(array("f", [1e9] * 3))
        del filter
        gc.collect()


def test_coefficients():
    for wrong in (
        array("f"), array("f", [1] * 5), array("f", [1] * 7), array("f", [1, 0, 0, 0, 0, 0]), array("f", [1, 0, 0, -1, 0, 0]),
        array("f", [1, 0, 0, float("nan"), 0, 0]), array("h", [1, 0, 0, 1, 0, 0]), bytes(24),
    ):
        check.raises(ValueError, emlearn_iir.new, wrong)
    for wrong in (None, 1, [1, 0, 0, 1, 0, 0]):
        check.raises(TypeError, emlearn_iir.new, wrong)
    check.raises(TypeError, emlearn_iir.new)
    emlearn_iir.new(memoryview(SECTIONS)[:6])


def test_values():
    filter = emlearn_iir.new(SECTIONS)
    filter.run(array("f"))
    for wrong in (array("h", [1]), array("d", [1]), bytearray(4)):
        check.raises(ValueError, filter.run, wrong)
    for wrong in (None, 1, [1.0], b"1234"):
        check.raises(TypeError, filter.run, wrong)
    check.raises(TypeError, filter.run)
    values = array("f", [float("nan"), float("inf"), 1e-45, 3e38])
    filter.run(values)
    assert values[0] != values[0]


def test_coefficients_as_values():
    coefficients = array("f", SECTIONS)
    filter = emlearn_iir.new(coefficients)
    filter.run(coefficients)
    values = array("f", [0])
    emlearn_iir.new(SECTIONS).run(values)
    assert values[0] == 0


def test_wrong_and_deleted_objects():
    filter = emlearn_iir.new(SECTIONS)
    for other in (None, 5, array("f", [1] * 20), type(filter), emlearn_iir):
        check.raises(TypeError, type(filter).run, other, array("f", [1]))
    filter.__del__()
    check.raises(TypeError, filter.run, array("f", [1]))
    check.raises(TypeError, filter.__del__)


def test_heap():
    def life():
        emlearn_iir.new(SECTIONS).run(array("f", [1]))

    assert check.heap_growth(life) == 0
    assert check.allocated(emlearn_iir.new(SECTIONS).run, array("f", [1, 2, 3])) == 0
    gc.collect()
    before = gc.mem_alloc()
    filter = emlearn_iir.new(SECTIONS)
    taken = gc.mem_alloc() - before
    assert 50 < taken < 1000, taken
    del filter


check.run(globals())
