"""How two PCs talk: small signed requests over HTTP, on a port of their own, answered without the page.

Each request carries a challenge that the other gave out before and a mark made with the secret that both know
(HMAC-SHA256), each answer a mark over it: neither can be forged, nor an old one be played again. Nothing is hidden:
the network between the two must be the store's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import logging
import secrets
import socket
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psutil

from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError

log = logging.getLogger(__name__)

TIMEOUT_S = 1.0
FILE_TIMEOUT_S = 20.0
MOST_BODY = 1_000_000
_CHALLENGE_S = 60.0
"""So long a challenge is good; those that were used are remembered for as long."""
_BLOCK = 1 << 18


class LinkError(BroadcasterError):
    """The other PC did not answer, or not with what was asked."""


Answer = Callable[[str, dict[str, Any]], "dict[str, Any] | Path | None"]
"""What is answered to a path with this body: a document, a file, or None for what there is not."""


def _mark(token: str, *parts: str | bytes) -> str:
    signed = hmac.new(token.encode(), digestmod=hashlib.sha256)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        signed.update(len(data).to_bytes(8, "big") + data)
    return signed.hexdigest()


class LinkServer:
    """Answers the other PC, each request on a thread of its own. Raises ``OSError`` when the port is taken."""

    def __init__(self, host: str, port: int, token: str, answer: Answer) -> None:
        self._token = token
        self._answer = answer
        self._used: OrderedDict[str, float] = OrderedDict()
        """Challenges that were answered, and when: only who knows the secret can add to them."""
        self._boot = secrets.token_hex(8)
        self._lock = threading.Lock()
        link = self

        class Handler(_Handler):
            server_link = link

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._server.serve_forever, args=(0.2,), name="standby-link", daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()

    def challenge(self) -> str:
        """A new one, good for one request. None are kept: however many a stranger asks for, it pushes out no other."""
        made = f"{monotonic():.3f}-{secrets.token_hex(16)}"
        return f"{made}-{_mark(self._token, 'challenge', self._boot, made)}"

    def admits(self, challenge: str, mark: str, path: str, body: bytes) -> bool:
        """Whether a request comes from one who knows the secret, and for the first time."""
        if not hmac.compare_digest(mark, _mark(self._token, "ask", path, challenge, body)):
            return False
        made, _, sealed = challenge.rpartition("-")
        if not hmac.compare_digest(sealed, _mark(self._token, "challenge", self._boot, made)):
            return False
        now, made_at = monotonic(), float(made.partition("-")[0])
        with self._lock:
            while self._used and now - next(iter(self._used.values())) > _CHALLENGE_S:
                self._used.popitem(last=False)
            fresh = now - made_at <= _CHALLENGE_S and challenge not in self._used
            self._used[challenge] = now
            return fresh

    def signed(self, challenge: str, body: bytes) -> str:
        """The mark of an answer."""
        return _mark(self._token, "answer", challenge, body)

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any] | Path | None:
        """What the owner answers."""
        return self._answer(path, body)


class _Handler(BaseHTTPRequestHandler):
    server_link: LinkServer
    timeout = FILE_TIMEOUT_S
    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        try:
            self._answer()
        except (OSError, ValueError) as error:
            log.debug("an answer to the other PC broke off: %s", error)
        except Exception:  # the thread's outermost turn
            log.exception("answering the other PC failed")

    def _answer(self) -> None:
        link = self.server_link
        size = int(self.headers.get("Content-Length") or 0)
        if not 0 <= size <= MOST_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(size)
        challenge, mark = self.headers.get("X-Challenge") or "", self.headers.get("X-Mark") or ""
        if not link.admits(challenge, mark, self.path, body):
            self._send(401, b"{}", challenge)
            return
        found = link.answer(unquote(self.path), json.loads(body or b"{}"))
        if isinstance(found, Path):
            self._send_file(found)
        elif found is None:
            self._send(404, b"{}", challenge)
        else:
            self._send(200, json.dumps(found, ensure_ascii=False).encode(), challenge)

    def _send(self, status: int, body: bytes, challenge: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Mark", self.server_link.signed(challenge, body))
        self.send_header("X-Challenge", self.server_link.challenge())
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, path: Path) -> None:
        with path.open("rb") as stream:
            self.send_response(200)
            self.end_headers()
            while block := stream.read(_BLOCK):
                self.wfile.write(block)


class LinkClient:
    """Asks the other PC by one of its addresses. To be used by one thread."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address if "//" in address else f"//{address}")
        self.host, self.port = parts.hostname or "", parts.port or 8089
        self._token = token
        self._challenge = ""

    def ask(self, path: str, body: dict[str, Any] | None = None, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """A document. Raises ``LinkError``."""
        data = json.dumps(body or {}, ensure_ascii=False).encode()
        for _ in range(2):
            asked_with = self._challenge
            status, headers, answer = self._post(path, data, timeout_s)
            self._challenge = headers.get("X-Challenge") or ""
            expected = _mark(self._token, "answer", asked_with, answer)
            if not hmac.compare_digest(headers.get("X-Mark") or "", expected):
                raise LinkError(f"{self.host}:{self.port}: 密钥不一致 / it does not know the token")
            if status == 200:
                found = json.loads(answer)
                return found if isinstance(found, dict) else {}
            if status != 401:
                raise LinkError(f"{self.host}:{self.port}{path}: HTTP {status}")
        raise LinkError(f"{self.host}:{self.port}: 密钥不一致,被拒绝 / refused: another token")

    def fetch(self, path: str, into: Path, sha256: str, size: int) -> None:
        """A file, whole and as promised. Raises ``LinkError``, ``OSError``."""
        self.ask("/hello")
        quoted, digest, done = quote(path), hashlib.sha256(), 0
        connection = http.client.HTTPConnection(self.host, self.port, timeout=FILE_TIMEOUT_S)
        with contextlib.closing(connection), into.open("wb") as target:
            try:
                connection.request("POST", quoted, b"{}", self._headers(quoted, b"{}"))
                answer = connection.getresponse()
                self._challenge = ""
                if answer.status != 200:
                    raise LinkError(f"{path}: HTTP {answer.status}")
                while (block := answer.read(_BLOCK)) and done <= size:
                    digest.update(block)
                    target.write(block)
                    done += len(block)
            except http.client.HTTPException as error:
                raise LinkError(f"{path}: {error}") from error
        if digest.hexdigest() != sha256:
            raise LinkError(f"{path}: 传来的和清单不一样 / what came is not what was promised")

    def _headers(self, path: str, data: bytes) -> dict[str, str]:
        mark = _mark(self._token, "ask", path, self._challenge, data)
        return {"X-Challenge": self._challenge, "X-Mark": mark, "Content-Length": str(len(data))}

    def _post(self, path: str, data: bytes, timeout_s: float) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        with contextlib.closing(connection):
            try:
                connection.request("POST", path, data, self._headers(path, data))
                answer = connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException) as error:
                raise LinkError(f"{self.host}:{self.port}: {error}") from error


def is_cut_off(peers: list[tuple[str, int]], arbiter: str | None) -> bool:
    """Whether this PC itself is off the network: its card has no link, or the arbiter does not answer. Some seconds."""
    if arbiter:
        return not _answers(arbiter)
    return all(_no_way_to(host, port) for host, port in peers)


def _no_way_to(host: str, port: int) -> bool:
    """Asks the system which card leads there; sends nothing."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError:
        # In many stores a PC's name is told by that PC alone, and is gone with it.
        return not _has_link()
    try:
        with socket.socket(family, kind, proto) as probe:
            probe.connect(address)
            own = probe.getsockname()[0]
    except OSError:
        return True
    states = psutil.net_if_stats()
    for name, addresses in psutil.net_if_addrs().items():
        if any(one.address.partition("%")[0] == own for one in addresses):
            return name in states and not states[name].isup
    return False


def _has_link() -> bool:
    """Whether any card but the loopback is up and has an address."""
    states = psutil.net_if_stats()
    return any(
        name in states
        and states[name].isup
        and any(one.family in _INTERNET and not one.address.startswith(_NOWHERE) for one in addresses)
        for name, addresses in psutil.net_if_addrs().items()
    )


_INTERNET = (socket.AF_INET, socket.AF_INET6)
_NOWHERE = ("127.", "169.254.", "::1", "fe80:")
"""Loopback, and what a card gives itself when nobody answers it."""

_USUAL = (80, 443, 53)
"""Where a router answers, or refuses, which is an answer too."""


def _connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=TIMEOUT_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True


def _answers(arbiter: str) -> bool:
    host, colon, port = arbiter.rpartition(":")
    if colon and port.isdigit() and "]" not in port:
        return _connects(host.strip("[]"), int(port))
    many = ["-n", "1", "-w", "1000"] if sys.platform == "win32" else ["-c", "1", "-W", "1"]
    try:
        done = subprocess.run(
            ["ping", *many, arbiter], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=3, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    except OSError:
        # There is no such program here, or a service may not run it.
        return any(_connects(arbiter, port) for port in _USUAL)
    return done.returncode == 0
