"""What staff submit, the same for page, API and command line; and what is known of it afterwards."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.plan.model_base import listed
from broadcaster.plan.models import DayCondition, Identifier, Lateness, LatenessField, Model, Speed, Window
from broadcaster.plan.times import Length, parse_moment

NoticePriority = Literal["urgent", "scheduled", "rotation"]

State = Literal["submitted", "approved", "ready", "expired", "rejected", "withdrawn"]
"""``approved`` waits for its recording; only what is ``ready`` may air; ``expired`` follows from the last date."""

STATES: tuple[State, ...] = ("submitted", "approved", "ready", "expired", "rejected", "withdrawn")


def _parse_at(value: Any) -> Any:
    return str(parse_moment(value))


ClockText = Annotated[str, BeforeValidator(_parse_at)]
"""A time of day, ``10:05`` or ``close - 10 min``, written the plan's way."""


def _visible(value: Any) -> Any:
    """Without control characters and marks that are not seen: they would hide a title, or turn its line around."""
    if not isinstance(value, str):
        return value
    return "".join(one for one in value if unicodedata.category(one) not in ("Cc", "Cf") or one.isspace())


TITLE_MOST = 80

_Line = Annotated[str, BeforeValidator(_visible), StringConstraints(strip_whitespace=True, max_length=TITLE_MOST)]

_Name = Annotated[str, StringConstraints(max_length=80)]


class When(DayCondition):
    """When a notice airs: exactly one of ``now``, ``at``, ``every`` (in windows) and ``rotation``; and on which dates.

    ``days`` and ``except`` (``unless`` in code) are day types, as in the programme.
    """

    now: bool = False
    """Once, as soon as it may and nobody is speaking."""
    at: Annotated[tuple[ClockText, ...], BeforeValidator(listed), Field(max_length=100)] = ()
    every: Annotated[Length, Field(ge=60)] | None = None
    """Seconds from one airing to the next, within the windows."""
    windows: Annotated[tuple[Window, ...], BeforeValidator(listed), Field(max_length=20)] = ()
    rotation: Identifier | None = None
    """Takes turns in this rotation of the programme."""
    first: date
    last: date
    """The last date itself is included."""
    dates: Annotated[tuple[date, ...], BeforeValidator(listed), Field(max_length=400)] = ()
    """Only on these, if any is given."""

    @model_validator(mode="after")
    def _one_way(self) -> When:
        if sum((self.now, bool(self.at), self.every is not None, self.rotation is not None)) != 1:
            raise PydanticCustomError(
                "not_one_of",
                "写明一种播出方式:立即、几点、每隔多久、轮播 / say exactly one of now, at, every, rotation",
                {"names": "now, at, every, rotation"},
            )
        if self.every is not None and not self.windows:
            raise PydanticCustomError("windows_missing", "每隔多久播一次,要写明时段 / every needs windows")
        if self.windows and self.every is None:
            raise PydanticCustomError("windows_unused", "时段只用于每隔多久播一次 / windows go with every")
        if self.last < self.first:
            raise PydanticCustomError("dates_backwards", "结束日期早于开始日期 / the last date is before the first")
        if self.now and self.first != self.last:
            raise PydanticCustomError("now_is_today", "立即播出只能在当天 / now is for one date only")
        return self


class NoticeDraft(Model):
    """A notice as its author wants it. Whether it says anything at all is looked at when it is submitted."""

    title: Annotated[_Line, StringConstraints(min_length=1)]
    text: Annotated[str, Field(max_length=2000)] = ""
    recording: Annotated[str, Field(pattern=r"^[^./\\:\s][^/\\:\s]{0,199}$")] | None = None
    """Name of an uploaded file, which is kept under the hash of its content; it is heard instead of a voice."""
    when: When
    vendor: Identifier | None = None
    voice: _Name | None = None
    """A name in ``config/voices.yaml``; the station's unless given."""
    speed: Speed | None = None
    chime: _Name | None = "ding-dong"
    read: Annotated[int, Field(ge=1, le=20)] = 1
    pause: Annotated[Length, Field(le=60)] = 1.5
    """Seconds between two readings."""
    priority: NoticePriority = "scheduled"
    """Unless given: ``urgent`` where it airs now, ``rotation`` where it takes turns."""
    lateness: LatenessField = Lateness(rule="late_by", late_by_s=120.0)
    level: _Name | None = None
    form: _Name | None = None
    """The ready-made form that it was written with."""
    note: Annotated[str, Field(max_length=500)] = ""
    """For whoever approves; never aired."""

    @model_validator(mode="before")
    @classmethod
    def _usual_priority(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "priority" in values:
            return values
        when = values.get("when")
        given = when if isinstance(when, dict) else vars(when) if isinstance(when, When) else {}
        usual = "urgent" if given.get("now") else "rotation" if given.get("rotation") else "scheduled"
        return {**values, "priority": usual}

    def content(self) -> dict[str, Any]:
        """All of it as JSON, as it is stored."""
        return self.model_dump(mode="json", by_alias=True)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of a stored content: what an approval holds for.

    Of the stored form and not of the model, so that a later version with more fields finds old approvals still valid.
    """
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an approver said of a revision."""

    who: str
    approved: bool
    at: datetime
    reason: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """A notice with its current revision. Instants in UTC."""

    id: int
    ref: str
    """Its name in rundown and as-run log."""
    state: State
    revision: int
    draft: NoticeDraft
    author: str
    """Who submitted it first."""
    editor: str
    """Who wrote this revision."""
    created_at: datetime
    changed_at: datetime
    needed: int
    """Approvals that this revision needs, of different people."""
    verdicts: tuple[Verdict, ...] = ()
    """On this revision."""
    reason: str = ""
    """Why it was rejected or withdrawn."""
    effective_at: datetime | None = None
    """From then on it may air: approved, and its recording ready."""
    ended_at: datetime | None = None
    render_error: str = ""
    duration_s: float | None = None
    """One airing, with chime and all readings; None while it is not rendered."""
    clip_path: str | None = None

    @property
    def approvals(self) -> tuple[Verdict, ...]:
        """Those that say yes."""
        return tuple(verdict for verdict in self.verdicts if verdict.approved)
