"""emlearn_fft against numpy.fft in float64."""

import numpy as np
import pytest

RUN = """
from array import array
from emlearn_fft import FFT
fft = FFT({n})
real = array("f", bytes(4 * {n}))
imag = array("f", bytes(4 * {n}))
with open("points.bin", "rb") as points, open("out.bin", "wb") as out:
    while points.readinto(real):
        points.readinto(imag)
        fft.run(real, imag)
        out.write(real)
        out.write(imag)
"""

SIZES = [2**k for k in range(1, 13)]


def signals(n):
    """Noise, real noise, noise of mixed magnitude, tones, an impulse, a step, large and small values."""
    rng = np.random.default_rng(n)
    noise = rng.normal(size=(4, n)) + 1j * rng.normal(size=(4, n))
    time = np.arange(n) / n
    impulse = np.zeros(n)
    impulse[n // 3] = 0.7
    return np.array([
        *noise, noise[0].real, noise[1] * 10.0 ** rng.integers(-12, 12, n), np.exp(2j * np.pi * time), np.exp(-2j * np.pi * (n // 3) * time),
        np.sin(2 * np.pi * (n // 4) * time) + 1e-3 * noise[2], impulse, 1j * impulse, time >= 0.5, np.full(n, 32767), noise[3] * 1e-30, noise[3] * 1e30,
    ]).astype(np.complex64)


@pytest.mark.parametrize("n", SIZES)
def test_fft(device, tmp_path, n):
    """The largest error, relative to the largest magnitude of the result: two units of float32 for each stage, at 1.2e-7."""
    points = signals(n)
    parts = np.stack([points.real, points.imag], axis=1)
    out = device.compute(RUN.format(n=n), tmp_path, points=parts)("out", np.float32).reshape(parts.shape)
    result = out[:, 0] + 1j * out[:, 1].astype(np.float64)
    expected = np.fft.fft(points.astype(np.complex128))
    error = np.abs(result - expected).max(axis=1) / np.abs(expected).max(axis=1)
    assert (error <= 3e-7 * np.log2(n)).all(), error


@pytest.mark.parametrize("n", SIZES)
def test_inverse(device, tmp_path, n):
    """The inverse is the transform with real and imaginary parts exchanged, so twice that gives the points back, n times."""
    points = signals(n)[:4]
    parts = np.stack([points.real, points.imag], axis=1)
    forward = device.compute(RUN.format(n=n), tmp_path, points=parts)("out", np.float32).reshape(parts.shape)
    back = device.compute(RUN.format(n=n), tmp_path, points=forward[:, ::-1])("out", np.float32).reshape(parts.shape)[:, ::-1]
    np.testing.assert_allclose(back / n, parts, rtol=0, atol=6e-7 * np.log2(n) * np.abs(points).max())
