"""Accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.errors import UsageError
from broadcaster.store.audit import AuditTrail
from broadcaster.store.tables import users as table
from broadcaster.store.users import Users
from tests.notice_kit import HandClock
from tests.store_support import BACKENDS, fresh

SECRET = "correct horse"


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_account_is_entered_with_its_password_only(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        users = Users(database, HandClock())
        made = users.add("小王", "王经理", "manager", SECRET, by="root", where="cli")
        assert users.check("小王", SECRET) == made == users.get("小王")
        assert users.check("小王", SECRET + "x") is None and users.check("小李", SECRET) is None
        [entry] = AuditTrail(database, HandClock()).entries()
        assert (entry.who, entry.what, entry.where) == ("root", "user.add", "cli")


def test_no_password_is_kept_as_it_is(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        Users(database).add("amy", "", "promo", SECRET)
        with database.reading() as connection:
            [row] = connection.execute(table.select()).mappings()
        assert row["password_hash"].startswith("scrypt:") and not any(SECRET in str(value) for value in row.values())


@pytest.mark.parametrize("again", ["amy", "AMY", " Ａmy "])
def test_no_two_accounts_look_alike(again: str, tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        users = Users(database)
        users.add("amy", "", "promo", SECRET)
        with pytest.raises(UsageError, match="already"):
            users.add(again, "", "manager", SECRET)
        assert [user.name for user in users.list()] == ["amy"]
        assert users.check(again, SECRET) is not None


@pytest.mark.parametrize(
    ("name", "role", "password", "words"),
    [
        ("amy", "boss", SECRET, "no such role"),
        ("amy", "promo", "1234567", "8 to 200"),
        ("amy", "promo", "x" * 201, "has 201"),
        ("a b", "promo", SECRET, "is no name"),
        ("", "promo", SECRET, "is no name"),
        ("x" * 41, "promo", SECRET, "is no name"),
    ],
)
def test_what_makes_no_account(name: str, role: str, password: str, words: str, tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        with pytest.raises(UsageError, match=words):
            Users(database).add(name, "", role, password)
        assert Users(database).list() == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_sessions_end_with_the_password_and_with_the_account(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        users = Users(database)
        first = users.add("amy", "", "promo", SECRET)
        second = users.set_password("AMY", "another one", by="root")
        off = users.set_active("amy", False)
        assert len({first.session_stamp, second.session_stamp, off.session_stamp}) == 3
        assert users.check("amy", "another one") is None
        users.set_active("amy", True)
        assert users.check("amy", SECRET) is None and users.check("amy", "another one") is not None


def test_nobody_is_changed_who_is_not_there(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        with pytest.raises(UsageError, match="no account “zoe”"):
            Users(database).set_active("zoe", False)
        with pytest.raises(UsageError, match="no account “zoe”"):
            Users(database).set_password("zoe", SECRET)
