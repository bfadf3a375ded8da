"""The notice form: what people write, and what of it becomes a draft."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from broadcaster.notices.models import NoticeDraft
from broadcaster.notices.naming import name_of
from broadcaster.web.app import create_app
from broadcaster.web.notice_form import blank, read_form, show_draft
from broadcaster.web.previews import Piece, by_day, mark
from tests.web_fakes import ZONE, FakeStation, at

TODAY = date(2026, 11, 28)


@pytest.fixture
def app() -> Flask:
    return create_app(FakeStation())


def filled(app: Flask, **values: Any) -> Any:
    with app.test_request_context():
        return read_form({**blank(TODAY), "title": "满减", "text": "满一千减二百", **values}, TODAY)


@pytest.mark.parametrize("written", ["10:05 14:00", "10:05,14:00", "10：05、14:00", "10:05;  14:00\n"])
def test_several_times_in_a_line(app: Flask, written: str) -> None:
    assert filled(app, at=written).draft.when.at == ("10:05", "14:00")


@pytest.mark.parametrize(
    "written", ["10:05-11:30\n14:00-15:30", "10:05–11:30,14:00～15:30", "１０：０５至11:30；14:00到15:30"]
)
def test_windows_line_by_line(app: Flask, written: str) -> None:
    when = filled(app, kind="every", every="20", windows=written).draft.when
    assert when.every == 1200
    assert [str(window.start) for window in when.windows] == ["10:05", "14:00"]
    assert [str(window.end) for window in when.windows] == ["11:30", "15:30"]


def test_now_is_today_and_urgent(app: Flask) -> None:
    draft = filled(app, kind="now", first="2026-12-24", last="2026-12-31", at="10:00").draft
    assert (draft.when.now, draft.when.first, draft.when.last) == (True, TODAY, TODAY)
    assert draft.priority == "urgent"


def test_no_chime_is_a_choice(app: Flask) -> None:
    assert filled(app, at="10:05", chime="").draft.chime is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"at": ""}, "at"),
        ({"at": "25:00"}, "at"),
        ({"at": "10:05", "title": " ", "text": " ", "recording": "a.wav"}, "title"),
        ({"at": "10:05", "last": "2026-11-27"}, "last"),
        ({"at": "10:05", "first": "morgen"}, "first"),
        ({"kind": "every", "every": "", "windows": "10:00-11:00"}, "every"),
        ({"kind": "every", "every": "bald", "windows": "10:00-11:00"}, "every"),
        ({"kind": "every", "every": "20", "windows": ""}, "windows"),
        ({"kind": "every", "every": "20", "windows": "10:00"}, "windows"),
        ({"kind": "rotation", "rotation": ""}, "rotation"),
        ({"at": "10:05", "read": "50"}, "read"),
        ({"at": "10:05", "speed": "schnell"}, "speed"),
        ({"at": "10:05", "dates": "2026-13-01"}, "dates"),
        ({"at": "10:05", "text": "字" * 2001}, "text"),
        ({"at": "10:05", "recording": "../../etc/passwd"}, "recording"),
    ],
)
def test_a_fault_is_told_beside_its_field(app: Flask, values: dict[str, Any], field: str) -> None:
    entry = filled(app, **values)
    assert entry.draft is None
    assert list(entry.wrong) == [field]


@pytest.mark.parametrize(
    "when",
    [
        {"now": True, "first": "2026-11-28", "last": "2026-11-28"},
        {"at": ["10:05", "close - 10 min"], "first": "2026-11-28", "last": "2026-12-24"},
        {
            "every": "90 s",
            "windows": [{"from": "close - 2 h", "to": "close - 5 min"}],
            "first": "2026-11-28",
            "last": "2026-11-28",
        },
        {"rotation": "vendor-promos", "first": "2026-11-28", "last": "2026-11-29", "days": ["weekend"]},
        {"at": "10:05", "first": "2026-11-28", "last": "2026-12-24", "dates": ["2026-12-01"], "except": ["holiday"]},
    ],
)
def test_a_draft_in_the_form_and_back_is_the_same(app: Flask, when: dict[str, Any]) -> None:
    draft = NoticeDraft.model_validate(
        {
            "title": "满减",
            "text": "满一千减二百",
            "when": when,
            "read": 2,
            "chime": None,
            "lateness": "skip",
            "speed": 0.9,
        }
    )
    with app.test_request_context():
        assert read_form(show_draft(draft), TODAY).draft == draft


class Word:
    """A doubt, as far as marking looks at it."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end


def test_doubts_are_marked_in_the_text() -> None:
    words: Any = [Word(4, 6), Word(0, 2), Word(5, 6), Word(90, 99)]
    assert mark("重庆火锅单女士", words) == [Piece("重庆", 1), Piece("火锅"), Piece("单女", 0), Piece("士")]


def test_times_are_told_by_local_date() -> None:
    late, early = at("23:59"), at("00:01", date(2026, 11, 29))
    assert [(day.day.day, day.count) for day in by_day([early, late], ZONE)] == [(28, 1), (29, 1)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("今日全场8.8折，欢迎选购。", "今日全场8.8折"),
        ("满1,000减200.欢迎", "满1,000减200"),
        ("。。好", "好"),
        ("欧派橱柜本周特价静音门3980元起", "欧派橱柜本周特价静音门3980…"),
        ("欧派橱柜本周末特价静音门全场3980元起", "欧派橱柜本周末特价静音门全场…"),
        ("欢迎光临本店三楼新开的展厅TATA木门", "欢迎光临本店三楼新开的展厅…"),
        ("今天全场静音门一律只要￥3,980.50元起", "今天全场静音门一律只要…"),
        ("Supercalifragilistic", "Supercalifragil…"),
        ("欢迎光临全国最大的家居建材商场总店", "欢迎光临全国最大的家居建材商场…"),
    ],
)
def test_a_notice_is_named_by_its_first_words(text: str, name: str) -> None:
    assert name_of(text) == name
