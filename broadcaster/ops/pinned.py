"""Which of the prepared recordings in ``var/media`` something counts on: these are never deleted to make room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from broadcaster.clock import Clock
from broadcaster.errors import StoreError
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.good_plan import kept
from broadcaster.settings import Home
from broadcaster.store.clips_in_use import clips_in_use
from broadcaster.store.database import Database

AHEAD_DAYS = 14
BEHIND_DAYS = 2
"""What ended so lately may have to be made good, or is being looked into."""

More = Callable[[], Iterable[str | Path]]
"""Paths that another part of the daemon counts on."""


class Pinned:
    """Asks everybody who airs recordings. Any thread."""

    def __init__(
        self, home: Home, clock: Clock, plan: Callable[[], Plan | None], almanac: Almanac, database: Database,
        more: Iterable[More] = (),
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._plan = plan
        self._almanac = almanac
        self._database = database
        self._more = tuple(more)

    def names(self) -> frozenset[str]:
        """Names, without ending, of the files in ``var/media`` that must stay.

        Raises ``StoreError`` while that can't be told: there is no plan, or the database can't be read.
        """
        plan = self._plan()
        if plan is None:
            raise StoreError("还没有可播的计划 / no plan is on air yet")
        now = self._clock.now().astimezone(plan.station.tz)
        found = set(_paths(plan))
        if (good := kept(self._home.good_plan)) is not None:
            found |= set(_paths(good.plan))
        for ahead in range(-1, AHEAD_DAYS):
            for spot in self._almanac.rundown(plan, (now + timedelta(days=ahead)).date()).spots:
                found |= {str(path) for path in (spot.path,) if path}
        for more in self._more:
            found |= {str(path) for path in more()}
        keys = clips_in_use(self._database, (now - timedelta(days=BEHIND_DAYS)).date())
        return frozenset({Path(path).stem for path in found} | keys)


def _paths(plan: Plan) -> Iterator[str]:
    for playlist in plan.playlists.values():
        for tracks in (playlist.tracks, *(earlier.tracks for earlier in playlist.earlier)):
            yield from (track.path for track in tracks)
    for clip in (*plan.clips.values(), *(timely.clip for timely in plan.timely)):
        if clip.path is not None:
            yield clip.path
