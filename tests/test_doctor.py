"""The examination of machine and store."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadcaster.cli import main_group
from broadcaster.doctor import machine, rounds, store
from broadcaster.doctor.findings import Examination, Finding, fine, run
from broadcaster.errors import StoreError
from broadcaster.plan.models import Station
from broadcaster.settings import Home
from broadcaster.starter.layout import lay_out
from broadcaster.store.database import downgrade_database, open_database


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "store")
    list(lay_out(home.root, music=False, progress=lambda line: None))
    return home


def _states(found: Iterator[Finding]) -> dict[str, str]:
    return {one.code: one.state for one in found}


def test_one_examination_that_breaks_keeps_no_other_from_being_told() -> None:
    def damaged() -> list[Finding]:
        raise StoreError("it is damaged")

    def broken() -> list[Finding]:
        return [fine("never", "", ""), *[][1]]

    found = list(
        run([Examination("a", damaged), Examination("b", broken), Examination("c", lambda: [fine("c", "", "")])])
    )
    assert [(one.code, one.state) for one in found] == [("a", "fail"), ("b", "fail"), ("c", "ok")]
    assert "it is damaged" in found[0].en


def test_everything_is_examined_and_told_as_one_document(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sound", "player"):
        monkeypatch.setattr(machine, name, lambda: [fine("stub", "", "")])
    answer = CliRunner().invoke(main_group, ["--home", str(home.root), "doctor", "--json"])
    document = json.loads(answer.stdout)
    found = {one["code"]: one for one in document["findings"]}
    assert {"daemon", "disk", "disk-speed", "ntp", "timezone", "plan", "database", "packages", "service"} <= set(found)
    assert answer.exit_code == (0 if document["ok"] else 1)
    for one in found.values():
        assert (one["do_zh"] != "" and one["do_en"] != "") == (one["state"] != "ok"), one


def test_a_plan_with_faults_fails(home: Home) -> None:
    (home.root / "config" / "programme.yaml").write_text("dayparts: [", encoding="utf-8")
    with rounds.examinations(home, sound=False) as found:
        states = _states(run([one for one in found if one.code == "plan"]))
    assert states == {"plan": "fail"}


def test_the_database_is_read_through(home: Home) -> None:
    assert _states(store.database(home)) == {"database": "ok"}
    open_database(home.database).dispose()
    assert _states(store.database(home)) == {"database": "ok"}
    downgrade_database(home.database, "0002", home.database)
    assert _states(store.database(home)) == {"database": "warn"}
    content = bytearray(home.database.read_bytes())
    content[4096 : 4096 + 300] = b"\xee" * 300
    home.database.write_bytes(content)
    states = _states(run([Examination("database", lambda: store.database(home))]))
    assert states == {"database": "fail"}


def test_a_folder_that_can_not_be_written_fails(home: Home) -> None:
    (home.root / "var").rmdir() if (home.root / "var").is_dir() else None
    (home.root / "var").write_text("a file in its place")
    assert _states(machine.disk(home))["permissions"] == "fail"


def test_a_disk_that_is_nearly_full_is_told(home: Home) -> None:
    assert _states(machine.disk(home, least_mb=10**12))["disk"] == "warn"


def test_a_port_that_somebody_holds_and_one_that_is_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert store._port("127.0.0.1", port).state == "fail"
        assert store._reach("127.0.0.1", port, "报警", "alerts").state == "ok"
    assert store._port("127.0.0.1", port).state == "ok"
    assert store._reach("127.0.0.1", port, "报警", "alerts").state == "warn"


def test_no_secret_of_an_alert_is_told() -> None:
    station = Station.model_validate({
        "name": "店", "timezone": "UTC", "country": "none",
        "alerts": {"to": [{"url": "json://li:geheim@127.0.0.1:9/secret-token"}],
                   "heartbeat": {"url": "http://127.0.0.1:9/ping/secret-token"}},
    })  # fmt: skip
    found = list(store.network(Home(Path("/nowhere")), station))
    told = " ".join(one.zh + one.en for one in found)
    assert "127.0.0.1:9" in told and "secret" not in told and "geheim" not in told


def test_the_packages_of_this_machine_are_held_against_the_lock() -> None:
    (found,) = machine.packages()
    assert found.code == "packages" and found.state in ("ok", "warn")


def test_the_lock_speaks_of_this_system() -> None:
    import sys

    assert machine._applies("") and machine._applies("python_version > '3'")
    assert machine._applies(f"sys_platform == 'other' or sys_platform == '{sys.platform}'")
    assert not machine._applies("sys_platform == 'other'")


def test_both_languages_are_told_apart() -> None:
    assert (store.half("缺少 / missing", 0), store.half("缺少 / missing", -1)) == ("缺少", "missing")
    assert store.half("plain", 0) == store.half("plain", -1) == "plain"


def test_an_engine_comes_up_on_this_machine() -> None:
    (found,) = machine.player()
    assert found.code == "player" and (found.state == "ok" or found.do_en)
