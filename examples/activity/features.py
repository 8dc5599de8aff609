"""Features of a window of motion, in integers that a microcontroller can afford: CPython and MicroPython compute the same."""

from array import array

AXES = 6  # acceleration x, y, z, then angular rate x, y, z
LENGTH = 128  # samples in a window: 2.56 s at 50 Hz
HOP = 64  # samples from one window to the next
PER_AXIS = 5
N_FEATURES = AXES * PER_AXIS


def features(window, out):
    """Fills `out`, an array('h') of N_FEATURES, from `window`, an array('h') of LENGTH x AXES samples.

    For each axis: mean, mean absolute deviation, minimum, maximum, mean absolute step from sample to sample.
    """
    for axis in range(AXES):
        total = 0
        low = high = window[axis]
        for i in range(axis, LENGTH * AXES, AXES):
            value = window[i]
            total += value
            if value < low:
                low = value
            elif value > high:
                high = value
        mean = total // LENGTH
        deviation = step = 0
        previous = window[axis]
        for i in range(axis, LENGTH * AXES, AXES):
            value = window[i]
            deviation += abs(value - mean)
            step += abs(value - previous)
            previous = value
        first = axis * PER_AXIS
        out[first] = mean
        out[first + 1] = min(deviation // LENGTH, 32767)
        out[first + 2] = low
        out[first + 3] = high
        out[first + 4] = min(step // LENGTH, 32767)


def windows(path):
    """Yields the features of each window of a file of raw samples, int16, six axes each; always the same array."""
    window = array("h", bytes(2 * LENGTH * AXES))
    new_part = memoryview(window)[(LENGTH - HOP) * AXES :]
    out = array("h", bytes(2 * N_FEATURES))
    with open(path, "rb") as samples:
        samples.readinto(new_part)
        while True:
            window[: (LENGTH - HOP) * AXES] = window[HOP * AXES :]
            if samples.readinto(new_part) < len(new_part) * 2:
                break
            features(window, out)
            yield out
