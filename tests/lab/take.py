"""A piece of recording in which every sample has a date."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Take:
    """What was heard, and when. Instants are seconds of ``broadcaster.clock.monotonic``; full scale is 1.0."""

    samples: Samples
    """Shape (n, 2), read-only."""
    rate: int
    knot_index: NDArray[np.float64]
    """Samples whose instants are known, rising, at least one; they may lie outside of this take."""
    knot_mono: NDArray[np.float64]

    @property
    def start(self) -> float:
        """Instant of the first sample."""
        return self.at(0)

    @property
    def end(self) -> float:
        """Instant at which the last sample is over."""
        return self.at(len(self.samples))

    @property
    def duration(self) -> float:
        """Seconds, by the number of samples."""
        return len(self.samples) / self.rate

    def at(self, index: float) -> float:
        """Instant at which the sample with this index was played; the index may lie outside of the take."""
        inside = min(max(index, float(self.knot_index[0])), float(self.knot_index[-1]))
        return float(np.interp(inside, self.knot_index, self.knot_mono)) + (index - inside) / self.rate

    def index(self, mono: float) -> int:
        """Index of the sample played at this instant, kept within 0..n."""
        inside = min(max(mono, float(self.knot_mono[0])), float(self.knot_mono[-1]))
        exact = float(np.interp(inside, self.knot_mono, self.knot_index)) + (mono - inside) * self.rate
        return min(max(round(exact), 0), len(self.samples))

    def slice(self, mono0: float, mono1: float) -> Take:
        """The part between two instants, as far as it was recorded; its samples keep their dates."""
        return self.cut(self.index(mono0), self.index(mono1))

    def cut(self, first: int, last: int) -> Take:
        """The part from one sample index (inside) to another (outside)."""
        return Take(self.samples[first:last], self.rate, self.knot_index - first, self.knot_mono)
