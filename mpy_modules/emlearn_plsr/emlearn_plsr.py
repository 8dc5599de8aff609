Model = type(new(1, 1, 1))


def fit(model, X, y, max_iterations=100, tolerance=1e-6, check_interval=10, verbose=0):
    # What is of a wrong type raises TypeError before the model is changed.
    for number in (max_iterations, tolerance, check_interval, verbose):
        -number < 0
    if check_interval < 1:
        raise ValueError("check_interval: expected 1 or more")
    Model.fit_start(model, X, y)
    n = 0
    while not model.is_complete():
        i = 0
        while not model.is_converged() and i < max_iterations:
            model.step(tolerance)
            i += 1
            if verbose > 1 and i % check_interval == 0:
                print("emlearn_plsr:", n + i, "iterations, metric", model.get_convergence_metric())
        n += i
        if not model.is_converged():
            break
        model.finalize_component()
    metric = model.get_convergence_metric()
    if verbose:
        print("emlearn_plsr: stopped after", n, "iterations, metric", metric)
    return n, metric
