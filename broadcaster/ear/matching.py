"""Is what is heard what we play? Each expected recording is looked for in the last seconds of what was heard.

At 8 kHz, by normalised cross-correlation after a first difference, which makes music and speech about as strong at all
frequencies. Recordings are found one after another, the strongest first, each taken out of what is heard before the
next is looked for: so a bed far below a voice is found too.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadcaster.ear.alignment import Course, Signal, drifting, fixed, follow
from broadcaster.ear.messages import Expected

RATE = 8_000
STEP = 6
"""Of 48 kHz."""

LAG_S = 0.3
"""How far from where it should be a recording is looked for."""

LEAST = 1e-5
"""What is left of the power heard when all but this part is explained is noise of the computation."""

SHORTEST_S = 0.4
"""Less of a recording than this is not compared."""

CLEAR = 0.9
"""Where fixed lags explain less of the power heard than this, courses that drift are tried: dearer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One expected recording in what was heard."""

    id: str
    score: float
    """Correlation coefficient, 0..1."""
    lag_s: float
    """How much later than expected it sounds."""
    level_db: float
    """How much louder than expected."""
    share: float
    """Its part of the power heard, 0..1."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was heard against what should have been."""

    findings: tuple[Finding, ...]
    explained: float
    """The part of the power heard that the recordings account for, 0..1."""
    compared: int
    """How many recordings could be compared."""


def narrow(samples: NDArray[np.float32]) -> Signal:
    """Both channels of 48 kHz as one at 8 kHz, cut off above 3.6 kHz. The length is a multiple of :data:`STEP`."""
    mono = samples.mean(axis=1, dtype=np.float64)
    spectrum = np.fft.rfft(mono)
    count = len(mono) // STEP
    kept = spectrum[: count // 2 + 1] / STEP
    kept[round(0.45 * count) :] = 0
    return np.fft.irfft(kept, count)


def compare(
    heard: NDArray[np.float32], start: float, expected: Iterable[Expected], around_s: float = LAG_S, *,
    may_drift: bool = True,
) -> Comparison:  # fmt: skip
    """Look for the recordings, each ``around_s`` about its place, in samples at 48 kHz of which the first was played
    at ``start``. ``may_drift``: where fixed lags explain little, courses that drift are tried."""
    rest = _sharpened(narrow(heard[: len(heard) // STEP * STEP]))
    if float(np.square(rest).sum()) <= 0:
        return Comparison((), 0.0, 0)
    references = _references(expected, start, len(rest), around_s)
    compared = _explain(rest, references, around_s, fixed)
    if may_drift and references and compared.explained < CLEAR:
        drifted = _explain(rest, references, around_s, drifting)
        if drifted.explained > compared.explained:
            return drifted
    return compared


def _references(
    expected: Iterable[Expected], start: float, length: int, around_s: float
) -> list[tuple[Expected, Signal]]:
    found = ((one, _reference(one, start, length, around_s)) for one in expected)
    return [(one, known) for one, known in found if known is not None]


def _explain(
    rest: Signal,
    references: Sequence[tuple[Expected, Signal]],
    around_s: float,
    lay: Callable[[Signal, Signal], Course],
) -> Comparison:
    """Each recording in turn taken out of what is heard, the strongest first."""
    whole = float(np.square(rest).sum())
    findings: list[Finding] = []
    compared = len(references)
    while references and float(np.square(rest).sum()) > LEAST * whole:
        scored = [(one, known, lay(rest, known)) for one, known in references]
        one, known, course = max(scored, key=lambda item: item[2].score)
        aligned = follow(known, course, len(rest))
        gain = float(rest @ aligned) / max(float(np.square(aligned).sum()), 1e-12)
        taken = rest - gain * aligned
        share = max(0.0, 1.0 - float(np.square(taken).sum()) / float(np.square(rest).sum())) if gain > 0 else 0.0
        part = share * float(np.square(rest).sum()) / whole
        level = 20 * float(np.log10(max(gain, 1e-6))) - one.gain_db
        findings.append(Finding(one.id, course.score, around_s - course.lag / RATE, level, part))
        if gain > 0:
            rest = taken
        references = [(other, of) for other, of in references if other is not one]
    left = float(np.square(rest).sum()) / whole
    return Comparison(tuple(findings), max(0.0, 1.0 - left), compared)


def _reference(one: Expected, start: float, length: int, around_s: float) -> Signal | None:
    """The expected stretch with ``around_s`` more at both ends; None if too little of it could be heard."""
    frames = (length + round(2 * around_s * RATE)) * STEP
    begin = round((start - around_s - one.start) * RATE * STEP)
    samples = read_stretch(one.path, begin, frames)
    if samples is None:
        return None
    first, last = 0, frames
    if one.since > one.start:
        first = max(0, round((one.since - start + around_s) * RATE * STEP))
        samples[:first] = 0
    if one.until is not None:
        last = max(0, round((one.until - start + around_s) * RATE * STEP))
        samples[last:] = 0
    if min(last, frames) - max(first, -begin) < (SHORTEST_S + around_s) * RATE * STEP:
        return None
    known = _sharpened(narrow(samples))
    return known if float(np.square(known).sum()) > 0 else None


def read_stretch(path: str, first: int, frames: int) -> NDArray[np.float32] | None:
    """Frames of a 48 kHz 16-bit recording, in stereo, with silence where it has none; None if it can't be read."""
    try:
        with wave.open(path, "rb") as file:
            if file.getsampwidth() != 2 or file.getframerate() != RATE * STEP:
                return None
            channels = file.getnchannels()
            begin, end = max(0, first), min(first + frames, file.getnframes())
            raw = b""
            if begin < end:
                file.setpos(begin)
                raw = file.readframes(end - begin)
    except (OSError, EOFError, wave.Error):
        return None
    samples = np.frombuffer(raw, "<i2").reshape(-1, channels).astype(np.float32) / 32768
    stretch = np.zeros((frames, 2), np.float32)
    place = begin - first
    stretch[place : place + len(samples)] = samples if channels == 2 else samples.mean(axis=1, keepdims=True)
    return stretch


def _sharpened(signal: Signal) -> Signal:
    return np.diff(signal, prepend=0.0)


def stretch_of(blocks: Sequence[tuple[NDArray[np.float32], float]]) -> tuple[NDArray[np.float32], float]:
    """Successive blocks as one, and the instant of its first sample by the median of their dates."""
    samples = np.concatenate([block for block, _ in blocks])
    ends = np.cumsum([len(block) for block, _ in blocks]) / (RATE * STEP)
    starts = np.array([end for _, end in blocks]) - ends
    return samples, float(np.median(starts))
