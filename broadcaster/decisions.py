"""One line for each decision: for people in ``broadcaster.log``, for programs in ``decisions.jsonl``.

A decision is what the program did by itself and somebody may ask about: another engine, a spot left out, a step of the
silence ladder, an alert told. Its name never changes; its facts say why.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time
from pathlib import PurePath

LOGGER = "broadcaster.decisions"
log = logging.getLogger(LOGGER)

Fact = str | int | float | bool | datetime | date | time | PurePath | None


def decided(what: str, /, **facts: Fact) -> None:
    """Write down a decision. From any thread; it waits for nothing, the daemon's log has a thread of its own.

    ``what`` names the kind of decision, such as ``engine-replaced``; units stand in the facts' names (``gap_s``).
    """
    told = {name: _plain(fact) for name, fact in facts.items()}
    words = ", ".join(f"{name}={fact}" for name, fact in told.items())
    log.info("%s%s", what, f": {words}" if words else "", extra={"what": what, "facts": told})


def _plain(fact: Fact) -> str | int | float | bool | None:
    if isinstance(fact, datetime | date | time):
        return fact.isoformat()
    if isinstance(fact, float):
        return round(fact, 3)
    return str(fact) if isinstance(fact, PurePath) else fact
