"""Good calls of emlearn_kmeans."""

import emlearn_kmeans
from hostile import Array, Flag, Int, Real

VALUES = Array("B", (0, 1, 2, 250, 251, 255, 3, 3, 3, 200, 100, 0), any_length=True)
CENTROIDS = Array("B", (9, 9, 9, 240, 240, 240), out=True, any_length=True)
ASSIGNMENTS = Array("B", (255, 255, 255, 255), out=True)
FEATURES = Int(3, 1, 65535)
LIMITS = [Real(4, True), Real(0, True)]

# Assignments that are their own samples or centroids mean nothing, but do no harm.
MIXED = {"step": [(0, 2), (2, 0), (1, 2), (2, 1)], "cluster_iter": [(0, 2), (2, 0), (1, 2), (2, 1)]}
CALLS = {
    "euclidean_argmin": [VALUES, Array("B", (9, 200, 3), any_length=True)],
    "step": [VALUES, CENTROIDS, ASSIGNMENTS, FEATURES, Flag(True, True)],
    "cluster": [VALUES, CENTROIDS, FEATURES] + LIMITS,
    "cluster_iter": [VALUES, CENTROIDS, ASSIGNMENTS, FEATURES] + LIMITS,
}
