"""What takes its turn at a timing: a script or notice, and the scripts that follow it directly."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

from broadcaster.plan.models import Names, SpotRule, Timing
from broadcaster.plan.plan import Clip, Plan, clip_name
from broadcaster.rundown.events import Notice


class Part(NamedTuple):
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


class Item(NamedTuple):
    """One turn: parts aired one after another."""

    ref: str
    """The name under which it takes turns."""
    parts: tuple[Part, ...]
    offsets: tuple[float, ...]
    """Seconds from the item's start to each part's: whole seconds, so that times can be read."""
    length_s: float
    """Seconds from the first part's start to the last one's end."""

    @property
    def title(self) -> Names:
        """What it is called."""
        return self.parts[0].title


class ItemMaker:
    """Makes the items of one plan. Keeps what the levels come to, for a day may have hundreds of notices."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._separation_s = plan.station.separation
        self._loudness: dict[str, tuple[float, float]] = {}

    def of_rule(self, rule: SpotRule, notices: Iterable[Notice] = ()) -> list[Item]:
        """What takes turns at a rule: its script, or its rotation's scripts and the notices that joined it."""
        followers = tuple(self._script_part(rule, script) for script in rule.followed_by)
        if rule.script is not None:
            return [self._item(self._script_part(rule, rule.script), followers)]
        rotation = self._plan.programme.rotations.get(rule.rotation or "")
        scripts = rotation.scripts if rotation else ()
        items = [self._item(self._script_part(rule, script), followers) for script in scripts]
        return items + [self._item(self._notice_part(rule, notice), followers) for notice in notices]

    def of_notice(self, notice: Notice, timing: Timing) -> Item:
        """A notice that airs by its own timing."""
        return self._item(self._notice_part(timing, notice), ())

    def _item(self, first: Part, followers: tuple[Part, ...]) -> Item:
        if not followers:
            return Item(first.ref, (first,), (0.0,), first.duration_s)
        parts = (first, *followers)
        at, starts = 0.0, [0.0]
        for part in parts[:-1]:
            at = float(ceil(at + part.duration_s + self._separation_s))
            starts.append(at)
        return Item(first.ref, parts, tuple(starts), at + parts[-1].duration_s)

    def _script_part(self, rule: SpotRule, name: str) -> Part:
        script = self._plan.scripts[name]
        read = rule.read or script.read
        clip = self._plan.clips[clip_name(name, read)]
        return self._part("script", name, script.title, read, clip, rule.level or script.level)

    def _notice_part(self, timing: Timing, notice: Notice) -> Part:
        level = notice.level or timing.level
        return self._part("notice", notice.id, notice.title, notice.read, notice.clip, level)

    def _part(self, kind: str, ref: str, title: Names, repeat: int, clip: Clip, level: str | None) -> Part:
        name = level or self._plan.station.speech_level
        dial, gain_db = self._loudness.get(name) or self._loudness_of(name)
        return Part(kind, ref, title, repeat, clip.duration_s, name, dial, gain_db, clip.path, clip.key)

    def _loudness_of(self, name: str) -> tuple[float, float]:
        level = self._plan.level(name)
        dial = level.dial if level else self._plan.levels.dial.zero
        self._loudness[name] = dial, self._plan.gain_db(dial)
        return self._loudness[name]
