"""What becomes of a spot that can't start on its planned instant. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from broadcaster.rundown.events import Spot

ON_TIME_S = 1.0
"""A start within this of the planned instant is on time for every rule."""

JOIN_LEFT_S = 2.0
"""Less than this left of a spot is not worth joining."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``play`` from ``offset_s``, ``wait`` for a free place, or ``leave`` out, with the reason."""

    act: Literal["play", "wait", "leave"]
    offset_s: float = 0.0
    reason: str = ""


def judge(spot: Spot, late_s: float, free_s: float | None = None) -> Verdict:
    """The lateness rule's word for a spot that could start now, ``late_s`` after its planned instant.

    ``free_s`` is how long the voice stays free before the next planned spot; None means for long.
    """
    if late_s <= ON_TIME_S:
        return Verdict("play")
    rule = spot.lateness
    late = f"{late_s:.0f}"
    if rule.rule == "join":
        if late_s < spot.duration_s - JOIN_LEFT_S:
            return Verdict("play", late_s, f"晚 {late} 秒,从中间接上 / {late} s late, joined inside")
        return Verdict("leave", reason=f"晚 {late} 秒,已过 / {late} s late, it would be over")
    if rule.rule == "late_by":
        limit = rule.late_by_s or 0.0
        if late_s <= limit:
            return Verdict("play")
        return Verdict("leave", reason=f"晚 {late} 秒,超过 {limit:.0f} 秒 / {late} s late, limit {limit:.0f} s")
    if rule.rule == "make_good":
        if free_s is None or free_s >= spot.duration_s:
            return Verdict("play")
        return Verdict("wait")
    return Verdict("leave", reason=f"晚 {late} 秒,按规则跳过 / {late} s late, skipped by its rule")
