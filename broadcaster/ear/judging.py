"""The verdict on one comparison: ours, other, or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from broadcaster.ear.matching import RATE, STEP, compare, stretch_of
from broadcaster.ear.messages import Expect, Matched
from broadcaster.playout.hearing import Match

FOUND = 0.25
"""A recording whose correlation is above this is there."""

OURS = 0.5
OTHER = 0.3
"""Parts of the power heard that our recordings account for: above the one it is ours, below the other it is not."""

LEVEL_SHARE = 0.9
"""The level of what makes up less of the sound than this is not told: what is beside it, or a stretch of it that did
not arrive, would falsify it."""

FAR_S = 2.5
"""Before sound is called another's it is looked for so far from its place: on a loaded PC both can be dated wrongly."""

TORN_S = 0.02
"""Blocks that follow each other with such a gap are not compared."""


def judge(
    kept: Sequence[tuple[NDArray[np.float32], float, float]], expect: Expect, threshold_db: float, *,
    steady: bool = True,
) -> Matched:  # fmt: skip
    """Of successive blocks, their ends and their RMS levels. ``steady``: no gain changes within them."""
    at = kept[-1][1]
    sounding = sum(rms >= threshold_db for _, _, rms in kept)
    if sounding < len(kept) // 2:
        return Matched(at, "unknown")
    heard, start = stretch_of([(block, end) for block, end, _ in kept])
    if _torn(kept):
        return Matched(at, "unknown")
    compared = compare(heard, start, expect.items)
    found = {one.id: round(one.lag_s, 4) for one in compared.findings if one.score >= FOUND}
    best = max(compared.findings, key=lambda one: one.share, default=None)
    level = best.level_db if steady and best is not None and best.share >= LEVEL_SHARE else None
    explained = round(compared.explained, 3)
    # What is half over, or can't be read any more, is sound of ours that nobody can compare.
    whole = not expect.partial and compared.compared == len(expect.items)
    match: Match
    if explained >= OURS:
        match = "ours"
    elif not whole or explained >= OTHER or _is_elsewhere(heard, start, expect):
        match = "unknown"
    else:
        match = "other"
    return Matched(at, match, explained, None if level is None else round(level, 2), found, whole)


def _is_elsewhere(heard: NDArray[np.float32], start: float, expect: Expect) -> bool:
    return compare(heard, start, expect.items, FAR_S, may_drift=False).explained >= OURS


def _torn(kept: Sequence[tuple[NDArray[np.float32], float, float]]) -> bool:
    """Whether the dates of successive blocks don't fit their lengths: some of what was played did not arrive."""
    return any(
        abs(end - before - len(block) / RATE / STEP) > TORN_S for (_, before, _), (block, end, _) in pairwise(kept)
    )
