from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.clock import RehearsalClock
from broadcaster.store.audit import AuditTrail
from tests.store_support import BACKENDS, PLANNED, fresh


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_deed_is_kept_with_author_instant_and_place(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        trail = AuditTrail(database, RehearsalClock(PLANNED))
        trail.record(who="小王", what="day.set", detail={"date": "2026-11-28", "type": "活动日\0\ud800"}, where="cli")
        [entry] = trail.entries()
        assert (entry.who, entry.what, entry.where) == ("小王", "day.set", "cli")
        assert entry.detail == {"date": "2026-11-28", "type": "活动日\0\ud800"}
        assert 0 <= (entry.at - PLANNED).total_seconds() < 60


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_newest_come_first_and_can_be_paged(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        trail = AuditTrail(database, RehearsalClock(PLANNED))
        ids = [trail.record(who="a", what=f"deed.{number}") for number in range(5)]
        page = trail.entries(2)
        assert [entry.id for entry in page] == ids[:2:-1]
        assert [entry.id for entry in trail.entries(9, before=page[-1].id)] == ids[2::-1]


def test_a_detail_that_is_not_json_is_refused(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        with pytest.raises(TypeError):
            AuditTrail(database, RehearsalClock(PLANNED)).record(who="a", what="b", detail={"at": PLANNED})
        assert AuditTrail(database, RehearsalClock(PLANNED)).entries() == []
