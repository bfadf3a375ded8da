"""The API of notices, readings and forms: what is described is what is answered."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import BaseModel
from werkzeug.test import TestResponse

from broadcaster.web.app import create_app
from broadcaster.web.openapi import ROUTES, describe
from broadcaster.web.problems import MEDIA_TYPE
from tests.web_fakes import FakeStation, undescribed
from tests.web_offices import PASSWORD, House, log_in, open_house, token
from tests.web_rights_table import shapes

WHEN = {"at": ["10:45", "14:00"], "first": "2026-11-28", "last": "2026-11-29"}
DRAFT: dict[str, Any] = {"title": "满减活动", "text": "TATA木门重大优惠。", "when": WHEN}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(FakeStation("10:37:40"), house.offices)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def ask(client: FlaskClient, method: str, path: str, who: str | None, body: Any = None) -> TestResponse:
    key = base64.b64encode(f"{who}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {key}"} if who else {}
    return client.open(path, method=method, headers=headers, json=body)


def described(answer: TestResponse, model: type[BaseModel] | None) -> Any:
    """The answer, once it is what its model says and nothing besides."""
    assert answer.status_code in (200, 201), answer.text
    assert model is not None
    document = model.model_validate(answer.get_json())
    assert list(undescribed(document)) == []
    return document


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    served = {
        (shape, method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if str(rule).startswith("/api/v1/") or str(rule) in ("/healthz", "/metrics")
        for shape in shapes(str(rule))
    }
    told = {(path, method) for path, deeds in describe()["paths"].items() for method in deeds}
    assert served == {(shape, method) for path, method in told for shape in shapes(path)}


def test_names_of_deeds_are_unlike() -> None:
    names = [deed["operationId"] for deeds in describe()["paths"].values() for deed in deeds.values()]
    assert len(set(names)) == len(names)


def test_a_notice_from_submission_to_withdrawal(client: FlaskClient) -> None:
    models = {(route.method, route.path): route.answer for route in ROUTES}
    notice = models["get", "/api/v1/notices/{number}"]
    made = ask(client, "POST", "/api/v1/notices", "xiaomei", DRAFT)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/notices/1")
    assert described(made, notice).state == "submitted"
    change = {"revision": 1, "draft": {**DRAFT, "text": "TATA木门优惠。"}}
    assert described(ask(client, "PUT", "/api/v1/notices/1", "xiaomei", change), notice).revision == 2
    approved = ask(client, "POST", "/api/v1/notices/1/approve", "wanglan", {"revision": 2, "note": "好"})
    assert described(approved, notice).approvals == ["wanglan"]
    withdrawn = ask(client, "POST", "/api/v1/notices/1/withdraw", "xiaomei", {"reason": "取消"})
    assert described(withdrawn, notice).reason == "取消"
    listed = ask(client, "GET", "/api/v1/notices?state=withdrawn&q=TATA", "laozhao")
    assert [one.id for one in described(listed, models["get", "/api/v1/notices"]).notices] == [1]


def test_the_list_is_read_on(client: FlaskClient) -> None:
    for number in range(3):
        ask(client, "POST", "/api/v1/notices", "xiaomei", {**DRAFT, "title": f"第{number}条"})
    first = ask(client, "GET", "/api/v1/notices?limit=2", "xiaomei").get_json()
    assert [one["id"] for one in first["notices"]] == [3, 2]
    rest = ask(client, "GET", f"/api/v1/notices?limit=2&before={first['before']}", "xiaomei").get_json()
    assert ([one["id"] for one in rest["notices"]], rest["before"]) == ([1], None)


def test_the_preview_tells_words_doubts_and_times(client: FlaskClient) -> None:
    model = next(route.answer for route in ROUTES if route.path == "/api/v1/preview")
    preview = described(ask(client, "POST", "/api/v1/preview", "xiaomei", DRAFT), model)
    assert [doubt.text for doubt in preview.doubts] == ["TATA", "重"]
    assert [f"{moment:%d %H:%M}" for moment in preview.times] == ["28 10:45", "28 14:00", "29 10:45", "29 14:00"]
    assert (preview.count_today, preview.air_s) == (2, 24.0)


def test_readings_are_set_and_taken_out(client: FlaskClient) -> None:
    model = next(route.answer for route in ROUTES if route.path == "/api/v1/lexicon")
    entry = {"word": "TATA", "reading": "塔塔", "note": "木门"}
    assert described(ask(client, "PUT", "/api/v1/lexicon", "xiaomei", entry), model).entries[0].reading == "塔塔"
    assert described(ask(client, "GET", "/api/v1/lexicon", "laozhao"), model).entries[0].note == "木门"
    assert described(ask(client, "DELETE", "/api/v1/lexicon/TATA", "xiaomei"), model).entries == []
    assert ask(client, "DELETE", "/api/v1/lexicon/TATA", "xiaomei").status_code == 400


def test_who_may_not_approve_can_not_change_the_words_of_what_is_approved(client: FlaskClient, house: House) -> None:
    house.voice.approved = "请注意安全"
    entry = {"word": "安全", "reading": "免费", "note": ""}
    refused = ask(client, "PUT", "/api/v1/lexicon", "xiaomei", entry)
    assert refused.status_code == 400 and "请注意安全" in refused.get_json()["detail"]
    assert ask(client, "DELETE", "/api/v1/lexicon/安全", "xiaomei").status_code == 400
    log_in(client, "xiaomei")
    data = {"word": "安全", "do": "remove", "csrf_token": token(client, "/account")}
    assert client.post("/lexicon", data=data).status_code == 422
    assert house.voice.lexicon() == ()
    announcer = client.application.test_client()
    assert ask(announcer, "PUT", "/api/v1/lexicon", "wanglan", entry).status_code == 200


def test_forms_are_listed_and_filled(client: FlaskClient) -> None:
    model = next(route.answer for route in ROUTES if route.path == "/api/v1/forms")
    assert "lost-child" in [form.id for form in described(ask(client, "GET", "/api/v1/forms", "laozhao"), model).forms]
    values = {"values": {"name": "乐乐", "place": "一楼服务台"}}
    made = ask(client, "POST", "/api/v1/forms/lost-child", "xiaomei", values)
    assert (made.status_code, made.get_json()["draft"]["priority"]) == (201, "urgent")
    wrong = ask(client, "POST", "/api/v1/forms/lost-child", "xiaomei", {"values": {"nmae": "乐乐"}})
    assert {fault["field"] for fault in wrong.get_json(force=True)["errors"]} >= {"nmae", "name"}


@pytest.mark.parametrize(
    ("method", "path", "who", "body", "status", "word"),
    [
        ("GET", "/notices", None, None, 401, "HTTP Basic"),
        ("POST", "/notices", None, DRAFT, 401, ""),
        ("GET", "/notices/7", "xiaomei", None, 404, ""),
        ("GET", "/notices?state=lost", "xiaomei", None, 422, "lost"),
        ("POST", "/notices", "xiaomei", {"title": "x"}, 422, "when"),
        ("POST", "/notices", "xiaomei", {**DRAFT, "colour": "red"}, 422, "colour"),
        ("POST", "/notices", "xiaomei", [1], 422, ""),
        ("POST", "/notices", "xiaomei", {**DRAFT, "text": ""}, 409, "没有文字"),
        ("POST", "/notices/1/approve", "xiaomei", {"revision": 1}, 403, "权限"),
        ("POST", "/notices/1/approve", "wanglan", {"revision": 1}, 409, "由别人批准"),
        ("POST", "/notices/1/approve", "liqiang", {"revision": 5}, 409, "第 1 版"),
        ("POST", "/notices/1/approve", "liqiang", {}, 422, "revision"),
        ("POST", "/notices/1/reject", "liqiang", {"revision": 1, "reason": ""}, 422, "reason"),
        ("PUT", "/lexicon", "laozhao", {"word": "A", "reading": "诶"}, 403, ""),
        ("PUT", "/lexicon", "xiaomei", {"word": "A", "reading": "qqx9"}, 400, "qqx9"),
        ("POST", "/forms/none", "xiaomei", {}, 404, ""),
    ],
)
def test_problems(
    client: FlaskClient, method: str, path: str, who: str | None, body: Any, status: int, word: str
) -> None:
    ask(client, "POST", "/api/v1/notices", "wanglan", DRAFT)
    answer = ask(client, method, f"/api/v1{path}", who, body)
    assert (answer.status_code, answer.content_type) == (status, MEDIA_TYPE), answer.text
    assert word in answer.get_data(as_text=True)


def test_a_body_that_is_no_json_is_refused(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    crumb = {"X-CSRFToken": token(client, "/account")}
    refused = client.post("/api/v1/notices", data="title=x", headers=crumb)
    assert refused.status_code == 415 and refused.json and refused.json["detail"].startswith("请发送 JSON")
    broken = client.post("/api/v1/notices", data="{", headers=crumb, content_type="application/json")
    assert broken.status_code == 422


def test_what_need_not_be_said_may_be_left_out(client: FlaskClient) -> None:
    ask(client, "POST", "/api/v1/notices", "xiaomei", DRAFT)
    log_in(client, "xiaomei")
    crumb = {"X-CSRFToken": token(client, "/account")}
    assert client.post("/api/v1/notices", headers=crumb).status_code == 415
    form = client.post("/api/v1/notices/1/withdraw", data={"reason": "x"}, headers=crumb)
    assert form.status_code == 415
    assert client.post("/api/v1/notices/1/withdraw", headers=crumb).status_code == 200
    paths = describe()["paths"]
    required = {way: paths[f"/api/v1/{way}"]["post"]["requestBody"]["required"] for way in ("notices", "emergency/end")}
    assert required == {"notices": True, "emergency/end": False}


def test_a_session_needs_the_token_and_a_password_does_not(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    assert client.post("/api/v1/notices", json=DRAFT).status_code == 400
    crumb = {"X-CSRFToken": token(client, "/account")}
    assert client.post("/api/v1/notices", json=DRAFT, headers=crumb).status_code == 201


def test_another_sites_page_can_not_use_a_remembered_password(client: FlaskClient) -> None:
    key = base64.b64encode(f"xiaomei:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Origin": "https://elsewhere.example"}
    assert client.post("/api/v1/notices", json=DRAFT, headers=headers).status_code == 400
