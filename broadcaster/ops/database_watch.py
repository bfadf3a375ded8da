"""Whether the daemon works on the database that it should: one that was damaged is set aside at the start, and one that
can't be opened is left alone. Then it airs on without accounts and notices, and people must know what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from broadcaster.ops.causes import Cause, cause
from broadcaster.settings import Home
from broadcaster.store.sqlite import refusal

BUSY = ("locked", "busy")
"""Another process writes at this moment: the log tells by itself if that lasts."""

_ASIDE = re.compile(r"\.damaged-(\d{8}T\d{6})\.\d+Z$")


class DatabaseWatch:
    """``look`` reads the disk and may take a second; ``causes`` only tells what it found. ``used`` is the database that
    is open, ``trouble`` why it is not ``home.database``."""

    def __init__(self, home: Home, used: Path | None, trouble: str = "") -> None:
        self._home = home
        self._used = used
        self._beside = trouble
        self._aside: tuple[Path, datetime] | None = None
        self._backup = ""
        self._refused = ""

    def look(self) -> None:
        """See what there is on the disk."""
        self._aside = set_aside_last(self._home)
        self._backup = _backup_before(self._home, self._aside[1]) if self._aside else ""
        refused = refusal(self._used) if self._used is not None else ""
        self._refused = "" if any(word in refused for word in BUSY) else refused

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        del now
        return list(self._causes())

    def _causes(self) -> Iterator[Cause]:
        if self._beside:
            yield cause(
                "database-unopened",
                f"数据库打不开,账户和通知暂不可用,播出日志写在旁边:{self._beside}",
                f"the database can't be opened; no accounts, no notices, the log is written beside it: {self._beside}",
            )
        elif self._refused:
            yield cause(
                "log-trouble", f"数据库写不进去:{self._refused}", f"the database can't be written: {self._refused}"
            )
        if self._aside is None:
            return
        name = self._aside[0].name
        yield cause(
            "database-aside",
            f"数据库损坏,已另存为 {name},换上了空的:账户、通知、日志都不在里面。"
            + (f"之前最后一份备份:{self._backup}" if self._backup else "没有找到之前的备份"),
            f"the database was damaged and set aside as {name}; the new one has no accounts, notices or log. "
            + (f"Latest backup from before: {self._backup}" if self._backup else "No backup from before was found"),
        )


def set_aside_last(home: Home) -> tuple[Path, datetime] | None:
    """The database that was set aside last, and when; None if a backup was restored since."""
    found = [
        (path, datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
        for path in home.var.glob(f"{home.database.name}.damaged-*")
        if (match := _ASIDE.search(path.name))
    ]
    if not found:
        return None
    path, at = max(found, key=lambda one: one[1])
    try:
        restored = max((one.stat().st_mtime for one in home.var.glob("before-restore-*")), default=0.0)
    except OSError:
        restored = 0.0
    return None if restored > at.timestamp() else (path, at)


def _backup_before(home: Home, at: datetime) -> str:
    """Where the newest backup lies that was made before; each was tried out when it was made."""
    stamp = f"{at:%Y%m%d-%H%M%S}"
    names = (path.stem for path in (home.var / "backups").glob("*.zip"))
    name = max((one for one in names if re.fullmatch(r"\d{8}-\d{6}", one) and one <= stamp), default="")
    return f"var/backups/{name}.zip" if name else ""
