"""Fixtures for the devices that tests run on, and the report by board and module."""

import pytest
from devices import DEVICE_FILES, DEVICE_TESTS, DEVICES, MODULES, ROOT, UNIX, DeviceError, probe


def pytest_addoption(parser):
    parser.addoption("--board", help="only this board, as the names of devices begin")
    parser.addoption("--port", help="only the board at this serial port, or URL as pyserial takes it")
    parser.addoption("--fresh", action="store_true", help="a fresh interpreter for each of the hostile calls")


def any_devices(config):
    """The devices of `any_device`."""
    if port := config.getoption("port"):
        try:
            return [probe(port)]
        except DeviceError as e:
            raise pytest.UsageError(str(e)) from None
    if not (board := config.getoption("board")):
        return DEVICES
    if devices := [device for device in DEVICES if device.board == board]:
        return devices
    raise pytest.UsageError(f"{board}: no such board; there are {', '.join(dict.fromkeys(d.board for d in DEVICES))}")


def pytest_configure(config):
    config.any_devices = any_devices(config)
    config.pluginmanager.register(DeviceReport(config))
    config.pluginmanager.register(CountReport())


@pytest.fixture(params=UNIX, ids=lambda device: device.name)
def device(request):
    """The Unix port, native and built-in: for comparisons with references that run on the host."""
    return request.param


def pytest_generate_tests(metafunc):
    """A board's tests stay together (xdist's loadgroup), since a serial port is for one at a time. A test may name boards that it is
    `not_on`."""
    if "any_device" in metafunc.fixturenames:
        chosen = [d for d in metafunc.config.any_devices if d.board not in getattr(metafunc.function, "not_on", ())]
        devices = [pytest.param(d, id=d.name, marks=pytest.mark.xdist_group(d.name)) for d in chosen]
        metafunc.parametrize("any_device", devices, indirect=True, scope="session")


@pytest.fixture(scope="session")
def any_device(request):
    """Each device in turn: the Unix port for 64 and 32 bit, every emulated board, native and built-in; or a real board."""
    yield request.param
    request.param.stop()


def pytest_collection_modifyitems(items):
    """Boards first: they take longest."""
    items.sort(key=lambda item: "any_device" not in item.fixturenames)


# ---- a line for each test file and device, and a table at the end ----


def device_result(report):
    """Device, module and what came of it, if the report is of a test that ran a file of tests/device."""
    said = dict(report.user_properties)
    if "device" not in said or not (report.when == "call" or report.failed):
        return None
    return said["device"], said["module"], "FAILED" if report.failed else said["counts"]


class DeviceReport:
    def __init__(self, config):
        self.config = config
        self.results = {}

    def pytest_report_teststatus(self, report):
        if device_result(report):
            return report.outcome, "", report.outcome.upper()

    def pytest_runtest_logreport(self, report):
        if result := device_result(report):
            device, module, counts = result
            self.results.setdefault(device, {})[module] = counts
            said = counts if counts == "FAILED" else f"{counts[0]} passed" + (f", {counts[2]} skipped" if counts[2] else "")
            terminal = self.config.pluginmanager.get_plugin("terminalreporter")
            terminal.ensure_newline()
            terminal.write_line(f"{device:<14} test_{module}.py: {said}, {report.duration:.1f} s")

    def pytest_terminal_summary(self, terminalreporter):
        if not self.results:
            return
        rows = {d.name: self.results[d.name] for d in self.config.any_devices if d.name in self.results}
        modules = [m for m in DEVICE_FILES if any(m in row for row in rows.values())]
        cells = [counts for row in rows.values() for counts in row.values()]
        write = terminalreporter.write_line
        width = max(map(len, rows)) + 2
        write("")
        write(f"{'passed on':<{width}}" + "".join(f"{m:>{max(len(m), 6) + 2}}" for m in modules))
        for name, row in rows.items():
            said = {m: counts if counts == "FAILED" else str(counts[0]) for m, counts in row.items()}
            write(f"{name:<{width}}" + "".join(f"{said.get(m, ''):>{max(len(m), 6) + 2}}" for m in modules))
        passed, _, skipped = map(sum, zip((0, 0, 0), *(counts for counts in cells if counts != "FAILED")))
        write(f"{passed} device tests passed, {skipped} skipped, {cells.count('FAILED')} files failed")


# ---- how many cases there were of what is generated ----


class CountReport:
    def __init__(self):
        self.counts = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            for what, n in (value for key, value in report.user_properties if key == "count"):
                self.counts[what] = self.counts.get(what, 0) + n

    def pytest_terminal_summary(self, terminalreporter):
        for what, n in sorted(self.counts.items()):
            terminalreporter.write_line(f"{n:>8} {what}")
