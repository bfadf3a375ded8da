"""Sessions and tokens: how they begin, whose they are, and all the ways in which they end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcaster.errors import StoreError, UsageError
from broadcaster.store.audit import AuditEntry, AuditTrail
from broadcaster.store.sessions import LONGEST, MOST_OPEN, Sessions
from broadcaster.store.tables import sessions as session_table
from broadcaster.store.tables import tokens as token_table
from broadcaster.store.tokens import MOST, Tokens
from broadcaster.store.users import Users
from broadcaster.web.app import create_app
from tests.notice_kit import HandClock
from tests.store_support import BACKENDS, fresh
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD, House, log_in, open_house, token

HOUR = timedelta(hours=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(FakeStation(), house.offices).test_client()


def another(client: FlaskClient, name: str = "xiaomei") -> FlaskClient:
    other = client.application.test_client()
    log_in(other, name)
    return other


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.parametrize("backend", BACKENDS)
def test_only_hashes_of_keys_are_kept(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        user = Users(database).add("amy", "", "promo", PASSWORD)
        key = Sessions(database).open(user.id, where="10.0.0.1", agent="x" * 999)
        secret, _made = Tokens(database).make(user.id, "till")
        with database.reading() as connection:
            [session] = connection.execute(select(session_table)).mappings()
            [kept] = connection.execute(select(token_table)).mappings()
        assert session["key_hash"] == hashlib.sha256(key.encode()).hexdigest() and len(session["agent"]) == 300
        assert not any(key in str(value) for value in session.values())
        assert not any(secret in str(value) for value in kept.values())


def test_the_oldest_session_gives_way_to_too_many(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        clock = HandClock()
        user, book = Users(database).add("amy", "", "promo", PASSWORD), Sessions(database, clock)
        keys = []
        for _ in range(MOST_OPEN + 2):
            clock.go(minutes=1)
            keys.append(book.open(user.id))
        assert [book.find(key) is not None for key in keys] == [False, False] + [True] * MOST_OPEN


@pytest.mark.parametrize(
    "end",
    [
        lambda house: house.users.set_password("xiaomei", "another-one-9"),
        lambda house: house.users.set_active("xiaomei", False),
        lambda house: house.users.set_role("xiaomei", "announcer"),
        lambda house: house.hours.go(hours=12),
        lambda house: house.hours.go(hours=-13),
    ],
    ids=["password", "switched off", "role", "12 h idle", "clock far back"],
)
def test_sessions_end(client: FlaskClient, house: House, end: Callable[[House], Any]) -> None:
    log_in(client, "xiaomei")
    assert is_in(client)
    end(house)
    assert client.get("/notices").status_code == 302


def test_a_session_that_is_used_ends_after_seven_days(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    for _ in range(int(LONGEST / (11 * HOUR))):
        house.hours.go(hours=11)
        assert is_in(client)
    house.hours.go(hours=11)
    assert not is_in(client)


def test_a_clock_set_back_a_little_ends_nothing(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    house.hours.go(hours=-1)
    assert is_in(client)


def test_an_open_page_alone_does_not_keep_a_session(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    for path in ("/api/v1/status", "/part/live"):
        house.hours.go(hours=5)
        assert client.get(path).status_code == 200
    house.hours.go(hours=2)
    assert not is_in(client)
    log_in(client, "xiaomei")
    house.hours.go(hours=11)
    assert client.get("/notices").status_code == 200
    house.hours.go(hours=11)
    assert is_in(client)


def test_the_cookie_of_an_ended_session_opens_nothing(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    kept = client.get_cookie("broadcaster")
    assert kept is not None
    client.post("/logout", data={"csrf_token": token(client, "/account")})
    client.set_cookie("broadcaster", kept.value)
    assert not is_in(client)


def test_a_log_in_opens_a_session_of_its_own(client: FlaskClient, house: House) -> None:
    token(client, "/login")  # what a stranger could have put there
    before = client.get_cookie("broadcaster")
    log_in(client, "xiaomei")
    after = client.get_cookie("broadcaster")
    assert before is not None and after is not None and before.value != after.value
    client.set_cookie("broadcaster", before.value)
    assert not is_in(client)
    client.set_cookie("broadcaster", after.value)
    log_in(client, "xiaomei")
    [left] = house.users.sessions.of(_id(house, "xiaomei"))
    assert is_in(client) and left.where == "127.0.0.1"


def test_a_cookie_signed_with_another_key_is_nobodys(client: FlaskClient, house: House, tmp_path: Path) -> None:
    log_in(client, "liqiang")
    cookie = client.get_cookie("broadcaster")
    assert cookie is not None
    forger = create_app(FakeStation(), house.offices)
    forger.secret_key = b"another" * 8
    serializer = forger.session_interface.get_signing_serializer(forger)  # type: ignore[attr-defined]
    client.set_cookie("broadcaster", serializer.dumps({"_user_id": "1", "_fresh": True}))
    assert not is_in(client)


def test_a_new_password_ends_other_sessions_and_keeps_this_one(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    other = another(client)
    form = {"csrf_token": token(client, "/account"), "old": PASSWORD, "password": "new-horse-10"}
    assert client.post("/account", data={**form, "again": "new-horse-10"}).status_code == 302
    assert is_in(client) and not is_in(other)
    assert house.users.check("xiaomei", "new-horse-10")


def test_one_sees_and_ends_ones_own_sessions(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    phone = client.application.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/130 Mobile Safari"
    phone.environ_base["REMOTE_ADDR"] = "192.168.1.30"
    log_in(phone, "xiaomei")
    page = client.get("/account").text
    assert "Chrome · Android" in page and "192.168.1.30" in page
    number = next(one.id for one in house.users.sessions.of(_id(house, "xiaomei")) if one.where == "192.168.1.30")
    client.post(f"/account/sessions/{number}", data={"csrf_token": token(client, "/account")})
    assert is_in(client) and not is_in(phone)


def test_all_others_are_ended_at_once(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    others = [another(client), another(client), another(client, "liqiang")]
    client.post("/account/sessions", data={"csrf_token": token(client, "/account")})
    assert [is_in(one) for one in (client, *others)] == [True, False, False, True]


def test_nobody_ends_anothers_session_or_token(client: FlaskClient, house: House) -> None:
    victim = another(client, "liqiang")
    theirs = house.users.sessions.of(_id(house, "liqiang"))[0].id
    secret, made = house.users.tokens.make(_id(house, "liqiang"), "till")
    log_in(client, "xiaomei")
    crumb = {"csrf_token": token(client, "/account")}
    for kind, number in (("sessions", theirs), ("tokens", made.id)):
        assert client.post(f"/account/{kind}/{number}", data=crumb).status_code == 404
        answer = client.delete(f"/api/v1/account/{kind}/{number}", headers={"X-CSRFToken": crumb["csrf_token"]})
        assert answer.status_code == 404
    assert is_in(victim) and house.users.tokens.find(secret) is not None


def test_a_role_taken_away_is_gone_at_the_next_request(client: FlaskClient, house: House) -> None:
    secret, _made = house.users.tokens.make(_id(house, "dashan"), "till")
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/people", headers=bearer).status_code == 200
    house.users.set_role("dashan", "supervisor")
    assert client.get("/api/v1/people", headers=bearer).status_code == 403
    assert client.get("/api/v1/account", headers=bearer).json["role"] == "supervisor"  # type: ignore[index]


def test_a_token_is_made_shown_once_used_and_revoked(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    form = {"csrf_token": token(client, "/account"), "name": "收银台", "days": "30"}
    page = client.post("/account/tokens", data=form).text
    secret = "bct_" + page.partition("bct_")[2].partition("<")[0]
    assert secret not in client.get("/account").text
    program = client.application.test_client()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert program.get("/api/v1/account", headers=bearer).json["name"] == "xiaomei"  # type: ignore[index]
    [made] = house.users.tokens.of(_id(house, "xiaomei"))
    assert (made.name, made.used_at) == ("收银台", house.hours.at)
    client.post(f"/account/tokens/{made.id}", data={"csrf_token": token(client, "/account")})
    assert program.get("/api/v1/account", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        lambda house: house.users.set_password("xiaomei", "another-one-9", by="liqiang"),
        lambda house: house.users.set_active("xiaomei", False),
        lambda house: house.hours.go(days=31),
    ],
    ids=["reset by another", "switched off", "over"],
)
def test_tokens_end(client: FlaskClient, house: House, end: Callable[[House], Any]) -> None:
    expires = house.hours.at + timedelta(days=30)
    secret, _made = house.users.tokens.make(_id(house, "xiaomei"), "till", expires)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/notices", headers=bearer).status_code == 200
    end(house)
    assert client.get("/api/v1/notices", headers=bearer).status_code == 401


def test_ones_own_new_password_leaves_tokens(house: House) -> None:
    secret, _made = house.users.tokens.make(_id(house, "xiaomei"), "till")
    house.users.set_password("xiaomei", "another-one-9", by="xiaomei")
    assert house.users.tokens.find(secret) is not None


def test_a_token_is_for_the_api_and_makes_no_tokens(client: FlaskClient, house: House) -> None:
    secret, _made = house.users.tokens.make(_id(house, "liqiang"), "till")
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/people", headers=bearer).status_code == 302
    assert client.post("/api/v1/account/tokens", json={"name": "more"}, headers=bearer).status_code == 403
    change = {"old": PASSWORD, "new": "another-one-9"}
    assert client.post("/api/v1/account/password", json=change, headers=bearer).status_code == 403
    assert house.users.check("liqiang", PASSWORD)


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_what_makes_no_token(name: str, house: House) -> None:
    with pytest.raises(UsageError, match="name of at most"):
        house.users.tokens.make(1, name)
    with pytest.raises(UsageError, match="can't expire then"):
        house.users.tokens.make(1, "till", house.hours.at - HOUR)


def test_tokens_do_not_grow_without_end(house: House) -> None:
    for number in range(MOST):
        house.users.tokens.make(1, f"till {number}")
    with pytest.raises(UsageError, match="revoke one first"):
        house.users.tokens.make(1, "one more")


def test_what_a_token_does_is_in_the_trail_with_its_name(client: FlaskClient, house: House) -> None:
    secret, _made = house.users.tokens.make(_id(house, "liqiang"), "till")
    headers = {"Authorization": f"Bearer {secret}"}
    made = client.post("/api/v1/people", json={"name": "newone", "role": "promo"}, headers=headers)
    assert made.status_code == 201
    assert _trail(house)[0].where == "127.0.0.1 token:till"


def test_when_the_accounts_can_not_be_read_what_is_on_air_is_still_shown(
    client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(client, "xiaomei")

    def fails(*_: Any) -> None:
        raise StoreError("disk I/O error")

    monkeypatch.setattr(type(house.users.sessions), "find", fails)
    assert client.get("/").status_code == 200
    assert client.get("/notices").status_code == 302


def _id(house: House, name: str) -> int:
    account = house.users.get(name)
    assert account is not None
    return account.id


def _trail(house: House) -> list[AuditEntry]:
    return AuditTrail(house.users._database, house.hours).entries()
