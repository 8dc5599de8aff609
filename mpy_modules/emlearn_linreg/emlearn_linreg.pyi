"""Linear regression with elastic-net penalty, trained on the device."""

from array import array

class Model:
    def predict(self, x: array[float]) -> float:
        """The value for one row, an array('f') of the model's number of features."""

    def step(self, X: array[float], y: array[float]) -> None:
        """One step of gradient descent over all rows.

        `X` is an array('f') of rows x features, `y` one of rows, at least one. Gradients of half the mean squared error, plus
        `alpha * (1 - l1_ratio) * w`, are followed by the learning rate; then weights are brought nearer to 0 by
        `alpha * l1_ratio * learning_rate`. The bias is not penalised. Allocates nothing. NaN in the data makes the weights NaN.
        """

    def score_mse(self, X: array[float], y: array[float]) -> float:
        """The mean squared error over rows, given as for `step`."""

    def get_n_features(self) -> int:
        """Number of features."""

    def get_weights(self, out: array[float]) -> None:
        """Copies the weights into an array('f') of the number of features."""

    def set_weights(self, w: array[float]) -> None:
        """Takes the weights from an array('f') of the number of features."""

    def get_bias(self) -> float:
        """The value where all features are 0."""

    def set_bias(self, b: float) -> None:
        """Sets the value where all features are 0."""

    def __del__(self) -> None:
        """Releases the model's memory; every later use raises an exception."""

def new(n_features: int, alpha: float, l1_ratio: float, learning_rate: float) -> Model:
    """A model with zero weights, for 1..65535 features.

    `alpha` >= 0 is the strength of the penalty, `l1_ratio` from 0 (on squares) to 1 (on absolute values) its kind, as in
    scikit-learn's ElasticNet; `learning_rate` the length of a step.
    """

def train(
    model: Model,
    X: array[float],
    y: array[float],
    max_iterations: int = 100,
    tolerance: float = 1e-6,
    check_interval: int = 10,
    divergence_factor: float = 10.0,
    score_limit: float | None = None,
    verbose: int = 0,
) -> tuple[int, float]:
    """Steps until the mean squared error changes by less than `tolerance` in `check_interval` steps, is at most `score_limit`, or
    `max_iterations` steps are done. Returns the number of steps and the error.

    Stops as well when the error has grown by more than `divergence_factor` from one check to the next, or is not a number: take
    a lower learning rate then. Prints the result if `verbose`, each check if it is more than 1. Can be interrupted; the model
    then is as after the last step.
    """
