"""The plan's files over the API: opened, tried, published, refused, compared, restored; dates marked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.web.app import create_app
from broadcaster.web.contract_plan import Comparison, OpenPlan, PlanTexts, PlanVersion, Trial
from tests.plan_kit import CALENDAR, STATION, edited, text_of
from tests.plan_room_kit import weather_until
from tests.programme_kit import Rooms, open_rooms
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD, log_in, token

EDITS = [one.model_dump(mode="json") for one in weather_until("10:10")]
STATION_EDIT = {"file": STATION, "op": "set", "path": ["separation"], "value": "2 s"}
LEVEL_EDIT = {"file": "config/levels.yaml", "op": "set", "path": ["levels", "speech", "nominal"], "value": 22}


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with open_rooms(tmp_path) as found:
        yield found


@pytest.fixture
def client(rooms: Rooms) -> FlaskClient:
    return create_app(FakeStation(), rooms.offices).test_client()


def ask(client: FlaskClient, path: str, body: Any = None, *, who: str = "wanglan", **words: Any) -> Any:
    method = client.get if body is None else client.post
    return method(f"/api/v1{path}", auth=(who, PASSWORD), **({} if body is None else {"json": body}), **words)


def tag(client: FlaskClient) -> str:
    return str(ask(client, "/plan/tag").json["tag"])


def test_the_plan_is_opened_and_its_tag_spares_the_next_reading(client: FlaskClient) -> None:
    answer = ask(client, "/plan")
    plan = OpenPlan.model_validate(answer.json)
    assert plan.programme["dayparts"][4]["to"] == "10:05" and plan.tag == tag(client)
    assert ask(client, "/plan/tag", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_trial_over_the_api(client: FlaskClient, rooms: Rooms) -> None:
    answer = ask(client, "/plan/try", {"tag": tag(client), "edits": EDITS, "dates": ["2026-11-24"]}, who="laozhao")
    trial = Trial.model_validate(answer.json)
    assert trial.fit and [change.name for change in trial.days["2026-11-24"].changes] == ["weather", "promo-morning"]
    assert "10:10" not in rooms.text()


def test_published_compared_and_restored(client: FlaskClient, rooms: Rooms) -> None:
    before = rooms.text()
    first = ask(client, "/plan").json["version"]
    made = ask(client, "/plan/publish", {"tag": tag(client), "edits": EDITS, "words": "天气晚五分钟"})
    version = PlanVersion.model_validate(made.json)
    assert made.status_code == 201 and version.who == "wanglan" and version.tag == tag(client)
    told = Comparison.model_validate(ask(client, f"/plan/compare?a={first}&b={version.id}").json)
    assert {entry.after for entry in told.files[0].entries} == {"10:10"}
    texts = PlanTexts.model_validate(ask(client, f"/plan/versions/{first}").json).texts
    assert texts["config/programme.yaml"] == before
    assert ask(client, f"/plan/versions/{first}/restore", {}).status_code == 201 and rooms.text() == before
    assert len(ask(client, "/plan/versions?limit=2").json["versions"]) == 2


def test_a_conflict_names_who_was_quicker(client: FlaskClient) -> None:
    old = tag(client)
    ask(client, "/plan/publish", {"tag": old, "edits": EDITS, "words": "早一步"})
    late = {"file": "config/programme.yaml", "op": "set", "path": ["dayparts", 4, "level"], "value": "english"}
    answer = ask(client, "/plan/publish", {"tag": old, "edits": [late], "anyway": True}, who="liqiang")
    assert answer.status_code == 409 and answer.mimetype == "application/problem+json"
    told = answer.json["changed"]
    assert (told["who"], told["words"]) == ("wanglan", "早一步") and "weather" in told["entries"][0]


def test_a_faulty_edit_is_refused_with_its_faults(client: FlaskClient) -> None:
    answer = ask(client, "/plan/publish", {"tag": tag(client), "edits": EDITS[:1]})
    assert answer.status_code == 422 and answer.json["faults"][0]["path"] == ["dayparts", 5]


@pytest.mark.parametrize(
    ("who", "edit", "status"),
    [
        ("wanglan", STATION_EDIT, 403), ("dashan", STATION_EDIT, 201), ("liqiang", STATION_EDIT, 201),
        ("dashan", EDITS[0], 403), ("dashan", LEVEL_EDIT, 201), ("wanglan", LEVEL_EDIT, 201),
        ("xiaomei", LEVEL_EDIT, 403), ("laozhao", LEVEL_EDIT, 403),
    ],
)  # fmt: skip
def test_each_file_has_its_editors(who: str, edit: Any, status: int, client: FlaskClient) -> None:
    assert ask(client, "/plan/publish", {"tag": tag(client), "edits": [edit]}, who=who).status_code == status


def test_the_weathers_key_is_shown_to_nobody_who_need_not_know(client: FlaskClient, rooms: Rooms) -> None:
    weather = "weather: {provider: qweather, place: 杭州, latitude: 30, longitude: 120, key: geheim, host: h.example}\n"
    first = ask(client, "/plan").json["version"]
    (rooms.home / STATION).write_text(text_of(STATION) + weather, encoding="utf-8")
    second = ask(client, "/plan").json["version"]
    for path in ("/plan", f"/plan/versions/{second}", f"/plan/compare?a={first}&b={second}"):
        for who in ("xiaomei", "liqiang"):
            assert "geheim" not in ask(client, path, who=who).text, (path, who)
    shown = ask(client, "/plan", who="liqiang").json["station"]["weather"]
    back = {"file": STATION, "op": "set", "path": ["weather"], "value": {**shown, "place": "宁波"}}
    assert ask(client, "/plan/publish", {"tag": tag(client), "edits": [back]}, who="liqiang").status_code == 400


def test_the_stations_files_are_compared_by_those_who_set_them(client: FlaskClient, rooms: Rooms) -> None:
    voices = rooms.home / "config" / "voices.yaml"
    first = ask(client, "/plan").json["version"]
    (rooms.home / STATION).write_text(edited(STATION, ("separation: 1 s", "separation: 2 s")), encoding="utf-8")
    voices.write_text("voices: {announcer: {title: 播音, speed: 1.1}}\n", encoding="utf-8")
    second = ask(client, "/plan").json["version"]
    for who, sees in (("xiaomei", False), ("laozhao", False), ("wanglan", False), ("dashan", True)):
        files = ask(client, f"/plan/compare?a={first}&b={second}", who=who).json["files"]
        texts = ask(client, f"/plan/versions/{second}", who=who).json["texts"]
        assert [bool(one["lines"]) or bool(one["entries"]) for one in files] == [sees, sees], who
        assert [file in texts for file in (STATION, "config/voices.yaml")] == [sees, sees], who


@pytest.mark.parametrize("path", ["/calendar/undo/{}", "/air/unmark/{}"])
def test_an_undo_needs_the_rights_of_what_it_undoes(path: str, client: FlaskClient, rooms: Rooms) -> None:
    made = ask(client, "/plan/publish", {"tag": tag(client), "edits": [STATION_EDIT]}, who="dashan").json
    log_in(client, "wanglan")
    data = {"csrf_token": token(client, "/account")}
    assert client.post(path.format(made["id"]), data=data).status_code == 403
    assert "separation: 2 s" in (rooms.home / STATION).read_text("utf-8")
    assert client.post(path.format(made["id"] + 1), data=data).status_code in (303, 404)


def test_a_date_marked_since_it_was_read_is_a_conflict(client: FlaskClient) -> None:
    old = tag(client)
    assert ask(client, "/days/2026-11-24", {"close": "20:00"}, who="liqiang").status_code == 201
    answer = ask(client, "/days/2026-11-24", {"close": "18:30", "tag": old})
    assert answer.status_code == 409 and answer.json["changed"]["who"] == "liqiang"
    assert ask(client, "/days/2026-11-25", {"close": "18:30", "tag": old}).status_code == 201


@pytest.mark.parametrize(
    "edit",
    [
        {"file": "../../etc/passwd", "op": "set", "path": [], "value": "x"},
        {"file": "announcements/../config/page.yaml", "op": "set", "path": [], "value": "x"},
        {"file": "var/page.key", "op": "remove"},
        {"file": "config/programme.yaml", "op": "remove", "path": []},
        {"file": "config/programme.yaml", "op": "set", "path": ["dayparts", 99, "to"], "value": "x"},
        {"file": "config/programme.yaml", "op": "set", "path": ["dayparts", -1, "to"], "value": "x"},
        {"file": "config/programme.yaml", "op": "insert", "path": ["title"], "value": "x"},
        {"file": "config/programme.yaml", "op": "set", "path": [], "value": 5},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(edit: Any, client: FlaskClient, rooms: Rooms) -> None:
    answer = ask(client, "/plan/publish", {"tag": tag(client), "edits": [edit]}, who="liqiang")
    assert answer.status_code == 400 and answer.json["detail"]
    assert not (rooms.home / "config" / "page.yaml").exists()


def test_a_date_is_tried_marked_and_undone(client: FlaskClient, rooms: Rooms) -> None:
    mark = {"add": ["event"], "spots": {"weather": {"at": ["10:20"]}}, "note": "店庆"}
    tried = Trial.model_validate(ask(client, "/days/2026-11-24/try", mark).json)
    assert tried.days["2026-11-24"].day_types == ["event", "weekday"]
    made = ask(client, "/days/2026-11-24", mark)
    assert made.status_code == 201 and "note: 店庆" in (rooms.home / CALENDAR).read_text("utf-8")
    assert ask(client, f"/plan/versions/{made.json['id']}/undo", {}).status_code == 201
    assert (rooms.home / CALENDAR).read_text("utf-8") == text_of(CALENDAR)


@pytest.mark.parametrize(
    ("mark", "status"),
    [({"add": ["evnt"]}, 400), ({"close": "25:99"}, 400), ({"close": "x"}, 422), ({"until": "2020-01-01"}, 422),
     ({"later_min": 100000}, 422), ({"close": "09:00"}, 422), ({"spots": {"weather": {"at": ["x"]}}}, 422),
     ({"dayparts": {"weather": {"bed": {"playlist": "x"}}}}, 422), ({"add": ["event"], "remove": ["event"]}, 400)],
)  # fmt: skip
def test_a_mark_that_can_not_be_is_refused(mark: Any, status: int, client: FlaskClient) -> None:
    assert ask(client, "/days/2026-12-01", mark, who="liqiang").status_code == status


def test_past_dates_are_tidied(client: FlaskClient, rooms: Rooms) -> None:
    (rooms.home / CALENDAR).write_text(edited(CALENDAR, ("dates: {}", "dates: {2020-01-01: {add: event}}")), "utf-8")
    assert ask(client, "/plan/tidy", {}).status_code == 204
    assert "2020-01-01" not in (rooms.home / CALENDAR).read_text("utf-8")
