"""What can be measured on a take.

Levels are dB of full scale: a peak of 1.0 is 0 dBFS; an RMS level is that of the samples themselves (a full-scale
sine has -3.01 dB); both channels count as one signal twice as long. Nothing measures below ``FLOOR_DB``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyloudnorm
from numpy.typing import NDArray

from tests.lab.take import Samples, Take

FLOOR_DB = -120.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a recording a slice was taken from."""

    offset_s: float
    """Seconds from the start of the recording to the first sample of the slice."""
    confidence: float
    """Correlation coefficient at that place, 0..1: how much of what was heard is this recording."""


def to_db(amplitude: float) -> float:
    """20 log10, with a floor."""
    return max(20 * math.log10(amplitude), FLOOR_DB) if amplitude > 0 else FLOOR_DB


def from_db(level_db: float) -> float:
    """Amplitude of a level in dB."""
    return float(10 ** (level_db / 20))


def rms_db(take: Take) -> float:
    """RMS level in dBFS."""
    if not len(take.samples):
        return FLOOR_DB
    return to_db(math.sqrt(float(np.mean(np.square(take.samples, dtype=np.float64)))))


def peak_db(take: Take) -> float:
    """Sample peak in dBFS."""
    return to_db(float(np.max(np.abs(take.samples)))) if len(take.samples) else FLOOR_DB


def lufs(take: Take) -> float:
    """Integrated loudness by ITU-R BS.1770-4, in LUFS. ``ValueError`` below its block of 0.4 s."""
    return float(pyloudnorm.Meter(take.rate).integrated_loudness(take.samples.astype(np.float64)))


def tone_level_db(take: Take, hz: float) -> float:
    """Peak level in dBFS of the sine component at ``hz``, by projection under a Hann window.

    The window leaks from other tones less than about 4 / duration Hz away. The louder channel counts.
    """
    count = len(take.samples)
    if not count:
        return FLOOR_DB
    window = np.hanning(count + 2)[1:-1]
    carrier = window * np.exp(-2j * np.pi * hz / take.rate * np.arange(count))
    return to_db(2 * float(np.max(np.abs(carrier @ take.samples))) / float(window.sum()))


def envelope_db(take: Take, window_s: float) -> NDArray[np.float64]:
    """RMS level in dBFS of each window in turn; window i begins at ``take.start + i * window_s``.

    An incomplete last window is left out.
    """
    size = round(window_s * take.rate)
    count = len(take.samples) // size
    power = np.square(take.samples[: count * size], dtype=np.float64).mean(axis=1).reshape(count, size).mean(axis=1)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power, 1e-30)), FLOOR_DB))


def onset(take: Take, after: float, threshold_db: float = -50.0) -> float | None:
    """Instant of the first sample above the threshold at or after an instant; None if all is below."""
    first = take.index(after)
    loud = np.flatnonzero(_loud(take.samples[first:], threshold_db))
    return take.at(first + int(loud[0])) if len(loud) else None


def last_sound(take: Take, before: float | None = None, threshold_db: float = -50.0) -> float | None:
    """Instant at which the last sample above the threshold, before an instant, is over; None if all is below."""
    last = len(take.samples) if before is None else take.index(before)
    loud = np.flatnonzero(_loud(take.samples[:last], threshold_db))
    return take.at(int(loud[-1]) + 1) if len(loud) else None


def silences(take: Take, min_s: float, threshold_db: float = -50.0) -> list[tuple[float, float]]:
    """Start and end of every stretch of at least ``min_s`` seconds in which no sample is above the threshold.

    Silence at the ends of the take counts. ``min_s`` below half a period of the sound finds its zero crossings.
    """
    quiet = np.concatenate(([False], ~_loud(take.samples, threshold_db), [False]))
    edges = np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2)
    return [(take.at(a), take.at(b)) for a, b in edges.tolist() if b - a >= min_s * take.rate]


def position_in(heard: Take, reference: NDArray[np.floating]) -> Position:
    """Where in ``reference`` (one channel, at the rate of the take) the slice was taken from.

    Normalised cross-correlation, so neither gain nor polarity matters. The slice may reach past both ends of the
    reference; the offset is negative if it began before. ``ValueError`` for a slice or reference that is silent.
    """
    slice_ = heard.samples.mean(axis=1, dtype=np.float64)
    known = np.asarray(reference, dtype=np.float64)
    if not np.any(slice_) or not np.any(known):
        raise ValueError(f"silence has no position: {len(slice_)} samples heard, {len(known)} of reference")
    lags = len(known) + len(slice_) - 1
    size = 1 << (lags - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(known, size) * np.conj(np.fft.rfft(slice_, size)), size)
    first = len(slice_) - 1
    overlap = np.concatenate((product[size - first :], product[: len(known)])) if first else product[: len(known)]
    energy = np.concatenate((np.zeros(first + 1), np.cumsum(np.square(known)), np.zeros(first)))
    energy[first + 1 + len(known) :] = energy[first + len(known)]
    under = energy[len(slice_) :] - energy[: -len(slice_)]
    floor = max(float(under.max()) * 1e-3, 1e-20)
    score = np.abs(overlap) / np.sqrt(np.maximum(under, floor) * float(np.square(slice_).sum()))
    best = int(np.argmax(score))
    return Position((best - first) / heard.rate, min(float(score[best]), 1.0))


def _loud(samples: Samples, threshold_db: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(samples).max(axis=1, initial=0.0) > from_db(threshold_db))
