"""Good calls of emlearn_fft."""

from array import array

import emlearn_fft
from hostile import Array, Int, Object

REAL = 1.0, -2.0, 3.5, 0.0, 0.25, 8.0, -1.0, 2.0
IMAGINARY = 0.5, 0.0, 0.0, -4.0, 1.0, 1.0, 0.0, 3.0


class PowerOfTwo(Int):
    def is_good(self, plain):
        return super().is_good(plain) and plain & (plain - 1) == 0


def new():
    return emlearn_fft.FFT(8)


def observe(fft):
    real, imaginary = array("f", REAL), array("f", IMAGINARY)
    fft.run(real, imaginary)
    return real, imaginary


def use(fft):
    for n in range(1, 17):
        try:
            real = array("f", [0] * 2**n)
            real[1] = 1
            fft.run(real, array("f", [0] * 2**n))
            return real
        except ValueError:
            pass


make = new
TRANSFORM = Object(new)
MIXED = {}
CALLS = {
    "FFT": [PowerOfTwo(8, 2, 2**24)],
    "fill": [TRANSFORM, Int(8, 8, 8)],
    "FFT.fill": [TRANSFORM, Array("f", REAL[:4]), Array("f", REAL[4:])],
    "FFT.run": [TRANSFORM, Array("f", REAL, out=True), Array("f", IMAGINARY, out=True)],
    "FFT.__del__": [TRANSFORM],
}
