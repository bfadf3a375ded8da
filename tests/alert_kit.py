"""Targets of alerts that are real servers, and a keeper whose time a test moves."""

from __future__ import annotations

import http.server
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.ops.alert_keeper import AlertKeeper, Reach, Send
from broadcaster.ops.alert_log import AlertLog
from broadcaster.ops.alert_words import Sender
from broadcaster.ops.causes import Cause
from broadcaster.ops.messengers import Answer, Message
from broadcaster.plan.unattended_models import Alerts, AlertTarget
from broadcaster.store.alerts import AlertRows
from broadcaster.store.database import Database, open_database

NOON = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


@dataclass
class Post:
    """What came in at a web address."""

    path: str
    document: Any


@dataclass
class WebTarget:
    """A web server that keeps what is posted to it, and answers as it is told to."""

    port: int
    posts: list[Post] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"{}"
    hang: threading.Event | None = None

    @property
    def url(self) -> str:
        """As Apprise writes it."""
        return f"json://127.0.0.1:{self.port}/hook"

    @property
    def titles(self) -> list[str]:
        """Of all letters that came."""
        return [post.document["title"] for post in self.posts]


@contextmanager
def web_target() -> Iterator[WebTarget]:
    """Runs until the end of the block."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if kept.hang is not None:
                kept.hang.wait(30)
            kept.posts.append(Post(self.path, json.loads(body)))
            self._answer()

        def do_GET(self) -> None:
            kept.gets.append(self.path)
            self._answer()

        def _answer(self) -> None:
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(kept.answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = WebTarget(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        if kept.hang is not None:
            kept.hang.set()
        server.shutdown()
        server.server_close()


@dataclass
class MailTarget:
    """A mail server that takes everything."""

    port: int
    mails: list[str] = field(default_factory=list)


@contextmanager
def mail_target(*, refuse: bool = False) -> Iterator[MailTarget]:
    """Runs until the end of the block; with ``refuse`` it takes no recipient."""
    listener = socket.create_server(("127.0.0.1", 0))
    target = MailTarget(listener.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_converse, args=(connection, target, refuse), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield target
    finally:
        listener.close()


def _converse(connection: socket.socket, target: MailTarget, refuse: bool) -> None:
    with connection, connection.makefile("rwb") as stream:

        def say(line: bytes) -> None:
            stream.write(line + b"\r\n")
            stream.flush()

        say(b"220 test")
        while line := stream.readline():
            word = line[:4].upper()
            if word == b"RCPT" and refuse:
                say(b"550 no such mailbox")
            elif word == b"DATA":
                say(b"354 go on")
                mail = b""
                while (part := stream.readline()) not in (b".\r\n", b""):
                    mail += part
                target.mails.append(mail.decode())
                say(b"250 taken")
            elif word == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 test")


class HandClock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.wall, self.seconds = NOON, 1000.0

    def now(self) -> datetime:
        return self.wall

    def mono(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


class Troubles:
    """A source that says what it is told to."""

    def __init__(self) -> None:
        self.now: list[Cause] = []

    def causes(self, now: datetime) -> Sequence[Cause]:
        return self.now


@dataclass
class Sent:
    """Takes letters in place of the network, at once; ``down`` refuses all."""

    messages: list[Message] = field(default_factory=list)
    down: bool = False

    def __call__(self, messages: Sequence[Message], told: Callable[[Answer], None], *, limit_s: float = 0) -> None:
        for message in messages:
            if self.down:
                told(Answer(message.mark, "连不上", "can't be reached"))
            else:
                self.messages.append(message)
                told(Answer(message.mark))

    @property
    def heads(self) -> list[str]:
        """What stands in brackets at the head of each letter."""
        return [re.findall(r"[【\[](.+?)[】\]]", message.title)[0] for message in self.messages]


class Station:
    """A keeper with settings, a source and time in a test's hand; sending is done before a turn returns."""

    def __init__(
        self, folder: Path, settings: Alerts, *, send: Send | None = None, database: Database | None = None,
        rehearsal: bool = False,
    ) -> None:  # fmt: skip
        self.clock, self.troubles, self.sent = HandClock(), Troubles(), Sent()
        self.settings = settings
        self.database = database or open_database(folder / "alerts.db")
        self.log = AlertLog(AlertRows(self.database, "main"))
        sender = Sender("红星家居", "Red Star", "main", UTC, "http://192.168.1.9:8080")
        self.has_air = True
        reach = Reach(lambda: self.settings, lambda: sender, lambda: UTC, lambda: self.has_air)
        self.keeper = AlertKeeper(self.clock, reach, self.log, rehearsal=rehearsal, send=send or self.sent)
        self.keeper.watch(self.troubles)
        rows, last = self.log.load(self.clock.now())
        self.keeper.book.load(rows, last, self.clock.now(), self.clock.mono())

    def run(self, seconds: float, step: float = 1.0) -> None:
        """Let time go by, turn by turn."""
        for _ in range(round(seconds / step)):
            self.clock.move(step)
            self.turn()

    def turn(self) -> None:
        """One turn, and wait until what it sent off is answered."""
        self.keeper.turn()
        for thread in threading.enumerate():
            if thread.name == "alerts-out":
                thread.join(40)

    def write_down(self) -> None:
        """Have the database written, as the log's thread would."""
        self.log._write()


def target(url: str = "json://127.0.0.1:9/a", **more: Any) -> AlertTarget:
    """One who is told."""
    return AlertTarget.model_validate({"url": url, **more})


def settings(*targets: AlertTarget, **more: Any) -> Alerts:
    """Alerts for these; one by default."""
    return Alerts.model_validate({"to": targets or (target(),), **more})


def trouble(code: str = "disk-low", severity: Any = "warning", after_s: float = 0.0, subject: str = "") -> Cause:
    """Something that is wrong."""
    return Cause(code, severity, f"{code} 出了问题", f"{code} is wrong", subject, after_s)
