"""The verdict on one comparison: ours, other, or unknown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from broadcaster.ear.matching import compare, stretch_of
from broadcaster.ear.messages import Expect, Matched
from broadcaster.playout.hearing import Match

FOUND = 0.25
"""A recording whose correlation is above this is there."""

OURS = 0.5
OTHER = 0.3
"""Parts of the power heard that our recordings account for: above the one it is ours, below the other it is not."""

LEVEL_SHARE = 0.5
"""The level of what makes up less of the sound than this is not told: what is beside it would falsify it."""


def judge(kept: Sequence[tuple[NDArray[np.float32], float, float]], expect: Expect, threshold_db: float) -> Matched:
    """Of successive blocks, their ends and their RMS levels."""
    at = kept[-1][1]
    sounding = sum(rms >= threshold_db for _, _, rms in kept)
    if sounding < len(kept) // 2:
        return Matched(at, "unknown")
    heard, start = stretch_of([(block, end) for block, end, _ in kept])
    compared = compare(heard, start, expect.items)
    found = {one.id: round(one.lag_s, 4) for one in compared.findings if one.score >= FOUND}
    best = max(compared.findings, key=lambda one: one.share, default=None)
    level = best.level_db if best is not None and best.share >= LEVEL_SHARE else None
    explained = round(compared.explained, 3)
    match: Match
    if explained >= OURS:
        match = "ours"
    elif expect.partial or (expect.items and not compared.compared) or explained >= OTHER:
        match = "unknown"
    else:
        match = "other"
    return Matched(at, match, explained, None if level is None else round(level, 2), found)
