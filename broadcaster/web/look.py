"""What every page shares: the way around by rights, what waits, and light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, make_response, redirect, request

from broadcaster.web import words
from broadcaster.web.auth import me
from broadcaster.web.emergency import banner
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import Account, current_offices, has_offices
from broadcaster.web.security import safe_return

THEMES = ("auto", "light", "dark")
COOKIE = "theme"
COOKIE_AGE = timedelta(days=365)
_EXTENSION = "rooms"

look = Blueprint("look", __name__)


@dataclass(frozen=True, slots=True)
class Room:
    """A page that the top of each page leads to, or several under one name."""

    name: str
    path: str = ""
    here: bool = False
    """The page shown, or one below it."""
    waiting: int = 0
    """So many things in it wait for whoever asks."""
    inner: tuple[Room, ...] = ()


def init_app(app: Flask) -> None:
    """Let every template draw the way around."""
    app.register_blueprint(look)
    app.context_processor(_common)
    app.jinja_env.filters["said"] = words.said

    @app.url_defaults
    def name_the_version(endpoint: str, values: dict[str, Any]) -> None:
        # A browser may keep such a file for good; a changed one has another address.
        if endpoint == "static" and "v" not in values:
            values["v"] = _stamp(Path(app.static_folder or "", str(values.get("filename"))))

    @app.after_request
    def keep_files(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code in (200, 304):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "0"
    return f"{found.st_mtime_ns ^ found.st_size:x}"


@look.get("/theme/<code>")
def choose_theme(code: str) -> Response:
    """Remember light, dark, or as the computer has it; for browsers that run no script."""
    if code not in THEMES:
        abort(404)
    response = make_response(redirect(safe_return(request.args.get("next"))))
    # The page's own script reads and writes it as well, so that the change needs no answer of ours.
    response.set_cookie(COOKIE, code, max_age=COOKIE_AGE, samesite="Lax", secure=request.is_secure)
    return response


def theme() -> str:
    """``auto``, ``light`` or ``dark``."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def rooms(account: Account | None) -> Sequence[Room]:
    """The pages that this account may open, of those that this app has."""
    found = (
        _room("/", _("On air"), account),
        _room("/programme", _("Programme"), account),
        _room("/calendar", _("Calendar"), account),
        _room("/notices", _("Notices"), account, waiting(account)),
        _several(
            _("Scripts and music"),
            _room("/scripts", _("Scripts"), account),
            _room("/playlists", _("Playlists"), account),
        ),
        _several(
            _("Listen and speak"),
            _room("/listen", _("Listen in"), account),
            _room("/live", _("Speak live"), account),
        ),
        _several(
            _("Reports"),
            _several(
                _("Reports"),
                _room("/reports", _("Reports"), account),
                _room("/vendors", _("Vendors and contracts"), account),
            ),
            _room("/vendors", _("Vendors"), account),
        ),
        _several(
            _("Settings"),
            _room("/settings", _("Station settings"), account),
            _room("/alerts", _("Alerts"), account),
            _room("/lexicon", _("Readings"), account),
            _room("/people", _("People"), account) or _room("/accounts", _("People"), account),
            _room("/audit", _("Who did what"), account),
            _room("/screen", _("Text screen"), account),
        ),
    )
    return [room for room in found if room is not None]


def waiting(account: Account | None) -> int:
    """How many notices wait for this account's decision."""
    return current_offices().notices.waiting(account) if account is not None else 0


def _room(path: str, name: str, account: Account | None, waiting: int = 0) -> Room | None:
    known = _doors()
    if path not in known:
        return None
    roles = known[path]
    if roles is not None and (account is None or account.role not in roles):
        return None
    here = request.path == path or (path != "/" and request.path.startswith(f"{path}/"))
    return Room(name, path, here, waiting)


def _way(path: str, account: Account | None) -> str:
    """The address of a page, where this app has it and this account may open it."""
    has_it = has_offices() and current_offices().calls is not None and _room(path, "", account) is not None
    return path if has_it else ""


def _several(name: str, *inner: Room | None) -> Room | None:
    found = tuple(room for room in inner if room is not None)
    if not found:
        return None
    # A fold with one thing in it is a step too many.
    return found[0] if len(found) == 1 else Room(name, here=any(room.here for room in found), inner=found)


def _doors() -> dict[str, tuple[str, ...] | None]:
    """The addresses that exist, each with who may open it; None is everybody."""
    if _EXTENSION not in current_app.extensions:
        current_app.extensions[_EXTENSION] = {
            rule.rule: getattr(current_app.view_functions[rule.endpoint], "roles", None)
            for rule in current_app.url_map.iter_rules()
            if not rule.arguments and "GET" in (rule.methods or ())
        }
    return cast("dict[str, tuple[str, ...] | None]", current_app.extensions[_EXTENSION])


def _common() -> dict[str, Any]:
    account = me()
    return {
        "rooms": rooms(account) if has_offices() else (),
        "emergency_way": _way("/emergency", account),
        "call": banner() if has_offices() and current_offices().calls is not None else None,
        "theme": theme(),
        "themes": (("auto", _("As the computer")), ("light", _("Light")), ("dark", _("Dark"))),
    }
