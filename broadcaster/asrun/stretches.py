"""Sets of stretches of time, as sorted pairs of instants that do not touch: how long something sounded in all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

Stretch = tuple[dt.datetime, dt.datetime]


def union(stretches: Iterable[Stretch], joint: dt.timedelta = dt.timedelta(0)) -> list[Stretch]:
    """All that lies in one of them; gaps no longer than ``joint`` are closed. Empty and backward ones count nothing."""
    found: list[Stretch] = []
    for start, end in sorted(one for one in stretches if one[0] < one[1]):
        if found and start <= found[-1][1] + joint:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(these: Sequence[Stretch], those: Sequence[Stretch]) -> list[Stretch]:
    """What lies in ``these`` and not in ``those``; both as :func:`union` makes them."""
    found: list[Stretch] = []
    for start, end in these:
        for other, over in those:
            if over <= start or other >= end:
                continue
            if start < other:
                found.append((start, other))
            start = over
            if start >= end:
                break
        if start < end:
            found.append((start, end))
    return found


def both(these: Sequence[Stretch], those: Sequence[Stretch]) -> list[Stretch]:
    """What lies in both; both as :func:`union` makes them."""
    return without(these, without(these, those))


def seconds(stretches: Iterable[Stretch]) -> float:
    """How long they are together, in seconds."""
    return sum((end - start).total_seconds() for start, end in stretches)
