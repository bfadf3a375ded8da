"""Who gets in, who may do what, and what a stranger can't."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import TooManyRequests

from broadcaster.store.users import User, Users
from broadcaster.web.app import create_app
from broadcaster.web.contract_people import FirstPassword, MadeToken, People, Person, Sessions, Tokens
from broadcaster.web.gate import (
    POSTS_BY_ADDRESS,
    WRONG_BY_ADDRESS,
    WRONG_BY_NAME,
    WRONG_IN_ALL,
    WRONG_OF_NAME,
    address_block,
)
from broadcaster.web.secret import load_secret, make_setup_code, read_setup_code
from broadcaster.web.throttle import Throttle
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD, House, log_in, open_house, token


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
    [
        ({"again": "another-one-9"}, "两次"),
        ({"role": "announcer"}, "岗位"),
        ({"password": "short", "again": "short"}, "8"),
    ],
)
def test_a_first_account_needs_all_of_it(tmp_path: Path, change: dict[str, str], word: str) -> None:
    with open_house(tmp_path, people=()) as house:
        client = create_app(FakeStation(), house.offices).test_client()
        form = {"csrf_token": token(client, "/first"), "name": "wanglan", "role": "manager"}
        answer = client.post("/first", data={**form, "password": PASSWORD, "again": PASSWORD, **change})
        assert answer.status_code == 422
        assert word in answer.text
        assert house.users.list() == []


CODE = "k7mq-3xhd-v9tp"
FAR = {"environ_base": {"REMOTE_ADDR": "192.168.1.20"}, "base_url": "http://192.168.1.2:8080"}


def test_the_first_account_is_made_from_afar_with_the_code_of_the_machine(tmp_path: Path) -> None:
    with open_house(tmp_path, people=()) as house:
        client = create_app(FakeStation(), replace(house.offices, setup_code=lambda: CODE)).test_client()
        form = {"csrf_token": token(client, "/first", **FAR), "name": "liqiang", "role": "manager"}
        form |= {"password": PASSWORD, "again": PASSWORD}
        for code, status in (("", 403), ("k7mq-3xhd-v9tq", 403), ("K7MQ 3XHD v9tp", 302)):
            assert client.post("/first", data={**form, "code": code}, **FAR).status_code == status
        assert [one.role for one in house.users.list()] == ["manager"]


def test_the_code_can_not_be_guessed(tmp_path: Path) -> None:
    with open_house(tmp_path, people=()) as house:
        client = create_app(FakeStation(), replace(house.offices, setup_code=lambda: CODE)).test_client()
        form = {"csrf_token": token(client, "/first", **FAR), "name": "eve", "role": "manager"}
        form |= {"password": PASSWORD, "again": PASSWORD}
        far = [{**FAR, "environ_base": {"REMOTE_ADDR": f"192.168.1.{number}"}} for number in range(30)]
        answers = [client.post("/first", data={**form, "code": f"x{n}"}, **one) for n, one in enumerate(far)]
        assert [answer.status_code for answer in answers] == [403] * WRONG_BY_ADDRESS + [429] * (30 - WRONG_BY_ADDRESS)
        assert client.post("/first", data={**form, "code": CODE}, **FAR).status_code == 429
        assert house.users.list() == []


def test_the_code_lies_in_a_file_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "run" / "setup-code"
    assert read_setup_code(path) is None
    assert make_setup_code(path) == read_setup_code(path) != make_setup_code(path)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


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


def test_the_present_password_is_asked_for(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    form = {"csrf_token": token(client, "/account"), "old": "guess-guess", "password": "x" * 9, "again": "x" * 9}
    assert client.post("/account", data=form).status_code == 422
    assert house.users.check("xiaomei", PASSWORD)


def test_an_account_is_made_with_a_first_password_that_must_be_changed(client: FlaskClient, house: House) -> None:
    log_in(client, "liqiang")
    form = {"csrf_token": token(client, "/people"), "name": "newone", "display": "新人", "role": "announcer"}
    answer = client.post("/people", data=form)
    first = re.search(r"<code[^>]*>([0-9a-z-]{14})</code>", answer.text)
    assert answer.status_code == 201 and first
    assert first[1] not in client.get("/people").text
    fresh = client.application.test_client()
    log_in(fresh, "newone", password=first[1])
    for path in ("/", "/notices", "/lexicon", "/part/live"):
        assert fresh.get(path).headers["Location"] == "/account"
    assert fresh.get("/api/v1/notices").status_code == 403
    change = {"csrf_token": token(fresh, "/account"), "old": first[1], "password": "my-own-word-5"}
    assert fresh.post("/account", data={**change, "again": "my-own-word-5"}).status_code == 302
    assert "新人" in fresh.get("/").text


def test_a_first_password_is_not_kept_by_changing_it_to_itself(client: FlaskClient, house: House) -> None:
    house.users.set_password("xiaomei", PASSWORD, must_change=True)
    log_in(client, "xiaomei")
    form = {"csrf_token": token(client, "/account"), "old": PASSWORD, "password": PASSWORD, "again": PASSWORD}
    assert client.post("/account", data=form).status_code == 422
    assert client.get("/notices").headers["Location"] == "/account"


def test_a_program_with_a_first_password_does_nothing(client: FlaskClient, house: House) -> None:
    house.users.set_password("xiaomei", PASSWORD, must_change=True)
    refused = client.get("/api/v1/notices", headers=basic("xiaomei"))
    assert refused.status_code == 403 and "密码" in refused.text
    assert client.get("/api/v1/status", headers=basic("xiaomei")).status_code == 200


def test_people_are_changed_but_not_oneself(client: FlaskClient, house: House) -> None:
    log_in(client, "liqiang")
    crumb = {"csrf_token": token(client, "/people")}
    deeds = [
        ("off", {}),
        ("on", {}),
        ("role", {"role": "supervisor"}),
        ("display", {"display": "梅"}),
        ("password", {}),
    ]
    answers = [client.post("/people/xiaomei", data={**crumb, "do": do, **more}).status_code for do, more in deeds]
    assert answers == [302, 302, 302, 302, 200]
    changed = house.users.get("xiaomei")
    assert changed is not None
    assert (changed.active, changed.role, changed.display, changed.must_change) == (True, "supervisor", "梅", True)
    before = house.users.get("liqiang")
    for do, more in [("off", {}), ("role", {"role": "it"}), ("password", {})]:
        assert client.post("/people/liqiang", data={**crumb, "do": do, **more}).status_code == 422
    assert house.users.get("liqiang") == before


def test_the_last_who_makes_accounts_stays(client: FlaskClient, house: House) -> None:
    house.users.set_active("dashan", False)
    assert client.patch("/api/v1/people/liqiang", json={"active": False}, headers=basic("liqiang")).status_code == 400
    house.users.set_active("dashan", True)
    assert client.patch("/api/v1/people/dashan", json={"active": False}, headers=basic("liqiang")).status_code == 200
    assert client.patch("/api/v1/people/liqiang", json={"role": "promo"}, headers=basic("liqiang")).status_code == 400


def test_people_by_the_api(client: FlaskClient, house: House) -> None:
    made = client.post("/api/v1/people", json={"name": "newone", "role": "promo"}, headers=basic("liqiang"))
    FirstPassword.model_validate(made.json)
    assert made.headers["Location"] == "/api/v1/people/newone"
    Person.model_validate(client.get("/api/v1/people/newone", headers=basic("liqiang")).json)
    People.model_validate(client.get("/api/v1/people", headers=basic("dashan")).json)
    reset = client.post("/api/v1/people/newone/password", headers=basic("liqiang")).json
    assert house.users.check("newone", FirstPassword.model_validate(reset).password)
    assert client.post("/api/v1/people", json={"name": "newone", "role": "promo"}, headers=basic("liqiang")).status_code
    assert client.patch("/api/v1/people/nobody", json={}, headers=basic("liqiang")).status_code == 404


def test_ones_own_account_by_the_api(client: FlaskClient, house: House) -> None:
    mine = basic("xiaomei")
    assert client.patch("/api/v1/account", json={"display": "美"}, headers=mine).json["display"] == "美"  # type: ignore[index]
    made = MadeToken.model_validate(client.post("/api/v1/account/tokens", json={"name": "x"}, headers=mine).json)
    assert made.token.expires_at is not None
    Tokens.model_validate(client.get("/api/v1/account/tokens", headers=mine).json)
    assert client.delete(f"/api/v1/account/tokens/{made.token.id}", headers=mine).status_code == 204
    log_in(client, "xiaomei")
    [session] = Sessions.model_validate(client.get("/api/v1/account/sessions").json).sessions
    assert session.mine
    change = {"old": PASSWORD, "new": "another-one-9"}
    program = client.application.test_client()
    assert program.post("/api/v1/account/password", json=change, headers=mine).status_code == 204
    assert house.users.check("xiaomei", "another-one-9") and client.get("/account").status_code == 302


@pytest.mark.parametrize("path", ["/login", "/logout", "/account", "/people", "/notices/new", "/lexicon"])
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


def test_a_thousand_wrong_passwords_from_everywhere(client: FlaskClient, house: House, monkeypatch: Any) -> None:
    """They let nobody in, cost next to nothing, and leave the announcer's way in open."""
    desk = {"environ_base": {"REMOTE_ADDR": "192.168.1.5"}, "base_url": "http://192.168.1.2"}
    form = {"csrf_token": token(client, "/login", **desk), "name": "wanglan", "password": PASSWORD}
    assert client.post("/login", data=form, **desk).status_code == 302
    hashed: list[str] = []
    check = type(house.users).check

    def counted(users: Users, name: str, password: str) -> User | None:
        hashed.append(name)
        return check(users, name, password)

    monkeypatch.setattr(type(house.users), "check", counted)
    stranger = client.application.test_client()
    crumb = token(stranger, "/login")
    client.application.config["COUNT_POSTS"] = False  # another net, tried elsewhere
    answers = set()
    for number in range(1000):
        far = {"environ_base": {"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250}"}}
        wrong = {"csrf_token": crumb, "name": "wanglan", "password": f"wrong-one-{number}"}
        answers.add(stranger.post("/login", data=wrong, **far).status_code)
    assert answers == {401, 429} and len(hashed) == WRONG_OF_NAME
    right = {"csrf_token": crumb, "name": "wanglan", "password": PASSWORD}
    far = {"environ_base": {"REMOTE_ADDR": "10.0.99.9"}}
    assert stranger.post("/login", data=right, **far).status_code == 429
    assert log_in(client.application.test_client(), "wanglan").status_code == 302  # at the machine itself
    again = client.application.test_client()
    form["csrf_token"] = token(again, "/login", **desk)
    assert again.post("/login", data=form, **desk).status_code == 302  # where she was before


def test_guesses_at_many_names_are_held_together(client: FlaskClient, house: House) -> None:
    gate = client.application.extensions["gate"]
    for number in range(WRONG_IN_ALL):
        with client.application.test_request_context(environ_base={"REMOTE_ADDR": f"10.1.0.{number}"}):
            assert gate.enter(f"name{number}", "wrong-one-9") is None
    far = client.application.test_request_context(environ_base={"REMOTE_ADDR": "10.2.0.1"})
    with far, pytest.raises(TooManyRequests):
        gate.enter("xiaomei", PASSWORD)


def test_one_computer_has_one_address_though_it_has_a_network_of_them(client: FlaskClient) -> None:
    found = set()
    for number in range(3):
        with client.application.test_request_context(environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{number}"}):
            found.add(address_block())
    assert found == {"2001:db8:1:2::/64"}


def test_what_is_sent_is_counted(client: FlaskClient) -> None:
    far = {"environ_base": {"REMOTE_ADDR": "192.168.1.66"}}
    answers = [client.post("/login", data={}, **far).status_code for _ in range(POSTS_BY_ADDRESS + 1)]
    assert answers == [400] * POSTS_BY_ADDRESS + [429]
    assert log_in(client, "xiaomei").status_code == 302


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
