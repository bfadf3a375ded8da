"""What of the notices the compiler gets. Nothing is taken on trust: approvals and hashes are looked at again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from pydantic import ValidationError

from broadcaster.notices.models import NoticeDraft, When, content_hash
from broadcaster.plan.models import DayCondition, Names, Timing
from broadcaster.plan.plan import Clip
from broadcaster.plan.times import parse_moment
from broadcaster.rundown.events import Notice
from broadcaster.rundown.standing import holds
from broadcaster.store.notice_names import notice_ref
from broadcaster.store.notices import YES, StoredRendering, StoredRevision
from broadcaster.store.vendors import Contract

log = logging.getLogger(__name__)

APART_S = 60.0
"""Closer than this to its next turn a form is not called at once as well."""

SOON = timedelta(seconds=1)
"""A notice for now airs so long after it is ready: the conductor needs a moment to hear of it."""


def fit_for_air(stored: StoredRevision) -> NoticeDraft | None:
    """What may be heard of a revision, by its approvals rather than by its state; None if nothing may.

    Approvals count if they are of this revision with this very content, and not by who wrote it; a single no is enough.
    A revision that was superseded, or whose notice is not ready, must have its end.
    """
    held = content_hash(stored.content)
    ours = [verdict for verdict in stored.verdicts if verdict.revision == stored.revision]
    agreed = {verdict.who for verdict in ours if verdict.verdict == YES and verdict.content_hash == held}
    agreed -= {stored.author, stored.editor}
    current = stored.revision == stored.latest and stored.state == "ready"
    if (
        held != stored.content_hash
        or len(agreed) < max(1, stored.needed)
        or any(verdict.verdict != YES for verdict in ours)
        or not (current or stored.ended_at is not None)
    ):
        if current:
            log.error("%s: it stays off the air: what is approved is not what is kept", notice_ref(stored.id))
        return None
    try:
        return NoticeDraft.model_validate(stored.content)
    except ValidationError as error:
        log.error("%s: it stays off the air: it can't be read (%s)", notice_ref(stored.id), error)
        return None


def airing(
    number: int, draft: NoticeDraft, clip: Clip, effective_at: datetime | None, written_at: datetime | None = None
) -> Notice:
    """A notice as the compiler takes it, without the terms of its vendor. ``effective_at`` is when it was ready.

    With ``written_at``, a form that is called again and again is called at once as well.
    """
    when = draft.when
    at_once = effective_at is not None and (when.now or _called_at_once(draft, effective_at, written_at))
    return Notice(
        id=notice_ref(number),
        title=Names(zh=draft.title),
        clip=clip,
        first=when.first,
        last=when.last,
        timing=_timing(draft) if when.at or when.every is not None else None,
        rotation=when.rotation,
        read=draft.read,
        level=draft.level,
        vendor=draft.vendor,
        since=effective_at,
        dates=when.dates,
        days=_days(when),
        moments=(effective_at + SOON,) if effective_at is not None and at_once else (),
        priority=draft.priority,
        lateness=draft.lateness,
        text=draft.text,
    )


def _called_at_once(draft: NoticeDraft, effective_at: datetime, written_at: datetime | None) -> bool:
    """Its turns count from the minute in which it was written; once ready it need not wait for the next of them."""
    every = draft.when.every
    if written_at is None or draft.form is None or every is None:
        return False
    age_s = (effective_at + SOON - written_at.replace(second=0, microsecond=0)).total_seconds()
    return 0 <= age_s < (draft.lateness.late_by_s or 0) and every - age_s % every > APART_S


def _timing(draft: NoticeDraft) -> Timing:
    return Timing(
        at=tuple(parse_moment(text) for text in draft.when.at),
        every=draft.when.every,
        windows=draft.when.windows,
        priority=draft.priority,
        lateness=draft.lateness,
        level=draft.level,
    )


def _days(when: When) -> DayCondition | None:
    return DayCondition(days=when.days, unless=when.unless) if when.days or when.unless else None


def airing_notices(revisions: Iterable[StoredRevision], now: datetime | None = None) -> Iterator[Notice]:
    """All that may be heard, one for each stretch of time with a recording of its own.

    With ``now`` what was ended is over by now at the latest, even where the clock was set back since.
    """
    for stored in revisions:
        draft = fit_for_air(stored)
        if draft is None:
            continue
        if now is not None and stored.ended_at is not None and stored.ended_at > now:
            stored = replace(stored, ended_at=now)
        # Once is once: a notice for now does not air again because its recording was made anew.
        for made in stored.renderings[:1] if draft.when.now else stored.renderings:
            yield _stretch(stored, draft, made, first=made is stored.renderings[0])


def _stretch(stored: StoredRevision, draft: NoticeDraft, made: StoredRendering, *, first: bool) -> Notice:
    clip = Clip(path=made.clip_path, duration_s=made.duration_s, key=made.clip_key)
    ends = [end for end in (stored.ended_at, None if draft.when.now else made.until) if end is not None]
    notice = airing(stored.id, draft, clip, made.since, stored.created_at if first else None)
    return replace(notice, until=min(ends) if ends else None)


def with_terms(
    notices: Sequence[Notice],
    contracts: Sequence[Contract],
    weights: Mapping[str, float],
    owed: Mapping[tuple[str, str], int],
    begins: datetime,
) -> tuple[Notice, ...]:
    """Notices of a date with their vendor's weight, and their share of what its contracts promise.

    Several notices of a vendor in one rotation share its airings. Where their number changes within the date, which
    begins at ``begins``, each is cut there, so that what was planned before stays. ``owed`` counts make-goods by vendor
    and rotation.
    """
    found: list[Notice] = []
    peers: dict[tuple[str | None, str | None], list[Notice]] = {}
    for notice in notices:
        peers.setdefault((notice.vendor, notice.rotation), []).append(notice)
    for notice in notices:
        if notice.vendor is None or notice.rotation is None:
            found.append(notice)
            continue
        key = notice.vendor, notice.rotation
        weight = weights.get(notice.vendor, 1.0)
        terms = [one for one in contracts if (one.vendor, one.rotation) == key]
        found += (
            _cut(notice, weight, peers[key], terms, owed.get(key, 0), begins)
            if terms
            else [replace(notice, weight=weight)]
        )
    return tuple(found)


def _cut(
    notice: Notice, weight: float, peers: Sequence[Notice], terms: Sequence[Contract], owed: int, begins: datetime
) -> list[Notice]:
    changes = {edge for one in peers for edge in (one.since, one.until) if edge is not None}
    changes |= {edge for one in terms for edge in (one.made_at, one.ended_at) if edge is not None}
    inner = sorted(edge for edge in changes if edge > begins and holds(notice.since, notice.until, edge))
    starts = [notice.since, *(edge for edge in inner if edge != notice.since)]
    pieces = []
    for since, until in zip(starts, [*starts[1:], notice.until], strict=True):
        at = max(begins, since) if since is not None else begins
        running = sorted({one.id for one in peers if holds(one.since, one.until, at)} | {notice.id}, key=_number)
        promised = [one.per_day for one in terms if holds(one.made_at, one.ended_at, at)]
        place = running.index(notice.id)
        pieces.append(
            replace(
                notice,
                weight=weight,
                since=since,
                until=until,
                per_day=_share(sum(promised), len(running), place) if promised else None,
                owed=_share(owed, len(running), place) if promised else 0,
            )
        )
    return pieces


def _number(ref: str) -> tuple[int, str]:
    # By length first: notice-9 before notice-10.
    return len(ref), ref


def _share(count: int, among: int, place: int) -> int:
    """Whole airings of the one at a place, the first ones getting what is left over."""
    return count // among + (1 if place < count % among else 0)


def on_date(notices: Iterable[Notice], day: date, types: frozenset[str] | None) -> list[Notice]:
    """Those for a date that carries these day types; None where nobody knows its types."""
    return [
        one
        for one in notices
        if one.first <= day <= one.last
        and (not one.dates or day in one.dates)
        and (types is None or one.days is None or one.days.holds(types))
    ]
