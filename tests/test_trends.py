"""Trends: weekly figures from the daily sums, their plots, and the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from broadcaster.asrun.entries import BROKEN_OFF, CUT_OFF, REPLACED, TAKEN_UP, Outcome
from broadcaster.asrun.mirror import MARK
from broadcaster.clock import RehearsalClock
from broadcaster.errors import TooOften
from broadcaster.paper import Picture, Table
from broadcaster.plan.models import Lateness
from broadcaster.playout.conductor import ELSEWHERE
from broadcaster.playout.due import GAVE_WAY, PLAN_CHANGED, WITHDRAWN
from broadcaster.playout.interventions import Intervention, Kind
from broadcaster.playout.lateness import judge
from broadcaster.rooms.trends_room import TrendsRoom
from broadcaster.store.day_sums import UNRECORDED, DaySum, DaySums, KindSum, LoudnessSum, Missed, VendorSum
from broadcaster.store.tables import asrun_days
from broadcaster.trends.causes import CAUSES, cause_of
from broadcaster.trends.charts import TITLES, charts_of, key_of
from broadcaster.trends.drawing import MOST_WAIT, PlotError, Plots
from broadcaster.trends.figures import Trends, shares_of, trends_of
from broadcaster.trends.sheet import grids, paper
from broadcaster.web.app import create_app
from tests.calendar_kit import Store, open_store
from tests.web_fakes import DAY, ZONE, FakeStation, at
from tests.web_offices import log_in

MONDAY = date(2026, 10, 5)


def day(on: date, **more: Any) -> DaySum:
    """Ten hours of programme: eight of music, of which half an hour lies under speech, and a minute without sound."""
    vendor = {"vendors": {"tata": VendorSum(6, 5)}} if "vendors" not in more else {}
    return DaySum(on, **{
        "kinds": (KindSum("bed", "aired", 150, 8 * 3600), KindSum("script", "aired", 20, 900),
                  KindSum("notice", "aired", 10, 900), KindSum("notice", "skipped", 2, 0)),
        "missed": (Missed("notice", "skipped", "晚 130 秒,到结束也没有空档 / no free place until the day's end", 2),),
        "loudness": {"bed": LoudnessSum(-20.0, -24.0, -18.0, 150), "script": LoudnessSum(-18.0, -19.0, -17.5, 20)},
        "fault_s": 60.0, "programme_s": 36_000.0, "planned_silence_s": 600.0, **vendor, **more,
    })  # fmt: skip


@pytest.fixture(scope="module")
def two_weeks() -> Trends:
    """A week, one without anything, and two days of a third."""
    days = [MONDAY + timedelta(days=number) for number in (0, 1, 2, 3, 4, 5, 6, 14, 15)]
    return trends_of([day(on) for on in days], MONDAY, MONDAY + timedelta(days=20), names={"tata": "TATA木门"})


def test_music_under_speech_is_speech() -> None:
    shares = shares_of(day(MONDAY))
    assert (shares["music"], shares["script"] + shares["notice"] + shares["promo"]) == (8 * 3600 - 1800, 1800)
    assert (shares["silence"], shares["fault"], shares["unknown"]) == (600, 60, 36_000 - 8 * 3600 - 660)


@settings(max_examples=60, deadline=None)
@given(*[st.floats(0, 90_000) for _ in range(6)])
def test_a_days_parts_are_its_programme_unless_more_sounded(
    music: float, script: float, notice: float, fault: float, silence: float, programme: float
) -> None:
    kinds = tuple(KindSum(*one) for one in (("bed", "aired", 1, music), ("script", "aired", 1, script),
                                            ("notice", "partial", 1, notice)))  # fmt: skip
    shares = shares_of(DaySum(MONDAY, kinds, fault_s=fault, programme_s=programme, planned_silence_s=silence))
    assert all(seconds >= 0 for seconds in shares.values())
    assert sum(shares.values()) == pytest.approx(max(programme, script + notice + silence), abs=0.01)


def test_weeks_begin_on_monday_and_an_empty_one_is_a_gap(two_weeks: Trends) -> None:
    assert [(week.first.isoformat(), week.days) for week in two_weeks.weeks] == [
        ("2026-10-05", 7), ("2026-10-12", 0), ("2026-10-19", 2)
    ]  # fmt: skip
    assert two_weeks.weeks[1].as_planned is None and two_weeks.weeks[1].share("music") == 0
    assert two_weeks.total.due == 9 * 32 and two_weeks.total.as_planned == pytest.approx(30 / 32)
    assert two_weeks.total.missed == {"late": 18} and two_weeks.vendors[0].heard == 45


def test_loudness_is_a_mean_of_energies_with_its_range() -> None:
    quiet = {"bed": LoudnessSum(-30.0, -31.0, -29.0, 1)}
    found = trends_of([day(MONDAY), day(MONDAY + timedelta(days=1), loudness=quiet)], MONDAY, MONDAY).total.loudness
    assert (found["music"].mean, found["music"].low, found["music"].high) == (-20.0, -31.0, -18.0)
    assert found["speech"].count == 20


def late(rule: str, late_s: float, **more: float) -> str:
    """The word of a spot's lateness rule."""
    one: Any = SimpleNamespace(lateness=Lateness.model_validate({"rule": rule, **more}), duration_s=10.0)
    return judge(one, late_s).reason


def deed(kind: Kind) -> str:
    reason = "消防演习,计划外 / emergency drill by hand"
    return Intervention(1, kind, None, {"shown": "王兰"}, at("12:00"), None, "wanglan", reason).words()


@pytest.mark.parametrize(
    ("cause", "reasons"),
    {
        "late": (
            late("skip", 403), late("join", 999), late("late_by", 210, late_by_s=60.0), late("join", 5),
            "晚 130 秒,到结束也没有空档 / no free place until the day's end", "晚 5 秒开始 / started 5 s late",
            "时钟跳变 +60 秒 / clock stepped by +60 s",
        ),
        "hand": (deed("skip"), deed("mute"), deed("stop"), deed("pause"), deed("insert")),
        "emergency": (
            deed("emergency"), deed("live"), "让位于应急广播 / gave way to an emergency",
            "应急广播结束 / the emergency ended", "消防信号接通 / the fire contact closed",
        ),
        "plan": (
            PLAN_CHANGED, WITHDRAWN, "计划已改,不再有这一条 / the plan changed and has it no more",
        ),
        "conflict": (GAVE_WAY,),
        "recording": ("没有录音 / no recording of it",),
        "program": (
            TAKEN_UP, BROKEN_OFF, CUT_OFF, ELSEWHERE, MARK, f"{CUT_OFF}; {MARK}",
            "程序停止 / the program was stopped",
        ),
        "sound": (
            REPLACED, f"{REPLACED}; {MARK}", "中断 / broke off", "没有按时结束,已停 / did not end, stopped",
            "声卡断开 / the output device went away", "libVLC does not play", "no sound in a.wav",
            "a.wav is 3.000 s long, not 4.000 s", "a.wav is not prepared after 4 s",
            "ended after 1.000 s of 4.000 s", "the player can't play a.wav",
        ),
        "unrecorded": (UNRECORDED,),
        "other": ("",),
    }.items(),
)  # fmt: skip
def test_reasons_of_the_log_have_their_causes(cause: str, reasons: tuple[str, ...]) -> None:
    """All that the program writes as a reason of a spot."""
    assert {reason: cause_of(reason) for reason in reasons} == dict.fromkeys(reasons, cause) and cause in CAUSES
    assert all(reasons) or cause == "other"


def test_tables_say_what_the_plots_show(two_weeks: Trends) -> None:
    found = {grid.name: grid for grid in grids(two_weeks, "zh")}
    assert list(found) == list(TITLES) and all(
        len(row) == len(grid.heads) for grid in found.values() for row in grid.rows
    )
    assert found["planned"].rows[-1] == ["合计", "288", "270", "93.75"]
    assert list(found["vendors"].rows) == [["TATA木门", "54", "45"]]


def test_what_is_not_all_does_not_read_as_all() -> None:
    kinds = (KindSum("script", "aired", 99_999, 900), KindSum("script", "skipped", 1, 0))
    found = grids(trends_of([day(MONDAY, kinds=kinds)], MONDAY, MONDAY), "zh")
    assert next(grid for grid in found if grid.name == "planned").rows[-1][-1] == "99.99"


def test_on_paper_each_plot_has_its_table(two_weeks: Trends) -> None:
    sheet = paper(two_weeks, dict.fromkeys(TITLES, b"png"), "en", "Store", "made today")
    assert sheet.title == "Store Trends of the broadcast"
    assert [type(part) for part in sheet.parts].count(Picture) == [type(part) for part in sheet.parts].count(Table) == 5


# --- plots


@pytest.fixture(scope="module")
def drawn(two_weeks: Trends, tmp_path_factory: pytest.TempPathFactory) -> tuple[Plots, dict[str, bytes]]:
    plots = Plots(tmp_path_factory.mktemp("cache"))
    return plots, plots.get(charts_of(two_weeks, "zh"), "svg")


def test_plots_are_drawn_with_words_as_words(drawn: tuple[Plots, dict[str, bytes]]) -> None:
    words = {name: set(re.findall(r">([^<>\s][^<>]*)</text>", svg.decode())) for name, svg in drawn[1].items()}
    assert {"音乐", "固定文稿", "有意静默", "10-12"} <= words["air"] and "轮不上,太晚" in words["missed"]
    assert {"人声", "基准 −18"} <= words["loudness"] and "TATA木门" in words["vendors"]
    assert b"<script" not in b"".join(drawn[1].values())


def test_a_long_name_leaves_room_for_the_plot() -> None:
    found = trends_of([day(MONDAY)], MONDAY, MONDAY, names={"tata": "很长的名字" * 9})
    assert charts_of(found, "zh")["vendors"].labels == ["很长的名字很长的名字很长的…"]


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    found = trends_of([day(MONDAY)], MONDAY, MONDAY, names={"tata": "满$100_{减$20"})
    assert "满$100_{减$20" in Plots(tmp_path).get(charts_of(found, "zh"), "svg")["vendors"].decode()


def test_the_same_period_is_drawn_once(drawn: tuple[Plots, dict[str, bytes]], two_weeks: Trends) -> None:
    plots, found = drawn
    assert plots.get(charts_of(two_weeks, "zh"), "svg") == found and plots.drawn == 1
    other = trends_of([day(MONDAY)], MONDAY, MONDAY)
    assert key_of(charts_of(other, "zh"), "svg") != key_of(charts_of(two_weeks, "zh"), "svg")


def test_a_child_that_fails_is_told_in_words(two_weeks: Trends, tmp_path: Path) -> None:
    with pytest.raises(PlotError, match="no library here"):
        Plots(tmp_path, ("python3", "-c", "raise SystemExit('no library here')")).get(charts_of(two_weeks, "zh"), "svg")


def test_not_every_thread_of_the_page_waits_for_a_plot(two_weeks: Trends, tmp_path: Path) -> None:
    plots = Plots(tmp_path)
    for _ in range(MOST_WAIT):
        plots.waiting.acquire()
    with pytest.raises(TooOften):
        plots.get(charts_of(two_weeks, "zh"), "svg")


# --- page


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("store")) as store:
        for back in (1, 2):
            on = DAY - timedelta(days=back)
            for clock in ("10:00:00", "10:01:00", "10:02:00"):
                store.aired("a", on, clock)
            store.aired("b", on, "11:00:00", Outcome.SKIPPED, "太晚 / too late")
            DaySums(store.database, "main").write(on, ZONE, at("09:00"), programme_s=3600.0)
        store.aired("a", DAY - timedelta(days=3), "10:00:00")
        yield store


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "laozhao")
    return client


def test_the_page_has_the_eight_weeks_up_to_yesterday(client: FlaskClient) -> None:
    page = client.get("/reports/trends").text
    assert "2026-10-05 – 2026-11-27" in page and "75.00 %" in page and "还有 1 天没有汇总" in page
    assert page.count('<img class="trend-plot"') == 5 and "轮不上,太晚" in page


def test_a_period_without_anything_says_how_to_see_today(client: FlaskClient) -> None:
    page = client.get("/reports/trends?from=2026-08-01&to=2026-08-07").text
    assert "要看今天到现在为止的" in page and f"to={DAY}" in page


def test_what_was_due_today_and_is_not_in_the_log_is_missed(store: Store, tmp_path: Path) -> None:
    clock = RehearsalClock(at("10:37:40"))
    room = TrendsRoom(store.database, clock, lambda: ZONE, "main", tmp_path, lambda on: ["script", "script"])
    assert room.trends(DAY, DAY).total.missed["unrecorded"] == 2


def test_today_is_summed_up_as_it_is_so_far(client: FlaskClient, store: Store) -> None:
    store.aired("a", DAY, "09:50:00")
    told = client.get(f"/api/v1/reports/trends?from={DAY}&to={DAY}").json
    assert told and (told["total"]["due"], told["total"]["days"]) == (1, 1)


def test_the_api_tells_the_pages_figures(client: FlaskClient) -> None:
    told = client.get("/api/v1/reports/trends").json
    assert told and told["total"]["due"] == 8 and told["total"]["missed"] == {"late": 2}
    assert told["missing"] == ["2026-11-25"] and told["weeks"][0]["seconds"]["unknown"] == 2 * (3600 - 60)


@pytest.mark.parametrize("query", ["from=2026-11-28&to=2026-11-01", "from=2020-01-01&to=2026-11-01", "from=x"])
def test_a_period_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/reports/trends?{query}").status_code == 404
    assert client.get(f"/api/v1/reports/trends?{query}").status_code == 400


def test_a_plot_that_there_is_not(client: FlaskClient) -> None:
    assert client.get("/reports/trends/nothing.svg").status_code == 404


def test_vendors_have_their_names_in_the_readers_language(store: Store) -> None:
    assert store.offices.trends and store.offices.reports
    store.offices.reports.vendors.put("tata", "TATA木门", "TATA Doors", by="liqiang")
    with store.database.writing() as connection:
        connection.execute(insert(asrun_days).values(
            zone="main", date=MONDAY, made_at=at("09:00"),
            sums={name: value for name, value in asdict(day(MONDAY)).items() if name != "date"},
        ))  # fmt: skip
    for language, name in (("zh", "TATA木门"), ("en", "TATA Doors")):
        assert store.offices.trends.sheet(MONDAY, MONDAY, language).trends.vendors[0].name == name
