from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from broadcaster.errors import MediaError
from broadcaster.web import i18n
from broadcaster.web.app import create_app
from tests.web_fakes import FakeStation


@pytest.fixture
def station() -> FakeStation:
    return FakeStation("10:37:40")


@pytest.fixture
def client(station: FakeStation) -> FlaskClient:
    return create_app(station).test_client()


@pytest.mark.parametrize("age_s", [-10, 10])
def test_a_compiled_catalogue_is_used_only_while_it_is_newer(tmp_path: Path, age_s: int) -> None:
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    text = folder / "messages.po"
    text.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Now"\nmsgstr "旧"\n', "utf-8"
    )
    text.with_suffix(".mo").write_bytes(i18n.compile_catalogue(text))
    text.write_text(text.read_text("utf-8").replace("旧", "新"), "utf-8")
    stamp = text.stat().st_mtime - age_s
    os.utime(text.with_suffix(".mo"), (stamp, stamp))
    assert i18n.load_catalogue("zh", tmp_path).gettext("Now") == ("新" if age_s > 0 else "旧")


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("", "zh-CN"),
        ("fr", "zh-CN"),
        ("en-GB,en;q=0.8", "en"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "zh-CN"),
        ("zh-Hant-TW", "zh-CN"),
        ("en, zh;q=0", "en"),
    ],
)
def test_chinese_unless_the_browser_knows_only_english(client: FlaskClient, accept: str, lang: str) -> None:
    assert f'<html lang="{lang}"' in client.get("/", headers={"Accept-Language": accept}).text


def test_the_chosen_language_is_remembered(client: FlaskClient) -> None:
    answer = client.get("/lang/en?next=/day/2026-11-29")
    assert answer.headers["Location"] == "/day/2026-11-29"
    assert "Rundown" in client.get("/day/2026-11-29", headers={"Accept-Language": "zh"}).text
    client.get("/lang/zh")
    assert "串联单" in client.get("/").text


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/%09/elsewhere.example",
        "/lang/en",
        "\\\\x",
        "",
    ],
)
def test_the_way_back_never_leads_elsewhere(client: FlaskClient, target: str) -> None:
    assert client.get("/lang/zh", query_string={"next": target}).headers["Location"] == "/"


def test_a_language_that_is_not_there_is_no_page(client: FlaskClient) -> None:
    assert client.get("/lang/fr").status_code == 404


@pytest.mark.parametrize("path", ["/", "/day/2026-11-28", "/nothing", "/api/v1/status", "/api/v1/x", "/static/live.js"])
def test_every_answer_is_hardened(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/day/2026-11-28", "/nothing", "/part/live", "/part/today"])
def test_pages_need_nothing_inline_and_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", html)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', html)


def test_texts_of_others_stay_texts(client: FlaskClient, station: FakeStation) -> None:
    station.alerts = [{"code": "x", "message": "<script>alert(1)</script>"}]
    assert "&lt;script&gt;alert(1)" in client.get("/part/live").text


@pytest.mark.parametrize(("lang", "word"), [("zh", "没有这个页面"), ("en", "There is no such page")])
@pytest.mark.parametrize("path", ["/nothing", "/day/2026-13-01", "/day?date=x", "/day"])
def test_a_wrong_address_is_explained(client: FlaskClient, path: str, lang: str, word: str) -> None:
    client.set_cookie("lang", lang)
    answer = client.get(path)
    assert answer.status_code == 404
    assert word in answer.text


def test_what_is_on_air_survives_a_day_that_cannot_be_laid_out(client: FlaskClient, station: FakeStation) -> None:
    whole = station.status()
    station.status = lambda: whole  # type: ignore[method-assign]
    station.raises = MediaError("01 晨光.flac is damaged")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "厂商促销信息循环" in answer.text
    assert "01 晨光.flac is damaged" in answer.text


def test_a_refused_change_is_shown_with_its_remedy(client: FlaskClient, station: FakeStation) -> None:
    fault = {"code": "unknown-level", "file": "config/programme.yaml", "line": 17, "field": "level", "value": "lihgt"}
    station.faults = [
        {**fault, "message": "no level of this name", "remedy": "did you mean light?", "severity": "error"}
    ]
    page = client.get("/").text
    for word in ("config/programme.yaml:17", "lihgt", "no level of this name", "did you mean light?", "08:55:12"):
        assert word in page


def test_deliberate_silence_is_told_from_a_hole(client: FlaskClient, station: FakeStation) -> None:
    station.clock = FakeStation("09:41:00").clock
    assert "静默（按计划）" in client.get("/part/live").text
    hole = station.status()
    hole["on_air"]["silence"] = False
    station.status = lambda: hole  # type: ignore[method-assign]
    assert "当前没有声音" in client.get("/").text


def test_outside_programme_time_the_page_says_so(client: FlaskClient, station: FakeStation) -> None:
    station.clock = FakeStation("20:00:00").clock
    page = client.get("/part/live").text
    assert "节目时间外" in page
    assert "今天没有更多安排" in page


def test_a_rehearsal_is_marked(client: FlaskClient, station: FakeStation) -> None:
    assert "彩排" not in client.get("/").text
    station.rehearsal = True
    assert "彩排" in client.get("/").text
