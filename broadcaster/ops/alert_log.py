"""Writes the alerts down behind the keeper's back: a database that is locked, full or gone holds up no alert."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from broadcaster.errors import StoreError
from broadcaster.ops.causes import Cause, cause
from broadcaster.store.alerts import AlertRows, StoredAlert

log = logging.getLogger(__name__)

RETRY_S = 10.0


class AlertLog:
    """Runs a thread. What can't be written now is kept in memory and written when it can be."""

    def __init__(self, rows: AlertRows) -> None:
        self._rows = rows
        self._dirty: dict[int, StoredAlert] = {}
        self._noted: list[tuple[StoredAlert, str]] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble = ""

    def load(self, now: datetime) -> tuple[list[StoredAlert], int]:
        """What an earlier run left unfinished, and the last id used. Never raises."""
        try:
            return self._rows.unfinished(), self._rows.last_id()
        except StoreError as error:
            log.error("the alerts of before can't be read: %s", error)
            self._trouble = str(error)
            # Above all ids there can be in the database, so that none is written over once it can be written.
            return [], int(now.timestamp())

    def recent(self, limit: int, before: int | None = None) -> Sequence[StoredAlert]:
        """See :meth:`AlertRows.recent`."""
        return self._rows.recent(limit, before)

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._work, name="alert-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what can be written, and end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(3)

    def save(self, row: StoredAlert) -> None:
        """Have one written; returns at once."""
        with self._lock:
            self._dirty[row.id] = row
        self._wake.set()

    def acknowledged(self, row: StoredAlert, *, where: str) -> None:
        """The same, with the audit trail's entry of who took note."""
        with self._lock:
            self._noted.append((row, where))
        self._wake.set()

    def causes(self, now: datetime) -> Sequence[Cause]:
        """That it can't be written."""
        trouble = self._trouble
        if not trouble:
            return ()
        return (cause("log-trouble", f"报警记录写不进去:{trouble}", f"alerts: {trouble}", subject="alerts"),)

    def _work(self) -> None:
        while True:
            self._wake.wait(RETRY_S if self._dirty or self._noted or self._trouble else None)
            self._wake.clear()
            try:
                self._write()
                self._trouble = ""
            except StoreError as error:
                if str(error) != self._trouble:
                    log.error("alerts can't be written: %s", error)
                self._trouble = str(error)
            except Exception:
                # The outermost turn of this thread.
                log.exception("writing alerts failed")
            if self._stop.is_set():
                return
            if self._trouble:
                self._stop.wait(RETRY_S)

    def _write(self) -> None:
        while True:
            with self._lock:
                noted = self._noted[0] if self._noted else None
                row = next(iter(self._dirty.values()), None)
            if noted is not None:
                one, where = noted
                at = one.acknowledged_at
                assert at is not None
                self._rows.acknowledged(one, at=at, who=one.acknowledged_by or "", where=where)
                with self._lock:
                    self._noted.pop(0)
            elif row is not None:
                self._rows.save(row)
                with self._lock:
                    # It may have changed meanwhile.
                    if self._dirty.get(row.id) is row:
                        del self._dirty[row.id]
            else:
                if self._trouble:
                    self._rows.last_id()
                return
