"""The day page: planned against aired, filters, and why."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from broadcaster.errors import NotRunning
from broadcaster.web.app import create_app
from broadcaster.web.day_sheet import Sheet, Window, build_sheet
from tests.web_fakes import DAY, FakeStation, at


@pytest.fixture
def station() -> FakeStation:
    return FakeStation("10:37:40")


@pytest.fixture
def client(station: FakeStation) -> FlaskClient:
    return create_app(station).test_client()


def sheet(station: FakeStation, window: Window | None = None) -> Sheet:
    day = station.today()
    return build_sheet(station.rundown(day), station.asrun(day)["entries"], station.now(), window or Window())


def test_every_planned_spot_stands_once_with_what_became_of_it(station: FakeStation) -> None:
    found = [line for part in sheet(station).parts for line in part.lines if not line.music]
    assert [line.item["id"] for line in found] == [spot["id"] for spot in station.rundown(DAY)["spots"]]
    assert {line.state for line in found} == {"aired", "planned"}


def test_the_next_spot_is_the_first_that_did_not_air(station: FakeStation) -> None:
    coming = sheet(station).next
    assert coming and coming.at > station.now()


def test_what_only_the_log_knows_is_shown_as_such(station: FakeStation) -> None:
    rundown, entries = station.rundown(DAY), station.asrun(DAY)["entries"]
    gone = rundown["spots"].pop(0)
    found = build_sheet(rundown, entries, station.now(), Window())
    beside = [line for part in found.parts for line in part.lines if not line.planned and not line.music]
    assert found.beside == 1 and [line.item["spot_id"] for line in beside] == [gone["id"]]


def test_a_window_keeps_its_lines_and_no_other(station: FakeStation) -> None:
    found = sheet(station, Window(at("10:00"), at("11:00")))
    times = [line.at for part in found.parts for line in part.lines]
    assert times and all(at("10:00") <= time < at("11:00") for time in times)


def test_trouble_alone(station: FakeStation) -> None:
    first = station.rundown(DAY)["spots"][0]["id"]
    station.outcomes[first] = ("skipped", "太晚 / too late")
    found = sheet(station, Window(show="trouble"))
    assert [line.item["id"] for part in found.parts for line in part.lines] == [first]


def test_the_page_is_open_to_everybody_and_filters(client: FlaskClient) -> None:
    page = client.get("/day/2026-11-28?from=10:00&to=10:05").text
    assert "天气预报" in page and "欢迎语" not in page


@pytest.mark.parametrize("query", ["from=late", "show=nothing", "to=25:00"])
def test_a_filter_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/day/2026-11-28?{query}").status_code == 404


def test_every_line_leads_to_its_reasons(client: FlaskClient) -> None:
    page = client.get("/day/2026-11-28?from=10:00&to=10:01").text
    ask, link = re.search(r'hx-get="(/part/why\?at=[^"]+)"', page), re.search(r'href="(/why\?at=[^"]+)"', page)
    assert ask and link
    part = client.get(ask[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert "插播“欢迎语”09:42:00 开始" in part and "config/programme.yaml:24" in part and "<html" not in part
    for whole in (client.get(link[1]).text, client.get(ask[1]).text):
        assert "<html" in whole and "插播“欢迎语”09:42:00 开始" in whole and "实际播出与计划一致" in whole


def test_a_time_that_makes_no_sense_can_be_mended(client: FlaskClient) -> None:
    page = client.get("/why?date=2026-11-28&time=25:00").text
    assert "25:00" in page and 'role="alert"' in page and 'value="2026-11-28"' in page
    assert client.get("/why?at=noon").status_code == 404


def test_a_printed_day_has_all_lines_open_and_no_reasons(client: FlaskClient) -> None:
    page = client.get("/day/2026-11-28?print=1").text
    parts = re.findall(r'<details class="day-part[^>]*>', page)
    assert parts and all(" open" in part for part in parts) and "/part/why" not in page


def test_a_future_date_has_no_log(client: FlaskClient) -> None:
    page = client.get("/day/2027-01-05").text
    assert "欢迎语" in page and "is-unrecorded" not in page


def test_a_day_that_cant_be_laid_out_says_why(client: FlaskClient, station: FakeStation) -> None:
    station.raises = NotRunning("还没有可播的计划")
    assert "还没有可播的计划" in client.get("/day/2026-11-28").text


def test_a_long_part_brings_its_lines_when_it_is_opened(client: FlaskClient) -> None:
    page = client.get("/day/2026-11-28").text
    link = re.search(r'hx-get="(/day/2026-11-28\?from=[^"]+)"', page)
    assert link
    path = link[1].replace("&amp;", "&")
    part = client.get(path, headers={"HX-Request": "true"}).text
    assert "<html" not in part and part.count("<tr") > 8
    assert "<html" in client.get(path).text
