"""Whether the air was as planned at an instant, and if not, why: from the log, the desk's deeds, alerts and decisions.

Pure. Every instant gets an answer; the best witness goes first: what the log says of the thing itself, then what people
did, then an alert of that time, then the program's own decisions, and last that nothing was written down at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.reports.decisions_read import Decision
from broadcaster.rundown.bed import BedItem, bed_at
from broadcaster.rundown.events import Rundown, Spot
from broadcaster.store.alerts import StoredAlert

State = Literal["to-come", "as-planned", "by-hand", "differed", "unknown"]

ON_TIME_S = 1.0
"""Later than this is worth a sentence."""
JOINT_S = 2.0
"""So long there may be nothing in the log between two tracks, and around the ends of a daypart."""

TELLING = frozenset({
    "silence", "engine-lost", "emergency", "fire-input", "volume-muted", "output-gone", "output-missing",
    "fallback-music", "clock-untrusted", "clock-stepped", "standby-on-air", "log-trouble", "disk-full", "plan-faults",
    "weather", "stopped-by-hand", "database-aside", "database-unopened",
})  # fmt: skip
"""Codes of the alerts that may be why something else aired; a failed backup is not."""

WORDS: dict[State, Names] = {
    "to-come": Names(zh="还没到这个时间:以上是现在的安排。", en="This is still to come: so it is planned now."),
    "as-planned": Names(zh="实际播出与计划一致。", en="The air was as planned."),
    "by-hand": Names(zh="实际播出由人工改变。", en="People changed the air by hand."),
    "differed": Names(zh="实际播出与计划不同。", en="The air differed from the plan."),
    "unknown": Names(
        zh="播出日志对这一刻没有记录,无法说明实际播了什么。",
        en="The log has nothing of that time: what was on air can't be told.",
    ),
}


@dataclass(frozen=True, slots=True)
class AirThen:
    """What is known of the air at an instant that is past."""

    sounding: Sequence[Entry]
    """What sounded by the log."""
    spot: Entry | None = None
    """What the log says of the spot that was planned there."""
    near: Sequence[Entry] = ()
    """The log of the hour around it, in order."""
    hands: Interventions = NONE
    alerts: Sequence[StoredAlert] = ()
    decisions: Callable[[], Sequence[Decision]] = tuple
    """Asked only where nothing else gives a reason."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: a state, and sentences in order."""

    state: State
    lines: tuple[Names, ...]


def to_come() -> Verdict:
    """Of an instant that is not past."""
    return Verdict("to-come", (WORDS["to-come"],))


def in_the_archive(plan: Plan, rundown: Rundown, instant: datetime, air: AirThen, files: Sequence[str]) -> Verdict:
    """Of an instant whose log is in the archive, all of it or most: from here nobody can tell what is missing."""
    line = Names(
        zh=f"当天的播出日志已归档({'、'.join(files)}),用 broadcaster archive show 查看。",
        en=f"The log of that date is in the archive ({', '.join(files)}): see broadcaster archive show.",
    )
    heard = _Case(plan, rundown, instant, air).heard()
    return Verdict("unknown", (line, *heard) if heard else (WORDS["unknown"], line))


def judge(plan: Plan, rundown: Rundown, instant: datetime, air: AirThen) -> Verdict:
    """Of an instant that is past."""
    return _Case(plan, rundown, instant, air).verdict()


class _Case:
    def __init__(self, plan: Plan, rundown: Rundown, instant: datetime, air: AirThen) -> None:
        self._plan = plan
        self._rundown = rundown
        self._instant = instant
        self._air = air
        self._voices = [one for one in air.sounding if one.spot_id is not None]
        self._beds = [one for one in air.sounding if one.spot_id is None and one.kind == "bed"]
        self._calls = [one for one in air.sounding if one.spot_id is None and one.kind != "bed"]
        self._alerts = [one for one in air.alerts if one.code in TELLING]
        self._reasoned = False
        self._other_order = False

    def verdict(self) -> Verdict:
        air, instant = self._air, self._instant
        spot = self._rundown.spot_at(instant)
        heard = self.heard()
        off = air.hands.all_off(instant) or air.hands.muted(instant)
        if self._calls or off is not None:
            called = [Names(
                zh=f"当时播出的是“{one.title}”,计划内容让路。",
                en=f"“{one.title}” was on air, and what was planned gave way.",
            ) for one in self._calls]  # fmt: skip
            return self._state("by-hand", [*called, *heard])
        differed = [*(self._of_spot(spot) if spot is not None else self._of_voices()), *self._of_bed(spot)]
        if not differed:
            paused = air.hands.paused(instant)
            if not air.near and self._rundown.segment_at(instant) is None:
                nothing = Names(
                    zh="这一刻没有安排,日志里也没有播出。", en="Nothing was planned, and the log has nothing."
                )
                return self._state("as-planned", [nothing])
            return self._state("by-hand" if paused is not None and not self._voices else "as-planned", heard)
        if not air.near and not self._alerts and not self._reasoned:
            found = list(self._decided())
            return self._state("differed" if found else "unknown", found)
        why = [] if self._reasoned else list(self._causes())
        skipped = spot is not None and air.hands.skipped(spot.id) is not None
        return self._state("by-hand" if skipped else "differed", [*differed, *why, *heard])

    @staticmethod
    def _state(state: State, lines: Sequence[Names]) -> Verdict:
        return Verdict(state, (WORDS[state], *dict.fromkeys(lines)))

    # --- what was planned there

    def _of_spot(self, spot: Spot) -> Iterator[Names]:
        entry, title = self._air.spot, spot.title
        begun = _begun(entry)
        if entry is None:
            yield Names(
                zh=f"“{title.zh}”没有播出,日志里没有它的记录。",
                en=f"“{title.text('en')}” was not aired; the log has nothing of it.",
            )
        elif begun is None:
            yield self._because(entry, f"“{title.zh}”没有播出", f"“{title.text('en')}” was not aired")
        elif begun > self._instant:
            late_s = (begun - spot.at).total_seconds()
            if late_s > ON_TIME_S:
                yield self._because(
                    entry, f"“{title.zh}”晚 {late_s:.0f} 秒,{self._clock(begun)} 才开始",
                    f"“{title.text('en')}” began {late_s:.0f} s late, at {self._clock(begun)}",
                )  # fmt: skip
        elif entry.ended_at is not None and entry.ended_at <= self._instant:
            if entry.outcome is not Outcome.AIRED:
                yield self._because(
                    entry, f"“{title.zh}”到 {self._clock(entry.ended_at)} 就停了",
                    f"“{title.text('en')}” stopped at {self._clock(entry.ended_at)}",
                )  # fmt: skip
        elif entry.outcome is Outcome.FAILED:
            yield self._because(entry, f"“{title.zh}”没有播成", f"“{title.text('en')}” failed")
        elif _unheard(entry):
            yield _not_heard(entry)

    def _of_voices(self) -> Iterator[Names]:
        """Spots that sounded where the rundown has none."""
        for one in self._voices:
            begun = _begun(one) or one.planned_at
            late_s = (begun - one.planned_at).total_seconds()
            if one.date != self._rundown.date:
                self._reasoned = True
                yield Names(
                    zh=f"“{one.title}”属于 {one.date} 的串联单,播到了这一天。",
                    en=f"“{one.title}” belongs to the rundown of {one.date} and was still on.",
                )
            elif late_s > ON_TIME_S:
                self._reasoned = True
                yield Names(
                    zh=f"“{one.title}”还在播:原定 {self._clock(one.planned_at)},晚 {late_s:.0f} 秒开始。",
                    en=f"“{one.title}” was still on: meant for {self._clock(one.planned_at)}, "
                    f"it began {late_s:.0f} s late.",
                )
            elif not any(spot.id == one.spot_id for spot in self._rundown.spots):
                self._reasoned = True
                yield Names(
                    zh=f"“{one.title}”按当时的安排播出,这份计划里没有它:计划后来改过,或它是人工插播。",
                    en=f"“{one.title}” was aired as arranged then; this plan hasn't got it: "
                    "the plan changed, or people aired it.",
                )

    def _of_bed(self, spot: Spot | None) -> Iterator[Names]:
        if self._air.hands.bed_off(self._instant) is not None or (spot is not None and spot.bed == "stop"):
            return
        items = bed_at(self._plan, self._rundown, self._instant, self._air.hands.bed_skips)
        if not items:
            if self._beds and not self._near_edge():
                yield self._other_track(None)
            return
        if self._beds:
            wanted = {item.track.title for item in items}
            if not wanted & {one.title for one in self._beds} and not self._at_joint():
                yield self._other_track(items[-1])
            elif all(map(_unheard, self._beds)):
                yield _not_heard(self._beds[-1])
        elif not self._at_joint() and not self._voices:
            yield Names(
                zh=f"按计划应放《{items[-1].track.title}》,日志里没有音乐在放。",
                en=f"“{items[-1].track.title}” should have played; by the log no music did.",
            )

    def _other_track(self, item: BedItem | None) -> Names:
        one = self._beds[-1]
        planned_zh, planned_en = (
            (f"按计划应放《{item.track.title}》", f"“{item.track.title}” was planned")
            if item is not None else ("按计划应无音乐", "No music was planned")
        )  # fmt: skip
        zh, en = both(one.reason) if one.reason else ("", "")
        self._reasoned = self._reasoned or bool(one.reason)
        self._other_order = item is not None and not one.reason
        return Names(
            zh=f"{planned_zh},实际放的是《{one.title}》{f',原因:{zh}' if zh else ''}。",
            en=f"{planned_en}; “{one.title}” played{f': {en}' if en else ''}.",
        )

    # --- why

    def _because(self, entry: Entry, zh: str, en: str) -> Names:
        reason_zh, reason_en = both(entry.reason)
        self._reasoned = self._reasoned or bool(entry.reason)
        return Names(
            zh=f"{zh}{f',原因:{reason_zh}' if reason_zh else ''}。", en=f"{en}{f': {reason_en}' if reason_en else ''}."
        )

    def _causes(self) -> Iterator[Names]:
        if self._alerts:
            for one in self._alerts[:3]:
                since = self._clock(one.since)
                until = self._clock(one.cleared_at) if one.cleared_at is not None else ""
                yield Names(
                    zh=f"当时有报警({since}{f'–{until}' if until else ' 起'}):{one.zh.rstrip('。')}。",
                    en=f"There was an alert ({since}{f'–{until}' if until else ' on'}): {one.en.rstrip('.')}.",
                )
            return
        found = list(self._decided())
        if not found and self._other_order:
            # Playlists have no versions: the plan of then is compiled with the tracks of now.
            yield Names(
                zh="日志里没有写下原因。多半是这个时段里歌单的曲目有过变动(放进、拿走,或刚装好还没备完):"
                "正在放的不打断,接着按当时的曲目放;这里按现在的曲目推算。",
                en="The log has no reason for it. Most likely the playlist's tracks changed within this daypart "
                "(added, removed, or not all prepared after a first start): what plays is not broken off and goes on "
                "with the tracks of then, while this is reckoned with those of now.",
            )
            return
        if not found and self._air.sounding:
            yield Names(zh="日志里没有写下原因。", en="The log has no reason for it.")
            return
        yield from found or self._gap()

    def _decided(self) -> Iterator[Names]:
        for one in sorted(self._air.decisions(), key=lambda one: one.at):
            told = one.told()
            clock = self._clock(one.at)
            yield Names(zh=f"程序记录 {clock}:{told.zh}。", en=f"The program's record, {clock}: {told.text('en')}.")

    def _gap(self) -> Iterator[Names]:
        ends = [end for one in self._air.near if (end := one.ended_at or _begun(one)) and end <= self._instant]
        starts = [begun for one in self._air.near if (begun := _begun(one)) and begun > self._instant]
        from_zh, from_en = (f"从 {self._clock(max(ends))} ", f"from {self._clock(max(ends))}") if ends else ("", "")
        to_zh, to_en = (f"到 {self._clock(min(starts))} ", f" to {self._clock(min(starts))}") if starts else ("", "")
        span_zh, span_en = (from_zh + to_zh or "前后一小时"), (from_en + to_en).strip() or "for an hour around it"
        yield Names(
            zh=f"{span_zh}日志里没有播出记录,也没有写下原因:程序多半没有在运行。",
            en=f"The log has nothing on air {span_en} and no reason for it: most likely the program was not running.",
        )

    # --- how it is known

    def heard(self) -> list[Names]:
        """Of all that sounded by the log, who says so."""
        return list(self._heard())

    def _heard(self) -> Iterator[Names]:
        for one in self._air.sounding:
            zh, en = f"“{one.title}”", f"“{one.title}”"
            if one.heard_by == "ear" and one.heard_at is not None:
                at = self._clock(one.heard_at)
                yield Names(zh=f"监听听到了{zh}({at} 起)。", en=f"The ear heard {en} (from {at}).")
            elif _unheard(one):
                yield _not_heard(one)
            elif one.heard_at is None:
                yield Names(
                    zh=f"{zh}已发令播出;监听和播放器都还没有报告。",
                    en=f"{en} was commanded; neither the ear nor the player has reported yet.",
                )
            else:
                yield Names(
                    zh=f"按播放器的报告{zh}在播;没有监听可证。",
                    en=f"By the player's word {en} was on; nothing listened.",
                )

    def _at_joint(self) -> bool:
        """Whether a track begins or ends so close by that a moment without one means nothing."""
        edges = (edge for one in self._air.near if one.spot_id is None for edge in (_begun(one), one.ended_at) if edge)
        return self._near_edge() or any(self._close(edge) for edge in edges)

    def _near_edge(self) -> bool:
        return any(self._close(one.start) or self._close(one.end) for one in self._rundown.segments)

    def _close(self, edge: datetime) -> bool:
        return abs(edge - self._instant) <= timedelta(seconds=JOINT_S)

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self._rundown.tz):%H:%M:%S}"


def _begun(entry: Entry | None) -> datetime | None:
    return None if entry is None else entry.heard_at or entry.commanded_at


def _unheard(entry: Entry) -> bool:
    return entry.heard_by == "ear" and entry.heard_at is None


def _not_heard(entry: Entry) -> Names:
    return Names(zh=f"监听没有听到“{entry.title}”。", en=f"The ear did not hear “{entry.title}”.")


def both(reason: str) -> tuple[str, str]:
    """A reason of the log in Chinese and in English."""
    zh, slash, en = reason.partition(" / ")
    return zh.strip(), (en if slash else zh).strip()
