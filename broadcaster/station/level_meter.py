"""How loud the air is right now, computed from what plays: samples of the recordings, times every gain on their way.

libVLC gives no samples of what it plays without taking the sound away from the loudspeakers, so the level is worked
out from the same prepared recordings that it plays, at the places where it plays them. It says what leaves the
program, not what is heard in the house: that is for the ear.
"""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from broadcaster.playout.on_air import OnAir
from broadcaster.playout.protocol import SILENT_DB

STEP_S = 0.1
"""Length of one reading."""

STEPS = 15
"""Readings ahead: a page that asks once a second can move its meter in between."""

FLOOR_DBFS = -90.0
"""What is softer is told as this."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Readings of :data:`STEP_S` each from one instant on; dB below full scale of a sine's peak."""

    rms_dbfs: tuple[float, ...]
    peak_dbfs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Playing:
    path: str
    offset_s: float
    gain_db: float


def levels(on_air: OnAir, now: datetime, steps: int = STEPS) -> Levels | None:
    """The level now and of the next moments; None while nothing sounds or a recording can't be read.

    Bed and voice add up by their power (they are not alike), their peaks by amplitude.
    """
    power, peak = np.zeros(steps), np.zeros(steps)
    found = False
    for one in _playing(on_air, now):
        samples = _samples(one.path, one.offset_s, steps * STEP_S)
        if samples is None:
            continue
        found = True
        gain = 10 ** (one.gain_db / 20) if one.gain_db > SILENT_DB else 0.0
        length = len(samples) // steps
        if length == 0:
            continue
        blocks = np.abs(samples[: length * steps].reshape(steps, -1)) * gain
        power += np.mean(blocks**2, axis=1)
        peak += np.max(blocks, axis=1)
    if not found:
        return None
    # A sine at full scale reads 0 dBFS, as on every meter (AES17).
    return Levels(_decibels(np.sqrt(2.0 * power)), _decibels(np.minimum(peak, 1.0)))


def _playing(on_air: OnAir, now: datetime) -> Iterator[_Playing]:
    hands = on_air.interventions
    if on_air.track is not None and hands.bed_off(now) is None:
        item = on_air.track.item
        into_s = (now - on_air.track.started_at).total_seconds()
        yield _Playing(item.track.path, into_s, item.gain_db + on_air.bed_depth_db)
    if on_air.spot is not None and hands.voice_off(now) is None and on_air.spot.spot.path is not None:
        spot = on_air.spot.spot
        yield _Playing(spot.path or "", (now - on_air.spot.started_at).total_seconds(), spot.gain_db)


def _samples(path: str, offset_s: float, length_s: float) -> np.ndarray | None:
    """All channels' samples of a stretch, -1 to 1, padded with silence to its length."""
    try:
        with wave.open(path, "rb") as file:
            rate, channels = file.getframerate(), file.getnchannels()
            if file.getsampwidth() != 2:
                return None
            wanted = round(length_s * rate)
            begin = max(0, round(offset_s * rate))
            if begin < file.getnframes():
                file.setpos(begin)
                raw = file.readframes(wanted)
            else:
                raw = b""
    except (OSError, EOFError, wave.Error):
        return None
    samples = np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768.0
    return np.concatenate([samples, np.zeros(max(0, wanted * channels - len(samples)))])


def _decibels(amplitudes: np.ndarray) -> tuple[float, ...]:
    floor = 10 ** (FLOOR_DBFS / 20)
    return tuple(round(20 * math.log10(max(float(one), floor)), 1) for one in amplitudes)
