"""Every route with everybody: what the table says is what real requests get. A route that is not in it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broadcaster.plan.station_models import Page
from broadcaster.web.app import create_app
from broadcaster.web.offices import ROLES
from broadcaster.web.openapi import ROUTES
from tests.web_fakes import FakeStation
from tests.web_offices import PEOPLE, House, log_in, open_house, token
from tests.web_rights_table import ENTRANCE, OPEN, RIGHTS, SCREENS, shapes

NAMES = {role: name for name, _display, role in PEOPLE}
#: What stands for a parameter of a path: a thing that is not there, so that what is allowed does nothing.
FILLED = {"date": "2026-11-28", "text": "2026-11-28", "local_time": "10:00", "code": "en", "filename": "icon.svg",
          "place": "chimes", "form": "csv", "year": "2026", "month": "11", "on": "2026-11-28"}  # fmt: skip
#: Done last, for it ends the session.
LAST = "POST /logout"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    app = create_app(FakeStation(), house.offices)
    app.config["COUNT_POSTS"] = False
    return app


def routes(app: Flask) -> dict[str, str]:
    """Method and path of every route, with its endpoint."""
    return {
        f"{method} {rule.rule}": rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def send(app: Flask, client: FlaskClient, route: str, crumb: str = "") -> TestResponse:
    """A request as our own page sends it, for things that are not there."""
    method, path = route.split(" ", 1)
    [rule] = [rule for rule in app.url_map.iter_rules() if rule.rule == path and method in (rule.methods or ())]
    values = {name: FILLED.get(name, 999_999 if f"int:{name}>" in path else "nothing") for name in rule.arguments}
    with app.test_request_context():
        address = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    headers = {"X-CSRFToken": crumb} if crumb else {}
    json: dict[str, str] | None = {} if path.startswith("/api/") and method != "GET" else None
    answer = client.open(address, method=method, headers=headers, json=json)
    answer.close()
    return answer


def is_door(route: str) -> bool:
    """The way in: leads to the log-in or refuses by itself."""
    return route.endswith((" /login", " /first"))


def is_turned_away(answer: TestResponse) -> bool:
    return answer.status_code == 401 or answer.headers.get("Location", "").startswith("/login")


def test_the_table_knows_every_route_and_no_other(app: Flask) -> None:
    assert set(routes(app)) == set(RIGHTS)


def test_views_say_what_the_table_says(app: Flask) -> None:
    told = {route: getattr(app.view_functions[endpoint], "roles", OPEN) for route, endpoint in routes(app).items()}
    differ = {
        route: roles
        for route, roles in told.items()
        if route in RIGHTS and set(roles or ()) != set(RIGHTS[route] or ())
    }
    assert not differ


def test_the_description_of_the_api_says_it_too() -> None:
    differ = {}
    for route in ROUTES:
        shape = f"{route.method.upper()} {route.path}"
        [roles] = [RIGHTS[known] for known in RIGHTS if shapes(shape) <= shapes(known)]
        if set(roles or ()) != set(route.roles or ()):
            differ[f"{route.method} {route.path}"] = route.roles
    assert not differ


def test_strangers_get_what_is_open(app: Flask) -> None:
    crumb_client = app.test_client()
    crumb = token(crumb_client, "/login")
    wrong = {}
    for route in sorted(routes(app), key=lambda route: route == LAST):
        answer = send(app, crumb_client, route, crumb)
        if is_turned_away(answer) == (RIGHTS.get(route) is OPEN) and not is_door(route):
            wrong[route] = answer.status
        assert answer.status_code != 500, route
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_the_table_says(app: Flask, role: str) -> None:
    client = app.test_client()
    log_in(client, NAMES[role])
    crumb = token(client, "/account")
    wrong = {}
    for route in sorted(routes(app), key=lambda route: route == LAST):
        answer, allowed = send(app, client, route, crumb), RIGHTS.get(route, ())
        may = allowed is OPEN or role in allowed
        refused = (answer.status_code == 403) == may or is_turned_away(answer)
        if (refused and not is_door(route)) or answer.status_code == 500:
            wrong[route] = answer.status
    assert not wrong


def test_without_a_session_nothing_of_a_page_is_changed(app: Flask) -> None:
    """A form without token is refused, whoever sends it."""
    client = app.test_client()
    log_in(client, NAMES["manager"])
    for route in routes(app):
        if not route.startswith("GET "):
            assert send(app, client, route).status_code == 400, route


def test_a_closed_house_shows_nothing_but_its_doors(house: House) -> None:
    page = Page(looking="login", screen="open")
    app = create_app(FakeStation(), replace(house.offices, page=lambda: page))
    app.config["COUNT_POSTS"] = False
    client = app.test_client()
    crumb = token(client, "/login")
    shown = {route for route in routes(app) if is_door(route) or not is_turned_away(send(app, client, route, crumb))}
    assert shown == ENTRANCE | SCREENS
    log_in(client, NAMES["promo"])
    assert client.get("/").status_code == 200


def test_a_closed_screen_shows_nothing_either(house: House) -> None:
    app = create_app(FakeStation(), replace(house.offices, page=lambda: Page(looking="login", screen="login")))
    client = app.test_client()
    assert all(is_turned_away(send(app, client, route)) for route in SCREENS)
    assert client.get("/healthz").status_code == 200
    far = {"environ_base": {"REMOTE_ADDR": "192.168.1.20"}}
    assert is_turned_away(client.get("/healthz", **far))
    assert is_turned_away(client.get("/healthz", headers={"X-Forwarded-For": "192.168.1.20"}))
