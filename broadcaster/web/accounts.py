"""The way in: log-in and log-out, the first account, and one's own account."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden, TooManyRequests
from werkzeug.wrappers import Response as Answer

from broadcaster.clock import SystemClock
from broadcaster.errors import Conflict, UsageError
from broadcaster.web.auth import log_in, log_out, me, my_session, needs, where, whoever
from broadcaster.web.gate import address_block, gate, is_forwarded, is_loopback
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ADMINISTRATORS, Account, current_offices
from broadcaster.web.security import host_name, safe_return

accounts = Blueprint("accounts", __name__)

#: How long a token may last, in days; 0 until it is revoked.
TOKEN_DAYS = (30, 90, 365, 0)

_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


@accounts.get("/login")
def login() -> str | Answer:
    """The form; where there is no account yet, the way to the first one."""
    if not current_offices().accounts.list():
        return redirect(url_for("accounts.first"))
    return _login_page(request.args.get("next", ""))


@accounts.post("/login")
def enter() -> str | Answer | tuple[str, int]:
    """Open a session."""
    name, way = request.form.get("name", "").strip(), request.form.get("next", "")
    try:
        account = gate().enter(name, request.form.get("password", ""))
    except TooManyRequests as refused:
        return _login_page(way, name, trouble=refused.description or ""), 429
    if account is None:
        return _login_page(way, name, trouble=_("Name or password is wrong.")), 401
    log_out()
    log_in(account)
    return redirect(safe_return(way))


@accounts.post("/logout")
def leave() -> Answer:
    """Close the session."""
    log_out()
    flash(_("Logged out."))
    return redirect(url_for("pages.air"))


@accounts.get("/first")
def first() -> str | Answer:
    """Make the first account; only while there is none, at the machine itself or with the code shown there."""
    if current_offices().accounts.list():
        return redirect(url_for("accounts.login"))
    return _first_page({})


@accounts.post("/first")
def make_first() -> str | Answer | tuple[str, int]:
    """Make it, and go on as it."""
    office, form = current_offices().accounts, request.form
    if office.list():
        return redirect(url_for("accounts.login"))
    if not at_the_machine():
        _check_code(form.get("code", ""))
    try:
        if form.get("role", "") not in ADMINISTRATORS:
            raise UsageError(_("Choose a role."))
        password = _new_password(form)
        name, display = form.get("name", "").strip(), form.get("display", "")
        account = office.add(name, display, form["role"], password, first=True, where=where())
    except Conflict:
        return redirect(url_for("accounts.login"))
    except UsageError as error:
        return _first_page(form, trouble=str(error)), 422
    log_in(account)
    return redirect(url_for("pages.air"))


@accounts.get("/account")
@needs()
def own() -> str:
    """One's own account."""
    return _own_page()


@accounts.post("/account")
@needs()
def change_own() -> str | Answer | tuple[str, int]:
    """A new password: all sessions of the old one end, and a new one goes on here."""
    try:
        renewed = change_password(request.form.get("old", ""), _new_password(request.form))
    except (UsageError, TooManyRequests) as error:
        return _own_page(trouble=(error.description if isinstance(error, TooManyRequests) else str(error)) or ""), 422
    log_in(renewed)
    flash(_("The password is changed; other sessions have ended."))
    return redirect(url_for("accounts.own"))


@accounts.post("/account/name")
@needs()
def rename() -> str | Answer | tuple[str, int]:
    """Another name for others to see."""
    account = whoever()
    try:
        current_offices().accounts.set_display(
            account.name, request.form.get("display", ""), by=account.name, where=where()
        )
    except UsageError as error:
        return _own_page(name_trouble=str(error)), 422
    flash(_("The name is changed."))
    return redirect(url_for("accounts.own"))


@accounts.post("/account/sessions")
@needs()
def end_others() -> Answer:
    """End all one's sessions but this."""
    account, mine = whoever(), my_session()
    current_offices().accounts.sessions.end_others(
        account.id, mine.id if mine else None, by=account.name, where=where()
    )
    flash(_("All other sessions have ended."))
    return redirect(url_for("accounts.own"))


@accounts.post("/account/sessions/<int:number>")
@needs()
def end_session(number: int) -> Answer:
    """End one of one's own sessions."""
    account = whoever()
    current_offices().accounts.sessions.end(account.id, number, by=account.name, where=where())
    flash(_("The session has ended."))
    return redirect(url_for("accounts.own"))


@accounts.post("/account/tokens")
@needs()
def make_token() -> str | tuple[str, int]:
    """A token for a program; its secret stands on this one page only."""
    account, form = whoever(), request.form
    try:
        days = form.get("days", "")
        if days not in map(str, TOKEN_DAYS):
            raise UsageError(_("Choose how long it lasts."))
        expires = SystemClock().now() + timedelta(days=int(days)) if int(days) else None
        secret, _token = current_offices().accounts.tokens.make(
            account.id, form.get("name", ""), expires, by=account.name, where=where()
        )
    except UsageError as error:
        return _own_page(token_trouble=str(error)), 422
    return _own_page(secret=secret)


@accounts.post("/account/tokens/<int:number>")
@needs()
def end_token(number: int) -> Answer:
    """Revoke one of one's own tokens."""
    account = whoever()
    current_offices().accounts.tokens.end(account.id, number, by=account.name, where=where())
    flash(_("The token is revoked."))
    return redirect(url_for("accounts.own"))


def at_the_machine() -> bool:
    """Whether the browser runs on the station's own machine, and asked for it by that name.

    A name of elsewhere that leads here could be another site's trick; behind a proxy, everybody seems to be here.
    """
    if is_forwarded():
        return False
    host = host_name() or ""
    return is_loopback(request.remote_addr or "") and (host == "localhost" or is_loopback(host))


def change_password(old: str, new: str) -> Account:
    """Change one's own, when the present one is right; ``UsageError``, ``TooManyRequests``."""
    account = whoever()
    if gate().enter(account.name, old) is None:
        raise UsageError(_("The present password is wrong."))
    if new == old:
        raise UsageError(_("The new password is the present one: choose another."))
    return current_offices().accounts.set_password(account.name, new, by=account.name, where=where())


def device(agent: str) -> str:
    """A browser and its system, from what it calls itself; of a program, its first word."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or agent.partition(" ")[0][:40]


def _check_code(given: str) -> None:
    """Raises ``Forbidden`` for a wrong set-up code, or when there is none."""
    code, throttle = current_offices().setup_code(), gate().codes
    tries = ("", address_block())
    if code is None:
        raise Forbidden(_("The first account is made on the broadcast computer itself."))
    if any(throttle.wait_s(key) for key in tries):
        raise TooManyRequests(_("Too many wrong codes. Try again later."))
    plain = "".join(given.split()).replace("-", "").casefold()
    if not secrets.compare_digest(plain.encode(), code.replace("-", "").casefold().encode()):
        for key in tries:
            throttle.mark(key)
        raise Forbidden(_("The set-up code is wrong."))


def _new_password(form: Mapping[str, str]) -> str:
    if form.get("password", "") != form.get("again", ""):
        raise UsageError(_("The two passwords differ."))
    return form.get("password", "")


def _login_page(way: str, name: str = "", trouble: str = "") -> str:
    return render_template("login.html", way=way, name=name, trouble=trouble, account=me())


def _first_page(values: Mapping[str, str], trouble: str = "") -> str:
    here = at_the_machine()
    by_code = not here and current_offices().setup_code() is not None
    return render_template(
        "first.html", at_machine=here, by_code=by_code, values=values, trouble=trouble, roles=ADMINISTRATORS
    )


def _own_page(trouble: str = "", name_trouble: str = "", token_trouble: str = "", secret: str = "") -> str:
    account, office, mine = whoever(), current_offices().accounts, my_session()
    return render_template(
        "account.html",
        trouble=trouble,
        name_trouble=name_trouble,
        token_trouble=token_trouble,
        secret=secret,
        values=request.form if token_trouble or name_trouble else {},
        sessions=office.sessions.of(account.id),
        mine=mine.id if mine else None,
        tokens=office.tokens.of(account.id),
        now=SystemClock().now(),
        day_choices=[(str(days), _until(days)) for days in TOKEN_DAYS],
        device=device,
    )


def _until(days: int) -> str:
    return _("%(days)s days") % {"days": days} if days else _("Until it is revoked")
