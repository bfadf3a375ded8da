"""The API's documents about the plan's files and their versions; see :mod:`broadcaster.web.contract` for the rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from broadcaster.editing.models import Edit
from broadcaster.web.contract import Contract, Rundown
from broadcaster.web.contract_notices import Asked
from broadcaster.web.offices import ADMINISTRATORS, COMMANDERS, LOOKERS
from broadcaster.web.route import DATE, WHOLE, Parameter, Route

EDITORS = tuple(dict.fromkeys((*COMMANDERS, *ADMINISTRATORS)))
"""Who may publish something; which files, depends on the role."""

Steps = list[str | int]
#: Dates from which a year's calendar can still be told.
Day = Annotated[dt.date, Field(ge=dt.date(1970, 1, 1), lt=dt.date(2200, 1, 1))]


class PlanFault(Contract):
    """A fault or warning, at the entry that it concerns."""

    severity: str = Field(description="`fault` or `warning`")
    code: str
    blocking: bool = Field(description="whether the plan can't go on air with it")
    file: str | None
    line: int | None
    field: str | None = Field(description="`dayparts[2].bed.playlist`")
    path: Steps = Field(description="the same, as the path of an edit")
    value: str | None
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    known: bool = Field(description="it was there before the edits")


class PlanChanged(Contract):
    """What somebody else changed since the plan was opened."""

    who: str
    name: str = Field(description="by which people know `who`")
    at: AwareDatetime
    how: str
    words: str
    files: list[str]
    version: int
    entries: list[str] = Field(description="entries that both changed; where there are none, the edits fit on top")


class PlanVersion(Contract):
    """One version of the plan's files."""

    id: int
    at: AwareDatetime
    who: str
    how: str = Field(description="`page`, `cli`, or `file` for a hand's edit")
    words: str
    where: str
    changed: list[str] = Field(description="files that differ from the version before")
    preparing: bool = Field(description="it is still being made ready for air")
    held_back: list[PlanFault] = Field(description="faults elsewhere that keep the plan off the air")
    tag: str | None = Field(default=None, description="of the files after publishing")


class PlanVersions(Contract):
    """Some versions, newest first."""

    versions: list[PlanVersion]
    before: int | None = Field(description="ask again with this to read on; null at the end")


class PlanTexts(PlanVersion):
    """One version with its texts."""

    texts: dict[str, str]


class OpenPlan(Contract):
    """The plan's files as they are now."""

    tag: str = Field(description="hand it back with edits")
    version: int
    at: AwareDatetime
    who: str
    how: str
    words: str
    programme: dict[str, Any]
    calendar: dict[str, Any]
    levels: dict[str, Any]
    station: dict[str, Any]
    voices: dict[str, Any]
    scripts: dict[str, dict[str, Any]]
    faults: list[PlanFault]


class PlanTag(Contract):
    """What :class:`OpenPlan` would say of itself, without the contents."""

    tag: str
    version: int
    at: AwareDatetime
    who: str
    how: str
    words: str


class Trying(Asked):
    """Edits to be tried."""

    tag: str = Field(max_length=60)
    edits: list[Edit] = Field(max_length=400)
    dates: list[Day] = Field(default=[], max_length=14, description="dates to be compiled with the edits")


class Publishing(Asked):
    """Edits to be published."""

    tag: str = Field(max_length=60)
    edits: list[Edit] = Field(min_length=1, max_length=400)
    words: str = Field(default="", max_length=300, description="what was changed and why")
    anyway: bool = Field(default=False, description="on top of what others changed, where it is not the same entries")


class DayChange(Contract):
    """A segment or spot of a date that changes."""

    what: str
    change: str
    name: str
    title: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class DayEffect(Contract):
    """What becomes of a date."""

    date: dt.date
    day_types: list[str]
    day_types_before: list[str]
    hours: list[str] = Field(description="opening and closing")
    hours_before: list[str]
    changes: list[DayChange]
    rundown: Rundown


class Trial(Contract):
    """What edits would do; nothing was written."""

    fit: bool = Field(description="it can be published")
    faults: list[PlanFault]
    warnings: list[PlanFault]
    days: dict[str, DayEffect]
    conflict: PlanChanged | None
    files: list[str]


class EntryChange(Contract):
    """One entry that differs."""

    file: str
    path: Steps
    label: str
    change: str = Field(description="`added`, `removed` or `changed`")
    before: Any
    after: Any


class FileChange(Contract):
    """One file that differs."""

    file: str
    lines: list[str] = Field(description="a unified diff")
    entries: list[EntryChange]


class Comparison(Contract):
    """What differs from one version to another."""

    before: PlanVersion
    after: PlanVersion
    files: list[FileChange]


class Restoring(Asked):
    """Back to a version."""

    words: str = Field(default="", max_length=300)


_Clock = Annotated[str, Field(pattern=r"^[0-9]{1,2}:[0-9]{2}$")]
_Type = Annotated[str, Field(max_length=60)]


class SpotTimes(Asked):
    """Other times for a rule."""

    at: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=48)


class DaypartOnDate(Asked):
    """What of a daypart differs on a date."""

    from_: str | None = Field(default=None, alias="from", max_length=40)
    to: str | None = Field(default=None, max_length=40)
    bed: Annotated[str, Field(max_length=120)] | dict[str, Any] | None = None
    level: str | None = Field(default=None, max_length=60)
    dial: float | None = None


class Marking(Asked):
    """A mark of a date."""

    add: list[_Type] = Field(default=[], max_length=20, description="day types to add")
    remove: list[_Type] = Field(default=[], max_length=20, description="day types to take away")
    open: _Clock | None = None
    close: _Clock | None = None
    later_min: Annotated[int, Field(ge=-720, le=720)] | None = Field(
        default=None, description="close so many minutes later than now planned"
    )
    usual_hours: bool = Field(default=False, description="forget hours set for the date")
    clear: bool = Field(default=False, description="forget all that was set for the date")
    note: str = Field(default="", max_length=200)
    words: str = Field(default="", max_length=300)
    spots: dict[_Type, Annotated[str, Field(max_length=40)] | SpotTimes | None] = Field(
        default={}, max_length=60, description="rule -> `skip`, a time, or times; null forgets"
    )
    dayparts: dict[_Type, DaypartOnDate | None] = Field(
        default={}, max_length=60, description="daypart -> what differs; null forgets"
    )
    until: Day | None = Field(default=None, description="mark every date up to this one")
    tag: str = Field(
        default="", max_length=60, description="of the plan as it was read: 409 if a date was marked since"
    )


_NUMBER = Parameter("number", "Number of a version", WHOLE, 1)
_DATE = Parameter("date", "Date of the station, YYYY-MM-DD", DATE, "2026-11-28")
_PLAN = "/api/v1/plan"
_PAGING = (
    Parameter("limit", "at most so many, up to 200", WHOLE, 50),
    Parameter("before", "read on: what the last answer said", WHOLE),
)
_PAIR = (Parameter("a", "the earlier version", WHOLE, 1), Parameter("b", "the later version", WHOLE, 2))

ROUTES: tuple[Route, ...] = (
    Route(_PLAN, "The plan's files, to be edited", OpenPlan, roles=LOOKERS),
    Route(f"{_PLAN}/tag", "Whether somebody changed the files, for polling", PlanTag, roles=LOOKERS),
    Route(f"{_PLAN}/try", "What edits would do", Trial, "post", body=Trying, roles=LOOKERS),
    Route(f"{_PLAN}/publish", "Publish edits", PlanVersion, "post", body=Publishing, status=201, roles=EDITORS),
    Route(f"{_PLAN}/versions", "Versions, newest first", PlanVersions, query=_PAGING, roles=LOOKERS),
    Route(f"{_PLAN}/versions/{{number}}", "One version with its texts", PlanTexts, "get", (_NUMBER,), roles=LOOKERS),
    Route(f"{_PLAN}/compare", "What differs between two versions", Comparison, query=_PAIR, roles=LOOKERS),
    Route(
        f"{_PLAN}/versions/{{number}}/restore", "Back to a version", PlanVersion, "post", (_NUMBER,), body=Restoring,
        status=201, roles=EDITORS,
    ),
    Route(
        f"{_PLAN}/versions/{{number}}/undo", "Take back what a version changed", PlanVersion, "post", (_NUMBER,),
        status=201, roles=EDITORS,
    ),
    Route(f"{_PLAN}/tidy", "Take out settings of dates that are long past", None, "post", status=204, roles=COMMANDERS),
    Route("/api/v1/days/{date}", "Mark a date", PlanVersion, "post", (_DATE,), body=Marking, status=201,
          roles=COMMANDERS),
    Route("/api/v1/days/{date}/try", "What a mark would do", Trial, "post", (_DATE,), body=Marking, roles=LOOKERS),
)  # fmt: skip
