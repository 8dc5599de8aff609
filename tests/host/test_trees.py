"""emlearn_trees against scikit-learn: forests trained here, converted by the PyPI package emlearn, run on the device."""

import pathlib
import re
import sys

import emlearn
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "benches"))
from bench import instructions

PREDICT = """
from array import array
import emlearn_trees
model = emlearn_trees.new({trees}, {nodes}, {leaves})
with open("model.csv") as f:
    emlearn_trees.load_model(model, f)
features = array("h", bytes(2 * {features}))
out = array("f", bytes(4 * model.outputs()))
with open("samples.bin", "rb") as samples, open("out.bin", "wb") as results:
    while samples.readinto(features):
        model.predict(features, out)
        results.write(out)
"""


def to_int16(features):
    """Each feature scaled to the whole range of int16."""
    low, high = features.min(axis=0), features.max(axis=0)
    return np.round((features - low) / np.where(high > low, high - low, 1) * 65535 - 32768).astype(np.int16)


def predict(device, folder, estimator, samples, leaf_bits=None):
    """The device's outputs for each sample."""
    csv = emlearn.convert(estimator, method="inline", leaf_bits=leaf_bits).save(name="model", file=str(folder / "model.csv"), format="csv")
    counts = {name: len(re.findall(f"^{letter},", csv, re.M)) for name, letter in (("trees", "r"), ("nodes", "n"), ("leaves", "l"))}
    script = PREDICT.format(features=samples.shape[1], **counts)
    return device.compute(script, folder, samples=samples.astype(np.int16))("out", np.float32).reshape(len(samples), -1)


def majority_vote(estimator, samples):
    """Each class's share of the trees' votes."""
    trees = getattr(estimator, "estimators_", [estimator])
    votes = sum(np.eye(len(estimator.classes_), dtype=np.float32)[tree.predict(samples).astype(int)] for tree in trees)
    return votes / np.float32(len(trees))


DATASETS = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}


@pytest.fixture(params=DATASETS, scope="module")
def split(request):
    """Features and classes to train with and to test with."""
    features, classes = DATASETS[request.param](return_X_y=True)
    features = features if request.param == "digits" else to_int16(features)
    return train_test_split(features, classes, test_size=0.3, random_state=1)


@pytest.mark.parametrize("n_trees", [1, 10, 100])
@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
def test_hard_votes(device, split, tmp_path, kind, n_trees):
    """Class proportions are exactly those of the same trees' votes in scikit-learn."""
    train, test, classes, _ = split
    forest = kind(n_trees, random_state=1).fit(train, classes)
    np.testing.assert_array_equal(predict(device, tmp_path, forest, test), majority_vote(forest, test))


def test_one_tree(device, split, tmp_path):
    train, test, classes, _ = split
    tree = DecisionTreeClassifier(random_state=1).fit(train, classes)
    np.testing.assert_array_equal(predict(device, tmp_path, tree, test), majority_vote(tree, test))


@pytest.mark.parametrize("leaf_bits", [2, 3, 5, 8])
def test_class_proportions(device, split, tmp_path, leaf_bits):
    """Soft votes lie within the quantisation of the leaves: the converter has 2**bits - 1 levels, then rounds down to a byte."""
    train, test, classes, _ = split
    forest = RandomForestClassifier(20, max_depth=6, random_state=1).fit(train, classes)
    step = 0.5 / (2**leaf_bits - 2) + 1 / 255
    np.testing.assert_allclose(predict(device, tmp_path, forest, test, leaf_bits), forest.predict_proba(test), rtol=0, atol=step + 1e-6)


@pytest.mark.parametrize("n_trees", [1, 10, 50])
def test_regression(device, tmp_path, n_trees):
    """The mean of float32 leaves, each within an ulp, summed in float32."""
    features, target = load_diabetes(return_X_y=True)
    train, test, target, _ = train_test_split(to_int16(features), target, random_state=1)
    forest = RandomForestRegressor(n_trees, random_state=1).fit(train, target)
    result = predict(device, tmp_path, forest, test)
    np.testing.assert_allclose(result[:, 0], forest.predict(test), rtol=(n_trees + 2) * np.finfo(np.float32).eps)


def test_extreme_thresholds(device, tmp_path):
    """Features that use the ends of int16, so that thresholds lie between the last values."""
    rng = np.random.default_rng(1)
    ends = np.array([-32768, -32767, -32766, -2, -1, 0, 1, 2, 32765, 32766, 32767])
    samples = rng.choice(ends, (400, 4))
    classes = (samples.sum(axis=1) // 3) % 5
    forest = RandomForestClassifier(30, random_state=1).fit(samples, classes)
    np.testing.assert_array_equal(predict(device, tmp_path, forest, samples), majority_vote(forest, samples))


def test_baseline_forest(device, tmp_path):
    """The forest that the C implementation gets 0.8815 of, by truncating thresholds."""
    features, classes = load_digits(return_X_y=True)
    train, test, train_classes, test_classes = train_test_split(features, classes, test_size=0.3, random_state=1)
    forest = RandomForestClassifier(n_estimators=10, max_leaf_nodes=100, random_state=1).fit(train, train_classes)
    result = predict(device, tmp_path, forest, test)
    np.testing.assert_array_equal(result, majority_vote(forest, test))
    assert round(np.mean(result.argmax(axis=1) == test_classes), 3) == 0.943


def test_loading_takes_time_in_proportion_to_the_file(tmp_path):
    def cost(nodes):
        lines = ["f,1", "c,2", "l,0", "l,1", "r,0", *(f"n,0,{i % 30000}.5,-1,{1 if i < nodes - 1 else -2}" for i in range(nodes))]
        (tmp_path / "model.csv").write_text("\n".join(lines))
        script = "import emlearn_trees\nemlearn_trees.load_model(emlearn_trees.new(1, 20000, 2), open('model.csv'))"
        return instructions(script, tmp_path, "x64")

    small, middle, large = map(cost, (5000, 10000, 20000))
    assert large - middle == pytest.approx(2 * (middle - small), rel=0.05)
