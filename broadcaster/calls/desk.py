"""Calls that go before everything planned: emergencies, the building's fire contact, and people who speak live.

The air first, then the database: a call is handed to the conductor before anything is written, and is never refused
for lack of a database; what could not be written is written as soon as that takes it.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.actors import CLI, FIRE
from broadcaster.calls.causes import Missing, causes_of, not_ready
from broadcaster.calls.fire_teller import told_by
from broadcaster.calls.live_page import Begun, LivePages
from broadcaster.calls.models import FireState, Prepared, params_of, params_to_call, prepared, reason_of
from broadcaster.calls.rows import CallRows
from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.errors import Conflict, NotRunning, StoreError
from broadcaster.ops.causes import Cause
from broadcaster.playout.emergencies import level_of, sayings_of
from broadcaster.playout.interventions import CALLS, Intervention, Interventions
from broadcaster.rooms.air_desk import UNSAVED
from broadcaster.rooms.air_reach import Reach
from broadcaster.store.database import Database

log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""What could not be read is tried again so often."""

WRITTEN_S = 2.0
"""Whoever calls is answered after this, whether or not the database took it."""

WARM_S = 60.0
"""The messages' files are read so often: a disk that sleeps must not have to wake up for them."""

TakeCalls = Callable[[tuple[Intervention, ...]], None]
"""Has the conductor know all calls that hold; returns at once."""


class CallDesk:
    """See :class:`broadcaster.web.offices.Calls`. May be shared by threads; :meth:`start` runs one of its own."""

    def __init__(
        self, database: Database, clock: Clock, reach: Reach, take: TakeCalls, live: LivePages, *, zone: str
    ) -> None:
        self._rows = CallRows(database, clock, zone)
        self._clock = clock
        self._reach = reach
        self._take = take
        self._live = live
        self._lock = threading.RLock()
        self._calls: tuple[Intervention, ...] = ()
        self._loaded = False
        self._numbers = 0
        self._fires: set[str] = set()
        """The sources that say that the fire alarm is on."""
        self._opened: set[str] = set()
        """Those that said that it is off."""
        self._fire_trouble = ""
        self._ended: dict[str, tuple[datetime, str, str]] = {}
        """Of calls that ended before they were written: when, by whom and from where, by their mark."""
        self._over: set[str] = set()
        """Marks of those that ended while what an earlier run left could not be read yet."""
        self._missing: Missing = ()
        self._stop = threading.Event()

    # --- what holds

    def load(self) -> None:
        """Take up what an earlier run left, and tell the conductor. A live page does not outlive its daemon."""
        try:
            stored = self._rows.open()
        except StoreError as error:
            log.error("what was called before can't be read: %s", error)
            return
        with self._lock:
            self._loaded = True
            known = {one.params.get("mark") for one in self._calls} | self._over
            for one in stored:
                if one.params.get("mark") in known:
                    continue
                source = str(one.params.get("fire") or "")
                if one.kind == "live" or source in self._opened:
                    # A contact that was read before the database could be says no more that it is open.
                    self._rows.end(one, self._clock.now(), one.who, "")
                    continue
                self._calls = (*self._calls, one)
                if source:
                    self._fires.add(source)
                decided("emergency-resumed", call=one.target, who=one.who)
            self._hand_over()
        self._rows.settle(0.0)

    def reload(self) -> None:
        """Another PC's table took the place of ours: its emergencies hold, and those of a contact at this PC."""
        try:
            stored = self._rows.open()
        except StoreError as error:
            log.error("what the other PC called can't be read: %s", error)
            return
        with self._lock:
            known = {one.id: one for one in self._calls}
            found = [known.get(each.id) or each for each in stored if each.kind == "emergency"]
            names = {one.id for one in found}
            mine = [one for one in self._calls if one.id not in names and one.params.get("fire") in self._fires]
            self._calls = (*found, *mine)
            self._hand_over()

    def _hand_over(self) -> None:
        self._take(self._calls)

    def calls(self) -> Sequence[Intervention]:
        """What holds now, oldest first."""
        return self._calls

    def emergency(self) -> Intervention | None:
        """The emergency on air, the fire alarm's before one that people called."""
        return Interventions(self._calls).emergency(self._now())

    def _now(self) -> datetime:
        # A clock that was set back must not put a call into the future.
        return max([self._clock.now(), *(one.since for one in self._calls)])

    def emergencies(self) -> Sequence[Prepared]:
        """The prepared messages, in the order of the file."""
        plan = self._reach.present_plan()
        waits, failed = self._reach.preparing(), self._reach.failed()
        found = plan.station.emergencies.items()
        return [prepared(plan, name, message, preparing=waits, failed=failed) for name, message in found]

    def recordings(self, message: str) -> Sequence[Path]:
        """What is heard of a message, one file for each of its scripts; none where there is no recording."""
        plan = self._reach.present_plan()
        return [Path(one.path) for one in sayings_of(plan, message)]

    # --- emergencies

    def call(self, message: str, reason: str, *, by: str, where: str) -> Intervention:
        """Everything else stops and the message is said over and over. The same again joins; another replaces it."""
        with self._lock:
            one = self._called(message, reason_of(reason), by, where)
        return self._written(one)

    def _called(self, message: str, reason: str, by: str, where: str) -> Intervention:
        self._refuse_fire()
        self._refuse_elsewhere()
        held = self.emergency()
        if held is not None and held.target == message:
            self._rows.audit("air.emergency-joined", by, where, held, reason)
            return held
        params = params_to_call(self._reach.present_plan(), message)
        return self._begin("emergency", message, params, by=by, where=where, reason=reason, instead_of=held)

    def end(self, reason: str = "", *, by: str, where: str) -> Intervention:
        """The emergency is over, and the day goes on where it should be by now."""
        with self._lock:
            self._refuse_fire()
            held = self.emergency()
            if held is None:
                raise Conflict("没有正在播的应急广播 / no emergency is on air")
            ended = self._finish(held, by, where, reason)
        self._rows.settle(WRITTEN_S)
        return ended

    def _begin(
        self, kind: str, target: str | None, params: Mapping[str, Any], *, by: str, where: str, reason: str,
        instead_of: Intervention | None = None, until: datetime | None = None,
    ) -> Intervention:  # fmt: skip
        now = self._clock.now()
        self._numbers += 1
        shown = params.get("shown") or (by if by.startswith(CLI) else self._reach.shown(by))
        all_params = {**params, "mark": secrets.token_hex(8), "shown": shown}
        number = UNSAVED + self._numbers
        one = Intervention(
            number, "live" if kind == "live" else "emergency", target, all_params, now, until, by, reason
        )
        replaced = [instead_of] if instead_of is not None else []
        if kind == "emergency":
            replaced += [other for other in self._calls if other.kind == "live"]
        self._calls = (*(other for other in self._calls if other not in replaced), one)
        self._hand_over()
        # It sounds by now; the rest may take its time.
        for other in replaced:
            if other.kind == "live":
                self._live.cut("让位于应急广播 / gave way to an emergency")
            self._ends_unwritten(other, now, by, where)
        ids = tuple(other.id for other in replaced if other.id < UNSAVED)
        self._rows.later(lambda: self._store(one, ids, where))
        return one

    def _store(self, one: Intervention, instead_of: tuple[int, ...], where: str) -> None:
        """By whoever writes; not under the lock."""
        stored = replace(one, id=self._rows.add(one, instead_of, where))
        with self._lock:
            mark = one.params["mark"]
            if any(other.params.get("mark") == mark for other in self._calls):
                self._calls = tuple(stored if other.params.get("mark") == mark else other for other in self._calls)
                self._hand_over()
            else:
                # It ended before it could be written.
                at, by, whence = self._ended.pop(mark, (self._clock.now(), one.who, where))
                self._rows.end(stored, at, by, whence)

    def _ends_unwritten(self, one: Intervention, at: datetime, by: str, where: str) -> None:
        if one.id >= UNSAVED:
            self._ended[one.params["mark"]] = (at, by, where)

    def _written(self, one: Intervention) -> Intervention:
        """The same as the database knows it, if it takes it soon."""
        self._rows.settle(WRITTEN_S)
        mark = one.params.get("mark")
        return next((other for other in self._calls if other.params.get("mark") == mark), one)

    def _finish(self, one: Intervention, by: str, where: str, reason: str = "") -> Intervention:
        now = self._clock.now()
        self._calls = tuple(other for other in self._calls if other.params.get("mark") != one.params.get("mark"))
        self._hand_over()
        decided(f"{one.kind}-ended", call=one.target, by=by, reason=reason)
        self._ends_unwritten(one, now, by, where)
        if not self._loaded:
            self._over.add(str(one.params.get("mark")))
        self._rows.end(one, now, by, where)
        if reason.strip():
            self._rows.audit("air.emergency-reason", by, where, one, reason.strip())
        return replace(one, ended_at=now, ended_by=by)

    # --- the fire contact

    def fire(self, closed: bool, source: str = "contact", *, by: str = FIRE, where: str = "") -> FireState:
        """What a source says of the building's alarm. Closed: everything stops, and the message of the plan is said."""
        by, where, teller = told_by(by, where, self._reach.shown)
        with self._lock:
            was = bool(self._fires)
            (self._fires.add if closed else self._fires.discard)(source)
            (self._opened.discard if closed else self._opened.add)(source)
            held = [one for one in self._calls if one.params.get("fire")]
            if self._fires and not held:
                self._begin_fire(source, by, where, teller)
            elif was and not self._fires:
                for one in held:
                    self._finish(one, by, where)
        # Whoever reads the contact must not wait for the database.
        self._rows.settle(0.0)
        return self.fire_state()

    def _begin_fire(self, source: str, by: str, where: str, teller: str) -> None:
        message: str | None = None
        params: dict[str, Any] = {"fire": source, "title_zh": "消防信号", "title_en": "Fire alarm", "shown": teller}
        with suppress(NotRunning):
            plan = self._reach.present_plan()
            rule = plan.station.fire
            found = plan.station.emergencies.get(rule.message) if rule is not None and rule.message else None
            if rule is not None and rule.message and found is not None:
                message = rule.message
                params |= params_of(plan, message, found)
        decided("fire-alarm", source=source, message=message)
        held = self.emergency()
        self._begin(
            "emergency", message, params, by=by, where=where, reason="消防信号接通 / the fire contact closed",
            instead_of=held,
        )  # fmt: skip

    def fire_trouble(self, reason: str) -> None:
        """Why the contact can't be read; empty when it can. The air goes on as it is."""
        if reason != self._fire_trouble:
            decided("fire-contact-lost" if reason else "fire-contact-back", reason=reason)
        self._fire_trouble = reason

    def fire_state(self) -> FireState:
        """What is known of the building's alarm."""
        plan = self._reach.plan()
        fitted = plan is not None and plan.station.fire is not None
        return FireState(bool(self._fires), not self._fire_trouble, fitted, self._fire_trouble)

    def _refuse_fire(self) -> None:
        if self._fires and not (self._fire_trouble and self._fires == {"contact"}):
            raise Conflict("消防信号接通,广播已锁定,断开后自动恢复 / the fire contact is closed: the air is locked")
        # One that can't be read any more may never open: a person decides.
        self._fires.clear()

    # --- live pages

    def live_begin(self, *, by: str, where: str) -> Begun:
        """Begin to speak: the chime sounds at once. ``Conflict`` while somebody else speaks, or nobody would hear."""
        with self._lock:
            self._refuse_fire()
            self._refuse_elsewhere()
            if (held := self.emergency()) is not None:
                raise Conflict(f"正在播应急广播,不能喊话 / an emergency is on air: {held.words()}")
            other = next((one for one in self._calls if one.kind == "live"), None)
            if other is not None:
                raise Conflict(f"{other.shown}正在喊话,请稍候 / {other.shown} is speaking, wait a moment")
            self._refuse_silent()
            plan = self._reach.present_plan()
            page = plan.station.live
            level, gain_db = level_of(plan, page.level)
        begun = self._live.open(plan, by, self._clock.now(), self._live_over)
        with self._lock:
            try:
                if any(one.kind in CALLS for one in self._calls) or self._fires:
                    raise Conflict("刚刚有人先开始了 / somebody else began a moment ago")
                params = {
                    "address": begun.address, "recording": begun.recording, "level": level, "gain_db": gain_db,
                    "title_zh": "人工喊话", "title_en": "Live page",
                }  # fmt: skip
                until = self._clock.now() + timedelta(seconds=begun.longest_s + begun.speak_in_s + 10)
                one = self._begin("live", None, params, by=by, where=where, reason="", until=until)
            except BaseException:
                begun.cancel()
                raise
        return begun.known_as(self._written(one).id)

    def live_chunk(self, number: int, n: int, samples: bytes, *, by: str) -> float:
        """The n-th piece (from 0) of what is said: 16-bit little-endian mono at 48 kHz; answers the seconds that
        wait to be heard. ``Conflict`` once it is over."""
        return self._live.put(number, n, samples, by)

    def live_end(self, number: int, *, by: str, where: str) -> None:
        """Speaking is over; what was said is still heard to its end. Again is no error."""
        one = next((each for each in self._calls if each.id == number), None)
        if one is not None and one.who != by:
            self._rows.audit("air.live-ended", by, where, one, "")
            self._rows.settle(0.0)
        self._live.end(number, "")

    def _live_over(self, address: str, reason: str) -> None:
        """The last of it was sent to the loudspeakers. On the page's own thread."""
        with self._lock:
            one = next((each for each in self._calls if each.params.get("address") == address), None)
            if one is not None:
                self._finish(one, one.who, "")
                if reason:
                    self._rows.audit("air.live-cut", one.who, "", one, reason)
        self._rows.settle(0.0)

    def _refuse_elsewhere(self) -> None:
        """Of two PCs at one amplifier the other has the air: here it would be silent, and nobody would know."""
        air = self._reach.on_air()
        if air is not None and air.gate == "shut":
            raise Conflict("现在由另一台电脑播出,请到那台电脑的网页上操作 / the other PC has the air: use its page")

    def _refuse_silent(self) -> None:
        air = self._reach.on_air()
        held = air.interventions.voice_off(self._clock.now()) if air is not None else None
        if held is not None and held.kind in ("stop", "mute"):
            raise Conflict(f"已停播或静音,先恢复 / stopped or muted, resume first: {held.words()}")

    # --- what it does by itself

    def start(self) -> None:
        """Run the threads that write what is called, and keep the messages at hand."""
        self._rows.start()
        threading.Thread(target=self._work, name="calls", daemon=True).start()

    def stop(self) -> None:
        """End it, and whoever speaks."""
        self._stop.set()
        self._live.close()
        self._rows.stop()

    def _work(self) -> None:
        warm_at = 0.0
        while not self._stop.is_set():
            try:
                self._catch_up()
                if self._clock.mono() >= warm_at:
                    # What is being made ready is looked at again as soon as it may be.
                    warm_at = self._clock.mono() + (AGAIN_S if self._reach.preparing() else WARM_S)
                    self._warm()
            except Exception:
                # The outermost turn of this thread: what holds goes on.
                log.exception("looking after the calls failed")
            self._stop.wait(AGAIN_S)

    def _catch_up(self) -> None:
        if not self._loaded:
            self.load()
        self._rows.catch_up()

    def _warm(self) -> None:
        if (plan := self._reach.plan()) is not None:
            self._missing = not_ready(plan, preparing=self._reach.preparing(), failed=self._reach.failed())

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        return causes_of(self._missing, self._fire_trouble, self._calls)
