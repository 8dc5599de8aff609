"""What emlearn_cnn_int8 and emlearn_cnn_fp32 must both do."""

import gc
import struct
from array import array

import check
from cnn_models import *

try:
    import uctypes
except ImportError:
    uctypes = None


def small(number):
    """A model with a layer of each kind: 4 x 4 x 1 to 3 classes. Returns it and the size of its work buffer."""
    item = 1 if number == INT8 else 4
    a, b, c = 0, 32 * item, 64 * item

    def values(n, factor=1):
        integers = [(i * 37 % 23 - 11) * factor for i in range(n)]
        return integers if number == INT8 else [i / 32 for i in integers]

    def scales(n):
        return [0.02 + 0.001 * i for i in range(n)]

    q = (0.03, -5)
    layers = [
        layer(CONV, ((4, 4, 1), (4, 4, 2)), (a, b), convolution(number, (3, 3), values(18), values(2, 300), scales(2), pads=(1, 1, 1, 1), activation=RELU), (IMAGE, q)),
        layer(DEPTHWISE, ((4, 4, 2), (4, 4, 2)), (b, a), convolution(number, (1, 1), values(2), values(2), scales(2), multiplier=1), (q, q)),
        layer(ADD, ((4, 4, 2), (4, 4, 2)), (a, c), add(b, *q), (q, q)),
        layer(CONV, ((4, 4, 2), (2, 2, 3)), (c, a), convolution(number, (2, 2), values(24), values(3), scales(3), stride=(2, 2), activation=RELU6), (q, q)),
        layer(POOL, ((2, 2, 3), (3,)), (a, b), b"", (q, q)),
        layer(RESHAPE, ((3,), (3,)), (b, b), b"", (q, q)),
        layer(DENSE, ((3,), (3,)), (b, c), dense(number, values(9), values(3), scales(1)), (q, q)),
        layer(SOFTMAX, ((3,), (3,)), (c, c), b"", (q, (1 / 256, -128)), is_output=True),
    ]
    work_size = 96 * item
    return model(number, work_size, (4, 4, 1), *layers), work_size


def use(module, number_type):
    """The module to test, and its number type."""
    global cnn, number, SMALL, WORK_SIZE
    cnn, number = module, number_type
    SMALL, WORK_SIZE = small(number)


IMAGE_BYTES = bytes(range(0, 256, 16))


def run(model, image=IMAGE_BYTES, n=3):
    out = array("f", [-9.0] * n)
    cnn.new(model).run(image, out)
    return list(out)


def single(kind, shapes, body=b"", quanta=(IMAGE, IMAGE), work_size=1024, output_offset=512):
    """A model of one layer."""
    return model(number, work_size, shapes[0], layer(kind, shapes, (0, output_offset), body, quanta, True))


def values(*values):
    """Weights or biases: the integers, or a hundredth of each."""
    return values if number == INT8 else [v / 100 for v in values]


def test_output():
    net = cnn.new(SMALL)
    assert net.output_dimensions() == (3,)
    out = array("f", 3 * [0.0])
    net.run(IMAGE_BYTES, out)
    check.close([sum(out)], [1], 3 / 256)
    for shape in ((2, 3, 4), (3, 4), (5,)):
        net = cnn.new(single(RESHAPE, ((60,) if len(shape) == 1 else shape, shape), output_offset=0) if shape != (5,) else
                      single(RESHAPE, ((5,), (5,)), output_offset=0))
        assert net.output_dimensions() == shape, shape


def test_input():
    shape = (2, 2, 2)
    net = cnn.new(single(RESHAPE, (shape, shape), output_offset=0))
    out = array("f", 8 * [0.0])
    image = bytes((0, 1, 2, 100, 127, 128, 254, 255))
    for source in (image, bytearray(image), array("B", image), memoryview(image), memoryview(b"x" + image)[1:]):
        net.run(source, out)
        check.close(out, [v / 255 for v in image], 3e-7)


def test_convolution():
    # The kernel's rows are 1 2 and 3 4.
    body = convolution(number, (2, 2), values(1, 2, 3, 4), values(128 * 10 if number == INT8 else 0), [0.01], stride=(1, 1), pads=(1, 0, 0, 1))
    net = cnn.new(single(CONV, ((2, 2, 1), (2, 2, 1)), body, (IMAGE, (1 / 1000, -128))))
    out = array("f", 4 * [0.0])
    net.run(bytes((51, 102, 153, 204)), out)
    # With what is above and to the right of it, which is 0.
    expected = [0.01 * (3 * 0.2 + 4 * 0.4), 0.01 * 3 * 0.4, 0.01 * (0.2 + 2 * 0.4 + 3 * 0.6 + 4 * 0.8), 0.01 * (0.4 + 3 * 0.8)]
    check.close(out, expected, 0.00051 if number == INT8 else 3e-7)


def test_depthwise():
    # Two outputs of each channel: the channel times 1, 2 and 3, 4.
    biases = values(128, 256, 384, 512) if number == INT8 else [0.0] * 4
    body = convolution(number, (1, 1), values(1, 2, 3, 4), biases, [0.01] * 4, multiplier=2)
    net = cnn.new(single(DEPTHWISE, ((1, 2, 2), (1, 2, 4)), body, (IMAGE, (1 / 4000, -128))))
    assert net.output_dimensions() == (1, 2, 4)
    out = array("f", 8 * [0.0])
    net.run(bytes((51, 102, 153, 204)), out)
    check.close(out, [0.002, 0.004, 0.012, 0.016, 0.006, 0.012, 0.024, 0.032], 0.00013 if number == INT8 else 3e-7)


def test_pool():
    net = cnn.new(single(POOL, ((3, 2, 2), (2,)), b"", (IMAGE, (1 / 255, -128))))
    out = array("f", 2 * [0.0])
    net.run(bytes((0, 255, 10, 255, 20, 255, 30, 255, 40, 255, 50, 255)), out)
    check.close(out, [25 / 255, 1], 1e-6)


def test_dense():
    body = dense(number, values(1, 2, 3, 4, 5, 6), values(*(128 * 10 + 50, 128 * 26) if number == INT8 else (50, 0)), [0.01])
    net = cnn.new(single(DENSE, ((2, 1, 2), (2,)), body, (IMAGE, (1 / 500, 0))))
    out = array("f", 2 * [0.0])
    if number == INT8:
        check.raises(ValueError, net.run, bytes(3), out)
    body = dense(number, values(1, 2, 3, 4, 4, 3, 2, 1), values(0, 0), [0.01])
    net = cnn.new(single(DENSE, ((2, 1, 2), (2,)), body, (IMAGE, (1 / 100, 0))))
    net.run(bytes((128, 128, 128, 128)) if number == INT8 else bytes(4), out)
    check.close(out, [0, 0], 0)


def test_add():
    net = cnn.new(single(ADD, ((1, 1, 4), (1, 1, 4)), add(0, *IMAGE), (IMAGE, (2 / 255, -128))))
    out = array("f", 4 * [0.0])
    net.run(bytes((0, 1, 100, 255)), out)
    check.close(out, [0, 2 / 255, 200 / 255, 2], 1e-6)


def test_softmax():
    net = cnn.new(single(SOFTMAX, ((1, 2, 2), (1, 2, 2)), b"", ((0.1, 0), (1 / 256, -128))))
    out = array("f", 4 * [0.0])
    net.run(bytes((0, 0, 100, 90)), out)
    second = 1 / (1 + 2.718281828 ** (-1.0 if number == INT8 else -10 / 255))
    check.close(out, [0.5, 0.5, second, 1 - second], 0.502 / 256 if number == INT8 else 5e-7)


def test_activations():
    # Real values -3.2 to 3.15 times 1 (int8), 0 to 1 times -8 plus 4 (float).
    for activation, function in (
        (NONE, lambda x: x), (RELU, lambda x: max(x, 0)), (RELU1, lambda x: min(max(x, -1), 1)), (RELU6, lambda x: min(max(x, 0), 6)),
        (TANH, lambda x: 1 - 2 / (2.718281828459045 ** (2 * x) + 1)), (SIGN_BIT, lambda x: float(x < 0)),
    ):
        if number == INT8:
            body = convolution(number, (1, 1), [1], [10], [2.0], activation=activation)
            quanta = ((0.05, -10), (0.05, 3))
            reals = [max(-6.55, min(6.2, function(0.1 * (byte - 128 + 10)))) for byte in range(0, 256, 5)]
        else:
            body = convolution(number, (1, 1), [-20.0], [10.0], activation=activation)
            quanta = (IMAGE, IMAGE)
            reals = [function(10 - 20 * byte / 255) for byte in range(0, 256, 5)]
        n = len(reals)
        net = cnn.new(single(CONV, ((1, n, 1), (1, n, 1)), body, quanta))
        out = array("f", n * [0.0])
        net.run(bytes(range(0, 256, 5)), out)
        check.close(out, reals, 0.02501 if number == INT8 else 5e-6)


def test_rounding_and_saturation():
    if number == FP32:
        return
    # Sums times 1/2: halves round up; then far beyond int8, with small and large ratios of scales.
    for ratio, bias in ((0.5, 0), (1.5, 0), (2.0**-9, 1 << 16), (2.0**-9, -(1 << 16)), (2.0**9, 0), (1e-6, 0x7FFFFF00), (1e-6, -0x7FFFFF00), (1e30, 0), (1e-30, 1 << 30)):
        body = convolution(number, (1, 1), [1], [bias], [1.0])
        net = cnn.new(single(CONV, ((1, 256, 1), (1, 256, 1)), body, ((ratio, 0), (1.0, 0))))
        out = array("f", 256 * [0.0])
        net.run(bytes(range(256)), out)
        for byte, value in enumerate(out):
            exact = (byte - 128 + bias) * ratio
            assert abs(value - max(-128, min(127, exact))) <= 0.5 + 1e-6 * min(abs(exact), 1e4), (ratio, bias, byte, value)
            if ratio == 0.5:
                assert value == (byte - 128 + 1) // 2


def test_model_anywhere():
    expected = run(SMALL)
    for offset in range(9):
        assert run(memoryview(b"x" * offset + SMALL)[offset:]) == expected
    for model in (bytearray(SMALL), array("B", SMALL), SMALL + b"more"):
        assert run(model) == expected


def test_model_is_kept():
    expected = run(SMALL)
    net = cnn.new(bytearray(SMALL))
    for _ in range(50):
        bytearray(len(SMALL))
    gc.collect()
    for _ in range(50):
        bytearray(len(SMALL))
    out = array("f", 3 * [0.0])
    net.run(IMAGE_BYTES, out)
    assert list(out) == expected


def test_model_changes():
    buffer = bytearray(SMALL)
    net = cnn.new(buffer)
    out = array("f", 3 * [0.0])
    net.run(IMAGE_BYTES, out)
    expected = list(out)
    for byte in (0, 127, 128, 255):
        buffer[:] = bytes([byte]) * len(buffer)
        net.run(IMAGE_BYTES, out)
    buffer[:] = SMALL
    net.run(IMAGE_BYTES, out)
    assert list(out) == expected
    buffer.append(0)
    assert "model" in check.raises(ValueError, net.run, IMAGE_BYTES, out)
    buffer = bytearray(SMALL)
    net = cnn.new(buffer)
    buffer.extend(bytes(5000))
    check.raises(ValueError, net.run, IMAGE_BYTES, out)


def test_overlap():
    if uctypes is None:
        return
    out = array("f", 4 * [0.0])
    image = uctypes.bytearray_at(uctypes.addressof(out), 16)
    image[:] = IMAGE_BYTES
    net = cnn.new(SMALL)
    net.run(image, memoryview(out)[:3])
    assert list(out)[:3] == run(SMALL)
    buffer = bytearray(SMALL) + bytes(12 + -len(SMALL) % 4)
    address = uctypes.addressof(buffer)
    if address % 4 == 0:
        net = cnn.new(memoryview(buffer)[: len(SMALL)])
        net.run(IMAGE_BYTES, out[:3])


def test_wrong_arguments():
    net = cnn.new(SMALL)
    out = array("f", 3 * [0.0])
    for length in (0, 1, 15, 17, 1000):
        assert "input" in check.raises(ValueError, net.run, bytes(length), out)
    for length in (0, 1, 2, 4, 100):
        assert "out" in check.raises(ValueError, net.run, IMAGE_BYTES, array("f", length * [0.0]))
    for wrong in (array("h", 16 * [0]), array("f", 16 * [0.0]), array("b", IMAGE_BYTES)):
        assert "input" in check.raises(ValueError, net.run, wrong, out)
    for wrong in (array("d", 3 * [0.0]), array("i", 3 * [0]), bytearray(12)):
        assert "out" in check.raises(ValueError, net.run, IMAGE_BYTES, wrong)
    for wrong in (None, 5, 1.5, [0] * 16, object()):
        check.raises(TypeError, net.run, wrong, out)
        check.raises(TypeError, net.run, IMAGE_BYTES, wrong)
        check.raises(TypeError, cnn.new, wrong)
    for wrong in (array("h", SMALL + b"x" * (len(SMALL) % 2)), array("f", 100 * [0.0])):
        check.raises(ValueError, cnn.new, wrong)
    for arguments in ((), (IMAGE_BYTES,), (IMAGE_BYTES, out, 1)):
        check.raises(TypeError, net.run, *arguments)
    check.raises(TypeError, cnn.new)
    check.raises(TypeError, cnn.new, SMALL, 1)
    net.run(IMAGE_BYTES, out)
    assert list(out) == run(SMALL)


def test_wrong_self():
    net = cnn.new(SMALL)
    out = array("f", 3 * [0.0])
    for method, arguments in ((type(net).run, (IMAGE_BYTES, out)), (type(net).output_dimensions, ()), (type(net).__del__, ())):
        for wrong in (None, 1, "text", SMALL, out, object(), type(net)):
            check.raises(TypeError, method, wrong, *arguments)


def test_deleted():
    net = cnn.new(SMALL)
    net.__del__()
    out = array("f", 3 * [0.0])
    check.raises(TypeError, net.run, IMAGE_BYTES, out)
    check.raises(TypeError, net.output_dimensions)
    check.raises(TypeError, net.__del__)


def test_memory():
    buffer = bytearray(SMALL)
    net = cnn.new(buffer)
    out = array("f", 3 * [0.0])
    assert check.heap_growth(lambda: cnn.new(buffer)) == 0
    assert check.heap_growth(lambda: check.raises(ValueError, cnn.new, SMALL[:-1])) <= 0
    assert check.allocated(net.run, IMAGE_BYTES, out) <= 0
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    net = cnn.new(buffer)
    taken = gc.mem_alloc() - before
    gc.enable()
    # The work buffer, 112 bytes for each of 8 layers, a patch of 18 numbers, and what the heap rounds up.
    assert taken <= WORK_SIZE + 896 + 4 * 18 + 104, taken


def test_other_number_type():
    for other in (INT8, 1, FP32, 3, 255):
        if other != number:
            changed = bytearray(SMALL)
            changed[4] = other
            assert "model" in check.raises(ValueError, cnn.new, changed)


def test_malformed_layer_is_named():
    changed = bytearray(SMALL)
    start = 64
    for n in range(1, 9):
        (kind,) = struct.unpack_from("<H", SMALL, start)
        struct.pack_into("<H", changed, start, 99)
        message = check.raises(ValueError, cnn.new, changed)
        assert message == "model: layer %d is malformed" % n, message
        struct.pack_into("<H", changed, start, kind)
        start += struct.unpack_from("<I", SMALL, start + 4)[0]
    assert start == len(SMALL)


def attempt(model):
    """A hostile model is refused, or runs and gives something."""
    try:
        net = cnn.new(model)
    except (ValueError, MemoryError):
        return False
    (*_, n) = net.output_dimensions()
    try:
        net.run(IMAGE_BYTES, array("f", bytes(4 * n)))
    except ValueError:
        pass
    return True


def test_truncated():
    for length in range(len(SMALL)):
        check.raises(ValueError, cnn.new, memoryview(SMALL)[:length])
    gc.collect()


def headers():
    """Places of the bytes of all headers and bodies without their arrays."""
    places = list(range(64))
    start = 64
    while start < len(SMALL):
        kind, _, size = struct.unpack("<HHI", SMALL[start : start + 8])
        places.extend(range(start, start + {CONV: 80, DEPTHWISE: 80, DENSE: 64, ADD: 64}.get(kind, 48)))
        start += size
    return places


def test_changed_bytes():
    changed = bytearray(SMALL)
    accepted = 0
    for place in headers():
        original = changed[place]
        for value in {original ^ 1, original ^ 128, 0, 1, 2, 127, 255, (original + 1) & 255} - {original}:
            changed[place] = value
            accepted += attempt(changed)
        changed[place] = original
        gc.collect()
    # Reserved bytes, the wrong output dims of the header, scales and so on do not matter.
    assert accepted > 0
    assert run(changed) == run(SMALL)


def test_contradictions():
    def refused(*layers, work_size=1024, shape=(4, 4, 1)):
        check.raises(ValueError, cnn.new, model(number, work_size, shape, *layers))

    item = 1 if number == INT8 else 4
    body = convolution(number, (3, 3), values(*range(9)), values(0), [1.0])
    shapes = ((4, 4, 1), (2, 2, 1))
    good = layer(CONV, shapes, (0, 512), body, is_output=True)
    cnn.new(model(number, 1024, (4, 4, 1), good))
    refused()
    refused(good, good)
    refused(layer(CONV, shapes, (0, 512), body))
    refused(good, work_size=512 + 4 * item - 1)
    # More than can be addressed.
    refused(good, work_size=0x80000000)
    refused(good, work_size=0xFFFFFFFF)
    refused(good, shape=(2, 8, 1))
    refused(layer(CONV, shapes, (0, 0xFFFFFFFF), body, is_output=True))
    refused(layer(CONV, ((4, 4, 1), (3, 2, 1)), (0, 512), body, is_output=True))
    refused(layer(CONV, ((4, 4, 1), (2, 2, 20)), (0, 512), body, is_output=True))
    refused(layer(POOL, ((4, 4, 1), (2,)), (0, 512), is_output=True))
    refused(layer(SOFTMAX, ((4, 4, 1), (16,)), (0, 512), is_output=True))
    refused(layer(RESHAPE, ((4, 4, 1), (16,)), (0, 512), is_output=True))
    refused(layer(RESHAPE, ((4, 4, 1), (15,)), (0, 0), is_output=True))
    refused(layer(ADD, ((4, 4, 1), (4, 4, 1)), (0, 512), add(256), is_output=True))
    refused(layer(7, ((4, 4, 1), (4, 4, 1)), (0, 512), is_output=True))
    # A tensor that nothing has written.
    refused(layer(CONV, shapes, (0, 512), body), layer(POOL, ((2, 2, 1), (1,)), (256, 0), is_output=True))
    refused(layer(CONV, shapes, (0, 512), body), layer(POOL, ((1, 4, 1), (1,)), (512, 0), is_output=True))
    cnn.new(model(number, 1024, (4, 4, 1), layer(CONV, shapes, (0, 512), body), layer(POOL, ((2, 2, 1), (1,)), (512, 0), is_output=True)))
    for multiplier, kernel in ((1, (3, 3)), (0, (0, 3)), (0, (3, 0)), (0, (255, 255))):
        refused(layer(CONV, shapes, (0, 512), convolution(number, kernel, values(*range(9)), values(0), [1.0], multiplier=multiplier), is_output=True))
    # A product of 2^32 times the outputs and more.
    for multiplier in (0x80000001, 0x80000000, 0, 2):
        refused(layer(DEPTHWISE, ((2, 2, 2), (2, 2, 2)), (0, 512), convolution(number, (1, 1), values(1, 2), values(0, 0), [1.0, 1.0], multiplier=multiplier), is_output=True), shape=(2, 2, 2))
    if number == INT8:
        for bad in ((0.0, 0), (-1.0, 0), (float("nan"), 0), (float("inf"), 0), (1e-45, 0), (1.0, 128), (1.0, -129)):
            refused(layer(CONV, shapes, (0, 512), body, (bad, IMAGE), is_output=True))
            refused(layer(CONV, shapes, (0, 512), body, (IMAGE, bad), is_output=True))


def test_in_place():
    # Layers whose input and output overlap: whatever comes out, nothing else is touched.
    body = convolution(number, (3, 3), values(*range(9)), values(0), [0.01], pads=(1, 1, 1, 1))
    item = 1 if number == INT8 else 4
    for offset in range(0, 16 * item, item):
        net = cnn.new(single(CONV, ((4, 4, 1), (4, 4, 1)), body, work_size=32 * item, output_offset=offset))
        net.run(IMAGE_BYTES, array("f", 16 * [0.0]))
