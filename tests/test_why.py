"""Why: every second past or coming has an answer, by the plan that held then, and by what really happened."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.playout.interventions import Intervention, Interventions
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.publish import Publisher
from broadcaster.reports.decisions_read import decisions_around
from broadcaster.reports.explaining import Explainer, why_document
from broadcaster.reports.plan_then import PlansThen
from broadcaster.rundown.bed import bed_at
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown
from broadcaster.settings import Home
from broadcaster.store.alerts import AlertRows, StoredAlert
from broadcaster.store.database import Database, open_database
from broadcaster.store.plan_versions import PlanVersions
from broadcaster.web.nameless import Nameless
from tests.desk_kit import WHO, desk_plan, desk_world, spot
from tests.notice_kit import HandClock
from tests.plan_kit import plan_with
from tests.plan_room_kit import open_room, weather_until
from tests.web_fakes import FakeStation, at

DAY = date(2026, 11, 28)
LATER = at("23:00")
STATES = {"to-come", "as-planned", "by-hand", "differed", "unknown"}


PLAN = plan_with()


@pytest.fixture(scope="module")
def rundown() -> Rundown:
    return compile_rundown(PLAN, (), DAY)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "broadcaster.db")
    yield database
    database.dispose()


@pytest.fixture
def log(database: Database) -> AsRunLog:
    return AsRunLog(database, "main")


def aired(log: AsRunLog, rundown: Rundown, number: int, late_s: float = 0.0, outcome: Outcome = Outcome.AIRED) -> None:
    spot = rundown.spots[number]
    begun = spot.at + timedelta(seconds=late_s)
    about: dict[str, Any] = {
        "date": DAY,
        "spot_id": spot.id,
        "kind": spot.kind,
        "ref": spot.ref,
        "title": spot.title.zh,
    }
    log.arm_spot(**about, planned_at=spot.at, armed_at=spot.at)
    log.spot_started(spot.id, begun)
    log.spot_ended(spot.id, begun + timedelta(seconds=spot.duration_s), outcome)


def played(log: AsRunLog, rundown: Rundown, instant: datetime, title: str = "", reason: str = "") -> None:
    """The bed as planned at an instant, or another track in its place."""
    item = bed_at(PLAN, rundown, instant)[-1]
    line = log.track_started(
        date=DAY, track=title or item.track.file, ref=item.playlist, title=title or item.track.title,
        planned_at=item.start, commanded_at=item.start,
    )  # fmt: skip
    log.track_ended(line, item.end, Outcome.AIRED, reason)


def why(
    rundown: Rundown, log: AsRunLog | None, instant: datetime, now: datetime = LATER, **more: Any
) -> dict[str, Any]:
    return why_document(PLAN, rundown, instant, log, now=now, **more)


@pytest.mark.parametrize("now", [at("00:00", DAY - timedelta(days=1)), LATER + timedelta(days=30)])
def test_no_second_of_a_day_is_without_an_answer(now: datetime, rundown: Rundown, log: AsRunLog) -> None:
    for number in range(0, len(rundown.spots), 3):
        aired(log, rundown, number, late_s=number % 5)
    dice = random.Random(6)
    for second in sorted(dice.sample(range(86_400), 60)):
        told = why(rundown, log, at("00:00") + timedelta(seconds=second), now)
        assert told["air"]["state"] in STATES and len(told["because"]) == len(told["because_en"]) >= 3
        assert all(line.strip() for line in (*told["because"], *told["because_en"]))
        assert (told["air"]["state"] == "to-come") == (now < at("00:00"))


def test_a_bed_as_planned_is_as_planned(rundown: Rundown, log: AsRunLog) -> None:
    played(log, rundown, at("12:31"))
    log.heard(1, at("12:30"), -18.0, heard_by="ear")
    told = why(rundown, log, at("12:31"))
    assert told["air"]["state"] == "as-planned" and "监听听到了" in told["air"]["lines"][1]


def test_another_track_is_told_with_its_reason(rundown: Rundown, log: AsRunLog) -> None:
    played(log, rundown, at("12:31"), "备用音乐", "计划的音乐放不出来 / the plan's music can't be heard")
    told = why(rundown, log, at("12:31"))
    assert (
        told["air"]["state"] == "differed"
        and "实际放的是《备用音乐》,原因:计划的音乐放不出来。" in told["air"]["lines"][1]
    )


def test_a_spot_left_out_is_told_with_its_reason(rundown: Rundown, log: AsRunLog) -> None:
    spot = rundown.spots[4]
    log.skip_spot(date=DAY, spot_id=spot.id, kind=spot.kind, ref=spot.ref, title="x", planned_at=spot.at,
                  reason="太晚 / too late")  # fmt: skip
    air = why(rundown, log, spot.at)["air"]
    assert air["state"] == "differed" and "没有播出,原因:太晚。" in air["lines"][1] and "too late" in air["lines_en"][1]


def test_a_late_spot_is_told_before_it_begins_and_while_it_speaks(rundown: Rundown, log: AsRunLog) -> None:
    spot = rundown.spots[4]
    aired(log, rundown, 4, late_s=15)
    assert "晚 15 秒" in why(rundown, log, spot.at + timedelta(seconds=5))["air"]["lines"][1]
    assert why(rundown, log, spot.at + timedelta(seconds=16))["air"]["state"] == "as-planned"


def test_another_track_without_a_reason_is_put_down_to_the_playlist(rundown: Rundown, log: AsRunLog) -> None:
    played(log, rundown, at("12:31"), "另一首")
    lines = why(rundown, log, at("12:31"))["air"]["lines"]
    assert "实际放的是《另一首》" in lines[1] and any("歌单的曲目有过变动" in line for line in lines)
    played(log, rundown, at("15:31"), "又一首", "文件损坏 / damaged")
    lines = why(rundown, log, at("15:31"))["air"]["lines"]
    assert "文件损坏" in lines[1] and not any("歌单的曲目" in line for line in lines)


def test_silence_without_a_reason_is_told_from_entry_to_entry(rundown: Rundown, log: AsRunLog) -> None:
    played(log, rundown, at("12:31"))
    lines = why(rundown, log, at("12:50"))["air"]["lines"]
    assert lines[0] == "实际播出与计划不同。" and "日志里没有播出记录" in lines[-1] and "从 12:3" in lines[-1]
    assert why(rundown, log, at("15:00"))["air"]["state"] == "unknown"


def test_an_alert_of_that_time_explains_a_silence(rundown: Rundown, log: AsRunLog, database: Database) -> None:
    rows = AlertRows(database, "main")
    rows.save(StoredAlert(1, "output-gone", "", "urgent", "没有声卡", "no output", at("12:40"), cleared_at=at("12:55")))
    assert not rows.at(at("12:56"))
    air = why(rundown, log, at("12:50"), alerts=rows.at(at("12:50")))["air"]
    assert air["state"] == "differed" and air["lines"][-1] == "当时有报警(12:40:00–12:55:00):没有声卡。"


def test_an_alert_of_other_things_explains_nothing(rundown: Rundown, log: AsRunLog) -> None:
    played(log, rundown, at("12:31"))
    backup = StoredAlert(1, "backup-failed", "", "warning", "备份失败", "no backup", at("09:00"))
    lines = why(rundown, log, at("12:50"), alerts=[backup])["air"]["lines"]
    assert not any("备份" in line for line in lines) and "日志里没有播出记录" in lines[-1]


def test_what_was_not_heard_was_not_as_planned(rundown: Rundown, log: AsRunLog) -> None:
    spot = rundown.spots[4]
    aired(log, rundown, 4)
    log.heard(spot.id, heard_by="ear")
    played(log, rundown, at("12:31"))
    log.heard(2, heard_by="ear")
    for instant, words in ((spot.at + timedelta(seconds=2), spot.title.zh), (at("12:31"), "监听没有听到")):
        air = why(rundown, log, instant)["air"]
        assert air["state"] == "differed" and words in air["lines"][1] and "没有写下原因" in air["lines"][-1]


def test_what_the_archive_has_is_not_called_missing(rundown: Rundown, log: AsRunLog) -> None:
    aired(log, rundown, 4)
    for instant in (at("15:00"), rundown.spots[4].at + timedelta(seconds=2), rundown.spots[5].at):
        air = why(rundown, log, instant, archived=["asrun-2026-11.jsonl.gz"])["air"]
        assert air["state"] == "unknown" and any("asrun-2026-11" in line for line in air["lines"])
        assert not any("没有播出," in line or "没有在运行" in line for line in air["lines"])


def test_the_words_are_plain(rundown: Rundown) -> None:
    told = [line for spot in rundown.spots for line in why(rundown, None, spot.at, at("00:00"))["because"]]
    codes = ("weekday", "weekend", "scheduled", "rotation", "urgent", "light 2")
    assert "优先级:定时" in "".join(told) and not [line for line in told for code in codes if code in line]


def test_what_people_stopped_is_by_hand(rundown: Rundown, log: AsRunLog) -> None:
    stop = Intervention(1, "stop", None, {"shown": "王兰"}, at("12:40"), at("13:00"), "wanglan", "停电")
    told = why(rundown, log, at("12:50"), hands=Interventions((stop,)))
    assert told["air"]["state"] == "by-hand" and any("王兰全部停播" in line for line in told["because"])


def test_what_has_no_end_yet_says_nothing_of_what_is_to_come(rundown: Rundown) -> None:
    params = {"shown": "王兰", "title_zh": "演练", "title_en": "Drill"}
    drill = Intervention(1, "emergency", "drill", params, at("10:30"), None, "wanglan", "演练")
    told = {
        hour: why(rundown, None, at(hour), at("10:32"), hands=Interventions((drill,))) for hour in ("10:31", "14:32")
    }
    assert [len(one["interventions"]) for one in told.values()] == [1, 0]
    assert "王兰" in "".join(told["10:31"]["because"]) and "王兰" not in "".join(told["14:32"]["because"])


def test_decisions_explain_what_no_row_does(rundown: Rundown, log: AsRunLog, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.logs.mkdir(parents=True)
    lines = [("engine-replaced", "12:50:05", "没有回应 / no answer"), ("heartbeat", "12:50:06", "x"),
             ("plan-taken", "12:55:00", "")]  # fmt: skip
    told = [{"at": f"{DAY}T{int(c[:2]) - 8:02}{c[2:]}.000+00:00", "what": w, "reason": r} for w, c, r in lines]
    (home.logs / "decisions.jsonl").write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
    os.utime(home.logs / "decisions.jsonl", (LATER.timestamp(),) * 2)
    found = decisions_around(home, at("12:50"))
    assert [one.what for one in found] == ["engine-replaced"]
    air = why(rundown, log, at("12:50"), decisions=lambda: found)["air"]
    assert air["lines"][-1] == "程序记录 12:50:05:播放程序已换新(没有回应)。"


def test_the_past_is_told_by_the_plan_of_then(tmp_path: Path) -> None:
    clock = HandClock(at("09:00"))
    with open_room(tmp_path, clock) as room:
        room.notice()
        clock.at = at("11:00")
        room.publish(room.tag(), weather_until("10:10"), who="wanglan", words="天气加长")
        clock.at = at("12:00")
        database = open_database(tmp_path / "var" / "broadcaster.db")
        publisher = Publisher(tmp_path)
        plan = publisher.publish(DAY, render=False).plan
        assert plan
        plans = PlansThen(
            Home(tmp_path), PlanVersions(database, clock), publisher, lambda name: {"wanglan": "王兰"}[name]
        )
        who = Explainer(Home(tmp_path), clock, Almanac(None, clock), AsRunLog(database, "main"), plans=plans)
        before, after, coming = (who.why(plan, at(time)) for time in ("10:07", "11:30", "17:00"))
        tomorrow = who.why(plan, at("10:07", DAY + timedelta(days=1)))
        publisher.close()
        database.dispose()
    assert (before["segment"]["daypart"], before["plan"]["version"]) == ("promo-morning", 1)
    assert "版本 1(用到 2026-11-28 11:00)" in before["because"][1]
    assert (tomorrow["segment"]["daypart"], tomorrow["plan"]["version"]) == ("weather", 2)
    assert "由王兰于 2026-11-28 11:00 在网页发布“天气加长”" in after["because"][1]
    assert coming["air"]["state"] == "to-come" and coming["changed"]["by"] == "王兰"


def test_a_morning_that_went_as_planned_is_told_so_second_by_second(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:05", 5.0), spot("b", "10:00:08", 4.0))
    with desk_world(tmp_path, plan, at("10:00", date(2026, 11, 24))) as one:
        start = one.now
        one.run(18)
        one.desk.pause(1, **WHO)
        one.run(8)
        whole, hands = one.rundown(date(2026, 11, 24)), one.desk.interventions
        told = [
            why_document(plan, whole, start + timedelta(seconds=second), one.log, now=one.now, hands=hands)["air"]
            for second in range(2, 26)
        ]
    assert [air["state"] for air in told] == ["as-planned"] * 16 + ["by-hand"] * 8, told


class Published(FakeStation):
    """Its answer names whoever published the plan and skipped a spot."""

    def why(self, instant: datetime) -> dict[str, Any]:
        told = super().why(instant)
        zh, en = "“甲”没有播出,原因:跳过:王兰(太吵)。", "“a” was not aired: skipped by Wang Lan (too loud)."
        line = "播音计划是版本 2(现行),由王兰于 2026-11-28 11:00 在网页发布。"
        line_en = "The plan is version 2, which holds now, published by Wang Lan on the page at 2026-11-28 11:00."
        told |= {"because": [*told["because"], line, zh], "because_en": [*told["because_en"], line_en, en]}
        plan = {"version": 2, "at": told["at"], "until": None, "by": "王兰", "how": "page", "words": "王兰改"}
        return told | {"plan": plan, "air": {"state": "differed", "lines": [zh], "lines_en": [en]}}


def test_strangers_are_told_no_names() -> None:
    told = json.dumps(Nameless(Published()).why(at("10:00")), ensure_ascii=False)
    assert "王兰" not in told and "Wang Lan" not in told and "没有播出,原因:跳过。" in told and "太吵" not in told
