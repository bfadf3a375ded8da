"""Everybody's accounts, for those who make them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import UsageError
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ADMINISTRATORS, ROLES, Account, current_offices
from broadcaster.web.secret import fresh_password

people = Blueprint("people", __name__)


@people.get("/people")
@needs(*ADMINISTRATORS)
def everybody() -> str:
    """All accounts."""
    return _page()


@people.post("/people")
@needs(*ADMINISTRATORS)
def add() -> tuple[str, int]:
    """Make an account; its first password stands on this one page only."""
    form = request.form
    try:
        made, password = add_person(form.get("name", ""), form.get("display", ""), form.get("role", ""))
    except UsageError as error:
        return _page(trouble=str(error), values=form), 422
    return _page(told=made, password=password), 201


@people.post("/people/<name>")
@needs(*ADMINISTRATORS)
def change(name: str) -> str | Answer | tuple[str, int]:
    """Another's password, role or name, or switching an account off and on."""
    account = current_offices().accounts.get(name)
    if account is None:
        abort(404)
    form = request.form
    try:
        match form.get("do"):
            case "password":
                told, password = reset_password(account)
                return _page(told=told, password=password)
            case "off" | "on" as do:
                switch(account, do == "on")
                flash(_("The account is switched on.") if do == "on" else _("The account is switched off."))
            case "role":
                change_role(account, form.get("role", ""))
                flash(_("The role is changed; the account's sessions have ended."))
            case "display":
                rename(account, form.get("display", ""))
                flash(_("The name is changed."))
            case _unknown:
                abort(400)
    except UsageError as error:
        return _page(trouble=str(error)), 422
    return redirect(url_for("people.everybody"))


def add_person(name: str, display: str, role: str) -> tuple[Account, str]:
    """A new account and its first password, which its owner must change. Raises ``UsageError``."""
    if role not in ROLES:
        raise UsageError(_("Choose a role."))
    password = fresh_password()
    made = current_offices().accounts.add(
        name.strip(), display, role, password, must_change=True, by=whoever().name, where=where()
    )
    return made, password


def reset_password(account: Account) -> tuple[Account, str]:
    """A new password for somebody else, which they must change. Raises ``UsageError``."""
    if account.id == whoever().id:
        raise UsageError(_("Your own password is changed under My account."))
    password = fresh_password()
    done = current_offices().accounts.set_password(
        account.name, password, must_change=True, by=whoever().name, where=where()
    )
    return done, password


def switch(account: Account, active: bool) -> Account:
    """Switch an account on or off. Raises ``UsageError`` for one's own, ``Conflict`` for the last of its kind."""
    if not active and account.id == whoever().id:
        raise UsageError(_("Nobody switches off their own account."))
    return current_offices().accounts.set_active(account.name, active, by=whoever().name, where=where())


def change_role(account: Account, role: str) -> Account:
    """Another role. Raises ``UsageError`` for one's own, ``Conflict`` for the last of its kind."""
    if account.id == whoever().id:
        raise UsageError(_("Nobody changes their own role."))
    if role not in ROLES:
        raise UsageError(_("Choose a role."))
    return current_offices().accounts.set_role(account.name, role, by=whoever().name, where=where())


def rename(account: Account, display: str) -> Account:
    """Another name for others to see. Raises ``UsageError``."""
    return current_offices().accounts.set_display(account.name, display, by=whoever().name, where=where())


def _page(
    trouble: str = "", values: Mapping[str, str] | None = None, told: Account | None = None, password: str = ""
) -> str:
    office = current_offices().accounts
    everyone = sorted(office.list(), key=lambda one: (not one.active, one.name))
    return render_template(
        "people.html",
        everyone=everyone,
        seen=office.sessions.seen(),
        roles=ROLES,
        trouble=trouble,
        values=values or {},
        told=told,
        initial=password,
    )
