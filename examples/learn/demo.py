"""A smartwatch learns its wearer's exercises: MicroPython trains on a minute of each, then recognises them in the rest.

Each person of seglearn's watch data recorded each exercise twice. The windows of half a minute of each recording arrive one after
another and are learned on the board; those of the rest are recognised. scikit-learn gets the same features for comparison.
"""

import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).resolve().parent
ACTIVITY = HERE.parent / "activity"
sys.path += [str(HERE.parent), str(ACTIVITY)]
from features import HOP, LENGTH
from host import arguments, micropython, progress, shown
from recordings import PER_G, SAMPLE_RATE, load_recordings, window_features

EXERCISES = ["abduction", "forward elevation", "external rotation"]
LEARNED = 30 * SAMPLE_RATE  # samples of each recording
ON_BOARD = ["emlearn_extratrees", "emlearn_logreg"]
METHODS = [*ON_BOARD, "ExtraTreesClassifier", "LogisticRegression"]


def people_with_more(recordings, exercises, people, names):
    """For each person of whom there is more than is learned: the parts of the recordings to learn, the rest, and exercises of either."""
    for person in np.unique(people):
        chosen = [(r, EXERCISES.index(names[e])) for r, e, p in zip(recordings, exercises, people) if p == person and names[e] in EXERCISES]
        chosen.sort(key=lambda pair: pair[1])
        if all(len(samples) >= LEARNED + LENGTH for samples, _ in chosen):
            samples, labels = zip(*chosen)
            yield [s[:LEARNED] for s in samples], [s[LEARNED:] for s in samples], labels


def run(args, to_learn, rest, labels, show):
    """Lets MicroPython learn and recognise; returns what each model recognised, and the microseconds of their training."""
    files = []
    for i, samples in enumerate([*to_learn, *rest]):
        path = args.out / f"recording{i}.bin"
        path.write_bytes(samples.tobytes())
        files.append(f"{labels[i]}={path}" if i < len(labels) else path)
    n_recorded, n_rest = (sum(len(window_features(s)) for s in part) for part in (to_learn, rest))
    recorded, recognised, microseconds = 0, [], []
    for line in micropython(args, HERE / "learn.py", *files, folders=[ACTIVITY]):
        event, *values = line.split(",")
        if event == "recorded":
            recorded += 1
            show(recorded, n_recorded, f"recording {EXERCISES[int(values[0])]}: window")
        elif event == "tree":
            show(int(values[0]), int(values[1]), "learning on MicroPython: tree")
        elif event == "trained":
            microseconds.append(int(values[0]))
        elif event == "recognised":
            recognised.append([int(value) for value in values])
            show(len(recognised), n_rest, "recognising the rest: window")
    return np.array(recognised).T, microseconds


def references(to_learn, rest, labels):
    """What scikit-learn recognises, with comparable settings."""
    parts = [window_features(samples) for samples in to_learn]
    X, y = np.concatenate(parts), np.repeat(labels, [len(part) for part in parts])
    X_rest = np.concatenate([window_features(samples) for samples in rest])
    models = [ExtraTreesClassifier(10, max_depth=10, random_state=1), make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))]
    return [model.fit(X, y).predict(X_rest) for model in models]


def draw(path, rest, truth, predicted, accuracies):
    """A person's signal with true and recognised exercise over time; and how well each method does, person by person."""
    figure, axes = plt.subplot_mosaic([["signal", "methods"], ["strips", "methods"]], figsize=(13, 5), height_ratios=[3, 1.2], width_ratios=[3, 1.4],
                                      layout="constrained")
    signal = np.concatenate(rest)[:, :3] / PER_G
    for axis, label in enumerate("xyz"):
        axes["signal"].plot(np.arange(len(signal)) / SAMPLE_RATE, signal[:, axis], linewidth=0.6, label=label)
    axes["signal"].set(ylabel="acceleration (g)", title="After a minute of each exercise: the person who was hardest to recognise")
    axes["signal"].legend(loc="upper right", ncols=3)
    axes["signal"].sharex(axes["strips"])
    colours = ListedColormap(plt.get_cmap("tab10").colors[: len(EXERCISES)])
    start = done = 0
    for samples in rest:
        n = len(window_features(samples))
        edges = (start + (LENGTH - HOP) / 2 + np.arange(n + 1) * HOP) / SAMPLE_RATE
        strips = [predicted[done : done + n], truth[done : done + n]]
        axes["strips"].pcolormesh(edges, [0, 1, 2], strips, cmap=colours, vmin=-0.5, vmax=len(EXERCISES) - 0.5)
        start, done = start + len(samples), done + n
    axes["strips"].set(yticks=[0.5, 1.5], yticklabels=["recognised", "true"], xlabel="time (s)")
    axes["strips"].legend(handles=[Patch(color=c, label=e) for c, e in zip(colours.colors, EXERCISES)], ncols=len(EXERCISES), fontsize=8,
                          loc="upper center", bbox_to_anchor=(0.5, -0.45), frameon=False)
    places = np.arange(len(METHODS))
    axes["methods"].barh(places, accuracies.mean(axis=0), color=["tab:green"] * len(ON_BOARD) + ["silver"] * (len(METHODS) - len(ON_BOARD)))
    for person in accuracies:
        axes["methods"].plot(person, places, "k.", markersize=4, alpha=0.6)
    axes["methods"].set(yticks=places, yticklabels=METHODS, xlim=(0.5, 1.01), xlabel="accuracy (dots: people)", title="On the board, and scikit-learn")
    axes["methods"].invert_yaxis()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main():
    args = arguments(__doc__, "learn")
    persons = list(people_with_more(*load_recordings(args.out)))
    accuracies = []
    for i, (to_learn, rest, labels) in enumerate(persons):
        recognised, microseconds = run(args, to_learn, rest, labels, progress if i == 0 else lambda *_: None)
        truth = np.repeat(labels, [len(window_features(samples)) for samples in rest])
        accuracies.append([np.mean(truth == predicted) for predicted in [*recognised, *references(to_learn, rest, labels)]])
        if accuracies[-1][0] == min(a for a, *_ in accuracies):
            hardest = rest, truth, recognised[0]
        progress(i + 1, len(persons), "people")
    accuracies = np.array(accuracies)

    print(f"\naccuracy, mean of {len(persons)} people, each of whose boards learned a minute of each exercise:")
    for name, accuracy in zip(METHODS, accuracies.mean(axis=0)):
        print(f"{name:<22}{accuracy:.3f}{'' if name in ON_BOARD else '  (scikit-learn)'}")
    print(f"time to learn on this computer: {' and '.join(f'{us / 1000:.1f} ms ({name})' for name, us in zip(ON_BOARD, microseconds))}")
    picture = args.out / "learn.png"
    draw(picture, *hardest, accuracies)
    print(f"picture: {shown(picture)}")


if __name__ == "__main__":
    main()
