"""What takes its turn at a timing: a script or notice, and the scripts that follow it directly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, inf
from typing import NamedTuple

from broadcaster.plan.models import Names, SpotRule
from broadcaster.plan.plan import Clip, Plan, TimelyClip, clip_name
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Notice
from broadcaster.rundown.lasting import Kept

FROM_START = (0.0,)
"""Offsets of an item of one part."""

LEAST_WEIGHT = 0.01
"""A weight of nothing, or less, counts as this much."""


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
    text: str = ""
    by: str = ""
    until: float = inf
    """It must not begin from then on: its words are out of date. In elapsed seconds from midnight, as all below."""


class Item(NamedTuple):
    """One turn: parts aired one after another."""

    ref: str
    """The name under which it takes turns."""
    parts: tuple[Part, ...]
    offsets: tuple[float, ...]
    """Seconds from the item's start to each part's: whole seconds, so that times can be read."""
    length_s: float
    """Seconds from the first part's start to the last one's end."""
    vendor: str | None = None
    weight: float = 1.0
    per_day: int | None = None
    owed: int = 0
    until: float = inf
    """Its notice is withdrawn then."""
    stale_from: float = inf
    """Started from then on, one of its parts would begin with words out of date: ``neutral`` airs instead."""
    neutral: Item | None = None

    @property
    def title(self) -> Names:
        """What it is called."""
        return self.parts[0].title

    @property
    def speaker(self) -> str:
        """Who does not speak twice in a row: its vendor, or for the house's own texts the text itself."""
        return f"vendor:{self.vendor}" if self.vendor else f"ref:{self.ref}"


class ItemMaker:
    """Makes the items of one plan. Keeps what the levels come to, for a day may have hundreds of notices."""

    def __init__(self, plan: Plan, clock: DayClock, timely: Mapping[str, TimelyClip], kept: Kept[Item]) -> None:
        self._plan = plan
        self._clock = clock
        self._timely = timely
        self._kept = kept
        self._separation_s = plan.station.separation
        self._loudness: dict[str, tuple[float, float]] = {}

    def of_rule(self, rule: SpotRule, notices: Iterable[Notice] = ()) -> list[Item]:
        """What takes turns at a rule: its script, or its rotation's scripts and the notices that joined it."""
        followers = tuple(self._script_part(rule, script) for script in rule.followed_by)
        if rule.script is not None:
            scripts: tuple[str, ...] = (rule.script,)
        else:
            rotation = self._plan.programme.rotations.get(rule.rotation or "")
            scripts = rotation.scripts if rotation else ()
        items = [self._with_neutral(rule, self._script_part(rule, script), followers) for script in scripts]
        if not followers:
            return items + [self.of_notice(notice, rule.level) for notice in notices]
        return items + [
            self._of_notice(notice, self._with_neutral(rule, self._notice_part(notice, rule.level), followers))
            for notice in notices
        ]

    def of_notice(self, notice: Notice, level: str | None) -> Item:
        """A notice with nothing behind it, at that level if it names none itself."""
        if (known := self._kept.find(notice, level)) is not None:
            return known
        part = self._notice_part(notice, level)
        item = Item(
            part.ref, (part,), FROM_START, part.duration_s, notice.vendor, max(notice.weight, LEAST_WEIGHT),
            notice.per_day, notice.owed, self._until(notice),
        )  # fmt: skip
        if notice.until is None:
            self._kept.keep(notice, item, level)
        return item

    def _of_notice(self, notice: Notice, item: Item) -> Item:
        neutral = self._of_notice(notice, item.neutral) if item.neutral else None
        return Item(
            item.ref, item.parts, item.offsets, item.length_s, notice.vendor, max(notice.weight, LEAST_WEIGHT),
            notice.per_day, notice.owed, self._until(notice), item.stale_from, neutral,
        )  # fmt: skip

    def _until(self, notice: Notice) -> float:
        return inf if notice.until is None else (notice.until - self._clock.base).total_seconds()

    def _with_neutral(self, rule: SpotRule, first: Part, followers: tuple[Part, ...]) -> Item:
        item = _item(first, followers, self._separation_s)
        if all(part.until == inf for part in item.parts):
            return item
        stale_from = min(part.until - offset for part, offset in zip(item.parts, item.offsets, strict=True))
        neutral = [self._script_part(rule, part.ref, neutral=True) if part.until < inf else part for part in item.parts]
        return item._replace(
            stale_from=stale_from, neutral=_item(neutral[0], tuple(neutral[1:]), self._separation_s)
        )  # fmt: skip

    def _script_part(self, rule: SpotRule, name: str, *, neutral: bool = False) -> Part:
        script = self._plan.scripts[name]
        read = rule.read or script.read
        level = rule.level or script.level
        timely = None if neutral else self._timely.get(clip_name(name, read))
        if timely is None:
            clip = self._plan.clips[clip_name(name, read)]
            return self._part("script", name, script.title, read, clip, level, "", "")
        part = self._part("script", name, script.title, read, timely.clip, level, timely.text, "")
        return part._replace(until=(timely.until - self._clock.base).total_seconds())

    def _notice_part(self, notice: Notice, level: str | None) -> Part:
        # A level that the store did away with since must not come out as the loudest there is.
        own = notice.level if notice.level and self._plan.level(notice.level) else None
        kind, ref = notice.speaks or ("notice", notice.id)
        return self._part(kind, ref, notice.title, notice.read, notice.clip, own or level, notice.text, notice.by)

    def _part(
        self, kind: str, ref: str, title: Names, repeat: int, clip: Clip, level: str | None, text: str, by: str
    ) -> Part:
        name = level or self._plan.station.speech_level
        dial, gain_db = self._loudness.get(name) or self._loudness_of(name)
        return Part(kind, ref, title, repeat, clip.duration_s, name, dial, gain_db, clip.path, clip.key, text, by)

    def _loudness_of(self, name: str) -> tuple[float, float]:
        level = self._plan.level(name)
        dial = level.dial if level else self._plan.levels.dial.zero
        self._loudness[name] = dial, self._plan.gain_db(dial)
        return self._loudness[name]


def _item(first: Part, followers: tuple[Part, ...], separation_s: float) -> Item:
    if not followers:
        return Item(first.ref, (first,), FROM_START, first.duration_s)
    parts = (first, *followers)
    at, starts = 0.0, [0.0]
    for part in parts[:-1]:
        at = float(ceil(at + part.duration_s + separation_s))
        starts.append(at)
    return Item(first.ref, parts, tuple(starts), at + parts[-1].duration_s)
