"""What takes its turn at a timing: a script or notice, and the scripts that follow it directly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from broadcaster.plan.models import Names, SpotRule, Timing
from broadcaster.plan.plan import Clip, Plan, clip_name
from broadcaster.rundown.events import Notice


@dataclass(frozen=True, slots=True)
class Part:
    """One recording of an item, at its level."""

    kind: str
    ref: str
    title: Names
    repeat: int
    duration_s: float
    level: str
    dial: float
    gain_db: float
    path: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """One turn: parts aired one after another."""

    parts: tuple[Part, ...]
    offsets: tuple[float, ...]
    """Seconds from the item's start to each part's: whole seconds, so that times can be read."""
    length_s: float
    """Seconds from the first part's start to the last one's end."""

    @property
    def ref(self) -> str:
        """The name under which it takes turns."""
        return self.parts[0].ref

    @property
    def title(self) -> Names:
        """What it is called."""
        return self.parts[0].title


def _item(plan: Plan, first: Part, followers: tuple[Part, ...] = ()) -> Item:
    parts = (first, *followers)
    at, starts = 0.0, [0.0]
    for part in parts[:-1]:
        at = float(ceil(at + part.duration_s + plan.station.separation))
        starts.append(at)
    return Item(parts, tuple(starts), at + parts[-1].duration_s)


def items_of_rule(plan: Plan, rule: SpotRule, notices: Iterable[Notice] = ()) -> list[Item]:
    """What takes turns at a rule: its script, or its rotation's scripts and the notices that joined it."""
    followers = tuple(_script_part(plan, rule, script) for script in rule.followed_by)
    if rule.script is not None:
        return [_item(plan, _script_part(plan, rule, rule.script), followers)]
    rotation = plan.programme.rotations.get(rule.rotation or "")
    scripts = rotation.scripts if rotation else ()
    items = [_item(plan, _script_part(plan, rule, script), followers) for script in scripts]
    return items + [_item(plan, _notice_part(plan, rule, notice), followers) for notice in notices]


def items_of_notice(plan: Plan, notice: Notice, timing: Timing) -> list[Item]:
    """A notice that airs by its own timing."""
    return [_item(plan, _notice_part(plan, timing, notice))]


def _script_part(plan: Plan, rule: SpotRule, name: str) -> Part:
    script = plan.scripts[name]
    read = rule.read or script.read
    clip = plan.clips[clip_name(name, read)]
    return _part(plan, "script", name, script.title, read, clip, rule.level or script.level)


def _notice_part(plan: Plan, timing: Timing, notice: Notice) -> Part:
    return _part(plan, "notice", notice.id, notice.title, notice.read, notice.clip, notice.level or timing.level)


def _part(plan: Plan, kind: str, ref: str, title: Names, repeat: int, clip: Clip, level_name: str | None) -> Part:
    name = level_name or plan.station.speech_level
    level = plan.level(name)
    dial = level.dial if level else plan.levels.dial.zero
    return Part(kind, ref, title, repeat, clip.duration_s, name, dial, plan.gain_db(dial), clip.path, clip.key)
