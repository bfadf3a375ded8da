"""What the desk of notices asks of others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from broadcaster.notices.airing import Past
from broadcaster.notices.lint_remark import Remark
from broadcaster.notices.models import NoticeDraft
from broadcaster.notices.preview import Planner

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Reading


@dataclass(frozen=True, slots=True)
class Helpers:
    """What the desk asks others. Each may be missing: then that part of an answer is missing."""

    read: Callable[[str, str], Reading] | None = None
    """How a text will be read by a voice of that language. May raise ``VoiceError``."""
    language: Callable[[NoticeDraft], str] = lambda draft: "zh"
    """The language of the voice that a draft asks for."""
    lint: Callable[[NoticeDraft, float], Sequence[Remark]] | None = None
    """Remarks on a draft, one airing of which lasts about so many seconds."""
    length: Callable[[NoticeDraft, Reading | None], float] | None = None
    """About how many seconds one airing lasts, with chime and all readings."""
    planner: Planner | None = None
    fault: Callable[[NoticeDraft], str] | None = None
    """What of the plan a draft names wrongly (rotation, level, voice, chime, recording), in words; empty if nothing."""
    vendor_approvals: Callable[[], int] = lambda: 1
    """Approvals that vendors' notices need: ``notices.vendor_approvals`` of ``config/station.yaml``."""
    day_types: Callable[[date], Collection[str]] | None = None
    """The types of a date."""
    past: Past | None = None
    """How often each was heard since a date; without it nothing is owed to anybody."""
