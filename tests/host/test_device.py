"""The tests of tests/device, on every device."""

import re

import pytest
from devices import DEVICE_TESTS, MODULES


def run_file(device, module, folder, record_property):
    record_property("device", device.name)
    record_property("module", module)
    output = device.run(DEVICE_TESTS / f"test_{module}.py", folder)
    counts = [*map(int, re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.M).groups())]
    record_property("counts", counts)
    assert counts[0] > 0 and counts[1] == 0, output


@pytest.mark.parametrize("module", MODULES)
def test_device(any_device, module, tmp_path, record_property):
    run_file(any_device, module, tmp_path, record_property)


def test_low_memory(any_device, tmp_path, record_property):
    run_file(any_device, "low_memory", tmp_path, record_property)


# It passes on the emulated Pico, and takes five minutes.
test_low_memory.not_on = {"pico"}
