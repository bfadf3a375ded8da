"""Changes the sample rate of a stream block by block, so that a two-hour mix needs no more memory than a song."""

from __future__ import annotations

from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly

Samples = NDArray[np.float32]
"""Shape (frames, channels)."""

_HALF_TAPS = 24
"""Zero crossings on each side of the filter."""
_BETA = 9.0
"""Kaiser window: about 90 dB of stop band; with 24 crossings 44.1 kHz material is flat to 19 kHz."""
_BLOCK = 65_536


class Resampler:
    """Polyphase resampling by ``up / down``; the blocks' joints are exact, as each is filtered with its neighbours."""

    def __init__(self, from_hz: int, to_hz: int, half_taps: int = _HALF_TAPS, beta: float = _BETA) -> None:
        shared = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // shared, from_hz // shared
        self._same = self._up == self._down
        widest = max(self._up, self._down)
        taps = np.zeros(1) if self._same else firwin(2 * half_taps * widest + 1, 1.0 / widest, window=("kaiser", beta))
        self._taps = taps.astype(np.float32)
        # Blocks and context are whole multiples of ``down``, so that every block begins on an output sample.
        self._context = ceil(ceil(half_taps * widest / self._up) / self._down) * self._down
        self._step = max(1, _BLOCK // self._down) * self._down
        self._held: list[Samples] = []
        self._count = 0
        self._taken = 0
        self._given = 0

    def push(self, block: Samples) -> list[Samples]:
        """Take in a block; the blocks that are ready by it."""
        if self._same:
            return [block]
        if not self._held:
            self._hold(np.zeros((self._context, block.shape[1]), np.float32))
        self._taken += len(block)
        self._hold(block)
        done = self._ready()
        self._given += sum(map(len, done))
        return done

    def flush(self) -> list[Samples]:
        """The rest; in all, exactly ``ceil(frames * up / down)`` frames have then come out."""
        if not self._held:
            return []
        total = -(-self._taken * self._up // self._down)
        self._hold(np.zeros((2 * self._step + self._context, self._held[0].shape[1]), np.float32))
        rest: list[Samples] = []
        for block in self._ready():
            if wanted := total - self._given:
                rest.append(block[:wanted])
                self._given += len(rest[-1])
        return rest

    def _hold(self, block: Samples) -> None:
        self._held.append(block)
        self._count += len(block)

    def _ready(self) -> list[Samples]:
        if self._count < self._step + 2 * self._context:
            return []
        buffer = np.concatenate(self._held)
        done: list[Samples] = []
        first, lead = 0, self._context * self._up // self._down
        while first + self._step + 2 * self._context <= len(buffer):
            window = buffer[first : first + self._step + 2 * self._context]
            out = resample_poly(window, self._up, self._down, axis=0, window=self._taps)
            done.append(out[lead : lead + self._step * self._up // self._down].astype(np.float32, copy=False))
            first += self._step
        self._held, self._count = [buffer[first:]], len(buffer) - first
        return done
