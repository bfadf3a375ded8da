"""Kept notices as people see them."""

from __future__ import annotations

from datetime import date
from typing import cast

from broadcaster.notices.flow import Standing, shown_state
from broadcaster.notices.models import NoticeDraft, NoticeRecord, State, Verdict
from broadcaster.store.notice_names import notice_ref
from broadcaster.store.notices import YES, StoredRevision


def verdicts_of(stored: StoredRevision) -> tuple[Verdict, ...]:
    """What was said of this revision, and of this very content."""
    return tuple(
        Verdict(one.who, one.verdict == YES, one.at, one.reason, one.revision)
        for one in stored.verdicts
        if one.revision == stored.revision and one.content_hash == stored.content_hash
    )


def standing_of(stored: StoredRevision, today: date) -> Standing:
    """What the rules must know."""
    return Standing(
        id=stored.id,
        state=shown_state(cast(State, stored.state), stored.last, today),
        revision=stored.revision,
        author=stored.author,
        editor=stored.editor,
        needed=stored.needed,
        verdicts=verdicts_of(stored),
    )


def record_of(stored: StoredRevision, today: date) -> NoticeRecord:
    """Everything that is known of a notice. A content that can't be read raises pydantic's ``ValidationError``."""
    made = stored.renderings[-1] if stored.renderings else None
    return NoticeRecord(
        id=stored.id,
        ref=notice_ref(stored.id),
        state=shown_state(cast(State, stored.state), stored.last, today),
        revision=stored.revision,
        draft=NoticeDraft.model_validate(stored.content),
        author=stored.author,
        editor=stored.editor,
        created_at=stored.created_at,
        changed_at=stored.changed_at,
        needed=stored.needed,
        verdicts=verdicts_of(stored),
        reason=stored.reason,
        effective_at=stored.effective_at,
        ended_at=stored.ended_at,
        render_error=stored.render_error or "",
        duration_s=made.duration_s if made else None,
        clip_path=made.clip_path if made else None,
    )
