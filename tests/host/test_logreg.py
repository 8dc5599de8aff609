"""emlearn_logreg against numpy in float64, and at convergence against scikit-learn's LogisticRegression."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

LOAD = """
from array import array
import emlearn_logreg
def load(name):
    with open(name + ".bin", "rb") as f:
        return array("f", f.read())
def save(name, values):
    with open(name + ".bin", "wb") as f:
        f.write(array("f", values))
X, y, w, b = load("X"), load("y"), load("w"), load("b")
model = emlearn_logreg.new(len(w) // len(b), len(b), {rate!r}, {l2!r}, {l1!r})
model.set_weights(w)
model.set_bias(b)
logits, probs, bias_grads = [array("f", b) for _ in range(3)]
n = len(w) // len(b)
"""

PREDICT = """
with open("probs.bin", "wb") as f, open("classes.bin", "wb") as g:
    for i in range(0, len(X), n):
        g.write(bytes([model.predict(X[i : i + n], probs, logits)]))
        f.write(probs)
"""

STEP = LOAD + """
save("loss", [model.score_logloss(X, y, logits, probs)])
X, all = X[: 50 * n], X
""" + PREDICT + """
model.step(all, y, logits, probs, bias_grads)
model.get_weights(w)
model.get_bias(b)
save("w_out", w)
save("b_out", b)
"""

TRAIN = LOAD + """
save("result", emlearn_logreg.train(model, X, y, max_iterations={iterations}, tolerance=0))
""" + PREDICT

ROUNDING = 2.0**-24


def one_hot(labels, n_classes):
    return np.eye(n_classes, dtype=np.float32)[labels]


def step(X, y, w, b, rate, l2, l1):
    """One step in float64; and for each result the bound of a float32 computation's error, to first order."""
    n, n_features = X.shape
    logits = X @ w.T + b
    probs = softmax(logits, axis=1)
    errors = probs - y
    gradients = errors.T @ X / n
    moved = w - rate * (gradients + l2 * w)
    new_w = np.sign(moved) * np.maximum(np.abs(moved) - rate * l1, 0)
    losses = -(y * log_softmax(logits, axis=1)).sum(axis=1)
    loss = losses.mean() + l2 / 2 * (w**2).sum() + l1 * np.abs(w).sum()
    # A logit is off by a rounding for each of its terms and each sum of them, a probability in proportion to that of two logits
    # and by what exp, the sum and the quotient are; a gradient by what probabilities are off, and a rounding for each row.
    logits_off = (n_features + 1) * ROUNDING * (np.abs(X) @ np.abs(w).T + np.abs(b))
    worst = logits_off.max(axis=1, keepdims=True)
    spread = logits.max(axis=1, keepdims=True) - logits
    probs_off = probs * (2 * worst + (spread + 8 + y.shape[1]) * ROUNDING) + 1e-37
    errors_off = probs_off + ROUNDING
    sums = (n + 2) * ROUNDING
    w_off = rate * ((errors_off + sums * np.abs(errors)).T @ np.abs(X) / n) + 8 * ROUNDING * (np.abs(w) + rate * (np.abs(gradients) + l1))
    b_off = rate * (errors_off + sums * np.abs(errors)).mean(axis=0) + 4 * ROUNDING * (np.abs(b) + rate * np.abs(errors).mean(axis=0))
    loss_off = (2 * worst[:, 0] + (n + 8 + y.shape[1]) * ROUNDING * (1 + losses)).mean() + (w.size + 8) * ROUNDING * loss
    return (new_w, w_off), (b - rate * errors.mean(axis=0), b_off), (loss, loss_off), (probs, probs_off)


def float32(*arrays):
    return [a.astype(np.float32).astype(np.float64) for a in arrays]


@pytest.mark.parametrize("rate,l2,l1", [(0.125, 0, 0), (0.5, 0.25, 0), (0.25, 0, 0.5), (0.0625, 0.0625, 0.125)])
@pytest.mark.parametrize("n,n_features,n_classes", [(1, 1, 2), (2, 5, 3), (7, 3, 4), (200, 8, 2), (1001, 40, 10), (65537, 2, 3), (3, 2, 255)])
def test_step(device, tmp_path, n, n_features, n_classes, rate, l2, l1):
    rng = np.random.default_rng(n)
    X, w, b = float32(rng.normal(1, 3, (n, n_features)), rng.normal(size=(n_classes, n_features)), rng.normal(size=n_classes))
    y = one_hot(rng.integers(n_classes, size=n), n_classes)
    script = STEP.format(rate=rate, l2=l2, l1=l1)
    result = device.compute(script, tmp_path, X=X.astype(np.float32), y=y, w=w.astype(np.float32), b=b.astype(np.float32))
    new_w, new_b, loss, probs = step(X, y, w, b, rate, l2, l1)
    for name, (expected, off) in dict(w_out=new_w, b_out=new_b, loss=loss).items():
        assert np.all(np.abs(result(name, np.float32).reshape(np.shape(expected)) - expected) <= off), name
    expected, off = probs[0][:50], probs[1][:50]
    assert np.all(np.abs(result("probs", np.float32).reshape(expected.shape) - expected) <= off)
    np.testing.assert_array_equal(result("classes", np.uint8), result("probs", np.float32).reshape(expected.shape).argmax(axis=1))


@pytest.mark.parametrize("l2", [0.002, 0.01, 0.1])
@pytest.mark.parametrize("dataset", [load_wine, load_breast_cancer])
def test_convergence(device, tmp_path, dataset, l2):
    X, labels = dataset(return_X_y=True)
    (X,) = float32(StandardScaler().fit_transform(X))
    n, n_features = X.shape
    n_classes = labels.max() + 1
    y = one_hot(labels, n_classes)
    # Two classes of a softmax are a logistic regression of twice the weights and half the penalty on their squares.
    C = 1 / (l2 * n) * (2 if n_classes == 2 else 1)
    expected = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, labels)
    # What is flat but for the penalty comes closer by a factor of e in each 1 / (rate * l2) steps.
    script = TRAIN.format(rate=0.25, l2=l2, l1=0, iterations=int(8 / (0.25 * l2)))
    zeros = np.zeros((n_classes, n_features), np.float32)
    result = device.compute(script, tmp_path, X=X.astype(np.float32), y=y, w=zeros, b=zeros[:, 0])
    probs = result("probs", np.float32).reshape(n, n_classes)
    assert np.mean(result("classes", np.uint8) == expected.predict(X)) >= 0.99
    # Likewise the squares of their weights.
    penalty = (expected.coef_**2).sum() / (2 if n_classes == 2 else 1)
    log_loss = -np.log((probs * y).sum(axis=1)).mean()
    expected_loss = -np.log((expected.predict_proba(X) * y).sum(axis=1)).mean()
    assert log_loss == pytest.approx(expected_loss, rel=0.01)
    assert result("result", np.float32)[1] == pytest.approx(expected_loss + l2 / 2 * penalty, rel=0.01)
