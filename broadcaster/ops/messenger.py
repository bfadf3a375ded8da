"""The child process that hands letters to Apprise: ``python -m broadcaster.ops.messenger``.

One JSON job on standard input, one JSON line for each letter on standard output as soon as it is known how it went.
A child, so that a server that never answers holds nothing, and the daemon does not carry the library. Addresses come
by standard input, for a command line can be read by everybody on the PC.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import apprise
import requests

_HIDDEN = "•••"
_SECRET_CHARS = 5
"""Parts of an address this long or longer are never told."""
_CODES = ("errcode", "code", "StatusCode")
"""What WeCom and DingTalk, Feishu, and older Feishu call the result in an answer that is HTTP 200 in any case."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one letter: ``zh`` and ``en`` say why not, empty when it was taken."""

    zh: str = ""
    en: str = ""

    @property
    def ok(self) -> bool:
        """Whether the other side took it."""
        return not self.zh


class _Ear(logging.Handler):
    """Keeps what Apprise says on this thread, and what servers answer to it: its own result is only yes or no."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread = threading.get_ident()
        self.words: list[str] = []
        self.refusals: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # What it says at the lowest level holds the letter itself, but for the reason of a failure.
        words = record.getMessage()
        if record.thread == self._thread and (
            record.levelno >= logging.WARNING or words.startswith("Socket Exception")
        ):
            self.words.append(words)


_ears: dict[int, _Ear] = {}
_really_send = requests.Session.send


def _send(session: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
    """As it is, and listens to the answer: a bot with a wrong key says so in an answer that is HTTP 200."""
    response = _really_send(session, request, **how)
    ear = _ears.get(threading.get_ident())
    if ear is not None:
        try:
            answer = response.json()
        except ValueError:
            return response
        code = next((answer[name] for name in _CODES if name in answer), 0) if isinstance(answer, dict) else 0
        if response.ok and isinstance(code, int) and code not in (0, 200):
            said = str(answer.get("errmsg") or answer.get("msg") or answer.get("StatusMessage") or "")
            ear.refusals.append(f"{code} {said}".strip()[:200])
    return response


# Apprise itself looks at the HTTP status only.
requests.Session.send = _send  # type: ignore[method-assign,assignment]


def deliver(url: str, title: str, body: str, *, kind: str = "info") -> Outcome:
    """Send one letter now; waits for the other side, in the worst case without an end. ``kind`` in Apprise's words."""
    try:
        plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    except (TypeError, ValueError):
        plugin = None
    if plugin is None:
        return Outcome("地址写得不对,Apprise 认不出来", "the address is no Apprise address")
    ear = _Ear()
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(ear)
    _ears[threading.get_ident()] = ear
    manner = apprise.NotifyType(kind)
    try:
        taken = bool(plugin.notify(body=body, title=title, notify_type=manner, body_format=apprise.NotifyFormat.TEXT))
    except Exception as error:  # the outermost turn; plugins raise what they like
        ear.words.append(f"{type(error).__name__}: {error}")
        taken = False
    finally:
        logger.removeHandler(ear)
        del _ears[threading.get_ident()]
    if ear.refusals:
        said = without(url, ear.refusals[0])
        return Outcome(f"对方没有收:{said}", f"the other side refused it: {said}")
    return Outcome() if taken else _why(url, " | ".join(ear.words))


_REASONS: tuple[tuple[str, str, str], ...] = (
    (r"error=40[13]|Unauthorized|Forbidden", "对方说没有权限:密钥或密码不对", "refused: the key or password is wrong"),
    (r"error=(4\d\d)", "对方没有收(HTTP {0}):地址或密钥不对", "refused (HTTP {0}): the address or key is wrong"),
    (r"error=(5\d\d)", "对方的服务器出错(HTTP {0})", "the other side's server failed (HTTP {0})"),
    (r"Authentication|\b535\b|\b534\b|login fail", "邮箱用户名或授权码不对",
     "the mail account or its password is wrong"),
    (r"\b55\d\b|Recipient", "邮件服务器不收这个收件人或发件人", "the mail server refuses recipient or sender"),
    (r"CERTIFICATE_VERIFY_FAILED", "对方的证书不可信", "the other side's certificate is not trusted"),
    (r"WRONG_VERSION_NUMBER|SSLError|SSL:", "加密方式不对:换一个端口或加密方式",
     "wrong encryption: choose another port or mode"),
    (r"getaddrinfo|NameResolution|Name or service|resolve", "查不到服务器的名字:没有网络,或名字写错了",
     "the server's name is not known: no network, or misspelt"),
    (r"timed out|Timeout|timeout", "对方没有应答(超时)", "no answer in time"),
    (r"refused|ConnectionError|Connection error|unreachable|Errno", "连不上对方:没有网络,或地址、端口不对",
     "can't be reached: no network, or wrong address or port"),
)  # fmt: skip


def _why(url: str, words: str) -> Outcome:
    for pattern, zh, en in _REASONS:
        if found := re.search(pattern, words, re.IGNORECASE):
            return Outcome(zh.format(*found.groups()), en.format(*found.groups()))
    said = without(url, words)[-160:] or "?"
    return Outcome(f"没有发出去:{said}", f"not sent: {said}")


def without(url: str, text: str) -> str:
    """A text without anything that only whoever knows the address knows."""
    rest = url.partition("://")[2]
    parts = {part for half in (rest, unquote(rest)) for part in re.split(r"[/?&=@:,;#]", half)}
    for part in sorted((part for part in parts if len(part) >= _SECRET_CHARS), key=len, reverse=True):
        text = text.replace(part, _HIDDEN)
    return text


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    # A library may print; standard output belongs to the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def work(letter: dict[str, Any]) -> None:
        outcome = deliver(letter["url"], letter["title"], letter["body"], kind=str(letter["kind"]))
        line = json.dumps({"mark": letter["mark"], **asdict(outcome)}).encode() + b"\n"
        with lock:
            answers.write(line)
            answers.flush()

    threads = [threading.Thread(target=work, args=(letter,), daemon=True) for letter in job["letters"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)


if __name__ == "__main__":
    main()
