"""Who is to be told what at this moment: decided from the alerts, the targets and what each was told, and nothing else.

Everything that is due to a target goes into one letter. What can't be sent, what quiet hours hold back and what the
flood guard keeps waits as due, and is told together when it can be; nothing is dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from broadcaster.ops.alert_book import Alert
from broadcaster.ops.causes import ENDS_AT_ONCE, SEVERITIES, Severity
from broadcaster.ops.marks import mark_of_address
from broadcaster.ops.messengers import MessageKind
from broadcaster.plan.alert_addresses import address_fault
from broadcaster.plan.unattended_models import Alerts, AlertTarget, Quiet
from broadcaster.store.alerts import StoredAlert

_KINDS: dict[Severity, MessageKind] = {"notice": "info", "warning": "warning", "urgent": "failure"}

Kind = Literal["new", "again", "over", "past"]
"""``past``: it came and went before this target could be told."""

KEPT_FOR_URGENT = 3
"""Of the messages of an hour, for what is new and urgent."""
GAP_S = 10.0
"""Least time between two letters to one target, but for what is new and urgent and the end of an emergency: what comes
together is told at once."""
BACK_OFF_S = (5.0, 10.0, 20.0, 40.0, 60.0, 120.0)
"""After the first failure, the second, and so on."""
FAILING_AFTER_S = 300.0
"""A target that could not be reached for so long is a trouble itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing told."""

    alert: StoredAlert
    kind: Kind


@dataclass(frozen=True, slots=True)
class Letter:
    """What one target is told at once, gravest first."""

    target: AlertTarget
    mark: str
    items: tuple[Item, ...]

    @property
    def message_kind(self) -> MessageKind:
        """By the gravest of what is wrong; a success where all of it is over."""
        wrong = [item.alert.severity for item in self.items if item.kind in ("new", "again")]
        return _KINDS[max(wrong, key=SEVERITIES.index)] if wrong else "success"


@dataclass(slots=True)
class Mailbox:
    """How it goes with one target. Times in monotonic seconds."""

    busy: bool = False
    sent: deque[float] = field(default_factory=deque)
    """Of the last hour."""
    failures: int = 0
    next_try: float = float("-inf")
    failing_since: float | None = None
    zh: str = ""
    """Why it failed last, in words; empty while it works."""
    en: str = ""

    def succeeded(self, mono: float) -> None:
        """A letter was taken."""
        self.sent.append(mono)
        self.busy, self.failures, self.failing_since, self.zh, self.en = False, 0, None, "", ""

    def failed(self, mono: float, zh: str, en: str) -> None:
        """It was not; wait longer each time."""
        self.busy = False
        self.next_try = mono + BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)]
        self.failures += 1
        self.failing_since = mono if self.failing_since is None else self.failing_since
        self.zh, self.en = zh, en


def mark_of(target: AlertTarget) -> str:
    """Stands for a target's address where that must not be written."""
    return mark_of_address(target.url)


def is_quiet(quiet: Quiet | None, local: datetime) -> bool:
    """Whether it is quiet hours; ``local`` in the store's zone."""
    if quiet is None:
        return False
    at = local.hour * 3600 + local.minute * 60 + local.second
    if quiet.start <= quiet.end:
        return quiet.start <= at < quiet.end
    return at >= quiet.start or at < quiet.end


def concerns(row: StoredAlert, target: AlertTarget) -> bool:
    """Whether a target is told of such a thing at all."""
    return SEVERITIES.index(row.severity) >= SEVERITIES.index(target.least)


def due(alert: Alert, mark: str, mono: float, repeat_s: float) -> Kind | None:
    """What is to be told of an alert, quiet hours and floods aside."""
    row, told = alert.row, alert.row.told_to.get(mark)
    if alert.over:
        if told:
            return "over"
        return "past" if told is None and _owed(alert, mark) else None
    if row.acknowledged_at is not None or alert.gone_at is not None:
        # Somebody knows, or it may be over: then its end is told, or that it was.
        return None
    if not told:
        return "new"
    return "again" if mono - alert.told.get(mark, float("-inf")) >= repeat_s else None


def _owed(alert: Alert, mark: str) -> bool:
    if alert.row.acknowledged_at is not None:
        return False
    if alert.owed is None:
        # Of before a restart: whoever is not among those who were told may have been put in since.
        return not alert.row.told_to
    return mark in alert.owed


def letters(
    alerts: Sequence[Alert],
    settings: Alerts,
    mailboxes: dict[str, Mailbox],
    *,
    quiet: bool,
    mono: float,
) -> Iterator[Letter]:
    """What is to be sent now. Adds a mailbox for each new target."""
    for target in settings.to:
        mark = mark_of(target)
        box = mailboxes.setdefault(mark, Mailbox())
        if box.busy or mono < box.next_try or address_fault(target.url) is not None:
            continue
        found = list(_items(alerts, target, mark, mono, settings.repeat, quiet=quiet))
        if not found:
            continue
        pressing = any(item.kind == "new" and item.alert.severity == "urgent" for item in found)
        ended = any(item.kind == "over" and item.alert.code in ENDS_AT_ONCE for item in found)
        if _may_send(box, mono, settings.per_hour, pressing=pressing, ended=ended):
            found.sort(key=_news_first)
            yield Letter(target, mark, tuple(found))


def _items(
    alerts: Sequence[Alert], target: AlertTarget, mark: str, mono: float, repeat_s: float, *, quiet: bool
) -> Iterator[Item]:
    asked = [one for one in alerts if concerns(one.row, target) and not (quiet and one.row.severity != "urgent")]
    told = [(one, kind) for one in asked if (kind := due(one, mark, mono, repeat_s)) is not None]
    for one in asked if told else ():
        # A repetition that is due soon comes along now: one letter instead of two.
        kind = due(one, mark, mono, repeat_s) or due(one, mark, mono, repeat_s / 2)
        if kind is not None:
            yield Item(one.row, kind)


def _news_first(item: Item) -> tuple[bool, int, datetime]:
    """What is wrong before what is over, gravest first, then oldest."""
    return item.kind in ("over", "past"), -SEVERITIES.index(item.alert.severity), item.alert.since


def _may_send(box: Mailbox, mono: float, per_hour: int, *, pressing: bool, ended: bool) -> bool:
    while box.sent and mono - box.sent[0] >= 3600:
        box.sent.popleft()
    if pressing:
        return len(box.sent) < per_hour
    if not ended and box.sent and mono - box.sent[-1] < GAP_S:
        return False
    return len(box.sent) < max(1, per_hour - KEPT_FOR_URGENT)


def finished(alerts: Sequence[Alert], targets: Sequence[AlertTarget]) -> list[int]:
    """Ids of the alerts that are over and of which nobody has still to be told."""
    marks = {mark_of(target): target for target in targets}
    return [
        one.row.id
        for one in alerts
        if one.over
        and not any(
            concerns(one.row, target) and due(one, mark, float("inf"), float("inf")) for mark, target in marks.items()
        )
    ]
