"""emlearn_arrayutils on the device."""

from array import array

import check
from emlearn_arrayutils import linear_map

RANGES = {"b": (-128, 127), "B": (0, 255), "h": (-32768, 32767), "H": (0, 65535)}


def zeros(typecode, n):
    return array(typecode, [0] * n)


def mapped(typecode, inputs, *limits):
    outputs = zeros(typecode, len(inputs))
    assert linear_map(inputs, outputs, *limits) is None
    return list(outputs)


def test_int16_float_roundtrip():
    integers = array("h", range(-32768, 32768, 257))
    floats = zeros("f", len(integers))
    linear_map(integers, floats, -32768, 32768, -1.0, 1.0)
    assert list(floats) == [i / 32768 for i in integers]
    back = zeros("h", len(integers))
    linear_map(floats, back, -1.0, 1.0, -32768, 32768)
    assert back == integers


def test_all_pairs():
    for source in "bBhHf":
        low, high = RANGES.get(source, (-1, 1))
        inputs = array(source, [low, high, 0])
        for target in "bBhHf":
            low2, high2 = RANGES.get(target, (-2.5, 7.5))
            result = mapped(target, inputs, low, high, low2, high2)
            assert result[:2] == [low2, high2], (source, target)
            middle = low2 + (0 - low) / (high - low) * (high2 - low2)
            assert abs(result[2] - middle) <= 1, (source, target)
            assert mapped(target, inputs, high, low, low2, high2)[:2] == [high2, low2]
            assert mapped(target, inputs, low, high, high2, low2)[:2] == [high2, low2]


def test_clamps_and_truncates():
    floats = array("f", [-1e30, -3.0, -1.5, -0.7, 0.0, 0.7, 1.5, 3.0, 1e30])
    assert mapped("h", floats, -2, 2, -2, 2) == [-2, -2, -1, 0, 0, 0, 1, 2, 2]
    assert mapped("h", floats, -2, 2, 2, -2) == [2, 2, 1, 0, 0, 0, -1, -2, -2]
    check.close(mapped("f", floats, -2, 2, -2, 2), [-2, -2, -1.5, -0.7, 0, 0.7, 1.5, 2, 2], 1e-6)
    for typecode, (low, high) in RANGES.items():
        assert mapped(typecode, floats, -1, 1, -1e6, 1e6) == [low, low, low, low, 0, high, high, high, high]
        assert mapped(typecode, floats, -1, 1, 1e6, -1e6) == [high, high, high, high, 0, low, low, low, low]
        assert mapped(typecode, floats, -1, 1, 1e6, 2e6) == [high] * 9
        assert mapped(typecode, floats, -1, 1, 5.9, 5.9) == [5] * 9


def test_not_numbers():
    floats = array("f", [float("nan"), float("inf"), float("-inf"), 0.0])
    assert mapped("h", floats, 0, 1, 10, 20) == [10, 20, 10, 10]
    assert mapped("f", floats, 0, 1, 10, 20) == [10, 20, 10, 10]
    assert mapped("f", floats, 0, 1, 20, 10) == [10, 10, 20, 20]
    for limits in ((float("nan"), 1, 0, 1), (0, float("nan"), 0, 1), (0, 1, float("nan"), 1), (0, 1, 0, float("nan")),
                   (0, float("inf"), 0, 1), (float("-inf"), float("inf"), 0, 1), (0, 1, float("-inf"), float("inf")), (0, 2e-38, 0, 1e38)):
        for typecode in "bBhHf":
            mapped(typecode, floats, *limits)


def test_buffers():
    assert mapped("f", b"\x00\x80\xff", 0, 255, 0, 255) == [0, 128, 255]
    assert mapped("f", bytearray([0, 128, 255]), 0, 255, 0, 255) == [0, 128, 255]
    assert mapped("f", memoryview(array("H", [1, 2, 65535]))[1:], 0, 65535, 0, 65535) == [2, 65535]
    outputs = bytearray(4)
    linear_map(array("f", [1.9, 300.0]), memoryview(outputs)[1:3], 0, 1000, 0, 1000)
    assert outputs == b"\x00\x01\xff\x00"
    linear_map(array("f"), array("h"), 0, 1, 0, 1)
    linear_map(b"", bytearray(), 0, 1, 0, 1)


def test_in_place():
    values = array("h", [0, 100, 200])
    linear_map(values, values, 0, 100, 0, 1000)
    assert list(values) == [0, 1000, 1000]
    view = memoryview(values)
    check.raises(ValueError, linear_map, view[0:2], view[1:3], 0, 1, 0, 1)
    check.raises(ValueError, linear_map, view[1:3], view[0:2], 0, 1, 0, 1)
    linear_map(view[:1], view[1:2], 0, 1, 0, 1)
    assert list(values) == [0, 0, 1000]


def test_wrong_arguments():
    h, f = array("h", [1, 2, 3]), zeros("f", 3)
    for inputs, outputs in ((h, zeros("f", 2)), (h, zeros("f", 4)), (h, array("f")), (array("h"), f), (h, bytearray(6)),
                            (array("i", [1, 2, 3]), f), (h, array("i", [1, 2, 3])), (array("d", [1.0, 2.0, 3.0]), f), (h, array("I", [1, 2, 3])),
                            (array("q", [1, 2, 3]), f), (array("O", [1, 2, 3]), f)):
        check.raises(ValueError, linear_map, inputs, outputs, 0, 1, 0, 1)
    check.raises(ValueError, linear_map, h, f, 1, 1, 0, 1)
    check.raises(ValueError, linear_map, h, f, -0.0, 0.0, 0, 1)
    for inputs, outputs in ((None, f), (h, None), ([1, 2, 3], f), (h, [1, 2, 3]), (h, 3), (h, b"abc"), (h, "abc")):
        check.raises(TypeError, linear_map, inputs, outputs, 0, 1, 0, 1)
    for i in range(4):
        limits = [0, 1, 0, 1]
        limits[i] = None
        check.raises(TypeError, linear_map, h, f, *limits)
        limits[i] = "1"
        check.raises(TypeError, linear_map, h, f, *limits)
    check.raises(TypeError, linear_map, h, f, 0, 1, 0)
    check.raises(TypeError, linear_map, h, f, 0, 1, 0, 1, 2)
    assert list(f) == [0, 0, 0]
    linear_map(h, f, False, True, 0, 10**20)
    assert list(f) == [1e20] * 3 or abs(f[0] / 1e20 - 1) < 1e-6


def test_memory():
    h, f = zeros("h", 100), zeros("f", 100)
    assert check.allocated(linear_map, h, f, 0, 1, 0, 1) == 0
    assert check.heap_growth(lambda: linear_map(h, f, 0, 1, 0, 1)) == 0


check.run(globals())
