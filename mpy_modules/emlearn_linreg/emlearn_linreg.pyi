"""Linear regression with elastic-net penalty, trained on the device by gradient descent, in float32.

`X` is an array('f') of rows of n_features values each, one after the other, `y` one of a target for each row. At convergence
the model is that of scikit-learn's `ElasticNet(alpha, l1_ratio=l1_ratio)`. Features of similar scale converge faster.
"""

from array import array

_Floats = array[float] | memoryview

class Model:
    def predict(self, x: _Floats) -> float:
        """Prediction for one row."""

    def step(self, X: _Floats, y: _Floats) -> None:
        """One gradient step over all rows.

        The gradients of half the mean squared error, plus `alpha * (1 - l1_ratio) * w` for the weights, times the learning rate
        are taken from weights and bias; then the weights are shrunk toward zero by `alpha * l1_ratio * learning_rate`.
        NaN or infinity in the data, or a learning rate that is too large, makes the model NaN: set weights and bias anew.

        Allocates nothing. Raises ValueError if there are no rows or lengths do not match.
        """

    def score_mse(self, X: _Floats, y: _Floats) -> float:
        """Mean squared error over all rows. Raises ValueError as `step`."""

    def get_n_features(self) -> int:
        """Number of features."""

    def get_weights(self, out: _Floats) -> None:
        """Copies the weights to an array('f') of n_features values."""

    def set_weights(self, w: _Floats) -> None:
        """Sets the weights from an array('f') of n_features values."""

    def get_bias(self) -> float:
        """What is added to every prediction."""

    def set_bias(self, b: float) -> None:
        """Sets the bias."""

    def __del__(self) -> None:
        """Ends the model: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(n_features: int, alpha: float, l1_ratio: float, learning_rate: float) -> Model:
    """A model of 1..65535 features with weights and bias 0.

    `alpha` is the strength of the penalty, `l1_ratio` the part of it that is L1, from 0 to 1.
    """

def train(
    model: Model,
    X: _Floats,
    y: _Floats,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
    check_interval: int = 10,
    divergence_factor: float = 10.0,
    score_limit: float | None = None,
    verbose: int = 0,
) -> tuple[int, float]:
    """Makes steps until the model is good; returns how many, and its mean squared error.

    The error is looked at after the first step and every `check_interval` steps from there. Training ends when it is at most
    `score_limit`; when it changed by less than `tolerance` since the last look, the third at least; when it grew by more than
    `divergence_factor` or is NaN; and after `max_iterations`. With `verbose` 1 it prints the outcome, with 2 every look.
    It can be interrupted between steps, and goes on from the model as it is when called again.
    """
