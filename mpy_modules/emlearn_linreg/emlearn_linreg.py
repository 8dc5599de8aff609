def train(model, X, y, max_iterations=100, tolerance=1e-6, check_interval=10, divergence_factor=10.0, score_limit=None, verbose=0):
    mse = model.score_mse(X, y)
    done = 0
    while done < max_iterations:
        for _ in range(min(check_interval, max_iterations - done)):
            model.step(X, y)
            done += 1
        before = mse
        mse = model.score_mse(X, y)
        if verbose:
            print("iteration", done, "mse", mse)
        if not mse <= before * divergence_factor:
            raise ValueError("diverged")
        if abs(before - mse) < tolerance or score_limit is not None and mse <= score_limit:
            break
    return done, mse
