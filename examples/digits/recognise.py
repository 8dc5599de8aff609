"""Runs on the device: recognises digits.

    micropython recognise.py MODULE MODEL IMAGES

MODULE is emlearn_cnn_int8 or emlearn_cnn_fp32, IMAGES holds 8 x 8 bytes each. Prints `microseconds,probability,...` for each.
"""

import sys
import time
from array import array

SIZE = 8 * 8


def main(module, model, path):
    with open(model, "rb") as file:
        network = __import__(module).new(file.read())
    probabilities = array("f", bytes(4 * network.output_dimensions()[0]))
    image = bytearray(SIZE)
    with open(path, "rb") as images:
        while images.readinto(image) == SIZE:
            start = time.ticks_us()
            network.run(image, probabilities)
            duration = time.ticks_diff(time.ticks_us(), start)
            print(duration, *probabilities, sep=",")


main(*sys.argv[1:])
