"""What the tests of notices share: people, drafts, a desk on a real database, and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.clock import monotonic
from broadcaster.notices.desk import Helpers, NoticeDesk
from broadcaster.notices.models import NoticeDraft, NoticeRecord, When
from broadcaster.plan.plan import Clip
from broadcaster.store.database import Database
from broadcaster.store.vendors import Vendors
from tests.store_support import fresh

TZ = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 24)
NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Somebody:
    name: str
    role: str
    active: bool = True


AMY = Somebody("amy", "promo")
BOB = Somebody("bob", "manager")
CAT = Somebody("cat", "announcer")
DAN = Somebody("dan", "manager")
EVE = Somebody("eve", "supervisor")


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NINE) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def mono(self) -> float:
        return monotonic()

    def go(self, **length: float) -> None:
        self.at += timedelta(**length)


def draft(text: str = "欢迎光临", **changes: Any) -> NoticeDraft:
    when = changes.pop("when", None) or timed()
    return NoticeDraft(title="通知", text=text, when=when, **changes)


def timed(at: tuple[str, ...] = ("10:05",), first: date = TODAY, last: date = TODAY, **more: Any) -> When:
    return When(at=at, first=first, last=last, **more)


def turns(first: date = TODAY, last: date = TODAY, **more: Any) -> When:
    return When(rotation="vendor-promos", first=first, last=last, **more)


def clip(name: str = "a", duration_s: float = 8.0) -> Clip:
    return Clip(path=f"/clips/{name}.wav", duration_s=duration_s, key=name)


class Scene:
    """A desk, its database and its clock."""

    def __init__(self, database: Database, helpers: Helpers | None = None) -> None:
        self.database = database
        self.clock = HandClock()
        self.desk = NoticeDesk(database, self.clock, lambda: TZ, helpers)
        self.vendors = Vendors(database, self.clock)

    def submitted(self, text: str = "欢迎光临", **changes: Any) -> NoticeRecord:
        return self.desk.submit(draft(text, **changes), AMY, "test")

    def approved(self, text: str = "欢迎光临", **changes: Any) -> NoticeRecord:
        record = self.submitted(text, **changes)
        return self.desk.approve(record.id, record.revision, BOB)

    def ready(self, text: str = "欢迎光临", **changes: Any) -> NoticeRecord:
        record = self.approved(text, **changes)
        assert self.desk.mark_ready(record.id, record.revision, clip(f"{record.id}"), {"engine": "test"})
        return self.get(record.id)

    def get(self, number: int) -> NoticeRecord:
        record = self.desk.get(number)
        assert record is not None
        return record

    def vendor(self, name: str = "tata", **changes: Any) -> None:
        self.vendors.put(name, "商户", by="bob", **changes)


@contextmanager
def scene(folder: Path, backend: str = "sqlite", helpers: Helpers | None = None) -> Iterator[Scene]:
    """A scene on a fresh database of a back end."""
    with fresh(backend, folder) as database:
        yield Scene(database, helpers)
