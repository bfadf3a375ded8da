"""What people did to the air by hand, as state: pure values that say at every instant what they mean for it.

The conductor compares the air with the rundown less these, so a restart in the middle of a pause is still a pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any, Literal

from broadcaster.plan.models import Names
from broadcaster.rundown.bed import BedSkip

Kind = Literal["skip", "pause", "mute", "stop", "trim", "insert", "emergency", "live"]

LASTING: tuple[Kind, ...] = ("pause", "mute", "stop", "trim", "emergency", "live")
"""Those that silence or trim something for a time."""

CALLS: tuple[Kind, ...] = ("emergency", "live")
"""Those that go before everything that is planned; kept by :mod:`broadcaster.calls.desk`."""

SKIP_LEAD = timedelta(seconds=0.5)
"""From the skip of a track to the next one's start: time to prepare it, so that the two cross-fade."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """One deed of the desk. Instants are aware, in UTC."""

    id: int
    kind: Kind
    target: str | None
    """What it is about: a spot's id, a bed item's id, a level, ``script:<id>`` or ``notice-<n>``."""
    params: Mapping[str, Any]
    since: datetime
    until: datetime | None
    """From then on it means nothing any more, whether or not somebody ends it."""
    who: str
    reason: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def shown(self) -> str:
        """Whose name people read: the account's display name, if it has one."""
        return str(self.params.get("shown") or self.who)

    @property
    def over_at(self) -> datetime | None:
        """When it ended or will end by itself."""
        ends = [end for end in (self.until, self.ended_at) if end is not None]
        return min(ends) if ends else None

    def holds(self, instant: datetime) -> bool:
        """Whether it means something at an instant."""
        over_at = self.over_at
        return self.since <= instant and (over_at is None or instant < over_at)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether it held at some instant between two."""
        over_at = self.over_at
        return self.since < end and (over_at is None or over_at > start) and over_at != self.since

    def words(self) -> str:
        """Why something was not heard, for the log, in Chinese and English."""
        zh, en = _DEEDS[self.kind]
        reason_zh, reason_en = (f"({self.reason})", f" ({self.reason})") if self.reason else ("", "")
        return f"{zh}:{self.shown}{reason_zh} / {en} by {self.shown}{reason_en}"


_DEEDS: dict[str, tuple[str, str]] = {
    "skip": ("跳过", "skipped"),
    "pause": ("音乐暂停", "bed paused"),
    "mute": ("静音", "muted"),
    "stop": ("全部停播", "everything stopped"),
    "trim": ("调音量", "level trimmed"),
    "insert": ("人工插播", "put on air by hand"),
    "emergency": ("应急广播", "emergency called"),
    "live": ("人工喊话", "live page"),
}


def told(one: Intervention, tz: tzinfo) -> Names:
    """A sentence about it, with its end in the store's time."""
    over_at = one.over_at
    until_zh = f"到 {over_at.astimezone(tz):%H:%M}" if over_at is not None else ""
    until_en = f" until {over_at.astimezone(tz):%H:%M}" if over_at is not None else ""
    reason_zh, reason_en = (f",原因:{one.reason}", f" ({one.reason})") if one.reason else ("", "")
    match one.kind:
        case "pause":
            return Names(
                zh=f"音乐由{one.shown}暂停{until_zh}{reason_zh}。",
                en=f"The bed is paused by {one.shown}{until_en}{reason_en}.",
            )
        case "mute":
            return Names(
                zh=f"由{one.shown}静音{until_zh}{reason_zh}。", en=f"Muted by {one.shown}{until_en}{reason_en}."
            )
        case "stop":
            latest_zh, latest_en = (",最迟" + until_zh, ", at the latest" + until_en) if until_zh else ("", "")
            return Names(
                zh=f"由{one.shown}全部停播{latest_zh}{reason_zh}。",
                en=f"Everything was stopped by {one.shown}{latest_en}{reason_en}.",
            )
        case "trim":
            dial = float(one.params.get("dial", 0.0))
            return Names(
                zh=f"音量档位 {one.target} 由{one.shown}调到 {dial:g}{',' + until_zh if until_zh else ''}{reason_zh}。",
                en=f"Level {one.target} is trimmed to {dial:g} by {one.shown}{until_en}{reason_en}.",
            )
        case "insert":
            return Names(zh=f"由{one.shown}人工插播{reason_zh}。", en=f"Put on air by hand by {one.shown}{reason_en}.")
        case "emergency":
            title_zh, title_en = str(one.params.get("title_zh", "")), str(one.params.get("title_en", ""))
            return Names(
                zh=f"应急广播“{title_zh}”由{one.shown}启动{reason_zh}。",
                en=f"The emergency message “{title_en}” was called by {one.shown}{reason_en}.",
            )
        case "live":
            return Names(zh=f"{one.shown}正在喊话。", en=f"{one.shown} speaks live.")
        case _:
            return Names(zh=f"由{one.shown}跳过{reason_zh}。", en=f"Skipped by {one.shown}{reason_en}.")


@dataclass(frozen=True)
class Interventions:
    """All deeds that may still mean something for the air around now, oldest first. Handed around whole."""

    all: tuple[Intervention, ...] = ()

    # --- silence

    def stopped(self, now: datetime) -> Intervention | None:
        """The deed that stopped everything, while it holds."""
        return self._latest("stop", now)

    def muted(self, now: datetime) -> Intervention | None:
        """The deed that silences the output while time and log run on."""
        return self._latest("mute", now)

    def paused(self, now: datetime) -> Intervention | None:
        """The deed that silences the bed."""
        return self._latest("pause", now)

    def emergency(self, now: datetime) -> Intervention | None:
        """The emergency that silences everything else; the building's fire alarm goes before what people called."""
        held = [one for one in self.all if one.kind == "emergency" and one.holds(now)]
        return next((one for one in held if one.params.get("fire")), held[-1] if held else None)

    def call(self, now: datetime) -> Intervention | None:
        """What goes before everything planned: an emergency, else somebody who speaks live."""
        return self.emergency(now) or self._latest("live", now)

    def all_off(self, now: datetime) -> Intervention | None:
        """Why nothing of the programme sounds at all."""
        return self.emergency(now) or self.stopped(now)

    def bed_off(self, now: datetime) -> Intervention | None:
        """Why the bed is silent by hand, the strongest reason first."""
        return self.all_off(now) or self.muted(now) or self.paused(now)

    def voice_off(self, now: datetime) -> Intervention | None:
        """Why the voice is silent by hand."""
        return self.all_off(now) or self.muted(now)

    def silenced(self, start: datetime, end: datetime, *, bed: bool) -> Intervention | None:
        """A deed that silenced the bed, or else the voice, at some instant between two."""
        kinds = ("emergency", "stop", "mute", "pause") if bed else ("emergency", "stop", "mute")
        return next((one for one in self.all if one.kind in kinds and one.overlaps(start, end)), None)

    # --- what is left out

    def skipped(self, spot_id: str) -> Intervention | None:
        """The deed that took a spot off the air, unless it was taken back."""
        return self._skipped_spots.get(spot_id)

    @cached_property
    def _skipped_spots(self) -> Mapping[str, Intervention]:
        return {
            one.target: one
            for one in self.all
            if one.kind == "skip" and one.params.get("what") == "spot" and one.target and one.ended_at is None
        }

    @cached_property
    def bed_skips(self) -> tuple[BedSkip, ...]:
        """Tracks that were left early, for :func:`broadcaster.rundown.bed.bed_between`."""
        found = []
        for one in self.all:
            if one.kind == "skip" and one.params.get("what") == "track" and one.target and one.ended_at is None:
                place, _, rest = one.target.partition("#")
                number = rest.partition("=")[0]
                if number.isdigit():
                    found.append(BedSkip(place, int(number), one.since + SKIP_LEAD, one.shown))
        return tuple(found)

    # --- levels

    def trims(self, now: datetime) -> dict[str, float]:
        """Level -> number of the dial that it stands at by hand."""
        return {
            one.target: float(one.params["dial"])
            for one in self.all
            if one.kind == "trim" and one.target and one.holds(now)
        }

    # --- all of them

    def begun(self, now: datetime) -> Interventions:
        """The same where a clock that was set back has put none of what was done into the future.

        What lasts some minutes lasts as long from now on; what lasts until an instant still ends there.
        """
        found = [_begun(one, now) for one in self.all]
        return of(found) if any(a is not b for a, b in zip(found, self.all, strict=True)) else self

    def as_known(self, others: Interventions) -> Interventions:
        """The same, each as soon as the others have it begin: they may have seen the clock set back."""
        earlier = {one.id: one for one in others.all if one.kind in LASTING}
        if all(one.id not in earlier or earlier[one.id].since >= one.since for one in self.all):
            return self
        return of(
            replace(one, since=earlier[one.id].since, until=earlier[one.id].until)
            if one.id in earlier and earlier[one.id].since < one.since
            else one
            for one in self.all
        )

    def holding(self, now: datetime) -> tuple[Intervention, ...]:
        """Those that people should see: what holds, and what is still to come."""
        return tuple(one for one in self.all if one.holds(now))

    def at(self, instant: datetime) -> Iterator[Intervention]:
        """Those that silenced or trimmed something at an instant."""
        return (one for one in self.all if one.kind in LASTING and one.holds(instant))

    def _latest(self, kind: Kind, now: datetime) -> Intervention | None:
        return next((one for one in reversed(self.all) if one.kind == kind and one.holds(now)), None)


def _begun(one: Intervention, now: datetime) -> Intervention:
    if one.since <= now or one.kind not in LASTING or one.ended_at is not None:
        return one
    until = one.until
    if until is not None and one.kind in ("pause", "mute", "live"):
        until = now + (until - one.since)
    return replace(one, since=now, until=until)


NONE = Interventions()


def of(found: Iterable[Intervention]) -> Interventions:
    """In order of their instants."""
    return Interventions(tuple(sorted(found, key=lambda one: (one.since, one.id))))


def day_of_target(target: str) -> date | None:
    """The date of a spot's or bed item's id, which begins with it."""
    try:
        return date.fromisoformat(target[:10])
    except ValueError:
        return None
