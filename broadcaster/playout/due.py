"""Which spots may still air: what is planned around now, less what is over, by the log and by memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.log import LeftOut
from broadcaster.plan.models import PRIORITIES
from broadcaster.playout.air import Air, SpotOfDay
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.playout.journal import Journal
from broadcaster.playout.timebase import Timebase
from broadcaster.rundown.events import Spot

AHEAD_S = 5.0
"""A spot is taken on and prepared this long before it starts."""

WITHDRAWN = "通知已撤回、到期或改动 / the notice was withdrawn, changed, or is over"

GAVE_WAY = "让位于紧急通知 / gave way to an urgent notice"

PLAN_CHANGED = "轮到之前计划已改 / the plan changed before it could air"


class DueSpots:
    """Owned by the conductor's thread, as the voice player's memory."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._over: set[str] = set()
        """On air, or aired, or left out."""
        self._carried: set[str] = set()
        """Still due, though planned before the present plan took hold."""
        self._unheard: set[str] = set()
        """Commanded and taken back before they sounded."""
        self._known: dict[date, dict[str, Entry]] = {}
        self._left_out: list[LeftOut] = []
        """Not written yet."""
        self.hands: Interventions = NONE
        """What people did by hand."""

    def around(self, air: Air, base: Timebase) -> Iterator[SpotOfDay]:
        """Those whose instant has come or comes soon, by their instants.

        Yesterday's too: midnight may lie within a spot, and what was due while nothing ran is to be told.
        """
        yesterday = (base.now - timedelta(days=1)).astimezone(air.plan.station.tz)
        start = yesterday.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
        for one in air.spots(start, base.now + timedelta(seconds=AHEAD_S)):
            if one.spot.id not in self._over and (
                one.spot.at >= air.since or one.spot.id in self._carried or self.entry(one)
            ):
                yield one

    def entry(self, one: SpotOfDay) -> Entry | None:
        """What the log says of it."""
        if one.day not in self._known:
            self._known[one.day] = self._journal.spots_of(one.day)
        return self._known[one.day].get(one.spot.id)

    def unheard(self, one: SpotOfDay) -> bool:
        """Whether it was commanded by us and is known not to have sounded."""
        return one.spot.id in self._unheard

    def commanded(self, one: SpotOfDay) -> bool:
        """Whether the log has it as commanded, or will once it has written what it was given."""
        entry = self.entry(one)
        return self.unheard(one) or (entry is not None and entry.commanded_at is not None)

    # --- what becomes of them

    def over(self, spot: Spot) -> None:
        """It airs, or never will."""
        self._over.add(spot.id)
        self._carried.discard(spot.id)
        self._unheard.discard(spot.id)

    def leave_out(self, one: SpotOfDay, reason: str, base: Timebase, outcome: Outcome = Outcome.SKIPPED) -> None:
        """It does not air, and the log says why, once :meth:`write` is called."""
        if one.spot.id in self._unheard:
            # The log holds it as commanded, and takes no new entry for it.
            self._journal.spot_ended(one.spot.id, base.now, outcome, reason)
        else:
            spot = one.spot
            failed = outcome is Outcome.FAILED
            self._left_out.append(
                LeftOut(
                    one.day, spot.id, spot.kind, spot.ref, spot.title.zh, spot.at, reason,
                    Outcome.FAILED if failed else Outcome.SKIPPED,
                )
            )  # fmt: skip
        self.over(one.spot)

    def close(self, one: SpotOfDay, base: Timebase, reason: str) -> None:
        """A spot whose words may not be heard any more: in the log as what it came to."""
        entry = self.entry(one)
        if entry is None or entry.commanded_at is None or self.unheard(one):
            self.leave_out(one, reason, base)
            return
        if entry.outcome is None:
            self._journal.spot_ended(one.spot.id, base.now, Outcome.PARTIAL, reason)
        self.over(one.spot)

    def write(self, most: int | None = None) -> None:
        """Write down what was left out, many at once; some hours' spots may be due at one moment."""
        some = tuple(self._left_out[:most])
        if some:
            del self._left_out[: len(some)]
            self._journal.spots_left_out(some)

    def put_back(self, one: SpotOfDay, *, commanded: bool) -> None:
        """It was taken on and never sounded: it may be chosen anew."""
        self._over.discard(one.spot.id)
        if commanded:
            self._unheard.add(one.spot.id)
        self._known.pop(one.day, None)

    def carry(self, old: Air, air: Air, base: Timebase) -> None:
        """Another plan took hold: what was due under the old one stays so, or is told to be gone."""
        for one in [one for one in self.around(old, base) if one.spot.at <= base.now]:
            if air.has(one):
                self._carried.add(one.spot.id)
            else:
                self.leave_out(one, PLAN_CHANGED if one.spot.kind != "notice" else WITHDRAWN, base)

    def new_day(self, today: date) -> None:
        """Forget what lies more than a day back."""
        keep = {(today - timedelta(days=back)).isoformat() for back in (-1, 0, 1)}
        for names in (self._over, self._carried, self._unheard):
            names.intersection_update({name for name in names if name[:10] in keep})
        self._known.clear()

    def log_changed(self) -> None:
        """Another wrote into the log: it is read anew."""
        self._known.clear()

    # --- room for a late one

    def coming(self, air: Air, base: Timebase, seconds: float) -> list[Spot]:
        """Those planned from now on within some seconds that will air if all goes well."""
        planned = air.spots(base.now, base.now + timedelta(seconds=seconds))
        return [
            one.spot for one in planned if one.spot.id not in self._over and self.hands.skipped(one.spot.id) is None
        ]

    def higher_in_way(self, spot: Spot, air: Air, base: Timebase) -> bool:
        """Whether one of higher priority is planned before this one would be over."""
        rank = PRIORITIES.index(spot.priority)
        return any(PRIORITIES.index(other.priority) < rank for other in self.coming(air, base, spot.duration_s + 0.5))

    def free_s(self, spot: Spot, air: Air, base: Timebase, start_at: float) -> float | None:
        """Seconds for which the voice would be free from ``start_at`` (monotonic) on, None for long enough.

        0 where nothing should be said, outside the programme.
        """
        start = base.to_wall(start_at)
        if air.segment(start) is None or air.segment(start + timedelta(seconds=spot.duration_s)) is None:
            return 0.0
        separation_s = air.plan.station.separation
        following = self.coming(air, base, start_at - base.mono + spot.duration_s + separation_s)
        return (following[0].at - start).total_seconds() - separation_s if following else None
