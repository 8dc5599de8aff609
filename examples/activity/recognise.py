"""Runs on the device: recognises the activity in recordings of raw samples, window by window.

    micropython recognise.py MODEL RECORDING ...

A recording is a file of int16 samples, six axes each. Prints a line `recording,window,microseconds,proportion,...` per window.
"""

import sys
import time
from array import array

import emlearn_trees
from features import windows


def load(path):
    """The model of a text file, with just enough room for it."""
    trees = nodes = leaves = 0
    with open(path) as lines:
        for line in lines:
            trees += line.startswith("r,")
            nodes += line.startswith("n,")
            leaves += line.startswith("l,")
    model = emlearn_trees.new(trees, nodes, leaves)
    with open(path) as file:
        emlearn_trees.load_model(model, file)
    return model


def main(model_path, *recordings):
    model = load(model_path)
    proportions = array("f", bytes(4 * model.outputs()))
    for recording, path in enumerate(recordings):
        for number, values in enumerate(windows(path)):
            start = time.ticks_us()
            model.predict(values, proportions)
            duration = time.ticks_diff(time.ticks_us(), start)
            print(recording, number, duration, *proportions, sep=",")


main(*sys.argv[1:])
