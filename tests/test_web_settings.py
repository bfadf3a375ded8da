"""Settings: what is sent lands in the plan's files through the plan room, what is wrong is told at its field."""

from __future__ import annotations

import dataclasses
import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.clock import RehearsalClock
from broadcaster.errors import UsageError
from broadcaster.plan.models import WeatherSource
from broadcaster.rooms.caretaking import Caretaker
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database
from broadcaster.web.app import create_app
from tests.programme_kit import Rooms, open_rooms
from tests.weather_kit import OPEN_METEO, served
from tests.web_fakes import FakeStation, at, store_plan
from tests.web_forms import Page
from tests.web_offices import PASSWORD, log_in, token

LEVELS, STATION = "config/levels.yaml", "config/station.yaml"


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    """The plan room over the starter's files, and a caretaker over the same home."""
    with open_rooms(tmp_path) as rooms:
        clock = RehearsalClock(at("10:37:40"))
        database = open_database(Home(rooms.home).database)
        keeper: Any = SimpleNamespace(plan=store_plan())
        caretaker = Caretaker(
            Home(rooms.home), clock, keeper, rooms.publisher.studio, AuditTrail(database, clock)
        )  # fmt: skip
        yield dataclasses.replace(rooms, offices=dataclasses.replace(rooms.offices, settings=caretaker))
        database.dispose()


@pytest.fixture
def client(rooms: Rooms) -> FlaskClient:
    return create_app(FakeStation(), rooms.offices).test_client()


def send(client: FlaskClient, path: str, fields: Mapping[str, str], **more: str) -> Any:
    """The page's own form with some fields changed, as a browser sends it."""
    form = next(one for one in Page(client.get(path).text).forms if "tag" in one.fields or one.action == path)
    return client.post(path, data={**form.fields, **fields, **more})


def text(rooms: Rooms, file: str) -> str:
    return (rooms.home / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["", "/station", "/levels", "/voices", "/weather", "/alerts"])
@pytest.mark.parametrize("name", ["wanglan", "laozhao", "dashan"])
def test_everybody_may_look(client: FlaskClient, name: str, page: str) -> None:
    log_in(client, name)
    assert client.get(f"/settings{page}").status_code == 200


def test_a_level_is_changed_in_its_file_and_comments_stay(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    before = text(rooms, LEVELS)
    assert send(client, "/settings/levels", {"speech.nominal": "22"}).status_code == 303
    assert text(rooms, LEVELS) == before.replace("nominal: 21", "nominal: 22")


def test_what_is_not_touched_is_not_written(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    before = text(rooms, LEVELS)
    assert send(client, "/settings/levels", {}).status_code == 303
    assert text(rooms, LEVELS) == before and rooms.room.versions()[0].how == "file"


def test_it_sets_levels_too(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "dashan")
    assert 'name="speech.nominal"' in client.get("/settings/levels").text
    assert send(client, "/settings/levels", {"speech.nominal": "22"}).status_code == 303
    data = {"csrf_token": token(client, "/settings/levels/calibrate"), "number": ["20", "24", "27"],
            "gain": ["0", "-4", "-7"]}  # fmt: skip
    assert client.post("/settings/levels/calibrate", data=data).status_code == 303
    assert "nominal: 22" in text(rooms, LEVELS) and "table" in text(rooms, LEVELS)


def held(page: str) -> dict[str, str]:
    """The form as a browser holds it, with what stands in its fields."""
    inputs = dict(re.findall(r'<input [^>]*name="([^"]+)"[^>]* value="([^"]*)"', page))
    return {**next(one for one in Page(page).forms if "tag" in one.fields).fields, **inputs}


def nominal(rooms: Rooms, level: str) -> Any:
    return rooms.room.open().levels["levels"][level].get("nominal")


def test_an_older_page_changes_only_what_its_reader_touched(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    older = held(client.get("/settings/levels").text)
    send(client, "/settings/levels", {"english.nominal": "26"})
    assert older["english.nominal"] != "26"
    answer = client.post("/settings/levels", data={**older, "speech.nominal": "22"})
    assert answer.status_code == 303 and (nominal(rooms, "english"), nominal(rooms, "speech")) == (26, 22)


def test_after_a_conflict_saving_again_writes_only_ones_own(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    older = held(client.get("/settings/levels").text)
    send(client, "/settings/levels", {"english.nominal": "26", "speech.nominal": "23"})
    told = client.post("/settings/levels", data={**older, "speech.nominal": "22"})
    assert told.status_code == 200 and nominal(rooms, "speech") == 23 and "speech" in told.text
    again = held(told.text)
    assert (again["speech.nominal"], again["english.nominal"]) == ("22", "26")
    assert client.post("/settings/levels", data=again).status_code == 303
    assert (nominal(rooms, "english"), nominal(rooms, "speech")) == (26, 22)


def test_a_wrong_number_is_told_at_its_field_and_nothing_is_lost(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    before = text(rooms, LEVELS)
    answer = send(client, "/settings/levels", {"speech.nominal": "99", "light.title": "轻轻的音乐"})
    assert answer.status_code == 200 and text(rooms, LEVELS) == before
    assert 'value="99"' in answer.text and "轻轻的音乐" in answer.text and "is-invalid" in answer.text


def test_lengths_keep_their_unit(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "liqiang")
    assert send(client, "/settings/station", {"crossfade": "3", "duck_by": "12"}).status_code == 303
    assert "crossfade: 3 s" in text(rooms, STATION) and "by: 12 dB" in text(rooms, STATION)


def test_an_announcer_does_not_set_the_station(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    data = {"csrf_token": token(client, "/settings/station"), "name": "我的店"}
    assert client.post("/settings/station", data=data).status_code == 403
    assert "我的店" not in text(rooms, STATION)


def test_a_dial_measured_by_ear_becomes_a_table(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    found = {"number": ["20", "24", "27"], "gain": ["0", "-4.5", "-8"]}
    data = {"csrf_token": token(client, "/settings/levels/calibrate"), **found}
    assert client.post("/settings/levels/calibrate", data=data).status_code == 303
    dial = rooms.room.open().levels["dial"]
    assert {float(number): gain for number, gain in dial["table"].items()} == {20: 0, 24: -4.5, 27: -8}


def test_a_gain_above_the_reference_is_refused(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "wanglan")
    data = {"csrf_token": token(client, "/settings/levels/calibrate"), "number": "24", "gain": "3"}
    client.post("/settings/levels/calibrate", data=data)
    assert "table" not in rooms.room.open().levels["dial"]
    sound = client.post("/settings/levels/calibrate/sound", data={**data, "gain_db": "6"})
    assert sound.status_code == 400


def test_the_weather_is_set_and_its_key_never_shown(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "dashan")
    fields = {"place": "杭州", "latitude": "30.25", "longitude": "120.15", "key": "top-secret-key", "do": "save"}
    assert send(client, "/settings/weather", fields).status_code == 303
    assert rooms.room.open().station["weather"]["key"] == "top-secret-key"
    for page in ("/settings/weather", "/api/v1/plan", "/programme/versions"):
        assert "top-secret-key" not in client.get(page).text
    assert send(client, "/settings/weather", {"place": "宁波", "do": "save"}).status_code == 303
    assert rooms.room.open().station["weather"]["key"] == "top-secret-key"


def test_the_weather_can_be_taken_out(client: FlaskClient, rooms: Rooms) -> None:
    log_in(client, "dashan")
    fields = {"place": "杭州", "latitude": "30.25", "longitude": "120.15", "do": "save"}
    send(client, "/settings/weather", fields)
    send(client, "/settings/weather", {"do": "off"})
    assert "weather" not in rooms.room.open().station


def test_the_forecast_is_tried_out_with_the_words_that_would_be_said(rooms: Rooms) -> None:
    assert rooms.offices.settings is not None
    with served(OPEN_METEO) as provider:
        content = {"place": "杭州", "latitude": 30.25, "longitude": 120.15, "url": provider.url}
        tried = rooms.offices.settings.try_weather(WeatherSource.model_validate(content))
    assert "杭州" in tried.text, tried


def test_a_backup_is_made_and_handed_out_whole(client: FlaskClient) -> None:
    log_in(client, "dashan")
    data = {"csrf_token": token(client, "/settings/backup")}
    assert client.post("/settings/backup", data=data).status_code == 303
    (link,) = [one for one in Page(client.get("/settings/backup").text).links if one.endswith(".zip")]
    with client.get(link) as answer, zipfile.ZipFile(BytesIO(answer.data)) as archive:
        assert archive.testzip() is None and "config/programme.yaml" in archive.namelist()


@pytest.mark.parametrize("name", ["../page.key", "..%2Fpage.key", "x.zip", "%2Fetc%2Fpasswd"])
def test_nothing_else_is_handed_out(client: FlaskClient, name: str) -> None:
    log_in(client, "dashan")
    assert client.get(f"/settings/backup/{name}").status_code == 404


def test_only_the_last_backups_stay(rooms: Rooms) -> None:
    caretaker = rooms.offices.settings
    assert caretaker is not None
    folder = rooms.home / "var" / "backups"
    folder.mkdir(parents=True)
    for number in range(20):
        (folder / f"20200101-0000{number:02}.zip").write_bytes(b"")
    name = caretaker.make_backup(music=False, who="dashan", where="")
    kept = [one.name for one in caretaker.backups()]
    # As many as config/station.yaml says, here by default.
    assert len(kept) == 14 and kept[0] == name


def test_a_voice_that_is_none_has_no_sample(rooms: Rooms) -> None:
    assert rooms.offices.settings is not None
    with pytest.raises(UsageError):
        rooms.offices.settings.sample("nobody")


def test_the_api_does_what_the_page_does(client: FlaskClient) -> None:
    def ask(method: str, path: str, body: Any = None) -> Any:
        return client.open(f"/api/v1{path}", method=method, json=body, auth=("dashan", PASSWORD))

    assert ask("GET", "/engines").get_json()["engines"]
    made = ask("POST", "/backups", {"music": False})
    assert made.status_code == 201 and made.get_json()["music"] is False
    with ask("GET", f"/backups/{made.get_json()['name']}") as answer:
        assert zipfile.is_zipfile(BytesIO(answer.data))
    assert [one["name"] for one in ask("GET", "/backups").get_json()["backups"]] == [made.get_json()["name"]]
    assert ask("GET", "/voices/nobody/sample").status_code == 400
    assert ask("POST", "/weather/try", {"place": "杭州"}).status_code == 422
    assert ask("POST", "/air/test-sound", {"gain_db": 3}).status_code == 422


def test_the_api_keeps_backups_from_announcers(client: FlaskClient) -> None:
    assert client.get("/api/v1/backups", auth=("wanglan", PASSWORD)).status_code == 403
