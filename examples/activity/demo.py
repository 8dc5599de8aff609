"""Recognises shoulder exercises from a smartwatch: trained here by scikit-learn, recognised by MicroPython.

Real recordings (seglearn's watch data: 20 people, 7 exercises, 50 Hz) are cut into windows. A random forest learns from some
people; MicroPython loads it as a text file and recognises the exercises of the others from their raw samples.
"""

import pathlib
import sys
import time

import emlearn
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import confusion_matrix

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent)]
from features import HOP, LENGTH
from host import arguments, micropython, progress, shown
from recordings import PER_G, SAMPLE_RATE, load_recordings, window_features

HELD_OUT = 3  # people that the forest has not seen


def majority_vote(forest, rows):
    """Each class's share of the trees, as float32, when each tree votes for one class."""
    votes = np.zeros((len(rows), len(forest.classes_)), np.float32)
    for tree in forest.estimators_:
        votes[np.arange(len(rows)), tree.predict(rows).astype(int)] += 1
    return votes / np.float32(len(forest.estimators_))


def recognise(args, model, recordings):
    """Runs the recordings through MicroPython; returns the proportions of each window and the microseconds of each prediction."""
    files = []
    for i, samples in enumerate(recordings):
        files.append(args.out / f"recording{i}.bin")
        files[-1].write_bytes(samples.tobytes())
    rows = []
    for line in micropython(args, HERE / "recognise.py", model, *files):
        rows.append([float(value) for value in line.split(",")])
        if len(rows) == 1 or rows[-2][0] != rows[-1][0]:
            progress(int(rows[-1][0]), len(recordings), "recognising on MicroPython: recording")
    progress(len(recordings), len(recordings), "recognising on MicroPython: recording")
    rows = np.array(rows)
    return rows[:, 3:].astype(np.float32), rows[:, 2]


def print_confusion(truth, predicted, names):
    matrix = confusion_matrix(truth, predicted, labels=range(len(names)))
    width = max(map(len, names))
    print(f"\n{'true exercise':<{width}}  recognised as")
    print(" " * width, *(f"{name.split()[0][:8]:>8}" for name in names))
    for name, row in zip(names, matrix):
        print(f"{name:<{width}}", *(f"{count or '.':>8}" for count in row))


def draw(path, recordings, truth, predicted, names):
    """Signal, true and predicted exercise over time, of recordings one after the other."""
    signal = np.concatenate(recordings)[:, :3] / PER_G
    seconds = np.arange(len(signal)) / SAMPLE_RATE
    colours = plt.get_cmap("tab10").colors[: len(names)]
    figure, (top, strips) = plt.subplots(2, sharex=True, figsize=(12, 5), height_ratios=[3, 1.2], layout="constrained")
    for axis, label in enumerate("xyz"):
        top.plot(seconds, signal[:, axis], linewidth=0.6, label=label)
    top.set(ylabel="acceleration (g)", title="Exercises of a person whom the forest has never seen")
    top.legend(loc="upper right", ncols=3)
    edges, start = [], 0
    for samples in recordings:
        count = max(0, (len(samples) - LENGTH) // HOP + 1)
        edges += [(start + LENGTH / 2 + (i - 0.5) * HOP) / SAMPLE_RATE for i in range(count)]
        start += len(samples)
    edges = np.array(edges + [edges[-1] + HOP / SAMPLE_RATE])
    strips.pcolormesh(edges, [0, 1, 2], [predicted, truth], cmap=ListedColormap(colours), vmin=-0.5, vmax=len(names) - 0.5)
    strips.set(yticks=[0.5, 1.5], yticklabels=["recognised", "true"], xlabel="time (s)")
    strips.legend(handles=[Patch(color=c, label=n) for c, n in zip(colours, names)], ncols=len(names), fontsize=8,
                  loc="upper center", bbox_to_anchor=(0.5, -0.45), frameon=False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main():
    args = arguments(__doc__, "demo", trees=dict(type=int, default=20, help="trees in the forest (default: 20)"))
    recordings, exercises, people, names = load_recordings(args.out)
    people_held_out = np.unique(people)[-HELD_OUT:]
    held_out = np.isin(people, people_held_out)
    rows = []
    for i, samples in enumerate(recordings):
        rows.append(window_features(samples))
        progress(i + 1, len(recordings), "computing features: recording")
    windows = np.array([len(r) for r in rows])
    truth = np.repeat(exercises, windows)
    test = np.repeat(held_out, windows)
    rows = np.concatenate(rows)

    forest = RandomForestClassifier(args.trees, max_leaf_nodes=100, min_samples_leaf=2, random_state=1)
    forest.fit(rows[~test], truth[~test])
    model = args.out / "activity.csv"
    emlearn.convert(forest, method="inline").save(name="activity", file=str(model), format="csv")
    print(f"trained on {np.sum(~test)} windows of {len(np.unique(people)) - HELD_OUT} people: "
          f"{args.trees} trees, {sum(t.tree_.node_count - t.tree_.n_leaves for t in forest.estimators_)} nodes")

    start = time.time()
    proportions, microseconds = recognise(args, model, [r for r, h in zip(recordings, held_out) if h])
    predicted = proportions.argmax(axis=1)
    reference = majority_vote(forest, rows[test])
    agreement = np.all(proportions == reference, axis=1).mean() if proportions.shape == reference.shape else 0.0

    print_confusion(truth[test], predicted, names)
    print(f"\naccuracy on {len(predicted)} windows of {HELD_OUT} other people: {np.mean(predicted == truth[test]):.3f}")
    print(f"agreement with scikit-learn: {100 * agreement:.1f}% of windows")
    print(f"time: {np.mean(microseconds):.1f} us per prediction, {time.time() - start:.1f} s in all")

    person = people_held_out[0]
    of_person = np.flatnonzero(people[held_out] == person)
    chosen = [r for r, p in zip(recordings, people) if p == person]
    parts = np.split(np.arange(len(predicted)), np.cumsum(windows[held_out])[:-1])
    index = np.concatenate([parts[i] for i in of_person])
    picture = args.out / "activity.png"
    draw(picture, chosen, truth[test][index], predicted[index], names)
    print(f"picture: {shown(picture)}")
    if agreement != 1.0:
        sys.exit("MicroPython and scikit-learn disagree")


if __name__ == "__main__":
    main()
