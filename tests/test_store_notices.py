"""The tables of notices, vendors and kept days, on every database."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from broadcaster.errors import StoreConflict, UsageError
from broadcaster.notices.models import content_hash
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database
from broadcaster.store.kept_days import DayText, KeptDays
from broadcaster.store.notices import YES, Notices
from broadcaster.store.vendors import Vendors
from tests.notice_kit import NINE, TODAY, HandClock, draft
from tests.store_support import BACKENDS, fresh

CONTENT = draft("八点八折 \0 😀 ok").content()
HASH = content_hash(CONTENT)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_content_comes_back_with_its_hash(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        notices = Notices(database)
        with notices.changing(NINE) as change:
            number = change.add(CONTENT, HASH, "amy", 1)
        found = notices.get(number)
        assert found is not None and found.content == CONTENT and content_hash(found.content) == HASH
        assert (found.created_at, found.revision, found.latest) == (NINE, 1, 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_fails_halfway_leaves_neither_deed_nor_entry(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        notices = Notices(database)
        with pytest.raises(RuntimeError), notices.changing(NINE) as change:
            number = change.add(CONTENT, HASH, "amy", 1)
            change.note(number, "amy", "notice.submit", {}, "cli")
            raise RuntimeError
        assert notices.find(TODAY) == [] and AuditTrail(database, HandClock()).entries() == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_nobody_speaks_twice_on_one_revision(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        notices = Notices(database)
        with notices.changing(NINE) as change:
            number = change.add(CONTENT, HASH, "amy", 2)
        with pytest.raises(StoreConflict), notices.changing(NINE) as change:
            stored = change.get(number)
            assert stored is not None
            change.say(stored, "bob", YES, "", "submitted")
            change.say(stored, "bob", YES, "", "approved")
        found = notices.get(number)
        assert found is not None and found.verdicts == () and found.state == "submitted"


def test_another_process_sees_that_the_air_changed(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as here:
        there = open_database(tmp_path / "broadcaster.db")
        before = Notices(there).stamp()
        Vendors(here, HandClock()).put("tata", "TATA木门", by="bob")
        assert Notices(there).stamp() > before
        there.dispose()


def test_tables_of_the_first_version_are_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "broadcaster.db"
    open_database(path).dispose()
    raw = sqlite3.connect(path)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if name not in ("asrun", "audit", "alembic_version"):
            raw.execute(f"DROP TABLE {name}")
    raw.execute("DROP INDEX ix_audit_subject")
    raw.execute("ALTER TABLE audit DROP COLUMN subject")
    raw.execute("ALTER TABLE asrun DROP COLUMN heard_by")
    raw.execute("UPDATE alembic_version SET version_num = '0001'")
    raw.execute("INSERT INTO audit VALUES (1, '2026-11-01 00:00:00.000000', 'amy', 'day.mark', '{}', 'cli')")
    raw.commit()
    raw.close()
    database = open_database(path)
    trail = AuditTrail(database, HandClock())
    trail.record(who="bob", what="notice.submit", subject="notice-1")
    assert [entry.subject for entry in trail.entries()] == ["notice-1", None]
    assert [entry.who for entry in trail.entries(subject="notice-1")] == ["bob"]
    database.dispose()


@pytest.mark.parametrize("backend", BACKENDS)
def test_vendors_and_their_contracts(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        vendors = Vendors(database, HandClock())
        vendors.put("tata", "TATA木门", "TATA Doors", weight=2, by="bob")
        changed = vendors.put("tata", "TATA 木门", approvals=2, by="bob")
        assert vendors.list() == [changed] and vendors.get("tata") == changed and vendors.get("x") is None
        made = vendors.contract("tata", "vendor-promos", 6, TODAY, TODAY, fee_cents=12_50, by="bob")
        assert vendors.contracts_of(TODAY) == vendors.contracts() == [made]
        assert vendors.contracts_of(TODAY + timedelta(days=1)) == []
        vendors.end_contract(made.id, by="bob")
        with pytest.raises(UsageError, match="no running contract"):
            vendors.end_contract(made.id, by="bob")


def test_contracts_and_vendors_that_make_no_sense(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        vendors = Vendors(database, HandClock())
        for wrong in (
            lambda: vendors.put("TATA 木门", "x", by="bob"),
            lambda: vendors.put("tata", "x", weight=0, by="bob"),
            lambda: vendors.put("tata", "x", approvals=0, by="bob"),
            lambda: vendors.contract("tata", "promos", 6, TODAY, TODAY, by="bob"),
            lambda: vendors.contract("tata", "promos", 6, TODAY, TODAY - timedelta(days=1), by="bob"),
        ):
            with pytest.raises(UsageError):
                wrong()


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_text_of_a_day_is_kept_once_and_as_it_was(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        days = KeptDays(database, "main")
        first = DayText("notice-1", "k1", "促销", "8.8折", "八点八折", "amy", "bob")
        second = DayText("notice-1", "k2", "促销", "7.8折", "七点八折", "amy", "cat")
        assert days.keep_texts(TODAY, [first, first], NINE) == 1
        assert days.keep_texts(TODAY, [first, second], NINE) == 1
        assert days.texts(TODAY) == [first, second]
        assert KeptDays(database, "other").texts(TODAY) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_day_that_promised_nothing_is_told_from_one_of_which_nothing_is_known(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        days = KeptDays(database, "main")
        days.keep_promises(TODAY, {"notice-1": 4})
        days.keep_promises(TODAY, {"notice-1": 5})
        days.keep_promises(TODAY + timedelta(days=1), {})
        found = days.promises(TODAY, TODAY + timedelta(days=9))
        assert found == {TODAY: {"notice-1": 5}, TODAY + timedelta(days=1): {}}


def test_a_revision_belongs_to_a_notice(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database, pytest.raises(StoreConflict), database.writing() as connection:
        connection.execute(text("INSERT INTO notice_approvals VALUES (1, 9, 9, 'a', 'approve', '', '2026-01-01', 'h')"))
