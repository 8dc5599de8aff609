"""Decision-tree ensembles over int16 features: random forests, extra trees, single trees, for classification and regression.

Models are trained with scikit-learn on a computer, saved as text by the PyPI package emlearn, and loaded here. Each tree
decides exactly as it does in scikit-learn. A node takes 8 bytes of memory.
"""

from array import array
from typing import Iterable, Protocol

class _Readable(Protocol):
    def readinto(self, buffer: bytearray, /) -> int: ...

class Model:
    def addnode(self, left: int, right: int, feature: int, value: int) -> None:
        """Adds a node: a sample goes left if `features[feature] < value`, -65535 <= value <= 65535.

        A child >= 0 is the distance from this node forward to the child, a child < 0 is leaf number `-child - 1`.
        Raises ValueError if the model is full or a number does not fit. What children, roots and features refer to may be
        added later; `predict` checks it.
        """

    def addroot(self, node: int) -> None:
        """Adds a tree that starts at this node, an index from 0. Raises ValueError if the model is full."""

    def addleaf(self, value: int) -> None:
        """Adds a leaf that votes for this class, 0..255. Raises ValueError if the model is full."""

    def setdata(self, n_features: int, n_classes: int) -> None:
        """Sets the length of a sample, 1..65535, and the number of classes, 0..256."""

    def outputs(self) -> int:
        """Length of the output of `predict`: the number of classes, or 1 for regression."""

    def predict(self, features: array[int] | bytes | bytearray | memoryview, out: array[float]) -> None:
        """Predicts one sample.

        `features` is an array('h') of the model's number of features, or as many int16 as raw bytes in the order of the processor.
        `out` is an array('f') of `outputs()` values. It gets the proportion of each class: with hard leaves the trees' votes
        divided by the number of trees, with class proportions in the leaves their mean. In regression `out[0]` gets the
        mean of the trees' values.

        Allocates nothing. Raises ValueError if a length or typecode is wrong or the model is incomplete.
        """

    def __del__(self) -> None:
        """Ends the model: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(max_trees: int, max_nodes: int, max_leaves: int) -> Model:
    """An empty model with room for this many trees, nodes and leaves, 1..65535 each: the numbers of lines `r`, `n` and `l` of a model file.

    Where `max_nodes + max_leaves` is over 65,536, node i can have only leaves below 65,536 - `max_nodes` + i.
    """

def load_model(model: Model, file: _Readable | Iterable[str | bytes]) -> None:
    """Reads a model in the text format from an open file or any iterable of lines, into an empty model.

    Raises ValueError, which names the line, if the text is malformed, refers to something that does not exist or does not
    fit into the model; the model stays as it was.
    """
