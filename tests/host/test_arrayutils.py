"""emlearn_arrayutils against numpy: the same formula in float32, exactly, and in float64, within the bound that it has."""

import itertools

import numpy as np
import pytest

TYPES = {"b": np.int8, "B": np.uint8, "h": np.int16, "H": np.uint16, "f": np.float32}

MAP = """
from array import array
from emlearn_arrayutils import linear_map
with open("inputs.bin", "rb") as f:
    inputs = array("{source}", f.read())
with open("limits.bin", "rb") as f:
    limits = array("f", f.read())
outputs = array("{target}", [0] * len(inputs))
with open("outputs.bin", "wb") as f:
    for i in range(0, len(limits), 4):
        linear_map(inputs, outputs, *limits[i : i + 4])
        f.write(outputs)
"""

LIMITS = np.array([
    [-32768, 32767, -1, 1], [-32768, 32768, -1, 1], [-1, 1, -32768, 32767], [-1, 1, -32768, 32768], [0, 255, 0, 255], [0, 65535, 255, 0],
    [-128, 127, 0.1, 0.7], [0.1, 0.7, -128, 127], [100, -100, -0.3, 0.7], [1000, 1001, 0, 41], [0, 41, 0, 1], [3, 10, -1e-9, 1],
    [0, 1, -70000, 70000], [-1e4, 1e4, 300, 400], [0, 1e-3, 1e-20, 2e-20], [5, 6, 7, 7],
], dtype=np.float32)  # fmt: skip


def inputs(dtype):
    """All values of an integer type; floats of all sizes."""
    if dtype != np.float32:
        return np.arange(np.iinfo(dtype).min, np.iinfo(dtype).max + 1).astype(dtype)
    rng = np.random.default_rng(1)
    ends = np.unique(LIMITS)
    around = np.concatenate([ends, np.nextafter(ends, np.float32(np.inf)), np.nextafter(ends, np.float32(-np.inf))])
    spread = rng.normal(size=2000) * 10.0 ** rng.integers(-10, 10, 2000)
    return np.concatenate([around, spread, rng.uniform(-2, 2, 2000), [np.nan, np.inf, -np.inf, 3e38, -3e38]]).astype(np.float32)


def linear_map(x, dtype, in_min, in_max, out_min, out_max):
    """The documented formula, in float32."""
    span, extent = out_max - out_min, in_max - in_min
    scale = span / extent
    if (out_max - (extent * scale + out_min)) / span > 0:
        scale = np.array(scale.view(np.uint32) + np.uint32(2)).view(np.float32)[()]
    first, last = out_min, out_max
    if dtype != np.float32:
        first, last = (np.clip(v, *map(np.float32, (np.iinfo(dtype).min, np.iinfo(dtype).max))) for v in (first, last))
    y = (x.astype(np.float32) - in_min) * scale + out_min
    assert y.dtype == np.float32
    y = np.clip(np.where(np.isnan(y), -np.inf, y), min(first, last), max(first, last))
    return np.trunc(y).astype(dtype) if dtype != np.float32 else y


@np.errstate(all="ignore")
@pytest.mark.parametrize("pair", list(itertools.product(TYPES, TYPES)), ids="-".join)
def test_linear_map(device, tmp_path, pair):
    source, target = pair
    x = inputs(TYPES[source])
    result = device.compute(MAP.format(source=source, target=target), tmp_path, inputs=x, limits=LIMITS)
    for y, limits in zip(result("outputs", TYPES[target]).reshape(len(LIMITS), len(x)), LIMITS):
        np.testing.assert_array_equal(y, linear_map(x, TYPES[target], *limits), err_msg=str(limits))
        # Half an ulp for each of six operations and two ulps for the scale; an integer may lie on the other side of a step.
        in_min, in_max, out_min, out_max = limits.astype(np.float64)
        exact = np.clip((x.astype(np.float64) - in_min) / (in_max - in_min) * (out_max - out_min) + out_min, *sorted((out_min, out_max)))
        bound = 5 * np.finfo(np.float32).eps * max(abs(out_min), abs(out_max), abs(out_max - out_min))
        if target != "f":
            exact = np.trunc(np.clip(exact, np.iinfo(TYPES[target]).min, np.iinfo(TYPES[target]).max))
            bound = np.ceil(bound)
        number = ~np.isnan(exact)
        np.testing.assert_allclose(y[number].astype(np.float64), exact[number], rtol=0, atol=bound, err_msg=str(limits))
