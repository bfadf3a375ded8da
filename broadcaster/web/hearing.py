"""What somebody asked to hear: files handed out under names that can't be guessed, the latest few of them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, abort, current_app, send_file
from werkzeug.exceptions import TooManyRequests

from broadcaster.web.auth import needs, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import LOOKERS, current_offices
from broadcaster.web.throttle import Throttle

if TYPE_CHECKING:
    from broadcaster.notices.models import NoticeDraft

EXTENSION = "hearing"
KEPT = 100
#: Rendering takes seconds of a core that also serves the air.
RENDERS_A_MINUTE = 20

hearing = Blueprint("hearing", __name__)


class Hearing:
    """Files by token. May be shared by threads."""

    def __init__(self) -> None:
        self.throttle = Throttle(RENDERS_A_MINUTE, 60.0)
        self._files: OrderedDict[str, Path] = OrderedDict()
        self._lock = threading.Lock()

    def hand_out(self, path: Path) -> str:
        """A token for a file."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._files[token] = path
            while len(self._files) > KEPT:
                self._files.popitem(last=False)
        return token

    def get(self, token: str) -> Path | None:
        """The file of a token, while it is kept."""
        with self._lock:
            return self._files.get(token)


def hear(draft: NoticeDraft) -> str:
    """Render a draft as it would air; the token of its sound. ``VoiceError`` or ``MediaError`` if it can't be."""
    return hear_path(lambda: current_offices().voice.hear(draft))


def hear_path(render: Callable[[], Path]) -> str:
    """The token of what ``render`` makes. ``TooManyRequests`` for who asks too often."""
    return cast(Hearing, current_app.extensions[EXTENSION]).hand_out(render_path(render))


def render_path(render: Callable[[], Path]) -> Path:
    """What ``render`` makes. ``TooManyRequests`` for who asks too often."""
    shelf = cast(Hearing, current_app.extensions[EXTENSION])
    name = whoever().name
    if shelf.throttle.wait_s(name):
        raise TooManyRequests(_("That was often. Wait a minute before the next one."), retry_after=60)
    shelf.throttle.mark(name)
    return render()


@hearing.get("/hear/<token>.wav")
@needs(*LOOKERS)
def sound(token: str) -> Response:
    """A rendered preview."""
    path = cast(Hearing, current_app.extensions[EXTENSION]).get(token)
    if path is None or not path.is_file():
        abort(404)
    return send_file(path, mimetype="audio/wav", conditional=True)
