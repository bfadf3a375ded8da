"""The conductor's pen: what a log that was away missed is written, but never at the air's cost."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.errors import StoreError
from broadcaster.playout.journal import CATCH_UP_MOST_S, Journal
from broadcaster.store.database import open_database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _locked(*_: Any, **__: Any) -> bool:
    raise StoreError("database is locked")


def test_a_slow_log_catches_up_in_small_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(tmp_path / "log.db")
    journal = Journal(AsRunLog(database, "main"))
    with monkeypatch.context() as away:
        away.setattr(AsRunLog, "spot_ended", _locked)
        for number in range(10):
            journal.spot_ended(str(number), NOW, Outcome.AIRED, "")
    written: list[str] = []

    def slowly(self: AsRunLog, spot_id: str, *_: Any) -> bool:
        time.sleep(CATCH_UP_MOST_S / 2)
        written.append(spot_id)
        return True

    monkeypatch.setattr(AsRunLog, "spot_ended", slowly)
    journal.catch_up()
    assert 1 <= len(written) <= 4 and journal.trouble
    deadline = monotonic() + 30
    while journal.trouble and monotonic() < deadline:
        journal.catch_up()
    assert written == [str(number) for number in range(10)]
    database.dispose()
