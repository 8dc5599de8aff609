"""Partial least squares regression of one target, trained on the device by NIPALS, in float32.

It predicts well from many features that depend on each other, such as the wavelengths of a spectrum, even with fewer rows than
features. The model is that of scikit-learn's `PLSRegression(n_components, scale=False)`.

`X` is an array('f') of rows of n_features values each, one after the other, `y` one of a target for each row. Components are found one
by one, each in one step, so that other work can be done in between:

    model.fit_start(X, y)
    while not model.is_complete():
        while not model.is_converged():
            model.step()
        model.finalize_component()
"""

from array import array

_Floats = array[float] | memoryview

class Model:
    def fit_start(self, X: _Floats, y: _Floats) -> None:
        """Starts over with n_samples rows. They are copied: the arrays may be changed afterwards.

        Raises ValueError, and the model stays as it was, if they have other lengths.
        """

    def step(self, tolerance: float = 1e-6) -> None:
        """Finds the weights of the next component, in time linear in the rows; called again, it finds the same.

        NIPALS iterates until the weights move by less than `tolerance`; for one target they don't move after the first step.
        Allocates nothing. Raises ValueError before `fit_start`, and when all components are found.
        """

    def is_converged(self) -> bool:
        """Whether the next component's weights are found."""

    def finalize_component(self) -> None:
        """Makes the component part of the model, and takes what it explains off the data. In time linear in the rows.

        Allocates nothing. Raises ValueError unless `is_converged`.
        """

    def is_complete(self) -> bool:
        """Whether all components are found."""

    def get_convergence_metric(self) -> float:
        """How far another step would move the weights: infinity before the first step, then 0."""

    def set_auto_center(self, flag: bool) -> None:
        """Whether the next `fit_start` takes means off features and targets, as it does by default. Without, the model has no constant."""

    def get_auto_center(self) -> bool:
        """What `set_auto_center` was last given."""

    def predict(self, x: _Floats) -> float:
        """Prediction for one row, by the components found so far. Raises ValueError if there are none."""

    def __del__(self) -> None:
        """Ends the model: every later use raises an exception. Its memory is free once nothing refers to it."""

def new(n_samples: int, n_features: int, n_components: int) -> Model:
    """A model to be trained with 1..65535 rows of 1..65535 features. There are no more components than either.

    It takes `n_samples * (n_features + 2) + n_features * (2 * n_components + 4)` floats of memory.
    """

def fit(
    model: Model,
    X: _Floats,
    y: _Floats,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
    check_interval: int = 10,
    verbose: int = 0,
) -> tuple[int, float]:
    """Finds all components; returns how many steps it made, and the convergence metric.

    It makes up to `max_iterations` steps for a component, and ends when one has not converged by then. With `verbose` 1 it prints the
    outcome, with 2 the metric every `check_interval` steps. It can be interrupted between steps: the loop above without `fit_start` goes on.
    """
