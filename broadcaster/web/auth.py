"""Who is asking: sessions for browsers, tokens or HTTP Basic for programs, and what each may do.

The account is read anew at every request, so a role taken away is gone at once. How long a session lasts is said in
``broadcaster/store/sessions.py``; requests that a page makes by itself don't count as somebody being there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as Answer

from broadcaster.calls.fire_teller import TOKEN
from broadcaster.errors import StoreError
from broadcaster.web.gate import EXTENSION, Gate, gate, is_forwarded, is_loopback
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ROLES, Account, current_offices, has_offices, page_rules

if TYPE_CHECKING:
    from broadcaster.store.sessions import Session
    from broadcaster.store.tokens import Token

__all__ = [
    "Member", "csrf", "gate", "init_app", "log_in", "log_out", "me", "needs", "unattended", "uncounted", "where",
    "whoever",
]  # fmt: skip

log = logging.getLogger(__name__)

COOKIE = "broadcaster"
COOKIE_DAYS = 7
#: Views that a page asks for by itself; marked by :func:`unattended`.
UNATTENDED = "unattended"
#: Views that are sent to many times a second; marked by :func:`uncounted`.
UNCOUNTED = "uncounted"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: Open whatever ``page: looking`` says.
ENTRANCE = ("static", "accounts.login", "accounts.enter", "accounts.first", "accounts.make_first")
SWITCHES = ("pages.choose_language", "look.choose_theme")
#: Pages of the store's screens, and what they ask for.
SCREENS = ("/screen", "/api/v1/screen")
#: What is left to an account whose password somebody else chose.
PASSWORD_FIRST = ("static", "accounts.own", "accounts.change_own", "accounts.leave", *SWITCHES)

P = ParamSpec("P")
R = TypeVar("R")

csrf = CSRFProtect()


class Member(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """An account, as Flask-Login wants it, and by what it came in: ``session`` or ``token``, neither for Basic."""

    def __init__(
        self, account: Account, key: str = "", *, session: Session | None = None, token: Token | None = None
    ) -> None:
        self.account = account
        self.session = session
        self.token = token
        self._key = key

    def get_id(self) -> str:
        return self._key


class _Cookies(SecureCookieSessionInterface):
    """Marks the cookie as secure when the page was reached by HTTPS, so that plain HTTP in the store still works."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_app(app: Flask) -> None:
    """Sessions, log-in and the check that a form is ours. Views need :func:`needs` besides."""
    app.secret_key = app.extensions["offices"].secret
    app.session_interface = _Cookies()
    app.config |= {
        "SESSION_COOKIE_NAME": COOKIE,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": COOKIE_DAYS * 86400,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "COUNT_POSTS": True,  # False: for a test that sends as many as it can
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_SSL_STRICT": False,  # the origin is checked below, with and without TLS
    }
    app.extensions[EXTENSION] = Gate()
    manager = LoginManager()
    manager.session_protection = None  # a phone's address changes; the key binds the session
    manager.user_loader(_from_session)
    manager.request_loader(_from_header)
    manager.init_app(app, add_context_processor=False)
    csrf.init_app(app)
    hops = app.extensions["offices"].page().behind_proxy
    if hops:
        # Of the host it believes nothing: a proxy passes the browser's own on.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    for check in (_check_origin, _check_looking, _check_password_age):
        app.before_request(check)


def unattended(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that open pages ask for by themselves."""
    setattr(view, UNATTENDED, True)
    return view


def uncounted(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that is sent to many times a second, and looks itself at what it takes. Innermost of all marks."""
    setattr(view, UNCOUNTED, True)
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
    member = _member()
    return member.account if member else None


def whoever() -> Account:
    """Who asks, in a view that :func:`needs` an account."""
    account = me()
    if account is None:
        raise Unauthorized
    return account


def my_session() -> Session | None:
    """The browser's log-in; None for a program."""
    member = _member()
    return member.session if member else None


def by_token() -> bool:
    """Whether a program asks with a token: it makes no tokens and no passwords, or a stolen one would never end."""
    member = _member()
    return member is not None and member.token is not None


def where() -> str:
    """Where the request came from, for the audit trail: the address, and the token that a program used."""
    member = _member()
    address = request.remote_addr or ""
    return f"{address}{TOKEN}{member.token.name}" if member and member.token else address


def log_in(account: Account) -> None:
    """Open a new session for an account; nothing of an earlier one is left."""
    book = current_offices().accounts.sessions
    key = book.open(account.id, where=request.remote_addr or "", agent=request.headers.get("User-Agent", ""))
    found = book.find(key)
    session.clear()
    session.permanent = True
    login_user(Member(account, key, session=found[0] if found else None))


def log_out() -> None:
    """Close the session, here and in the cookie."""
    mine, account = my_session(), me()
    if mine is not None and account is not None:
        try:
            current_offices().accounts.sessions.end(account.id, mine.id, by=account.name, where=where())
        except StoreError as error:
            log.error("a session could not be ended: %s", error)  # the browser forgets its key all the same
    logout_user()
    session.clear()


def _member() -> Member | None:
    if not has_offices() or not current_user.is_authenticated:
        return None
    return cast(Member, current_user)


def _from_session(key: str) -> Member | None:
    book = current_offices().accounts.sessions
    try:
        found = book.find(key)
        if found is None:
            return None
        if not getattr(current_app.view_functions.get(request.endpoint or ""), UNATTENDED, False):
            book.see(found[0])
    except StoreError as error:
        # What is on air is shown even when nobody can be told from anybody.
        log.error("a session can't be read: %s", error)
        return None
    return Member(found[1], key, session=found[0])


def _from_header(_request: Any) -> Member | None:
    sent = request.authorization
    if sent is None or not request.path.startswith("/api/"):
        return None
    member = None
    if sent.type == "basic":
        account = gate().enter_often(sent.username or "", sent.password or "")
        member = Member(account) if account else None
    elif sent.type == "bearer":
        member = _from_token(sent.token or "")
    g.by_header = member is not None
    return member


def _from_token(secret: str) -> Member | None:
    book = current_offices().accounts.tokens
    try:
        found = book.find(secret)
        if found is None:
            return None
        book.used(found[0])
    except StoreError as error:
        log.error("a token can't be read: %s", error)
        return None
    return Member(found[1], token=found[0])


def _check_origin() -> None:
    """What changes something comes from our own pages, with their token, or carries its own name and password."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    # A browser that remembers a name and password sends them for other sites' pages too; those tell where they are.
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise CSRFError(_("This was sent from a page of another site."))
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CSRFError(_("This was sent from a page of another site."))
    if me() is None or not getattr(current_app.view_functions[request.endpoint], UNCOUNTED, False):
        gate().post(me())
    if me() is not None and g.get("by_header"):
        return
    if me() is None and request.path.startswith("/api/"):
        return  # the view turns it away; a missing token would be the wrong reason
    csrf.protect()


FOR_MACHINES = ("vitals.healthz", "vitals.metrics")
"""Which a program of the machine itself may ask, whatever else is shut."""


def _check_looking() -> Answer | None:
    """With ``page: looking: login``, nothing but the way in is open."""
    rules, endpoint = page_rules(), request.endpoint
    if rules.looking == "open" or endpoint is None or endpoint in (*ENTRANCE, *SWITCHES) or me() is not None:
        return None
    if request.path in SCREENS and rules.screen == "open":
        return None
    if endpoint in FOR_MACHINES and is_loopback(request.remote_addr or "") and not is_forwarded():
        return None
    return _turn_away()


def _check_password_age() -> Answer | None:
    """Whoever came in by a password that somebody else chose first chooses another."""
    account = me()
    if account is None or not account.must_change or request.endpoint in (None, *PASSWORD_FIRST):
        return None
    if not request.path.startswith("/api/"):
        return redirect(url_for("accounts.own"))
    if hasattr(current_app.view_functions[request.endpoint], "roles"):
        raise Forbidden(_("Choose a password of your own first."))
    return None


def _turn_away() -> Answer:
    if request.path.startswith("/api/"):
        problem = Unauthorized(_("Log in, or send a token, or the name and password of an account (HTTP Basic)."))
        if "Sec-Fetch-Mode" not in request.headers:  # a browser would open a window of its own
            problem.www_authenticate = (WWWAuthenticate("basic", {"realm": "broadcaster", "charset": "UTF-8"}),)
        raise problem
    if "HX-Request" in request.headers:  # the page goes there, not the part of it
        return Answer(status=401, headers={"HX-Redirect": url_for("accounts.login")})
    if request.method in SAFE_METHODS and request.endpoint is not None:
        return redirect(url_for("accounts.login", next=request.path))
    return redirect(url_for("accounts.login"))
