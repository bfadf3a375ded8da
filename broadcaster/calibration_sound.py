"""The sound by which the dial is calibrated: pink noise of a known loudness, the same every time.

Pink noise has the same power in each octave and is what levels of a hall are set by. Made here, without any library:
the daemon needs it once, and then finds it on the disk.
"""

from __future__ import annotations

import array
import math
import random
import sys
import wave
from pathlib import Path

RATE_HZ = 48_000
LENGTH_S = 4.0
FADE_S = 0.05
LUFS_OF_RMS = 2.87
"""Loudness (LUFS) of this very noise, alike on both channels, less its RMS level (dBFS of one channel): measured."""

#: Weights and decays of the sum of first-order filters that approximates -3 dB an octave within 0.5 dB from 10 Hz to
#: the top; figures by Paul Kellet, http://www.firstpr.com.au/dsp/pink-noise/ (his "economy" set).
_POLES = ((0.99765, 0.0990460), (0.96300, 0.2965164), (0.57000, 1.0526913))
_DIRECT = 0.1848


def calibration_sound(folder: Path, lufs: float) -> Path:
    """The file with the noise at that loudness; made if it is not there. Raises ``OSError``."""
    path = folder / f"calibration-{lufs:.2f}.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".part")
        _write(fresh, _scaled(_pink(), lufs))
        fresh.replace(path)
    return path


def _pink() -> list[float]:
    chance = random.Random(1)
    states = [0.0] * len(_POLES)
    found = []
    for _ in range(int(RATE_HZ * LENGTH_S)):
        white = chance.uniform(-1.0, 1.0)
        states = [decay * state + weight * white for state, (decay, weight) in zip(states, _POLES, strict=True)]
        found.append(sum(states) + _DIRECT * white)
    return found


def _scaled(noise: list[float], lufs: float) -> list[float]:
    rms = math.sqrt(sum(value * value for value in noise) / len(noise))
    gain = 10 ** ((lufs - LUFS_OF_RMS) / 20) / rms
    fade = int(RATE_HZ * FADE_S)
    last = len(noise) - 1
    return [value * gain * min(1.0, index / fade, (last - index) / fade) for index, value in enumerate(noise)]


def _write(path: Path, samples: list[float]) -> None:
    frames = array.array("h")
    for value in samples:
        sample = max(-32767, min(32767, round(value * 32767)))
        frames.extend((sample, sample))
    if sys.byteorder == "big":
        frames.byteswap()
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(frames.tobytes())
