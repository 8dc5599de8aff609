"""Runs on the device: learns activities from recordings of raw samples, then recognises them in others, window by window.

    micropython learn.py LABEL=RECORDING ... RECORDING ...

A recording is a file of int16 samples, six axes each. Those with a label, from 0, are learned, by trees and by logistic regression.
Prints what happens, a line for each event, as `event,value,...`.
"""

import sys
import time
from array import array

import emlearn_extratrees
import emlearn_logreg
from features import N_FEATURES, windows


class Trees:
    """Extremely randomised trees on the features as they are."""

    def __init__(self, n_classes, max_samples):
        self.model = emlearn_extratrees.new(
            N_FEATURES, n_classes, n_thresholds=1, feature_subsample_ratio=N_FEATURES**-0.5, max_nodes=500, max_samples=max_samples
        )
        self.votes = array("f", bytes(4 * n_classes))

    def train(self, X, y):
        trained = 0
        for trees in emlearn_extratrees.train_steps(self.model, X, y):
            # Here is time for other work.
            if trees != trained:
                trained = trees
                print("tree", trained, self.model.get_n_trees(), sep=",")

    def predict(self, features):
        return self.model.predict(features, self.votes)


class Logistic:
    """Logistic regression on features that were standardised, with scikit-learn's penalty."""

    def __init__(self, n_classes, max_samples):
        self.n_classes = n_classes
        self.model = emlearn_logreg.new(N_FEATURES, n_classes, 0.2, 1 / max_samples, 0)
        self.probs, self.logits = [array("f", bytes(4 * n_classes)) for _ in range(2)]
        self.features = array("f", bytes(4 * N_FEATURES))

    def train(self, X, y):
        columns = [[X[i] for i in range(first, len(X), N_FEATURES)] for first in range(N_FEATURES)]
        self.mean = [sum(column) / len(column) for column in columns]
        self.deviation = [(sum((v - mean) ** 2 for v in column) / len(column)) ** 0.5 or 1 for column, mean in zip(columns, self.mean)]
        rows = array("f", bytes(4 * len(X)))
        for i in range(0, len(X), N_FEATURES):
            rows[i : i + N_FEATURES] = self.standardised(X[i : i + N_FEATURES])
        targets = array("f", [float(label == c) for label in y for c in range(self.n_classes)])
        print("iterations", *emlearn_logreg.train(self.model, rows, targets, max_iterations=300), sep=",")

    def standardised(self, features):
        for i, value in enumerate(features):
            self.features[i] = (value - self.mean[i]) / self.deviation[i]
        return self.features

    def predict(self, features):
        return self.model.predict(self.standardised(features), self.probs, self.logits)


def main(*recordings):
    X, y = array("h"), array("h")
    for recording in recordings:
        if "=" in recording:
            label, path = recording.split("=", 1)
            for features in windows(path):
                X.extend(features)
                y.append(int(label))
                print("recorded", label, sep=",")

    models = [model(max(y) + 1, len(y)) for model in (Trees, Logistic)]
    for model in models:
        start = time.ticks_us()
        model.train(X, y)
        print("trained", time.ticks_diff(time.ticks_us(), start), sep=",")

    for recording in recordings:
        if "=" not in recording:
            for features in windows(recording):
                print("recognised", *[model.predict(features) for model in models], sep=",")


main(*sys.argv[1:])
