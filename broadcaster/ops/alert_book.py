"""Which troubles there are, from when to when: the state behind the alerts, without clock, thread or database.

A trouble becomes an alert when it has lasted its ``after_s``; the alert is over when the trouble has been away for
:data:`CLEAR_AFTER_S`. One that comes and goes within that time stays one alert, and is told once. What somebody ends
for good (:data:`broadcaster.ops.causes.ENDS_AT_ONCE`) is over at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from broadcaster.errors import UsageError
from broadcaster.ops.causes import ENDS_AT_ONCE, SEVERITIES, Cause
from broadcaster.store.alerts import StoredAlert

CLEAR_AFTER_S = 60.0
GAP_S = 2.0
"""A trouble that is away for no longer than this while it is not yet an alert is still the same."""


@dataclass(slots=True)
class Alert:
    """One alert while it is looked after. Times in seconds are monotonic."""

    row: StoredAlert
    seen: float
    """When its trouble was last there."""
    gone_at: datetime | None = None
    """Since when the trouble is away; None while it is there."""
    told: dict[str, float] = field(default_factory=dict)
    """When each target was told last."""
    owed: set[str] | None = field(default_factory=set)
    """Targets that there were while it lasted. None: not known after a restart, then all."""

    @property
    def over(self) -> bool:
        """Whether the trouble is away for good."""
        return self.row.cleared_at is not None


@dataclass(slots=True)
class _Pending:
    cause: Cause
    since: datetime
    first: float
    last: float


class AlertBook:
    """May be shared by threads. ``save`` is called with each alert that changed; it must not wait."""

    def __init__(self, save: Callable[[StoredAlert], None] = lambda row: None) -> None:
        self._save = save
        self._lock = Lock()
        self._alerts: dict[int, Alert] = {}
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._next_id = 1

    def load(self, rows: Sequence[StoredAlert], last_id: int, now: datetime, mono: float) -> None:
        """Go on where an earlier run of the program stopped. What was open stays open until it is seen to be over."""
        with self._lock:
            self._next_id = max(self._next_id, last_id + 1)
            for row in rows:
                told = {}
                for mark, at in row.told_to.items():
                    if at:
                        told[mark] = mono - max(0.0, (now - datetime.fromisoformat(at)).total_seconds())
                self._alerts[row.id] = Alert(row, mono, told=told, owed=None)

    def see(self, causes: Sequence[Cause], now: datetime, mono: float) -> list[StoredAlert]:
        """Take what there is now; returns the alerts that this opened."""
        present = {cause.key: cause for cause in causes}
        with self._lock:
            for key, cause in present.items():
                if (alert := self._open(key)) is not None:
                    self._still(alert, cause, mono)
            opened = self._ripen({key: one for key, one in present.items() if self._open(key) is None}, now, mono)
            for alert in self._alerts.values():
                if not alert.over and (alert.row.code, alert.row.subject) not in present:
                    self._away(alert, now, mono)
        return opened

    def _open(self, key: tuple[str, str]) -> Alert | None:
        same = (one for one in self._alerts.values() if not one.over and (one.row.code, one.row.subject) == key)
        return next(same, None)

    def _still(self, alert: Alert, cause: Cause, mono: float) -> None:
        alert.seen, alert.gone_at = mono, None
        row = alert.row
        if SEVERITIES.index(cause.severity) > SEVERITIES.index(row.severity):
            # What was mild is told anew when it grows grave.
            row = replace(row, told_to={}, acknowledged_at=None, acknowledged_by=None)
            alert.told.clear()
        row = replace(row, severity=cause.severity, zh=cause.zh, en=cause.en)
        if row != alert.row:
            # The words may count seconds: they alone are not worth a write.
            graver = row.severity != alert.row.severity
            alert.row = row
            if graver:
                self._save(row)

    def _ripen(self, causes: dict[tuple[str, str], Cause], now: datetime, mono: float) -> list[StoredAlert]:
        opened = []
        for key, cause in causes.items():
            pending = self._pending.setdefault(key, _Pending(cause, now, mono, mono))
            pending.cause, pending.last = cause, mono
            if mono - pending.first >= cause.after_s:
                row = StoredAlert(
                    self._next_id, cause.code, cause.subject, cause.severity, cause.zh, cause.en, pending.since
                )
                self._next_id += 1
                self._alerts[row.id] = Alert(row, mono)
                del self._pending[key]
                self._save(row)
                opened.append(row)
        for key, pending in list(self._pending.items()):
            if mono - pending.last > GAP_S:
                del self._pending[key]
        return opened

    def _away(self, alert: Alert, now: datetime, mono: float) -> None:
        if alert.gone_at is None:
            alert.gone_at = max(alert.row.since, now)
        if alert.row.code in ENDS_AT_ONCE or mono - alert.seen >= CLEAR_AFTER_S:
            alert.row = replace(alert.row, cleared_at=alert.gone_at)
            self._save(alert.row)

    def forget_seen(self, mono: float) -> None:
        """Nothing could be looked at for a while (a suspended PC): the time that passed says nothing."""
        with self._lock:
            self._pending.clear()
            for alert in self._alerts.values():
                alert.seen = mono

    # --- read

    def alerts(self) -> list[Alert]:
        """All that are looked after: open, or over and not yet told to everybody. Copies, oldest first."""
        with self._lock:
            return [
                replace(one, told=dict(one.told), owed=None if one.owed is None else set(one.owed))
                for one in self._alerts.values()
            ]

    def open(self) -> list[Alert]:
        """Those that are not over, gravest first, then oldest."""
        found = [one for one in self.alerts() if not one.over]
        return sorted(found, key=lambda one: (-SEVERITIES.index(one.row.severity), one.row.since))

    # --- write

    def acknowledge(self, number: int, *, who: str, at: datetime) -> StoredAlert | None:
        """Somebody takes note of it; None if somebody did before. ``UsageError`` if it is not open."""
        with self._lock:
            alert = self._alerts.get(number)
            if alert is None or alert.over:
                raise UsageError(f"没有编号 {number} 的报警,或已解除 / there is no open alert {number}")
            if alert.row.acknowledged_at is not None:
                return None
            alert.row = replace(alert.row, acknowledged_at=at, acknowledged_by=who)
            return alert.row

    def owe(self, marks: set[str]) -> None:
        """These targets are there while what is open lasts."""
        with self._lock:
            for alert in self._alerts.values():
                if not alert.over and alert.owed is not None:
                    alert.owed |= marks

    def tell(self, told: Sequence[tuple[int, str]], mark: str, *, at: datetime, mono: float) -> None:
        """A target was told of these, each as the kind says: of one that is over by now, that it was not yet, maybe."""
        with self._lock:
            for number, kind in told:
                if (alert := self._alerts.get(number)) is None:
                    continue
                stamp = "" if kind in ("over", "past") else at.isoformat(timespec="seconds")
                row = alert.row
                alert.row = replace(row, told_at=at, told=row.told + 1, told_to={**row.told_to, mark: stamp})
                alert.told[mark] = mono
                self._save(alert.row)

    def close(self, numbers: Sequence[int]) -> None:
        """Everybody knows of their end who should."""
        with self._lock:
            for number in numbers:
                alert = self._alerts.pop(number, None)
                if alert is not None:
                    self._save(replace(alert.row, clear_told=True))


def lasted(row: StoredAlert, now: datetime) -> timedelta:
    """How long it lasts, or lasted."""
    return max(timedelta(), (row.cleared_at or now) - row.since)
