"""What people are told of the calls, and whether each message can be heard when it is needed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Set
from pathlib import Path

from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.playout.emergencies import missing_of, sayings_of
from broadcaster.playout.interventions import Intervention

log = logging.getLogger(__name__)

Missing = tuple[tuple[str, Names], ...]
"""Messages that can't be heard: id and title."""


def not_ready(plan: Plan, *, preparing: bool = False, failed: Set[str] = frozenset()) -> Missing:
    """Those of which a recording is missing. Reads all their files, so that they are at hand when one is called.

    While sound is still being made ready, only what ``failed`` is missing: the rest may be spoken in a moment.
    """
    missing: list[tuple[str, Names]] = []
    for name, message in plan.station.emergencies.items():
        missed = missing_of(plan, message)
        fit = not (failed & set(missed) if preparing else missed)
        for saying in sayings_of(plan, name):
            try:
                Path(saying.path).read_bytes()
            except OSError as error:
                log.error("the emergency message %s: %s", name, error)
                fit = False
        if not fit:
            missing.append((name, message.title))
    return tuple(missing)


def causes_of(missing: Missing, fire_trouble: str, calls: Iterable[Intervention]) -> list[Cause]:
    """What is to be told now."""
    found = [
        cause(
            "emergency-not-ready",
            f"应急广播“{title.zh}”没有备好录音,需要时播不出来",
            f"the emergency message “{title.text('en')}” has no recording ready",
            subject=name,
        )
        for name, title in missing
    ]
    if fire_trouble:
        found.append(
            cause(
                "fire-input-lost", f"读不到消防信号:{fire_trouble}",
                f"the fire contact can't be read: {fire_trouble}",
            )
        )  # fmt: skip
    for one in calls:
        if one.kind == "emergency":
            code = "fire-input" if one.params.get("fire") else "emergency"
            title = Names(zh=str(one.params.get("title_zh")), en=str(one.params.get("title_en")))
            found.append(
                cause(
                    code, f"正在播应急广播“{title.zh}”:{one.shown},{one.reason}",
                    f"the emergency message “{title.text('en')}” is on air: {one.shown}, {one.reason}",
                    # The number changes once the database has it; the next call is another one, however soon.
                    subject=str(one.params.get("mark") or one.id),
                )
            )  # fmt: skip
    return found
