"""Convolutional networks with int8 numbers, in TinyMaix's `.tmdl` format.

A model is used where it lies, flash included: a network takes the work buffer that the model asks for, some 110 bytes for each
layer, and room for a kernel's view of a tensor. Layers: conv2d, depthwise conv2d, global average pooling, fully connected, softmax,
reshape and add; activations none, relu, relu1, relu6, tanh and sign bit. At most 255 layers.
"""

from array import array

class Model:
    def output_dimensions(self) -> tuple[int, ...]:
        """Shape of the output, e.g. `(10,)`."""

    def run(self, input: bytes | bytearray | array[int] | memoryview, out: array[float]) -> None:
        """Runs the network.

        `input` is height x width x channels bytes. A byte `x` is the quantised number `x - 128`: with the usual scale of 1/255, black is 0 and white 1.
        `out` is an array('f') of as many values as the output has. It gets real numbers.

        Allocates nothing. Raises ValueError if a length or typecode is wrong, or if the model's buffer has another length than
        when it was loaded. What the buffer holds may change: then so do the results.
        """

    def __del__(self) -> None:
        """Ends the network: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(model: bytes | bytearray | array[int] | memoryview) -> Model:
    """A network from the bytes of a `.tmdl` model of int8 numbers, at any address. The buffer is kept, not copied.

    Raises ValueError if it is no such model or contradicts itself; a message about a layer counts from 1.
    """
