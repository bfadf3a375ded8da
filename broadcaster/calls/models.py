"""What can be called, and what is known of the building's alarm: plain values, for the page and the desk of calls."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from broadcaster.errors import UsageError
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.plan.unattended_models import EmergencyMessage
from broadcaster.playout.emergencies import kept, level_of, missing_of, sayings_of
from broadcaster.publishing.casting import cast


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that can be called."""

    id: str
    title: Names
    languages: tuple[str, ...]
    scripts: tuple[str, ...]
    texts: tuple[str, ...]
    missing: tuple[str, ...]
    """Scripts of it that have no recording."""
    round_s: float
    """Seconds from one beginning of it to the next."""
    preparing: bool = False
    """Whether what is missing is still being made ready."""

    @property
    def ready(self) -> bool:
        """Whether all of it can be heard."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class FireState:
    """The building's fire alarm, as far as we know."""

    closed: bool
    """It is on: nobody can put anything on air."""
    readable: bool
    """Whether the contact can be read; True without one."""
    fitted: bool
    trouble: str = ""


def prepared(
    plan: Plan, name: str, message: EmergencyMessage, *, preparing: bool = False, failed: Set[str] = frozenset()
) -> Prepared:
    """A message of the plan, with what of it can be heard; ``preparing`` as of ``rooms.air_reach.Reach``."""
    missing = missing_of(plan, message)
    scripts = [plan.scripts[one] for one in message.scripts if one in plan.scripts]
    voices = [cast(plan.voices, one.voice or plan.station.voice, speed=one.speed, rate=one.rate) for one in scripts]
    return Prepared(
        id=name,
        title=message.title,
        languages=tuple(dict.fromkeys(voice.language for voice in voices)),
        scripts=message.scripts,
        texts=tuple(one.text.strip() for one in scripts),
        missing=missing,
        round_s=sum(one.duration_s + one.pause_s for one in sayings_of(plan, name)),
        preparing=preparing and bool(missing) and not failed & set(missing),
    )


def params_of(plan: Plan, name: str, message: EmergencyMessage) -> dict[str, Any]:
    """What a call of it needs to go on without the plan."""
    return {
        "title_zh": message.title.zh, "title_en": message.title.text("en"), "level": level_of(plan, message.level)[0],
        "sayings": kept(sayings_of(plan, name)),
    }  # fmt: skip


def params_to_call(plan: Plan, name: str) -> dict[str, Any]:
    """The same for somebody who asks for it by name. ``UsageError`` for one that there is not, or not spoken."""
    found = plan.station.emergencies.get(name)
    if found is None:
        names = ", ".join(plan.station.emergencies) or "-"
        raise UsageError(f"没有应急广播“{name}”,有:{names} / there is no emergency message “{name}”, only: {names}")
    params = params_of(plan, name, found)
    if not params["sayings"]:
        raise UsageError(f"应急广播“{name}”还没有录音,播不出来 / the emergency message “{name}” has no recording yet")
    return params


def reason_of(text: str) -> str:
    """Why somebody calls. ``UsageError`` for nothing."""
    if not text.strip():
        raise UsageError("要写原因 / a reason is needed")
    return text.strip()[:200]
