"""emlearn_fft on the device."""

import gc
import math
from array import array

import check
import emlearn_fft
from emlearn_fft import FFT


def dft(real, imag):
    """The definition."""
    n = len(real)
    re, im = [], []
    for k in range(n):
        angles = [2 * math.pi * (j * k % n) / n for j in range(n)]
        re.append(sum(x * math.cos(a) + y * math.sin(a) for x, y, a in zip(real, imag, angles)))
        im.append(sum(y * math.cos(a) - x * math.sin(a) for x, y, a in zip(real, imag, angles)))
    return re, im


def transform(real, imag=None):
    real = array("f", real)
    imag = array("f", imag or [0] * len(real))
    FFT(len(real)).run(real, imag)
    return real, imag


def test_definition():
    # Floats may be float32 here: the reference is as good as the result, so the bound is loose. The host has a better one.
    for log in range(1, 8):
        n = 1 << log
        real = [(i * 37 % 19 - 9) / 4 for i in range(n)]
        imag = [(i * 23 % 17 - 8) / 4 for i in range(n)]
        for actual, expected in zip(transform(real, imag), dft(real, imag)):
            check.close(actual, expected, 2e-5 * n)


def test_exact():
    real, imag = transform([3, 4])
    assert list(real) == [7, -1] and list(imag) == [0, 0]
    for n in (4, 64, 1024):
        real, imag = transform([1] * n)
        assert real[0] == n and not any(real[1:]) and not any(imag)
        real, imag = transform([2] + [0] * (n - 1))
        assert list(real) == [2] * n and not any(imag)


def test_tone():
    n = 256
    for k in (1, 17, 128, 200):
        real, imag = transform([math.cos(2 * math.pi * (i * k % n) / n) for i in range(n)], [math.sin(2 * math.pi * (i * k % n) / n) for i in range(n)])
        for i in range(n):
            assert abs(real[i] - n * (i == k)) < 1e-4 and abs(imag[i]) < 1e-4


def test_magnitudes():
    for scale in (1e-30, 1e-10, 1e10, 1e30):
        real, imag = transform([scale, -2 * scale, 3 * scale, 0.5 * scale])
        for actual, expected in zip(list(real) + list(imag), [2.5, -2, 5.5, -2, 0, 2.5, 0, -2.5]):
            assert abs(actual / scale - expected) < 1e-5


def test_not_finite():
    for bad in ("nan", "inf", "-inf"):
        real, imag = transform([float(bad), 1, 2, 3])
        assert not any(abs(x) < 1e9 for x in real)
    real, imag = transform([3e38] * 4)
    assert real[0] > 3e38


def test_memoryviews():
    real, imag = array("f", range(12)), array("f", 12 * [0])
    FFT(4).run(memoryview(real)[4:8], memoryview(imag)[4:8])
    assert list(real) == [0, 1, 2, 3, 22, -2, -2, -2, 8, 9, 10, 11]
    assert list(imag) == [0, 0, 0, 0, 0, 2, 0, -2, 0, 0, 0, 0]


def test_type():
    fft = FFT(8)
    assert type(fft) is FFT and isinstance(fft, emlearn_fft.FFT)


def test_points():
    for wrong in (-8, -1, 0, 1, 3, 6, 255, 257, 1 << 25, 1 << 40, 1 << 62, 1 << 64, (1 << 64) + 8, -(1 << 70), True, False):
        check.raises(ValueError, FFT, wrong)
    for wrong in (None, "8", [8], array("f", [8])):
        check.raises(TypeError, FFT, wrong)
    check.raises(TypeError, FFT)
    check.raises(TypeError, FFT, 8, 8)
    check.raises(TypeError, lambda: FFT(n=8))
    check.raises(MemoryError, FFT, 1 << 24)


def test_arrays():
    fft = FFT(4)
    good = array("f", 4 * [0])
    for wrong in (array("f"), array("f", 3 * [0]), array("f", 5 * [0]), array("f", 8 * [0]), array("h", 4 * [0]), array("i", 4 * [0]), bytearray(16)):
        check.raises(ValueError, fft.run, wrong, good)
        check.raises(ValueError, fft.run, good, wrong)
    for wrong in (None, 1, [0.0] * 4, bytes(16), "0123456789abcdef"):
        check.raises(TypeError, fft.run, wrong, good)
        check.raises(TypeError, fft.run, good, wrong)
    check.raises(TypeError, fft.run)
    check.raises(TypeError, fft.run, good)
    check.raises(TypeError, fft.run, good, good, good)


def test_overlap():
    fft = FFT(4)
    both = array("f", range(8))
    view = memoryview(both)
    for real, imag in ((view[:4], view[:4]), (view[:4], view[3:7]), (view[1:5], view[:4])):
        check.raises(ValueError, fft.run, real, imag)
    assert list(both) == list(range(8))
    fft.run(view[:4], view[4:])
    fft.run(view[4:], view[:4])
    array4 = array("f", 4 * [1])
    check.raises(ValueError, fft.run, array4, array4)


def test_fill():
    fft = FFT(8)
    sin = array("f", 4 * [0])
    assert emlearn_fft.fill(fft, 8) is None and fft.fill(sin, sin) is None
    for wrong in (4, 16, -8, 0, 8 + (1 << 64), 8.0, None, "8"):
        check.raises(ValueError, emlearn_fft.fill, fft, wrong)
    for wrong in (array("f", 3 * [0]), array("f", 8 * [0]), array("h", 4 * [0])):
        check.raises(ValueError, fft.fill, wrong, sin)
        check.raises(ValueError, fft.fill, sin, wrong)
    check.raises(TypeError, fft.fill, 8, 8)
    check.raises(TypeError, fft.fill, sin)
    check.raises(TypeError, emlearn_fft.fill, fft)
    real = array("f", range(8))
    fft.run(real, array("f", 8 * [0]))
    assert real[0] == 28


def test_wrong_and_deleted_objects():
    fft = FFT(4)
    a, b = array("f", 4 * [0]), array("f", 4 * [0])
    for other in (None, 5, a, FFT, emlearn_fft, object()):
        check.raises(TypeError, FFT.run, other, a, b)
        check.raises(TypeError, FFT.fill, other, a, b)
        check.raises(TypeError, emlearn_fft.fill, other, 4)
        check.raises(TypeError, FFT.__del__, other)
    fft.__del__()
    check.raises(TypeError, fft.run, a, b)
    check.raises(TypeError, fft.fill, a, b)
    check.raises(TypeError, emlearn_fft.fill, fft, 4)
    check.raises(TypeError, fft.__del__)


def test_memory():
    gc.collect()
    before = gc.mem_alloc()
    fft = FFT(256)
    assert 1000 <= gc.mem_alloc() - before <= 1088
    assert check.heap_growth(lambda: FFT(256)) == 0
    assert check.heap_growth(lambda: FFT(64).__del__()) == 0
    assert check.allocated(fft.run, array("f", bytes(1024)), array("f", bytes(1024))) == 0


check.run(globals())
