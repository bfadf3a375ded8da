"""What the page and the API may ask of the station.

:mod:`broadcaster.station.running` answers in the daemon; :mod:`broadcaster.web.nameless` stands before it for
whoever has no account, so what is added here is needed there too; tests bring a stand-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from flask import current_app

from broadcaster.web.auth import me
from broadcaster.web.nameless import Nameless
from broadcaster.web.offices import has_offices

#: A JSON object of the contract; :mod:`broadcaster.web.contract` describes each kind.
Document = dict[str, Any]

EXTENSION = "station"


class StationView(Protocol):
    """Read access to the running station. Called from several web threads at once."""

    @property
    def name(self) -> Mapping[str, str]:
        """The store's name by language: ``zh`` and ``en``."""
        ...

    @property
    def timezone(self) -> str:
        """IANA name of the zone in which the programme is written."""
        ...

    def today(self) -> date:
        """The station's own date: of its clock and zone, or of the rehearsal."""
        ...

    def status(self) -> Document:
        """A :class:`~broadcaster.web.contract.Status`. Asked for each second by every open page: keep it cheap."""
        ...

    def rundown(self, day: date) -> Document:
        """A :class:`~broadcaster.web.contract.Rundown`."""
        ...

    def asrun(self, day: date) -> Document:
        """A :class:`~broadcaster.web.contract.AsRun`."""
        ...

    def why(self, instant: datetime) -> Document:
        """A :class:`~broadcaster.web.contract.Why` for an aware instant."""
        ...

    def check(self) -> Document:
        """A :class:`~broadcaster.web.contract.Check` of the plan files as they are now, adopted or not."""
        ...


def current_station() -> StationView:
    """The station of the app that serves this request, as whoever asks may see it."""
    station = cast(StationView, current_app.extensions[EXTENSION])
    return station if sees_names() else Nameless(station)


def sees_names() -> bool:
    """Whether who asks is told who did what: whoever has an account. Answers kept for many differ by it."""
    return has_offices() and me() is not None


def local_iso(moment: datetime, timespec: str = "seconds") -> str:
    """An instant as documents and addresses write it: by the station's clock, with the offset."""
    return moment.astimezone(current_zone()).isoformat(timespec=timespec)


def current_zone() -> ZoneInfo:
    """The station's time zone."""
    # Asked for with every time of day that a page shows.
    return ZoneInfo(cast(StationView, current_app.extensions[EXTENSION]).timezone)
