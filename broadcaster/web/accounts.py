"""Log-in and accounts: the first account, one's own password, and everybody's for those who may."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import UsageError
from broadcaster.web.auth import gate, log_in, log_out, me, needs, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ADMINISTRATORS, APPROVERS, ROLES, Account, current_offices
from broadcaster.web.security import safe_return

accounts = Blueprint("accounts", __name__)

#: What a reverse proxy adds: then the address is the proxy's, and says nothing of who asks.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


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
    log_in(account)
    return redirect(safe_return(way))


@accounts.post("/logout")
def leave() -> Answer:
    """Close the session."""
    log_out()
    flash(_("Logged out."))
    return redirect(url_for("pages.air"))


@accounts.get("/first")
def first() -> str | Answer | tuple[str, int]:
    """Make the first account; only while there is none, and only in front of the machine itself."""
    if current_offices().accounts.list():
        return redirect(url_for("accounts.login"))
    return render_template("first.html", here_only=at_the_machine(), values={}, trouble="", roles=APPROVERS)


@accounts.post("/first")
def make_first() -> str | Answer | tuple[str, int]:
    """Make it, and go on as it."""
    office = current_offices().accounts
    if office.list():
        return redirect(url_for("accounts.login"))
    if not at_the_machine():
        abort(403)
    try:
        account = _add(request.form, APPROVERS)
    except UsageError as error:
        page = render_template("first.html", here_only=True, values=request.form, trouble=str(error), roles=APPROVERS)
        return page, 422
    log_in(account)
    return redirect(url_for("pages.air"))


@accounts.get("/account")
@needs()
def own() -> str:
    """One's own account."""
    return render_template("account.html", trouble="")


@accounts.post("/account")
@needs()
def change_own() -> str | Answer | tuple[str, int]:
    """A new password: all sessions of the old one end, and this one goes on."""
    account = whoever()
    try:
        if gate().enter(account.name, request.form.get("old", "")) is None:
            raise UsageError(_("The present password is wrong."))
        renewed = _set_password(account.name, request.form)
    except (UsageError, TooManyRequests) as error:
        words = error.description if isinstance(error, TooManyRequests) else str(error)
        return render_template("account.html", trouble=words), 422
    log_in(renewed)
    flash(_("The password is changed; other sessions have ended."))
    return redirect(url_for("accounts.own"))


@accounts.get("/accounts")
@needs(*ADMINISTRATORS)
def everybody() -> str:
    """All accounts."""
    return _everybody()


@accounts.post("/accounts")
@needs(*ADMINISTRATORS)
def add() -> str | Answer | tuple[str, int]:
    """Make an account."""
    try:
        _add(request.form, ROLES)
    except UsageError as error:
        return _everybody(trouble=str(error), values=request.form), 422
    flash(_("The account is made."))
    return redirect(url_for("accounts.everybody"))


@accounts.post("/accounts/<name>")
@needs(*ADMINISTRATORS)
def change(name: str) -> str | Answer | tuple[str, int]:
    """Another's password, or switching an account off and on."""
    office = current_offices().accounts
    account = office.get(name)
    if account is None:
        abort(404)
    try:
        match request.form.get("do"):
            case "password":
                _set_password(name, request.form)
                flash(_("The password is changed; the account's sessions have ended."))
            case "off" if account.name == whoever().name:
                raise UsageError(_("Nobody switches off their own account."))
            case "off" | "on" as do:
                office.set_active(account.name, do == "on", by=whoever().name, where=where())
                flash(_("The account is switched on.") if do == "on" else _("The account is switched off."))
            case _unknown:
                abort(400)
    except UsageError as error:
        return _everybody(trouble=str(error)), 422
    return redirect(url_for("accounts.everybody"))


def at_the_machine() -> bool:
    """Whether the browser runs on the station's own machine, and asked for it by that name.

    A name of elsewhere that leads here could be another site's trick; behind a proxy, everybody seems to be here.
    """
    if any(name in request.headers for name in FORWARDED):
        return False
    host = urlsplit(f"//{request.host}").hostname or ""
    return _is_loopback(request.remote_addr or "") and (host == "localhost" or _is_loopback(host))


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _add(form: Mapping[str, str], roles: tuple[str, ...]) -> Account:
    role = form.get("role", "")
    if role not in roles:
        raise UsageError(_("Choose a role."))
    name = form.get("name", "").strip()
    _same_twice(form)
    by = me()
    return current_offices().accounts.add(
        name,
        form.get("display", "").strip() or name,
        role,
        form.get("password", ""),
        by=by.name if by else "",
        where=where(),
    )


def _set_password(name: str, form: Mapping[str, str]) -> Account:
    _same_twice(form)
    password = form.get("password", "")
    return current_offices().accounts.set_password(name, password, by=whoever().name, where=where())


def _same_twice(form: Mapping[str, str]) -> None:
    if form.get("password", "") != form.get("again", ""):
        raise UsageError(_("The two passwords differ."))


def _login_page(way: str, name: str = "", trouble: str = "") -> str:
    return render_template("login.html", way=way, name=name, trouble=trouble, account=me())


def _everybody(trouble: str = "", values: Mapping[str, str] | None = None) -> str:
    everyone = sorted(current_offices().accounts.list(), key=lambda one: (not one.active, one.name))
    return render_template("accounts.html", everyone=everyone, roles=ROLES, trouble=trouble, values=values or {})
