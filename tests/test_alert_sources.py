"""What the parts tell: silence by mute, calls, messages that are still being made ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from broadcaster.calls.causes import causes_of, not_ready
from broadcaster.playout.hearing import DEAF
from broadcaster.playout.interventions import Intervention
from broadcaster.playout.on_air import OnAir
from broadcaster.sound_causes import of_the_sound
from broadcaster.station.vitals import silence_of
from broadcaster.station.watch import is_right, is_silent
from tests.test_playout_calls import call_plan

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SILENT = OnAir(NOW, engine="ok", dead_air_s=40.0, rung="alert")
MUTED = replace(SILENT, hearing=replace(DEAF, muted=True))


def test_a_muted_pc_is_no_second_trouble_but_silent_all_the_same() -> None:
    assert [one.code for one in of_the_sound(SILENT)] == ["silence"] and of_the_sound(MUTED) == []
    assert is_silent(MUTED) and not is_right(MUTED, "ok") and "静音" in silence_of(MUTED).zh


def test_the_words_of_silence_count_no_seconds() -> None:
    assert [one.zh for one in of_the_sound(SILENT)] == ["应该有声音,却听不到,能试的都试过了"]
    assert of_the_sound(replace(SILENT, dead_air_s=0.0)) == []


def test_only_the_pc_that_has_the_air_gives_a_sign_of_life() -> None:
    sounds = replace(SILENT, dead_air_s=0.0)
    assert is_right(sounds, "ok") and not is_right(sounds, "lost") and not is_right(None, "starting")
    for phase in ("shut", "opening"):
        waits = replace(sounds, gate=phase)
        assert not is_right(waits, "ok") and not is_silent(replace(waits, dead_air_s=99.0))


def test_each_call_is_a_trouble_of_its_own_whatever_its_number() -> None:
    call = Intervention(1, "emergency", "drill", {"mark": "a", "shown": "王"}, NOW, None, "wang", "x")
    again = replace(call, params={**call.params, "mark": "b"})
    keys = [causes_of((), "", [one])[0].key for one in (call, replace(call, id=77), again)]
    assert keys[0] == keys[1] != keys[2]


def test_what_is_being_made_ready_is_not_missing_yet_unless_it_failed() -> None:
    plan = call_plan()
    missing = {name for name, message in plan.station.emergencies.items() if "unspoken" in name}
    assert missing and missing <= {name for name, _ in not_ready(plan)}
    (script,) = {one for name in missing for one in plan.station.emergencies[name].scripts}
    files_gone = {name for name, _ in not_ready(plan, preparing=True)} & missing
    assert files_gone == set()
    assert missing <= {name for name, _ in not_ready(plan, preparing=True, failed=frozenset({script}))}
