"""emlearn_plsr against scikit-learn's PLSRegression."""

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

SCRIPT = """
from array import array
import emlearn_plsr
def load(name):
    with open(name + ".bin", "rb") as f:
        return array("f", f.read())
X, y = load("X"), load("y")
n = len(X) // len(y)
model = emlearn_plsr.new(len(y), n, {n_components})
model.set_auto_center({auto_center})
def save(f):
    f.write(array("f", [model.predict(X[i : i + n]) for i in range(0, len(X), n)]))
with open("stepwise.bin", "wb") as f:
    model.fit_start(X, y)
    while not model.is_complete():
        while not model.is_converged():
            model.step()
        model.finalize_component()
        save(f)
emlearn_plsr.fit(model, X, y)
with open("fitted.bin", "wb") as f:
    save(f)
"""


def predictions(device, folder, X, y, n_components, auto_center=True):
    """Those of the device after each component; `fit` must give the last."""
    script = SCRIPT.format(n_components=n_components, auto_center=auto_center)
    result = device.compute(script, folder, X=X.astype(np.float32), y=y.astype(np.float32))
    stepwise = result("stepwise", np.float32).reshape(n_components, len(y))
    np.testing.assert_array_equal(result("fitted", np.float32), stepwise[-1])
    return stepwise


def float32(*arrays):
    return [a.astype(np.float32).astype(np.float64) for a in arrays]


def expected(X, y, n_components):
    return PLSRegression(n_components, scale=False).fit(X, y).predict(X).ravel()


def spectra():
    """60 smooth curves of 200 points far from zero, with a little noise, and what the height of a peak says about them."""
    rng = np.random.default_rng(1)
    points = np.arange(200)
    peaks = np.exp(-((points - np.linspace(20, 180, 6)[:, None]) ** 2) / 800)
    heights = rng.uniform(1, 2, (60, 6))
    return heights @ peaks + 10 + rng.normal(scale=1e-3, size=(60, 200)), 3 * heights[:, 2] + rng.normal(scale=0.01, size=60)


DATA = {
    "diabetes": (lambda: load_diabetes(return_X_y=True), 8),
    "diabetes, unscaled": (lambda: load_diabetes(return_X_y=True, scaled=False), 8),
    "wine": (lambda: load_wine(return_X_y=True), 13),
    "breast cancer": (lambda: load_breast_cancer(return_X_y=True), 10),
    "spectra": (spectra, 10),
}


@pytest.mark.parametrize("data", DATA)
def test_as_scikit_learn(device, tmp_path, data):
    """Off by less than 1e-4 of the largest target. Measured is a tenth of that where features depend on each other most."""
    load, n_components = DATA[data]
    X, y = float32(*load())
    for k, predicted in enumerate(predictions(device, tmp_path, X, y, n_components), 1):
        np.testing.assert_allclose(predicted, expected(X, y, k), rtol=0, atol=1e-4 * np.abs(y).max(), err_msg=f"{k} components")


def test_relative_to_each_prediction(device, tmp_path):
    X, y = float32(*load_diabetes(return_X_y=True))
    for k, predicted in enumerate(predictions(device, tmp_path, X, y, 8), 1):
        np.testing.assert_allclose(predicted, expected(X, y, k), rtol=1e-3, err_msg=f"{k} components")


def test_without_centering(device, tmp_path):
    """Data whose means are 0 but for rounding: with or without, the model is the same."""
    X, y = load_diabetes(return_X_y=True)
    X, y = float32(X - X.mean(axis=0), y - y.mean())
    for k, predicted in enumerate(predictions(device, tmp_path, X, y, 8, auto_center=False), 1):
        np.testing.assert_allclose(predicted, expected(X, y, k), rtol=0, atol=1e-4 * np.abs(y).max(), err_msg=f"{k} components")


@pytest.mark.parametrize("offset", [0, 3000])
def test_many_rows(device, tmp_path, offset):
    rng = np.random.default_rng(2)
    X = rng.normal(offset, 2, (20_000, 5))
    X, y = float32(X, X @ rng.normal(size=5) + rng.normal(size=len(X)))
    for k, predicted in enumerate(predictions(device, tmp_path, X, y, 5), 1):
        np.testing.assert_allclose(predicted, expected(X, y, k), rtol=0, atol=1e-5 * (y.max() - y.min() + np.abs(y).max()), err_msg=f"{k} components")


@pytest.mark.parametrize("seed", range(10))
def test_more_components_than_dimensions(device, tmp_path, seed):
    """Once X is exhausted, components change nothing. Integers times powers of two are exact in float32, so that X is no more than its rank."""
    rng = np.random.default_rng(seed)
    rank, n_features = rng.integers(1, 6), rng.integers(6, 20)
    X = rng.integers(-9, 10, (40, rank)) @ rng.integers(-9, 10, (rank, n_features)) * 2.0 ** rng.integers(-12, 12, n_features)
    X, y = float32(X, rng.normal(3, 1, 40))
    rank = np.linalg.matrix_rank(X - X.mean(axis=0))
    after = predictions(device, tmp_path, X, y, n_features)[rank - 1 :]
    np.testing.assert_allclose(after, np.tile(expected(X, y, rank), (len(after), 1)), rtol=0, atol=1e-4 * np.abs(y).max())
