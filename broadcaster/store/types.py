"""Column types that hold on every database what the rest of the program relies on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An instant, kept in UTC with microseconds; comes back aware, in UTC.

    Raises ``ValueError`` for a naive datetime: without its zone it names no instant.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError(f"a naive datetime is no instant: {value.isoformat()}")
        instant = value.astimezone(UTC)
        # SQLite keeps text: without an offset, its order is the order in time.
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        # A day's log has thousands of instants: SQLite's text is read in one step.
        return _of_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Words(TypeDecorator[str]):
    """Text that a database never refuses.

    File names that are not UTF-8 reach Python with lone surrogates, and PostgreSQL takes no NUL: both become U+FFFD,
    so that no recording stays out of the log for its name.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in value)
