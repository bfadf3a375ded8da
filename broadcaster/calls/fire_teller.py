"""Who says that the building's alarm is on: the contact, or a program that hands it on. Plain values."""

from __future__ import annotations

from collections.abc import Callable

from broadcaster.actors import FIRE

TOKEN = " token:"
"""In the place that a deed came from, before the name of a program's token."""
ACCOUNT = " account:"
"""The same before the account that handed an alarm on without a token."""
_SHOWN = "消防信号"


def told_by(by: str, where: str, shown: Callable[[str], str]) -> tuple[str, str, str]:
    """Who calls, from where, and how people see that.

    The building calls, and not the person whose program handed it on: that one stands behind the place.
    """
    if by == FIRE:
        return by, where, _SHOWN
    token = where.partition(TOKEN)[2]
    if token:
        return FIRE, where, f"{_SHOWN}(令牌“{token}”)"
    return FIRE, f"{where}{ACCOUNT}{by}", f"{_SHOWN}({shown(by)})"
