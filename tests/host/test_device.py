"""The tests of tests/device, on every device."""

import re

import pytest
from conftest import DEVICE_TESTS, MODULES


@pytest.mark.parametrize("module", MODULES)
def test_device(device, module, tmp_path):
    output = device.run(DEVICE_TESTS / f"test_{module}.py", tmp_path)
    passed, failed = map(int, re.search(r"(\d+) passed, (\d+) failed", output).groups())
    assert failed == 0 and passed > 0, output
