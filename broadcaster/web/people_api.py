"""The API of accounts, sessions and tokens: parse, ask the office once, answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, url_for
from werkzeug.exceptions import Forbidden

from broadcaster.clock import SystemClock
from broadcaster.errors import UsageError
from broadcaster.web.accounts import change_password, device
from broadcaster.web.auth import by_token, my_session, needs, where, whoever
from broadcaster.web.contract_people import NameChange, NewPerson, NewToken, PasswordChange, PersonChange
from broadcaster.web.i18n import gettext as _
from broadcaster.web.notices_api import body
from broadcaster.web.offices import ADMINISTRATORS, LOOKERS, Account, current_offices
from broadcaster.web.people import add_person, change_role, rename, reset_password, switch
from broadcaster.web.view import current_zone

if TYPE_CHECKING:
    from broadcaster.store.tokens import Token

people_api = Blueprint("people_api", __name__, url_prefix="/api/v1")

_DONE = ("", 204)


@people_api.get("/people")
@needs(*ADMINISTRATORS)
def listed() -> Response:
    """All accounts."""
    office = current_offices().accounts
    seen = office.sessions.seen()
    return jsonify({"people": [_person(one, seen.get(one.id)) for one in office.list()]})


@people_api.post("/people")
@needs(*ADMINISTRATORS)
def add() -> tuple[Response, int, dict[str, str]]:
    """Make an account."""
    asked = body(NewPerson)
    made, password = add_person(asked.name, asked.display, asked.role)
    answer = jsonify({"person": _person(made), "password": password})
    return answer, 201, {"Location": url_for("people_api.one", name=made.name)}


@people_api.get("/people/<name>")
@needs(*ADMINISTRATORS)
def one(name: str) -> Response:
    """One account."""
    account = _known(name)
    return jsonify(_person(account, current_offices().accounts.sessions.seen().get(account.id)))


@people_api.patch("/people/<name>")
@needs(*ADMINISTRATORS)
def change(name: str) -> Response:
    """Change an account's name, role, or whether it is switched on."""
    account = _known(name)
    asked = body(PersonChange)
    if asked.display is not None and asked.display != account.display:
        account = rename(account, asked.display)
    if asked.role is not None and asked.role != account.role:
        account = change_role(account, asked.role)
    if asked.active is not None and asked.active != account.active:
        account = switch(account, asked.active)
    return jsonify(_person(account))


@people_api.post("/people/<name>/password")
@needs(*ADMINISTRATORS)
def reset(name: str) -> Response:
    """A new first password for somebody else."""
    account, password = reset_password(_known(name))
    return jsonify({"person": _person(account), "password": password})


@people_api.get("/account")
@needs(*LOOKERS)
def own() -> Response:
    """One's own account."""
    return jsonify(_person(whoever()))


@people_api.patch("/account")
@needs(*LOOKERS)
def rename_own() -> Response:
    """Another name for others to see."""
    return jsonify(_person(rename(whoever(), body(NameChange).display)))


@people_api.post("/account/password")
@needs(*LOOKERS)
def change_own() -> tuple[str, int]:
    """Another password; sessions end."""
    _refuse_token()
    asked = body(PasswordChange)
    change_password(asked.old, asked.new)
    return _DONE


@people_api.get("/account/sessions")
@needs(*LOOKERS)
def sessions() -> Response:
    """One's own open sessions."""
    mine = my_session()
    found = [
        {
            "id": session.id,
            "opened_at": _instant(session.opened_at),
            "seen_at": _instant(session.seen_at),
            "where": session.where,
            "device": device(session.agent),
            "mine": mine is not None and session.id == mine.id,
        }
        for session in current_offices().accounts.sessions.of(whoever().id)
    ]
    return jsonify({"sessions": found})


@people_api.delete("/account/sessions/<int:number>")
@needs(*LOOKERS)
def end_session(number: int) -> tuple[str, int]:
    """End one of one's own sessions."""
    _end(current_offices().accounts.sessions, number)
    return _DONE


@people_api.get("/account/tokens")
@needs(*LOOKERS)
def tokens() -> Response:
    """One's own tokens."""
    return jsonify({"tokens": [_token(token) for token in current_offices().accounts.tokens.of(whoever().id)]})


@people_api.post("/account/tokens")
@needs(*LOOKERS)
def make_token() -> tuple[Response, int]:
    """Make a token."""
    _refuse_token()
    asked, account = body(NewToken), whoever()
    expires = SystemClock().now() + timedelta(days=asked.days) if asked.days else None
    secret, token = current_offices().accounts.tokens.make(
        account.id, asked.name, expires, by=account.name, where=where()
    )
    return jsonify({"token": _token(token), "secret": secret}), 201


@people_api.delete("/account/tokens/<int:number>")
@needs(*LOOKERS)
def end_token(number: int) -> tuple[str, int]:
    """Revoke one of one's own tokens."""
    _end(current_offices().accounts.tokens, number)
    return _DONE


def _known(name: str) -> Account:
    account = current_offices().accounts.get(name)
    if account is None:
        abort(404)
    return account


def _end(book: Any, number: int) -> None:
    account = whoever()
    try:
        book.end(account.id, number, by=account.name, where=where())
    except UsageError:
        abort(404)


def _refuse_token() -> None:
    if by_token():
        raise Forbidden(_("A token makes no tokens and no passwords: log in, or send name and password."))


def _person(account: Account, seen: datetime | None = None) -> dict[str, Any]:
    return {
        "name": account.name,
        "display": account.display,
        "role": account.role,
        "active": account.active,
        "must_change": account.must_change,
        "created_at": _instant(account.created_at),
        "seen_at": _instant(seen),
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "made_at": _instant(token.made_at),
        "expires_at": _instant(token.expires_at),
        "used_at": _instant(token.used_at),
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(current_zone()).isoformat(timespec="seconds") if at else None
