Model = type(new(1, 0, 0, 0))


def train(
    model, X, y, max_iterations=100, tolerance=1e-6, check_interval=10, divergence_factor=10.0, score_limit=None, verbose=0
):
    # What is of a wrong type raises TypeError before the model is changed.
    Model.get_n_features(model)
    for number in (max_iterations, tolerance, check_interval, divergence_factor, verbose, 0 if score_limit is None else score_limit):
        -number < 0
    if check_interval < 1:
        raise ValueError("check_interval: expected 1 or more")
    previous = float("inf")
    n = 0
    for i in range(max_iterations):
        model.step(X, y)
        n += 1
        if i % check_interval:
            continue
        mse = model.score_mse(X, y)
        if verbose > 1:
            print("emlearn_linreg:", n, "iterations, mse", mse)
        if (
            (score_limit is not None and mse <= score_limit)
            or (abs(previous - mse) < tolerance and i > 2 * check_interval)
            or not mse <= previous * divergence_factor
        ):
            break
        previous = mse
    mse = model.score_mse(X, y)
    if verbose:
        print("emlearn_linreg: stopped after", n, "iterations, mse", mse)
    return n, mse
