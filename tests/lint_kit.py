"""Drafts, and what the lint has to say of them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from broadcaster.notices.advertising import AdvertisingWords, load_words
from broadcaster.notices.lint import LintContext, lint
from broadcaster.notices.lint_remark import Remark
from broadcaster.notices.models import NoticeDraft, When

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)  # a Sunday
LAST = date(2026, 11, 22)


@cache
def words() -> AdvertisingWords:
    found, faults = load_words(ROOT)
    assert not faults
    return found


def draft(text: str, **changes: Any) -> NoticeDraft:
    when = When(at=("10:05",), first=TODAY, last=changes.pop("last", LAST))
    return NoticeDraft(title="通知", text=text, when=changes.pop("when", when), **changes)


def remarks(text: str, **changes: Any) -> tuple[Remark, ...]:
    context = {
        name: changes.pop(name) for name in ("seconds", "limit_s", "hours", "estimated", "now_s") if name in changes
    }
    return lint(draft(text, **changes), LintContext(today=TODAY, words=words(), **context))


def codes(text: str, **changes: Any) -> list[str]:
    return [found.code for found in remarks(text, **changes)]
