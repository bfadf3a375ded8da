"""BS.1770-4's weighting and gating, without SciPy: also for the ear, which measures block by block and stays small."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from broadcaster.media.loudness_units import lufs_of, power_of

# BS.1770-4, annex 1, tables 1 and 2: the head's effect (high shelf), then the RLB high-pass; for 48 kHz.
SECTIONS = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)

STEPS_PER_BLOCK = 4
"""A gating block is 400 ms, and they overlap by three quarters."""

_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0

_TAPS = 4096
"""85 ms: the slowest of the filter's poles (38 Hz, double) has decayed by 170 dB."""


def gated_lufs(powers: Sequence[float] | NDArray[np.float64]) -> float:
    """Integrated loudness of the K-weighted powers of successive 100 ms; -inf when nothing passes the gate.

    What is shorter than one block of 400 ms counts as followed by silence.
    """
    steps = np.asarray(powers, dtype=np.float64)
    if len(steps) < STEPS_PER_BLOCK:
        steps = np.pad(steps, (0, STEPS_PER_BLOCK))[:STEPS_PER_BLOCK]
    blocks = np.convolve(steps, np.full(STEPS_PER_BLOCK, 1.0 / STEPS_PER_BLOCK), mode="valid")
    loud = blocks[blocks > power_of(_ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return -inf
    gate = loud.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
    return lufs_of(float(loud[loud > gate].mean()))


class BlockPower:
    """K-weighted power of one block after another, all of ``frames`` at 48 kHz; by overlap-save."""

    def __init__(self, frames: int, channels: int) -> None:
        self._frames = frames
        self._tail = np.zeros((_TAPS - 1, channels), np.float32)
        self._size = _fast_size(frames + _TAPS - 1)
        self._response = np.fft.rfft(_impulse_response(_TAPS), self._size).astype(np.complex64)[:, np.newaxis]

    def push(self, block: NDArray[np.float32]) -> float:
        """The power of this block, summed over its channels. ``ValueError`` for a block of another shape."""
        if block.shape != (self._frames, self._tail.shape[1]):
            raise ValueError(f"a block of {block.shape} instead of {(self._frames, self._tail.shape[1])}")
        window = np.concatenate((self._tail, block))
        self._tail = window[self._frames :]
        weighted = np.fft.irfft(np.fft.rfft(window, self._size, axis=0) * self._response, self._size, axis=0)
        heard = weighted[_TAPS - 1 : _TAPS - 1 + self._frames]
        return float(np.square(heard, dtype=np.float64).mean(axis=0).sum())


def _impulse_response(taps: int) -> NDArray[np.float64]:
    signal = [1.0, *[0.0] * (taps - 1)]
    for b0, b1, b2, _, a1, a2 in SECTIONS.tolist():
        # Transposed direct form II.
        first = second = 0.0
        for place, value in enumerate(signal):
            out = b0 * value + first
            first = b1 * value - a1 * out + second
            second = b2 * value - a2 * out
            signal[place] = out
    return np.array(signal)


def _fast_size(least: int) -> int:
    """The next length with no prime factor above 5, at which the transform is quick."""
    size = least
    while True:
        rest = size
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return size
        size += 1
