"""Keeps the bed equal to the rundown: prepares what comes, starts it on the instant, and corrects what is off."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broadcaster.asrun.entries import Outcome
from broadcaster.playout.air import Air
from broadcaster.playout.fallback import NOTE, fallback_items, is_fallback
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.playout.journal import Journal, TrackLine
from broadcaster.playout.protocol import Command, Ended, Fade, Failed, Gain, Load, Start, Started, Stop
from broadcaster.playout.stand_ins import StandIns
from broadcaster.playout.timebase import Timebase
from broadcaster.rundown.bed import BedItem

log = logging.getLogger(__name__)

AHEAD_S = 6.0
"""The next track is prepared this long before it starts."""

JOIN_LEAD_S = 0.25
"""Preparing a track in its middle takes a moment: it is released this long after the decision, at the right second."""

JOIN_FADE_S = 0.08
"""Short fade when a track is entered or left in its middle, so that nothing clicks."""

LEAVE_FADE_S = 0.4
"""Fade of a bed that should no longer be there."""

OFF_LIMIT_S = 0.06
"""A bed further than this from where it should be is set right."""

END_WAIT_S = 1.0
"""A track that should be over has this long to say so."""

LEAVE_WAIT_S = 2.0
"""A deck that was told to leave and said nothing for this long never sounded."""

LONGEST_LEAD_S = 2.0


@dataclass(frozen=True, slots=True)
class Sounding:
    """The track of the bed that sounds."""

    item: BedItem
    file_start: float
    """Monotonic instant of its recording's first second."""
    entry: int | None
    """Its number in the as-run log; None as long as it is not written."""
    released_at: float = 0.0
    """Monotonic instant of the first sample that really sounded: later than ``file_start`` if it was joined."""
    line: TrackLine | None = None
    """Its line in the log, whose number may come after its end."""


@dataclass(slots=True)
class _Deck:
    name: str
    item: BedItem
    file_offset_s: float
    """Where in the recording it was prepared to begin."""
    start_at: float
    """Monotonic instant of its release."""
    line: TrackLine | None = None
    """Its line in the as-run log, once it sounds."""
    sounding: bool = False
    fade_at: float | None = None
    """Monotonic instant of the fade-out that was commanded."""
    reason: str = ""
    left_at: float = 0.0
    """Monotonic instant at which it was told to leave."""


@dataclass(slots=True)
class BedPlayer:
    """Owned by the conductor's thread. ``send`` hands commands to the engine."""

    journal: Journal
    _decks: dict[str, _Deck] = field(default_factory=dict)
    _leaving: dict[str, _Deck] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _corrections: dict[str, int] = field(default_factory=dict)
    """How often an item was set right; each time it must be twice as far off, or a slow machine would stutter."""
    _lead_s: float = JOIN_LEAD_S
    _count: int = 0
    hands: Interventions = NONE
    """What people did by hand."""
    stand_ins: StandIns = field(default_factory=StandIns)
    fallback_only: bool = False
    """Whether it airs in place of the plan's, which is not heard."""
    items: tuple[BedItem, ...] = ()
    """What should sound now or soon, with what stands in for it."""

    def turn(self, air: Air, base: Timebase) -> list[Command]:
        """Compare with the rundown less what people did by hand; the commands that make the two equal."""
        if stop := self.hands.all_off(base.now):
            self._forget((), base)
            self.items = ()
            return [command for name in list(self._decks) for command in self._leave(name, base, stop.words())]
        ahead = base.now + timedelta(seconds=AHEAD_S)
        wanted = {item.id: self.stand_ins.of(item) for item in self._planned(air, base.now, ahead)}
        self.items = tuple(wanted.values())
        commands: list[Command] = []
        for name in [name for name in self._decks if name not in wanted]:
            over_s = (base.now - self._decks[name].item.end).total_seconds()
            if not 0 <= over_s < END_WAIT_S:
                reason = "没有按时结束 / did not end"
                if over_s < 0:
                    reason = NOTE if self.fallback_only else "计划里现在没有这段音乐 / the plan has no such bed now"
                commands += self._leave(name, base, reason)
        for item in wanted.values():
            if item.id not in self._over:
                commands += self._keep(item, base)
        self._over &= wanted.keys()
        self._forget(wanted.keys(), base)
        return commands

    def _forget(self, wanted: Collection[str], base: Timebase) -> None:
        self.stand_ins.forget(wanted)
        for name in self._corrections.keys() - wanted:
            del self._corrections[name]
        for name, deck in list(self._leaving.items()):
            if base.mono > deck.left_at + LEAVE_WAIT_S:
                del self._leaving[name]
                if deck.sounding:
                    self.journal.bed_ended(deck.line, base.now, Outcome.PARTIAL, deck.reason, deck.item)

    def clock_stepped(self) -> None:
        """What was over may be due again."""
        self._over.clear()
        self._corrections.clear()

    def _planned(self, air: Air, start: datetime, end: datetime) -> list[BedItem]:
        """The plan's music, and the fallback music where it has none or is not heard."""
        planned = air.beds(start, end, self.hands.bed_skips)
        if not self.stand_ins.fallback or (planned and not self.fallback_only):
            return planned
        found: list[BedItem] = []
        for on, segment in air.segments(start, end):
            if segment.bed is None:
                continue
            playlist = air.plan.playlists.get(segment.bed.playlist)
            if self.fallback_only or playlist is None or not playlist.tracks:
                found += fallback_items(on, segment, self.stand_ins.fallback, start, end)
        return found

    # --- what the silence ladder asks for

    def leave_all(self, base: Timebase, reason: str) -> list[Command]:
        """Leave every deck; the next turn of the bed prepares what should sound anew, at the right second."""
        return [command for name in list(self._decks) for command in self._leave(name, base, reason)]

    def pass_over(self, air: Air, base: Timebase, reason: str) -> list[Command]:
        """Have something else sound in the place of what does."""
        for deck in self._decks.values():
            if base.to_mono(deck.item.start) <= base.mono:
                self.stand_ins.pass_over(deck.item, air, base)
        return self.leave_all(base, reason)

    def _keep(self, item: BedItem, base: Timebase) -> list[Command]:
        deck = self._decks.get(item.id)
        due = base.to_mono(item.start)
        if deck is not None and not self._on_time(deck, item, due, base):
            if deck.sounding:
                self._corrections[item.id] = self._corrections.get(item.id, 0) + 1
            commands = self._leave(item.id, base, "与串联单不符,已校正 / not where the rundown is")
            return commands + self._enter(item, base)
        if deck is None:
            return self._enter(item, base)
        commands = []
        if not deck.sounding and deck.file_offset_s == 0 and abs(deck.start_at - due) > 0.001:
            deck.start_at = due
            commands.append(Start(deck.name, due))
        if deck.item.gain_db != item.gain_db:
            commands.append(Gain(deck.name, item.gain_db, 0.5))
        deck.item = item
        return commands + self._fade_out(deck, base)

    def _on_time(self, deck: _Deck, item: BedItem, due: float, base: Timebase) -> bool:
        if deck.item.track.path != item.track.path:
            return False
        limit_s = OFF_LIMIT_S * 2.0 ** min(self._corrections.get(item.id, 0), 10)
        if not deck.sounding and deck.start_at > base.mono:
            # Not begun yet: a start from the top can still be moved, one from the middle only if it stays right.
            return (deck.file_offset_s == 0 and due > base.mono) or abs(
                self._file_start(deck) - self._origin(item, due)
            ) < limit_s
        return abs(self._file_start(deck) - self._origin(item, due)) <= limit_s

    @staticmethod
    def _file_start(deck: _Deck) -> float:
        """Monotonic instant at which the recording's first second would have sounded."""
        return deck.start_at - deck.file_offset_s

    def _origin(self, item: BedItem, due: float) -> float:
        """The same for where it should be. A stand-in of another length goes round."""
        deck = self._decks.get(item.id)
        if deck is not None and deck.item.track.duration_s < (item.end - item.start).total_seconds() - 0.5:
            return self._file_start(deck)
        return due

    def _enter(self, item: BedItem, base: Timebase) -> list[Command]:
        if self.stand_ins.not_before(item) > base.mono:
            return []
        due = base.to_mono(item.start)
        joining = due < base.mono + self._lead_s
        start_at = base.mono + self._lead_s if joining else due
        offset_s = (start_at - due) % max(item.track.duration_s, 1.0) if joining else 0.0
        if start_at >= base.to_mono(item.end) - 0.1:
            return []
        self._count += 1
        deck = _Deck(f"bed-{self._count}", item, offset_s, start_at)
        self._decks[item.id] = deck
        fade_in_s = item.fade_in_s
        if joining:
            fade_in_s = max(JOIN_FADE_S, item.fade_in_s - offset_s)
        load = Load(
            deck=deck.name,
            bus="bed",
            path=item.track.path,
            gain_db=item.gain_db,
            offset_s=offset_s,
            duration_s=item.track.duration_s,
            fade_in_s=fade_in_s,
        )
        return [load, Start(deck.name, start_at), *self._fade_out(deck, base)]

    def _fade_out(self, deck: _Deck, base: Timebase) -> list[Command]:
        item = deck.item
        end_at = base.to_mono(item.end)
        fade_at = end_at - item.fade_out_s
        cut = (item.end - item.start).total_seconds() < item.track.duration_s - 0.01
        if (item.fade_out_s <= 0 and not cut) or fade_at - base.mono > AHEAD_S:
            if deck.fade_at is not None and deck.fade_at > base.mono:
                deck.fade_at = None
                return [Fade(deck.name, 1.0, 0.0)]
            return []
        if deck.fade_at is not None and (abs(deck.fade_at - fade_at) < 0.002 or deck.fade_at <= base.mono):
            return []
        deck.fade_at = fade_at
        # Entered when the fade should have begun: what is left of it still ends on time.
        begin_at = max(fade_at, min(deck.start_at, end_at))
        return [Fade(deck.name, 0.0, end_at - begin_at, begin_at, stop=True)]

    def _leave(self, name: str, base: Timebase, reason: str) -> list[Command]:
        deck = self._decks.pop(name)
        deck.reason, deck.left_at = reason, base.mono
        if not deck.sounding and deck.start_at > base.mono:
            return [Stop(deck.name)]
        self._leaving[deck.name] = deck
        return [Fade(deck.name, 0.0, LEAVE_FADE_S, None, stop=True)]

    # --- what the engine tells

    def owns(self, deck: str) -> bool:
        """Whether a deck is one of the bed's."""
        return deck.startswith("bed-")

    def started(self, event: Started, base: Timebase) -> None:
        """A deck sounds."""
        deck = self._find(event.deck)
        if deck is None:
            return
        deck.sounding = True
        if deck.file_offset_s:
            late_s = event.at - deck.start_at
            step_s = late_s + 0.1 if late_s > OFF_LIMIT_S / 2 else -0.05
            self._lead_s = min(max(self._lead_s + step_s, JOIN_LEAD_S), LONGEST_LEAD_S)
        deck.start_at = event.at
        item = deck.item
        deck.line = self.journal.bed_started(item, base.to_wall(event.at), deck.file_offset_s)

    def ended(self, event: Ended | Failed, air: Air | None, base: Timebase) -> None:
        """A deck sounds no more."""
        deck = self._find(event.deck)
        if deck is None:
            return
        self._leaving.pop(deck.name, None)
        item = deck.item
        current = self._decks.get(item.id) is deck
        if current:
            del self._decks[item.id]
        if isinstance(event, Failed):
            if current:
                self.stand_ins.failed(item, event, air, base)
            log.warning("bed %s failed: %s", item.track.file, event.reason)
            self.journal.bed_ended(deck.line, base.now, Outcome.FAILED, event.reason, item)
            return
        near_end = base.to_mono(item.end) - base.mono < 1.0
        if current and near_end:
            self._over.add(item.id)
        ended_at = base.to_wall(event.at)
        reason = deck.reason or item.left_early or self._unheard(base.to_wall(deck.start_at), ended_at)
        whole = near_end and deck.file_offset_s < 1.0 and not reason
        reason = reason or ("" if whole else "从中间接上 / joined in its middle" if near_end else "中断 / broke off")
        if is_fallback(item):
            reason = NOTE
        self.journal.bed_ended(deck.line, ended_at, Outcome.AIRED if whole else Outcome.PARTIAL, reason, item)

    def _unheard(self, start: datetime, end: datetime) -> str:
        """Who had the bed silent while it played."""
        one = self.hands.silenced(start, end, bed=True)
        return one.words() if one is not None else ""

    def lost(self, base: Timebase, reason: str) -> None:
        """The engine was replaced: all decks are gone."""
        for deck in [*self._decks.values(), *self._leaving.values()]:
            if deck.sounding:
                self.journal.bed_ended(deck.line, base.now, Outcome.PARTIAL, reason, deck.item)
        self._decks.clear()
        self._leaving.clear()

    def _find(self, name: str) -> _Deck | None:
        decks = [*self._decks.values(), *self._leaving.values()]
        return next((deck for deck in decks if deck.name == name), None)

    def sounding(self) -> Sounding | None:
        """The newest bed item that sounds."""
        decks = [deck for deck in self._decks.values() if deck.sounding]
        if not decks:
            return None
        newest = max(decks, key=lambda deck: deck.start_at)
        entry = newest.line.entry if newest.line is not None else None
        return Sounding(newest.item, self._file_start(newest), entry, newest.start_at, newest.line)
