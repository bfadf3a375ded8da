"""Test recordings: 48 kHz, 16 bit, both channels alike, the same bytes every time."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.lab.analysis import from_db
from tests.lab.sink import RATE

Signal = NDArray[np.float64]

EDGE_S = 0.001
"""Rise and fall at the ends of a recording."""


def sine(path: Path, hz: float, seconds: float, db: float = -12.0) -> Path:
    """A tone whose peak is at ``db`` dBFS (its RMS level is 3.01 dB lower)."""
    return write_wav(path, _edged(from_db(db) * np.sin(2 * np.pi * hz / RATE * np.arange(round(seconds * RATE)))))


def ruler(path: Path, seconds: float, db: float = -20.0, seed: int = 1) -> Path:
    """A sound of which any tenth of a second tells where it was taken from: see ``ruler_signal``."""
    return write_wav(path, ruler_signal(seconds, db, seed))


def click(path: Path, seconds: float, db: float = -6.0) -> Path:
    """5 ms of a 2 kHz tone from the very first sample, then silence."""
    signal = np.zeros(round(seconds * RATE))
    count = min(round(0.005 * RATE), len(signal))
    signal[:count] = from_db(db) * np.cos(2 * np.pi * 2000 / RATE * np.arange(count))
    return write_wav(path, signal)


def silence(path: Path, seconds: float) -> Path:
    """Digital silence."""
    return write_wav(path, np.zeros(round(seconds * RATE)))


def ruler_signal(seconds: float, db: float = -20.0, seed: int = 1) -> Signal:
    """Noise between 150 Hz and 7 kHz, RMS at ``db`` dBFS in every tenth of a second within about 0.2 dB.

    Different seeds give sounds that don't resemble each other. ``ValueError`` if ``db`` makes it clip.
    """
    count = round(seconds * RATE)
    size = 1 << (count + RATE - 1).bit_length()
    spectrum = np.fft.rfft(np.clip(np.random.default_rng(seed).standard_normal(size), -2, 2))
    hz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(hz < 150) | (hz > 7000)] = 0
    noise = np.fft.irfft(spectrum, size)
    window = round(0.1 * RATE)
    power = np.concatenate(([0.0], np.cumsum(np.square(noise))))
    local = np.sqrt((power[window:] - power[:-window])[:count] / window)
    middle = window // 2
    return _edged(from_db(db) * noise[middle : middle + count] / local)


def read_mono(path: Path) -> Signal:
    """The left channel of a recording written here, full scale 1.0."""
    with wave.open(str(path), "rb") as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    return data[:, 0] / 32768


def write_wav(path: Path, signal: Signal) -> Path:
    """Writes one channel, full scale 1.0, to both channels of a file. ``ValueError`` above full scale."""
    peak = float(np.max(np.abs(signal), initial=0.0))
    if peak > 1:
        raise ValueError(f"{path.name} would clip: peak {peak:.3f}")
    data = np.repeat(np.round(signal * 32767).astype("<i2")[:, np.newaxis], 2, axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data.tobytes())
    return path


def _edged(signal: Signal) -> Signal:
    count = min(round(EDGE_S * RATE), len(signal) // 2)
    if count:
        rise = (np.arange(count) + 1) / count
        signal[:count] *= rise
        signal[-count:] *= rise[::-1]
    return signal
