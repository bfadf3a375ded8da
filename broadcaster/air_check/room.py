"""The record of the air: what the ear is told to write, and what was written, by date and instant, and as it grows."""

from __future__ import annotations

import contextlib
import shutil
import threading
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.air_check.listening import Listening, Tail
from broadcaster.air_check.record import (
    FRAME_S,
    SEAM_S,
    Cut,
    Orders,
    Stretch,
    cut,
    day_folders,
    frame_bytes,
    names,
    read_stretch,
)
from broadcaster.clock import Clock, read_both
from broadcaster.errors import StoreError, UsageError
from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.plan import Plan
from broadcaster.plan.unattended_models import AirCheck
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail

PART = "air-check"
"""The ear's sink: see :mod:`broadcaster.ear.sinks`."""
LONGEST_S = 3600.0
"""So much is cut out at a time: at 48 kbit/s 21 MB."""
RING_FILE_S = 30.0
RING_FILES = 3
"""Where nothing is kept, this much is written all the same, for who listens in."""
MOST_FILE_S = 330.0
"""No file is longer: where one begins earlier than this before an instant, it doesn't hold it."""
FOLLOWED_S = 0.05
"""The wall clock's slow drift is passed on in steps of this."""
FRESH_S = 3.0


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """What is there of a date: from when until when, oldest first. Instants are in UTC."""

    date: date
    spans: tuple[tuple[datetime, datetime], ...]

    @property
    def seconds(self) -> float:
        """Altogether."""
        return sum((end - start).total_seconds() for start, end in self.spans)

    def holds(self, instant: datetime, soon: timedelta = timedelta(0)) -> bool:
        """Whether that instant was recorded, or what follows it at most ``soon`` later."""
        at = bisect_right(self.spans, instant + soon, key=lambda span: span[0]) - 1
        return at >= 0 and instant < self.spans[at][1]


class AirCheckRoom:
    """May be shared by threads. ``orders`` is for the ear's process, ``told`` takes what it says."""

    def __init__(
        self, home: Home, clock: Clock, plan: Callable[[], Plan | None], trail: AuditTrail | None = None, *,
        rehearsal: bool = False,
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._plan = plan
        self._trail = trail
        self._folder = home.var / "rehearsal" / "aircheck" if rehearsal else home.var / "aircheck"
        self._ring = home.run / "listen"
        self._lock = threading.Lock()
        self._offset: float | None = None
        self._trouble = ""
        self._known: dict[Path, Stretch] = {}
        self._listening = Listening()
        if rehearsal:
            self._forget_later(clock.now())
        # What was written for an earlier daemon's listeners is nobody's any more.
        shutil.rmtree(self._ring, ignore_errors=True)

    # --- writing -------------------------------------------------------------------------------------------------

    def orders(self) -> Orders:
        """What the ear's process is to write now. The same until something of it changes."""
        rules, plan = self._rules(), self._plan()
        offset = self._follow()
        if rules.days == 0:
            return Orders(str(self._ring), rules.kbps, "", offset, RING_FILE_S, RING_FILES)
        return Orders(str(self._folder), rules.kbps, plan.station.timezone if plan else "UTC", offset)

    def told(self, said: Mapping[str, Any]) -> None:
        """What the ear's process says of its writing."""
        if "recording" in said:
            self._trouble = "" if said["recording"] else str(said.get("reason", "")) or "?"
        elif "broken" in said:
            self._trouble = str(said["broken"])

    def causes(self, now: datetime) -> Sequence[Cause]:
        """For the alerts: that nothing is recorded though it should be."""
        del now
        why = self._trouble
        if not why or self._rules().days == 0:
            return ()
        return (cause(PART, f"播出录音停了:{why}", f"the air is not being recorded: {why}"),)

    @property
    def folder(self) -> Path:
        """Where the record lies."""
        return self._folder

    # --- reading -------------------------------------------------------------------------------------------------

    def days(self) -> Sequence[date]:
        """The dates of which there is something, newest first."""
        return [on for on, _folder in reversed(day_folders(self._folder))]

    def day(self, on: date) -> RecordedDay:
        """What is there of a date of the store."""
        zone = self._zone()
        start = datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)
        following = on + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
        spans: list[tuple[datetime, datetime]] = []
        for one in self.stretches(start, end):
            begins, ends = max(one.start, start), min(one.end, end)
            if spans and (begins - spans[-1][1]).total_seconds() <= SEAM_S:
                spans[-1] = spans[-1][0], max(spans[-1][1], ends)
            else:
                spans.append((begins, ends))
        return RecordedDay(on, tuple(spans))

    def find(self, instant: datetime) -> Stretch | None:
        """The file that holds an instant; None if it was not recorded."""
        return next(iter(self.stretches(instant, instant + timedelta(microseconds=1))), None)

    def cut(self, start: datetime, end: datetime) -> Cut:
        """What was heard from ``start`` until ``end``. ``UsageError`` for more than an hour, or less than nothing."""
        seconds = (end - start).total_seconds()
        if not 0 < seconds <= LONGEST_S:
            minutes = LONGEST_S / 60
            raise UsageError(
                f"一次最多听 {minutes:.0f} 分钟,起点要在终点之前 / at most {minutes:.0f} minutes at a time, "
                f"and the end after the start; asked: {seconds:.0f} s"
            )
        return cut(self.stretches(start, end), start, end)

    def take(self, start: datetime, end: datetime, *, by: str, where: str) -> Cut:
        """The same for somebody who keeps it: it stands in the audit trail."""
        found = self.cut(start, end)
        if found.start is not None and self._trail is not None:
            zone = self._zone()
            detail = {name: at.astimezone(zone).isoformat() for name, at in (("from", start), ("to", end))}
            self._trail.record(who=by, what="listen.download", detail=detail, where=where)
        return found

    def stretches(self, start: datetime, end: datetime) -> Sequence[Stretch]:
        """The files that hold something between two instants, oldest first."""
        first = start - timedelta(seconds=MOST_FILE_S)
        # Whatever the store's zone is, and was when they were written.
        on, files = first.date() - timedelta(days=1), list[tuple[datetime, Path]]()
        while on <= end.date() + timedelta(days=1):
            files += names(self._folder / on.isoformat())
            on += timedelta(days=1)
        found = [self._read(path) for begins, path in sorted(files) if first <= begins < end]
        return [one for one in found if one is not None and one.end > start]

    # --- listening in --------------------------------------------------------------------------------------------

    def listen(self) -> Tail:
        """What is heard now, as it is being written; to be closed. ``NotRunning`` while nothing is heard, ``TooOften``
        while as many listen as may."""
        return self._listening.open(self._latest, fresh_s=FRESH_S)

    @property
    def listeners(self) -> int:
        """How many listen in."""
        return self._listening.count

    def close(self) -> None:
        """Send all listeners home."""
        self._listening.close()

    # --- the disk ------------------------------------------------------------------------------------------------

    def trim(self, budget_mb: int | None = None) -> int:
        """Delete what is older than the days that are kept, and the oldest beyond the budget; returns bytes freed."""
        rules = self._rules()
        today = self._clock.now().astimezone(self._zone()).date()
        return trim(self._folder, rules.days, rules.budget_mb if budget_mb is None else budget_mb, today=today)

    def _rules(self) -> AirCheck:
        plan = self._plan()
        return plan.station.air_check if plan else AirCheck()

    def _zone(self) -> ZoneInfo:
        plan = self._plan()
        return plan.station.tz if plan else ZoneInfo("UTC")

    def _follow(self) -> float:
        now, mono = read_both(self._clock)
        offset = now.timestamp() - mono
        with self._lock:
            if self._offset is None or abs(offset - self._offset) > FOLLOWED_S:
                self._offset = offset
            return self._offset

    def _read(self, path: Path) -> Stretch | None:
        """A file that is no longer written is read once."""
        try:
            size = path.stat().st_size
        except OSError:
            return None
        known = self._known.get(path)
        if known is not None and size // frame_bytes(known.kbps) == known.frames:
            return known
        found = read_stretch(path)
        if found is not None:
            while len(self._known) > 4000:
                self._known.pop(next(iter(self._known)), None)
            self._known[path] = found
        return found

    def _latest(self, after: datetime | None = None) -> Path | None:
        """The newest file that is being written; the one that follows where ``after`` is the start of one."""
        if self._rules().days == 0:
            files = list(names(self._ring))
        else:
            files = [one for _on, folder in day_folders(self._folder)[-2:] for one in names(folder)]
        later = [path for start, path in files if after is None or start > after]
        return (later[0] if after is not None else later[-1]) if later else None

    def _forget_later(self, now: datetime) -> None:
        """A rehearsal of the same hours again is another one: what the first recorded of them is not wanted."""
        for _on, folder in day_folders(self._folder):
            for start, path in names(folder):
                if start > now - timedelta(seconds=FRAME_S):
                    with contextlib.suppress(OSError):
                        path.unlink()


def trim(folder: Path, days: int, budget_mb: float, *, today: date) -> int:
    """Keep of the record no more than so many dates, today's included, and so many MB; the oldest goes first.

    Returns the bytes that were freed. What is being written stays. ``StoreError`` if something can't be deleted.
    """
    files = [(on, path) for on, kept in day_folders(folder) for _start, path in names(kept)]
    sizes = {path: _size(path) for _on, path in files}
    total, freed = sum(sizes.values()), 0
    for on, path in files[:-1]:
        if (today - on).days < days and total <= budget_mb * 1_000_000:
            break
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} 删不掉 / can't be deleted: {error}") from error
        total -= sizes[path]
        freed += sizes[path]
    for _on, kept in day_folders(folder):
        with contextlib.suppress(OSError):
            kept.rmdir()  # only where it is empty
    return freed


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
