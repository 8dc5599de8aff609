"""Operations on whole arrays."""

from array import array

_Array = array[int] | array[float] | bytes | bytearray | memoryview

def linear_map(inputs: _Array, outputs: _Array, in_min: float, in_max: float, out_min: float, out_max: float, /) -> None:
    """Maps each value of `inputs` linearly to `outputs`: `in_min` gives `out_min`, `in_max` gives `out_max`.

    Either array is of type b, B, h, H or f, or anything with such a buffer. They have as many items, and share no memory
    unless they are one and the same.

    Computed in float32 as `(x - in_min) * ((out_max - out_min) / (in_max - in_min)) + out_min`. The result is clamped to what
    lies between `out_min` and `out_max`, and saturates at the ends of the output's type; integers are truncated toward zero.
    NaN gives the lower of the limits.

    Allocates nothing. Raises ValueError if a type or length is wrong, the arrays overlap or `in_min` equals `in_max`.
    """
