"""Music that is a clock: tones that sweep, so that any tenth of a second tells which second of the lap it is.

Two tracks, one rising and one falling, take turns without end. A spot is a steady tone above them. What was recorded
is judged in blocks of 0.1 s against what should have sounded then; a block counts as

* ``right``: the tone of this second of this track (within ``TOLERANCE_HZ``; inside a cross-fade that of either),
* ``other``: something sounds, and it is not that,
* ``missing``: nothing sounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tests.lab import signals
from tests.lab.analysis import from_db, to_db
from tests.lab.sink import RATE
from tests.lab.take import Take

TRACK_S = 31.0
CROSSFADE_S = 1.0
STEP_S = TRACK_S - CROSSFADE_S
"""From one track's start to the next one's."""
LAP_S = 2 * STEP_S
LOW_HZ, HIGH_HZ = 700.0, 9380.0
RISE = (HIGH_HZ - LOW_HZ) / TRACK_S
TOLERANCE_HZ = 500.0
"""1.8 s of a track. The player bends its rate by up to some percent to be in time again, which bends the tone too."""
SPOT_HZ = 12_500.0
BED_BELOW_HZ = 11_000.0
BLOCK_S = 0.1
SILENT_DB = -58.0
"""Level of a tone below which it counts as not heard; the ducked bed has about -45."""

Judgement = Literal["right", "other", "missing"]


def write_tracks(folder: Path) -> None:
    """The two tracks, by names that keep their order."""
    seconds = np.arange(round(TRACK_S * RATE)) / RATE
    rising = from_db(-12) * np.sin(2 * np.pi * (LOW_HZ * seconds + RISE * seconds**2 / 2))
    falling = from_db(-12) * np.sin(2 * np.pi * (HIGH_HZ * seconds - RISE * seconds**2 / 2))
    signals.write_wav(folder / "1 rising.wav", _edges(rising))
    signals.write_wav(folder / "2 falling.wav", _edges(falling))


def due_hz(day_s: float) -> tuple[float, ...]:
    """The frequencies that may sound so many seconds into the station's day, whose bed began at midnight."""
    place = day_s % LAP_S
    found = [_hz(0 if place < STEP_S else 1, place % STEP_S)]
    if place % STEP_S < CROSSFADE_S and day_s >= STEP_S:
        found.append(_hz(1 if place < STEP_S else 0, STEP_S + place % STEP_S))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Block:
    """A tenth of a second of what was heard. ``at`` is its start, monotonic."""

    at: float
    judgement: Judgement
    hz: float
    level_db: float
    spot: bool
    """Whether a spot's tone is in it."""


def judge(take: Take, day_s: Callable[[float], float]) -> list[Block]:
    """Every whole block of a take. ``day_s`` tells the station's seconds since midnight of a monotonic instant."""
    size = round(BLOCK_S * take.rate)
    window = np.hanning(size)
    hz = np.fft.rfftfreq(2 * size, 1 / take.rate)
    bed, call = (hz > 200) & (hz < BED_BELOW_HZ), (hz > SPOT_HZ - 600) & (hz < SPOT_HZ + 600)
    found = []
    for first in range(0, len(take.samples) - size + 1, size):
        spectrum = np.abs(np.fft.rfft(take.samples[first : first + size].mean(axis=1) * window, 2 * size))
        spectrum *= 2 / window.sum()
        best = int(np.argmax(np.where(bed, spectrum, 0.0)))
        level = to_db(float(spectrum[best]))
        at = take.at(first)
        spot = to_db(float(spectrum[call].max())) > SILENT_DB
        due = due_hz(day_s(at + BLOCK_S / 2))
        judgement: Judgement
        if level < SILENT_DB:
            judgement = "missing"
        elif min(abs(float(hz[best]) - one) for one in due) < TOLERANCE_HZ:
            judgement = "right"
        else:
            judgement = "other"
        found.append(Block(at, judgement, float(hz[best]), level, spot))
    return found


def seconds(blocks: Sequence[Block], judgement: Judgement) -> float:
    """How long a judgement held, in all."""
    return BLOCK_S * sum(block.judgement == judgement for block in blocks)


def settled(blocks: Sequence[Block], since: float, for_s: float, *, right: bool = True) -> float | None:
    """From when on all is right (or, if not ``right``, merely sounds) without a break until the end.

    None unless that has been so for ``for_s`` seconds by then.
    """
    last = since
    for block in blocks:
        if block.at >= since - BLOCK_S and (block.judgement == "missing" or (right and block.judgement == "other")):
            last = block.at + BLOCK_S
    end = blocks[-1].at + BLOCK_S if blocks else since
    return last if end - last >= for_s else None


def sound_back(blocks: Sequence[Block], since: float, for_s: float) -> float | None:
    """When it sounded again, whatever it was, for so long without a break, after the first silence from ``since`` on.

    ``since`` itself if nothing was silent then.
    """
    silent, begun = False, since
    for block in blocks:
        if block.at < since:
            continue
        if block.judgement == "missing":
            silent, begun = True, block.at + BLOCK_S
        elif silent and block.at + BLOCK_S - begun >= for_s:
            return begun
    return begun if not silent else None


def _hz(track: int, position_s: float) -> float:
    return LOW_HZ + RISE * position_s if track == 0 else HIGH_HZ - RISE * position_s


def _edges(signal: signals.Signal) -> signals.Signal:
    count = round(signals.EDGE_S * RATE)
    ramp = np.linspace(0, 1, count)
    signal[:count] *= ramp
    signal[-count:] *= ramp[::-1]
    return signal
