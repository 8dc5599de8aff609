"""Reduces a photograph to a few colours by k-means on MicroPython, and compares with the same in numpy."""

import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from host import arguments, micropython, shown


def nearest(pixels, palette):
    """Each pixel's colour; the first of equally near ones."""
    distances = ((pixels[:, None, :].astype(int) - palette[None]) ** 2).sum(axis=2)
    return distances.argmin(axis=1)


def learn(sample, palette, max_iter, stop_changes):
    """k-means as the module does it: means rounded down, an empty cluster keeps its colour."""
    palette = palette.astype(int)
    assignments = np.full(len(sample), -1)
    for _ in range(max_iter):
        before, assignments = assignments, nearest(sample, palette)
        if np.sum(before != assignments) <= stop_changes:
            break
        for i in range(len(palette)):
            if len(members := sample[assignments == i]):
                palette[i] = members.sum(axis=0, dtype=int) // len(members)
    return palette


def main():
    args = arguments(
        __doc__, "colours",
        picture=dict(type=pathlib.Path, help="a picture of yours"),
        colours=dict(type=int, default=16, help="how many colours (default: 16)"),
        step=dict(type=int, default=32, help="learn from every so many pixels (default: 32)"),
    )
    picture = load_sample_image("flower.jpg") if args.picture is None else plt.imread(args.picture)
    if picture.dtype != np.uint8:
        picture = np.round(picture * 255).astype(np.uint8)
    picture = np.ascontiguousarray(picture[::2, ::2, :3])
    pixels = picture.reshape(-1, 3)
    (args.out / "pixels.bin").write_bytes(pixels.tobytes())
    out = args.out / "quantised.bin"
    for line in micropython(args, HERE / "quantise.py", args.out / "pixels.bin", str(args.colours), str(args.step), out):
        print("MicroPython:", line)
    result = np.frombuffer(out.read_bytes(), np.uint8)
    palette, indices = result[: 3 * args.colours].reshape(-1, 3), result[3 * args.colours :]

    sample = pixels[:: args.step]
    first = sample[: len(sample) // args.colours * args.colours : len(sample) // args.colours]
    same_palette = np.array_equal(learn(sample, first, 20, len(sample) // 1000), palette)
    same_pixels = np.array_equal(nearest(pixels, palette.astype(int)), indices)
    quantised = palette[indices].reshape(picture.shape)
    error = np.sqrt(np.mean((quantised.astype(float) - picture) ** 2))
    print(f"{len(np.unique(pixels, axis=0))} colours reduced to {args.colours}, root mean square error {error:.1f} of 255")
    print(f"palette and pixels equal numpy's: {'yes' if same_palette and same_pixels else 'no'}")

    figure, axes = plt.subplots(1, 3, figsize=(13, 4), width_ratios=[6, 6, 1], layout="constrained")
    for axis, image, title in zip(axes, (picture, quantised, palette[:, None, :]), ("before", f"{args.colours} colours", "palette")):
        axis.imshow(image, interpolation="nearest")
        axis.set(title=title, xticks=[], yticks=[])
    figure.savefig(args.out / "colours.png", dpi=120)
    print(f"picture: {shown(args.out / 'colours.png')}")
    if not (same_palette and same_pixels):
        sys.exit("MicroPython and numpy disagree")


if __name__ == "__main__":
    main()
