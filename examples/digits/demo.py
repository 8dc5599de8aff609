"""Recognises handwritten digits by a convolutional network on MicroPython, and compares with TensorFlow Lite."""

import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from host import ROOT, arguments, micropython, progress, shown

MODELS = ROOT / "tests/data/cnn"


def tensorflow_lite(path, images):
    """The class that TensorFlow Lite's interpreter gives each image."""
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    classes = []
    for image in images:
        is_float = source["dtype"] == np.float32
        values = (image / 255).astype(np.float32) if is_float else (image.astype(np.int16) - 128).astype(np.int8)
        interpreter.set_tensor(source["index"], values.reshape(source["shape"]))
        interpreter.invoke()
        classes.append(interpreter.get_tensor(result["index"]).argmax())
    return np.array(classes)


def main():
    args = arguments(__doc__, "digits", float=dict(action="store_true", help="the float32 network instead of the int8 one"))
    number = "fp32" if args.float else "int8"
    model = MODELS / f"residual_{number}"
    images, classes = load_digits(return_X_y=True)
    images = np.round(images * (255 / 16)).astype(np.uint8)
    # The part that tests/data/cnn/make.py does not train with.
    _, images, _, classes = train_test_split(images, classes, test_size=0.3, random_state=1)
    (args.out / "images.bin").write_bytes(images.tobytes())

    rows = []
    for line in micropython(args, HERE / "recognise.py", f"emlearn_cnn_{number}", model.with_suffix(".tmdl"), args.out / "images.bin"):
        rows.append([float(value) for value in line.split(",")])
        progress(len(rows), len(images), "recognising on MicroPython: digit")
    rows = np.array(rows)
    recognised = rows[:, 1:].argmax(axis=1)
    agreement = np.mean(recognised == tensorflow_lite(model.with_suffix(".tflite"), images))

    print(f"accuracy on {len(images)} digits: {np.mean(recognised == classes):.3f}")
    print(f"agreement with TensorFlow Lite: {100 * agreement:.1f}% of digits")
    print(f"model: {model.with_suffix('.tmdl').stat().st_size} bytes; time: {rows[:, 0].mean():.0f} us per digit")
    wrong = np.flatnonzero(recognised != classes)
    chosen = np.r_[wrong, np.flatnonzero(recognised == classes)][:40]
    figure, axes = plt.subplots(4, 10, figsize=(10, 5), layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for axis, i in zip(axes.flat, chosen):
        axis.imshow(images[i].reshape(8, 8), cmap="gray_r")
        good = recognised[i] == classes[i]
        axis.set_title(f"{recognised[i]}" if good else f"{recognised[i]}, not {classes[i]}", color="black" if good else "red", fontsize=10)
    figure.suptitle("Digits recognised by MicroPython: the wrong ones first")
    figure.savefig(args.out / "digits.png", dpi=120)
    print(f"picture: {shown(args.out / 'digits.png')}")
    if agreement < 0.99:
        sys.exit("MicroPython and TensorFlow Lite disagree")


if __name__ == "__main__":
    main()
