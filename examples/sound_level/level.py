"""Runs on the device: the A-weighted level of a recording.

    micropython level.py FILTER RECORDING BLOCK

FILTER holds the sections as float32, RECORDING int16 samples; prints the level of each BLOCK of samples in dB of full scale.
"""

import math
import sys
from array import array

import emlearn_arrayutils
import emlearn_iir


def main(filter_path, path, block):
    with open(filter_path, "rb") as file:
        data = file.read()
    coefficients = array("f", data)
    weighting = emlearn_iir.new(coefficients)
    samples = array("h", bytes(2 * int(block)))
    values = array("f", bytes(4 * len(samples)))
    with open(path, "rb") as recording:
        while recording.readinto(samples) == 2 * len(samples):
            emlearn_arrayutils.linear_map(samples, values, -32768, 32767, -1.0, 32767 / 32768)
            weighting.run(values)
            power = 0.0
            for value in values:
                power += value * value
            print(10 * math.log10(power / len(values) + 1e-12))


main(*sys.argv[1:])
