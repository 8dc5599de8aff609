"""Measures the A-weighted level of recorded speech on MicroPython, and compares with scipy."""

import pathlib
import subprocess
import sys
import wave

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy import signal

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from host import arguments, micropython, progress, save, shown

BLOCKS_PER_SECOND = 8  # as a sound level meter's time weighting "fast"
TOLERANCE = 0.05  # dB; the meter class 1 of IEC 61672-1 allows more than ten times that


def a_weighting(rate):
    """Second-order sections of the A curve (IEC 61672-1, annex E), by the bilinear transform."""
    low, mid1, mid2, high = (2 * np.pi * f for f in (20.598997, 107.65265, 737.86223, 12194.217))
    zeros, poles = np.zeros(4), -np.array([low, low, mid1, mid2, high, high])
    zeros, poles, gain = signal.bilinear_zpk(zeros, poles, 1.0, rate)
    sections = signal.zpk2sos(zeros, poles, gain)
    _, response = signal.sosfreqz(sections, [1000], fs=rate)
    sections[0, :3] /= abs(response[0])  # 0 dB at 1 kHz
    return sections


def recorded_speech(folder):
    """A recording that Debian's alsa-utils carries: "front center"."""
    wav = folder / "usr/share/sounds/alsa/Front_Center.wav"
    if not wav.exists():
        print("fetching recorded speech (Debian's package alsa-utils)")
        try:
            subprocess.run(["apt-get", "-qq", "download", "alsa-utils"], cwd=folder, check=True)
            package = next(folder.glob("alsa-utils_*.deb"))
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        except (OSError, subprocess.CalledProcessError):
            sys.exit("this needs Debian's apt-get: give a recording of your own with --wav")
    return wav


def main():
    args = arguments(__doc__, "sound_level", wav=dict(type=pathlib.Path, help="a recording with 16 bits and one channel"))
    with wave.open(str(args.wav or recorded_speech(args.out)), "rb") as file:
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            sys.exit("the recording must have 16 bits and one channel")
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    block = rate // BLOCKS_PER_SECOND
    n_blocks = len(samples) // block
    if n_blocks == 0:
        sys.exit("the recording is too short")
    sections = a_weighting(rate)
    files = [save(args, "filter.bin", sections.astype(np.float32)), save(args, "recording.bin", samples)]

    levels = []
    for line in micropython(args, HERE / "level.py", *files, str(block)):
        levels.append(float(line))
        progress(len(levels), n_blocks, "level on MicroPython: block")
    levels = np.array(levels)
    weighted = signal.sosfilt(sections, samples / 32768)[: n_blocks * block].reshape(n_blocks, block)
    reference = 10 * np.log10(np.mean(weighted**2, axis=1) + 1e-12)
    difference = np.abs(levels - reference).max()

    print(f"loudest eighth of a second: {levels.max():.1f} dB(A) of full scale, quietest: {levels.min():.1f}")
    print(f"largest difference from scipy: {difference:.4f} dB")
    seconds = np.arange(len(samples)) / rate
    figure, (top, bottom) = plt.subplots(2, sharex=True, figsize=(10, 5), layout="constrained")
    top.plot(seconds, samples / 32768, linewidth=0.4)
    top.set(ylabel="signal", title="A-weighted sound level, computed by MicroPython")
    bottom.stairs(levels, np.arange(n_blocks + 1) / BLOCKS_PER_SECOND, baseline=None, linewidth=2, label="MicroPython")
    bottom.plot((np.arange(n_blocks) + 0.5) / BLOCKS_PER_SECOND, reference, "k.", label="scipy")
    bottom.set(ylabel="level (dB of full scale)", xlabel="time (s)")
    bottom.legend()
    figure.savefig(args.out / "level.png", dpi=120)
    print(f"picture: {shown(args.out / 'level.png')}")
    if difference > TOLERANCE:
        sys.exit("MicroPython and scipy disagree")


if __name__ == "__main__":
    main()
