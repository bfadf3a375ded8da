"""Where one signal lies in another: at a fixed lag, or along a course that drifts.

A recording is read by the PC's clock and played by the sound card's. What is heard of it is therefore a little faster
or slower than the file, by some ten parts in a million on good hardware, and by up to some parts in a hundred while a
player makes up for a delay by resampling. At 8 kHz two seconds that are off by 100 parts in a million no longer
correlate above 2 kHz; so where a fixed lag explains little, a course is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]
Floats = NDArray[np.floating]

MOST_RATE = 0.01
RATE_STEP = 125e-6
"""Drifts that are tried, in parts of one: finer ones follow from the pieces' own lags."""

PIECES = 16
"""Parts of what is heard that are each laid at a lag of its own. Of two seconds an eighth each: short enough that a
drift matters little within one, long enough to be found."""

NEAR = 4
"""So many samples about the course a piece's own lag is looked for."""

_SINC = 24
_PARTS = np.arange(-15, 16) / 30
_PHASES = 128


@dataclass(frozen=True, slots=True)
class Course:
    """How ``heard`` lies in ``known``."""

    score: float
    """Correlation coefficient along it, -1..1."""
    lag: float
    """Place in ``known``, in samples, of the first sample of ``heard`` had it not drifted about its middle."""
    rate: float
    """How much faster than ``known`` it goes, in parts of one."""


def fixed(heard: Signal, known: Signal) -> Course:
    """The best fixed lag, in samples and parts of them. ``known`` is the longer one."""
    scores = _scores(heard, known)
    best = int(np.argmax(scores))
    place = best + _between(scores, best)
    return Course(min(float(scores[best]), 1.0), min(max(place, 0.0), float(len(scores) - 1)), 0.0)


def drifting(heard: Signal, known: Signal) -> Course:
    """The best course with a constant drift: the line along which the pieces' correlations add up to most."""
    length = len(heard) // PIECES
    lags = len(known) - len(heard) + 1
    scores = np.empty((PIECES, lags))
    weights = np.empty(PIECES)
    for index in range(PIECES):
        at = index * length
        piece = heard[at : at + length]
        scores[index] = _scores(piece, known[at : at + length + lags - 1])
        weights[index] = np.square(piece).sum()
    weights = np.sqrt(weights / max(float(weights.sum()), 1e-12))
    middles = (np.arange(PIECES) + 0.5) * length - len(heard) / 2
    sums, rate = _best_line(scores * weights[:, np.newaxis], middles)
    best = _along(heard, known, float(np.argmax(sums)), rate)
    # Least squares may follow pieces of a tone that fit a period off: what fits the whole better counts.
    for near in (NEAR, 1):
        line = _line(scores, weights, middles, best, near)
        if line is not None:
            best = max(best, _along(heard, known, *line), key=lambda course: course.score)
    return best


def _along(heard: Signal, known: Signal, lag: float, rate: float) -> Course:
    lag = min(max(lag, 0.0), float(len(known) - len(heard)))
    course = Course(0.0, lag, rate)
    along = follow(known, course, len(heard))
    energy = float(np.square(along).sum()) * float(np.square(heard).sum())
    return Course(float(heard @ along) / max(energy, 1e-24) ** 0.5, lag, rate)


def follow(known: Signal, course: Course, length: int) -> Signal:
    """``length`` samples of ``known`` along a course."""
    if not course.rate:
        return _shifted(known, course.lag, length)
    steps = np.arange(length)
    places = steps + course.lag + course.rate * (steps - length / 2)
    padded = np.concatenate((np.zeros(2 * _SINC), known, np.zeros(2 * _SINC)))
    whole = np.floor(places).astype(int)
    phases = np.round((places - whole) * _PHASES).astype(int)
    whole = np.clip(whole + 2 * _SINC, _SINC, len(padded) - _SINC - 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SINC)
    return np.asarray(np.einsum("ij,ij->i", windows[whole - _SINC + 1], _kernels()[phases]))


def _kernels() -> NDArray[np.float64]:
    """Windowed sincs, one for each part of a sample."""
    taps = np.arange(-_SINC + 1, _SINC + 1)
    away = taps - np.arange(_PHASES + 1)[:, np.newaxis] / _PHASES
    return np.asarray(np.sinc(away) * np.cos(np.pi * away / (2 * _SINC + 2)) ** 2)


def _best_line(scores: Signal, middles: Floats) -> tuple[Signal, float]:
    """Of each lag in the middle what the pieces add up to, at the drift at which one adds up to most."""
    best, best_rate, most = scores.sum(axis=0), 0.0, float("-inf")
    shifts_before: list[int] = []
    for rate in np.arange(-MOST_RATE, MOST_RATE + RATE_STEP / 2, RATE_STEP):
        shifts = np.round(rate * middles).astype(int).tolist()
        if shifts == shifts_before:
            continue
        shifts_before = shifts
        sums = np.zeros(scores.shape[1])
        for row, shift in zip(scores, shifts, strict=True):
            # A line that leaves what is known there has nothing of that piece.
            if shift >= 0:
                sums[: len(row) - shift] += row[shift:]
            else:
                sums[-shift:] += row[:shift]
        if float(sums.max()) > most:
            best, best_rate, most = sums, float(rate), float(sums.max())
    return best, best_rate


def _line(scores: Signal, weights: Signal, middles: Floats, course: Course, near: int) -> tuple[float, float] | None:
    """Lag and rate of the line through the pieces' own lags within ``near`` samples of a course, by least squares;
    None where too few of them are known there."""
    places, trust = [], []
    for row, weight, middle in zip(scores, weights, middles, strict=True):
        at = round(course.lag + course.rate * float(middle))
        first, last = max(0, at - near), min(len(row), at + near + 1)
        if first >= last:
            continue
        best = first + int(np.argmax(row[first:last]))
        places.append((float(middle), best + _between(row, best)))
        trust.append(float(weight) * max(float(row[best]), 0.0))
    x, y, w = np.array([one for one, _ in places]), np.array([one for _, one in places]), np.array(trust)
    if len(places) < 3 or float(w.sum()) <= 0:
        return None
    w = w / w.sum()
    mean_x, mean_y = float(w @ x), float(w @ y)
    spread = float(w @ np.square(x - mean_x))
    if spread <= 0:
        return None
    slope = float(w @ ((x - mean_x) * (y - mean_y))) / spread
    return mean_y - slope * mean_x, slope


def _scores(heard: Signal, known: Signal) -> Signal:
    """The correlation coefficient at each whole lag."""
    lags = len(known) - len(heard) + 1
    size = len(known) + len(heard)
    size += size % 2
    product = np.fft.irfft(np.fft.rfft(known, size) * np.conj(np.fft.rfft(heard, size)), size)[:lags]
    energy = np.concatenate(([0.0], np.cumsum(np.square(known))))
    under = energy[len(heard) :][:lags] - energy[:lags]
    floor = max(float(under.max()) * 1e-2, 1e-12)
    return np.asarray(product / np.sqrt(np.maximum(under, floor) * max(float(np.square(heard).sum()), 1e-12)))


def _between(values: Signal, best: int) -> float:
    """Where between its neighbours the peak lies: the values are a band-limited signal, so by its interpolation."""
    first, last = max(0, best - _SINC), min(len(values), best + _SINC + 1)
    places = np.arange(first, last)
    weights = np.sinc(best + _PARTS[:, np.newaxis] - places) * np.hanning(2 * _SINC + 3)[places - best + _SINC + 1]
    return float(_PARTS[int(np.argmax(weights @ values[first:last]))])


def _shifted(known: Signal, lag: float, length: int) -> Signal:
    """``length`` samples of ``known`` from ``lag`` on, which may lie between two samples."""
    whole = int(np.floor(lag))
    part = lag - whole
    spectrum = np.fft.rfft(known) * np.exp(2j * np.pi * np.fft.rfftfreq(len(known)) * part)
    return np.fft.irfft(spectrum, len(known))[whole : whole + length]
