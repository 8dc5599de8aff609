"""IIR filters in second-order sections, in int16 fixed point: for processors without an FPU."""

from array import array
from typing import Sequence

class IIR:
    def run(self, values: array[int]) -> None:
        """Filters a block of samples, an array('h') of any length, in place.

        Each section computes, exactly, `(b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]) >> 13`, saturated to int16.
        The state carries over from call to call, so a stream may come in blocks. Allocates nothing.
        Raises ValueError if `values` is not an array('h').
        """

    def __del__(self) -> None:
        """Ends the filter: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(coefficients: array[int]) -> IIR:
    """A filter with zero state, of sections `b0 0 b1 b2 -a1 -a2` as `convert_coefficients` makes them, at least one section.

    Raises ValueError if a section is incomplete or its second value is not 0.
    """

def convert_coefficients(coefficients: Sequence[float], scale: float = 2**13 - 1) -> array[int]:
    """Sections `b0 b1 b2 1 a1 a2` as sections `b0 0 b1 b2 -a1 -a2`, times `scale` and rounded to integers.

    Raises ValueError if a section is incomplete, an a0 is not 1, or a value does not fit int16: coefficients must lie
    within +-4.
    """
