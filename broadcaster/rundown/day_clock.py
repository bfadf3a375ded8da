"""Local wall time of one date to instants, with the zone's skipped and repeated hours.

A time that is skipped that day becomes the instant of the skip; a time that comes twice means its first coming. So
later wall times never become earlier instants, and what is in order in the plan stays in order on air.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.plan.times import DAY_S


class DayClock:
    """Converts for one date. ``real`` seconds are elapsed seconds since the date's local midnight."""

    def __init__(self, day: date, tz: ZoneInfo) -> None:
        self.day = day
        self.tz = tz
        self._midnight = datetime.combine(day, time())
        self.base = self._utc(0)
        end = self._utc(DAY_S)
        self.plain = (end - self.base).total_seconds() == DAY_S and _offset(self.base, tz) == _offset(end, tz)
        """Whether elapsed seconds and wall time are the same on this date, as on nearly all."""

    def _utc(self, local_s: float) -> datetime:
        return (self._midnight + timedelta(seconds=local_s)).replace(tzinfo=self.tz).astimezone(UTC)

    def real(self, local_s: float) -> float:
        """Elapsed seconds since midnight at a local time given in seconds of wall time."""
        if self.plain:
            return local_s
        if self.skipped(local_s):
            return (self._transition(local_s) - self.base).total_seconds()
        return (self._utc(local_s) - self.base).total_seconds()

    def instant(self, real_s: float) -> datetime:
        """The instant that many elapsed seconds after midnight, in UTC."""
        return self.base + timedelta(0, real_s)

    def skipped(self, local_s: float) -> bool:
        """Whether the clocks leave this local time out on this date."""
        if self.plain:
            return False
        back = self._utc(local_s).astimezone(self.tz).replace(tzinfo=None)
        return back != self._midnight + timedelta(seconds=local_s)

    def _transition(self, local_s: float) -> datetime:
        # The offset changes between these two instants: zones have left out as much as a whole day, but no more.
        low, high = self._utc(local_s) - timedelta(hours=25), self._utc(local_s)
        before = _offset(low, self.tz)
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            low, high = (middle, high) if _offset(middle, self.tz) == before else (low, middle)
        return high.replace(microsecond=0)

    def mark(self, real_s: float) -> str:
        """Local time as ``HHMMSS``; with ``b`` behind it in the second run of a repeated hour. For stable ids."""
        if self.plain:
            whole = int(real_s)
            # As one number: three formats take more than twice as long, and every spot has its mark.
            return f"{whole // 3600 * 10_000 + whole // 60 % 60 * 100 + whole % 60:06d}"
        local = self.instant(real_s).astimezone(self.tz)
        return local.strftime("%H%M%S") + ("b" if local.fold else "")


def _offset(instant: datetime, tz: ZoneInfo) -> timedelta:
    return instant.astimezone(tz).utcoffset() or timedelta()
