"""Asks each second what is wrong, keeps the alerts, and has those told who should know. See docs/alerts.md."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, Protocol

from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.errors import StoreError, TooOften
from broadcaster.ops import messengers
from broadcaster.ops.alert_book import Alert, AlertBook
from broadcaster.ops.alert_log import AlertLog
from broadcaster.ops.alert_words import Sender, body, title
from broadcaster.ops.causes import OF_BOTH, SHOWN_AT_ONCE, Cause, Source, cause
from broadcaster.ops.messengers import Answer, Message
from broadcaster.ops.telling import FAILING_AFTER_S, Letter, Mailbox, finished, is_quiet, letters, mark_of
from broadcaster.plan.unattended_models import Alerts, AlertTarget
from broadcaster.store.alerts import StoredAlert

log = logging.getLogger(__name__)

TURN_S = 1.0
SLEPT_S = 30.0
"""A turn that comes so late: the PC slept, or was stopped."""
TEST_LIMIT_S = 30.0


class Send(Protocol):
    """As :func:`broadcaster.ops.messengers.send`."""

    def __call__(
        self, messages: Sequence[Message], told: Callable[[Answer], None], *, limit_s: float = ...
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """What the keeper needs of the rest: settings and store as the plan on air says; None before there is one."""

    settings: Callable[[], Alerts | None]
    sender: Callable[[], Sender]
    tz: Callable[[], tzinfo]
    has_air: Callable[[], bool] = lambda: True
    """False on that of two PCs which is silent now: what concerns both, only the other tells."""


@dataclass(frozen=True, slots=True)
class TargetState:
    """How it goes with a target, without its address."""

    mark: str
    zh: str
    """What goes wrong; empty while it works."""
    en: str
    sent: int
    """Messages of the last hour."""


class AlertKeeper:
    """Runs a thread. All else may be called from any thread, and never waits for the network or the database."""

    def __init__(
        self, clock: Clock, reach: Reach, alert_log: AlertLog, *, rehearsal: bool = False,
        send: Send = messengers.send,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._reach = reach
        self._log = alert_log
        self._rehearsal = rehearsal
        self._send = send
        self.book = AlertBook(alert_log.save)
        self._sources: list[Source] = [alert_log]
        self._last: dict[int, Sequence[Cause]] = {}
        self._mailboxes: dict[str, Mailbox] = {}
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()
        self._testing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._turned = clock.mono()

    # --- life

    def watch(self, source: Source) -> None:
        """Ask this part as well."""
        self._sources.append(source)

    def start(self) -> None:
        """Go on with what an earlier run left, and begin."""
        rows, last_id = self._log.load(self._clock.now())
        self.book.load(rows, last_id, self._clock.now(), self._clock.mono())
        self._log.start()
        self._turned = self._clock.mono()
        self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End. What is not told yet is told after the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)
        self._log.stop()

    def _work(self) -> None:
        while not self._stop.wait(TURN_S):
            try:
                self.turn()
            except Exception:
                # The outermost turn of this thread: the next one looks anew.
                log.exception("looking after the alerts failed")

    # --- each second

    def turn(self) -> None:
        """Look, and send off what is due. Waits for nobody."""
        now, mono = self._clock.now(), self._clock.mono()
        if mono - self._turned > SLEPT_S:
            self.book.forget_seen(mono)
        self._turned = mono
        for row in self.book.see([*self.causes(now), *self._own(mono)], now, mono):
            decided("alert-opened", id=row.id, code=row.code, subject=row.subject, severity=row.severity)
        settings = self._reach.settings()
        if settings is None:
            return
        with self._lock:
            self._forget_targets(settings)
        self.book.owe({mark_of(target) for target in settings.to})
        alerts = self.book.alerts()
        held = set() if self._reach.has_air() else {one.row.id for one in alerts if _is_the_other_s(one)}
        over = {*finished(alerts, settings.to), *(one.row.id for one in alerts if one.over and one.row.id in held)}
        self.book.close(list(over))
        left = [one for one in alerts if one.row.id not in over | held]
        quiet = is_quiet(settings.quiet, now.astimezone(self._reach.tz()))
        with self._lock:
            due = list(letters(left, settings, self._mailboxes, quiet=quiet, mono=mono))
            for letter in due:
                self._mailboxes[letter.mark].busy = True
        if due:
            self._post(due, now)

    def causes(self, now: datetime) -> list[Cause]:
        """All that is wrong at this moment, each once."""
        found: dict[tuple[str, str], Cause] = {}
        for source in self._sources:
            try:
                self._last[id(source)] = source.causes(now)
            except Exception:
                # A part that fails here is not well, but the others must be asked; what it said last stands.
                log.exception("%s can't say what is wrong", type(source).__name__)
            for one in self._last.get(id(source), ()):
                found.setdefault(one.key, one)
        return list(found.values())

    def _own(self, mono: float) -> Iterator[Cause]:
        with self._lock:
            failing = [
                (self._names.get(mark, mark), box.zh, box.en)
                for mark, box in self._mailboxes.items()
                if box.failing_since is not None and mono - box.failing_since >= FAILING_AFTER_S
            ]
        for name, zh, en in failing:
            yield cause("alerts", f"报警发不到“{name}”:{zh}", f"alerts don't reach “{name}”: {en}", subject=name)

    def _forget_targets(self, settings: Alerts) -> None:
        self._names = {mark_of(target): target.name or kind_word(target) for target in settings.to}
        for mark in [mark for mark, box in self._mailboxes.items() if mark not in self._names and not box.busy]:
            del self._mailboxes[mark]

    # --- telling

    def _post(self, due: Sequence[Letter], now: datetime) -> None:
        sender = self._reach.sender()
        messages = [
            Message(
                letter.mark, letter.target.url, title(letter, sender), body(letter, sender, now),
                letter.message_kind,
            )
            for letter in due
        ]  # fmt: skip
        by_mark = {letter.mark: letter for letter in due}

        def told(answer: Answer) -> None:
            self._answered(by_mark[answer.mark], answer)

        if self._rehearsal:
            for message in messages:
                log.info("rehearsal, told nobody: %s", message.title)
                told(Answer(message.mark))
            return
        threading.Thread(target=partial(self._send_off, messages, told), name="alerts-out", daemon=True).start()

    def _send_off(self, messages: Sequence[Message], told: Callable[[Answer], None]) -> None:
        try:
            self._send(messages, told)
        except Exception as error:
            # The outermost turn of this thread: a mailbox must not stay busy for ever.
            log.exception("alerts could not be sent")
            with self._lock:
                for message in messages:
                    box = self._mailboxes.get(message.mark)
                    if box is not None and box.busy:
                        box.failed(self._clock.mono(), f"发送出错:{type(error).__name__}", type(error).__name__)

    def _answered(self, letter: Letter, answer: Answer) -> None:
        now, mono = self._clock.now(), self._clock.mono()
        name = letter.target.name or kind_word(letter.target)
        codes = " ".join(f"{item.alert.code}:{item.kind}" for item in letter.items)
        with self._lock:
            box = self._mailboxes.setdefault(letter.mark, Mailbox())
            if answer.ok:
                box.succeeded(mono)
            else:
                box.failed(mono, answer.zh, answer.en)
            wait_s = max(0.0, box.next_try - mono)
        if answer.ok:
            self.book.tell([(item.alert.id, item.kind) for item in letter.items], letter.mark, at=now, mono=mono)
            decided("alert-told", target=name, what=codes, rehearsal=self._rehearsal)
        else:
            decided("alert-not-told", target=name, what=codes, why=answer.en, again_in_s=wait_s)

    def test(self, target: AlertTarget) -> Answer:
        """Really send a test to a target, and tell how it went; some seconds. ``TooOften`` while another runs."""
        if not self._testing.acquire(blocking=False):
            raise TooOften("正在测试,请稍候 / a test is under way, one moment", 5)
        try:
            sender, now = self._reach.sender(), self._clock.now()
            at = f"{now.astimezone(sender.tz):%Y-%m-%d %H:%M:%S}"
            words = (
                f"{sender.zh} · 分区 {sender.zone}\n这是一条测试,收到即说明报警能送到。{at}",
                f"{sender.en or sender.zh}, zone {sender.zone}\nThis is a test: alerts reach you. {at}",
            )
            zh = target.language == "zh"
            head = f"【播音测试】{sender.zh}" if zh else f"[Broadcast test] {sender.en or sender.zh}"
            answers: list[Answer] = []
            message = Message(mark_of(target), target.url, head, words[0 if zh else 1])
            self._send([message], answers.append, limit_s=TEST_LIMIT_S)
            answer = answers[0] if answers else Answer(message.mark, *messengers.LATE)
        finally:
            self._testing.release()
        decided("alert-test", target=target.name or kind_word(target), ok=answer.ok, why=answer.en)
        return answer

    # --- for the page

    def present(self, now: datetime) -> list[dict[str, Any]]:
        """What is wrong and has lasted long enough to be told of, for the status; the alert's id where it has one."""
        known = {(one.row.code, one.row.subject): one.row for one in self.book.open()}
        tz = self._reach.tz()
        return [
            _status(one, known.get(one.key), tz)
            for one in self.causes(now)
            if one.key in known or one.after_s <= 0 or one.code in SHOWN_AT_ONCE
        ]  # fmt: skip

    def pending(self, now: datetime) -> list[str]:
        """Codes of what is wrong for so short a time that it may yet mend itself."""
        known = {(one.row.code, one.row.subject) for one in self.book.open()}
        return sorted({one.code for one in self.causes(now) if one.key not in known and one.after_s > 0})

    def open(self) -> Sequence[Alert]:
        """The alerts that are not over, gravest first."""
        return self.book.open()

    def unacknowledged(self) -> int:
        """How many of them nobody took note of."""
        return sum(one.row.acknowledged_at is None for one in self.book.open())

    def history(self, limit: int, before: int | None = None) -> Sequence[StoredAlert]:
        """Those that are over, newest first, from the database. ``StoreError``."""
        rows = self._log.recent(limit, before)
        return [row for row in rows if row.cleared_at is not None]

    def acknowledge(self, number: int, *, by: str, where: str) -> bool:
        """Somebody takes note: it is not repeated. False if somebody did before. ``UsageError`` if it is not open."""
        row = self.book.acknowledge(number, who=by, at=self._clock.now())
        if row is None:
            return False
        self._log.acknowledged(row, where=where)
        decided("alert-acknowledged", id=number, code=row.code, by=by)
        return True

    def targets(self) -> dict[str, TargetState]:
        """How it goes with each target that was written to, by its mark."""
        with self._lock:
            return {
                mark: TargetState(mark, box.zh, box.en, len(box.sent)) for mark, box in self._mailboxes.items()
            }  # fmt: skip


def _is_the_other_s(alert: Alert) -> bool:
    """Whether the PC that has the air tells of it. The end of what this one told, this one tells."""
    return alert.row.code in OF_BOTH and not (alert.over and alert.row.told_to)


def kind_word(target: AlertTarget) -> str:
    """The kind of a target, of its address; safe to be shown."""
    scheme = target.url.partition("://")[0]
    return scheme if scheme.isalnum() and len(scheme) <= 20 else "?"


def _status(one: Cause, row: StoredAlert | None, tz: tzinfo) -> dict[str, Any]:
    since = row.since.astimezone(tz).isoformat(timespec="seconds") if row else None
    return {
        "code": one.code, "subject": one.subject, "severity": one.severity, "message": one.zh, "message_en": one.en,
        "id": row.id if row else None, "since": since,
        "acknowledged": row is not None and row.acknowledged_at is not None,
    }  # fmt: skip


__all__ = ["AlertKeeper", "Reach", "StoreError", "TargetState", "kind_word"]
