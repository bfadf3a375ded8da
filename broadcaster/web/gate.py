"""Names and passwords that come in: checked, and slowed down where many are wrong.

Three nets, each closer to whoever guesses from many addresses: wrong ones by name from one address, by address, and
by name or in all from anywhere. The last would let a stranger keep the announcer out by guessing on; so it does not
hold at the machine itself, nor for an address from which that account was entered in the last 30 days. No password is
hashed for what a net holds back.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import secrets
import time
import unicodedata
from collections.abc import Hashable
from typing import cast

from flask import current_app, request
from werkzeug.exceptions import TooManyRequests

from broadcaster.errors import StoreError
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import Account, current_offices
from broadcaster.web.throttle import Throttle

log = logging.getLogger(__name__)

EXTENSION = "gate"
#: Wrong ones before the net holds, and within how many seconds.
WRONG_BY_NAME = 5
WRONG_BY_ADDRESS = 20
WRONG_OF_NAME = 30
WRONG_WITHIN_S = 300.0
WRONG_IN_ALL = 60
IN_ALL_WITHIN_S = 60.0
KNOWN_FOR_S = 60.0
#: What may be sent in a minute, read pages aside.
POSTS_WITHIN_S = 60.0
POSTS_BY_ADDRESS = 120
POSTS_BY_ACCOUNT = 600

#: What a reverse proxy adds: then the address is the proxy's, and says nothing of who asks.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class Gate:
    """What was tried and failed, and which passwords were right a moment ago. Shared by threads."""

    def __init__(self) -> None:
        self.by_name = Throttle(WRONG_BY_NAME, WRONG_WITHIN_S)
        self.by_address = Throttle(WRONG_BY_ADDRESS, WRONG_WITHIN_S)
        self.of_name = Throttle(WRONG_OF_NAME, WRONG_WITHIN_S)
        self.in_all = Throttle(WRONG_IN_ALL, IN_ALL_WITHIN_S)
        self.codes = Throttle(WRONG_BY_ADDRESS, WRONG_WITHIN_S)
        self._posts = {
            True: Throttle(POSTS_BY_ACCOUNT, POSTS_WITHIN_S),
            False: Throttle(POSTS_BY_ADDRESS, POSTS_WITHIN_S),
        }
        self._salt = secrets.token_bytes(16)
        self._known: dict[bytes, tuple[float, str]] = {}

    def enter(self, name: str, password: str) -> Account | None:
        """The account, or None if name or password are wrong. Raises ``TooManyRequests`` after too many wrong ones."""
        address, person = address_block(), unicodedata.normalize("NFKC", name).strip().casefold()
        mark = (address, person)
        wait_s = max(self.by_name.wait_s(mark), self.by_address.wait_s(address))
        if not wait_s:
            crowd_s = max(self.of_name.wait_s(person), self.in_all.wait_s(""))
            wait_s = crowd_s if crowd_s and not _is_familiar(person) else 0.0
        if wait_s:
            raise TooManyRequests(_("Too many wrong passwords. Try again later."), retry_after=int(wait_s) + 1)
        account = current_offices().accounts.check(name, password)
        if account is None:
            for throttle, key in self._nets(address, person):
                throttle.mark(key)
            log.warning("a wrong password for %.40r from %s", name, request.remote_addr)
            return None
        self.by_name.clear(mark)
        return account

    def enter_often(self, name: str, password: str) -> Account | None:
        """As :meth:`enter`; a password that was right a moment ago is not hashed again."""
        key = hashlib.blake2b(f"{name}\0{password}".encode(errors="replace"), key=self._salt).digest()
        until, stamp = self._known.get(key, (0.0, ""))
        account = current_offices().accounts.get(name) if until > time.monotonic() else None
        if account is not None and account.active and account.session_stamp == stamp:
            return account
        account = self.enter(name, password)
        if account is not None:
            if len(self._known) > 256:
                self._known.clear()
            self._known[key] = (time.monotonic() + KNOWN_FOR_S, account.session_stamp)
        return account

    def post(self, account: Account | None) -> None:
        """Count something sent. Raises ``TooManyRequests`` when the account, or the address of nobody, overdoes it."""
        if not current_app.config["COUNT_POSTS"]:
            return
        throttle = self._posts[account is not None]
        key = account.name if account else address_block()
        wait_s = throttle.wait_s(key)
        if wait_s:
            raise TooManyRequests(_("Too much at once. Try again in a moment."), retry_after=int(wait_s) + 1)
        throttle.mark(key)

    def _nets(self, address: str, person: str) -> tuple[tuple[Throttle, Hashable], ...]:
        return (
            (self.by_name, (address, person)),
            (self.by_address, address),
            (self.of_name, person),
            (self.in_all, ""),
        )


def gate() -> Gate:
    """The gate of this app."""
    return cast(Gate, current_app.extensions[EXTENSION])


def address_block() -> str:
    """The address of who asks; of IPv6 the network, for one computer has a whole one."""
    text = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return text


def is_loopback(text: str) -> bool:
    """Whether an address is the machine's own."""
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def is_forwarded() -> bool:
    """Whether a proxy passed this on: an address of this machine's own then says nothing."""
    return any(name in request.headers for name in FORWARDED)


def _is_familiar(person: str) -> bool:
    address = request.remote_addr or ""
    if is_loopback(address) and not is_forwarded():
        return True
    try:
        return current_offices().accounts.sessions.knows(person, address)
    except StoreError as error:
        log.warning("%s", error)
        return False
