_new = new
Model = type(_new(None, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0))


def new(
    n_features, n_classes, *, n_trees=10, max_depth=10, min_samples_leaf=1, n_thresholds=10, subsample_ratio=1.0,
    feature_subsample_ratio=1.0, max_nodes=1000, max_samples=1000, rng_seed=42, use_global_feature_range=False
):
    return _new(
        _train, n_features, n_classes, n_trees, max_depth, min_samples_leaf, n_thresholds, _part(subsample_ratio),
        _part(feature_subsample_ratio), max_nodes, max_samples, rng_seed, use_global_feature_range
    )


def _part(ratio):
    if not 0 < ratio <= 1:
        raise ValueError("ratio: expected above 0, up to 1")
    return int(ratio * 65536 + 0.5)


def train_steps(model, X, y):
    Model.train_init(model, X, y)
    done = 0
    while not done:
        done = model.train_step()
        yield model.get_n_trees_trained()


def _train(model, X, y):
    for _ in train_steps(model, X, y):
        pass


def save_model(model, file):
    roots = [model.get_root(tree) for tree in range(Model.get_n_trees(model))]
    # What is no file raises TypeError.
    write = getattr(file, "write", None)
    write("f,%d\nc,%d\n" % (model.get_n_features(), model.get_n_classes()))
    for leaf in range(model.get_n_classes()):
        write("l,%d\n" % leaf)
    for root in roots:
        write("r,%d\n" % root)
    for index in range(model.get_n_nodes_used()):
        left, right, feature, value = model.get_node(index)
        write("n,%d,%d,%d,%d\n" % (feature, value - 1, left, right))
