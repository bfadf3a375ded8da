"""How notices are called in rundown, log and audit trail (``notice-12``), and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, Text, cast, literal, select

from broadcaster.store.tables import notices

SOME = 500
"""Notices that are asked for at once."""

_PREFIX = "notice-"


def notice_ref(number: int) -> str:
    """``notice-12``."""
    return f"{_PREFIX}{number}"


def number_of(ref: str) -> int:
    """The reverse. Raises ``ValueError`` for what is no notice's name."""
    return int(ref.removeprefix(_PREFIX))


def numbers_of(refs: Iterable[str]) -> list[int]:
    """Numbers of the notices among some names."""
    start = len(_PREFIX)
    return sorted({int(ref[start:]) for ref in refs if ref.startswith(_PREFIX) and ref[start:].isdecimal()})


def refs_of(vendor: str | None) -> Select[Any]:
    """Names of all notices of a vendor, whatever became of them; None: of all vendors."""
    ours = notices.c.vendor.is_not(None) if vendor is None else notices.c.vendor == vendor
    return select(literal(_PREFIX, Text) + cast(notices.c.id, Text)).where(ours)


def vendors_of(connection: Connection, refs: Iterable[str]) -> dict[str, str]:
    """Vendors of the notices among some names; those of the house are missing."""
    numbers = numbers_of(refs)
    found: dict[str, str] = {}
    for start in range(0, len(numbers), SOME):
        query = select(notices.c.id, notices.c.vendor).where(notices.c.id.in_(numbers[start : start + SOME]))
        found |= {notice_ref(row.id): row.vendor for row in connection.execute(query) if row.vendor is not None}
    return found
