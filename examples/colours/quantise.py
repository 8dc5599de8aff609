"""Runs on the device: finds the colours of a picture, and each pixel's colour.

    micropython quantise.py PIXELS COLOURS STEP OUT

PIXELS holds red, green and blue of each pixel, a byte each. The COLOURS are learned from every STEP-th pixel. Writes the
palette, then a byte for each pixel, to OUT.
"""

import sys

import emlearn_kmeans

CHANNELS = 3
BLOCK = 4096  # pixels at a time


def main(path, n_colours, step, out):
    n_colours, step = int(n_colours), int(step)
    with open(path, "rb") as file:
        sample = bytearray()
        while pixels := file.read(CHANNELS * step):
            sample += pixels[:CHANNELS]
    print("learning from", len(sample) // CHANNELS, "pixels")
    stride = len(sample) // CHANNELS // n_colours * CHANNELS
    palette = bytearray()
    for i in range(n_colours):
        palette += sample[i * stride : i * stride + CHANNELS]
    assignments = bytearray(len(sample) // CHANNELS)
    for changes in emlearn_kmeans.cluster_iter(sample, palette, assignments, CHANNELS, max_iter=20, stop_changes=len(assignments) // 1000):
        print("changed", changes)
    with open(path, "rb") as file, open(out, "wb") as result:
        result.write(palette)
        while pixels := file.read(CHANNELS * BLOCK):
            # One iteration on a copy of the palette assigns each pixel to its nearest colour.
            result.write(emlearn_kmeans.cluster(pixels, bytearray(palette), CHANNELS, max_iter=1))


main(*sys.argv[1:])
