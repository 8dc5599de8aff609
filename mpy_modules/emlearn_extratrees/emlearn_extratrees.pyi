"""Tree ensembles trained on the device: extremely randomised trees over int16 features, for classification.

`X` is an array('h') of rows of n_features values each, one after the other, `y` an array('h') of a label for each row, from 0
to n_classes - 1; of either, as many int16 as raw bytes will do. Training and prediction are in integers: the same seed and data
give the same model on every board.

    model = emlearn_extratrees.new(n_features, n_classes, feature_subsample_ratio=0.3)
    model.train(X, y)
    label = model.predict(features, probabilities)
"""

from array import array
from typing import Iterator, Protocol

_Values = array[int] | bytes | bytearray | memoryview

class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...

class Model:
    def train(self, X: _Values, y: _Values) -> None:
        """Trains all trees; a model that there was is gone.

        Can be interrupted (Ctrl-C): then the model is not trained, and `train` begins anew. Raises ValueError if the number of
        values is not that of rows x features, there are no rows or more than max_samples, or a label is out of range; then the
        model is as it was. Also raises ValueError if max_nodes do not suffice; then it is not trained.
        """

    def train_init(self, X: _Values, y: _Values) -> None:
        """Begins a training in steps. The model refers to `X` and `y` until the last step. Raises ValueError as `train`."""

    def train_step(self) -> int:
        """Splits one node; returns 1 when the model is trained, else 0.

        Gives the same model as `train`. Takes time in proportion to the node's rows, times features, times thresholds.
        Allocates nothing. Raises ValueError if training has not begun, if `X` and `y` have no longer their lengths or
        labels in range, upon which a later step can go on, or if max_nodes do not suffice, upon which it can not.
        """

    def predict(self, features: _Values, probabilities: array[float] | memoryview) -> int:
        """The class with most votes of trees, the smallest on a tie.

        `features` is an array('h') of n_features values, `probabilities` an array('f') of n_classes, which gets votes divided
        by the number of trees. Allocates nothing. Raises ValueError if the model is not trained or a length is wrong.
        """

    def get_n_features(self) -> int:
        """Number of features."""

    def get_n_classes(self) -> int:
        """Number of classes."""

    def get_n_trees(self) -> int:
        """Number of trees that a trained model has."""

    def get_n_nodes_used(self) -> int:
        """Number of nodes so far. A node is a decision; leaves take no memory."""

    def get_n_trees_trained(self) -> int:
        """Number of trees trained so far."""

    def get_root(self, tree: int) -> int:
        """The node that a tree begins with, as `addroot` of emlearn_trees takes it. Raises ValueError if not trained."""

    def get_node(self, index: int) -> tuple[int, int, int, int]:
        """A node as `addnode` of emlearn_trees takes it: left child, right child, feature, value.

        A sample goes left if `features[feature] < value`. A child > 0 is the distance from this node forward to another, a
        child < 0 is the class `-child - 1`. Raises ValueError if there is no such node or the model is not trained.
        """

    def __del__(self) -> None:
        """Ends the model: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(
    n_features: int,
    n_classes: int,
    *,
    n_trees: int = 10,
    max_depth: int = 10,
    min_samples_leaf: int = 1,
    n_thresholds: int = 10,
    subsample_ratio: float = 1.0,
    feature_subsample_ratio: float = 1.0,
    max_nodes: int = 1000,
    max_samples: int = 1000,
    rng_seed: int = 42,
    use_global_feature_range: bool = False,
) -> Model:
    """An untrained model of 1..16384 features and 1..256 classes.

    A node looks at `feature_subsample_ratio` of the features, drawn at random, and more while none divides its rows; for each at
    `n_thresholds` random values, uniform between the smallest and the largest of its rows, or of all rows with
    `use_global_feature_range`. Of these it takes the decision with the least Gini impurity, that leaves `min_samples_leaf`
    rows or more on either side. It takes none if its rows have one label or it is `max_depth` deep; then it votes for the most
    common label, the smallest on a tie. A tree sees `subsample_ratio` of the rows, drawn without replacement.

    One threshold and the square root of the number of features, `n_features ** -0.5` as the ratio, is what scikit-learn's
    ExtraTreesClassifier does. Any integer is a seed, of which 32 bits count.

    There is room for `max_nodes` decisions of all trees, of 8 bytes each, and `max_samples` rows, of 2 bytes each; beside them the
    model takes some 120 bytes, 2 for a tree, 2 for a feature (6 with `use_global_feature_range`) and 4 for a class. All numbers are
    1..65535. Raises ValueError if one is out of range, or a ratio not above 0 and up to 1.
    """

def train_steps(model: Model, X: _Values, y: _Values) -> Iterator[int]:
    """Trains one node at a time, and yields after each the number of trees trained so far. Raises ValueError as `train`."""

def save_model(model: Model, file: _Writable) -> None:
    """Writes a trained model to an open file, in the text format that `load_model` of emlearn_trees reads.

    It needs room for `get_n_trees()` trees, `get_n_nodes_used()` nodes and `get_n_classes()` leaves, and predicts the same.
    Raises ValueError if the model is not trained.
    """
