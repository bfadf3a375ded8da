"""The desk where notices are submitted, decided and handed on; page, API, command line and daemon all use it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from broadcaster.actors import RENDER
from broadcaster.clock import Clock
from broadcaster.errors import NoticeError
from broadcaster.notices import flow
from broadcaster.notices.airing import AiringDesk
from broadcaster.notices.flow import Person
from broadcaster.notices.foresight import LONGEST_S, Foresight
from broadcaster.notices.forms import Form, fill
from broadcaster.notices.helpers import Helpers as Helpers
from broadcaster.notices.models import NoticeDraft, NoticeRecord, State, content_hash
from broadcaster.notices.preview import DayHeard, Planner, Preview
from broadcaster.notices.records import record_of, standing_of
from broadcaster.notices.wanted import Wanted
from broadcaster.plan.plan import Clip
from broadcaster.rundown.events import Notice
from broadcaster.store.audit import AuditEntry
from broadcaster.store.database import Database
from broadcaster.store.kept_days import DayText
from broadcaster.store.notices import NO, YES, NoticeChange, Notices, StoredRevision
from broadcaster.store.vendors import Vendors

log = logging.getLogger(__name__)

RETRY = timedelta(minutes=5)
"""What could not be spoken is tried again after so long: a voice may have been installed."""

_ALL = 1_000_000
"""More notices than a store has."""


class NoticeDesk:
    """May be shared by threads, and used by several processes on one database.

    Where a deed is not allowed or makes no sense, ``NoticeError`` says why; ``StoreError`` as of :class:`Database`.
    ``where`` is the place a deed was done from, for the audit trail: an address, ``cli``.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tz: Callable[[], ZoneInfo],
        helpers: Helpers | None = None,
        *,
        zone: str = "main",
    ) -> None:
        self._clock = clock
        self._tz = tz
        self._helpers = helpers or Helpers()
        self._notices = Notices(database)
        self._vendors = Vendors(database, clock)
        self._airing = AiringDesk(database, clock, tz, zone, self._helpers.day_types, self._helpers.past)
        self._foresight = Foresight(clock, tz, self._helpers, self._vendors, self._airing)

    def today(self) -> date:
        """The store's date."""
        return self._clock.now().astimezone(self._tz()).date()

    # --- people ----------------------------------------------------------------------------------------------------

    def submit(self, draft: NoticeDraft, who: Person, where: str = "") -> NoticeRecord:
        """A new notice, which waits for approval."""
        return self._submit(draft, who, where, None)

    def submit_form(
        self, form: Form, values: Mapping[str, str], who: Person, where: str = "", *, english: bool = False
    ) -> NoticeRecord:
        """A notice from a ready-made form; where the form says ``self_approve``, an approver's own airs at once.

        The text is made here from the form, so that nothing else can be approved this way. Raises ``FormError`` too.
        """
        draft = fill(form, values, self._clock.now().astimezone(self._tz()), english=english)
        return self._submit(draft, who, where, form)

    def _submit(self, draft: NoticeDraft, who: Person, where: str, form: Form | None) -> NoticeRecord:
        flow.may_submit(who)
        self.check(draft)
        content, remarks = draft.content(), self._foresight.remarked(draft)
        serious = any(one["severity"] == "serious" for one in remarks)
        with self._notices.changing(self._clock.now()) as change:
            number = change.add(content, content_hash(content), who.name, self._needed(draft))
            detail = {"revision": 1, "title": draft.title, "text": draft.text, "remarks": remarks}
            change.note(number, who.name, "notice.submit", detail, where)
            if form is not None and flow.approves_itself(who, form.self_approve, serious):
                stored = self._found(change.get(number), number)
                change.say(stored, f"{flow.FORM}{form.id}", YES, "", "approved")
                agreed = {"revision": 1, "content": stored.content_hash, "self_approve": form.id, "remarks": remarks}
                change.note(number, who.name, "notice.approve", agreed, where)
            return self._shown(change, number)

    def edit(
        self, number: int, draft: NoticeDraft, who: Person, expected_revision: int, where: str = ""
    ) -> NoticeRecord:  # fmt: skip
        """A new revision, which waits for approval; the former one is off the air at once."""
        self.check(draft)
        content, remarks = draft.content(), self._foresight.remarked(draft)
        needed = self._needed(draft)
        with self._notices.changing(self._clock.now()) as change:
            stored = self._found(change.get(number), number)
            flow.may_edit(standing_of(stored, self.today()), who, expected_revision)
            if _counted_elsewhere(draft, stored.content) and change.was_ready(number):
                raise NoticeError(
                    f"通知 {number} 已经可播,不能改商户或换轮播,请另交一条 / "
                    f"notice {number} was ready to air: its vendor and rotation stay, submit another one"
                )
            if content_hash(content) == stored.content_hash and stored.state in ("submitted", "approved", "ready"):
                raise NoticeError(f"通知 {number} 没有改动 / nothing of notice {number} was changed")
            revision = change.revise(stored, content, content_hash(content), who.name, needed)
            detail = {"revision": revision, "title": draft.title, "text": draft.text, "remarks": remarks}
            change.note(number, who.name, "notice.edit", detail, where)
            return self._shown(change, number)

    def approve(self, number: int, revision: int, who: Person, note: str = "", where: str = "") -> NoticeRecord:
        """One person's yes to a revision; with the last one needed it goes to be rendered."""
        with self._notices.changing(self._clock.now()) as change:
            stored = self._found(change.get(number), number)
            standing = standing_of(stored, self.today())
            state = flow.after_approval(standing, who, revision)
            if content_hash(stored.content) != stored.content_hash:
                raise NoticeError(
                    f"通知 {number} 存下的内容被改动过,不能批准 / what is kept of notice {number} was tampered with"
                )
            change.say(stored, who.name, YES, note, state)
            remarks = self._foresight.remarked(NoticeDraft.model_validate(stored.content))
            detail = {"revision": revision, "note": note, "content": stored.content_hash, "remarks": remarks}
            change.note(number, who.name, "notice.approve", detail, where)
            return self._shown(change, number)

    def reject(self, number: int, revision: int, who: Person, reason: str, where: str = "") -> NoticeRecord:
        """One person's no, with a reason."""
        with self._notices.changing(self._clock.now()) as change:
            stored = self._found(change.get(number), number)
            flow.may_reject(standing_of(stored, self.today()), who, revision, reason)
            change.say(stored, who.name, NO, reason.strip(), "rejected")
            detail = {"revision": revision, "reason": reason.strip()}
            change.note(number, who.name, "notice.reject", detail, where)
            return self._shown(change, number)

    def withdraw(self, number: int, who: Person, reason: str = "", where: str = "") -> NoticeRecord:
        """Take a notice off the air, or out of the queue, now."""
        with self._notices.changing(self._clock.now()) as change:
            stored = self._found(change.get(number), number)
            flow.may_withdraw(standing_of(stored, self.today()), who)
            change.withdraw(stored, reason.strip())
            detail = {"revision": stored.revision, "reason": reason.strip()}
            change.note(number, who.name, "notice.withdraw", detail, where)
            return self._shown(change, number)

    def get(self, number: int) -> NoticeRecord | None:
        """A notice at its latest revision; None if there is none."""
        stored = self._notices.get(number)
        if stored is None:
            return None
        if (record := _readable(stored, self.today())) is None:
            raise NoticeError(f"通知 {number} 存下的内容读不出来 / what is kept of notice {number} can't be read")
        return record

    def list(
        self,
        state: State | None = None,
        vendor: str | None = None,
        search: str = "",
        limit: int = 100,
        before: int | None = None,
        author: str | None = None,
        *,
        wanted: Wanted | None = None,
        offset: int = 0,
    ) -> tuple[NoticeRecord, ...]:
        """The newest first; ``before`` an id, to read on; ``search`` words of title, text or author.

        With ``wanted`` that alone says which.
        """
        today = self.today()
        if wanted is not None:
            return _records(self._notices.find(today, **asdict(wanted), limit=limit, offset=offset), today)
        found = self._notices.find(
            today, state=state, vendor=vendor, author=author, search=search, limit=limit, before=before
        )
        return _records(found, today)

    def count(self, wanted: Wanted) -> int:
        """How many there are."""
        return self._notices.count(self.today(), **asdict(wanted))

    def waiting(self, who: Person) -> int:
        """How many :meth:`queue` holds; asked for by every page."""
        if not who.active or who.role not in flow.APPROVERS:
            return 0
        return self._notices.count_waiting(self.today(), who.name)

    def queue(self, who: Person) -> tuple[NoticeRecord, ...]:
        """What waits for this approver: urgent first, then in the order of submission. Nothing for anybody else."""
        today = self.today()
        waiting = self._notices.find(today, state="submitted", limit=1000)
        mine = [stored for stored in reversed(waiting) if flow.waits_for(standing_of(stored, today), who)]
        return _urgent_first(_records(mine, today))

    def agreed(self) -> tuple[NoticeRecord, ...]:
        """All that somebody said yes to and that may still be heard, now or after more approvals."""
        running: tuple[State, ...] = ("submitted", "approved", "ready")
        found = [record for state in running for record in self.list(state=state, limit=_ALL)]
        return tuple(record for record in found if record.approvals)

    def history(self, number: int) -> Sequence[AuditEntry]:
        """The audit trail of a notice, the oldest entry first."""
        return self._notices.history(number)

    # --- a look ahead ----------------------------------------------------------------------------------------------

    def check(self, draft: NoticeDraft) -> None:
        """Raise ``NoticeError`` for a draft that could not be submitted, whoever did it."""
        self._foresight.check(draft)

    def preview(self, draft: NoticeDraft, number: int | None = None) -> Preview:
        """What would be heard if this were approved now; ``number`` of the notice in whose place it would stand.

        Of one that is on air as it is drafted, what :meth:`times` tells.
        """
        return self._foresight.preview(draft, number, None if number is None else self.get(number))

    def times(self, number: int) -> tuple[DayHeard, ...]:
        """When a notice will be heard, on the first dates from today; empty if it will not be."""
        record = self.get(number)
        if record is None or record.state not in ("submitted", "approved", "ready"):
            return ()
        return self._foresight.times(record)

    # --- air -------------------------------------------------------------------------------------------------------

    def feed(self, day: date) -> tuple[Notice, ...]:
        """What of the notices a date is compiled from: only what is approved, whatever a state says."""
        return self._airing.feed(day)

    def changed_stamp(self) -> int:
        """Another number after anything changed that airs, by whichever process; cheap enough for every second."""
        return self._notices.stamp()

    def to_render(self) -> tuple[NoticeRecord, ...]:
        """What is approved and has no recording, urgent first; what failed comes again after some minutes."""
        today = self.today()
        found = self._notices.unrendered(today, self._clock.now() - RETRY)
        return _urgent_first(_records(found, today))

    def mark_ready(self, number: int, revision: int, clip: Clip, facts: Mapping[str, Any] | None = None) -> bool:
        """From now on it airs with this recording, which may stand for an earlier one (a corrected reading).

        False, and nothing changes, if the revision may not air any more. ``facts`` is JSON about the rendering;
        ``engine`` of it says who speaks. ``NoticeError`` for a clip without a file.
        """
        if clip.path is None:
            raise NoticeError(f"通知 {number} 的录音没有文件 / the recording of notice {number} has no file")
        known = dict(facts or {})
        with self._notices.changing(self._clock.now()) as change:
            stored = change.get(number)
            if stored is None or not flow.may_render(standing_of(stored, self.today()), revision):
                return False
            again = stored.state == "ready"
            known_as = [(made.clip_path, made.clip_key) for made in stored.renderings[-1:]]
            if again and known_as == [(clip.path, clip.key)]:
                return False
            change.ready(stored, clip.path, clip.key, clip.duration_s, str(known.get("engine", "")), known)
            detail = {"revision": revision, "seconds": round(clip.duration_s, 3), "again": again, **known}
            change.note(number, RENDER, "notice.ready", detail, "")
            return True

    def mark_failed(self, number: int, revision: int, words: str) -> bool:
        """It could not be spoken; the author sees why. False if the revision is not waited for any more."""
        with self._notices.changing(self._clock.now()) as change:
            stored = change.get(number)
            if stored is None or not flow.may_render(standing_of(stored, self.today()), revision):
                return False
            if stored.render_error != words:
                change.note(number, RENDER, "notice.failed", {"revision": revision, "words": words}, "")
            change.failed(stored, words)
            return True

    def keep_promises(self, day: date, contracted: Mapping[str, int]) -> None:
        """Keep what a date's rundown promised, by name: what make-goods are counted from when the date is over."""
        self._airing.days.keep_promises(day, contracted)

    def keep_day_texts(self, day: date, texts: Sequence[DayText]) -> int:
        """Keep each text of a date for inspection; returns how many were new."""
        return self._airing.days.keep_texts(day, texts, self._clock.now())

    def day_texts(self, day: date) -> Sequence[DayText]:
        """The texts of a date."""
        return self._airing.days.texts(day)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _needed(self, draft: NoticeDraft) -> int:
        if draft.vendor is None:
            return 1
        vendor = self._vendors.get(draft.vendor)
        own = vendor.approvals if vendor is not None else None
        return max(1, self._helpers.vendor_approvals() if own is None else own)

    def _found(self, stored: StoredRevision | None, number: int) -> StoredRevision:
        if stored is None:
            raise NoticeError(f"没有通知 {number} / there is no notice {number}")
        return stored

    def _shown(self, change: NoticeChange, number: int) -> NoticeRecord:
        return record_of(self._found(change.get(number), number), self.today())


def _counted_elsewhere(draft: NoticeDraft, before: Mapping[str, Any]) -> bool:
    """Whether what has aired would be counted for another vendor or contract: they go by the notice as it is now."""
    if draft.vendor != before.get("vendor"):
        return True
    rotation = draft.when.rotation
    return draft.vendor is not None and rotation not in (None, (before.get("when") or {}).get("rotation"))


def _readable(stored: StoredRevision, today: date) -> NoticeRecord | None:
    try:
        return record_of(stored, today)
    except ValidationError as error:
        # One that was tampered with must not hide the others.
        log.error("notice %d can't be read: %s", stored.id, error)
        return None


def _records(found: Iterable[StoredRevision], today: date) -> tuple[NoticeRecord, ...]:
    return tuple(record for stored in found if (record := _readable(stored, today)) is not None)


def _urgent_first(records: Sequence[NoticeRecord]) -> tuple[NoticeRecord, ...]:
    return tuple(sorted(records, key=lambda record: record.draft.priority != "urgent"))


__all__ = ["LONGEST_S", "RETRY", "DayHeard", "DayText", "Helpers", "NoticeDesk", "Planner", "Preview"]
