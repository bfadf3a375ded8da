"""The programme's pages as the server sends them: who may look, which day is shown, versions side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from broadcaster.editing.models import Edit
from broadcaster.plan.models import Calendar
from broadcaster.web.app import create_app
from broadcaster.web.programme import kinds_of
from tests.programme_kit import Rooms, open_rooms
from tests.web_fakes import FakeStation
from tests.web_offices import log_in, open_house, token

PROGRAMME = "config/programme.yaml"
HOURS = {"hours": {"open": "09:30", "close": "17:30"}}
SUNDAY = date(2026, 11, 22)


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with open_rooms(tmp_path) as rooms:
        yield rooms


@pytest.fixture
def client(rooms: Rooms) -> FlaskClient:
    return create_app(FakeStation(), rooms.offices).test_client()


def publish(rooms: Rooms, start: str, words: str) -> int:
    edit = Edit(file=PROGRAMME, op="set", path=("dayparts", 4, "dial"), value=float(start))
    return rooms.room.publish(rooms.room.tag(), [edit], who="liqiang", words=words).id


def kinds(today: date, **more: object) -> dict[str, tuple[date, bool]]:
    calendar = Calendar.model_validate({**HOURS, **more})
    return {kind.name: (kind.on, kind.pretended) for kind in kinds_of(calendar, "CN", today)}


def test_every_kind_of_day_has_its_next_date() -> None:
    found = kinds(SUNDAY, dates={"2026-12-12": {"add": ["event"]}})
    assert found["weekday"] == (date(2026, 11, 23), False) and found["weekend"] == (SUNDAY, False)
    assert found["holiday"] == (date(2027, 1, 1), False) and found["event"] == (date(2026, 12, 12), False)


def test_a_kind_without_a_date_is_shown_as_an_example() -> None:
    found = kinds(SUNDAY, day_types={"member-night": {"close": "21:00"}})
    assert found["event"] == (SUNDAY, True) and found["member-night"] == (SUNDAY, True)


@pytest.mark.parametrize(
    ("name", "edits"), [("wanglan", True), ("liqiang", True), ("xiaomei", False), ("laozhao", False)]
)
def test_all_look_and_commanders_edit(name: str, edits: bool, client: FlaskClient) -> None:
    log_in(client, name)
    page = client.get("/programme")
    assert page.status_code == 200 and ('id="publish"' in page.text) is edits
    assert f'data-editable="{str(edits).lower()}"' in page.text


def test_a_stranger_is_sent_to_the_log_in(client: FlaskClient) -> None:
    for path in ("/programme", "/programme/day?date=2026-11-28", "/programme/versions", "/programme/versions/1"):
        answer = client.get(path)
        assert answer.status_code == 302 and "/login" in answer.location


def test_without_a_plan_room_the_page_says_so(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        client = create_app(FakeStation(), house.offices).test_client()
        log_in(client, "wanglan")
        answer = client.get("/programme")
    assert answer.status_code == 503 and "不能编辑" in answer.text


def test_a_day_tells_its_types_and_hours(client: FlaskClient) -> None:
    log_in(client, "laozhao")
    day = client.get("/programme/day?date=2026-11-28").json
    assert day == {
        "date": "2026-11-28", "types": ["weekend"], "titles": ["周末"], "open_s": 34_200, "close_s": 64_800,
    }  # fmt: skip


def test_a_day_can_be_shown_as_if_it_were_an_event(client: FlaskClient) -> None:
    log_in(client, "wanglan")
    day = client.get("/programme/day?date=2026-11-23&kind=event").json
    assert day and day["types"] == ["event", "weekday"] and day["close_s"] == 64_800


def test_a_date_that_is_none_is_refused(client: FlaskClient) -> None:
    log_in(client, "wanglan")
    assert client.get("/programme?date=2026-13-40").status_code == 404


def test_the_list_of_versions_names_author_and_words(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "laozhao")
    number = publish(rooms, "24", "轻音乐用 24")
    page = client.get("/programme/versions").text
    assert "李强" in page and "轻音乐用 24" in page and f"/programme/versions/{number}" in page


def test_words_of_an_author_stay_words(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "laozhao")
    number = publish(rooms, "24", "<script>alert(1)</script>")
    for path in ("/programme/versions", f"/programme/versions/{number}"):
        page = client.get(path).text
        assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


def test_two_versions_side_by_side(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    first = rooms.room.open().version
    number = publish(rooms, "24", "轻音乐用 24")
    page = client.get(f"/programme/versions/compare?a={number}&b={first}").text
    assert '<div class="plus">+    dial: 24' in page and "weather" in page


@pytest.mark.parametrize("query", ["", "?a=1", "?a=x&b=2", "?a=999999&b=999998", "?a=99999999999999999999&b=1"])
def test_a_comparison_with_nothing_is_refused(query: str, client: FlaskClient) -> None:
    log_in(client, "wanglan")
    assert client.get(f"/programme/versions/compare{query}").status_code == 404


def test_a_version_comes_back_with_its_words(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    first = rooms.room.open().version
    before = (rooms.home / PROGRAMME).read_bytes()
    publish(rooms, "24", "轻音乐用 24")
    form = {"csrf_token": token(client, f"/programme/versions/{first}"), "words": "改错了"}
    answer = client.post(f"/programme/versions/{first}/restore", data=form)
    latest = rooms.room.versions(1)[0]
    assert answer.status_code == 303 and (rooms.home / PROGRAMME).read_bytes() == before
    assert (latest.who, latest.words) == ("wanglan", "改错了")


def test_a_version_is_undone(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "liqiang")
    before = (rooms.home / PROGRAMME).read_bytes()
    number = publish(rooms, "24", "轻音乐用 24")
    page = f"/programme/versions/{number}"
    assert client.post(f"{page}/undo", data={"csrf_token": token(client, page)}).status_code == 303
    assert (rooms.home / PROGRAMME).read_bytes() == before


@pytest.mark.parametrize("name", ["xiaomei", "laozhao", "dashan"])
@pytest.mark.parametrize("deed", ["restore", "undo"])
def test_who_only_looks_puts_nothing_back(name: str, deed: str, client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, name)
    first = rooms.room.open().version
    number = publish(rooms, "24", "轻音乐用 24")
    form = {"csrf_token": token(client, "/account")}
    target = first if deed == "restore" else number
    assert client.post(f"/programme/versions/{target}/{deed}", data=form).status_code == 403
    assert rooms.room.versions(1)[0].id == number


def test_a_form_without_its_token_is_refused(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    number = publish(rooms, "24", "轻音乐用 24")
    assert client.post(f"/programme/versions/{number}/undo").status_code == 400
    assert rooms.room.versions(1)[0].id == number


def test_only_administrators_see_the_settings_of_the_station(client: FlaskClient, rooms: Rooms) -> None:
    first = rooms.room.open().version
    station = rooms.home / "config/station.yaml"
    station.write_text(station.read_text(encoding="utf-8") + "\n# s3cret\n", encoding="utf-8")
    number = rooms.room.open().version
    assert [version.changed for version in rooms.room.versions(1)] == [("config/station.yaml",)]
    log_in(client, "wanglan")
    page = f"/programme/versions/{number}"
    for path in (page, f"/programme/versions/compare?a={first}&b={number}"):
        answer = client.get(path)
        assert answer.status_code == 200 and "s3cret" not in answer.text
    form = {"csrf_token": token(client, "/account")}
    assert client.post(f"{page}/undo", data=form).status_code == 403
