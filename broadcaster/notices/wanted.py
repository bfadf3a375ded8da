"""What is looked for among the notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from broadcaster.notices.models import State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of one of these states, of a vendor, by an author, with these words, heard between two dates."""

    states: tuple[State, ...] = ()
    vendor: str | None = None
    author: str | None = None
    search: str = ""
    since: date | None = None
    until: date | None = None
