"""The tests of tests/device, on every device."""

import re

import pytest
from devices import DEVICE_FILES, DEVICE_TESTS


@pytest.mark.parametrize("module", DEVICE_FILES)
def test_device(any_device, module, tmp_path, record_property):
    record_property("device", any_device.name)
    record_property("module", module)
    output = any_device.run(DEVICE_TESTS / f"test_{module}.py", tmp_path)
    counts = [*map(int, re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.M).groups())]
    record_property("counts", counts)
    assert counts[0] > 0 and counts[1] == 0, output
