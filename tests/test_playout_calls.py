"""Emergencies in virtual time: what is cut and what comes after, a database that takes nothing, clocks, kills."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.calls.desk import CallDesk
from broadcaster.calls.live_page import LivePages
from broadcaster.clock import monotonic
from broadcaster.errors import Conflict, StoreError, UsageError
from broadcaster.media.library import Library
from broadcaster.plan.models import Names, Script
from broadcaster.plan.plan import Clip, Plan, clip_name
from broadcaster.plan.unattended_models import EmergencyMessage, FireInput
from broadcaster.playout.hearing import Hearing
from broadcaster.playout.interventions import Intervention
from broadcaster.playout.outputs import Outputs
from broadcaster.store.audit import AuditTrail
from broadcaster.store.interventions import InterventionRows
from tests.desk_kit import WHO, DeskWorld, desk_plan, spot
from tests.fake_engine import BOOT_S, LOAD_S, SPEAK_S, Sound
from tests.playout_kit import local

TEN = local("10:00:00")
EVACUATE, ENGLISH = "/voice/evacuate.wav", "/voice/evacuate-en.wav"


class CallWorld(DeskWorld):
    """Its daemon has calls too; a restart reads what was called."""

    def before_air(self) -> None:
        super().before_air()
        live = LivePages(self._home, Library(self._home.media))
        self.calls = CallDesk(self.database, self.clock, self.desk.reach, self._take_calls, live, zone="main")
        self.calls.load()

    def _take_calls(self, calls: tuple[Intervention, ...]) -> None:
        self.conductor.take_calls(calls)

    def alarm(self, message: str = "evacuate", **who: str) -> Intervention:
        """Somebody presses the button."""
        return self.calls.call(message, "着火", **{**WHO, **who})

    def loud(self, bus: str) -> list[Sound]:
        """What can be heard on a bus."""
        now = self.clock.mono()
        return [sound for sound in self.tape.sounds if sound.bus == bus and sound.since <= now < sound.until
                and sound.gain_db(now) > -60]  # fmt: skip

    def said(self) -> list[tuple[str, float]]:  # type: ignore[override]
        """All that was said by calls, and when."""
        return [(sound.path, sound.since) for sound in self.tape.of("call")]


def call_plan(*spots: dict[str, object], **more: Any) -> Plan:
    """With two messages: one in two languages, and a drill."""
    plan = desk_plan(*spots)
    names = {"evacuate": 4.0, "evacuate-en": 5.0, "drill": 3.0}
    station = plan.station.model_copy(
        update={
            "emergencies": {
                "evacuate": EmergencyMessage(title=Names(zh="疏散"), scripts=("evacuate", "evacuate-en"), pause=1.0),
                "drill": EmergencyMessage(title=Names(zh="演习"), scripts=("drill",), pause=1.0),
                "unspoken": EmergencyMessage(title=Names(zh="没录"), scripts=("nobody",)),
            },
            **more,
        }
    )
    scripts = {name: Script(title=Names(zh=name), text=name) for name in names}
    clips = {
        clip_name(name, 1): Clip(path=f"/voice/{name}.wav", duration_s=length, key=name)
        for name, length in names.items()
    }
    update = {"station": station, "scripts": {**plan.scripts, **scripts}, "clips": {**plan.clips, **clips}}
    return plan.model_copy(update=update)


@contextmanager
def calling(folder: Path, plan: Plan, text: str = "10:00:00") -> Iterator[CallWorld]:
    one = CallWorld(folder / "home", plan, local(text))
    try:
        yield one
    finally:
        one.kill()


def lines(one: CallWorld, kind: str = "emergency") -> list[Entry]:
    """The log's lines of a kind."""
    return [entry for entry in one.log.entries(TEN.date()) if entry.kind == kind]


def test_it_cuts_what_sounds_goes_round_and_the_day_resumes_at_its_second(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan(spot("a", "10:00:05", 20.0))) as one:
        one.run(10)
        assert one.loud("voice") and one.loud("bed")
        asked = one.clock.mono()
        one.alarm()
        one.run(0.5)
        assert one.loud("voice") == one.loud("bed") == [] and [s.path for s in one.loud("call")] == [EVACUATE]
        one.run(20)
        begun = [at - asked for _, at in one.said()]
        assert begun == pytest.approx([0, 5, 11, 16], abs=0.15)
        assert [path for path, _ in one.said()] == [EVACUATE, ENGLISH, EVACUATE, ENGLISH]
        one.calls.end(**WHO)
        one.run(3)
        assert one.loud("call") == [] and one.bed_faults(0.0) == []
        cut = next(entry for entry in one.spot_entries().values() if entry.ref == "a")
        assert cut.outcome is Outcome.PARTIAL and "王兰" in cut.reason and "着火" in cut.reason
        assert [entry.outcome for entry in lines(one)] == [Outcome.AIRED] * 3 + [Outcome.PARTIAL]
        assert "第 2 遍" in lines(one)[2].title


def test_what_came_due_meanwhile_goes_by_its_own_lateness(tmp_path: Path) -> None:
    spots = (
        spot("gone", "10:00:20", 5.0, lateness="10 s"),
        spot("late", "10:00:40", 5.0, lateness="120 s"),
    )
    with calling(tmp_path, call_plan(*spots)) as one:
        one.run(15)
        one.alarm()
        one.run(45)
        assert one.voice() == []
        one.calls.end(**WHO)
        one.run(30)
        told = {entry.ref: entry.outcome for entry in one.spot_entries().values()}
        assert told == {"gone": Outcome.SKIPPED, "late": Outcome.AIRED}


@pytest.mark.parametrize("deed", ["mute", "pause", "stop"])
def test_no_deed_by_hand_silences_it(tmp_path: Path, deed: str) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(5)
        (one.desk.stop("累了", **WHO) if deed == "stop" else getattr(one.desk, deed)(5, **WHO))
        one.run(2)
        one.alarm()
        one.run(0.3)
        assert [sound.path for sound in one.loud("call")] == [EVACUATE]
        one.calls.end(**WHO)
        one.run(3)
        assert one.loud("call") == [] and one.loud("bed") == []


@pytest.mark.parametrize("into_s", [0.05, 0.3])
def test_a_bed_that_is_just_being_paused_is_not_waited_for(tmp_path: Path, into_s: float) -> None:
    with calling(tmp_path / "home", call_plan()) as one:
        one.run(20)
        one.desk.pause(5, **WHO)
        one.run(into_s)
        assert one.loud("bed")
        one.alarm()
        one.run(0.35)
        assert not one.loud("bed") and one.loud("call")


def test_it_sounds_outside_the_programme_too(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan(), "23:10:00") as one:
        one.run(2)
        one.alarm()
        one.run(0.3)
        assert [sound.path for sound in one.loud("call")] == [EVACUATE]


def test_the_same_joins_another_replaces_and_what_can_not_be_called_is_refused(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(2)
        first = one.alarm()
        assert one.alarm(by="li").id == first.id
        other = one.alarm("drill")
        one.run(0.3)
        assert [sound.path for sound in one.loud("call")] == ["/voice/drill.wav"]
        assert [each.id for each in one.calls.calls()] == [other.id]
        for message, reason in (("flood", "水"), ("unspoken", "x"), ("drill", "  ")):
            with pytest.raises(UsageError):
                one.calls.call(message, reason, **WHO)
        with pytest.raises(Conflict):
            one.desk.play("script", "a", **WHO)
        one.calls.end(**WHO)
        with pytest.raises(Conflict):
            one.calls.end(**WHO)
        said = [entry.what for entry in AuditTrail(one.database, one.clock).entries(limit=20)]
        assert {"air.emergency", "air.emergency-joined", "air.end"} <= set(said)


def test_it_outlives_kills_of_the_daemon_and_ends_for_good(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(5)
        one.alarm()
        one.run(2)
        for _ in range(3):
            one.restart(1.0)
            one.run(3)
            assert one.loud("call") and not one.loud("bed")
        one.calls.end(**WHO)
        one.restart(1.0)
        one.run(3)
        assert one.loud("call") == [] and one.bed_faults(0.0) == []


def test_it_needs_no_plan_to_go_on(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(5)
        one.alarm()
        one.run(2)
        one.take(desk_plan())
        one.run(12)
        assert one.said()[-1][0] in (EVACUATE, ENGLISH) and one.loud("call")


def test_a_database_that_takes_nothing_delays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(5)
        with monkeypatch.context() as broken:
            for name in ("add", "end"):
                broken.setattr(InterventionRows, name, _locked)
            one.alarm()
            one.run(1)
            assert one.loud("call")
        one.calls._catch_up()
        one.restart(1.0)
        one.run(2)
        assert one.loud("call")
        with monkeypatch.context() as broken:
            broken.setattr(InterventionRows, "end", _locked)
            one.calls.end(**WHO)
            one.run(1)
            assert one.loud("call") == []
        one.calls._catch_up()
        one.restart(1.0)
        one.run(2)
        assert one.loud("call") == []


def _locked(*_: Any, **__: Any) -> int:
    raise StoreError("database is locked")


@pytest.mark.parametrize("step_s", [-3600.0, -5.0, 3600.0, 40 * 86400.0])
def test_a_clock_that_is_set_neither_ends_it_nor_brings_it_back(tmp_path: Path, step_s: float) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(5)
        one.alarm()
        one.run(2)
        one.clock.step(step_s)
        one.run(8)
        assert one.loud("call") and not one.loud("bed")
        one.calls.end(**WHO)
        one.run(1)
        one.clock.step(-abs(step_s))
        one.run(5)
        assert one.loud("call") == []


@pytest.mark.parametrize(("silent_s", "limit_s"), [(0.0, 0.4), (0.5, 0.1)])
def test_an_engine_that_begins_nothing_is_replaced_at_once(tmp_path: Path, silent_s: float, limit_s: float) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(5)
        one.turn_s = 0.05
        one.engine.hang()
        one.run(silent_s)
        asked = one.clock.mono()
        one.alarm()
        one.run(1.2)
        assert one.loud("call")
        # Beside the limit a turn, and what a new engine takes here.
        assert one.said()[-1][1] - asked < limit_s + one.turn_s + BOOT_S + LOAD_S + 2 * SPEAK_S + 0.01


def test_an_engine_that_hangs_at_every_call_is_replaced_as_soon_each_time(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.turn_s = 0.05
        for _ in range(4):
            one.run(8)
            one.engine.hang()
            asked = one.clock.mono()
            one.alarm()
            one.run(1.5)
            assert one.said()[-1][1] - asked < 0.4 + one.turn_s + BOOT_S + LOAD_S + 2 * SPEAK_S + 0.01
            one.calls.end(**WHO)


def test_a_slow_engine_is_not_replaced_at_every_recording(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(8)
        one.turn_s = 0.05
        one.faults.late_s = 0.28
        one.alarm()
        one.run(60)
        assert len(one.engine.starts) <= 1 + 3
        assert one.loud("call")


def test_a_recording_that_can_not_be_played_gives_way_to_the_next(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.faults.unloadable.add(EVACUATE)
        one.run(5)
        one.alarm()
        one.run(1.5)
        assert [sound.path for sound in one.loud("call")] == [ENGLISH]
        assert lines(one) == [] or lines(one)[0].outcome is not Outcome.AIRED


def test_what_is_not_heard_has_another_engine_and_then_another_device(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.conductor.take_outputs(Outputs({"hall": "Hall", "spare": "Spare"}, default="hall"))
        one.alarm()
        begun, devices = one.clock.mono(), set()

        def deaf() -> None:
            devices.add(one.engine.device)
            one.conductor.hear(Hearing(at=one.clock.mono(), ear="ok", silent_since=begun))

        one.each_turn = deaf
        one.run(12)
        assert len(one.engine.starts) >= 3 and "spare" in devices


def test_a_deaf_ear_does_not_chop_it_for_ever_nor_leaves_it_on_another_device(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.conductor.take_outputs(Outputs({"hall": "Hall", "spare": "Spare"}, default="hall"))
        one.alarm()
        begun = one.clock.mono()
        one.each_turn = lambda: one.conductor.hear(Hearing(at=one.clock.mono(), ear="ok", silent_since=begun))
        one.run(30)
        engines = len(one.engine.starts)
        one.run(25)
        assert len(one.engine.starts) == engines and one.engine.device == "default"
        assert one.said()[-1][0] != one.said()[-2][0] and one.loud("call")


def test_a_level_turned_down_by_hand_does_not_make_it_softer(tmp_path: Path) -> None:
    gains = []
    for dial in (None, 23.0, 20.0):
        with calling(tmp_path / str(dial), call_plan()) as one:
            one.run(2)
            if dial is not None:
                one.desk.trim("speech", dial, **WHO)
            one.alarm()
            one.run(0.5)
            gains.append(one.loud("call")[0].gain_db(one.clock.mono()))
    usual, down, up = gains
    assert down == usual and up > usual


def test_the_house_alarm_goes_first_locks_and_survives_a_restart(tmp_path: Path) -> None:
    plan = call_plan(fire=FireInput(kind="push", message="evacuate"))
    with calling(tmp_path, plan) as one:
        one.run(5)
        one.alarm("drill")
        one.calls.fire(True)
        one.run(0.5)
        assert [sound.path for sound in one.loud("call")] == [EVACUATE]
        for locked in (lambda: one.alarm("drill"), lambda: one.calls.end(**WHO), lambda: one.calls.live_begin(**WHO)):
            with pytest.raises(Conflict):
                locked()
        one.restart(1.0)
        one.run(3)
        assert one.loud("call") and one.calls.fire_state().closed
        one.calls.fire(False)
        one.run(3)
        assert one.loud("call") == [] and one.bed_faults(0.0) == []


def test_a_house_alarm_without_a_message_leaves_the_house_silent(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan(spot("a", "10:00:08", 5.0))) as one:
        one.run(5)
        one.calls.fire(True, "push")
        one.run(6)
        assert one.loud("call") == one.loud("voice") == one.loud("bed") == []
        call = one.conductor.on_air.call
        assert call is not None and call.silent
        assert [cause.code for cause in one.calls.causes(one.now)] == ["fire-input"]


def test_whoever_knows_that_the_contact_is_broken_may_end_it(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one:
        one.run(2)
        one.calls.fire(True)
        one.calls.fire_trouble("the wire is off")
        one.calls.end(**WHO)
        one.run(3)
        assert one.bed_faults(0.0) == []


def test_a_locked_database_holds_up_neither_the_next_call_nor_the_alarm(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan(fire=FireInput(kind="push", message="evacuate"))) as one, busy(one):
        one.calls.start()
        begun = monotonic()
        one.alarm("drill")
        one.calls.fire(True)
        one.calls.fire(False)
        assert monotonic() - begun < 8.0 and not one.calls.fire_state().closed
        assert one.calls.calls() == ()
        one.calls.stop()


@contextmanager
def busy(one: CallWorld) -> Iterator[None]:
    """Another process holds the database."""
    assert one.database.path is not None
    with closing(sqlite3.connect(one.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_an_alarm_of_before_that_is_read_late_ends_if_the_contact_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calling(tmp_path, call_plan(fire=FireInput(kind="push", message="evacuate"))) as one:
        one.calls.fire(True)
        with monkeypatch.context() as broken:
            broken.setattr(InterventionRows, "since", _locked)
            one.restart(1.0)
        one.calls.fire(False)
        one.calls._catch_up()
        one.run(2)
        assert one.loud("call") == [] and not one.calls.fire_state().closed
