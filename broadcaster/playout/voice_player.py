"""Airs the spots: each once, on its instant, one at a time, with the bed held down; or says why not."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta

from broadcaster.asrun.entries import BROKEN_OFF, REPLACED, TAKEN_UP, Outcome
from broadcaster.plan.models import PRIORITIES
from broadcaster.playout.air import Air, SpotOfDay
from broadcaster.playout.airing import Airing, SpotSounding
from broadcaster.playout.ducking import Ducking
from broadcaster.playout.due import GAVE_WAY, PLAN_CHANGED, WITHDRAWN, DueSpots
from broadcaster.playout.interventions import Intervention
from broadcaster.playout.journal import Journal
from broadcaster.playout.lateness import ON_TIME_S, Verdict, judge
from broadcaster.playout.mixing import Hold
from broadcaster.playout.protocol import SILENT_DB, Command, Ended, Fade, Failed, Gain, Start, Started, Stop
from broadcaster.playout.refusals import Refusals
from broadcaster.playout.timebase import Timebase

log = logging.getLogger(__name__)

COMMAND_S = 0.6
"""It is written down as commanded this long before, and commanded once that is on disk: a spot that the log does not
know to have begun would air again after a crash."""

LAST_S = 0.3
"""It is commanded this long before in any case: a spot that waits for a slow disk would be late."""

LATE_LEAD_S = 0.3
"""A late spot starts this long after the decision, which leaves time to prepare it."""

OVERRUN_S = 1.0
"""A spot still sounding this long after its length is stuck, and is stopped."""

LEFT_S = 1.0
"""Less than this left of an interrupted spot is not taken up again."""

SMALL_STEP_S = 5.0
"""A clock that is set by less leaves alone what is being said."""

TRIM_S = 0.5
"""A level that is trimmed by hand is reached so soon."""

CUT_FADE_S = 0.12
"""A spot that gives way to an emergency or a live page is gone within this."""

BETWEEN_S = 4.0
"""With less time than this to the next spot the bed stays down."""


class VoicePlayer:
    """Owned by the conductor's thread."""

    def __init__(self, journal: Journal, ducking: Ducking) -> None:
        self._journal = journal
        self._ducking = ducking
        self._refusals = Refusals()
        self._airing: Airing | None = None
        self.due = DueSpots(journal)
        """What may still air; knows what people did by hand."""
        self._count = 0
        self._last_end = float("-inf")

    # --- each turn

    def turn(self, air: Air, base: Timebase) -> list[Command]:
        """Compare with the rundown less what people did by hand; the commands that make the two equal."""
        if stop := self.due.hands.stopped(base.now):
            return self._all_stopped(stop, air, base)
        if call := self.due.hands.call(base.now):
            return self._cut(call, air, base)
        commands: list[Command] = []
        if self._airing is not None and (skip := self.due.hands.skipped(self._airing.spot.id)):
            commands += self._leave_off(self._airing, skip.words(), air, base)
        if self._airing is not None:
            commands += self._tend(self._airing, air, base)
        if self._airing is None:
            commands += self._choose(air, base)
        return commands

    def _cut(self, call: Intervention, air: Air, base: Timebase) -> list[Command]:
        """Gives way to an emergency or a live page; what comes due meanwhile is late, and its own rule decides."""
        return [
            Fade(command.deck, 0.0, CUT_FADE_S, None, stop=True) if isinstance(command, Stop) else command
            for command in self.stop(air, base, call.words())
        ]

    def _all_stopped(self, stop: Intervention, air: Air, base: Timebase) -> list[Command]:
        commands = self.stop(air, base, stop.words())
        for one in list(self.due.around(air, base)):
            if one.spot.at <= base.now:
                self.due.close(one, base, stop.words())
        return commands

    def _leave_off(self, airing: Airing, reason: str, air: Air, base: Timebase) -> list[Command]:
        begun = airing.begun(base)
        commands = self.stop(air, base, reason)
        if not begun:
            self.due.leave_out(airing.one, reason, base)
        return commands

    def trimmed(self, air: Air) -> list[Command]:
        """Levels changed: what is said or prepared follows."""
        airing = self._airing
        one = air.spot(airing.one) if airing is not None else None
        if airing is None or one is None or one.spot.gain_db == airing.spot.gain_db:
            return []
        same = airing.spot._replace(level=one.spot.level, dial=one.spot.dial, gain_db=one.spot.gain_db)
        airing.one = replace(airing.one, spot=same)
        return [Gain(airing.deck, same.gain_db, TRIM_S)]

    def _tend(self, airing: Airing, air: Air, base: Timebase) -> list[Command]:
        if not air.may_speak(airing.one, base.now):
            # Its last moment passed while it was said or prepared.
            return self.stop(air, base, WITHDRAWN)
        if airing.begun(base) and self._gives_way(airing, air, base):
            return self.stop(air, base, GAVE_WAY)
        if airing.sounding or airing.commanded:
            if base.mono > airing.end_at + OVERRUN_S:
                outcome = Outcome.PARTIAL if airing.heard else Outcome.FAILED
                return [
                    Stop(airing.deck),
                    *self._finish(air, base, outcome, "没有按时结束,已停 / did not end, stopped"),
                ]
            return []
        if airing.offset_s == 0 and not airing.reason:
            # Still waiting: follow the wall clock's small corrections.
            due = base.to_mono(airing.spot.at)
            airing.start_at = due if due > base.mono else airing.start_at
        if base.mono > airing.release_at + ON_TIME_S:
            # We were not run when it should have been commanded: its lateness rule decides.
            return [Stop(airing.deck), *self._put_back(airing, air)]
        if airing.refused:
            self._airing = None
            return [Stop(airing.deck)]
        left_s = airing.release_at - base.mono
        if left_s <= COMMAND_S and airing.noted is None:
            airing.noted = self._journal.spot_commanded(airing.spot, base.to_wall(airing.start_at))
        if airing.noted is not None and (left_s <= LAST_S or not self.hasty):
            return self._command(airing, air, base)
        return []

    @property
    def hasty(self) -> bool:
        """Whether a spot only waits for the log to know that it is commanded."""
        return self._airing is not None and self._airing.waits_for_log and not self._journal.trouble

    @staticmethod
    def _gives_way(airing: Airing, air: Air, base: Timebase) -> bool:
        """Whether the rundown has the same words end earlier by now, for something urgent."""
        one = air.spot(airing.one)
        return one is not None and one.spot.gives_way and base.now >= one.spot.end

    def _command(self, airing: Airing, air: Air, base: Timebase) -> list[Command]:
        airing.commanded = True
        duck = air.plan.station.sound.duck
        airing.depth_db = SILENT_DB if airing.spot.bed == "stop" else -duck.by
        attack_s = min(duck.attack, max(0.0, airing.release_at - base.mono))
        commands = self._hold(airing, attack_s)
        commands += self._ducking.release("between", duck.release)
        return [*commands, Start(airing.deck, airing.release_at)]

    def _hold(self, airing: Airing, attack_s: float) -> list[Command]:
        until = airing.end_at + OVERRUN_S + 0.5
        return self._ducking.hold(Hold(airing.spot.id, airing.depth_db, airing.release_at, until), attack_s)

    # --- choosing

    def _choose(self, air: Air, base: Timebase) -> list[Command]:
        candidates = [one for one in self.due.around(air, base) if not self._refusals.waits(one.spot.id, base.mono)]
        due = [one for one in candidates if one.spot.at <= base.now]
        due.sort(key=lambda one: (PRIORITIES.index(one.spot.priority), one.spot.at))
        coming = [one for one in candidates if one.spot.at > base.now]
        for one in list(due):
            if skip := self.due.hands.skipped(one.spot.id):
                self.due.close(one, base, skip.words())
            elif not air.may_speak(one, base.now):
                self.due.close(one, base, WITHDRAWN)
            else:
                continue
            due.remove(one)
        for one in due:
            if commands := self._consider(one, air, base):
                return commands
        for one in coming:
            if not air.may_speak(one, base.now) or self.due.hands.skipped(one.spot.id):
                continue
            entry = self.due.entry(one)
            if entry is not None and entry.outcome is not None:
                self.due.over(one.spot)
                continue
            # If it was commanded before, by us or by a daemon that ended before the instant came, it never sounded.
            return self._take_on(one, air, base, base.to_mono(one.spot.at))
        return []

    def _consider(self, one: SpotOfDay, air: Air, base: Timebase) -> list[Command]:
        """What to do with a spot whose instant has come: commands if it airs, none if it waits or is left out."""
        entry = self.due.entry(one)
        if entry is not None and entry.outcome is not None:
            self.due.over(one.spot)
            return []
        if entry is not None and entry.commanded_at is not None and not self.due.unheard(one):
            return self._take_up(one, entry.commanded_at, air, base)
        late_s = (base.now - one.spot.at).total_seconds()
        start_at = max(base.mono + LATE_LEAD_S, self._last_end + air.plan.station.separation)
        # Only one rule asks for a free place, and to look for one among hundreds of late ones takes its time.
        asks = one.spot.lateness.rule == "make_good"
        verdict = judge(one.spot, late_s, self.due.free_s(one.spot, air, base, start_at) if asks else None)
        if verdict.act == "wait" and air.programme_over(one.day, base.now):
            verdict = Verdict(
                "leave", reason=f"晚 {late_s:.0f} 秒,到结束也没有空档 / no free place until the day's end"
            )
        if verdict.act == "leave":
            self.due.leave_out(one, verdict.reason, base)
            return []
        if verdict.act == "wait" or (late_s > ON_TIME_S and self.due.higher_in_way(one.spot, air, base)):
            return []
        if verdict.offset_s:
            offset_s = verdict.offset_s + start_at - base.mono
            return self._take_on(one, air, base, start_at - offset_s, offset_s, verdict.reason)
        reason = f"晚 {late_s:.0f} 秒开始 / started {late_s:.0f} s late" if late_s > ON_TIME_S else ""
        return self._take_on(one, air, base, start_at, reason=reason)

    def _take_up(self, one: SpotOfDay, commanded_at: datetime, air: Air, base: Timebase) -> list[Command]:
        """A spot that was on air when the daemon ended: on from where it should be by now; never from the top."""
        gone_s = (base.now - commanded_at).total_seconds()
        entry = self.due.entry(one)
        same = entry is not None and entry.ref == one.spot.ref
        if same and -1.0 < gone_s < one.spot.duration_s - LEFT_S:
            start_at = base.mono - gone_s
            offset_s = max(gone_s + LATE_LEAD_S, 0.0)
            reason = TAKEN_UP
            commands = self._take_on(one, air, base, start_at, offset_s, reason)
            if self._airing is not None:
                self._airing.heard = True
            return commands
        self.due.over(one.spot)
        ended = min(base.now, commanded_at + timedelta(seconds=one.spot.duration_s))
        self._journal.spot_ended(one.spot.id, ended, Outcome.PARTIAL, BROKEN_OFF)
        return []

    def _take_on(
        self, one: SpotOfDay, air: Air, base: Timebase, start_at: float, offset_s: float = 0.0, reason: str = ""
    ) -> list[Command]:
        spot = one.spot
        if spot.path is None:
            if spot.at <= base.now:
                self.due.leave_out(one, "没有录音 / no recording of it", base, Outcome.FAILED)
            return []
        armed = None if self.due.commanded(one) else self._journal.arm(one.day, spot, base.now)
        self.due.over(spot)
        if armed is not None and not armed.told:
            return []
        self._count += 1
        self._airing = airing = Airing(f"voice-{self._count}", one, start_at, offset_s, reason, armed)
        return [airing.load(), *self._tend(airing, air, base)]

    # --- the end of a spot

    def _finish(
        self, air: Air, base: Timebase, outcome: Outcome, reason: str = "", at: float | None = None
    ) -> list[Command]:
        airing, self._airing = self._airing, None
        if airing is None:
            return []
        self._last_end = base.mono if at is None else min(at, base.mono)
        ended_at = base.to_wall(self._last_end)
        if outcome is Outcome.AIRED and (
            one := self.due.hands.silenced(base.to_wall(airing.release_at), ended_at, bed=False)
        ):
            outcome, reason = Outcome.PARTIAL, one.words()
        self._journal.spot_ended(airing.spot.id, ended_at, outcome, reason)
        duck = air.plan.station.sound.duck
        commands: list[Command] = []
        if soon := self.due.coming(air, base, BETWEEN_S):
            until = base.to_mono(soon[0].at) + 0.5
            depth_db = SILENT_DB if soon[0].bed == "stop" else -duck.by
            commands += self._ducking.hold(Hold("between", depth_db, base.mono, until), duck.attack)
        return commands + self._ducking.release(airing.spot.id, duck.release)

    def stop(self, air: Air, base: Timebase, reason: str) -> list[Command]:
        """End what is on air or prepared, with the reason in the log."""
        airing = self._airing
        if airing is None:
            return []
        if airing.begun(base):
            return [Stop(airing.deck), *self._finish(air, base, Outcome.PARTIAL, reason)]
        return [Stop(airing.deck), *self._put_back(airing, air)]

    def _put_back(self, airing: Airing, air: Air) -> list[Command]:
        """It never sounded: let it be chosen anew, if the plan still has it."""
        self._airing = None
        self.due.put_back(airing.one, commanded=airing.in_log_as_commanded and not airing.heard)
        return self._ducking.release(airing.spot.id, air.plan.station.sound.duck.release)

    # --- what happens to the conductor

    def clock_stepped(self, air: Air, base: Timebase, step_s: float) -> list[Command]:
        """Keep what is still right at the new time, end what is not."""
        airing = self._airing
        if airing is None:
            return []
        planned = air.spot_planned(base.now)
        same = planned is not None and planned.id == airing.spot.id
        if airing.begun(base) and (same or abs(step_s) < SMALL_STEP_S):
            return []
        return self.stop(air, base, f"时钟跳变 {step_s:+.0f} 秒 / clock stepped by {step_s:+.0f} s")

    def plan_changed(self, old: Air, air: Air, base: Timebase) -> list[Command]:
        """Go on speaking what the new plan still has, in whatever words; carry over what was still due."""
        self.due.carry(old, air, base)
        airing = self._airing
        if airing is None:
            return []
        if airing.spot.kind == "notice" or airing.spot.by:
            wanted, reason = air.may_speak(airing.one, base.now), WITHDRAWN
        else:
            # Corrected words are for the next time: what is on air goes on, and is never broken off in a sentence.
            wanted = airing.spot.ref in air.plan.scripts
            reason = "计划已改,不再有这一条 / the plan changed and has it no more"
        if wanted if airing.begun(base) else air.has(airing.one, same=True):
            return []
        commands = self.stop(air, base, reason)
        if not airing.begun(base) and not air.has(airing.one):
            self.due.over(airing.spot)
            gone = PLAN_CHANGED if airing.spot.kind != "notice" else WITHDRAWN
            self._journal.spot_ended(airing.spot.id, base.now, Outcome.SKIPPED, gone)
        return commands

    def silenced(self) -> None:
        """The engine is gone, and what sounded with it."""
        if self._airing:
            self._airing.sounding = False

    def lost(self, air: Air, base: Timebase) -> list[Command]:
        """The engine was replaced: prepare again, at the second where it should be."""
        airing = self._airing
        if airing is None:
            return []
        self._count += 1
        airing.deck = f"voice-{self._count}"
        started = airing.commanded and airing.release_at <= base.mono
        airing.sounding = False
        if started:
            airing.offset_s = base.mono + LATE_LEAD_S - airing.start_at
            airing.reason = REPLACED
            if airing.offset_s > airing.spot.duration_s - LEFT_S:
                return self._finish(air, base, Outcome.PARTIAL, airing.reason)
        commands: list[Command] = [airing.load()]
        return commands + ([Start(airing.deck, airing.release_at)] if airing.commanded else [])

    def new_day(self, today: date) -> None:
        """Forget what lies more than a day back."""
        self.due.new_day(today)
        self._refusals.forget()

    # --- what the engine tells

    def started(self, event: Started) -> list[Command]:
        """A deck sounds."""
        airing = self._airing
        if airing is None or event.deck != airing.deck:
            return []
        airing.sounding = airing.heard = True
        if event.at <= airing.release_at:
            return []
        # It began late and ends so much later; the bed stays down as long.
        airing.start_at = event.at - airing.offset_s
        return self._hold(airing, 0.0)

    def ended(self, event: Ended | Failed, air: Air, base: Timebase) -> list[Command]:
        """A deck sounds no more."""
        airing = self._airing
        if airing is None or event.deck != airing.deck:
            return []
        if isinstance(event, Failed):
            if (
                not airing.heard
                and event.played_s == 0
                and (tries := self._refusals.refused(airing.spot.id, base.mono))
            ):
                log.warning("spot %s can't be prepared, try %d: %s", airing.spot.id, tries, event.reason)
                return self._put_back(airing, air)
            partly = event.played_s > 0.5 or (airing.heard and airing.offset_s > 0)
            return self._finish(air, base, Outcome.PARTIAL if partly else Outcome.FAILED, event.reason)
        if event.complete and not airing.offset_s:
            return self._finish(air, base, Outcome.AIRED, airing.reason, event.at)
        return self._finish(air, base, Outcome.PARTIAL, airing.reason or "中断 / broke off", event.at)

    def sounding(self) -> SpotSounding | None:
        """The spot that sounds."""
        airing = self._airing
        return SpotSounding(airing.spot, airing.start_at, airing.offset_s) if airing and airing.sounding else None

    def retry(self, air: Air, base: Timebase) -> list[Command]:
        """It sounds and is not heard: once more, on another deck, at the second where it should be."""
        airing = self._airing
        if airing is None or not airing.sounding:
            return []
        return [Stop(airing.deck), *self.lost(air, base)]
