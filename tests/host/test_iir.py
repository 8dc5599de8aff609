"""emlearn_iir against scipy.signal.sosfilt in float64, emlearn_iir_q15 against its definition in integers."""

import numpy as np
import pytest
from scipy import signal

RATE = 1000
DESIGNS = {
    "butterworth low-pass, 1 section": signal.butter(2, 100, fs=RATE, output="sos"),
    "butterworth low-pass, 8 sections": signal.butter(16, 200, fs=RATE, output="sos"),
    "butterworth band-pass, 4 sections": signal.butter(4, (100, 200), "bandpass", fs=RATE, output="sos"),
    "chebyshev high-pass, 3 sections": signal.cheby1(5, 1, 150, "highpass", fs=RATE, output="sos"),
    "chebyshev 2 low-pass, 5 sections": signal.cheby2(10, 40, 200, fs=RATE, output="sos"),
    "elliptic low-pass, 3 sections": signal.ellip(6, 1, 60, 150, fs=RATE, output="sos"),
    "notch": signal.tf2sos(*signal.iirnotch(50, 30, fs=RATE)),
}

RUN = """
from array import array
import {module}
with open("coefficients.bin", "rb") as f:
    data = f.read()
filter = {module}.new(array("{typecode}", data))
size = {size}
block = array("{typecode}", bytes({bytes} * size))
with open("values.bin", "rb") as values, open("out.bin", "wb") as out:
    while n := values.readinto(block):
        part = memoryview(block)[: n // {bytes}]
        filter.run(part)
        out.write(part)
"""


def error_bound(sections, values):
    """Float32 rounding: each section makes a few roundings of the size of its largest inner value, which the rest amplifies."""
    bound, stage = 0.0, values
    for i, section in enumerate(sections):
        inner = signal.lfilter([1], section[3:], stage)  # the largest of what a section carries is of this size, times b
        size = np.abs(inner).max() * np.abs(section[:3]).sum() + np.abs(stage).max()
        rest = signal.sosfilt(sections[i:], np.r_[1, np.zeros(4 * RATE)])
        feedback = signal.lfilter([1], section[3:], np.r_[1, np.zeros(4 * RATE)])
        bound += 8 * np.finfo(np.float32).eps * size * max(np.abs(rest).sum(), np.abs(feedback).sum(), 1)
        stage = signal.sosfilt(sections[i : i + 1], stage)
    return bound


@pytest.mark.parametrize("size", [4001, 77])
@pytest.mark.parametrize("name", DESIGNS)
def test_sosfilt(device, tmp_path, name, size):
    # scipy filters with the coefficients that the device has
    sections = DESIGNS[name].astype(np.float32)
    assert np.all(sections[:, 3] == 1)
    values = np.random.default_rng(1).normal(size=4001).astype(np.float32)
    script = RUN.format(module="emlearn_iir", typecode="f", bytes=4, size=size)
    result = device.compute(script, tmp_path, coefficients=sections, values=values)("out", np.float32)
    reference = signal.sosfilt(sections.astype(np.float64), values.astype(np.float64))
    np.testing.assert_allclose(result, reference, rtol=0, atol=error_bound(sections.astype(np.float64), values))
    assert np.sqrt(np.mean((result - reference) ** 2)) < 1e-4 * np.sqrt(np.mean(reference**2))


def fixed_point(coefficients, values):
    """The definition, with Python's integers."""
    for b0, _, b1, b2, minus_a1, minus_a2 in coefficients.reshape(-1, 6).tolist():
        x1 = x2 = y1 = y2 = 0
        out = []
        for x in values:
            y = (b0 * x + b1 * x1 + b2 * x2 + minus_a1 * y1 + minus_a2 * y2) >> 13
            y = max(-32768, min(32767, y))
            x2, x1, y2, y1 = x1, x, y1, y
            out.append(y)
        values = out
    return np.array(values, np.int16)


@pytest.mark.parametrize("size", [2000, 33])
@pytest.mark.parametrize("seed", range(4))
def test_fixed_point(device, tmp_path, seed, size):
    """Random sections and full-scale noise, exact."""
    rng = np.random.default_rng(seed)
    coefficients = rng.integers(-32768, 32768, (1 + 2 * seed, 6), np.int16)
    coefficients[:, 1] = 0
    values = rng.choice(np.r_[rng.integers(-32768, 32768, 1000), [-32768, 32767] * 200], 2000).astype(np.int16)
    script = RUN.format(module="emlearn_iir_q15", typecode="h", bytes=2, size=size)
    result = device.compute(script, tmp_path, coefficients=coefficients, values=values)("out", np.int16)
    np.testing.assert_array_equal(result, fixed_point(coefficients, values.tolist()))
