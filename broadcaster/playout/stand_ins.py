"""What plays in the place of a track that can't: another of its playlist, and in the end the fallback music."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from broadcaster.plan.plan import Track
from broadcaster.playout.air import Air
from broadcaster.playout.fallback import is_fallback
from broadcaster.playout.protocol import OUTPUT_GONE, Failed
from broadcaster.playout.timebase import Timebase
from broadcaster.rundown.bed import BedItem

TRIES = 2
"""After so many failures of a track, another of its playlist stands in."""

OTHERS = 3
"""After so many of those failed as well, the fallback music stands in."""

BAD_S = 300.0
"""A recording that failed stands in for no other for so long."""

AGAIN_S = 0.5
"""An output that can't be opened is tried again so often."""

LONGEST_PAUSE_S = 5.0


class StandIns:
    """Owned by the conductor's thread, as the bed player's memory."""

    def __init__(self) -> None:
        self.fallback: tuple[Track, ...] = ()
        """The built-in music, where it is prepared."""
        self.output_refused_at = float("-inf")
        """When the output could last not be opened (monotonic)."""
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._instead: dict[str, Track] = {}
        self._passed: set[str] = set()
        """Items that something else plays for because they were not heard, not because they failed."""
        self._bad: dict[str, float] = {}
        """Recordings that failed, and when."""

    def of(self, item: BedItem) -> BedItem:
        """The item with what stands in for its track."""
        track = self._instead.get(item.id)
        return item if track is None else replace(item, track=track)

    def not_before(self, item: BedItem) -> float:
        """Monotonic instant of its next try."""
        return self._not_before.get(item.id, 0.0)

    def failed(self, item: BedItem, event: Failed, air: Air | None, base: Timebase) -> None:
        """What the item played can't be played."""
        if event.reason == OUTPUT_GONE:
            # Not the recording's fault.
            self.output_refused_at = base.mono
            self._not_before[item.id] = base.mono + AGAIN_S
            return
        self._bad[item.track.path] = base.mono
        failures = self._failures[item.id] = self._failures.get(item.id, 0) + 1
        if failures >= TRIES and air is not None:
            self._choose(air, item, base)
        # Once more and the first ones that stand in at once; only where those fail too there is no hurry.
        self._not_before[item.id] = base.mono + min(0.5 * max(failures - TRIES - OTHERS - 1, 0), LONGEST_PAUSE_S)

    def pass_over(self, item: BedItem, air: Air, base: Timebase) -> None:
        """What the item plays is not heard: something else shall."""
        self._bad[item.track.path] = base.mono
        self._failures[item.id] = max(TRIES, self._failures.get(item.id, 0))
        self._passed.add(item.id)
        self._choose(air, item, base)

    def _choose(self, air: Air, item: BedItem, base: Timebase) -> None:
        playlist = air.plan.playlists.get(item.playlist)
        others = [track for track in playlist.tracks if track.path != item.track.path] if playlist else []
        good = [track for track in others if base.mono - self._bad.get(track.path, float("-inf")) > BAD_S]
        tried = self._failures.get(item.id, 0) - TRIES
        if good and tried < OTHERS:
            # Not always the same one: a playlist that lost a track should not repeat the one behind it.
            self._instead[item.id] = good[sum(map(ord, item.id)) % len(good)]
        elif self.fallback and not is_fallback(item):
            self._instead[item.id] = self.fallback[0]
        elif others:
            self._instead[item.id] = others[tried % len(others)]

    def forgive(self) -> None:
        """What failed may have done so for the output's sake: it is tried again at once.

        What stands in goes on doing so: the track that it stands in for may be the one that was not heard.
        """
        self._not_before.clear()

    def pardon(self) -> None:
        """That nothing was heard was not the recordings' fault: each plays for itself again."""
        for name in self._passed:
            self._instead.pop(name, None)
            self._failures.pop(name, None)
        self._passed.clear()
        self._bad.clear()

    def forget(self, wanted: Collection[str]) -> None:
        """Keep only what concerns these items."""
        for counts in (self._failures, self._not_before, self._instead):
            for name in counts.keys() - wanted:
                counts.pop(name, None)
        self._passed.intersection_update(wanted)
        if len(self._bad) > 1000:
            self._bad.clear()
