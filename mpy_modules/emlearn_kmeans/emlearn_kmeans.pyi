"""K-means clustering of uint8 vectors (Lloyd's algorithm), in integers throughout.

`values` are samples of `features` values each, one after the other; `centroids` likewise. Arrays are array('B') or anything
with such a buffer; centroids that share memory with values are refused. There are 1 to 255 clusters and 1 to 65535 features.
"""

from array import array
from typing import Iterator

_Bytes = array[int] | bytes | bytearray | memoryview
_WritableBytes = array[int] | bytearray | memoryview

def cluster(values: _Bytes, centroids: _WritableBytes, features: int, max_iter: int = 10, stop_changes: int = 0) -> array[int]:
    """Finds clusters; returns the cluster of each sample.

    Starts from `centroids` and moves them in place to the mean of their samples, rounded down; an empty cluster keeps its
    centroid. A sample belongs to the nearest centroid, the first of several. Ends after `max_iter` iterations, or when an
    iteration changed `stop_changes` assignments or less; then centroids stay as they were for it.

    Raises ValueError if a type or length is wrong.
    """

def cluster_iter(
    values: _Bytes, centroids: _WritableBytes, assignments: _WritableBytes, features: int, max_iter: int = 10, stop_changes: int = 0
) -> Iterator[int]:
    """As `cluster`, one iteration at a time: yields how many of `assignments` changed, before centroids are moved.

    `assignments` has one value for each sample; the caller fills it, with 255 for example, which is no cluster.
    """

def euclidean_argmin(vectors: _Bytes, point: _Bytes, /) -> tuple[int, int]:
    """Index of the vector nearest to a point, the first of several, and the square of their distance.

    Raises ValueError if there are no vectors, or they are not all as long as the point.
    """

def step(values: _Bytes, centroids: _WritableBytes, assignments: _WritableBytes, features: int, move: object = ..., /) -> int:
    """Half an iteration: assigns samples and returns the number of changes, or, if `move` is given, moves the centroids."""
