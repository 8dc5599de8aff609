"""Good calls of emlearn_iir."""

from array import array

import emlearn_iir
from hostile import Array, Object

SECTIONS = 0.5, 0.25, 0.125, 1, -0.5, 0.25, 1, -2, 1, 1, -1.75, 0.8125
SIGNAL = 1.0, -2.0, 0.5, 100.0, 0.0


def new():
    return emlearn_iir.new(array("f", SECTIONS))


def observe(filter):
    """Only a run shows the state, and changes it."""


def use(filter):
    values = array("f", SIGNAL)
    filter.run(values)
    return values


make = new
FILTER = Object(new)
MIXED = {}
CALLS = {
    "new": [Array("f", SECTIONS, any_length=True)],
    "IIR.run": [FILTER, Array("f", SIGNAL, out=True, any_length=True)],
    "IIR.__del__": [FILTER],
}
