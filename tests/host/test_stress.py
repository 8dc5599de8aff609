"""The device tests while the garbage collector runs at every allocation, and under AddressSanitizer."""

import shutil

import pytest
from devices import BOARDS, DEVICE_TESTS, MODULES, SANITIZED, UnixPort

# An object that only a register holds, in whatever frame, is lost, and what is used after it was freed is another's. What a test
# measures of the heap is off then. A test that allocates much would take minutes: it has a collection now and then.
SLOW = ("large", "all_pairs", "roundtrip", "definition", "changed_bytes", "truncated", "saved", "components", "test_steps")
STRESS = """
import gc
import check
namespace = {{}}
check.run = namespace.update
import test_{module}
for name in sorted(namespace):
    if name.startswith("test_") and "heap" not in name and "memory" not in name:
        gc.collect()
        gc.threshold({often} if any(slow in name for slow in {slow}) else {threshold})
        try:
            namespace[name]()
        except check.Skipped:
            pass
        gc.threshold(-1)
        print(name)
"""

STRESSED = [
    UnixPort("unix-native", "build/micropython/micropython", "x64", "1m"),
    UnixPort("unix-sanitized", "build/unix-sanitized/micropython", heap="2m"),
    # Register windows hide what a function holds.
    UnixPort("xtensa-hard", "build/xtensa-qemu/micropython", "xtensawin", "1m"),
    *(board for board in BOARDS if board.name in ("m0-native", "rv32-native")),
]


@pytest.fixture(params=[pytest.param(d, id=d.name, marks=pytest.mark.xdist_group(d.name)) for d in STRESSED], scope="session")
def stressed(request):
    yield request.param
    request.param.stop()


def stress(device, module, folder, threshold):
    shutil.copy(DEVICE_TESTS / f"test_{module}.py", folder)
    output = device.run(STRESS.format(module=module, threshold=threshold, often=max(threshold, 20000), slow=SLOW), folder)
    assert output.count("test_") > 1, output


@pytest.mark.parametrize("module", MODULES)
def test_collect_at_every_allocation(stressed, module, tmp_path):
    stress(stressed, module, tmp_path, 1)


@pytest.mark.parametrize("module", MODULES)
def test_sanitized(module, tmp_path):
    stress(SANITIZED, module, tmp_path, 100_000)


# An object's last byte is its own, the next is nobody's, and none is when the object was freed.
TRESPASS = """
import gc
import uctypes
size = {size}
def made(content):
    return uctypes.addressof(bytearray(content))
mine = bytearray(size)
view = uctypes.bytearray_at(uctypes.addressof(mine), size + 1)
view[size - 1] = 1
freed = [made(bytes(size)) for _ in range(9)]
gc.collect()
print("mine")
{trespass}
print("unnoticed")
"""


@pytest.mark.parametrize("size", [16, 100, 16384])
@pytest.mark.parametrize("trespass", ["view[size]", "view[size] = 1", "[uctypes.bytes_at(address, 1) for address in freed]"])
def test_sanitizer_notices(size, trespass, tmp_path):
    script = tmp_path / "trespass.py"
    script.write_text(TRESPASS.format(size=size, trespass=trespass))
    status, output = SANITIZED.execute(script, tmp_path)
    assert status != 0 and "AddressSanitizer" in output and "mine" in output and "unnoticed" not in output
