"""Loudness and true peak by ITU-R BS.1770-4, block by block."""

from __future__ import annotations

from math import inf, log10

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

from broadcaster.media.k_weighting import SECTIONS, STEPS_PER_BLOCK, gated_lufs
from broadcaster.media.recording import RATE_HZ
from broadcaster.media.resample import Resampler, Samples

_STEP = RATE_HZ // 10

UNDER_READ_DB = 0.17
"""How much lower than it is a peak can be read at four times 48 kHz: -20 log10 cos(pi * 12 / 192), for 12 kHz.

What is brought to a ceiling stays this far below it.
"""


class LoudnessMeter:
    """Integrated loudness of what was pushed, mono or stereo at 48 kHz."""

    def __init__(self, channels: int) -> None:
        self._state = np.zeros((len(SECTIONS), 2, channels))
        self._rest = np.zeros((0, channels))
        self._powers: list[NDArray[np.float64]] = []

    def push(self, block: Samples) -> None:
        weighted, self._state = sosfilt(SECTIONS, block.astype(np.float64), axis=0, zi=self._state)
        pending = np.concatenate([self._rest, weighted])
        whole = len(pending) // _STEP
        steps = pending[: whole * _STEP].reshape(whole, _STEP, pending.shape[1])
        self._powers.append(np.square(steps).mean(axis=1).sum(axis=1))
        self._rest = pending[whole * _STEP :]

    def integrated_lufs(self) -> float:
        """-inf when nothing passes the gate. What is shorter than one block counts as followed by silence."""
        powers = np.concatenate([*self._powers, np.zeros(0)])
        if len(powers) < STEPS_PER_BLOCK:
            powers = np.append(powers, np.square(self._rest).sum() / _STEP)
        return gated_lufs(powers)


class PeakMeter:
    """True peak of what was pushed, at 48 kHz: the highest of the samples and of a fourfold oversampling (annex 2)."""

    def __init__(self) -> None:
        self._oversampler = Resampler(RATE_HZ, 4 * RATE_HZ, half_taps=6, beta=5.0)
        self._peak = 0.0

    def push(self, block: Samples) -> None:
        self._take([block, *self._oversampler.push(block)])

    def dbtp(self) -> float:
        """-inf for silence. Ends the measurement."""
        self._take(self._oversampler.flush())
        return 20 * log10(self._peak) if self._peak > 0 else -inf

    def _take(self, blocks: list[Samples]) -> None:
        for block in blocks:
            if len(block):
                self._peak = max(self._peak, float(np.abs(block).max()))


def true_peak_db(samples: Samples) -> float:
    """True peak (dBTP) of samples at 48 kHz; -inf for silence."""
    peak = PeakMeter()
    peak.push(samples)
    return peak.dbtp()
