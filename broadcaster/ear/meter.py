"""What is measured of each block."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from broadcaster.ear.messages import Block, to_db
from broadcaster.media.k_weighting import BlockPower

RATE = 48_000
BLOCK = RATE // 10
"""Frames of a block: 100 ms."""

FULL_SCALE = 0.9997
"""The highest 16-bit sample and its neighbours, with some room for a resampler."""


class BlockMeter:
    """Measures one block after another of a stream, both channels as one signal."""

    def __init__(self, threshold_db: float) -> None:
        self._power = BlockPower(BLOCK, 2)
        self.threshold_db = threshold_db
        self._was_silent = True

    def measure(self, block: NDArray[np.float32], end: float) -> Block:
        """``end`` is the instant at which its last sample is over."""
        size = np.abs(block)
        peak = float(size.max())
        rms = to_db(math.sqrt(float(np.mean(np.square(block, dtype=np.float64)))))
        onset = None
        silent = rms < self.threshold_db
        if self._was_silent and not silent:
            loud = np.flatnonzero(size.max(axis=1) > 10 ** (self.threshold_db / 20))
            if len(loud):
                onset = end - (len(block) - int(loud[0])) / RATE
        self._was_silent = silent
        k = self._power.push(block)
        return Block(end, rms, to_db(peak), k, peak >= FULL_SCALE and _cut_off(size), onset)


def _cut_off(size: NDArray[np.float32]) -> bool:
    full = size >= FULL_SCALE
    return bool((full[:-2] & full[1:-1] & full[2:]).any())
