from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from broadcaster.errors import NotRunning, PlanError
from broadcaster.web.app import create_app
from broadcaster.web.openapi import ROUTES, describe
from broadcaster.web.problems import MEDIA_TYPE
from tests.web_fakes import FakeStation, undescribed

FILLED = {"date": "2026-11-28", "local_time": "2026-11-28T09:42:00"}
#: What the station answers itself; tests/test_web_notices_api.py has the rest.
OPEN = ("/api/v1/status", "/api/v1/rundown/{date}", "/api/v1/asrun/{date}", "/api/v1/why/{local_time}",
        "/api/v1/check", "/healthz")  # fmt: skip


@pytest.fixture
def station() -> FakeStation:
    return FakeStation("10:30:20")


@pytest.fixture
def client(station: FakeStation) -> FlaskClient:
    return create_app(station).test_client()


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path in OPEN], ids=lambda route: route.path)
def test_answers_are_what_the_description_says(client: FlaskClient, route: Any) -> None:
    answer = client.get(route.path.format(**FILLED))
    model: BaseModel = route.answer.model_validate(answer.json)
    assert answer.status_code == 200
    assert list(undescribed(model)) == []


def test_every_reference_in_the_description_leads_somewhere(client: FlaskClient) -> None:
    text = client.get("/api/openapi.json").get_data(as_text=True)
    schemas = describe()["components"]["schemas"]
    found = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert {"Status", "Rundown", "AsRun", "Problem"} <= found <= set(schemas)


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/api/v1/nothing", 404, ""),
        ("POST", "/api/v1/status", 405, ""),
        ("GET", "/api/v1/rundown/2026-02-30", 400, "'2026-02-30'"),
        ("GET", "/api/v1/rundown/20261128", 400, "'20261128'"),
        ("GET", "/api/v1/rundown/9999-12-31", 400, "'9999-12-31'"),
        ("GET", "/api/v1/asrun/today", 400, "'today'"),
        ("GET", "/api/v1/why/25:00", 400, "'25:00'"),
        ("GET", "/api/v1/why/noon", 400, "'noon'"),
    ],
)
def test_errors_are_problem_documents(client: FlaskClient, method: str, path: str, status: int, word: str) -> None:
    answer = client.open(path, method=method)
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.content_type) == (status, MEDIA_TYPE)
    assert (problem["status"], problem["instance"]) == (status, path)
    assert word in problem["detail"]


def test_a_method_that_is_not_allowed_tells_which_are(client: FlaskClient) -> None:
    assert "GET" in client.delete("/api/v1/check").headers["Allow"]


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (NotRunning("no daemon in /shop"), 503, "no daemon in /shop"),
        (PlanError([]), 500, ""),
    ],
)
def test_errors_raised_on_purpose_speak_for_themselves(
    client: FlaskClient, station: FakeStation, error: Exception, status: int, detail: str
) -> None:
    station.raises = error
    problem = client.get("/api/v1/rundown/2026-11-28").get_json(force=True)
    assert (problem["status"], problem["detail"]) == (status, detail)


def test_an_error_nobody_foresaw_keeps_its_secret(client: FlaskClient, station: FakeStation) -> None:
    station.raises = RuntimeError("password=1234")
    answer = client.get("/api/v1/rundown/2026-11-28")
    assert (answer.status_code, answer.content_type) == (500, MEDIA_TYPE)
    assert b"1234" not in answer.data


def test_why_takes_the_stations_wall_time_or_an_instant(client: FlaskClient) -> None:
    for written in ("2026-11-28T09:42:00", "2026-11-28T01:42:00+00:00", "9:42", "09:42:00"):
        answer = client.get(f"/api/v1/why/{written}").get_json()
        assert answer["at"] == "2026-11-28T09:42:00+08:00"


def test_why_refuses_a_time_that_the_zone_skips(station: FakeStation) -> None:
    station.timezone = "Europe/Berlin"
    answer = create_app(station).test_client().get("/api/v1/why/2026-03-29T02:30:00")
    assert answer.status_code == 400
    assert "does not exist" in answer.get_json(force=True)["detail"]


def test_healthz_is_red_when_the_engine_is_lost(client: FlaskClient, station: FakeStation) -> None:
    assert client.get("/healthz").status_code == 200
    station.engine = "lost"
    assert client.get("/healthz").status_code == 503
