"""dist/ as users get it: the same from every build, complete, and installed on boards by mip."""

import functools
import hashlib
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading

import pytest
from devices import MODULES, QEMU_USER, ROOT
from rp2040 import RP2040

sys.path.insert(0, str(ROOT / "tools"))
import emlearn_install
import mip_index

DIST = ROOT / "dist"
LISTS = (("micropython/arch.mk", "ARCHS"), ("tools/xtensa/xtensa.mk", "XTENSA_ARCHS"))
FOLDERS = [f"{arch}_6.3" for file, name in LISTS for arch in re.search(rf"^{name} := (.*)$", (ROOT / file).read_text(), re.M)[1].split()]


def test_checksums():
    sums = dict(reversed(line.split("  ")) for line in (DIST / "SHA256SUMS").read_text().splitlines())
    for name, digest in sums.items():
        assert hashlib.sha256((DIST / name).read_bytes()).hexdigest() == digest, name
    assert {f"mpy/{folder}/emlearn_{module}.mpy" for folder in FOLDERS for module in MODULES} <= sums.keys()
    assert {f"firmware/linux/{machine}/micropython" for machine in QEMU_USER} <= sums.keys()
    assert {f"firmware/rp2/{board}/firmware.uf2" for board in ("RPI_PICO", "RPI_PICO2")} <= sums.keys()


def test_same_bytes(tmp_path):
    """Another build, in another folder, gives the same modules."""
    ignored = shutil.ignore_patterns("build", "dist", "target", ".git", "__pycache__")
    shutil.copytree(ROOT, tmp_path / "copy", ignore=ignored, symlinks=True)
    (tmp_path / "copy/build").mkdir()
    for shared in ("venv", "micropython-src", "mpy-cross", "mpy-lib", "rust"):
        (tmp_path / "copy/build" / shared).symlink_to(ROOT / "build" / shared)
    modules = [f"dist/mpy/x64_6.3/emlearn_{module}.mpy" for module in MODULES]
    subprocess.run(["make", "-s", *modules], cwd=tmp_path / "copy", check=True, stdout=subprocess.DEVNULL)
    for module in modules:
        assert (tmp_path / "copy" / module).read_bytes() == (ROOT / module).read_bytes(), module


@pytest.mark.parametrize("url", ["", "https://example.org/emlearn"])
def test_index(tmp_path, url):
    """Every package names files that are there, and that are the modules."""
    mip_index.write_index(url, tmp_path / "mip")
    for folder in FOLDERS:
        for package, names in [(folder, MODULES), *((f"{folder}/emlearn_{module}", [module]) for module in MODULES)]:
            urls = json.loads((tmp_path / "mip" / package / "package.json").read_text())["urls"]
            assert {target for target, _ in urls} == {f"emlearn_{name}.mpy" for name in names}
            for target, source in urls:
                path = source.removeprefix(url).lstrip("/") if url else f"{package}/{source}"
                assert source.startswith(url) and ".." not in source
                assert (tmp_path / "mip" / path).read_bytes() == (DIST / "mpy" / folder / target).read_bytes()
    assert (f'URL = "{url}"' in (tmp_path / "mip/emlearn_install.py").read_text()) == bool(url)


MPY_6_3 = 6 | 3 << 8


@pytest.mark.parametrize(
    "number, platform, machine, expected",
    [
        (1, "linux", "", "x86"), (2, "linux", "", "x64"), (4, "rp2", "", "armv6m"), (5, "qemu", "", "armv7m"), (6, "nrf52", "", "armv7m"),
        (7, "pyboard", "", "armv7emsp"), (7, "rp2", "", "armv7emsp"), (8, "pyboard", "", "armv7emdp"), (8, "linux", "", "armv7emsp"),
        (10, "esp32", "Generic ESP32S3 module with ESP32S3", "xtensawin"), (10, "esp32", "Generic ESP32S2 module with ESP32S2", "xtensawin-s2"),
        (11, "esp32", "", "rv32imc"),
    ],
)
def test_architecture(monkeypatch, number, platform, machine, expected):
    monkeypatch.setattr(emlearn_install, "FOLDERS", [f"{expected}_6.3"])
    assert emlearn_install.folder(MPY_6_3 | number << 10, platform, machine) == f"{expected}_6.3"


@pytest.mark.parametrize(
    "mpy, words",
    [
        (0, "built in"), (MPY_6_3, "built in"), (6 | 2 << 8 | 4 << 10, "armv6m_6.2"), (7 | 4 << 10, "armv6m_7.0"), (MPY_6_3 | 9 << 10, "xtensa_6.3"),
        (MPY_6_3 | 15 << 10, "number 15"),
    ],
)
def test_no_modules_for_a_board(monkeypatch, mpy, words):
    monkeypatch.setattr(emlearn_install, "FOLDERS", FOLDERS)
    with pytest.raises(RuntimeError, match=words):
        emlearn_install.folder(mpy, "rp2")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    """The address of a server for dist/."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=DIST)) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.fixture
def mpremote():
    """Runs mpremote on a board without modules and without a network."""
    board = RP2040("build/rp2/plain/RPI_PICO/firmware.uf2")
    board.start()

    def run(*args):
        command = [ROOT / "build/venv/bin/mpremote", "connect", board.address, *args]
        return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300).stdout

    yield run
    board.stop()


def imported(mpremote, module):
    return f"<module 'emlearn_{module}'" in mpremote("exec", f"import emlearn_{module}; print(emlearn_{module})")


def test_mip_installs_one(server, mpremote):
    assert not imported(mpremote, "trees")
    mpremote("mip", "install", f"{server}/mip/armv6m_6.3/emlearn_trees")
    assert imported(mpremote, "trees")


def test_mip_installs_all_from_a_folder(mpremote):
    mpremote("mip", "install", "dist/mip/armv6m_6.3/package.json")
    assert all(imported(mpremote, module) for module in MODULES)


def test_installer_without_network(server, mpremote):
    """It says what to type instead, which does it."""
    said = mpremote("resume", "run", "dist/mip/emlearn_install.py")
    command = re.search(r"RuntimeError: .*: mpremote (mip install dist/mip/armv6m_6.3/package.json)$", said, re.M)[1]
    mpremote(*command.split())
    assert imported(mpremote, MODULES[0])


# What the installer needs of mip, which the pinned MicroPython lacks.
MIP = """
import json, os, socket

def get(url):
    host, _, path = url[7:].partition("/")
    name, _, port = host.partition(":")
    s = socket.socket()
    s.connect(socket.getaddrinfo(name, int(port))[0][-1])
    s.write(b"GET /%s HTTP/1.0\\r\\n\\r\\n" % path)
    head, body = s.read().split(b"\\r\\n\\r\\n", 1)
    assert b" 200 " in head, url
    return body

def install(package, target):
    for file, url in json.loads(get(package))["urls"]:
        with open(target + "/" + file, "wb") as f:
            f.write(get(package.rsplit("/", 1)[0] + "/" + url))
"""


def test_installer_with_network(server, tmp_path):
    """It installs one module, then all, as the interpreter needs them."""
    (tmp_path / "mip.py").write_text(MIP)
    (tmp_path / "lib").mkdir()
    interpreter = ROOT / "build/micropython/micropython"

    def run(code):
        result = subprocess.run([interpreter, "-c", code], cwd=tmp_path, env={"MICROPYPATH": f"{DIST}/mip:.:lib"}, capture_output=True, text=True)
        return result.stdout + result.stderr

    url = f'url="{server}/mip", target="lib"'
    assert run(f'import emlearn_install; emlearn_install.install("emlearn_trees", {url})') == ""
    assert [file.name for file in (tmp_path / "lib").iterdir()] == ["emlearn_trees.mpy"]
    assert run(f"import emlearn_install; emlearn_install.install({url})") == ""
    for module in MODULES:
        assert run(f"import emlearn_{module}; print(emlearn_{module})").startswith("<module")
    assert "ValueError: url" in run("import emlearn_install; emlearn_install.install()")
