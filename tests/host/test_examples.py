"""Each example runs as a user would run it, agrees with its reference and draws a picture."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

EXAMPLES = {
    "activity": ("activity.png", r"other people: 0\.[89]\d\d\nagreement with scikit-learn: 100\.0%"),
    "learn": ("learn.png", r"emlearn_extratrees +0\.9\d\d\nemlearn_logreg +0\.9\d\d\nExtraTrees"),
    "sound_level": ("level.png", r"largest difference from scipy: 0\.0\d+ dB"),
    "colours": ("colours.png", r"equal numpy's: yes"),
    "digits": ("digits.png", r"agreement with TensorFlow Lite: (99|100)\.\d%"),
}
PRESENT = [name for name in EXAMPLES if (ROOT / "examples" / name).is_dir()]


def test_every_example_is_here():
    folders = {folder.parent.name for folder in (ROOT / "examples").glob("*/demo.py")}
    assert folders == set(PRESENT)
    for name in PRESENT:
        assert (ROOT / "examples" / name / "README.md").is_file()


@pytest.mark.parametrize("name", PRESENT)
def test_example(name, tmp_path):
    picture, expected = EXAMPLES[name]
    process = subprocess.run(
        [sys.executable, ROOT / "examples" / name / "demo.py", "--out", tmp_path], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert re.search(expected, process.stdout), process.stdout
    assert (tmp_path / picture).stat().st_size > 10_000
