"""The real daemon tells a real server what is wrong, and gives its sign of life."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.interventions import InterventionRows
from tests.alert_kit import WebTarget, web_target
from tests.lab.sink import NullSink
from tests.live_kit import STATION, Daemon, Store, all_day, running, wait

pytestmark = [pytest.mark.audio, pytest.mark.beside]


@pytest.fixture
def web() -> Iterator[WebTarget]:
    with web_target() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path, web: WebTarget) -> Store:
    """A silent store that was stopped by hand before the daemon starts."""
    store = Store(tmp_path)
    store.lay_out(all_day("silence"))
    alerts = (
        f"alerts:\n  to:\n    - {{url: 'json://127.0.0.1:{web.port}/hook-secret-9', least: notice}}\n"
        f"    - {{url: 'wecombt://hook-secret-9'}}\n"
        f"  heartbeat: {{url: 'http://127.0.0.1:{web.port}/beat-secret-9', every: 10 s}}\n"
    )
    store.write("config/station.yaml", STATION + alerts)
    database = open_database(Home(tmp_path).database)
    InterventionRows(database, "main").add(
        "stop", None, {}, since=datetime.now(UTC), until=None, who="wanglan", reason="演习", where=""
    )
    database.dispose()
    return store


def _opened(daemon: Daemon, code: str) -> dict[str, Any] | None:
    """The alert of a code in the status, once it has its number: the status may be a moment older than the alert."""
    alerts = (daemon.status() or {"health": {"alerts": []}})["health"]["alerts"]
    return next((one for one in alerts if one["code"] == code and one["id"]), None)


def test_told_acknowledged_and_alive(store: Store, web: WebTarget, null_sink: NullSink) -> None:
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        wait(lambda: web.posts, 30, "an alert")
        told = web.posts[0].document
        assert "试验店" in told["title"] and "全部停播" in told["message"] and "怎么办" in told["message"]
        wait(lambda: web.gets, 20, "a heartbeat")
        alert = wait(lambda: _opened(daemon, "stopped-by-hand"), 10, "the alert in the status")
        assert alert["severity"] == "notice" and not alert["acknowledged"] and alert["since"]
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/api/v1/check", timeout=5) as answer:
            faults = json.load(answer)["faults"]
        assert [fault["code"] for fault in faults] == ["alert-address"] and "secret-9" not in json.dumps(faults)
    logs = "".join(path.read_text(encoding="utf-8") for path in (store.root / "var" / "log").iterdir())
    assert "alert-told" in logs and "heartbeat" in logs
    assert "secret-9" not in logs and "secret-9" not in daemon.console


def test_a_rehearsal_gives_no_sign_of_life(store: Store, web: WebTarget, null_sink: NullSink) -> None:
    with running(store.root, null_sink, "--at", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")) as daemon:
        begun = datetime.fromisoformat(daemon.ready()["now"])

        def later() -> bool:
            status = daemon.status()
            return status is not None and (datetime.fromisoformat(status["now"]) - begun).total_seconds() > 6

        wait(later, 30, "six seconds of a rehearsal")
    assert web.posts == [] and web.gets == []
