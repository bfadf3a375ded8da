"""Who is asking: sessions for browsers, HTTP Basic for programs, and what each may do.

Looking is open; doing needs an account. A session ends after 12 idle hours, with the password that opened it, and when
the account is switched off. Requests that a page makes by itself don't count as somebody being there.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized
from werkzeug.wrappers import Response as Answer

from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ROLES, Account, current_offices, has_offices
from broadcaster.web.throttle import Throttle

IDLE = timedelta(hours=12)
EXTENSION = "gate"
SEEN = "seen"
SEEN_EVERY_S = 60
#: Views that a page asks for by itself; marked by :func:`unattended`.
UNATTENDED = "unattended"
WRONG_BY_NAME = 5
WRONG_BY_ADDRESS = 20
WRONG_WITHIN_S = 300.0
KNOWN_FOR_S = 60.0
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

P = ParamSpec("P")
R = TypeVar("R")

csrf = CSRFProtect()


class Member(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """An account, as Flask-Login wants it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        return f"{self.account.session_stamp}:{self.account.name}"


class _Cookies(SecureCookieSessionInterface):
    """Marks the cookie as secure when the page was reached by HTTPS, so that plain HTTP in the store still works."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


class Gate:
    """What was tried and failed, and which passwords were right a moment ago."""

    def __init__(self) -> None:
        self.by_name = Throttle(WRONG_BY_NAME, WRONG_WITHIN_S)
        self.by_address = Throttle(WRONG_BY_ADDRESS, WRONG_WITHIN_S)
        self._salt = secrets.token_bytes(16)
        self._known: dict[bytes, tuple[float, str]] = {}

    def enter(self, name: str, password: str) -> Account | None:
        """The account, or None if name or password are wrong. Raises ``TooManyRequests`` after too many wrong ones."""
        address = request.remote_addr or ""
        mark = (address, name.strip().casefold())
        wait_s = max(self.by_name.wait_s(mark), self.by_address.wait_s(address))
        if wait_s:
            raise TooManyRequests(_("Too many wrong passwords. Try again later."), retry_after=int(wait_s) + 1)
        account = current_offices().accounts.check(name, password)
        if account is None:
            self.by_name.mark(mark)
            self.by_address.mark(address)
            return None
        self.by_name.clear(mark)
        return account

    def enter_often(self, name: str, password: str) -> Account | None:
        """As :meth:`enter`; a password that was right a moment ago is not hashed again, which costs a tenth second."""
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


def init_app(app: Flask) -> None:
    """Sessions, log-in and the check that a form is ours. Views need :func:`needs` besides."""
    app.secret_key = app.extensions["offices"].secret
    app.session_interface = _Cookies()
    app.config |= {
        "SESSION_COOKIE_NAME": "broadcaster",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": IDLE,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,
    }
    app.extensions[EXTENSION] = Gate()
    manager = LoginManager()
    manager.session_protection = None  # a phone's address changes; stamp and idle time bind the session
    manager.user_loader(_from_session)
    manager.request_loader(_from_header)
    manager.init_app(app, add_context_processor=False)
    csrf.init_app(app)
    app.before_request(_check_origin)


def unattended(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that open pages ask for by themselves."""
    setattr(view, UNATTENDED, True)
    return view


def needs(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The view is for accounts of these roles, of any role if none is named."""
    allowed = roles or ROLES

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            account = me()
            if account is None:
                return cast(R, _turn_away())
            if account.role not in allowed:
                abort(403)
            return view(*args, **kwargs)

        cast(Any, guarded).roles = allowed
        return guarded

    return guard


def me() -> Account | None:
    """Who asks; None for somebody who only looks."""
    if not has_offices() or not current_user.is_authenticated:
        return None
    return cast(Member, current_user).account


def whoever() -> Account:
    """Who asks, in a view that :func:`needs` an account."""
    account = me()
    if account is None:
        raise Unauthorized
    return account


def where() -> str:
    """Where the request came from, for the audit trail."""
    return request.remote_addr or ""


def gate() -> Gate:
    """The gate of this app."""
    return cast(Gate, current_app.extensions[EXTENSION])


def log_in(account: Account) -> None:
    """Open a new session for an account; nothing of an earlier one is left."""
    session.clear()
    session.permanent = True
    session[SEEN] = int(time.time())
    login_user(Member(account))


def log_out() -> None:
    """Close the session."""
    logout_user()
    session.clear()


def _from_session(key: str) -> Member | None:
    stamp, _colon, name = key.partition(":")
    account = current_offices().accounts.get(name)
    if account is None or not account.active or account.session_stamp != stamp:
        return None
    now, seen = int(time.time()), int(session.get(SEEN, 0))
    if not 0 <= now - seen < IDLE.total_seconds():
        return None
    if now - seen > SEEN_EVERY_S and not getattr(current_app.view_functions.get(request.endpoint or ""), UNATTENDED, 0):
        session[SEEN] = now
    return Member(account)


def _from_header(_request: Any) -> Member | None:
    sent = request.authorization
    if sent is None or sent.type != "basic" or not request.path.startswith("/api/"):
        return None
    account = gate().enter_often(sent.username or "", sent.password or "")
    g.by_header = account is not None
    return Member(account) if account else None


def _check_origin() -> None:
    """What changes something comes from our own pages, with their token, or carries a name and password itself."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    # A browser that remembers a name and password sends them for other sites' pages too; those tell where they are.
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise CSRFError(_("This was sent from a page of another site."))
    if me() is not None and g.get("by_header"):
        return
    if me() is None and request.path.startswith("/api/"):
        return  # the view turns it away; a missing token would be the wrong reason
    csrf.protect()


def _turn_away() -> Answer:
    if request.path.startswith("/api/"):
        problem = Unauthorized(_("Log in, or send the name and password of an account (HTTP Basic)."))
        if "Sec-Fetch-Mode" not in request.headers:  # a browser would open a window of its own
            problem.www_authenticate = (WWWAuthenticate("basic", {"realm": "broadcaster", "charset": "UTF-8"}),)
        raise problem
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.login", next=request.path))
    return redirect(url_for("accounts.login"))
