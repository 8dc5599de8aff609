"""Fast Fourier transform of a power of two of complex points, in float32.

Errors are below 3e-7 * log2(n) of the largest magnitude in the result.
"""

from array import array

class FFT:
    """The transform of a number of points, with its tables: 4 bytes for each point."""

    def __init__(self, n: int) -> None:
        """Prepares for `n` points, a power of two from 2 to 2**24. Raises ValueError if it is not."""

    def run(self, real: array[float], imag: array[float]) -> None:
        """Transforms `real + 1j * imag` in place, as `numpy.fft.fft`: forward, not normalised.

        Both are an array('f') of n values, in separate memory. The spectrum of a real signal has `imag` all zeros before, and the
        magnitude of frequency `k / n` of the sample rate in `real[k]` and `imag[k]` after, for k up to n / 2.

        Values that are not finite make results that are not. Allocates nothing. Raises ValueError if a length or typecode is
        wrong or the arrays overlap.
        """

    def fill(self, sin: array[float], cos: array[float]) -> None:
        """Does nothing: for programs that used to compute the tables. Raises ValueError unless each is an array('f') of n / 2 values."""

    def __del__(self) -> None:
        """Ends the transform: every later use raises an exception. Its memory is free once nothing refers to it."""

def fill(fft: FFT, n: int) -> None:
    """Does nothing: for programs that used to compute the tables. Raises ValueError if `n` is not the number of points of `fft`."""
