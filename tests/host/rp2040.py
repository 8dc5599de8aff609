"""A Raspberry Pi Pico, emulated, as a process beside the tests."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FETCHED = ROOT / "build/rp2040"


class RP2040:
    """From start() to stop(), `address` is what mpremote connects to. Its flash is new at each start and kept through a reset."""

    def __init__(self, firmware):
        self.firmware = ROOT / firmware

    def start(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "node", ROOT / "ports/rp2/emulator/emulator.js", self.firmware, FETCHED / "bootrom.bin"],
            env={**os.environ, "NODE_PATH": str(FETCHED / "node_modules")}, stdout=subprocess.PIPE, text=True,
        )
        key, _, port = self.process.stdout.readline().partition(": ")
        assert key == "console", f"{self.firmware} does not start"
        self.address = f"socket://127.0.0.1:{port.strip()}"

    def stop(self):
        self.process.terminate()
        self.process.communicate()
