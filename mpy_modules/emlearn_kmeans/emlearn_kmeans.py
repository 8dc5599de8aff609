from array import array


def cluster_iter(values, centroids, assignments, features, max_iter=10, stop_changes=0):
    for _ in range(max_iter):
        changes = step(values, centroids, assignments, features)
        yield changes
        if changes <= stop_changes:
            break
        step(values, centroids, assignments, features, True)


def cluster(values, centroids, features, max_iter=10, stop_changes=0):
    assignments = array("B", b"\xff" * (len(values) // (features or 1)))
    for _ in cluster_iter(values, centroids, assignments, features, max_iter, stop_changes):
        pass
    return assignments
