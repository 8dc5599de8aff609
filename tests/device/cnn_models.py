"""Makes small .tmdl models, on the device or the host."""

import struct

INT8, FP32 = 0, 2
CONV, POOL, DENSE, SOFTMAX, RESHAPE, DEPTHWISE, ADD = range(7)
NONE, RELU, RELU1, RELU6, TANH, SIGN_BIT = range(6)
IMAGE = (1 / 255, -128)  # scale and zero point of the input


def dims(shape):
    return struct.pack("<4H", len(shape), *((1,) * (3 - len(shape)) + tuple(shape)))


def padded(data):
    return data + bytes(-len(data) % 8)


def arrays(start, number, scales, weights, biases):
    """Offsets of three arrays that begin at `start`, and the arrays."""
    parts = [
        padded(struct.pack("<%df" % len(scales), *scales)) if number == INT8 else b"",
        padded(struct.pack("<%d%s" % (len(weights), "b" if number == INT8 else "f"), *weights)),
        padded(struct.pack("<%d%s" % (len(biases), "i" if number == INT8 else "f"), *biases)),
    ]
    offsets = [start, start + len(parts[0]), start + len(parts[0]) + len(parts[1])]
    return struct.pack("<3I", *offsets), b"".join(parts)


def convolution(number, kernel, weights, biases, scales=(), stride=(1, 1), pads=(0, 0, 0, 0), activation=NONE, multiplier=0):
    """Body of a convolution. Kernel and stride are height and width; pads top, bottom, left, right."""
    offsets, data = arrays(80, number, scales, weights, biases)
    return struct.pack("<6BH4BII", kernel[1], kernel[0], stride[1], stride[0], 1, 1, activation, *(tuple(pads) + (multiplier, 0))) + offsets + data


def dense(number, weights, biases, scales=()):
    offsets, data = arrays(64, number, scales, weights, biases)
    return offsets + bytes(4) + data


def add(second, scale=1.0, zero_point=0):
    return struct.pack("<IfiI", second, scale, zero_point, 0)


def layer(kind, shapes, offsets, body=b"", quanta=(IMAGE, IMAGE), is_output=False):
    """A layer; two each of shapes, offsets in the work buffer and (scale, zero point): input and output."""
    return (
        struct.pack("<HHIII", kind, is_output, 48 + len(body), *offsets) + dims(shapes[0]) + dims(shapes[1])
        + struct.pack("<fifi", *(tuple(quanta[0]) + tuple(quanta[1]))) + body
    )


def model(number, work_size, input_shape, *layers):
    """A model; the last layer must be its output."""
    head = struct.pack("<4sBBHHHII", b"MAIX", number, 1, 1, 1, len(layers), work_size, 0) + dims(input_shape) + dims((1,))
    return head + bytes(64 - len(head)) + b"".join(layers)
