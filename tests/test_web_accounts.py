"""Who gets in, who may do what, and what a stranger can't."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.web.app import create_app
from broadcaster.web.gate import WRONG_BY_ADDRESS, WRONG_BY_NAME
from broadcaster.web.offices import ADMINISTRATORS, ROLES
from broadcaster.web.secret import load_secret
from broadcaster.web.throttle import Throttle
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD, PEOPLE, House, log_in, open_house, token

NAMES = {role: name for name, _display, role in PEOPLE}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(FakeStation(), house.offices).test_client()


def test_the_first_account_is_made_at_the_machine(tmp_path: Path) -> None:
    with open_house(tmp_path, people=()) as house:
        client = create_app(FakeStation(), house.offices).test_client()
        assert client.get("/login").headers["Location"] == "/first"
        form = {"csrf_token": token(client, "/first"), "name": "wanglan", "display": "王兰", "role": "manager"}
        answer = client.post("/first", data={**form, "password": PASSWORD, "again": PASSWORD})
        assert answer.headers["Location"] == "/"
        assert "王兰" in client.get("/").text
        assert client.get("/first").headers["Location"] == "/login"


@pytest.mark.parametrize(
    "far",
    [
        {"environ_base": {"REMOTE_ADDR": "192.168.1.20"}},
        {"headers": {"X-Forwarded-For": "192.168.1.20"}},
        {"base_url": "http://store-pc"},
    ],
)
def test_the_first_account_is_not_made_from_afar(tmp_path: Path, far: dict[str, Any]) -> None:
    with open_house(tmp_path, people=()) as house:
        client = create_app(FakeStation(), house.offices).test_client()
        assert "播音电脑本机" in client.get("/first", **far).text
        form = {"csrf_token": token(client, "/first"), "name": "eve", "role": "manager"}
        answer = client.post("/first", data={**form, "password": PASSWORD, "again": PASSWORD}, **far)
        assert answer.status_code in (400, 403)
        assert house.users.list() == []


@pytest.mark.parametrize(
    ("change", "word"),
    [({"again": "another-one-9"}, "两次"), ({"role": "announcer"}, "岗位"), ({"password": "short", "again": "short"}, "8")],
)
def test_a_first_account_needs_all_of_it(tmp_path: Path, change: dict[str, str], word: str) -> None:
    with open_house(tmp_path, people=()) as house:
        client = create_app(FakeStation(), house.offices).test_client()
        form = {"csrf_token": token(client, "/first"), "name": "wanglan", "role": "manager"}
        answer = client.post("/first", data={**form, "password": PASSWORD, "again": PASSWORD, **change})
        assert answer.status_code == 422
        assert word in answer.text
        assert house.users.list() == []


def test_log_in_and_out(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    assert "小美" in client.get("/").text
    client.post("/logout", data={"csrf_token": token(client, "/account")})
    assert "小美" not in client.get("/").text
    assert client.get("/notices").headers["Location"] == "/login?next=/notices"


def test_log_in_leads_back_to_our_own_pages_only(client: FlaskClient) -> None:
    assert log_in(client, "xiaomei", way="/notices/new").headers["Location"] == "/notices/new"
    assert log_in(client, "xiaomei", way="https://elsewhere.example/").headers["Location"] == "/"


@pytest.mark.parametrize("name", ["xiaomei", "nobody"])
def test_wrong_passwords_are_slowed_down(client: FlaskClient, name: str) -> None:
    for _ in range(WRONG_BY_NAME):
        assert log_in(client, name, password="wrong-one-9").status_code == 401
    answer = log_in(client, name)
    assert answer.status_code == 429
    assert "密码错的次数太多" in answer.text
    assert log_in(client, "liqiang").status_code == 302


def test_names_tried_in_a_row_are_slowed_down_too(client: FlaskClient) -> None:
    for number in range(WRONG_BY_ADDRESS):
        assert log_in(client, f"name{number}").status_code == 401
    assert log_in(client, "xiaomei").status_code == 429


@pytest.mark.parametrize("end", ["password", "off", "idle"])
def test_sessions_end(client: FlaskClient, house: House, end: str) -> None:
    log_in(client, "xiaomei")
    assert client.get("/notices").status_code == 200
    match end:
        case "password":
            house.users.set_password("xiaomei", "another-one-9")
        case "off":
            house.users.set_active("xiaomei", False)
        case _:
            with client.session_transaction() as session:
                session["seen"] -= IDLE.total_seconds()
    assert client.get("/notices").status_code == 302


def test_an_open_page_alone_does_not_keep_a_session(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    with client.session_transaction() as session:
        seen = session["seen"] = session["seen"] - 7200
    client.get("/api/v1/status")
    client.get("/part/live")
    with client.session_transaction() as session:
        assert session["seen"] == seen
    client.get("/notices")
    with client.session_transaction() as session:
        assert session["seen"] > seen


def test_a_new_password_ends_other_sessions_and_keeps_this_one(client: FlaskClient, house: House) -> None:
    other = client.application.test_client()
    for one in (client, other):
        log_in(one, "xiaomei")
    form = {"csrf_token": token(client, "/account"), "old": PASSWORD, "password": "new-horse-10"}
    assert client.post("/account", data={**form, "again": "new-horse-10"}).status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert house.users.check("xiaomei", "new-horse-10")


def test_the_present_password_is_asked_for(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    form = {"csrf_token": token(client, "/account"), "old": "guess-guess", "password": "x" * 9, "again": "x" * 9}
    assert client.post("/account", data=form).status_code == 422
    assert house.users.check("xiaomei", PASSWORD)


@pytest.mark.parametrize("role", ROLES)
def test_accounts_are_made_by_those_who_may(client: FlaskClient, house: House, role: str) -> None:
    log_in(client, NAMES[role])
    form = {"csrf_token": token(client, "/account"), "name": "newone", "role": "promo", "password": PASSWORD}
    answer = client.post("/accounts", data={**form, "again": PASSWORD})
    assert answer.status_code == (302 if role in ADMINISTRATORS else 403)
    assert (house.users.get("newone") is not None) == (role in ADMINISTRATORS)


def test_an_account_is_switched_off_and_on_but_not_ones_own(client: FlaskClient, house: House) -> None:
    log_in(client, "liqiang")
    crumb = token(client, "/accounts")
    for name, do, active in (("xiaomei", "off", False), ("xiaomei", "on", True), ("liqiang", "off", True)):
        client.post(f"/accounts/{name}", data={"csrf_token": crumb, "do": do})
        account = house.users.get(name)
        assert account is not None and account.active is active


@pytest.mark.parametrize("path", ["/login", "/logout", "/account", "/accounts", "/notices/new", "/lexicon"])
def test_a_form_without_our_token_does_nothing(client: FlaskClient, path: str) -> None:
    log_in(client, "liqiang")
    answer = client.post(path, data={"name": "xiaomei", "password": PASSWORD})
    assert answer.status_code == 400
    assert "刷新" in answer.text


def test_a_form_from_another_site_does_nothing(client: FlaskClient) -> None:
    log_in(client, "liqiang")
    form = {"csrf_token": token(client, "/account")}
    assert client.post("/logout", data=form, headers={"Origin": "https://elsewhere.example"}).status_code == 400
    assert client.get("/account").status_code == 200
    assert client.post("/logout", data=form, headers={"Origin": "http://localhost"}).status_code == 302


def test_the_session_cookie_is_out_of_reach(client: FlaskClient) -> None:
    crumbs = log_in(client, "xiaomei").headers.getlist("Set-Cookie")
    cookie = next(crumb for crumb in crumbs if crumb.startswith("broadcaster="))
    assert re.search(r"HttpOnly;.*SameSite=Lax", cookie) and "Secure" not in cookie
    client.get("/account", base_url="https://localhost")
    secure = client.get("/login", base_url="https://127.0.0.2").headers.get("Set-Cookie", "")
    assert "Secure" in secure


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_programs_send_name_and_password(client: FlaskClient) -> None:
    assert client.get("/api/v1/notices", headers=basic("xiaomei")).status_code == 200
    refused = client.get("/api/v1/notices", headers=basic("xiaomei", "wrong-one-9"))
    assert refused.status_code == 401
    assert "Basic" in refused.headers["WWW-Authenticate"]
    assert client.get("/notices", headers=basic("xiaomei")).status_code == 302


def test_a_password_known_a_moment_ago_ends_with_the_account(client: FlaskClient, house: House) -> None:
    assert client.get("/api/v1/notices", headers=basic("xiaomei")).status_code == 200
    house.users.set_active("xiaomei", False)
    assert client.get("/api/v1/notices", headers=basic("xiaomei")).status_code == 401


def test_a_throttle_forgets_in_time() -> None:
    now = [0.0]
    throttle = Throttle(2, 10.0, monotonic=lambda: now[0])
    for at in (0.0, 4.0):
        now[0] = at
        throttle.mark("key")
    assert throttle.wait_s("key") == 6.0
    assert throttle.wait_s("another") == 0.0
    now[0] = 10.0
    assert throttle.wait_s("key") == 0.0


def test_the_key_is_made_once_and_again_when_damaged(tmp_path: Path) -> None:
    path = tmp_path / "var" / "page.key"
    key = load_secret(path)
    assert load_secret(path) == key
    assert len(key) == 64
    path.write_bytes(b"")
    assert len(load_secret(path)) == 64
