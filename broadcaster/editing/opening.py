"""What a file says, for people who edit it: plain, and nothing where it can't be read."""

from __future__ import annotations

from datetime import date
from typing import Any

from broadcaster.plan.files import parsed


def plain_content(file: str, text: str) -> dict[str, Any]:
    """The file's content fit for JSON; empty if it is not well-formed, which its faults tell."""
    document, _faults = parsed(file, text)
    return {str(name): plain(value) for name, value in document.content.items()} if document else {}


def plain(value: Any) -> Any:
    """A value fit for JSON: dates as texts."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
