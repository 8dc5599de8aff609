"""emlearn_linreg against numpy in float64, and at convergence against scikit-learn's ElasticNet."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
from sklearn.preprocessing import StandardScaler

LOAD = """
from array import array
import emlearn_linreg
def load(name):
    with open(name + ".bin", "rb") as f:
        return array("f", f.read())
def save(name, values):
    with open(name + ".bin", "wb") as f:
        f.write(array("f", values))
X, y, w = load("X"), load("y"), load("w")
model = emlearn_linreg.new(len(w) - 1, {alpha!r}, {l1_ratio!r}, {rate!r})
model.set_weights(w[:-1])
model.set_bias(w[-1])
"""

STEP = LOAD + """
save("mse", [model.score_mse(X, y)])
save("predicted", [model.predict(X[i : i + len(w) - 1]) for i in range(0, min(len(X), 50 * (len(w) - 1)), len(w) - 1)])
model.step(X, y)
model.get_weights(memoryview(w)[:-1])
w[-1] = model.get_bias()
save("w_out", w)
"""

TRAIN = LOAD + """
result = emlearn_linreg.train(model, X, y, max_iterations=20000, tolerance=0)
model.get_weights(memoryview(w)[:-1])
w[-1] = model.get_bias()
save("w_out", w)
save("result", result)
"""

ROUNDING = 2.0**-24


def step(X, y, w, b, alpha, l1_ratio, rate):
    """One step in float64; and for each result the bound of a float32 computation's error, to first order."""
    n, n_features = X.shape
    errors = X @ w + b - y
    gradients = X.T @ errors / n + alpha * (1 - l1_ratio) * w
    moved = w - rate * gradients
    new_w = np.sign(moved) * np.maximum(np.abs(moved) - rate * alpha * l1_ratio, 0)
    # A prediction is off by a rounding for each of its terms and each sum of them; a gradient by what predictions are off,
    # a rounding for each product, three for the sum of four rows, and one for each four rows.
    off = (2 * n_features + 1) * ROUNDING * (np.abs(X) @ np.abs(w) + np.abs(b) + np.abs(y))
    sums = (n / 4 + 6) * ROUNDING
    gradients_off = np.abs(X).T @ (off + sums * np.abs(errors)) / n
    w_off = rate * gradients_off + 8 * ROUNDING * (np.abs(w) + rate * np.abs(gradients) + rate * alpha)
    b_off = rate * (off + sums * np.abs(errors)).mean() + 4 * ROUNDING * (abs(b) + rate * np.abs(errors).mean())
    mse_off = (2 * np.abs(errors) * off + (sums + 2 * ROUNDING) * errors**2).mean()
    return np.append(new_w, b - rate * errors.mean()), np.append(w_off, b_off), (errors**2).mean(), mse_off, X @ w + b, off


def float32(*arrays):
    return [a.astype(np.float32).astype(np.float64) for a in arrays]


@pytest.mark.parametrize("alpha,l1_ratio,rate", [(0, 0, 0.125), (0.25, 0, 0.5), (0.5, 1, 0.25), (0.125, 0.5, 0.0625)])
@pytest.mark.parametrize("n,n_features", [(1, 1), (2, 5), (7, 3), (200, 8), (1001, 40), (100000, 2), (65537, 1)])
def test_step(device, tmp_path, n, n_features, alpha, l1_ratio, rate):
    rng = np.random.default_rng(n)
    X, w = float32(rng.normal(1, 3, (n, n_features)), rng.normal(size=n_features + 1))
    (y,) = float32(X @ rng.normal(size=n_features) + rng.normal(size=n))
    script = STEP.format(alpha=alpha, l1_ratio=l1_ratio, rate=rate)
    result = device.compute(script, tmp_path, X=X.astype(np.float32), y=y.astype(np.float32), w=w.astype(np.float32))
    expected, off, mse, mse_off, predicted, predicted_off = step(X, y, w[:-1], w[-1], alpha, l1_ratio, rate)
    assert np.all(np.abs(result("w_out", np.float32) - expected) <= off)
    assert np.all(np.abs(result("mse", np.float32) - mse) <= mse_off)
    assert np.all(np.abs(result("predicted", np.float32) - predicted[:50]) <= predicted_off[:50])


def test_many_rows_are_summed_accurately(device, tmp_path):
    """Errors that are all alike: a plain sum of 200,000 rows would be off by more than a part in a thousand."""
    n = 200_000
    X, y, w = np.full((n, 1), 1.1), np.zeros(n), np.array([0.0, 0.7])
    X, y, w = float32(X, y, w)
    script = STEP.format(alpha=0, l1_ratio=0, rate=1.0)
    result = device.compute(script, tmp_path, X=X.astype(np.float32), y=y.astype(np.float32), w=w.astype(np.float32))
    exact = -X[0, 0] * w[1]
    assert abs(result("w_out", np.float32)[0] - exact) < 1e-3 * abs(exact)
    assert abs(result("mse", np.float32)[0] - w[1] ** 2) < 1e-3 * w[1] ** 2


@pytest.mark.parametrize("alpha,l1_ratio", [(0.01, 0.5), (0.1, 0.9), (0.3, 0.5), (0.1, 0.0), (0.2, 1.0)])
def test_convergence(device, tmp_path, alpha, l1_ratio):
    """At the minimum of a function that is at least 0.01 w^2 / 2 curved, gradients are off by roundings of terms of about 1."""
    X, y = load_diabetes(return_X_y=True)
    X, y = float32(StandardScaler().fit_transform(X), (y - y.mean()) / y.std() + 3)
    expected = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-12, max_iter=100_000).fit(X, y)
    script = TRAIN.format(alpha=alpha, l1_ratio=l1_ratio, rate=0.2)
    result = device.compute(script, tmp_path, X=X.astype(np.float32), y=y.astype(np.float32), w=np.zeros(11, np.float32))
    w = result("w_out", np.float32)
    np.testing.assert_allclose(w, np.append(expected.coef_, expected.intercept_), rtol=0, atol=1e-4)
    np.testing.assert_array_equal(w[:-1] == 0, expected.coef_ == 0)
    assert result("result", np.float32)[1] == pytest.approx(((expected.predict(X) - y) ** 2).mean(), rel=1e-4)
