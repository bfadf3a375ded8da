"""A day at levels that the desk trimmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from broadcaster.plan.plan import Plan
from broadcaster.rundown.events import Rundown, Segment, Spot


def trimmed(plan: Plan, rundown: Rundown, trims: Mapping[str, float]) -> Rundown:
    """The rundown with other numbers of the dial for some levels, and their gains."""
    if not trims:
        return rundown

    def segment(one: Segment) -> Segment:
        if one.level is None or one.level not in trims:
            return one
        return replace(one, dial=trims[one.level], gain_db=plan.gain_db(trims[one.level]))

    def spot(one: Spot) -> Spot:
        if one.level not in trims:
            return one
        return one._replace(dial=trims[one.level], gain_db=plan.gain_db(trims[one.level]))

    return replace(rundown, segments=tuple(map(segment, rundown.segments)), spots=tuple(map(spot, rundown.spots)))
