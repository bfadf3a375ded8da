"""Accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from broadcaster.errors import Conflict, UsageError
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import Database
from broadcaster.store.tables import users as table
from broadcaster.store.users import ADMINISTRATORS, ROLES, Users
from broadcaster.web import offices
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
        assert row["password_hash"].startswith("$argon2id$") and not any(SECRET in str(value) for value in row.values())


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
        ("amy", "promo", "12345678", "too easy"),
        ("amy", "promo", "Password1", "too easy"),
        ("amy", "promo", "abababab", "too easy"),
        ("amylinwei", "promo", "AmyLinwei", "too easy"),
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


def test_a_hash_of_an_earlier_version_is_made_anew_at_log_in(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        users = Users(database)
        made = users.add("amy", "", "promo", SECRET)
        with database.writing() as connection:
            connection.execute(table.update().values(password_hash=generate_password_hash(SECRET)))
        assert users.check("amy", "wrong horse") is None and _kept(database).startswith("scrypt:")
        assert users.check("amy", SECRET) == made and _kept(database).startswith("$argon2id$")
        assert users.check("amy", SECRET) == made and users.check("amy", "wrong horse") is None


@pytest.mark.parametrize("broken", ["", "scrypt:", "scrypt:1:1:1$x$zz", "$argon2id$v=19$x", "correct horse"])
def test_a_broken_hash_lets_nobody_in(broken: str, tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        users = Users(database)
        users.add("amy", "", "promo", SECRET)
        with database.writing() as connection:
            connection.execute(table.update().values(password_hash=broken))
        assert users.check("amy", SECRET) is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_who_makes_accounts_is_never_gone(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        users = Users(database)
        for name, role in (("bob", "manager"), ("ivy", "it"), ("amy", "promo")):
            users.add(name, "", role, SECRET)
        users.set_active("ivy", False)
        with pytest.raises(Conflict, match="bob is the last"):
            users.set_active("bob", False)
        with pytest.raises(Conflict, match="bob is the last"):
            users.set_role("bob", "announcer")
        assert users.set_role("bob", "it").role == "it"
        users.set_active("ivy", True)
        assert not users.set_active("bob", False).active


def test_a_store_that_has_no_administrator_can_still_be_changed(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        users = Users(database)
        users.add("cat", "", "announcer", SECRET)
        assert not users.set_active("cat", False).active
        assert users.set_role("cat", "manager").role == "manager"


def test_only_one_is_the_first(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        users = Users(database)
        users.add("bob", "", "manager", SECRET, first=True)
        with pytest.raises(Conflict, match="already"):
            users.add("eve", "", "manager", SECRET, first=True)
        assert [one.name for one in users.list()] == ["bob"]


def test_a_name_to_show_is_kept_in_one_line(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        users = Users(database)
        stamp = users.add("amy", "", "promo", SECRET).session_stamp
        changed = users.set_display("amy", " 小美\r\nSet-Cookie: x\x00 ")
        assert (changed.display, changed.session_stamp) == ("小美 Set-Cookie: x", stamp)
        for bad in ("  ", "长" * 61):
            with pytest.raises(UsageError):
                users.set_display("amy", bad)


def test_store_and_page_agree_on_roles() -> None:
    assert set(ROLES) == set(offices.ROLES) and ADMINISTRATORS == offices.ADMINISTRATORS


def _kept(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(table.select()).mappings().one()["password_hash"])
