from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.web.timeline import LANES, MARK_WIDTH, Day, build_day
from tests.web_fakes import DAY, ZONE, FakeStation, at

SILENCE = {"kind": "silence"}


def spot(start: datetime, name: str = "a", **more: Any) -> dict[str, Any]:
    return {"id": name, "at": start.isoformat(), "duration_s": 30.0, "kind": "notice", "title": name, **more}


def segment(start: datetime, end: datetime) -> dict[str, Any]:
    return {"start": start.isoformat(), "end": end.isoformat(), "daypart": "x", "title": "x", "bed": SILENCE}


def entry(outcome: str | None, commanded_at: datetime | None = None, spot_id: str = "a") -> dict[str, Any]:
    return {"spot_id": spot_id, "outcome": outcome, "commanded_at": commanded_at and commanded_at.isoformat()}


def build(spots: list[dict[str, Any]], entries: list[dict[str, Any]], now: datetime) -> Day:
    return build_day({"segments": [segment(at("09:20"), at("12:00"))], "spots": spots}, entries, now, ZONE)


def test_bands_are_to_scale_in_order() -> None:
    station = FakeStation()
    day = build_day(station.rundown(DAY), [], at("10:00"), ZONE)
    assert day.axis is not None
    minute = 100 / ((day.axis.end - day.axis.start) / timedelta(minutes=1))
    assert [band.x for band in day.bands] == sorted(band.x for band in day.bands)
    assert [band.width / minute for band in day.bands[:4]] == pytest.approx([10, 10, 2, 18])
    assert day.hours[0] == (0.0, "09:00")


@pytest.mark.parametrize(
    ("entries", "now", "state"),
    [
        ([], "09:59", "planned"),
        ([], "10:01", "planned"),
        ([], "10:03", "unrecorded"),
        ([entry(None, at("10:00"))], "10:00", "airing"),
        ([entry("aired", at("10:00"))], "10:01", "aired"),
        ([entry("skipped")], "10:01", "skipped"),
        ([entry(None)], "09:59", "planned"),
    ],
)
def test_the_state_of_a_spot(entries: list[dict[str, Any]], now: str, state: str) -> None:
    day = build([spot(at("10:00"))], entries, at(now))
    assert day.groups[0].rows[0].state == state
    assert day.counts == {state: 1}


def test_a_late_spot_is_waited_for_as_long_as_its_rule_says() -> None:
    late = spot(at("10:00"), lateness={"late_by_s": 600})
    assert build([late], [], at("10:09")).counts == {"planned": 1}
    assert build([late], [], at("10:11")).counts == {"unrecorded": 1}


def test_a_loop_is_planned_in_one_lane_and_aired_in_another() -> None:
    loop = [spot(at("10:00") + timedelta(minutes=n), str(n), priority="rotation") for n in range(60)]
    log = [entry("aired", at(f"10:0{n}:05"), str(n)) for n in range(7)]
    log += [entry("failed", spot_id="7"), entry("aired", at("10:08:05"), "8"), entry(None, at("10:09"), "9")]
    day = build(loop, log, at("10:09"))
    assert (len(day.planned_loops), day.planned) == (60, ())
    assert [mark.row.item["id"] for mark in day.aired] == ["7"]
    assert [(tick.row.item["id"], tick.row.state) for tick in day.aired_loops] == [
        *((str(n), "aired") for n in range(7)), ("8", "aired"), ("9", "airing")
    ]  # fmt: skip
    assert day.aired_loops[7].x > day.planned_loops[8].x


def test_what_is_to_come_has_not_aired() -> None:
    day = build([spot(at("10:00"), "a"), spot(at("11:00"), "b")], [entry("aired", at("10:00:03"))], at("10:30"))
    assert [mark.row.item["id"] for mark in day.planned] == ["a", "b"]
    assert [(mark.row.item["id"], mark.row.aired_at) for mark in day.aired] == [("a", at("10:00:03"))]


def test_music_that_sounds_is_drawn_up_to_now() -> None:
    track = {**entry(None, at("10:00")), "spot_id": None, "planned_at": at("10:00").isoformat(), "ended_at": None}
    day = build([spot(at("11:00"))], [track], at("10:30"))
    assert day.axis is not None
    assert day.music[0].width == pytest.approx(day.axis.x(at("10:30")) - day.axis.x(at("10:00")))


def test_marks_side_by_side_go_to_different_lanes() -> None:
    day = build([spot(at("10:00"), str(n)) for n in range(LANES)], [], at("09:00"))
    assert {mark.lane for mark in day.planned} == set(range(LANES))
    apart = build([spot(at("10:00"), "a"), spot(at("11:00"), "b")], [], at("09:00"))
    assert apart.planned[1].x - apart.planned[0].x > MARK_WIDTH
    assert {mark.lane for mark in apart.planned} == {0}


def test_what_lies_outside_all_dayparts_is_not_lost() -> None:
    day = build([spot(at("18:00"))], [], at("09:00"))
    assert day.groups[-1].band is None
    assert [row.item["id"] for row in day.groups[-1].rows] == ["a"]
    assert day.axis is not None
    assert day.axis.x(at("18:00")) <= 100


def test_a_day_without_plan_has_no_axis() -> None:
    day = build_day({"segments": [], "spots": []}, [], at("09:00"), ZONE)
    assert (day.axis, day.groups) == (None, ())


def test_hours_of_a_day_that_loses_one() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 29, 0, 0, tzinfo=berlin)
    rundown = {"segments": [segment(start, datetime(2026, 3, 29, 6, 0, tzinfo=berlin))], "spots": []}
    day = build_day(rundown, [], start, berlin)
    assert [label for _, label in day.hours] == ["00:00", "01:00", "03:00", "04:00", "05:00"]
    assert day.hours[1][0] == pytest.approx(20)


def test_any_date_can_be_asked_for() -> None:
    day = FakeStation().rundown(date(2027, 2, 28))
    assert build_day(day, [], at("10:00"), ZONE).counts["planned"] > 100
