"""The recordings of examples/activity and examples/learn: seglearn's watch data, 20 people, 7 exercises, 50 Hz."""

import subprocess
import sys
import zipfile
from array import array

import numpy as np
from features import HOP, LENGTH, N_FEATURES, features

DATASET = "seglearn==1.2.5"
SAMPLE_RATE = 50
EXERCISES = {
    "PEN": "pendulum", "ABD": "abduction", "FEL": "forward elevation", "IR": "internal rotation",
    "ER": "external rotation", "TRAP": "trapezius extension", "ROW": "upright row",
}
# A common sensor at +-8 g and +-2000 degrees a second, in units of its last bit.
PER_G = 4096
PER_RADIAN = 32768 / np.radians(2000)


def load_recordings(folder):
    """The dataset's recordings as int16 samples, with exercise and person of each, and the exercises' names."""
    file = folder / "watch_dataset.npy"
    if not file.exists():
        print(f"fetching the recordings ({DATASET})")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "-d", folder, DATASET]
        subprocess.run(command, check=True)
        with zipfile.ZipFile(next(folder.glob("seglearn-*.whl"))) as wheel:
            file.write_bytes(wheel.read("seglearn/data/watch_dataset.npy"))
    data = np.load(file, allow_pickle=True).item()
    scale = np.array([PER_G] * 3 + [PER_RADIAN] * 3)
    samples = [np.clip(np.round(x * scale), -32768, 32767).astype(np.int16) for x in data["X"]]
    return samples, np.asarray(data["y"]), np.asarray(data["subject"]), [EXERCISES[label] for label in data["y_labels"]]


def window_features(samples):
    """The features of each window of a recording, by the same code that runs on the device."""
    rows = []
    for start in range(0, len(samples) - LENGTH + 1, HOP):
        out = array("h", bytes(2 * N_FEATURES))
        features(array("h", samples[start : start + LENGTH].tobytes()), out)
        rows.append(out)
    return np.array(rows, np.int16).reshape(-1, N_FEATURES)
