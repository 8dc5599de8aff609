from array import array

Model = type(new(1, 2, 0, 0, 0))


def train(
    model, X, y, max_iterations=200, tolerance=1e-4, check_interval=5, divergence_factor=2.0, score_limit=None, verbose=0
):
    return train_batches(
        model, lambda: ((X, y),), max_iterations, tolerance, check_interval, divergence_factor, score_limit, verbose
    )


def train_batches(
    model,
    batch_iter_factory,
    max_iterations=200,
    tolerance=1e-4,
    check_interval=5,
    divergence_factor=2.0,
    score_limit=None,
    verbose=0,
    score_batches=None,
):
    # What is of a wrong type raises TypeError before the model is changed.
    logits, probs, bias_grads = [array("f", bytes(4 * Model.get_n_classes(model))) for _ in range(3)]
    for number in (max_iterations, tolerance, check_interval, divergence_factor, verbose, 0 if score_limit is None else score_limit):
        -number < 0
    if check_interval < 1:
        raise ValueError("check_interval: expected 1 or more")
    if not (score_batches is None or callable(score_batches)):
        raise TypeError("score_batches: expected a function")

    def score(model):
        total = rows = 0
        for X, y in batch_iter_factory():
            total += len(y) * model.score_logloss(X, y, logits, probs)
            rows += len(y)
        if not rows:
            raise ValueError("batch_iter_factory: no batches")
        return total / rows

    score = score_batches or score
    previous = float("inf")
    loss = None
    n = 0
    while n < max_iterations:
        for X, y in batch_iter_factory():
            model.step(X, y, logits, probs, bias_grads)
        n += 1
        loss = None
        if n % check_interval:
            continue
        loss = score(model)
        if verbose > 1:
            print("emlearn_logreg:", n, "iterations, loss", loss)
        if (
            (score_limit is not None and loss <= score_limit)
            or (abs(previous - loss) < tolerance and n > 2 * check_interval)
            or not loss <= previous * divergence_factor
        ):
            break
        previous = loss
    if loss is None:
        loss = score(model)
    if verbose:
        print("emlearn_logreg: stopped after", n, "iterations, loss", loss)
    return n, loss
