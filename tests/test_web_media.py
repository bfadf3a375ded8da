"""The pages of scripts and playlists, by their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.editing.models import Edit
from broadcaster.web.app import create_app
from tests.media_kit import Rooms, open_media_house, song_bytes, wait_for
from tests.web_fakes import FakeStation
from tests.web_offices import House, log_in, token


def sound(client: FlaskClient, method: str, path: str, **how: Any) -> tuple[int, bytes]:
    """Status and bytes of an answer that is a file; the file is closed."""
    with client.open(path, method=method, **how) as answer:
        return answer.status_code, answer.data


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Rooms]]:
    with open_media_house(tmp_path_factory.mktemp("media")) as found:
        yield found


@pytest.fixture
def rooms(house: tuple[House, Rooms]) -> Rooms:
    return house[1]


@pytest.fixture
def client(house: tuple[House, Rooms]) -> FlaskClient:
    client = create_app(FakeStation(), house[0].offices).test_client()
    log_in(client, "wanglan")
    return client


def script_form(client: FlaskClient, page: str, **fields: str) -> dict[str, str]:
    text = client.get(page).text
    tag = re.search(r'name="tag" value="([^"]*)"', text)
    usual = {"title_zh": "新年好", "text": "祝大家新年好", "read": "1", "pause": "1.5", "do": "publish"}
    return {"csrf_token": token(client, page), "tag": tag[1] if tag else "", **usual, **fields}


def test_lists_show_use_and_faults(client: FlaskClient) -> None:
    scripts = client.get("/scripts").text
    assert "欢迎" in scripts and "下次播出" in scripts
    playlists = client.get("/playlists").text
    assert "evening" in playlists and "没有用到" in playlists and "背景音乐" in playlists


def test_a_script_is_changed_line_by_line(client: FlaskClient, rooms: Rooms) -> None:
    sheet = next(one for one in rooms.scripts.scripts() if one.used_by)
    page = f"/scripts/{sheet.id}"
    form = script_form(client, page, title_zh=sheet.script.title.zh, text="改过的话", read="2", pause="2")
    form["title_en"] = sheet.script.title.en if sheet.script.title.en != sheet.script.title.zh else ""
    for name in ("voice", "chime", "level"):
        form[name] = str(getattr(sheet.script, name) or "")
    form["speed"] = f"{sheet.script.speed:g}" if sheet.script.speed else ""
    assert client.post(page, data=form).status_code == 303
    changed = rooms.scripts.script(sheet.id).script
    assert changed == sheet.script.model_copy(update={"text": "改过的话", "read": 2, "pause": 2.0})


def test_a_new_script_gets_a_name_and_is_deleted_unless_used(client: FlaskClient, rooms: Rooms) -> None:
    answer = client.post("/scripts/new", data=script_form(client, "/scripts/new", text="一\n二"))
    assert answer.status_code == 303
    name = answer.location.rpartition("/")[2]
    assert rooms.scripts.script(name).script.text.strip() == "一\n二"
    gone = client.post(f"/scripts/{name}/delete", data={"csrf_token": token(client, "/scripts/new")})
    assert gone.status_code == 303 and name not in [one.id for one in rooms.scripts.scripts()]
    used = next(one for one in rooms.scripts.scripts() if one.used_by)
    kept = client.post(f"/scripts/{used.id}/delete", data={"csrf_token": token(client, "/scripts/new")})
    assert kept.status_code == 409 and "正在用" in kept.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title_zh": ""}, "请写标题"),
        ({"text": ""}, "写上文字，或选一个录音"),
        ({"speed": "9"}, "0.5 到 2"),
        ({"read": "0"}, "1 到 20"),
        ({"pause": "600"}, "最多 60"),
        ({"recording": "../../../etc/passwd"}, "没有这个录音"),
        ({"id": "../x"}, "小写字母"),
        ({"id": "new"}, "已经有文稿"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(client: FlaskClient, fields: dict[str, str], words: str) -> None:
    answer = client.post("/scripts/new", data=script_form(client, "/scripts/new", **fields))
    assert answer.status_code in (409, 422) and words in answer.text


def test_a_script_is_heard_and_corrected_before_it_is_published(client: FlaskClient, house: Any) -> None:
    form = script_form(client, "/scripts/new", text="重装开业", do="hear")
    part = client.post("/part/script", data=form).text
    heard = re.search(r'src="(/hear/[^"]+)"', part)
    assert heard and sound(client, "GET", heard[1])[1].startswith(b"RIFF")
    assert "zhòng" in part and "pick-1:" in part
    reading = {"do": "correct-1", "word-1": "重装", "saying-1": "chóng zhuāng"}
    assert client.post("/part/script", data={**form, **reading}).status_code == 200
    assert [(one.word, one.reading) for one in house[0].voice.lexicon()] == [("重装", "chóng zhuāng")]


def test_of_two_who_write_the_second_is_told_and_chooses(client: FlaskClient, rooms: Rooms, house: Any) -> None:
    sheet = rooms.scripts.scripts()[0]
    form = script_form(client, f"/scripts/{sheet.id}", text="我写的")
    plan = house[0].offices.plan
    theirs = Edit(file=sheet.file, op="set", path=("text",), value="李强写的")
    plan.publish(plan.open().tag, [theirs], who="liqiang", words="换了开头")
    answer = client.post(f"/scripts/{sheet.id}", data=form)
    assert answer.status_code == 409 and "李强" in answer.text and "换了开头" in answer.text and "我写的" in answer.text
    assert rooms.scripts.script(sheet.id).script.text == "李强写的"
    seen = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert seen and client.post(f"/scripts/{sheet.id}", data={**form, "seen": seen[1]}).status_code == 303
    assert rooms.scripts.script(sheet.id).script.text == "我写的"


def test_what_others_changed_elsewhere_stands_in_nobodys_way(client: FlaskClient, rooms: Rooms, house: Any) -> None:
    one, other = rooms.scripts.scripts()[1:3]
    form = script_form(client, f"/scripts/{one.id}", text="各改各的")
    plan = house[0].offices.plan
    theirs = Edit(file=other.file, op="set", path=("text",), value="另一份")
    plan.publish(plan.open().tag, [theirs], who="liqiang")
    assert client.post(f"/scripts/{one.id}", data=form).status_code == 303
    assert rooms.scripts.script(one.id).script.text == "各改各的"


def test_order_by_buttons_rename_remove_and_undo(client: FlaskClient, rooms: Rooms) -> None:
    sheet = rooms.media.playlist("evening")
    csrf = {"csrf_token": token(client, "/playlists/evening")}
    move = {**csrf, "tag": sheet.tag, "key": sheet.tracks[2].key, "do": "up"}
    assert client.post("/playlists/evening/order", data=move).status_code == 303
    assert rooms.titles() == ["晨光", "晚霞", "海风"]
    stale = client.post("/playlists/evening/order", data=move)
    assert stale.status_code == 409 and "刚刚被改过" in stale.text
    key = sheet.tracks[0].key
    client.post(f"/playlists/evening/tracks/{key}", data={**csrf, "do": "rename", "title": "<b>晨</b>"})
    assert "&lt;b&gt;晨&lt;/b&gt;" in client.get("/playlists/evening").text
    page = client.post(f"/playlists/evening/tracks/{key}", data={**csrf, "do": "remove"}, follow_redirects=True).text
    assert "可以放回来" in page
    binned = rooms.media.bin()[0]
    client.post(f"/bin/{binned.id}", data=csrf)
    assert rooms.titles() == ["<b>晨</b>", "晚霞", "海风"]


def test_a_track_is_heard_in_parts(client: FlaskClient, rooms: Rooms) -> None:
    sheet = wait_for(lambda: one if not (one := rooms.media.playlist("light")).waiting else None)
    path = f"/playlists/light/tracks/{sheet.tracks[0].key}.wav"
    status, part = sound(client, "GET", path, headers={"Range": "bytes=44-143"})
    assert status == 206 and len(part) == 100
    assert sound(client, "GET", path)[1].startswith(b"RIFF")
    assert client.get("/playlists/light/tracks/..%2f..%2fstation.yaml.wav").status_code == 404


def test_a_form_without_scripts_sends_files_too(client: FlaskClient, rooms: Rooms, tmp_path: Path) -> None:
    good = song_bytes(hz=710, folder=tmp_path / "sent")
    form = {
        "csrf_token": token(client, "/playlists/evening"),
        "file": [(BytesIO(good), "好的.flac"), (BytesIO(b"text " * 900), "坏的.mp3")],
    }
    assert client.post("/playlists/evening/uploads", data=form).status_code == 303
    wait_for(lambda: {one.state for one in rooms.media.uploads()} == {"kept", "refused"})
    page = client.get("/playlists/evening").text
    assert "好的" in page and "文字文件" in page


def test_who_only_looks_sees_and_hears_and_changes_nothing(house: tuple[House, Rooms]) -> None:
    client = create_app(FakeStation(), house[0].offices).test_client()
    log_in(client, "laozhao")
    page = client.get("/playlists/evening").text
    assert "data-upload" not in page and "晨" in page
    csrf = {"csrf_token": token(client, "/account")}
    assert client.post("/playlists", data={**csrf, "name": "x"}).status_code == 403
    assert client.post("/playlists/evening/uploads", data=csrf).status_code == 403
    sheet = house[1].scripts.scripts()[0]
    assert client.post(f"/scripts/{sheet.id}", data={**csrf, "do": "publish"}).status_code == 403
    assert "/hear/" in client.post(f"/scripts/{sheet.id}", data={**csrf, "do": "hear-as-is"}).text


def test_the_api_does_what_the_pages_do(house: tuple[House, Rooms], rooms: Rooms, tmp_path: Path) -> None:
    client = create_app(FakeStation(), house[0].offices).test_client()
    auth = {"auth": ("liqiang", "correct-horse-9")}
    made = client.post("/api/v1/playlists", json={"name": "夜间"}, **auth)
    assert made.status_code == 201
    good = song_bytes(hz=730, folder=tmp_path / "sent")
    sent = client.post("/api/v1/playlists/夜间/uploads?name=一.flac", data=good, **auth)
    assert sent.status_code == 202 and sent.json is not None
    wait_for(lambda: b'"checking"' not in client.get(sent.location, **auth).data)
    told = client.get(sent.location, **auth).json
    assert told is not None and told["state"] == "kept"
    sheet = client.get("/api/v1/playlists/夜间", **auth).json
    assert sheet is not None and sheet["tracks"][0]["title"] == "一"
    key = sheet["tracks"][0]["key"]
    ordered = client.put("/api/v1/playlists/夜间/order", json={"tag": "old", "keys": [key]}, **auth)
    assert ordered.status_code == 409 and ordered.mimetype == "application/problem+json"
    gone = client.delete(f"/api/v1/playlists/夜间/tracks/{key}", **auth).json
    assert gone is not None and client.post(f"/api/v1/bin/{gone['id']}", **auth).status_code == 200
    assert client.delete("/api/v1/playlists/夜间", **auth).status_code == 204


def test_the_api_of_scripts(house: tuple[House, Rooms]) -> None:
    client = create_app(FakeStation(), house[0].offices).test_client()
    auth = {"auth": ("liqiang", "correct-horse-9")}
    new = client.post("/api/v1/scripts", json={"id": "snow", "script": {"title": "雪", "text": "下雪了"}}, **auth)
    assert new.status_code == 201
    change = {"script": {"title": "雪", "text": "雪停了", "read": 2}}
    assert client.put("/api/v1/scripts/snow", json=change, **auth).status_code == 200
    told = client.get("/api/v1/scripts/snow", **auth).json
    assert told is not None and told["script"]["read"] == 2 and told["used_by"] == []
    wrong = client.put("/api/v1/scripts/snow", json={"script": {"title": "雪", "text": "x", "read": 99}}, **auth)
    assert wrong.status_code == 422
    assert sound(client, "POST", "/api/v1/script-sound", json=change["script"], **auth)[1].startswith(b"RIFF")
    assert client.post("/api/v1/script-preview", json=change["script"], **auth).json["spoken"] == "雪停了"  # type: ignore[index]
    assert client.delete("/api/v1/scripts/snow", **auth).status_code == 200
