"""The daemon's log files, written by a thread of their own: a slow or full disk must not hold up who has something to
say, least of all the conductor."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import queue
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from broadcaster.decisions import LOGGER
from broadcaster.settings import Home

LOG_BYTES = 5_000_000
LOG_FILES = 5
DECISIONS = "decisions.jsonl"
QUEUED = 20_000
"""Lines that may wait for the disk; more are dropped, rather than filling the memory."""


@contextlib.contextmanager
def logging_to(home: Home) -> Iterator[None]:
    """Until the block ends all that is logged goes to standard error, ``broadcaster.log`` and ``decisions.jsonl``."""
    home.logs.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    # The client of the alerts logs the addresses, which are secrets.
    for name in ("watchfiles", "apscheduler", "alembic", "waitress", "apprise", "urllib3", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Warns of every request that waits its turn, and would push all else out of the log.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(QUEUED)
    entrance = _Entrance(waiting)
    handlers = _handlers(home)
    writer = logging.handlers.QueueListener(waiting, *handlers, respect_handler_level=True)
    writer.start()
    root.addHandler(entrance)
    try:
        yield
    finally:
        root.removeHandler(entrance)
        writer.stop()
        for handler in handlers:
            handler.close()


def _handlers(home: Home) -> list[logging.Handler]:
    readable = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handlers: list[logging.Handler] = [_Console(sys.stderr), _File(home.logs / "broadcaster.log")]
    for handler in handlers:
        handler.setFormatter(readable)
    decisions = _File(home.logs / DECISIONS)
    decisions.setFormatter(_DecisionForm())
    decisions.addFilter(logging.Filter(LOGGER))
    return [*handlers, decisions]


class _Entrance(logging.handlers.QueueHandler):
    """Drops what finds no room."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


class _Console(logging.StreamHandler[Any]):
    """Whoever read standard error may have gone; that is nobody's trouble."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


class _File(logging.handlers.RotatingFileHandler):
    """Goes on when the disk has room again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True)

    def handleError(self, record: logging.LogRecord) -> None:
        # The stream may hold what could not be written, and would refuse all that comes after it.
        stream, self.stream = self.stream, None
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.close()


class _DecisionForm(JsonFormatter):
    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def process_log_record(self, log_record: dict[str, Any]) -> dict[str, Any]:
        return log_record

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data |= {"at": at, "what": getattr(record, "what", record.msg), **getattr(record, "facts", {})}
