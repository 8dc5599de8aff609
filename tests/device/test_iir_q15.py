"""emlearn_iir_q15 on the device."""

import gc
from array import array

import check
import emlearn_iir_q15

# y[n] = x[n] + 0.5 y[n-1], twice
SECTIONS = emlearn_iir_q15.convert_coefficients([1, 0, 0, 1, -0.5, 0] * 2, scale=2**13)


def reference(coefficients, signal):
    """The definition, sample by sample."""
    for first in range(0, len(coefficients), 6):
        b0, _, b1, b2, minus_a1, minus_a2 = coefficients[first : first + 6]
        x1 = x2 = y1 = y2 = 0
        out = []
        for x in signal:
            y = (b0 * x + b1 * x1 + b2 * x2 + minus_a1 * y1 + minus_a2 * y2) >> 13
            y = max(-32768, min(32767, y))
            x2, x1, y2, y1 = x1, x, y1, y
            out.append(y)
        signal = out
    return signal


def noise(n, seed):
    values = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        values.append((seed >> 8) % 65536 - 32768)
    return values


def test_exact():
    for coefficients in (
        SECTIONS,
        emlearn_iir_q15.convert_coefficients([0.2, 0.3, 0.2, 1, -0.5, 0.2, 0.1, 0, -0.1, 1, 0.3, 0.4]),
        array("h", [32767, 0, 32767, 32767, 32767, 32767]),
        array("h", [-32768, 0, -32768, -32768, -32768, -32768]),
    ):
        for signal in (noise(100, 1), [-32768] * 20, [32767] * 20, [-32768, 32767] * 10):
            values = array("h", signal)
            emlearn_iir_q15.new(coefficients).run(values)
            assert list(values) == reference(coefficients, signal)


def test_state_carries_over():
    signal = noise(50, 2)
    whole = array("h", signal)
    emlearn_iir_q15.new(SECTIONS).run(whole)
    for size in (1, 3, 7, 49):
        parts = array("h", signal)
        stream = emlearn_iir_q15.new(SECTIONS)
        for start in range(0, 50, size):
            stream.run(memoryview(parts)[start : start + size])
        assert list(parts) == list(whole)


def test_starts_from_zero():
    for i in range(20):
        filter = emlearn_iir_q15.new(SECTIONS)
        values = array("h", [0, 0, 0])
        filter.run(values)
        assert list(values) == [0, 0, 0]
        filter.run(array("h", [32767] * 3))
        del filter
        gc.collect()


def test_convert_coefficients():
    convert = emlearn_iir_q15.convert_coefficients
    assert list(convert([1, 0.5, -0.25, 1, -1.5, 0.75])) == [8191, 0, 4096, -2048, 12286, -6143]
    assert list(convert(array("f", [1, 0.5, -0.25, 1, -1.5, 0.75]), scale=100)) == [100, 0, 50, -25, 150, -75]
    for wrong in ([1, 0, 0, 0.5, 0, 0], [4.1, 0, 0, 1, 0, 0], [1, 0, 0, 1, -4.1, 0], [1, 0, 0, 1, 0], [1] * 7):
        check.raises(ValueError, convert, wrong)


def test_coefficients():
    for wrong in (array("h"), array("h", [1] * 5), array("h", [1, 0, 1, 1, 1, 1, 1]), array("h", [1, 1, 0, 0, 0, 0]), array("f", [1, 0, 0, 1, 0, 0]), bytes(12)):
        check.raises(ValueError, emlearn_iir_q15.new, wrong)
    for wrong in (None, 1, [1, 0, 0, 0, 0, 0]):
        check.raises(TypeError, emlearn_iir_q15.new, wrong)
    emlearn_iir_q15.new(memoryview(SECTIONS)[:6])


def test_values():
    filter = emlearn_iir_q15.new(SECTIONS)
    filter.run(array("h"))
    for wrong in (array("f", [1]), array("H", [1]), bytearray(4)):
        check.raises(ValueError, filter.run, wrong)
    for wrong in (None, 1, [1], b"1234"):
        check.raises(TypeError, filter.run, wrong)
    check.raises(TypeError, filter.run)


def test_wrong_and_deleted_objects():
    filter = emlearn_iir_q15.new(SECTIONS)
    for other in (None, 5, array("h", [1] * 50), type(filter), emlearn_iir_q15):
        check.raises(TypeError, type(filter).run, other, array("h", [1]))
    filter.__del__()
    check.raises(TypeError, filter.run, array("h", [1]))
    check.raises(TypeError, filter.__del__)


def test_heap():
    def life():
        emlearn_iir_q15.new(SECTIONS).run(array("h", [1]))

    assert check.heap_growth(life) == 0
    assert check.allocated(emlearn_iir_q15.new(SECTIONS).run, array("h", [1, 2, 3])) == 0
    gc.collect()
    before = gc.mem_alloc()
    filter = emlearn_iir_q15.new(SECTIONS)
    taken = gc.mem_alloc() - before
    assert 50 < taken < 1000, taken
    del filter


check.run(globals())
