"""Whether the PC's clock can be believed after a start, and what airs until it can.

A dead battery puts the clock years back, and the programme would be that of another day. So the time is held against
all that is known to lie in the past; while it is earlier than that, and no network's time confirms it, background
music airs, no spot, and nothing is written to the log.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import broadcaster
from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.ops import time_sync
from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.models import BedRule, Names
from broadcaster.plan.plan import Plan
from broadcaster.playout.air import Air, Compile, NoticesOf
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown, Segment
from broadcaster.settings import Home, write_whole

log = logging.getLogger(__name__)

LOOK_S = 1.0

STAMP_TOLERANCE = timedelta(minutes=5)
"""A clock that is this much before the last sign of life is right enough: NTP moves clocks back by seconds."""

FILE_TOLERANCE = timedelta(days=1)
"""Files copied from a stick carry the time of day of other zones."""

QUIET_GAIN_DB = -10.0
"""Where the plan has no music at all."""


def floor_of(home: Home, alive: datetime | None, latest: datetime | None) -> datetime | None:
    """The latest instant that is surely past: the last sign of life, what the log holds, files, this program.

    ``latest`` is the log's last instant. What somebody confirmed to be wrong before does not count.
    """
    known = [one - STAMP_TOLERANCE for one in (alive, latest) if one is not None]
    files = [home.good_plan, home.database, Path(broadcaster.__file__), *sorted((home.root / "config").glob("*.yaml"))]
    for path in files:
        try:
            known.append(datetime.fromtimestamp(path.stat().st_mtime, UTC) - FILE_TOLERANCE)
        except (OSError, ValueError, OverflowError):
            continue
    if (confirmed := _confirmed(home)) is not None:
        right_at, wrong_until = confirmed
        # What was surely right when somebody said so still is past.
        known = [right_at - STAMP_TOLERANCE, *(one for one in known if one > wrong_until)]
    return max(known, default=None)


def _mark(home: Home) -> Path:
    return home.run / "clock-confirmed.json"


def _confirmed(home: Home) -> tuple[datetime, datetime] | None:
    """When somebody said that the time is right, and up to where what is known to lie in the past was wrong then."""
    try:
        found = json.loads(_mark(home).read_text(encoding="utf-8"))
        return datetime.fromisoformat(found["right_at"]), datetime.fromisoformat(found["wrong_until"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


class ClockTrust:
    """Decided at the start; a thread of its own notices when the clock can be believed. May be asked by any thread."""

    def __init__(
        self,
        home: Home,
        clock: Clock,
        floor: datetime | None,
        *,
        sync: Callable[[], time_sync.TimeSync] = time_sync.state,
        rehearsal: bool = False,
    ) -> None:
        self._home = home
        self._clock = clock
        self._floor = floor
        self._sync = sync
        self._stop = threading.Event()
        self._began_mono = clock.mono()
        self.on_trust: Callable[[], None] = lambda: None
        """Called once, on any thread, when the clock is believed again."""
        self.wait_s: Callable[[], float] = lambda: 0.0
        """Seconds for which the network's time is waited for before people are told."""
        self.note: Callable[[str, str], object] = lambda by, where: None
        """Writes down who confirmed the time, and from where."""
        self.trusted = self._settled = rehearsal or self._plausible()
        if not self.trusted:
            decided("clock-untrusted", now=clock.now(), known=floor)

    def _plausible(self) -> bool:
        return self._floor is None or self._clock.now() >= self._floor

    def past(self) -> datetime:
        """An instant at or after all that is known to be past: the present, where the clock is believed."""
        now = self._clock.now()
        return now if self.trusted or self._floor is None else max(now, self._floor + STAMP_TOLERANCE)

    def start(self) -> None:
        """Begin to look; nothing is to be looked at while the clock is believed."""
        if not self.trusted:
            threading.Thread(target=self._look, name="clock-trust", daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._stop.set()

    def _look(self) -> None:
        while not self._settled and not self._stop.wait(LOOK_S):
            try:
                if self.trusted:
                    # Somebody confirmed it, and the programme could not be taken up then.
                    self._take_up()
                elif self._plausible():
                    self._believe("plausible")
                elif self._sync().state == "synchronized":
                    # The network knows better than our own traces.
                    self._remember_wrong()
                    self._believe("synchronized")
            except Exception:
                # The outermost turn of this thread: else the background music would go on for ever.
                log.exception("the programme could not be taken up, it is tried again")

    def confirm(self, by: str, where: str = "") -> bool:
        """Somebody says that the time is right; False if nobody doubted it."""
        if self.trusted:
            return False
        self._remember_wrong()
        self._believe("confirmed", by)
        try:
            self.note(by, where)
        except BroadcasterError as error:
            log.warning("that %s confirmed the time can't be written down: %s", by, error)
        return True

    def _remember_wrong(self) -> None:
        if self._floor is None:
            return
        told = {"right_at": self._clock.now(), "wrong_until": self._floor + FILE_TOLERANCE}
        try:
            write_whole(_mark(self._home), json.dumps({name: at.isoformat() for name, at in told.items()}))
        except OSError as error:
            log.warning("that the clock was confirmed can't be kept: %s", error)

    def _believe(self, why: str, by: str = "") -> None:
        if self.trusted:
            return
        self.trusted = True
        decided("clock-trusted", why=why, by=by, now=self._clock.now())
        self._take_up()

    def _take_up(self) -> None:
        self.on_trust()
        self._settled = True

    # --- what airs until then

    def air(self, plan: Plan, since: datetime, compile_day: Compile, notices: NoticesOf) -> Air:
        """The plan's own air, or nothing but background music while the clock is not believed."""
        if self.trusted:
            return Air(plan, since, compile_day, notices)
        like = (self._floor or self._clock.now()).astimezone(plan.station.tz).date()
        return Air(plan, self._clock.now(), music_only(plan, like))

    def causes(self, now: datetime) -> Sequence[Cause]:
        """That the clock is not believed, once the network had its time to set it right."""
        if self.trusted or self._clock.mono() - self._began_mono < self.wait_s():
            return ()
        shown, known = f"{now:%Y-%m-%d %H:%M}", f"{self._floor:%Y-%m-%d}" if self._floor else ""
        return (
            cause(
                "clock-untrusted",
                f"电脑时间不可信({shown} UTC,早于已知的 {known}),只播背景音乐,不播插播",
                f"the clock can't be right ({shown} UTC, before {known}, which is past): background music only",
            ),
        )


def music_only(plan: Plan, like: date) -> Compile:
    """Days without a programme: the music that airs longest on a date like that one, at its level, day and night."""
    usual = compile_rundown(plan, (), like)
    heard: Counter[str] = Counter()
    for segment in usual.segments:
        if segment.bed is not None and plan.playlists.get(segment.bed.playlist):
            heard[segment.bed.playlist] += round(segment.duration_s)
    most = {name for name, _ in heard.most_common(1)}
    chosen = next((one for one in usual.segments if one.bed is not None and one.bed.playlist in most), None)
    if chosen is None:
        bed = BedRule(playlist="fallback")
        chosen = Segment(
            usual_start(plan, like), usual_start(plan, like), "music", Names(zh="背景音乐", en="Background music"), bed,
            None, None, QUIET_GAIN_DB, "programme",
        )  # fmt: skip
    only = replace(chosen, title=Names(zh="背景音乐(时间待确认)", en="Background music (the clock is not trusted)"))

    def compile_day(on: date) -> Rundown:
        start, end = usual_start(plan, on), usual_start(plan, on + timedelta(days=1))
        day = replace(usual.day, date=on)
        return Rundown(on, usual.tz, day, (replace(only, start=start, end=end),), ())

    return compile_day


def usual_start(plan: Plan, on: date) -> datetime:
    """The first instant of a date."""
    return datetime.combine(on, time(), plan.station.tz).astimezone(UTC)
