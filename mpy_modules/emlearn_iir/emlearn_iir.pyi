"""IIR filters in second-order sections: low-pass, high-pass, band-pass, notch, weighting curves.

Designed on a computer, for example by scipy: `scipy.signal.butter(4, 100, fs=1000, output="sos")`.
"""

from array import array

class IIR:
    def run(self, values: array[float]) -> None:
        """Filters a block of samples, an array('f') of any length, in place, as `scipy.signal.sosfilt`.

        The state carries over from call to call, so a stream may come in blocks. Allocates nothing.
        Raises ValueError if `values` is not an array('f').
        """

    def __del__(self) -> None:
        """Ends the filter: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(coefficients: array[float]) -> IIR:
    """A filter with zero state, of sections `b0 b1 b2 a0 a1 a2`, an array('f') of six values each, at least one section.

    Raises ValueError if a section is incomplete or an a0 is not 1.
    """
