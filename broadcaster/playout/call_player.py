"""Plays what goes before everything that is planned: an emergency message over and over, or somebody who speaks live.

Every recording is loaded fresh when it is wanted: a prepared deck starts some milliseconds sooner, but one that was
prepared before the sound server came back stays silent for good, and nobody would know until it is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from broadcaster.asrun.entries import Outcome
from broadcaster.decisions import decided
from broadcaster.playout.air import Air
from broadcaster.playout.ducking import Ducking
from broadcaster.playout.emergencies import Saying, live_gain_db, sayings_of, stored_sayings
from broadcaster.playout.hearing import DEAF, Hearing
from broadcaster.playout.interventions import Intervention, Interventions
from broadcaster.playout.journal import Journal, TrackLine
from broadcaster.playout.mixing import Hold
from broadcaster.playout.on_air import OnAirCall
from broadcaster.playout.patience import Patience
from broadcaster.playout.protocol import SILENT_DB, Command, Duck, Ended, Fade, Failed, Load, Start, Started, Stop
from broadcaster.playout.timebase import Timebase

log = logging.getLogger(__name__)

LIMITS_S = (0.25, 1.0, 2.0, 4.0)
"""A recording that does not begin within the first has the engine replaced; each time in a row it is given longer."""

SUSPECT_S = 0.45
"""An engine that was silent for so long when a recording should begin is replaced at once: it beats five times a
second, and an emergency does not wait to be sure."""

FRESH_S = 2.0
FRESH_LIMIT_S = 1.0
"""An engine that is no older than the first takes up to the second to begin anything."""

AGAIN_S = 0.3
"""After a recording that can't be played the next is tried so soon."""

OVERRUN_S = 1.0
END_FADE_S = 0.15
LIVE_ATTACK_S = 0.3
LIVE_RELEASE_S = 1.5
LIVE_DUCK_DB = 14.0

UNHEARD_S = 1.5
"""Silence at the output for so long while a recording sounds: longer than any pause within a message."""

UNHEARD_TRIES = 3
UNHEARD_AGAIN_S = 60.0
"""After so many engines and devices on which nothing was heard, the next follows so much later: the ear may be deaf,
and every new engine begins the message anew."""


@dataclass(slots=True)
class _Sound:
    """One deck of ours."""

    deck: str
    saying: Saying
    round: int
    asked_at: float
    """Monotonic instant at which it was to begin."""
    since: float | None = None
    line: TrackLine | None = None


@dataclass(slots=True)
class CallPlayer:
    """Owned by the conductor's thread."""

    journal: Journal
    ducking: Ducking
    hearing: Hearing = DEAF
    """What the ear last said."""
    _call: Intervention | None = None
    _air: Air | None = None
    _sayings: tuple[Saying, ...] = ()
    _sound: _Sound | None = None
    _place: int = 0
    _round: int = 1
    _not_before: float = 0.0
    _tries: int = 0
    """Engines in a row that began nothing."""
    _fresh_at: float = field(default=float("-inf"))
    _patience: Patience = field(default_factory=Patience)
    _first: bool = True
    """Whether nothing of the present call has begun yet, nor was in vain."""
    _stream_over: bool = False
    unheard: int = 0
    """How often in a row another engine was asked for because nothing was heard."""
    _unheard_again: float = 0.0
    _bus_db: float = 0.0
    _count: int = 0

    # --- each turn

    def turn(self, hands: Interventions, air: Air | None, base: Timebase) -> list[Command]:
        """Compare with what people called; the commands that make the two equal. For an engine that is ready."""
        self._air = air
        call = hands.call(base.now)
        commands: list[Command] = []
        if self._call is not None and (call is None or _mark(call) != _mark(self._call)):
            commands += self._leave(base)
        if call is None:
            return commands
        if self._call is None:
            decided(f"{call.kind}-begins", call=call.target, who=call.who, reason=call.reason)
            self._place, self._round, self._tries, self.unheard = 0, 1, 0, 0
            self._first = True
            self._not_before, self._stream_over = 0.0, False
            self._sayings = stored_sayings(call) if call.kind == "emergency" else ()
        self._call = call
        off = call.kind == "live" and hands.voice_off(base.now) is not None
        commands += self._bus(SILENT_DB if off else 0.0)
        if call.kind == "live":
            return commands + self._live(call, base)
        return commands + self._emergency(call, hands, base)

    def _bus(self, gain_db: float) -> list[Command]:
        if gain_db == self._bus_db:
            return []
        self._bus_db = gain_db
        return [Duck("call", gain_db, END_FADE_S)]

    def _emergency(self, call: Intervention, hands: Interventions, base: Timebase) -> list[Command]:
        if self._sound is not None:
            sound = self._sound
            if sound.since is not None and base.mono > sound.since + sound.saying.duration_s + OVERRUN_S:
                self._close(base, Outcome.PARTIAL, "没有按时结束,已停 / did not end, stopped")
                self._sound = None
                return [Stop(sound.deck), *self._next(call, hands, base, base.mono)]
            return []
        return self._next(call, hands, base, max(base.mono, self._not_before))

    def _next(self, call: Intervention, hands: Interventions, base: Timebase, at: float) -> list[Command]:
        if not self._sayings or base.mono < self._not_before:
            return []
        saying = self._sayings[self._place]
        gain_db = self._gain_db(call, saying, hands, base)
        self._count += 1
        self._sound = _Sound(f"call-{self._count}", saying, self._round, at)
        load = Load(self._sound.deck, "call", saying.path, gain_db, duration_s=saying.duration_s)
        return [load, Start(self._sound.deck, at if at > base.mono else None)]

    def _gain_db(self, call: Intervention, saying: Saying, hands: Interventions, base: Timebase) -> float:
        """A level that was turned up by hand counts, one that was turned down does not."""
        dial = hands.trims(base.now).get(str(call.params.get("level")))
        if dial is None or self._air is None:
            return saying.gain_db
        return max(saying.gain_db, self._air.plan.gain_db(dial))

    def _live(self, call: Intervention, base: Timebase) -> list[Command]:
        duck = self._air.plan.station.sound.duck if self._air is not None else None
        commands: list[Command] = []
        until = base.mono + 2.0
        depth_db = -duck.by if duck is not None else -LIVE_DUCK_DB
        commands += self.ducking.hold(Hold("live", depth_db, base.mono + LIVE_ATTACK_S, until), LIVE_ATTACK_S)
        if self._sound is None and not self._stream_over and base.mono >= self._not_before:
            self._count += 1
            saying = Saying(str(call.params["address"]), 0.0, live_gain_db(call), "live", "", "")
            self._sound = _Sound(f"call-{self._count}", saying, 1, base.mono)
            commands += [
                Load(self._sound.deck, "call", saying.path, saying.gain_db, live=True),
                Start(self._sound.deck),
            ]
        return commands

    def _leave(self, base: Timebase) -> list[Command]:
        """It ended, or another takes its place."""
        call, sound = self._call, self._sound
        assert call is not None
        decided(f"{call.kind}-ends", call=call.target, rounds=self._round)
        commands: list[Command] = []
        if sound is not None:
            if sound.since is None:
                commands.append(Stop(sound.deck))
            else:
                complete = call.kind == "live"
                reason = "" if complete else "应急广播结束 / the emergency ended"
                self._close(base, Outcome.AIRED if complete else Outcome.PARTIAL, reason)
                commands.append(Fade(sound.deck, 0.0, END_FADE_S, None, stop=True))
        if call.kind == "live":
            release_s = self._air.plan.station.sound.duck.release if self._air is not None else LIVE_RELEASE_S
            commands += self.ducking.release("live", release_s)
        self._call = self._sound = None
        # What comes next must not be muted for what was.
        return [*commands, *self._bus(0.0)]

    # --- what the engine tells

    def owns(self, deck: str) -> bool:
        """Whether a deck is one of ours."""
        return deck.startswith("call-")

    def started(self, event: Started, base: Timebase) -> None:
        """A deck sounds."""
        sound, call = self._sound, self._call
        if sound is None or call is None or event.deck != sound.deck:
            return
        sound.since = event.at
        self._tries, self._first = 0, False
        at = base.to_wall(event.at)
        title = str(call.params.get("title_zh") or call.target or "")
        if call.kind == "emergency":
            title = f"{title}({sound.saying.title},第 {sound.round} 遍)"
        sound.line = self.journal.call_started(
            day=self._air.date_of(at) if self._air is not None else at.date(), kind=call.kind,
            track=f"{call.kind}:{sound.saying.script}", ref=call.target or call.kind, title=title, planned_at=at, at=at,
        )  # fmt: skip

    def ended(self, event: Ended | Failed, hands: Interventions, base: Timebase) -> list[Command]:
        """A deck sounds no more: the next recording is prepared at once, to begin after the pause."""
        sound, call = self._sound, self._call
        if sound is None or call is None or event.deck != sound.deck:
            return []
        if isinstance(event, Failed):
            self._close(base, Outcome.FAILED, event.reason)
            log.error("%s %s can't be played: %s", call.kind, sound.saying.path, event.reason)
            self._not_before = base.mono + AGAIN_S
            if self._air is not None and call.kind == "emergency" and call.target:
                # The recording may be a new one by now.
                self._sayings = sayings_of(self._air.plan, call.target) or self._sayings
        else:
            self._close(base, Outcome.AIRED if event.complete else Outcome.PARTIAL, "", event.at)
        self._sound = None
        if call.kind == "live":
            self._stream_over = not isinstance(event, Failed)
            return []
        self._place = (self._place + 1) % len(self._sayings)
        if self._place == 0:
            self._round += 1
        if isinstance(event, Failed):
            return []
        return self._next(call, hands, base, max(event.at + sound.saying.pause_s, base.mono))

    def lost(self, base: Timebase, reason: str) -> None:
        """The engine was replaced: what sounded is gone, and begins anew on the next."""
        if self._sound is not None:
            self._close(base, Outcome.PARTIAL, reason)
            self._sound = None
        self._bus_db = 0.0
        self._not_before = 0.0
        self._fresh_at = base.mono

    def greeted(self, base: Timebase) -> None:
        """A new engine is ready."""
        self._fresh_at = base.mono

    def _close(self, base: Timebase, outcome: Outcome, reason: str, at: float | None = None) -> None:
        if self._sound is not None and self._sound.line is not None:
            if self._call is not None and self._call.kind == "live":
                # Who spoke; what is shown to people without an account leaves the names out of reasons.
                reason = f"{self._call.words()}; {reason}" if reason else self._call.words()
            self.journal.call_ended(self._sound.line, base.to_wall(base.mono if at is None else at), outcome, reason)
            self._sound.line = None

    # --- what is wrong

    @property
    def hasty(self) -> bool:
        """Whether something should begin this very moment and does not yet."""
        return self._call is not None and (self._sound.since is None if self._sound else not self._stream_over)

    def stuck(self, base: Timebase, silent_s: float) -> str:
        """Why another engine is needed; empty if none is. Each asking for one is followed by :meth:`lost`.

        ``silent_s``: seconds since the engine last said anything.
        """
        call, sound = self._call, self._sound
        if call is None or sound is None:
            return ""
        if sound.since is None:
            limit_s = LIMITS_S[min(self._tries, len(LIMITS_S) - 1)]
            if base.mono - self._fresh_at < FRESH_S or call.kind == "live":
                limit_s = max(limit_s, FRESH_LIMIT_S)
            suspect = False
            if call.kind == "emergency" and self._first:
                # The first is not waited for, however often others were in vain: people call, and not without end.
                old = base.mono - self._fresh_at >= FRESH_S and base.mono >= sound.asked_at
                suspect = old and silent_s > SUSPECT_S
            else:
                limit_s = min(limit_s * self._patience.factor(base.mono), LIMITS_S[-1])
            if base.mono <= sound.asked_at + limit_s and not suspect:
                return ""
            self._tries += 1
            self._first = False
            self._patience.given_up(base.mono)
            waited_s = base.mono - sound.asked_at
            return f"{call.kind}: it did not begin within {waited_s:.2f} s, no beat for {silent_s:.2f} s"
        silent = self.hearing.silent_since
        if silent is None and self.hearing.ear == "ok" and self.hearing.at > sound.since + 0.5:
            self.unheard = 0
        if call.kind == "live" or self.hearing.ear != "ok" or silent is None or sound.saying.gain_db <= -50.0:
            return ""
        if self.hearing.muted or (self.unheard >= UNHEARD_TRIES and base.mono < self._unheard_again):
            return ""
        unheard_s = self.hearing.at - max(sound.since, silent)
        if unheard_s < UNHEARD_S or base.mono - self.hearing.at > 1.0 or base.mono - self._fresh_at < UNHEARD_S * 2:
            return ""
        if self.hearing.at > sound.since + sound.saying.duration_s - 0.5:
            return ""
        self.unheard += 1
        self._unheard_again = base.mono + UNHEARD_AGAIN_S
        return f"{call.kind}: nothing is heard of it for {unheard_s:.1f} s"

    def on_air(self) -> OnAirCall | None:
        """What is called, for the others to see."""
        call = self._call
        if call is None:
            return None
        params: Mapping[str, Any] = call.params
        title = str(params.get("title_zh") or call.target or "")
        sound = self._sound
        line = sound.line if sound is not None else None
        return OnAirCall(
            kind="emergency" if call.kind == "emergency" else "live",
            id=call.id,
            title_zh=title,
            title_en=str(params.get("title_en") or title),
            since=call.since,
            sounding=self._sound is not None and self._sound.since is not None,
            silent=call.kind == "emergency" and call.target is None,
            fire=bool(params.get("fire")),
            who=call.shown,
            reason=call.reason,
            entry=line.entry if line is not None else None,
            mono=sound.since or 0.0 if sound is not None else 0.0,
            path=sound.saying.path if sound is not None and call.kind == "emergency" else "",
            gain_db=sound.saying.gain_db if sound is not None else 0.0,
            text="\n".join(saying.text for saying in self._sayings) if call.kind == "emergency" else "",
            line=line,
        )


def _mark(call: Intervention) -> str:
    """What makes it the same call, whatever number the database gives it."""
    return str(call.params.get("mark") or call.id)
