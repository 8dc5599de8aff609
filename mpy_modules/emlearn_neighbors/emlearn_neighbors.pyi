"""K nearest neighbours of int16 vectors, exactly, over the whole range of int16.

A model takes 2 bytes for each value and label, 8 more for each item, 2 for each feature, and 16.
"""

from array import array

_Values = array[int] | bytes | bytearray | memoryview

class Model:
    def additem(self, values: _Values, label: int) -> int:
        """Adds an item, an array('h') of n_features values, or as many int16 as raw bytes; returns its index.

        The label is any int16. Results of the last `predict` stay as they are. Raises ValueError if the model is full.
        """

    def getitem(self, index: int, out: array[int] | memoryview) -> None:
        """Copies the values of an item to an array('h'). Raises ValueError if there is no such item."""

    def predict(self, values: _Values) -> int:
        """The label with most votes among the k items nearest to these values, the smallest on a tie.

        Nearest by Euclidean distance; at equal distances the item that was added first. Allocates nothing.
        Raises ValueError if there are less than k items or the length or type is wrong.
        """

    def getresult(self, i: int) -> tuple[int, int, int]:
        """The i-th nearest item of the last `predict`, from 0: its index, distance, rounded down, and label.

        `i` goes up to the number of items there were then. The nearest k are at hand. The first `i` beyond them has all items
        compared again and sorted, and then all are.
        Raises ValueError if `i` is out of range, as is any before the first `predict`.
        """

    def __del__(self) -> None:
        """Ends the model: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(max_items: int, n_features: int, k_neighbors: int) -> Model:
    """An empty model with room for `max_items` items of `n_features` values, of which `k_neighbors` vote, 1..65535 each."""
