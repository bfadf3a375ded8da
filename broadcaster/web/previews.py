"""What the author sees before submitting: the words as they will be said, doubts, remarks, times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from broadcaster.errors import BroadcasterError
from broadcaster.web.corrections import Correction, corrections
from broadcaster.web.offices import current_offices
from broadcaster.web.view import current_zone

if TYPE_CHECKING:
    from broadcaster.notices.lint_remark import Remark
    from broadcaster.notices.models import NoticeDraft
    from broadcaster.voice.reading.model import Doubt, Reading

#: So many times are named at once; the rest is behind a fold.
FIRST_TIMES = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the author's text; ``doubt`` is its number in the list of doubts, None where all is clear."""

    text: str
    doubt: int | None = None


@dataclass(frozen=True, slots=True)
class DayTimes:
    """When it will be heard on one date, in local time."""

    day: date
    first: tuple[datetime, ...]
    rest: tuple[datetime, ...]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.rest)


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview, laid out. ``trouble`` says in words why something of it is missing."""

    reading: Reading | None
    pieces: tuple[Piece, ...]
    doubts: tuple[Correction, ...]
    remarks: tuple[Remark, ...]
    days: tuple[DayTimes, ...]
    count_today: int
    air_s: float
    moved: tuple[str, ...]
    """What gives way, a line each."""
    trouble: str = ""
    duration_s: float | None = None
    """One airing."""


def look_ahead(draft: NoticeDraft, number: int | None = None) -> Shown:
    """The preview of a draft, in the place of the notice of this number if one is given.

    What can't be told (no voice, no plan yet) is said in words instead of failing.
    """
    try:
        preview = current_offices().notices.preview(draft, number)
    except BroadcasterError as error:
        return Shown(None, (), (), (), (), 0, 0.0, (), str(error))
    reading = preview.reading
    doubts = reading.doubts if reading else ()
    return Shown(
        reading=reading,
        pieces=tuple(mark(reading.source, doubts)) if reading else (),
        doubts=corrections(reading) if reading else (),
        remarks=tuple(preview.remarks),
        days=tuple(by_day(preview.times, current_zone())),
        count_today=preview.count_today,
        air_s=preview.air_s,
        moved=tuple(preview.moved),
        trouble=preview.trouble,
        duration_s=preview.duration_s,
    )


def mark(source: str, doubts: Sequence[Doubt]) -> list[Piece]:
    """The text cut at its doubts; of two that overlap the first is marked."""
    pieces: list[Piece] = []
    done = 0
    for number, doubt in sorted(enumerate(doubts), key=lambda item: (item[1].start, -item[1].end)):
        if doubt.start < done or doubt.end > len(source):
            continue
        if doubt.start > done:
            pieces.append(Piece(source[done : doubt.start]))
        pieces.append(Piece(source[doubt.start : doubt.end], number))
        done = doubt.end
    return [*pieces, Piece(source[done:])] if done < len(source) else pieces


def by_day(times: Sequence[datetime], zone: ZoneInfo) -> list[DayTimes]:
    """The times by local date."""
    local = sorted(moment.astimezone(zone) for moment in times)
    days = [(day, tuple(moments)) for day, moments in groupby(local, key=lambda moment: moment.date())]
    return [DayTimes(day, moments[:FIRST_TIMES], moments[FIRST_TIMES:]) for day, moments in days]


def as_document(shown: Shown) -> dict[str, Any]:
    """The preview for the API; see :class:`~broadcaster.web.contract_notices.Preview`."""
    reading = shown.reading
    zone = current_zone()
    return {
        "spoken": reading.spoken if reading else None,
        "pinyin": [{"text": text, "pinyin": pinyin} for text, pinyin in reading.pinyin] if reading else [],
        "doubts": [_doubt(correction) for correction in shown.doubts],
        "remarks": [remark.as_json() for remark in shown.remarks],
        "times": [moment.astimezone(zone).isoformat() for day in shown.days for moment in (*day.first, *day.rest)],
        "count_today": shown.count_today,
        "air_s": shown.air_s,
        "duration_s": shown.duration_s,
        "moved": list(shown.moved),
        "trouble": shown.trouble or None,
    }


def _doubt(correction: Correction) -> dict[str, Any]:
    doubt = correction.doubt
    return {
        "code": doubt.code,
        "text": doubt.text,
        "start": doubt.start,
        "end": doubt.end,
        "read_as": doubt.read_as,
        "word": correction.word,
        "readings": [reading for _choice, reading in correction.readings],
    }
