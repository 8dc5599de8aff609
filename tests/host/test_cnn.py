"""emlearn_cnn_int8 and emlearn_cnn_fp32 against TensorFlow Lite's interpreter and against numpy."""

import functools
import sys

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from conftest import DEVICE_TESTS, ROOT
from sklearn.datasets import load_digits

sys.path.insert(0, str(DEVICE_TESTS))
sys.path.append(str(ROOT / "benches"))
import cnn_models as tmdl
from bench import instructions

MODELS = ROOT / "tests/data/cnn"

RUN = """
from array import array
import emlearn_cnn_{module} as cnn
with open("model.bin", "rb") as f:
    net = cnn.new(f.read())
n = 1
for dim in net.output_dimensions():
    n *= dim
image = bytearray({image_len})
out = array("f", bytes(4 * n))
with open("images.bin", "rb") as images, open("out.bin", "wb") as results:
    while images.readinto(image):
        net.run(image, out)
        results.write(out)
"""


def run(device, folder, module, model, images):
    """The device's outputs for each image."""
    script = RUN.format(module=module, image_len=images[0].size)
    read = device.compute(script, folder, model=np.frombuffer(model, np.uint8), images=images)
    return read("out", np.float32).reshape(len(images), -1)


def litert(path, images):
    """The interpreter's outputs for each image, and their quantisation step or 0."""
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    outputs = []
    for image in images:
        values = (image / 255).astype(np.float32) if source["dtype"] == np.float32 else (image.astype(np.int16) - 128).astype(np.int8)
        interpreter.set_tensor(source["index"], values.reshape(source["shape"]))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(result["index"])[0])
    scale, zero_point = result["quantization"]
    return (scale * (np.array(outputs, np.float32) - zero_point) if scale else np.array(outputs)), scale


@pytest.fixture(scope="module")
def digits():
    """All digits of scikit-learn, as bytes, and their classes."""
    images, classes = load_digits(return_X_y=True)
    return np.round(images * (255 / 16)).astype(np.uint8), classes


@pytest.mark.parametrize("name", ["plain", "residual"])
@pytest.mark.parametrize("module", ["int8", "fp32"])
def test_digits(device, digits, tmp_path, module, name):
    """As close to the interpreter as two ways of rounding can be, and as accurate.

    int8: two quantisation steps. float32: sums of at most 100 products of a few units in another order, in a handful of layers, before a
    softmax whose slope is at most 1/4: some 1000 epsilon.
    """
    images, classes = digits
    result = run(device, tmp_path, module, (MODELS / f"{name}_{module}.tmdl").read_bytes(), images)
    expected, step = litert(MODELS / f"{name}_{module}.tflite", images)
    assert np.mean(result.argmax(axis=1) == expected.argmax(axis=1)) >= 0.99
    np.testing.assert_allclose(result, expected, rtol=0, atol=2.01 * step or 1000 * np.finfo(np.float32).eps)
    accuracy, expected_accuracy = (np.mean(outputs.argmax(axis=1) == classes) for outputs in (result, expected))
    assert accuracy >= expected_accuracy - 0.002 and accuracy > 0.95


def activate(activation, x):
    return {
        tmdl.NONE: lambda: x, tmdl.RELU: lambda: np.maximum(x, 0), tmdl.RELU1: lambda: np.clip(x, -1, 1), tmdl.RELU6: lambda: np.clip(x, 0, 6),
        tmdl.TANH: lambda: np.tanh(x), tmdl.SIGN_BIT: lambda: np.signbit(x).astype(float),
    }[activation]()


def convolve(image, weights, biases, stride, pads, depthwise):
    """In float64. Weights are output, input, row, column."""
    outputs, inputs, kernel_h, kernel_w = weights.shape
    image = np.pad(image, ((pads[0], pads[1]), (pads[2], pads[3]), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(image, (kernel_h, kernel_w), axis=(0, 1))[:: stride[0], :: stride[1]]
    if depthwise:
        windows = np.repeat(windows, outputs // image.shape[2], axis=2)
        return np.einsum("yxohw,ohw->yxo", windows, weights[:, 0]) + biases
    return np.einsum("yxihw,oihw->yxo", windows, weights) + biases


CASES = range(60)


@functools.cache
def random_layers():
    """Convolutions of all kinds, with exact outputs in float64."""
    rng = np.random.default_rng(1)
    cases = []
    for i in CASES:
        number = (tmdl.INT8, tmdl.FP32)[i % 2]
        depthwise = bool(rng.integers(2))
        activation = i // 2 % 6
        kernel = rng.integers(1, 6, 2)
        stride = rng.integers(1, 5, 2)
        pads = rng.integers(0, 4, 4) if rng.integers(3) else np.zeros(4, int)
        inputs = int(rng.integers(1, 12))
        multiplier = int(rng.integers(1, 4)) if depthwise else 0
        outputs = inputs * multiplier if depthwise else int(rng.integers(1, 12))
        h, w = (int(n) for n in rng.integers(5, 12, 2))
        shape = (1 if depthwise else inputs, *kernel)
        images = rng.integers(0, 256, (3, h, w, inputs), np.uint8)
        out_h, out_w = ((n + pads[2 * axis] + pads[2 * axis + 1] - kernel[axis]) // stride[axis] + 1 for axis, n in enumerate((h, w)))
        if number == tmdl.INT8:
            in_scale, in_zero = rng.uniform(0.01, 0.1), int(rng.integers(-128, 128))
            weights = rng.integers(-127, 128, (outputs, *shape))
            scales = rng.uniform(0.001, 0.02, outputs).astype(np.float32)
            biases = rng.integers(-3000, 3000, outputs)
            reals = in_scale * (images.astype(int) - 128 - in_zero)
            exact = [convolve(x, weights * scales[:, None, None, None], biases * scales * in_scale, stride, pads, depthwise) for x in reals]
            stored = biases - in_zero * weights.reshape(outputs, -1).sum(axis=1)
        else:
            in_scale, in_zero, scales = 1.0, 0, []
            weights = rng.normal(0, 1, (outputs, *shape)).astype(np.float32)
            stored = biases = rng.normal(0, 1, outputs).astype(np.float32)
            exact = [convolve(x / 255, weights.astype(float), biases, stride, pads, depthwise) for x in images]
        exact = activate(activation, np.array(exact))
        low, high = min(exact.min(), 0), max(exact.max(), 0.1)
        out_scale = np.float32((high - low) / 255)
        out_zero = int(np.round(-128 - low / out_scale))
        body = tmdl.convolution(
            number, [int(k) for k in kernel], weights.ravel().tolist(), stored.tolist(), list(scales), [int(s) for s in stride], [int(p) for p in pads], activation, multiplier
        )
        item = 1 if number == tmdl.INT8 else 4
        sizes = [-(-int(np.prod(s)) * item // 8) * 8 for s in ((h, w, inputs), (out_h, out_w, outputs))]
        kind = tmdl.DEPTHWISE if depthwise else tmdl.CONV
        quanta = ((in_scale, in_zero), (out_scale, out_zero))
        layer = tmdl.layer(kind, ((h, w, inputs), (int(out_h), int(out_w), outputs)), (0, sizes[0]), body, quanta, True)
        terms = int(np.prod(shape)) + 1
        cases.append((number, tmdl.model(number, sum(sizes), (h, w, inputs), layer), images, exact, out_scale, terms))
    return cases


@pytest.mark.parametrize("case", CASES)
def test_convolution(device, tmp_path, case):
    """int8: the nearest step to the exact value, but for ratios of scales that are rounded to float32. float32: an error of an epsilon
    for each of the terms, which are a few units."""
    number, model, images, exact, step, terms = random_layers()[case]
    result = run(device, tmp_path, {tmdl.INT8: "int8", tmdl.FP32: "fp32"}[number], model, images)
    tolerance = 0.501 * step if number == tmdl.INT8 else 4 * terms * np.finfo(np.float32).eps
    np.testing.assert_allclose(result, exact.reshape(len(images), -1), rtol=0, atol=tolerance)


@pytest.mark.parametrize("number,module", [(tmdl.INT8, "int8"), (tmdl.FP32, "fp32")], ids=["int8", "fp32"])
def test_loading_takes_time_in_proportion_to_the_file(tmp_path, number, module):
    size = 4 * (4 if number == tmdl.FP32 else 1)

    def cost(n_layers, sources):
        """Instructions for additions of what layers left at two of three places, which a function of the layer's number tells."""
        place = lambda i: (i % 2 + 1) * size
        layers = [tmdl.layer(tmdl.SOFTMAX, ((4,), (4,)), (0, 0))]
        layers += [tmdl.layer(tmdl.SOFTMAX, ((4,), (4,)), (0, place(i))) for i in range(2)]
        for i in range(3, n_layers):
            first, second = sources(place(i - 1), place(i))
            layers.append(tmdl.layer(tmdl.ADD, ((4,), (4,)), (first, place(i)), tmdl.add(second), is_output=i == n_layers - 1))
        model = tmdl.model(number, 3 * size, (4,), *layers)
        (tmp_path / "model.tmdl").write_bytes(model)
        read = f"model = bytearray({len(model)})\nopen('model.tmdl', 'rb').readinto(model)\nfrom emlearn_cnn_{module} import new\n"
        return instructions(read + "new(model)", tmp_path, "x64") - instructions(read, tmp_path, "x64")

    small, middle, large = (cost(n, lambda last, earlier: (last, earlier)) for n in (60, 120, 240))
    assert large - middle == pytest.approx(2 * (middle - small), rel=0.03)
    # If all layers read what the first one left, loading takes longer, within bounds, since there are at most 255.
    farthest = cost(240, lambda last, earlier: (0, 0))
    assert farthest < 4 * large, (farthest, large)
