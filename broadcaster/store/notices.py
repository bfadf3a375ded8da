"""Notices as they are kept: revisions that are never written over, verdicts, recordings.

Here is no rule of who may do what: that is :mod:`broadcaster.notices.flow`'s, and the desk asks it within the
transaction that :meth:`Notices.changing` opens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, insert, or_, select, update

from broadcaster.store.audit import AuditEntry, record_on
from broadcaster.store.database import Database
from broadcaster.store.notice_names import notice_ref
from broadcaster.store.notice_search import wanted_where
from broadcaster.store.stamps import bump, stamp
from broadcaster.store.tables import approvals, audit, notices, renderings, revisions
from broadcaster.store.vendors import AIRING

YES, NO = "approve", "reject"

_LARGEST = 2**63 - 1
"""Databases take no larger number; asked for one, there is no such notice."""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One person's word on one revision."""

    revision: int
    who: str
    verdict: str
    reason: str
    at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class StoredRendering:
    """A recording of a revision, and from when until when it is the one that airs."""

    clip_path: str
    clip_key: str
    duration_s: float
    engine: str
    facts: Mapping[str, Any]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A notice at one of its revisions."""

    id: int
    state: str
    """Of the notice: about this revision only if it is the ``latest``."""
    latest: int
    revision: int
    author: str
    editor: str
    reason: str
    created_at: datetime
    changed_at: datetime
    content: Mapping[str, Any]
    content_hash: str
    needed: int
    first: date
    last: date
    effective_at: datetime | None
    ended_at: datetime | None
    render_error: str | None
    failed_at: datetime | None
    verdicts: tuple[StoredVerdict, ...] = ()
    renderings: tuple[StoredRendering, ...] = ()
    """In order."""


_COLUMNS = (
    notices.c.id, notices.c.state, notices.c.revision.label("latest"), notices.c.author, notices.c.reason,
    notices.c.created_at, notices.c.changed_at, revisions.c.revision, revisions.c.author.label("editor"),
    revisions.c.content, revisions.c.content_hash, revisions.c.needed, revisions.c.first, revisions.c.last,
    revisions.c.effective_at, revisions.c.ended_at, revisions.c.render_error, revisions.c.failed_at,
)  # fmt: skip
_BOTH = notices.join(revisions, notices.c.id == revisions.c.notice)
_LATEST = notices.c.revision == revisions.c.revision


class Notices:
    """Reads and changes the notices; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def changing(self, now: datetime) -> Iterator[NoticeChange]:
        """A transaction: on disk, with its entries of the audit trail, when the block is left without an error."""
        with self._database.writing() as connection:
            yield NoticeChange(connection, now)

    def stamp(self) -> int:
        """Another number after anything changed that airs, by whichever process."""
        return stamp(self._database, AIRING)

    def get(self, number: int) -> StoredRevision | None:
        """A notice at its latest revision."""
        if number > _LARGEST:
            return None
        with self._database.reading() as connection:
            return _one(connection, number)

    def find(
        self,
        today: date,
        *,
        state: str | None = None,
        vendor: str | None = None,
        author: str | None = None,
        search: str = "",
        limit: int = 100,
        before: int | None = None,
        states: Collection[str] = (),
        since: date | None = None,
        until: date | None = None,
        offset: int = 0,
    ) -> list[StoredRevision]:
        """The newest notices first, at their latest revision; ``before`` an id, to read on.

        ``state``, or one of ``states``, may be ``expired``: what has a running state, and a last date before
        ``today``. ``since`` and ``until`` keep what may be heard between these dates, both included.
        """
        wanted = wanted_where(
            today, {state} if state is not None else set(states), vendor, author, search, since, until
        )
        query = select(*_COLUMNS).select_from(_BOTH).where(_LATEST, *wanted).order_by(notices.c.id.desc())
        if before is not None:
            query = query.where(notices.c.id < max(0, min(before, _LARGEST)))
        with self._database.reading() as connection:
            return _filled(connection, connection.execute(query.limit(limit).offset(offset)).mappings().all())

    def count(
        self,
        today: date,
        *,
        vendor: str | None = None,
        author: str | None = None,
        search: str = "",
        states: Collection[str] = (),
        since: date | None = None,
        until: date | None = None,
    ) -> int:
        """How many :meth:`find` would find."""
        wanted = wanted_where(today, set(states), vendor, author, search, since, until)
        # Dates of the air stand with the revision; without them the short rows alone are looked at.
        source = _BOTH if since is not None or until is not None else notices
        joined = (_LATEST,) if source is _BOTH else ()
        query = select(func.count()).select_from(source).where(*joined, *wanted)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def count_waiting(self, today: date, who: str) -> int:
        """How many wait for an approval that ``who`` may give: neither written nor decided by them."""
        decided = exists().where(
            approvals.c.notice == revisions.c.notice,
            approvals.c.revision == revisions.c.revision,
            approvals.c.who == who,
        )
        ours = (notices.c.author != who, revisions.c.author != who, ~decided)
        wanted = wanted_where(today, {"submitted"}, None, None, "", None, None)
        query = select(func.count()).select_from(_BOTH).where(_LATEST, *wanted, *ours)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def airing(self, first: date, last: date, after: datetime) -> list[StoredRevision]:
        """Every revision with a recording for any date from ``first`` to ``last``, unless it ended before ``after``.

        What the state says is not looked at: whoever puts them on air must look at the verdicts.
        """
        query = (
            select(*_COLUMNS)
            .select_from(_BOTH)
            .where(
                revisions.c.first <= last,
                revisions.c.last >= first,
                revisions.c.effective_at.is_not(None),
                or_(revisions.c.ended_at.is_(None), revisions.c.ended_at >= after),
            )
            .order_by(notices.c.id, revisions.c.revision)
        )
        with self._database.reading() as connection:
            return _filled(connection, connection.execute(query).mappings().all())

    def unrendered(self, today: date, failed_before: datetime) -> list[StoredRevision]:
        """What is approved and has no recording, without what failed since; in the order of approval."""
        waiting: ColumnElement[bool] = or_(revisions.c.failed_at.is_(None), revisions.c.failed_at < failed_before)
        query = (
            select(*_COLUMNS)
            .select_from(_BOTH)
            .where(_LATEST, notices.c.state == "approved", notices.c.last >= today, waiting)
            .order_by(notices.c.changed_at, notices.c.id)
        )
        with self._database.reading() as connection:
            return _filled(connection, connection.execute(query).mappings().all())

    def history(self, number: int) -> list[AuditEntry]:
        """The audit trail of a notice, the oldest entry first."""
        query = select(audit).where(audit.c.subject == notice_ref(number)).order_by(audit.c.id)
        with self._database.reading() as connection:
            return [AuditEntry(**row) for row in connection.execute(query).mappings()]


class NoticeChange:
    """One transaction on the notices."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def get(self, number: int) -> StoredRevision | None:
        """A notice at its latest revision; nobody else changes it until the transaction ends."""
        if number > _LARGEST:
            return None
        self._connection.execute(select(notices.c.id).where(notices.c.id == number).with_for_update())
        return _one(self._connection, number)

    def was_ready(self, number: int) -> bool:
        """Whether any of its revisions ever could air."""
        ever = select(revisions.c.revision).where(revisions.c.notice == number, revisions.c.effective_at.is_not(None))
        return self._connection.execute(ever.limit(1)).first() is not None

    def add(self, content: Mapping[str, Any], content_hash: str, author: str, needed: int) -> int:
        """A new notice at revision 1; returns its id."""
        values = {
            **_head(content, author), "state": "submitted", "revision": 1, "author": author, "reason": "",
            "created_at": self._now, "changed_at": self._now,
        }  # fmt: skip
        number = int(self._connection.execute(insert(notices).values(values).returning(notices.c.id)).scalar_one())
        self._revision(number, 1, content, content_hash, author, needed)
        return number

    def revise(
        self, of: StoredRevision, content: Mapping[str, Any], content_hash: str, editor: str, needed: int
    ) -> int:  # fmt: skip
        """A new revision, submitted again; the former one ends. Returns its number."""
        self.end(of, "edited")
        self._revision(of.id, of.latest + 1, content, content_hash, editor, needed)
        self._change(of.id, state="submitted", revision=of.latest + 1, reason="", **_head(content, of.author))
        return of.latest + 1

    def say(self, of: StoredRevision, who: str, verdict: str, reason: str, state: str) -> None:
        """Keep a verdict on a revision, and the state that follows."""
        self._connection.execute(
            insert(approvals).values(
                notice=of.id,
                revision=of.revision,
                who=who,
                verdict=verdict,
                reason=reason,
                at=self._now,
                content_hash=of.content_hash,
            )
        )
        self._change(of.id, state=state, reason=reason if verdict == NO else "")

    def withdraw(self, of: StoredRevision, reason: str) -> None:
        """Take it off the air."""
        self.end(of, "withdrawn")
        self._change(of.id, state="withdrawn", reason=reason)

    def end(self, of: StoredRevision, why: str) -> None:
        """From now on this revision airs no more."""
        ours = and_(revisions.c.notice == of.id, revisions.c.revision == of.revision, revisions.c.ended_at.is_(None))
        self._connection.execute(update(revisions).where(ours).values(ended_at=self._now, ended_why=why))
        self._end_rendering(of)
        bump(self._connection, AIRING)

    def ready(self, of: StoredRevision, path: str, key: str, duration_s: float, engine: str, facts: Any) -> None:
        """From now on it airs with this recording instead of any earlier one."""
        self._end_rendering(of)
        self._connection.execute(
            insert(renderings).values(
                notice=of.id,
                revision=of.revision,
                clip_path=path,
                clip_key=key,
                duration_s=duration_s,
                engine=engine,
                facts=facts,
                since=self._now,
            )
        )
        effective = of.effective_at or self._now
        self._of(of, effective_at=effective, render_error=None, failed_at=None)
        self._change(of.id, state="ready")
        bump(self._connection, AIRING)

    def failed(self, of: StoredRevision, words: str) -> None:
        """Keep why it could not be spoken."""
        self._of(of, render_error=words, failed_at=self._now)

    def note(self, number: int, who: str, what: str, detail: Mapping[str, Any], where: str) -> None:
        """An entry of the audit trail, in this transaction."""
        record_on(
            self._connection,
            at=self._now,
            who=who,
            what=what,
            detail={"notice": number, **detail},
            where=where,
            subject=notice_ref(number),
        )

    def _revision(
        self, number: int, revision: int, content: Mapping[str, Any], content_hash: str, author: str, needed: int
    ) -> None:
        when = content["when"]
        self._connection.execute(
            insert(revisions).values(
                notice=number,
                revision=revision,
                content=dict(content),
                content_hash=content_hash,
                author=author,
                at=self._now,
                needed=needed,
                first=date.fromisoformat(when["first"]),
                last=date.fromisoformat(when["last"]),
            )
        )

    def _end_rendering(self, of: StoredRevision) -> None:
        ours = and_(
            renderings.c.notice == of.id, renderings.c.revision == of.revision, renderings.c.until.is_(None)
        )  # fmt: skip
        self._connection.execute(update(renderings).where(ours).values(until=self._now))

    def _of(self, of: StoredRevision, **values: Any) -> None:
        ours = and_(revisions.c.notice == of.id, revisions.c.revision == of.revision)
        self._connection.execute(update(revisions).where(ours).values(values))

    def _change(self, number: int, **values: Any) -> None:
        self._connection.execute(update(notices).where(notices.c.id == number).values(changed_at=self._now, **values))


def _head(content: Mapping[str, Any], author: str) -> dict[str, Any]:
    return {
        "title": content["title"],
        "searched": "\n".join((content["title"], content["text"], author)).casefold(),
        "vendor": content["vendor"],
        "last": date.fromisoformat(content["when"]["last"]),
    }


def _one(connection: Connection, number: int) -> StoredRevision | None:
    query = select(*_COLUMNS).select_from(_BOTH).where(_LATEST, notices.c.id == number)
    found = _filled(connection, connection.execute(query).mappings().all())
    return found[0] if found else None


def _filled(connection: Connection, rows: Sequence[RowMapping]) -> list[StoredRevision]:
    ids = {row["id"] for row in rows}
    said: dict[tuple[int, int], list[StoredVerdict]] = {}
    for row in _of_notices(connection, approvals, ids):
        verdict = StoredVerdict(**{name: row[name] for name in StoredVerdict.__slots__})
        said.setdefault((row["notice"], row["revision"]), []).append(verdict)
    made: dict[tuple[int, int], list[StoredRendering]] = {}
    for row in _of_notices(connection, renderings, ids):
        rendering = StoredRendering(**{name: row[name] for name in StoredRendering.__slots__})
        made.setdefault((row["notice"], row["revision"]), []).append(rendering)
    return [
        StoredRevision(
            **row,
            verdicts=tuple(said.get((row["id"], row["revision"]), ())),
            renderings=tuple(made.get((row["id"], row["revision"]), ())),
        )
        for row in rows
    ]


_AT_ONCE = 500
"""Databases limit how many values a statement may carry."""


def _of_notices(connection: Connection, table: Any, ids: Iterable[int]) -> Iterator[RowMapping]:
    known = sorted(ids)
    for first in range(0, len(known), _AT_ONCE):
        query = select(table).where(table.c.notice.in_(known[first : first + _AT_ONCE])).order_by(table.c.id)
        yield from connection.execute(query).mappings()
