"""Loudness and K-weighted power (BS.1770-4), one as the other. Standard library only."""

from __future__ import annotations

from math import inf, log10


def power_of(lufs: float) -> float:
    """K-weighted power, summed over the channels, of a loudness."""
    return float(10 ** ((lufs + 0.691) / 10))


def lufs_of(power: float) -> float:
    """Loudness of a K-weighted power; -inf for none."""
    return -0.691 + 10 * log10(power) if power > 0 else -inf
