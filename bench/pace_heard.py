"""What the recording of a show tells: when each item began, and how long the bed was silent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.peers.recordings import ITEM_HZ, ITEM_S
from tests.lab.analysis import from_db, onset, silences
from tests.lab.take import Take

BAND_HZ = 600.0
"""Width (one standard deviation) of the filter that finds the item: it blurs an onset by less than a millisecond."""
SOUNDS_DB = -45.0
FIRST_DB = -75.0
"""An item sounds from the first sample above this, if it is above ``SOUNDS_DB`` soon after: fades in count as heard."""
BED_BELOW_HZ = 9_000.0
SILENT_DB = -70.0
WINDOW_S = 0.001


def starts(take: Take, due: Sequence[float]) -> list[float | None]:
    """For each due instant (monotonic) how late the item began, in seconds; None if it was not heard in time.

    Looked for from 0.3 s before it until 1.4 s after it.
    """
    return [_start(take, at) for at in due]


def _start(take: Take, due: float) -> float | None:
    part = take.slice(due - 0.5, due + 1.4)
    level = _item_level(part)
    loud = level > from_db(SOUNDS_DB)
    # Whatever sounds at once is the end of the item before this one.
    begin = part.index(due - 0.3)
    if begin < len(loud) and loud[begin]:
        quiet = np.flatnonzero(~loud[begin:])
        if not len(quiet):
            return None
        begin += int(quiet[0]) + round(0.02 * take.rate)
    found = np.flatnonzero(loud[begin:])
    if not len(found):
        return None
    first = begin + int(found[0])
    if np.count_nonzero(loud[first : first + round(ITEM_S / 2 * take.rate)]) < ITEM_S / 3 * take.rate:
        return None
    below = np.flatnonzero(level[:first] < from_db(FIRST_DB))
    return part.at(int(below[-1]) + 1 if len(below) else 0) - due


def _item_level(take: Take) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Amplitude around the item's frequency, sample by sample (the analytic signal behind a Gaussian filter)."""
    mono = take.samples.mean(axis=1, dtype=np.float64)
    size = 1 << max(len(mono) - 1, 1).bit_length()
    hz = np.fft.fftfreq(size, 1 / take.rate)
    response = 2 * np.exp(-(((hz - ITEM_HZ) / BAND_HZ) ** 2) / 2) * (hz > 0)
    return np.abs(np.fft.ifft(np.fft.fft(mono, size) * response))[: len(mono)]


def bed_silences(take: Take, at_least_s: float = 0.003) -> list[float]:
    """Seconds of each silence of the bed, the longest first; the item is filtered out. Good to a millisecond."""
    found, pieces = [], range(0, len(take.samples), 60 * take.rate)
    quiet = np.concatenate([_quiet(take.cut(first, first + 60 * take.rate)) for first in pieces])
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8))).reshape(-1, 2)
    for first, last in edges:
        if (last - first) * WINDOW_S >= at_least_s:
            found.append(float(last - first) * WINDOW_S)
    return sorted(found, reverse=True)


def _quiet(take: Take) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mono = take.samples.mean(axis=1, dtype=np.float64)
    spectrum = np.fft.rfft(mono)
    hz = np.fft.rfftfreq(len(mono), 1 / take.rate)
    low = np.fft.irfft(spectrum / (1 + np.exp(np.clip((hz - BED_BELOW_HZ) / 100, -50, 50))), len(mono))
    size = round(WINDOW_S * take.rate)
    count = len(low) // size
    return np.asarray(np.square(low[: count * size]).reshape(count, size).mean(axis=1) < from_db(SILENT_DB) ** 2)


def first_sound(take: Take, since: float) -> float | None:
    """Seconds from an instant to the first sample that can be heard."""
    heard = onset(take, since)
    return None if heard is None else heard - since


def gap_after(take: Take, killed: float) -> float | None:
    """Seconds of silence that followed a kill, wherever it lies; None if there was none, or it has no end yet.

    What was in the sound server's buffer plays on for a moment.
    """
    after = take.slice(killed, take.end)
    quiet = silences(after, 0.02)
    if not quiet:
        return 0.0
    if quiet[-1][1] > after.end - 0.2:
        return None
    return max(last - first for first, last in quiet)
