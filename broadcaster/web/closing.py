"""When the store closes today: always told as a time of day, so that pressing twice changes nothing more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.view import current_station, current_zone

LATER_MIN = (15, 30)
"""What is one press away."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True, slots=True)
class Closing:
    """Instants in the store's zone."""

    now: datetime
    closes: datetime | None
    """By the rundown of today as it stands; None where nobody can tell."""
    spots: Sequence[Mapping[str, Any]]
    """Of today."""

    @property
    def shown(self) -> str:
        """When it closes; empty where nobody can tell."""
        return self.clock(self.closes) if self.closes is not None else ""

    @property
    def later(self) -> list[tuple[int, str]]:
        """Minutes, and the time of day that this makes it."""
        if self.closes is None:
            return []
        found = [(minutes, self.closes + timedelta(minutes=minutes)) for minutes in LATER_MIN]
        return [(minutes, self.clock(at)) for minutes, at in found if self.now < at <= self._midnight]

    @property
    def _midnight(self) -> datetime:
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def clock(self, at: datetime) -> str:
        """``HH:MM``; the end of the day is ``24:00``."""
        return "24:00" if at == self._midnight else f"{at:%H:%M}"

    def at(self, text: str) -> datetime:
        """The instant of a time of day that is still to come. ``UsageError`` for any other."""
        if not _CLOCK.fullmatch(text):
            raise UsageError("请选几点打烊，例如 18:00 / say when to close, such as 18:00")
        hours, minutes = map(int, text.split(":"))
        found = self._midnight if hours == 24 else self.now.replace(hour=hours, minute=minutes, second=0, microsecond=0)
        if found <= self.now:
            raise UsageError(
                f"现在已经 {self.now:%H:%M}，打烊时间不能是 {text}：要比现在晚。要马上安静，请用“静音”或“全部停播”。"
                f" / it is {self.now:%H:%M} already: closing at {text} is past. To be silent at once, mute or stop."
            )
        return found

    def lost(self, at: datetime) -> int:
        """How many spots of today are planned from an instant on."""
        return sum(datetime.fromisoformat(str(spot["at"])) >= at for spot in self.spots)


def closing_now() -> Closing:
    """Of today, as it stands."""
    station = current_station()
    now = datetime.fromisoformat(station.status()["now"]).astimezone(current_zone())
    try:
        rundown: Mapping[str, Any] = station.rundown(station.today())
    except BroadcasterError:
        return Closing(now, None, ())
    closes = (rundown.get("hours") or {}).get("close")
    at = datetime.fromisoformat(closes).astimezone(current_zone()) if closes else None
    return Closing(now, at, rundown["spots"])
