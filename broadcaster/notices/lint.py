"""Looks over a notice before it is approved, and remarks on what is probably wrong. It only advises: people decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from broadcaster.notices.advertising import AdvertisingWords
from broadcaster.notices.lint_dates import date_remarks, time_remarks
from broadcaster.notices.lint_phones import phone_remarks
from broadcaster.notices.lint_prices import price_remarks
from broadcaster.notices.lint_remark import Remark, Severity, remark
from broadcaster.notices.lint_text import text_remarks

if TYPE_CHECKING:
    from broadcaster.notices.models import NoticeDraft, When
from broadcaster.plan.times import parse_moment

LONG_S = 90.0
"""Spoken seconds, all readings together, that shoppers hardly listen to; a matter of taste, so advice only."""

_MARGIN = 0.15
"""How far an estimate of a length may be off."""

_SELLING = re.compile(
    r"[折元]|优惠|特价|促销|打折|满减|立减|直降|大促|抢购|秒杀|团购|新品|厂家直销|清仓|让利|赠送|买一送|限时|爆款|[¥￥]"
)


@dataclass(frozen=True)
class LintContext:
    """What the lint can't see in the draft itself."""

    today: date
    """The store's date."""
    words: AdvertisingWords = field(default_factory=AdvertisingWords)
    seconds: float | None = None
    """How long one airing is, with chime and all readings; None where nobody knows."""
    estimated: bool = True
    """Whether ``seconds`` is an estimate, not a rendered recording's."""
    limit_s: float | None = None
    """The longest that its place in the programme allows."""
    hours: tuple[int, int] | None = None
    """The store's usual opening and closing, in seconds from midnight."""
    now_s: int | None = None
    """Seconds from midnight that are over today; None where nobody knows."""
    advert: bool | None = None
    """Whether it counts as advertising; None: see :func:`is_advert`."""


def is_advert(draft: NoticeDraft) -> bool:
    """Whether a notice is advertising: a vendor's, one that takes turns in a rotation, or one that sells something."""
    if draft.vendor is not None or draft.when.rotation is not None:
        return True
    return draft.form is None and _SELLING.search(draft.text) is not None


def lint(draft: NoticeDraft, context: LintContext) -> tuple[Remark, ...]:
    """All remarks on a draft: serious ones first, each kind in the order of the text."""
    found = sorted(_remarks(draft, context), key=lambda entry: (entry.severity != "serious", entry.start))
    return tuple(dict.fromkeys(found))


def _remarks(draft: NoticeDraft, context: LintContext) -> Iterator[Remark]:
    text = draft.text
    if not text.strip():
        if draft.recording is None:
            yield remark("empty", "serious")
    else:
        yield from text_remarks(text)
        yield from phone_remarks(text)
        yield from price_remarks(text)
        yield from date_remarks(text, context.today, draft.when.last)
        yield from time_remarks(text, context.hours)
        yield from _advertising(draft, context)
    yield from _length(context)
    yield from _airing(draft, context)


def _advertising(draft: NoticeDraft, context: LintContext) -> Iterator[Remark]:
    advert = is_advert(draft) if context.advert is None else context.advert
    for hit in context.words.find(draft.text):
        severity: Severity = hit.severity if advert else "advice"
        yield remark(
            "advertising",
            severity,
            draft.text,
            (hit.start, hit.end),
            word=hit.word,
            source=hit.source.title.zh,
            source_en=hit.source.title.text("en"),
            note=hit.source.note.zh,
            note_en=hit.source.note.text("en"),
        )


def _length(context: LintContext) -> Iterator[Remark]:
    seconds, limit = context.seconds, context.limit_s
    if seconds is None:
        return
    about, about_en = ("估计", "an estimated ") if context.estimated else ("", "")
    if limit is not None and seconds > limit:
        surely = not context.estimated or seconds > limit * (1 + _MARGIN)
        severity: Severity = "serious" if surely else "advice"
        yield remark("too-long", severity, about=about, about_en=about_en, seconds=seconds, limit=limit)
    elif seconds > LONG_S:
        yield remark("long", "advice", about=about, about_en=about_en, seconds=seconds, limit=LONG_S)


def _airing(draft: NoticeDraft, context: LintContext) -> Iterator[Remark]:
    when = draft.when
    if when.last < context.today:
        yield remark("over", "serious", field="when", date=str(when.last))
    elif when.dates and not any(max(when.first, context.today) <= day <= when.last for day in when.dates):
        yield remark("no-airing", "serious", field="when")
    elif context.now_s is not None and _airs_on(when, context.today):
        moments = [parse_moment(text) for text in when.at]
        # Those that go by opening and closing depend on the day's hours: the preview's times tell.
        over = [one for one in moments if one.anchor == "midnight" and one.seconds <= context.now_s]
        if over:
            times = "、".join(str(one) for one in over)
            last = when.last == context.today or (bool(when.dates) and max(when.dates) <= context.today)
            if last and len(over) == len(moments):
                yield remark("all-past", "serious", field="when", times=times)
            else:
                yield remark("some-past", "advice", field="when", times=times)


def _airs_on(when: When, date: date) -> bool:
    """As far as the notice alone tells: what type of day it is, the calendar knows."""
    return when.first <= date <= when.last and (not when.dates or date in when.dates) and not (when.days or when.unless)
