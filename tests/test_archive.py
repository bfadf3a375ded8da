"""Retention: old records are in the archive before they leave the database, wherever the work is broken off."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, update

from broadcaster.cli import main_group
from broadcaster.ops.archive import Archive
from broadcaster.ops.retention import BATCH, bounds
from broadcaster.plan.unattended_models import Retention as Rules
from broadcaster.settings import Home
from broadcaster.store.database import Database, open_database
from broadcaster.store.day_sums import DaySums
from broadcaster.store.retiring import KINDS, Retiring
from broadcaster.store.tables import (
    alerts,
    asrun,
    audit,
    contracts,
    day_texts,
    notices,
    plan_texts,
    plan_versions,
    vendors,
)
from tests.archive_kit import DAYS, OLD, POINTS, ROWS, ZONE, at, fill, night, row, rows_of
from tests.notice_kit import TODAY
from tests.store_support import ROOT


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "broadcaster.db"
    database = open_database(path)
    fill(database)
    database.dispose()
    return path


@pytest.fixture
def home(tmp_path: Path, filled: Path) -> Home:
    home = Home(tmp_path / "store")
    home.var.mkdir(parents=True)
    shutil.copyfile(filled, home.database)
    return home


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    database = open_database(home.database)
    yield database
    database.dispose()


def _going(database: Database) -> dict[str, list[dict[str, Any]]]:
    """By kind all that may go, as documents."""
    retiring, before = Retiring(database, ZONE), date(2023, 11, 1)
    days = [OLD + timedelta(days=number) for number in range(DAYS)]
    return {kind: [one for on in days for one in retiring.of_day(kind, on, before, TODAY)] for kind in KINDS}


def _archived(home: Home) -> dict[str, list[dict[str, Any]]]:
    kept = Archive(home)
    return {kind: [one for part in kept.parts(kind) for one in kept.documents(part)] for kind in KINDS}


def test_what_is_old_is_in_the_archive_as_it_was_and_nowhere_else(home: Home, database: Database) -> None:
    going = _going(database)
    work = night(home, database)
    work.run()
    found = _archived(home)
    texts = {digest: text for one in found["versions"] for digest, text in one.pop("texts").items()}
    for one in going["versions"]:
        assert one.pop("texts").items() <= texts.items()
    assert work.trouble == "" and found == going and len(going["asrun"]) == DAYS * ROWS
    assert not any(_going(database).values())
    assert [one.name for one in Archive(home).parts("asrun")] == ["asrun-2022-03.jsonl.gz", "asrun-2022-04.jsonl.gz"]


def test_what_is_wanted_stays(home: Home, database: Database) -> None:
    night(home, database).run()
    # An alert that nobody acknowledged, and the newest; the version that held three years ago; this month's log.
    assert [one[0] for one in rows_of(database, alerts)] == [2, 3]
    assert [one[0] for one in rows_of(database, plan_versions)] == [3]
    assert [one[0] for one in rows_of(database, plan_texts)] == ["h2", "h3"]
    assert (len(rows_of(database, asrun)), len(rows_of(database, day_texts))) == (ROWS, 1)
    sums = DaySums(database, ZONE).read(OLD, OLD + timedelta(days=DAYS - 1))
    assert [one.kinds[0].count for one in sums] == [ROWS] * DAYS


def test_log_of_a_running_contract_and_entries_without_an_end_stay(home: Home, database: Database) -> None:
    then = at(OLD)
    with database.writing() as connection:
        connection.execute(insert(vendors).values(id="tata", name_zh="塔", name_en="", weight=1.0, created_at=then))
        connection.execute(insert(notices).values(
            id=1, state="ready", revision=1, author="a", title="", searched="", vendor="tata", last=OLD, reason="",
            created_at=then, changed_at=then,
        ))  # fmt: skip
        connection.execute(insert(contracts).values(
            vendor="tata", first=OLD + timedelta(days=5), last=TODAY, rotation="r", per_day=1, fee_kind="flat",
            fee_cents=1, note="", made_at=then,
        ))  # fmt: skip
        connection.execute(insert(asrun).values(row(OLD, 99, outcome=None, ended_at=None)))
        connection.execute(insert(asrun).values(row(TODAY, 1)))
    night(home, database).run()
    kept = [one for one in rows_of(database, asrun) if one[2] <= OLD + timedelta(days=DAYS)]
    assert {(one[6], one[2] >= OLD + timedelta(days=5)) for one in kept if one[12]} == {("notice-1", True)}
    assert [one[3] for one in kept if one[12] is None] == [f"{OLD}/99"]


def test_kills_lose_nothing_and_double_nothing(home: Home, database: Database) -> None:
    def without_texts(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        return {kind: [{**one, "texts": {}} for one in rows] for kind, rows in found.items()}

    going = without_texts(_going(database))
    for point in POINTS:
        command = [sys.executable, "-m", "tests.archive_kit", str(home.root), point]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None and child.stdout.readline() == "here\n"
            child.kill()
        gone = DAYS * ROWS - len(_going(database)["asrun"])
        assert (0 < gone <= BATCH) == (point == "between-deletes"), (point, gone)
    night(home, database).run()
    assert without_texts(_archived(home)) == going and not any(_going(database).values())


def test_what_came_later_or_changed_gets_a_part_of_its_own(home: Home, database: Database) -> None:
    night(home, database).run()
    again = [row(OLD, 0), row(OLD, 500)]
    with database.writing() as connection:
        # Also as when a backup from before is put back: the first of them is in the archive already.
        connection.execute(insert(asrun), [{"id": 1, **again[0]}, {"id": 2, **again[1]}])
    night(home, database).run()
    parts = Archive(home).parts("asrun", f"{OLD:%Y-%m}")
    assert [(one.name, one.rows) for one in parts][1:] == [("asrun-2022-03.2.jsonl.gz", 1)]
    assert len(rows_of(database, asrun)) == ROWS


def test_nothing_is_deleted_by_a_damaged_file(home: Home, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    work = night(home, database)
    monkeypatch.setattr(Retiring, "delete", lambda *_: 0)
    work.run()
    monkeypatch.undo()
    before = _going(database)["audit"]
    for part in Archive(home).parts("audit"):
        file = home.var / "archive" / part.name
        file.write_bytes(file.read_bytes()[:-3] + b"xyz")
    assert [bool(one.fault) for one in Archive(home).verify() if one.part.kind == "audit"] == [True, True]
    night(home, database).run()
    good = [one for one in Archive(home).parts("audit") if not Archive(home).fault(one)]
    assert [doc for one in good for doc in Archive(home).documents(one)] == before


def test_without_a_readable_manifest_nothing_goes(home: Home, database: Database) -> None:
    (home.var / "archive").mkdir()
    (home.var / "archive" / "manifest.json").write_text("{", encoding="utf-8")
    work = night(home, database)
    work.run()
    assert "manifest.json" in work.trouble and len(rows_of(database, audit)) == DAYS + 1
    assert [one.code for one in work.causes(at(TODAY))] == ["archive"]


def test_an_archive_that_lost_its_manifest_is_not_written_over(home: Home, database: Database) -> None:
    night(home, database).run()
    folder = home.var / "archive"
    (folder / "manifest.json").unlink()
    before = {file.name: file.read_bytes() for file in folder.glob("*.gz")}
    with database.writing() as connection:
        connection.execute(insert(asrun), [{"id": 1, **row(OLD, 500)}])
    work = night(home, database)
    work.run()
    assert "manifest.json" in work.trouble and len(rows_of(database, asrun)) == ROWS + 1
    assert {file.name: file.read_bytes() for file in folder.glob("*.gz")} == before


def test_rows_that_change_under_way_stay(home: Home, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Retiring):
        def delete(self, kind: str, documents: Any) -> int:
            if kind != "audit":
                return super().delete(kind, documents)
            with database.writing() as connection:
                connection.execute(update(audit).where(audit.c.id == 3).values(who="somebody"))
            return super().delete(kind, documents)

    night(home, database, retiring=Late(database, ZONE)).run()
    assert [one[0] for one in rows_of(database, audit)] == [3, DAYS + 1]


def test_lengths_are_whole_months_and_never_less_than_a_year() -> None:
    rules = Rules.model_validate({"log": "none", "texts": "3 years", "audit": "500 天", "versions": "400 days"})
    found = bounds(rules, date(2026, 11, 22))
    assert set(found) == {"texts", "audit", "alerts"}
    longer = bounds(Rules.model_validate({"log": "5 years", "revisions": "2 years"}), date(2026, 11, 22))
    assert longer["revisions"] == longer["versions"] == longer["asrun"] == date(2021, 11, 1)
    assert (found["texts"], found["audit"]) == (date(2023, 11, 1), date(2025, 7, 1))
    with pytest.raises(ValueError, match="400"):
        Rules.model_validate({"audit": "90 days"})


def test_the_archive_is_read_from_the_command_line(home: Home, database: Database, tmp_path: Path) -> None:
    night(home, database).run()
    (home.root / "config").mkdir()
    (home.root / "config" / "station.yaml").write_text("timezone: Asia/Shanghai\n", encoding="utf-8")

    def run(*words: str) -> str:
        ran = CliRunner().invoke(main_group, ["--home", str(home.root), "archive", *words])
        assert ran.exit_code == 0, ran.output
        return ran.output

    listed = json.loads(run("list", "--json"))
    assert all(not one["fault"] for one in json.loads(run("verify", "--json")))
    assert len(run("show", "asrun-2022-03").splitlines()) == next(
        one["rows"] for one in listed if one["kind"] == "asrun"
    )
    run("show", "asrun-2022-03.jsonl.gz", "--csv", str(tmp_path / "log.csv"))
    assert f"{OLD} 10:00:00" in (tmp_path / "log.csv").read_text("utf-8")
