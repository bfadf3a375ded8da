"""What the first page offers to do about the air, by what there is: levels with their ranges, forms, closing time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from broadcaster.errors import BroadcasterError
from broadcaster.web.closing import Closing, closing_now
from broadcaster.web.i18n import title_of
from broadcaster.web.offices import DialRange, current_offices
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from broadcaster.notices.forms import Form

MINUTES = (5, 10, 30)
"""For how long bed or everything may be made silent at a press."""
STRIP = 4
"""So many forms stand on the first page; the others are one press away."""
STEP = 0.5
"""Of the dial, at a press."""


@dataclass(frozen=True, slots=True)
class Trim:
    """A level that can be made louder or quieter within its range. Numbers of the house dial."""

    level: str
    title: str
    range: DialRange
    dial: float
    """As it is now."""
    sounds: bool
    """Whether something of this level is on air."""

    @property
    def quieter(self) -> float | None:
        """One step quieter; None at the end of the range."""
        return self._step(STEP if self.range.larger_is_quieter else -STEP)

    @property
    def louder(self) -> float | None:
        """One step louder; None at the end of the range."""
        return self._step(-STEP if self.range.larger_is_quieter else STEP)

    def _step(self, by: float) -> float | None:
        wanted = min(self.range.high, max(self.range.low, self.dial + by))
        return wanted if wanted != self.dial else None


@dataclass(frozen=True, slots=True)
class Deeds:
    """Everything that the dialogs of the first page need."""

    forms: Sequence[Form]
    more_forms: bool
    trims: Sequence[Trim]
    marks: bool
    """Whether days can be marked here."""
    event: bool = False
    """Whether today is an event day by now."""
    minutes: Sequence[int] = MINUTES
    closing: Closing | None = None


def deeds_of(status: Mapping[str, Any]) -> Deeds:
    """What may be done now."""
    offices = current_offices()
    forms = sorted(offices.forms().values(), key=lambda form: form.priority != "urgent")
    return Deeds(
        forms[:STRIP], len(forms) > STRIP, trims_of(status), offices.plan is not None, is_event(), closing=closing_now()
    )


def is_event() -> bool:
    """Whether today is an event day by now."""
    station = current_station()
    try:
        return "event" in station.rundown(station.today())["day_types"]
    except BroadcasterError:
        return False


def trims_of(status: Mapping[str, Any]) -> list[Trim]:
    """Every level with room in its range; those on air first."""
    choices = current_offices().choices()
    air = status["on_air"]
    sounding = {air.get("level"): air.get("dial")}
    if air.get("segment") and air["segment"].get("level"):
        sounding.setdefault(air["segment"]["level"], air["segment"].get("dial"))
    set_by_hand = {
        held["target"]: float(held["params"]["dial"])
        for held in status.get("interventions", ())
        if held["kind"] == "trim" and "dial" in held.get("params", {})
    }
    found = []
    for level, span in choices.ranges.items():
        if span.low == span.high:
            continue
        dial = set_by_hand.get(level)
        if dial is None:
            dial = sounding.get(level)
        title = span.title if span.title else {}
        found.append(
            Trim(level, title_of(title) or level, span, span.usual if dial is None else float(dial), level in sounding)
        )
    return sorted(found, key=lambda trim: not trim.sounds)
