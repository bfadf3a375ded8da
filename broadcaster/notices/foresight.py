"""A look ahead: whether a notice can be submitted, what there is to say about it, and when it would be heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from broadcaster.clock import Clock
from broadcaster.errors import NoticeError, VoiceError
from broadcaster.notices.airing import AiringDesk
from broadcaster.notices.feed import airing
from broadcaster.notices.helpers import Helpers
from broadcaster.notices.models import NoticeDraft, NoticeRecord
from broadcaster.notices.preview import LOOK_AHEAD_DAYS, SHOWN_DAYS, DayHeard, Preview, day_heard
from broadcaster.plan.plan import Clip
from broadcaster.store.vendors import Vendors

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Reading

LONGEST_S = 600.0
"""One airing may not take longer, readings and pauses included: the house would be talked at for that long."""

_CANDIDATE = 0
"""Id of a notice that is not submitted; the database counts from 1."""


class Foresight:
    """Knows what the plan and the voice say of a draft, as far as ``helpers`` do; nothing is changed here."""

    def __init__(
        self, clock: Clock, tz: Callable[[], ZoneInfo], helpers: Helpers, vendors: Vendors, airing_desk: AiringDesk
    ) -> None:
        self._clock = clock
        self._tz = tz
        self._helpers = helpers
        self._vendors = vendors
        self._airing = airing_desk

    def _today(self) -> date:
        return self._clock.now().astimezone(self._tz()).date()

    def check(self, draft: NoticeDraft) -> None:
        """Raise ``NoticeError`` for a draft that could not be submitted, whoever did it."""
        if not draft.text.strip() and draft.recording is None:
            raise NoticeError("没有文字,也没有录音 / there is neither a text nor a recording")
        if draft.recording is None and not any(one.isalnum() for one in draft.text):
            raise NoticeError(
                f"“{draft.text.strip()[:20]}”里没有能念的字,请写上文字 / "
                f"“{draft.text.strip()[:20]}” holds nothing that can be spoken: write some words"
            )
        if draft.when.last < self._today():
            raise NoticeError(f"结束日期 {draft.when.last} 已经过去 / the last date, {draft.when.last}, is over")
        if draft.when.now and draft.when.first > self._today():
            raise NoticeError(
                f"立即播出只能是今天 {self._today()},写的是 {draft.when.first} / "
                f"now is for today, {self._today()}, and not for {draft.when.first}"
            )
        if draft.vendor is not None and self._vendors.get(draft.vendor) is None:
            raise NoticeError(f"没有商户“{draft.vendor}” / there is no vendor “{draft.vendor}”")
        if self._helpers.fault is not None and (words := self._helpers.fault(draft)):
            raise NoticeError(words)
        if (length := self._length(draft, None)) > LONGEST_S:
            raise NoticeError(
                f"播一次要 {length / 60:.0f} 分钟,最多 {LONGEST_S / 60:.0f} 分钟:请缩短文字或少念几遍 / "
                f"one airing would last {length / 60:.0f} min, at most {LONGEST_S / 60:.0f} are allowed: "
                "shorten the text, or read it fewer times"
            )

    def preview(self, draft: NoticeDraft, number: int | None = None, record: NoticeRecord | None = None) -> Preview:
        """What would be heard if this were approved now; ``number`` of the notice in whose place it would stand.

        ``record`` is that notice: what is on air already just as it is drafted has the times of the air.
        """
        reading, trouble = self._read(draft)
        length = self._length(draft, reading)
        remarks = tuple(self._helpers.lint(draft, length)) if self._helpers.lint else ()
        if record is not None and record.state == "ready" and record.draft == draft:
            length = record.duration_s or length
            days = self.times(record)
        else:
            days = self._days(draft, length, number)
        named_wrongly = self._helpers.fault(draft) if self._helpers.fault else ""
        return Preview(reading, remarks, length, days, self._today(), "; ".join(filter(None, (named_wrongly, trouble))))

    def times(self, record: NoticeRecord) -> tuple[DayHeard, ...]:
        """When a notice that waits or airs will be heard, on the first dates from today."""
        length = record.duration_s or self._length(record.draft, None)
        return self._days(record.draft, length, record.id, planned=record.state == "ready")

    def remarked(self, draft: NoticeDraft) -> Sequence[Mapping[str, Any]]:
        """The remarks on a draft, as the audit trail keeps them."""
        if self._helpers.lint is None:
            return ()
        found = self._helpers.lint(draft, self._length(draft, None))
        return [{"code": one.code, "severity": one.severity, "excerpt": one.excerpt} for one in found]

    def _days(
        self, draft: NoticeDraft, length: float, number: int | None, *, planned: bool = False
    ) -> tuple[DayHeard, ...]:
        """``planned``: it is on air already, so that nothing has to be imagined."""
        planner = self._helpers.planner
        if planner is None:
            return ()
        found: list[DayHeard] = []
        start = max(self._today(), draft.when.first)
        clip = Clip(path=None, duration_s=length, key="")
        one = airing(_CANDIDATE if number is None else number, draft, clip, self._approved_at(draft))
        for on in (start + timedelta(days=ahead) for ahead in range(LOOK_AHEAD_DAYS)):
            if on > draft.when.last or len(found) == SHOWN_DAYS:
                break
            before, after = self._airing.ahead(on, one.id, None if planned else one)
            day = day_heard(on, planner.heard(on, before, after, one.id), self._tz())
            if day.times or day.moved:
                found.append(day)
        return tuple(found)

    def _approved_at(self, draft: NoticeDraft) -> datetime:
        """When it would be approved if it were now: the end of this minute, so that who looks again within it is shown
        days that are compiled already (:meth:`broadcaster.publishing.almanac.Almanac.compile`).
        """
        now = self._clock.now()
        return now if draft.when.now else now.replace(second=0, microsecond=0) + timedelta(minutes=1)

    def _read(self, draft: NoticeDraft) -> tuple[Reading | None, str]:
        if self._helpers.read is None or draft.recording is not None or not draft.text.strip():
            return None, ""
        try:
            return self._helpers.read(draft.text, self._helpers.language(draft)), ""
        except VoiceError as error:
            return None, str(error)

    def _length(self, draft: NoticeDraft, reading: Reading | None) -> float:
        return self._helpers.length(draft, reading) if self._helpers.length else 0.0
