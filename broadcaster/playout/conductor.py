"""Keeps the air equal to the rundown: compares what should be with what is, and corrects, several times a second.

State, not kicks: a restart, a crash, a clock step, a sleeping machine and a changed programme are all the same case.
One thread runs this (:mod:`broadcaster.playout.loop`); everyone else only puts things into its queue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Literal

from broadcaster.clock import Clock, StepWatch
from broadcaster.decisions import decided
from broadcaster.errors import EngineGone
from broadcaster.plan.plan import Track
from broadcaster.playout.air import Air
from broadcaster.playout.bed_player import BedPlayer
from broadcaster.playout.call_player import CallPlayer
from broadcaster.playout.ducking import Ducking
from broadcaster.playout.engine_client import Engine
from broadcaster.playout.gate import OPEN, Gate, Phase
from broadcaster.playout.hearing import Hearing
from broadcaster.playout.interventions import NONE, Intervention, Interventions, of
from broadcaster.playout.journal import Journal
from broadcaster.playout.on_air import OnAir, OnAirSpot, OnAirTrack
from broadcaster.playout.outputs import Outputs
from broadcaster.playout.protocol import Command, Complaint, Ended, Event, Failed, Hello, Stalled, Started
from broadcaster.playout.sound_keeper import Order, SoundKeeper
from broadcaster.playout.timebase import Timebase
from broadcaster.playout.voice_player import VoicePlayer

log = logging.getLogger(__name__)

PAUSE_LIMIT_S = 0.5
"""A longer time between two turns means that this process was not run."""

LOST_S = 10.0
"""Without an engine for so long, replacing it does not help: people are told."""

OFF_FADE_S = 0.2
"""A stop or a mute by hand silences within this."""

PAUSE_FADE_S = 1.5
"""The bed goes and comes back within this when it is paused by hand."""

ELSEWHERE = "由另一台电脑播出 / the other PC is on air"

LEFT_OUT_MOST = 100
"""So many spots that were left out are written in one turn: the air is not to wait for the log of a long night."""

CATCH_UP_S = 2.0
"""A log in trouble is tried again so often."""


class Conductor:
    """Owned by one thread, except :attr:`on_air`, which is replaced whole and may be read by any."""

    def __init__(
        self, engine: Engine, journal: Journal, clock: Clock, alive: Callable[[datetime], None] = lambda now: None,
        gate: Gate = OPEN,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._alive = alive
        self._watch = StepWatch(clock)
        self._ducking = Ducking()
        self._bed = BedPlayer(journal)
        self._voice = VoicePlayer(journal, self._ducking)
        self._call = CallPlayer(journal, self._ducking)
        self._by_desk: Interventions = NONE
        self._calls: tuple[Intervention, ...] = ()
        self.sound = SoundKeeper(engine.device)
        self._air: Air | None = None
        self._hands: Interventions = NONE
        self._was_off = False
        """Whether everything was silent by hand at the last turn."""
        self._greeted = False
        """Whether the present engine said hello and nothing was lost since: only then is it spoken to."""
        self._fresh_engine = False
        self._closed = False
        self._gate = gate
        self._phase: Phase = gate.phase(clock.now())
        self._last_turn: float | None = None
        self._caught_up = False
        """Whether the turn before this one was given up after a pause."""
        self._today: date | None = None
        self._stepped_at: datetime | None = None
        self._caught_up_at = float("-inf")
        self._ready_at = clock.mono()
        """When the engine was last ready."""
        self.on_air = OnAir(now=clock.now())

    # --- what the others put into the queue

    def take_plan(self, air: Air) -> None:
        """A plan takes hold: at once, without a gap where the two agree."""
        base = Timebase.read(self._clock)
        old, self._air = self._air, air
        air.trim(self._hands.trims(base.now))
        if old is not None and self._phase == "open":
            self._send(self._voice.plan_changed(old, air, base))
        self.turn()

    def take_interventions(self, hands: Interventions) -> None:
        """What people did by hand is this from now on."""
        self._by_desk = hands
        self._know(of((*hands.all, *self._calls)))
        self.turn()

    def take_calls(self, calls: tuple[Intervention, ...]) -> None:
        """The emergencies and live pages that hold are these from now on."""
        self._calls = calls
        self._know(of((*self._by_desk.all, *calls)))
        self.turn()

    def take_gate(self, gate: Gate) -> None:
        """Whether this PC may sound, and until when, is this from now on."""
        self._gate = gate
        self.turn()

    @property
    def hasty(self) -> bool:
        """Whether it wants its next turn very soon."""
        return self._call.hasty or self._voice.hasty

    def hear(self, hearing: Hearing) -> None:
        """What the ear says of the air."""
        self.sound.hear(hearing)
        self._call.hearing = hearing

    def take_outputs(self, outputs: Outputs) -> None:
        """The system has these devices to play to."""
        self.sound.know_outputs(outputs)

    def take_fallback(self, tracks: tuple[Track, ...]) -> None:
        """The built-in music is prepared."""
        self._bed.stand_ins.fallback = tracks

    def _know(self, hands: Interventions) -> None:
        self._hands = self._bed.hands = self._voice.due.hands = hands

    def event(self, event: Event) -> None:
        """Something that the engine said."""
        base = Timebase.read(self._clock)
        if isinstance(event, Started):
            if self._call.owns(event.deck):
                self._call.started(event, base)
            elif self._bed.owns(event.deck):
                self._bed.started(event, base)
            else:
                self._send(self._voice.started(event))
        elif isinstance(event, Ended | Failed):
            if self._call.owns(event.deck):
                self._send(self._call.ended(event, self._hands, base))
            elif self._bed.owns(event.deck):
                self._bed.ended(event, self._air, base)
            elif self._air is not None:
                self._send(self._voice.ended(event, self._air, base))
        elif isinstance(event, Hello):
            log.info("engine ready: pid %d, libVLC %s, output %s", event.pid, event.player, event.output)
            self._greeted = self._fresh_engine = True
            self._call.greeted(base)
        elif isinstance(event, Stalled):
            # What it plays is late by the gap, and its clock may not say by how much: only a new one is surely right.
            if self.sound.stalled(event.gap_s, base.mono):
                self._replace_engine(f"it was not run for {event.gap_s:.1f} s")
        elif isinstance(event, Complaint):
            log.warning("engine: %s", event.text)

    # --- the turn

    def turn(self) -> None:
        """One comparison of what should be with what is."""
        if self._closed:
            return
        base = Timebase.read(self._clock)
        paused = self._last_turn is not None and base.mono - self._last_turn > PAUSE_LIMIT_S
        self._last_turn = base.mono
        if self._engine.watch(grace=paused):
            self._lost("播出引擎更换 / engine replaced", base)
        if paused and not self._caught_up:
            # What the engine said meanwhile is still on its way here, and is to be heard before anything is judged.
            self._caught_up = True
            return
        self._caught_up = False
        step_s = self._watch.step()
        if step_s:
            self._stepped_at = base.now
            decided("clock-stepped", step_s=step_s)
        if (hands := self._hands.begun(base.now)) is not self._hands:
            # A clock that is set back ends nothing that people did.
            self._know(hands)
        if self._turn_gate(base) == "shut":
            self._catch_up(base)
            self._alive(base.now)
            self._tell(base)
            return
        if self._phase == "open":
            self._turn_call(base)
        if self._air is None:
            self._tell(base)
            return
        if step_s:
            # What lies between an earlier and the present time is due under this plan like any other.
            self._air.since = min(self._air.since, base.now)
            self._bed.clock_stepped()
            self._send(self._voice.clock_stepped(self._air, base, step_s))
        if self._today != self._air.date_of(base.now):
            self._today = self._air.date_of(base.now)
            self._voice.new_day(self._today)
        if self._air.trim(self._hands.trims(base.now)):
            self._send(self._voice.trimmed(self._air))
        if self._greeted and self._engine.ready:
            self._send(self._by_hand(base))
            if self._fresh_engine:
                self._fresh_engine = False
                self._send([*self._ducking.again(), *self._voice.lost(self._air, base)])
            self._send(self._bed.turn(self._air, base))
            # Until the gate is open, the other PC says what is to be said.
            commands = self._voice.turn(self._air, base) if self._phase == "open" else []
            commands += self._ducking.turn(base.mono, self._air.plan.station.sound.duck.release)
            self._send(commands)
        if self._phase == "open":
            self._see_to_sound(self._air, base)
        self._voice.due.write(LEFT_OUT_MOST)
        self._catch_up(base)
        self._alive(base.now)
        self._tell(base)

    def _catch_up(self, base: Timebase) -> None:
        if self._journal.trouble and base.mono - self._caught_up_at > CATCH_UP_S:
            self._caught_up_at = base.mono
            self._journal.catch_up()

    def _turn_gate(self, base: Timebase) -> Phase:
        """Of two PCs at one amplifier only one sounds; the other's log is its own."""
        before, self._phase = self._phase, self._gate.phase(base.now)
        if self._phase != "open":
            self.sound.rest(base.mono)
        if self._phase == "shut":
            if before != "shut":
                spoken = self._voice.stop(self._air, base, ELSEWHERE) if self._air is not None else []
                self._send([*spoken, *self._call.turn(NONE, self._air, base), *self._bed.leave_all(base, ELSEWHERE)])
        elif before == "shut":
            self._voice.due.log_changed()
        if self._greeted and self._engine.ready:
            self._send(self._ducking.gate(*self._gate.wish(base)))
        return self._phase

    def _turn_call(self, base: Timebase) -> None:
        """Before anything that may take its time, such as the log, and without a plan too."""
        if not (self._greeted and self._engine.ready):
            return
        if reason := self._call.stuck(base, self._engine.silent_s):
            if (device := self._device_for_call(base)) is not None:
                self._engine.play_to(device)
            self._replace_engine(reason)
            return
        if commands := self._call.turn(self._hands, self._air, base):
            self._send([*self._by_hand(base), *commands])

    def _device_for_call(self, base: Timebase) -> str | None:
        outputs = self.sound.outputs
        if self._call.unheard < 2:
            return None
        if self._call.unheard == 2:
            return outputs.take_other(base.mono)
        # Nor is it heard there: the plan's own device is the best guess.
        outputs.give_up()
        return outputs.turn(base.mono, quiet=False, silent=True)

    def _see_to_sound(self, air: Air, base: Timebase) -> None:
        ready = self._greeted and self._engine.ready
        order = self.sound.turn(
            air, base, self._hands, self._bed, self._voice, self._ducking, ready=ready, rss_mb=self._engine.rss_mb
        )
        match order:
            case Order(remedy="engine"):
                if order.device is not None:
                    self._engine.play_to(order.device)
                # What failed meanwhile may have done so for the device's sake.
                self._bed.stand_ins.forgive()
                self._replace_engine(order.reason)
            case Order(remedy="track"):
                again = [*self._bed.leave_all(base, order.reason), *self._voice.retry(air, base)]
                self._send([*again, *self._bed.turn(air, base)])
            case Order(remedy="next"):
                self._send([*self._bed.pass_over(air, base, order.reason), *self._bed.turn(air, base)])

    def _by_hand(self, base: Timebase) -> list[Command]:
        voice_off = self._hands.voice_off(base.now) is not None
        bed_off = self._hands.bed_off(base.now) is not None
        # What was muted comes back as fast as it went; only a paused bed takes its time.
        fade_s = OFF_FADE_S if voice_off != self._was_off else PAUSE_FADE_S
        self._was_off = voice_off
        return self._ducking.by_hand(bed_off=bed_off, voice_off=voice_off, fade_s=fade_s)

    def close(self, reason: str) -> None:
        """The program ends on purpose: write down what was on air."""
        base = Timebase.read(self._clock)
        if self._air is not None:
            self._send(self._voice.stop(self._air, base, reason))
        self._voice.due.write()
        self._bed.lost(base, reason)
        self._call.lost(base, reason)
        self._journal.close()
        self._closed = True

    def _replace_engine(self, reason: str) -> None:
        self._engine.replace(reason)
        self._lost("播出引擎更换 / engine replaced", Timebase.read(self._clock))

    def _lost(self, reason: str, base: Timebase) -> None:
        self._greeted = self._fresh_engine = False
        self.sound.engine_lost()
        self._bed.lost(base, reason)
        self._voice.silenced()
        self._call.lost(base, reason)

    def _send(self, commands: Iterable[Command]) -> None:
        if not (self._greeted and self._engine.ready):
            # A new engine is told everything anew once it is there.
            return
        try:
            for command in commands:
                self._engine.send(command)
        except EngineGone as error:
            self._replace_engine(str(error))

    # --- what is told to the others

    def _engine_state(self, base: Timebase) -> Literal["ok", "starting", "lost"]:
        if self._greeted and self._engine.ready:
            self._ready_at = base.mono
            return "ok"
        return "starting" if base.mono - self._ready_at < LOST_S else "lost"

    def _tell(self, base: Timebase) -> None:
        bed, spot = self._bed.sounding(), self._voice.sounding()
        air = self._air
        self.on_air = OnAir(
            now=base.now,
            mono=base.mono,
            air=air,
            segment=air.segment(base.now) if air else None,
            track=OnAirTrack(
                bed.item,
                base.to_wall(bed.file_start),
                bed.entry,
                bed.file_start,
                bed.released_at,
                bed.line,
            )
            if bed
            else None,
            spot=OnAirSpot(spot.spot, base.to_wall(spot.start_at), spot.start_at, spot.offset_s) if spot else None,
            bed_depth_db=self._ducking.depth_db,
            engine=self._engine_state(base),
            stepped_at=self._stepped_at,
            log_trouble=self._journal.trouble,
            interventions=self._hands,
            call=self._call.on_air(),
            hearing=self.sound.hearing,
            rung=self.sound.ladder.rung,
            dead_air_s=self.sound.ladder.dead_s,
            output=self.sound.outputs.device,
            output_missing=self.sound.outputs.missing,
            gate=self._phase,
        )
