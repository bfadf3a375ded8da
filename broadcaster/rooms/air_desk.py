"""The desk's hand on the air: what people do to it while it runs, kept, told to the conductor, and over by itself."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from broadcaster.clock import Clock
from broadcaster.errors import Conflict, StoreError, UsageError
from broadcaster.plan.models import Names
from broadcaster.playout import interventions
from broadcaster.playout.interventions import SKIP_LEAD, Intervention, Interventions
from broadcaster.playout.interventions import Kind as Deed
from broadcaster.rooms.air_reach import Reach
from broadcaster.rooms.at_hand import LATE_S, AtHand, Kind, intervention
from broadcaster.rooms.deed_limits import DeedLimits
from broadcaster.rundown.bed import BedSkip, can_skip
from broadcaster.store.database import Database
from broadcaster.store.interventions import InterventionRows

log = logging.getLogger(__name__)

LONGEST_MIN = 60.0
"""The bed, or everything, is never silent by hand for longer: somebody would forget it."""

KEPT = timedelta(days=2)
"""What was over so long ago means nothing for the air."""

LOAD_AGAIN_S = 5.0
"""Where it could not be read at the start, it is tried again so often."""

UNDO_S = 60.0
"""A track that was skipped can be had back for so long."""

UNSAVED = 2_000_000_000
"""Number of a stop that could not be written: it holds all the same."""


class AirDesk:
    """See :class:`broadcaster.web.offices.AirDesk`. May be shared by threads."""

    def __init__(self, database: Database, clock: Clock, reach: Reach, at_hand: AtHand, *, zone: str) -> None:
        self._rows = InterventionRows(database, zone)
        self._clock = clock
        self._reach = self.reach = reach
        self._at_hand = at_hand
        self._lock = threading.Lock()
        self._known = interventions.NONE
        self._loaded = False
        self._load_at = -math.inf
        self._limits = DeedLimits(clock)
        self._settled: set[int] = set()
        """Skips and plays whose spot is in the log."""

    # --- what holds

    @property
    def interventions(self) -> Interventions:
        """All that may still mean something."""
        return self._reach.at_latest(self._known, self._clock.now())

    def load(self) -> Interventions:
        """Read what holds from an earlier run, and tell the conductor."""
        with self._lock:
            self._load_at = self._clock.mono()
            try:
                found = self._rows.since(self._clock.now() - KEPT)
                stored = [one for one in found if one.kind not in interventions.CALLS]
            except StoreError as error:
                log.error("what was done by hand can't be read: %s", error)
            else:
                self._loaded = True
                mine = {one.id for one in self._known.all}
                self._hand_over([*self._known.all, *(intervention(one) for one in stored if one.id not in mine)])
            return self._known

    def reload(self) -> None:
        """Another PC's table took the place of ours: what it says holds, and nothing else."""
        with self._lock:
            try:
                found = self._rows.since(self._clock.now() - KEPT)
            except StoreError as error:
                log.error("what was done by hand can't be read: %s", error)
                return
            self._hand_over([intervention(one) for one in found if one.kind not in interventions.CALLS])

    def _hand_over(self, found: Iterable[Intervention]) -> None:
        long_ago = self._clock.now() - KEPT
        kept = [one for one in found if one.since >= long_ago or one.over_at is None or one.over_at >= long_ago]
        self._known = self._reach.at_latest(interventions.of(kept), self._clock.now())
        self._reach.take(self._known)

    def holding(self) -> Sequence[Intervention]:
        """What holds now, oldest first; of skips and plays those that are not carried out yet."""
        if not self._loaded and self._clock.mono() - self._load_at > LOAD_AGAIN_S:
            self.load()
        return [one for one in self.interventions.holding(self._clock.now()) if not self._carried_out(one)]

    def _carried_out(self, one: Intervention) -> bool:
        if one.kind not in ("skip", "insert") or one.params.get("what") == "track":
            return False
        if one.id not in self._settled:
            entry = self._reach.entry(one)
            if entry is not None and entry.outcome is not None:
                self._settled.add(one.id)
        return one.id in self._settled

    # --- deeds

    def skip(self, what: Literal["spot", "track"], target: str, *, by: str, where: str) -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        if what not in ("spot", "track"):
            raise UsageError(f"{what!r}:只能跳过 spot 或 track / only a spot or a track can be skipped")
        with self._lock:
            if (first := self._limits.begin("skip", f"{what}:{target}", by)) is not None:
                return first
            if what == "spot" and (held := self._known.skipped(target)) is not None:
                return held
            until, title = self._skip_spot(target) if what == "spot" else self._skip_track(target, by)
            params = {"what": what, "title_zh": title.zh, "title_en": title.text("en")}
            return self._add("skip", target, params, until=until, by=by, where=where, key=f"{what}:{target}")

    def _skip_spot(self, target: str) -> tuple[datetime, Names]:
        plan, now, air = self._reach.present_plan(), self._clock.now(), self._reach.on_air()
        if air is not None and air.spot is not None and air.spot.spot.id == target:
            return air.spot.started_at + timedelta(seconds=air.spot.spot.duration_s), air.spot.spot.title
        on = interventions.day_of_target(target)
        today = now.astimezone(plan.station.tz).date()
        if on is None or on not in (today, today - timedelta(days=1)):
            raise UsageError(f"{target!r}:今天没有这一条插播 / today has no such spot")
        spot = next((one for one in self._reach.rundown(plan, on).spots if one.id == target), None)
        entry = self._reach.entries(on).get(target)
        if spot is None or (entry is not None and entry.outcome is not None):
            raise Conflict(f"这一条已经播完或不在今天的串联单里 / that spot is over, or not in the rundown: {target}")
        return max(spot.end, now + timedelta(seconds=UNDO_S)), spot.title

    def _skip_track(self, target: str, by: str) -> tuple[datetime, Names]:
        plan, now, air = self._reach.present_plan(), self._clock.now(), self._reach.on_air()
        if air is None or air.track is None or air.track.item.id != target:
            raise Conflict(f"现在播的已经不是这一首 / that track is not on air any more: {target}")
        place, _, rest = target.partition("#")
        number = int(rest.partition("=")[0])
        skip = BedSkip(place, number, now + SKIP_LEAD, self._reach.shown(by))
        on = interventions.day_of_target(target)
        if on is None or not can_skip(plan, self._reach.rundown(plan, on), skip, self._known.bed_skips):
            raise Conflict("这一首马上就完,或后面没有曲目了 / it is about to end by itself, or no track follows")
        return now + timedelta(seconds=UNDO_S), Names(zh=air.track.item.track.title)

    def pause(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        return self._silence("pause", minutes, by, where, reason)

    def mute(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        return self._silence("mute", minutes, by, where, reason)

    def _silence(
        self, kind: Literal["pause", "mute"], minutes: float, by: str, where: str, reason: str
    ) -> Intervention:
        if not math.isfinite(minutes) or not 0 < minutes <= LONGEST_MIN:
            raise UsageError(
                f"{minutes:g} 分钟:要大于 0、不超过 {LONGEST_MIN:g} 分钟 / "
                f"{minutes:g} minutes: must be above 0 and at most {LONGEST_MIN:g}"
            )
        with self._lock:
            if (first := self._limits.begin(kind, f"{minutes:g}", by)) is not None:
                return first
            self._refuse_stopped()
            now = self._clock.now()
            # Counted anew from now; the latest word holds.
            former = tuple(one.id for one in self.interventions.holding(now) if one.kind == kind)
            return self._add(
                kind, None, {"minutes": minutes}, until=now + timedelta(minutes=minutes), by=by, where=where,
                reason=reason, instead_of=former, key=f"{minutes:g}",
            )  # fmt: skip

    def stop(self, reason: str, *, by: str, where: str) -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`. Never refused for being too often, nor for a log in trouble."""
        with self._lock:
            now = self._clock.now()
            if (held := self.interventions.stopped(now)) is not None:
                return held
            params = {"shown": self._reach.shown(by)}
            at_once = Intervention(UNSAVED, "stop", None, params, now, now + timedelta(days=1), by, reason.strip())
            before = self._known.all
            # The air first: compiling the next day and writing may take their time.
            self._hand_over([*before, at_once])
            kept = replace(at_once, until=self._reach.next_programme(now))
            try:
                number = self._rows.add(
                    "stop", None, params, since=now, until=kept.until, who=by, reason=kept.reason, where=where
                )
            except StoreError as error:
                log.error("a stop by %s can't be written, it holds until the program ends: %s", by, error)
            else:
                kept = replace(kept, id=number)
            self._hand_over([*before, kept])
            return kept

    def trim(self, level: str, dial: float, *, by: str, where: str) -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        plan = self._reach.present_plan()
        found = plan.level(level)
        if found is None:
            names = ", ".join(plan.levels.levels)
            raise UsageError(f"没有音量档位“{level}”,有:{names} / there is no level “{level}”, only: {names}")
        if not math.isfinite(dial) or not found.low <= dial <= found.high or plan.levels.dial.gain_db(dial) is None:
            span = f"{found.low:g}–{found.high:g}"
            raise UsageError(
                f"“{found.title.zh}”的刻度只能在 {span} 之间:{dial:g} / {level} stays between {span}: {dial:g}"
            )
        with self._lock:
            if (first := self._limits.begin("trim", f"{level}:{dial:g}", by)) is not None:
                return first
            now = self._clock.now()
            held = self.interventions.holding(now)
            former = tuple(one.id for one in held if one.kind == "trim" and one.target == level)
            until = self._reach.next_programme(now)
            return self._add(
                "trim", level, {"dial": dial}, until=until, by=by, where=where, instead_of=former,
                key=f"{level}:{dial:g}",
            )  # fmt: skip

    def play(self, kind: Kind, ref: str, *, by: str, where: str) -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`. ``VoiceError`` for a script that can't be spoken."""
        if kind not in ("script", "notice"):
            raise UsageError(f"{kind!r}:只能播 script 或 notice / only a script or a notice can be played")
        return self._play(kind, ref, by=by, where=where)

    def test_sound(self, gain_db: float, *, by: str, where: str) -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        if not -40 <= gain_db <= 0:
            raise UsageError(f"{gain_db:g} dB:要在 -40 到 0 之间 / must be between -40 and 0")
        plan = self._reach.present_plan()
        level = plan.station.speech_level
        found = plan.level(level)
        dial = self.interventions.trims(self._clock.now()).get(level, found.dial if found else 0.0)
        # It is aired at the level of speech, whatever that stands at; what is asked for is a gain of its own.
        aired_db = (plan.levels.dial.gain_db(dial) if found else 0.0) or 0.0
        return self._play("test", f"{gain_db - aired_db:.2f}", by=by, where=where)

    def _play(self, kind: Kind, ref: str, *, by: str, where: str) -> Intervention:
        key = f"{kind}:{ref}"
        with self._lock:
            if (first := self._limits.begin("insert", key, by)) is not None:
                return first
            self._refuse_silent()
            if (first := self._on_its_way(kind, ref, by)) is not None:
                return first
        # Outside the lock: a script without a recording is spoken first, and a stop must not wait for that.
        params = self._at_hand.ready(self._reach.present_plan(), kind, ref)
        with self._lock:
            if (first := self._limits.first("insert", key, by) or self._on_its_way(kind, ref, by)) is not None:
                return first
            self._refuse_silent()
            until = self._clock.now() + timedelta(seconds=LATE_S + float(params["duration_s"]))
            target = _inserted(kind, ref)
            one = self._add("insert", target, params, until=until, by=by, where=where, key=key)
        self._reach.recompile()
        self._refuse_placeless(one, where)
        return one

    def _on_its_way(self, kind: Kind, ref: str, by: str) -> Intervention | None:
        """The same put on air before, and not said to its end yet. ``Conflict`` if that was somebody else."""
        target, now = _inserted(kind, ref), self._clock.now()
        former = next(
            (
                one for one in reversed(self.interventions.all)
                if one.kind == "insert" and one.target == target and one.holds(now) and not self._carried_out(one)
            ),
            None,
        )  # fmt: skip
        if former is not None and former.who != by:
            raise Conflict(
                f"{former.shown}刚刚已经放了这一条，不用再放 / {former.shown} has just put this on air already"
            )
        return former

    def _refuse_placeless(self, one: Intervention, where: str) -> None:
        plan = self._reach.present_plan()
        rundown = self._reach.rundown(plan, one.since.astimezone(plan.station.tz).date())
        source = f"notice:desk-{one.id}"
        if any(spot.source == source for spot in rundown.spots):
            return
        why = next((drop.reason for drop in rundown.dropped if drop.source == source), None)
        with self._lock:
            self._ended(one, self._clock.now(), one.who, where)
        self._reach.recompile()
        zh, en = (why.zh, why.text("en")) if why is not None else ("没有空档", "no free place")
        raise Conflict(f"现在播不了:{zh} / can't be aired now: {en}")

    def end(self, number: int, *, by: str, where: str) -> Intervention:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        with self._lock:
            self._limits.count(by)
            now = self._clock.now()
            one = next((one for one in self.interventions.all if one.id == number), None)
            if one is None:
                raise UsageError(f"没有编号为 {number} 的操作 / nothing was done by hand under number {number}")
            if not one.holds(now) or self._carried_out(one) or self._is_cut(one):
                raise Conflict(f"已经结束,撤不回来 / it is over and can't be taken back: {one.words()}")
            ended = self._ended(one, now, by, where)
        if one.kind == "insert":
            self._reach.recompile()
        return ended

    def _ended(self, one: Intervention, at: datetime, by: str, where: str) -> Intervention:
        if one.id != UNSAVED and not self._rows.end(one.id, at=at, who=by, where=where):
            raise Conflict(f"已经结束 / it is over: {one.words()}")
        self._limits.forget(one.id)
        ended = replace(one, ended_at=at, ended_by=by)
        self._hand_over(ended if other.id == one.id else other for other in self._known.all)
        return ended

    def _is_cut(self, one: Intervention) -> bool:
        """Whether a skip has silenced a spot that sounded: it is not begun anew."""
        if one.kind != "skip" or one.params.get("what") != "spot":
            return False
        entry = self._reach.entry(one)
        return entry is not None and entry.commanded_at is not None

    # --- what all deeds have in common

    def count(self, by: str) -> None:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        with self._lock:
            self._limits.count(by)

    def refuse_unheard(self) -> None:
        """See :class:`broadcaster.web.offices.AirDesk`."""
        self._refuse_silent()

    def _refuse_stopped(self) -> None:
        if (held := self.interventions.stopped(self._clock.now())) is not None:
            raise Conflict(f"已全部停播,先恢复 / everything is stopped, resume first: {held.words()}")

    def _refuse_silent(self) -> None:
        self._refuse_stopped()
        if (held := self.interventions.muted(self._clock.now())) is not None:
            raise Conflict(f"正在静音,播了也听不到,先恢复 / muted, nobody would hear it: {held.words()}")
        air = self._reach.on_air()
        if air is not None and (call := air.interventions.emergency(self._clock.now())) is not None:
            raise Conflict(f"正在播应急广播,先结束它 / an emergency is on air, end it first: {call.words()}")

    def _add(
        self, kind: Deed, target: str | None, params: Mapping[str, Any], *, until: datetime, by: str, where: str,
        reason: str = "", instead_of: tuple[int, ...] = (), key: str = "",
    ) -> Intervention:  # fmt: skip
        now, kept = self._clock.now(), {**params, "shown": self._reach.shown(by)}
        number = self._rows.add(
            kind, target, kept, since=now, until=until, who=by, reason=reason.strip(), where=where,
            instead_of=instead_of,
        )  # fmt: skip
        one = Intervention(number, kind, target, kept, now, until, by, reason.strip())
        others = (
            replace(other, ended_at=now, ended_by=by) if other.id in instead_of else other for other in self._known.all
        )
        self._hand_over([*others, one])
        self._limits.done(kind, key, by, one)
        return one


def _inserted(kind: Kind, ref: str) -> str:
    """What a play is about."""
    return ref if kind == "notice" else f"{kind}:{ref}"
