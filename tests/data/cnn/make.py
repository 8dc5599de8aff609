"""Makes the networks of this folder: trains them on scikit-learn's digits, quantises them, writes them as .tflite and as .tmdl.

    pip install ai-edge-litert==2.3.0 jax==0.10.2 scikit-learn==1.9.1
    python make.py

A network is a list of layers, dicts of `kind`, what belongs to it, and optionally `inputs`: the layers whose outputs it reads,
-1 being the image; otherwise the layer before it.
"""

import pathlib
import struct

import jax
import jax.numpy as jnp
import numpy as np
from ai_edge_litert import schema_py_generated as tfl
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

FOLDER = pathlib.Path(__file__).parent


def conv(channels, kernel, stride=(1, 1), padding="SAME", activation="none", **more):
    return dict(kind="conv", channels=channels, kernel=kernel, stride=stride, padding=padding, activation=activation, **more)


def depthwise(multiplier, kernel, stride=(1, 1), padding="SAME", activation="none", **more):
    return dict(kind="depthwise", multiplier=multiplier, kernel=kernel, stride=stride, padding=padding, activation=activation, **more)


NETWORKS = {
    "plain": [
        conv(9, (3, 3), (2, 2), activation="relu"),
        conv(14, (3, 2), padding="VALID", activation="relu6"),
        dict(kind="pool"),
        dict(kind="dense", channels=10),
        dict(kind="softmax"),
    ],
    "residual": [
        conv(8, (3, 3), activation="relu"),
        depthwise(1, (3, 3), activation="relu6"),
        conv(8, (1, 1)),
        dict(kind="add", inputs=(0, 2)),
        depthwise(2, (5, 3), (2, 3), activation="relu"),
        conv(6, (2, 2), (2, 1), padding="VALID", activation="relu"),
        dict(kind="reshape"),
        dict(kind="dense", channels=10),
        dict(kind="softmax"),
    ],
}


def inputs_of(layers, i):
    return layers[i].get("inputs", (i - 1,))


# ---- training ----

ACTIVATIONS = {"none": lambda x: x, "relu": jax.nn.relu, "relu6": jax.nn.relu6}


def initialise(layers, shape):
    """Weights (kernel height, kernel width, inputs, outputs, or inputs, outputs) and biases of each layer, and the shape of each output."""
    rng = np.random.default_rng(1)
    parameters, shapes = [], [shape]
    for i, layer in enumerate(layers):
        h, w, c = shapes[inputs_of(layers, i)[0] + 1]
        weights = None
        if layer["kind"] in ("conv", "depthwise"):
            (kernel_h, kernel_w), (stride_h, stride_w) = layer["kernel"], layer["stride"]
            if layer["padding"] == "SAME":
                h, w = -(-h // stride_h), -(-w // stride_w)
            else:
                h, w = (h - kernel_h) // stride_h + 1, (w - kernel_w) // stride_w + 1
            outputs = layer["channels"] if layer["kind"] == "conv" else c * layer["multiplier"]
            weights = (kernel_h, kernel_w, c if layer["kind"] == "conv" else 1, outputs)
            c = outputs
        elif layer["kind"] in ("pool", "reshape"):
            h, w, c = 1, 1, c if layer["kind"] == "pool" else h * w * c
        elif layer["kind"] == "dense":
            weights = (c, layer["channels"])
            c = layer["channels"]
        shapes.append((h, w, c))
        scale = weights and np.sqrt(2 / np.prod(weights[:-1]))
        parameters.append(weights and dict(w=jnp.array(rng.normal(0, scale, weights), jnp.float32), b=jnp.zeros(weights[-1])))
    return parameters, shapes


def run(layers, parameters, images):
    """The output of each layer, the images first; that of the softmax is left out."""
    outputs = [images]
    for i, (layer, p) in enumerate(zip(layers, parameters)):
        x = outputs[inputs_of(layers, i)[0] + 1]
        if p and layer["kind"] != "dense":
            x = jax.lax.conv_general_dilated(
                x, p["w"], layer["stride"], layer["padding"], dimension_numbers=("NHWC", "HWIO", "NHWC"),
                feature_group_count=1 if layer["kind"] == "conv" else x.shape[-1],
            ) + p["b"]
            x = ACTIVATIONS[layer["activation"]](x)
        elif layer["kind"] == "dense":
            x = x @ p["w"] + p["b"]
        elif layer["kind"] == "pool":
            x = x.mean(axis=(1, 2))
        elif layer["kind"] == "reshape":
            x = x.reshape(len(x), -1)
        elif layer["kind"] == "add":
            x = x + outputs[inputs_of(layers, i)[1] + 1]
        if layer["kind"] != "softmax":
            outputs.append(x)
    return outputs


def train(layers, parameters, images, classes, epochs=60, batch=32):
    """Adam on the cross entropy, with smoothed labels: small logits, so that one quantisation step of theirs changes the softmax little."""

    def loss(parameters, images, classes):
        logits = jax.nn.log_softmax(run(layers, parameters, images)[-1])
        labels = 0.8 * jax.nn.one_hot(classes, logits.shape[-1]) + 0.2 / logits.shape[-1]
        return -jnp.mean(jnp.sum(labels * logits, axis=1))

    @jax.jit
    def step(parameters, mean, square, t, images, classes):
        gradient = jax.grad(loss)(parameters, images, classes)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, square, gradient)
        rate = 0.003 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return jax.tree.map(lambda p, m, s: p - rate * m / (jnp.sqrt(s) + 1e-8), parameters, mean, square), mean, square

    rng = np.random.default_rng(1)
    mean = square = jax.tree.map(jnp.zeros_like, parameters)
    t = 0
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images) - batch + 1, batch):
            t += 1
            chosen = order[start : start + batch]
            parameters, mean, square = step(parameters, mean, square, t, images[chosen], classes[chosen])
    return parameters


# ---- quantisation, as TensorFlow Lite specifies it ----


def quantise(layers, parameters, images):
    """Scale and zero point of each output, and integer weights and biases with one scale for each output channel."""
    outputs = run(layers, parameters, images)
    quanta = [(1 / 255, -128)]
    for i, layer in enumerate(layers):
        if layer["kind"] == "softmax":
            quanta.append((1 / 256, -128))
        elif layer["kind"] == "reshape":
            quanta.append(quanta[-1])
        else:
            low, high = min(0.0, float(outputs[i + 1].min())), float(outputs[i + 1].max())
            scale = (high - low) / 255
            quanta.append((scale, int(round(-128 - low / scale))))
    quanta = [(float(np.float32(scale)), zero_point) for scale, zero_point in quanta]
    quantised = []
    for i, p in enumerate(parameters):
        if p is None:
            quantised.append(None)
            continue
        w = np.asarray(p["w"])
        axes = None if layers[i]["kind"] == "dense" else (0, 1, 2)
        scales = np.broadcast_to((np.abs(w).max(axis=axes) / 127).astype(np.float32), w.shape[-1:])
        scales = scales[:1] if axes is None else scales
        bias_scale = quanta[inputs_of(layers, i)[0] + 1][0] * scales.astype(np.float64)
        quantised.append(dict(
            w=np.clip(np.round(w / scales), -127, 127).astype(np.int8),
            b=np.round(np.asarray(p["b"]) / bias_scale).astype(np.int32), scales=scales,
        ))
    return quanta, quantised


# ---- .tflite ----

OPERATORS = {"conv": "CONV_2D", "depthwise": "DEPTHWISE_CONV_2D", "pool": "MEAN", "dense": "FULLY_CONNECTED", "softmax": "SOFTMAX", "reshape": "RESHAPE", "add": "ADD"}
FUSED = {"none": 0, "relu": 1, "relu6": 3}


def options(layer):
    """The name and the fields of an operator's options."""
    kind = layer["kind"]
    if kind in ("conv", "depthwise"):
        fields = dict(
            padding=getattr(tfl.Padding, layer["padding"]), strideH=layer["stride"][0], strideW=layer["stride"][1],
            dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=FUSED[layer["activation"]],
        )
        return ("Conv2DOptions", fields) if kind == "conv" else ("DepthwiseConv2DOptions", fields | dict(depthMultiplier=layer["multiplier"]))
    return {
        "pool": ("ReducerOptions", dict(keepDims=False)), "dense": ("FullyConnectedOptions", {}), "softmax": ("SoftmaxOptions", dict(beta=1.0)),
        "reshape": ("ReshapeOptions", {}), "add": ("AddOptions", {}),
    }[kind]


def filled(kind, **fields):
    thing = getattr(tfl, kind + "T")()
    for name, value in fields.items():
        setattr(thing, name, value)
    return thing


def write_tflite(path, layers, parameters, shapes, quanta):
    """The float network, or with `quanta` the quantised one."""
    import flatbuffers

    codes = sorted({OPERATORS[layer["kind"]] for layer in layers})
    model = filled("Model", version=3, description="", buffers=[filled("Buffer")], operatorCodes=[
        filled("OperatorCode", builtinCode=getattr(tfl.BuiltinOperator, code), deprecatedBuiltinCode=getattr(tfl.BuiltinOperator, code), version=2 if quanta and code != "RESHAPE" else 1)
        for code in codes
    ])
    graph = filled("SubGraph", tensors=[], operators=[], name="main")
    model.subgraphs = [graph]

    def tensor(name, shape, dtype, data=None, scales=None, zero_point=0, axis=0):
        buffer = 0
        if data is not None:
            model.buffers.append(filled("Buffer", data=np.frombuffer(data.tobytes(), np.uint8)))
            buffer = len(model.buffers) - 1
        quantization = None
        if scales is not None:
            quantization = filled("QuantizationParameters", scale=[float(s) for s in scales], zeroPoint=[zero_point] * len(scales), quantizedDimension=axis)
        kind = {"int8": tfl.TensorType.INT8, "int32": tfl.TensorType.INT32, "float32": tfl.TensorType.FLOAT32}[np.dtype(dtype).name]
        graph.tensors.append(filled("Tensor", name=name, shape=list(shape), type=kind, buffer=buffer, quantization=quantization))
        return len(graph.tensors) - 1

    def activations(name, i):
        """The tensor of a layer's output. Flat ones have no height and width."""
        flat = i >= 0 and layers[i]["kind"] in ("pool", "reshape", "dense", "softmax")
        shape = (1, shapes[i + 1][2]) if flat else (1, *shapes[i + 1])
        return tensor(name, shape, np.int8 if quanta else np.float32, None, quanta and [quanta[i + 1][0]], quanta and quanta[i + 1][1])

    outputs = [activations("input", -1)]
    for i, (layer, p) in enumerate(zip(layers, parameters)):
        ins = [outputs[j + 1] for j in inputs_of(layers, i)]
        if p:
            kind, w, b = layer["kind"], np.asarray(p["w"]), np.asarray(p["b"])
            # Outputs first, but for a depthwise convolution, where they are the channels of the one kernel.
            w = {"conv": lambda: w.transpose(3, 0, 1, 2), "depthwise": lambda: w.transpose(2, 0, 1, 3), "dense": lambda: w.T}[kind]()
            scales = p.get("scales")
            ins.append(tensor(f"weights{i}", w.shape, w.dtype, w, scales, axis=3 if kind == "depthwise" else 0))
            bias_scales = None if scales is None else np.float32(quanta[inputs_of(layers, i)[0] + 1][0]) * scales
            ins.append(tensor(f"bias{i}", b.shape, b.dtype, b, bias_scales))
        elif layer["kind"] == "pool":
            ins.append(tensor(f"axes{i}", (2,), np.int32, np.array([1, 2], np.int32)))
        elif layer["kind"] == "reshape":
            ins.append(tensor(f"shape{i}", (2,), np.int32, np.array([1, shapes[i + 1][2]], np.int32)))
        outputs.append(activations(f"output{i}", i))
        name, fields = options(layer)
        graph.operators.append(filled(
            "Operator", opcodeIndex=codes.index(OPERATORS[layer["kind"]]), inputs=ins, outputs=[outputs[-1]],
            builtinOptionsType=getattr(tfl.BuiltinOptions, name), builtinOptions=filled(name, **fields),
        ))
    graph.inputs, graph.outputs = [outputs[0]], [outputs[-1]]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))


# ---- .tmdl ----

KINDS = {"conv": 0, "pool": 1, "dense": 2, "softmax": 3, "reshape": 4, "depthwise": 5, "add": 6}


def align(n):
    return -(-n // 8) * 8


def place(layers, shapes, item_size):
    """Offsets of each output in a work buffer, and its size: the first gap among those that are still to be read."""
    sizes = [align(int(np.prod(shape)) * item_size) for shape in shapes]
    readers = [max([i for i in range(len(layers)) if j in inputs_of(layers, i)], default=len(layers)) for j in range(-1, len(layers))]
    offsets = [0]
    for i, layer in enumerate(layers):
        if layer["kind"] == "reshape":
            offsets.append(offsets[-1])
            continue
        taken = sorted((offsets[j], offsets[j] + sizes[j]) for j in range(i + 1) if readers[j] >= i)
        offset = 0
        for start, end in taken:
            if offset + sizes[i + 1] <= start:
                break
            offset = max(offset, end)
        offsets.append(offset)
    return offsets, max(offset + size for offset, size in zip(offsets, sizes))


def same_padding(length, kernel, stride):
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


def write_tmdl(path, layers, parameters, shapes, quanta):
    """The same as `.tmdl`."""
    offsets, work_size = place(layers, shapes, 1 if quanta else 4)
    dims = [struct.pack("<4H", 3 if h * w > 1 else 1, h, w, c) for h, w, c in shapes]
    head = struct.pack("<4sBBHHHII", b"MAIX", 0 if quanta else 2, 1 if quanta else 0, 1, 1, len(layers), work_size, 0) + dims[0] + dims[-1]
    blob = head.ljust(64, b"\0")
    for i, (layer, p) in enumerate(zip(layers, parameters)):
        source = inputs_of(layers, i)[0]
        body = arrays = b""
        places = []
        if p:
            w, b = np.asarray(p["w"]), np.asarray(p["b"])
            if quanta:
                b = b - quanta[source + 1][1] * w.reshape(-1, w.shape[-1]).sum(axis=0, dtype=np.int32)
            # Outputs first, then inputs, then the kernel's rows and columns.
            w = w.T if layer["kind"] == "dense" else w.transpose(3, 2, 0, 1)
            start = 64 if layer["kind"] == "dense" else 80
            for array in ([p["scales"]] if quanta else [np.empty(0, np.float32)]) + [w, b]:
                places.append(start + len(arrays))
                arrays += np.ascontiguousarray(array).tobytes().ljust(align(array.nbytes), b"\0")
        if layer["kind"] in ("conv", "depthwise"):
            (kernel_h, kernel_w), (stride_h, stride_w) = layer["kernel"], layer["stride"]
            pads = (0, 0, 0, 0)
            if layer["padding"] == "SAME":
                h, w, _ = shapes[source + 1]
                pads = same_padding(h, kernel_h, stride_h) + same_padding(w, kernel_w, stride_w)
            body = struct.pack("<6BH4BII", kernel_w, kernel_h, stride_w, stride_h, 1, 1, FUSED[layer["activation"]], *pads, layer.get("multiplier", 0), 0)
            body += struct.pack("<3I", *places)
        elif layer["kind"] == "dense":
            body = struct.pack("<4I", *places, 0)
        elif layer["kind"] == "add":
            second = inputs_of(layers, i)[1]
            scale, zero_point = quanta[second + 1] if quanta else (1.0, 0)
            body = struct.pack("<IfiI", offsets[second + 1], scale, zero_point, 0)
        body += arrays
        (in_scale, in_zero), (out_scale, out_zero) = (quanta[source + 1], quanta[i + 1]) if quanta else ((1.0, 0), (1.0, 0))
        blob += struct.pack("<HHIII", KINDS[layer["kind"]], i == len(layers) - 1, 48 + len(body), offsets[source + 1], offsets[i + 1])
        blob += dims[source + 1] + dims[i + 1] + struct.pack("<fifi", in_scale, in_zero, out_scale, out_zero) + body
    path.write_bytes(blob)


def digits():
    """Images of 8 x 8 bytes and their classes, to train with and to test with."""
    images, classes = load_digits(return_X_y=True)
    images = np.round(images * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    return train_test_split(images, classes, test_size=0.3, random_state=1)


def main():
    train_images, test_images, train_classes, test_classes = digits()
    for name, layers in NETWORKS.items():
        parameters, shapes = initialise(layers, train_images.shape[1:])
        parameters = train(layers, parameters, train_images / np.float32(255), train_classes)
        accuracy = np.mean(np.argmax(run(layers, parameters, test_images / np.float32(255))[-1], axis=1) == test_classes)
        print(f"{name}: {accuracy:.3f}")
        quanta, quantised = quantise(layers, parameters, train_images / np.float32(255))
        for number, values, scales in (("fp32", parameters, None), ("int8", quantised, quanta)):
            write_tflite(FOLDER / f"{name}_{number}.tflite", layers, values, shapes, scales)
            write_tmdl(FOLDER / f"{name}_{number}.tmdl", layers, values, shapes, scales)


if __name__ == "__main__":
    main()
