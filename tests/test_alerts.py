"""Alerts: told once per cause and again until somebody knows, and told to be over; in quiet hours; never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.errors import UsageError
from broadcaster.ops.alert_book import CLEAR_AFTER_S
from broadcaster.ops.causes import KINDS, OF_BOTH, cause
from broadcaster.ops.telling import FAILING_AFTER_S
from broadcaster.store.audit import AuditTrail
from tests.alert_kit import Station, settings, target, trouble


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path, settings())


def test_told_once_per_cause(station: Station) -> None:
    station.troubles.now = [trouble()]
    station.run(600)
    assert station.sent.heads == ["播音报警"]
    assert "disk-low 出了问题" in station.sent.messages[0].title


def test_what_does_not_last_is_told_to_nobody(station: Station) -> None:
    station.troubles.now = [trouble(after_s=20)]
    station.run(19)
    station.troubles.now = []
    station.run(120)
    assert station.sent.messages == [] and station.keeper.open() == []


def test_a_gap_of_two_seconds_is_the_same_trouble(station: Station) -> None:
    for _ in range(7):
        station.troubles.now = [trouble(after_s=20)]
        station.run(2)
        station.troubles.now = []
        station.run(1)
    station.troubles.now = [trouble(after_s=20)]
    station.run(2)
    assert len(station.sent.messages) == 1


def test_repeated_until_somebody_knows(station: Station) -> None:
    station.troubles.now = [trouble()]
    station.run(1812, step=3)
    assert station.sent.heads == ["播音报警"] * 3 and "再次提醒" in station.sent.messages[1].body
    assert station.keeper.acknowledge(1, by="wanglan", where="here")
    station.run(3600, step=5)
    assert len(station.sent.messages) == 3


def test_taken_note_of_once_and_audited(station: Station) -> None:
    station.troubles.now = [trouble()]
    station.run(1)
    assert station.keeper.unacknowledged() == 1
    assert station.keeper.acknowledge(1, by="wanglan", where="192.168.1.7")
    assert not station.keeper.acknowledge(1, by="dashan", where="")
    station.write_down()
    noted = AuditTrail(station.database, station.clock).entries(limit=5)[0]
    assert (noted.what, noted.who, noted.where, noted.subject) == (
        "alert.acknowledge", "wanglan", "192.168.1.7", "alert-1",
    )  # fmt: skip


def test_of_what_is_not_open_nobody_takes_note(station: Station) -> None:
    with pytest.raises(UsageError):
        station.keeper.acknowledge(7, by="wanglan", where="")


def test_all_clear_to_whoever_was_told(tmp_path: Path) -> None:
    station = Station(tmp_path, settings(target("json://a.b/1"), target("json://a.b/2", least="urgent")))
    station.troubles.now = [trouble()]
    station.run(30)
    station.troubles.now = []
    station.run(CLEAR_AFTER_S + 2)
    assert [message.url for message in station.sent.messages] == ["json://a.b/1"] * 2
    assert station.sent.heads == ["播音报警", "播音解除"]
    assert "04:00:01 – 04:00:31(持续 30 秒)" in station.sent.messages[1].body
    assert station.keeper.open() == []


def test_flapping_is_one_alert(station: Station) -> None:
    for number in range(10):
        station.troubles.now = [] if number % 2 else [trouble()]
        station.run(50)
    assert len(station.sent.messages) == 1 and len(station.keeper.open()) == 1


def test_quiet_hours_hold_back_what_can_wait(tmp_path: Path) -> None:
    # The kit's store is on UTC: quiet from before 04:00 until 05:00.
    station = Station(tmp_path, settings(quiet={"from": "22:00", "to": "05:00"}))
    station.troubles.now = [trouble()]
    station.run(60)
    station.troubles.now = [trouble("weather", "notice"), trouble("air-check")]
    station.run(120)
    station.troubles.now = [trouble("air-check"), trouble("silence", "urgent")]
    station.run(120)
    assert station.sent.heads == ["播音紧急"] and "air-check" not in station.sent.messages[0].body
    station.run(3600, step=5)
    summary = station.sent.messages[-1].body
    assert "disk-low" in summary and "air-check" in summary and "weather" not in summary
    assert "04:00:01 – 04:01:01" in summary


def test_language_and_severity_of_a_target(tmp_path: Path) -> None:
    station = Station(tmp_path, settings(target(language="en", least="notice")))
    station.troubles.now = [trouble("weather", "notice")]
    station.run(1)
    message = station.sent.messages[0]
    assert message.title == "[Broadcast alert] Red Star: weather is wrong" and KINDS["weather"].en in message.body
    assert "http://192.168.1.9:8080/alerts" in message.body and "zone main" in message.body


def test_the_network_is_gone_and_back(station: Station) -> None:
    station.sent.down = True
    station.troubles.now = [trouble()]
    station.run(60)
    station.troubles.now = [trouble("backup-failed")]
    station.run(140)
    station.sent.down = False
    station.run(130)
    assert len(station.sent.messages) == 1
    body = station.sent.messages[0].body
    assert "04:00:01 – 04:01:01" in body and "从 04:01:01 起" in body


def test_a_target_that_fails_is_told_to_the_others(tmp_path: Path) -> None:
    station = Station(tmp_path, settings(target("json://a.b/1"), target("json://a.b/2", name="值班群")))
    taken = station.sent.__call__

    def send(messages, told, *, limit_s=0.0):  # type: ignore[no-untyped-def]
        for message in messages:
            station.sent.down = message.url.endswith("2")
            taken([message], told)

    station.keeper._send = send
    station.troubles.now = [trouble()]
    station.run(FAILING_AFTER_S + 330)
    assert "报警发不到“值班群”" in station.sent.messages[-1].body


def test_a_flood_is_told_together(station: Station) -> None:
    for number in range(60):
        station.troubles.now = [*station.troubles.now, trouble(subject=str(number))]
        station.run(20)
    assert len(station.sent.messages) == 12 - 3
    station.run(3600, step=5)
    assert 9 < len(station.sent.messages) <= 9 + 12 and "另有" in station.sent.messages[9].body
    assert all(one.row.told for one in station.keeper.open())


def test_what_is_urgent_still_gets_through_a_flood(station: Station) -> None:
    station.troubles.now = [trouble(subject=str(number)) for number in range(3)]
    for number in range(30):
        station.troubles.now = [*station.troubles.now, trouble(subject=f"n{number}")]
        station.run(15)
    before = len(station.sent.messages)
    station.troubles.now = [*station.troubles.now, trouble("silence", "urgent")]
    station.run(1)
    assert station.sent.heads[before:] == ["播音紧急"]


def test_it_grew_grave_and_is_told_anew(station: Station) -> None:
    station.troubles.now = [trouble()]
    station.run(5)
    station.keeper.acknowledge(1, by="wanglan", where="")
    station.troubles.now = [trouble(severity="urgent")]
    station.run(1)
    assert station.sent.heads == ["播音报警", "播音紧急"] and station.keeper.unacknowledged() == 1


def test_a_rehearsal_tells_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    station = Station(tmp_path, settings(), rehearsal=True)
    station.troubles.now = [trouble()]
    station.run(2)
    assert station.sent.messages == [] and "told nobody" in caplog.text


def test_after_a_restart_nothing_is_told_twice_and_the_end_is_told(tmp_path: Path) -> None:
    station = Station(tmp_path, settings())
    station.troubles.now = [trouble()]
    station.run(5)
    station.write_down()
    again = Station(tmp_path, settings(), database=station.database)
    again.clock.move(5)
    again.troubles.now = [trouble()]
    again.run(30)
    assert again.sent.messages == [] and [one.row.id for one in again.keeper.open()] == [1]
    again.troubles.now = []
    again.run(CLEAR_AFTER_S + 2)
    assert again.sent.heads == ["播音解除"]


def test_after_a_restart_what_was_owed_is_told(tmp_path: Path) -> None:
    station = Station(tmp_path, settings())
    station.sent.down = True
    station.troubles.now = [trouble()]
    station.run(5)
    station.troubles.now = []
    station.run(CLEAR_AFTER_S + 2)
    station.write_down()
    again = Station(tmp_path, settings(), database=station.database)
    again.run(2)
    assert again.sent.heads == ["播音已恢复"] and "04:00:01 – 04:00:06" in again.sent.messages[0].body


def test_the_history_is_in_the_database(station: Station) -> None:
    station.troubles.now = [trouble()]
    station.run(2)
    station.troubles.now = []
    station.run(CLEAR_AFTER_S + 3)
    station.write_down()
    row = station.keeper.history(10)[0]
    assert (row.code, row.told, row.clear_told) == ("disk-low", 2, True) and row.cleared_at is not None


def test_without_a_database_alerts_are_told_all_the_same(tmp_path: Path) -> None:
    station = Station(tmp_path, settings())
    station.database.dispose()
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "alerts.db").mkdir()
    station.log.start()
    station.troubles.now = [trouble()]
    station.run(3)
    assert station.sent.heads == ["播音报警"]
    station.log.stop()
    station.run(12)
    assert "报警记录写不进去" in station.sent.messages[-1].title


def test_a_source_that_fails_leaves_the_others(station: Station) -> None:
    class Broken:
        def causes(self, now: object) -> list[object]:
            raise RuntimeError("broken")

    station.keeper._sources.insert(0, Broken())  # type: ignore[arg-type]
    station.troubles.now = [trouble()]
    station.run(1)
    assert station.sent.heads == ["播音报警"]


def test_after_a_suspended_hour_nothing_is_taken_for_lasting(station: Station) -> None:
    station.troubles.now = [trouble(after_s=20)]
    station.run(2)
    station.clock.move(3600)
    station.turn()
    assert station.sent.messages == []


def test_the_status_lists_what_has_lasted_and_names_what_may_mend_itself(station: Station) -> None:
    station.troubles.now = [trouble(after_s=20)]
    station.run(5)
    now = station.clock.now()
    assert (station.keeper.present(now), station.keeper.pending(now)) == ([], ["disk-low"])
    station.run(20)
    [told] = station.keeper.present(station.clock.now())
    assert (told["id"], told["since"], told["severity"]) == (1, "2026-11-28T04:00:01+00:00", "warning")
    assert station.keeper.pending(station.clock.now()) == []
    station.troubles.now = [trouble("page", after_s=0)]
    assert [one["id"] for one in station.keeper.present(station.clock.now())] == [None]


def test_of_two_pcs_only_the_one_on_air_tells_what_both_know(station: Station) -> None:
    station.has_air = False
    station.troubles.now = [trouble("plan-faults"), trouble("disk-low")]
    station.run(20)
    assert [message.title.count("disk-low") for message in station.sent.messages] == [1]
    assert {one["code"] for one in station.keeper.present(station.clock.now())} == {"plan-faults", "disk-low"}
    station.has_air = True
    station.run(10)
    assert "plan-faults" in station.sent.messages[-1].title
    station.has_air, station.troubles.now = False, []
    station.run(CLEAR_AFTER_S + 20)
    assert "plan-faults" in station.sent.messages[-1].body


def test_what_the_other_pc_told_and_is_over_is_not_told_here(station: Station) -> None:
    station.has_air = False
    station.troubles.now = [trouble("plan-faults")]
    station.run(20)
    station.troubles.now = []
    station.run(CLEAR_AFTER_S + 20)
    station.has_air = True
    station.run(20)
    assert station.sent.messages == [] and KINDS.keys() >= OF_BOTH


def test_every_kind_stands_in_the_table_of_the_document() -> None:
    document = (Path(__file__).parents[1] / "docs" / "alerts.md").read_text(encoding="utf-8")
    for code, kind in KINDS.items():
        assert f"| `{code}` |" in document and f"{kind.severity} | {kind.after_s:g} | {kind.zh} {kind.en} |" in document


def test_what_can_not_be_mended_is_told_within_half_a_minute() -> None:
    no_sound = ("silence", "engine-lost", "volume-muted", "clock-untrusted", "fire-input-lost", "standby-on-air")
    assert all(KINDS[code].severity == "urgent" and KINDS[code].after_s <= 20 for code in no_sound)
    assert cause("silence", "", "").after_s == KINDS["silence"].after_s


@pytest.mark.parametrize("code", ["emergency", "fire-input"])
def test_each_call_is_told_apart_and_its_end_at_once(station: Station, code: str) -> None:
    for mark in ("first", "second"):
        station.troubles.now = [trouble(code, "urgent", subject=mark)]
        station.run(5)
        station.troubles.now = []
        station.run(2)
    assert station.sent.heads == ["播音紧急", "播音解除"] * 2
    assert [message.kind for message in station.sent.messages] == ["failure", "success"] * 2


def test_news_stand_before_what_is_over(station: Station) -> None:
    station.troubles.now = [trouble("emergency", "urgent", subject="drill")]
    station.run(5)
    station.troubles.now = [trouble("emergency", "urgent", subject="fire"), trouble("weather", "notice")]
    station.run(1)
    assert station.sent.heads == ["播音紧急"] * 2 and station.sent.messages[-1].body.index("●") < (
        station.sent.messages[-1].body.index("✔")
    )


@pytest.mark.parametrize(("severity", "kind"), [("notice", "info"), ("warning", "warning"), ("urgent", "failure")])
def test_the_kind_of_a_message_is_its_gravest(tmp_path: Path, severity: str, kind: str) -> None:
    station = Station(tmp_path, settings(target(least="notice")))
    station.troubles.now = [trouble(severity=severity)]
    station.run(5)
    station.troubles.now = []
    station.run(CLEAR_AFTER_S + 10)
    assert [message.kind for message in station.sent.messages] == [kind, "success"]
    assert "持续 5 秒" in station.sent.messages[-1].body


def test_who_came_while_the_program_was_down_gets_no_all_clear(tmp_path: Path) -> None:
    station = Station(tmp_path, settings(target("json://a.b/1")))
    station.troubles.now = [trouble()]
    station.run(5)
    station.write_down()
    both = settings(target("json://a.b/1"), target("json://a.b/2"))
    later = Station(tmp_path, both, database=station.database)
    later.clock.move(100)
    later.run(CLEAR_AFTER_S + 20)
    assert [(message.url, message.kind) for message in later.sent.messages] == [("json://a.b/1", "success")]
