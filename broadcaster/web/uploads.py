"""Files that people send: for browsers that run no script here, for all others by the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.auth import needs, unattended, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import COMMANDERS
from broadcaster.web.scripts import media_room

if TYPE_CHECKING:
    from broadcaster.rooms.media_sheets import Upload

uploads = Blueprint("uploads", __name__)

PLACES = ("chimes", "recordings")


@uploads.post("/playlists/<name>/uploads")
@needs(*COMMANDERS)
def send(name: str) -> Answer:
    """Files for a playlist, by a form."""
    media_room().playlist(name)
    _take_all(f"playlists/{name}")
    return redirect(url_for("playlists.show", name=name), 303)


@uploads.get("/scripts/sounds")
@needs(*COMMANDERS)
def sounds() -> str:
    """Chimes and recordings for scripts."""
    room = media_room()
    return render_template(
        "scripts_sounds.html", chimes=room.chimes(), recordings=room.recordings(), upload_bytes=room.upload_bytes,
        sent={place: room.uploads(place) for place in PLACES},
    )  # fmt: skip


@uploads.post("/scripts/sounds/<any(chimes, recordings):place>")
@needs(*COMMANDERS)
def send_page(place: str) -> Answer:
    """A chime or a recording, by a form."""
    _take_all(place)
    return redirect(url_for("uploads.sounds"), 303)


@uploads.get("/part/uploads")
@needs(*COMMANDERS)
@unattended
def part_uploads() -> str:
    """The latest files sent to a place and what became of them."""
    place = request.args.get("place", "")
    return render_template("part_uploads.html", uploads=media_room().uploads(place), place=place)


def take(place: str) -> Upload:
    """The file that this request brings, bare or in a form. ``MediaError`` and ``UsageError`` if it can't be taken."""
    room = media_room()
    if request.mimetype == "multipart/form-data":
        file = request.files.get("file")
        if file is None or not file.filename:
            raise UsageError(_("No file was sent."))
        stream, name, length = file.stream, file.filename, None
    else:
        stream, name, length = request.stream, request.args.get("name", ""), request.content_length
        if not name:
            raise UsageError(_("No file name was sent: add ?name= to the address."))
    return room.receive(stream, name, place, length=length, who=whoever().name, where=where())


def _take_all(place: str) -> None:
    room = media_room()
    try:
        files = [file for file in request.files.getlist("file") if file.filename]
    except RequestEntityTooLarge:
        most = room.upload_bytes // 1_000_000
        flash(_("Too large: at most %(most)s MB.") % {"most": most}, "danger")
        return
    if not files:
        flash(_("No file was sent."), "danger")
    for file in files:
        try:
            room.receive(file.stream, file.filename or "", place, length=None, who=whoever().name, where=where())
        except BroadcasterError as error:
            flash(f"{file.filename}: {error}", "danger")
