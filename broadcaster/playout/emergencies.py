"""What an emergency message says, recording by recording. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from broadcaster.plan.plan import Plan, clip_name
from broadcaster.plan.unattended_models import EmergencyMessage
from broadcaster.playout.interventions import Intervention


@dataclass(frozen=True, slots=True)
class Saying:
    """One recording of a message."""

    path: str
    duration_s: float
    gain_db: float
    script: str
    title: str
    text: str
    pause_s: float = 2.0
    """Silence after it."""


def level_of(plan: Plan, name: str | None) -> tuple[str, float]:
    """The level that a call airs at and its gain in dB, as the plan sets it: no trim of the day makes it softer."""
    wanted = name or plan.station.speech_level
    level = plan.level(wanted)
    return wanted, plan.gain_db(level.dial) if level is not None else 0.0


def missing_of(plan: Plan, message: EmergencyMessage) -> tuple[str, ...]:
    """The scripts of a message that have no recording."""
    return tuple(
        name
        for name in message.scripts
        if name not in plan.scripts
        or (clip := plan.clips.get(clip_name(name, plan.scripts[name].read))) is None
        or clip.path is None
    )


def sayings_of(plan: Plan, name: str) -> tuple[Saying, ...]:
    """The recordings that there are of a message, in its order; none of a message that there is not."""
    message = plan.station.emergencies.get(name)
    if message is None:
        return ()
    gain_db = level_of(plan, message.level)[1]
    missing = missing_of(plan, message)
    found = []
    for script_id in message.scripts:
        if script_id in missing:
            continue
        script = plan.scripts[script_id]
        clip = plan.clips[clip_name(script_id, script.read)]
        found.append(
            Saying(
                str(clip.path), clip.duration_s, gain_db, script_id, script.title.zh, script.text.strip(), message.pause
            )
        )
    return tuple(found)


def kept(sayings: tuple[Saying, ...]) -> list[dict[str, Any]]:
    """For the parameters of the deed: an emergency that outlives the daemon needs no plan to go on."""
    return [asdict(one) for one in sayings]


def stored_sayings(call: Intervention) -> tuple[Saying, ...]:
    """The reverse; what can't be read is left out."""
    found = call.params.get("sayings")
    return tuple(one for each in found if (one := _saying(each)) is not None) if isinstance(found, list) else ()


def _saying(values: Any) -> Saying | None:
    try:
        return Saying(**values) if isinstance(values, Mapping) else None
    except TypeError:
        return None


def live_gain_db(call: Intervention) -> float:
    """The gain of a live page, in dB."""
    return min(float(call.params.get("gain_db", 0.0)), 0.0)
