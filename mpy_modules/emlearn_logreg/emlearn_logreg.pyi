"""Logistic regression of two or more classes, trained on the device by gradient descent, in float32.

`X` is an array('f') of rows of n_features values each, one after the other, `y` one of n_classes values for each row: 1 for its
class, 0 for the others. At convergence, if lambda_l1 is 0, the model predicts as scikit-learn's
`LogisticRegression(C=1 / (lambda_l2 * n_rows))`; for two classes `C=2 / (lambda_l2 * n_rows)`, since each has weights of its own.
Features of similar scale, about 1, converge faster.

Workspaces are an array('f') of n_classes values each; none of them may share memory with another argument.
"""

from array import array
from collections.abc import Callable, Iterable

_Floats = array[float] | memoryview
_Batches = Iterable[tuple[_Floats, _Floats]]

class Model:
    def predict(self, features: _Floats, probs: _Floats, logits: _Floats) -> int:
        """The most probable class of one row, of equals the first.

        `probs` gets the classes' probabilities, `logits` what they are the softmax of; each is an array('f') of n_classes values.
        Allocates nothing.
        """

    def step(self, X: _Floats, y: _Floats, logits: _Floats, probs: _Floats, bias_grads: _Floats) -> None:
        """One gradient step over a batch of rows.

        The gradients of the mean cross entropy, plus `lambda_l2 * w` for the weights, times the learning rate are taken from weights
        and biases; then the weights are shrunk toward zero by `learning_rate * lambda_l1`.
        NaN or infinity in the data, or a learning rate that is too large, makes the model NaN: set weights and bias anew.

        `logits`, `probs` and `bias_grads` are workspaces. Allocates nothing. Raises ValueError if there are no rows, lengths do not
        match or workspaces overlap.
        """

    def score_logloss(self, X: _Floats, y: _Floats, logits: _Floats, probs: _Floats) -> float:
        """Mean cross entropy over all rows, plus `lambda_l2 / 2 * sum(w**2) + lambda_l1 * sum(abs(w))`.

        `logits` and `probs` are workspaces. Raises ValueError as `step`.
        """

    def get_n_features(self) -> int:
        """Number of features."""

    def get_n_classes(self) -> int:
        """Number of classes."""

    def get_weights(self, out: _Floats) -> None:
        """Copies the weights to an array('f') of n_classes rows of n_features values."""

    def set_weights(self, w: _Floats) -> None:
        """Sets the weights from such an array."""

    def get_bias(self, out: _Floats) -> None:
        """Copies the biases to an array('f') of n_classes values."""

    def set_bias(self, b: _Floats) -> None:
        """Sets the biases from such an array."""

    def __del__(self) -> None:
        """Ends the model: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(n_features: int, n_classes: int, learning_rate: float, lambda_l2: float, lambda_l1: float) -> Model:
    """A model of 1..65535 features and 2..255 classes with weights and biases 0.

    `lambda_l2` and `lambda_l1` are the strengths of the penalties, of which 0 is none. The model takes
    `n_classes * (2 * n_features + 1)` floats of memory.
    """

def train(
    model: Model,
    X: _Floats,
    y: _Floats,
    max_iterations: int = 200,
    tolerance: float = 1e-4,
    check_interval: int = 5,
    divergence_factor: float = 2.0,
    score_limit: float | None = None,
    verbose: int = 0,
) -> tuple[int, float]:
    """Makes steps over all rows until the model is good; returns how many, and its loss as of `score_logloss`.

    The loss is looked at every `check_interval` steps. Training ends when it is at most `score_limit`; when it changed by less
    than `tolerance` since the last look, the third at least; when it grew by more than `divergence_factor` or is NaN; and after
    `max_iterations`. With `verbose` 1 it prints the outcome, with 2 every look.
    It can be interrupted between steps, and goes on from the model as it is when called again.
    """

def train_batches(
    model: Model,
    batch_iter_factory: Callable[[], _Batches],
    max_iterations: int = 200,
    tolerance: float = 1e-4,
    check_interval: int = 5,
    divergence_factor: float = 2.0,
    score_limit: float | None = None,
    verbose: int = 0,
    score_batches: Callable[[Model], float] | None = None,
) -> tuple[int, float]:
    """As `train`, for data larger than memory: an iteration is a step for each batch `(X, y)` of a fresh `batch_iter_factory()`.

    The loss is what `score_batches(model)` returns, or by default that over all rows of another `batch_iter_factory()`.
    Raises ValueError if there are no batches. When one of these functions raises an exception, or gives what is no batch or loss,
    the steps before it stay made.
    """
