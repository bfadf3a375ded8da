"""Where what the log says was heard can be listened to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from flask import url_for

from broadcaster.web.auth import me
from broadcaster.web.offices import LOOKERS, current_offices, has_offices
from broadcaster.web.view import current_zone, local_iso
from broadcaster.web.words import instant

if TYPE_CHECKING:
    from broadcaster.air_check.room import RecordedDay


def written(when: datetime) -> str:
    """An instant for an address, by the station's clock, with milliseconds."""
    return local_iso(when, "milliseconds")


SOON = timedelta(seconds=10)
"""What began so short a while before the recording did can be listened to: all but its first moments."""


def heard_links() -> Callable[[datetime | str | None], str]:
    """Says for an instant the page on which it can be listened to; empty where it can't be, or whoever asks may not."""
    account = me()
    found = current_offices().record if has_offices() else None
    if found is None or account is None or account.role not in LOOKERS:
        return lambda at: ""
    zone, days = current_zone(), dict[date, "RecordedDay"]()

    def link(at: datetime | str | None) -> str:
        if not at:
            return ""
        when = instant(at)
        on = when.astimezone(zone).date()
        if on not in days:
            days[on] = found.day(on)
        return url_for("listen.page", at=written(when)) if days[on].holds(when, SOON) else ""

    return link
