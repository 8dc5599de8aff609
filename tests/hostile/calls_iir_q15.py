"""Good calls of emlearn_iir_q15."""

from array import array

import emlearn_iir_q15
from hostile import Array, Object, Real, Sequence

SECTIONS = 4096, 0, 2048, 1024, 4096, -2048, 8192, 0, -16384, 8192, 14336, -6656
REAL_SECTIONS = 0.5, 0.25, 0.125, 1, -0.5, 0.25
SIGNAL = 100, -20000, 32767, -32768, 0


def new():
    return emlearn_iir_q15.new(array("h", SECTIONS))


def observe(filter):
    """Only a run shows the state, and changes it."""


def use(filter):
    values = array("h", SIGNAL)
    filter.run(values)
    return values


make = new
FILTER = Object(new)
MIXED = {}
CALLS = {
    "new": [Array("h", SECTIONS, any_length=True)],
    "convert_coefficients": [Sequence("f", REAL_SECTIONS), Real(4096.0, True)],
    "IIR.run": [FILTER, Array("h", SIGNAL, out=True, any_length=True)],
    "IIR.__del__": [FILTER],
}
