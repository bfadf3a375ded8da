"""The playlists' pages: list, look into one, order, rename, remove with undo, hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.auth import needs, unattended, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import COMMANDERS, LOOKERS
from broadcaster.web.scripts import media_room

if TYPE_CHECKING:
    from broadcaster.rooms.media_sheets import PlaylistSheet

playlists = Blueprint("playlists", __name__)


@playlists.get("/playlists")
@needs(*LOOKERS)
def shelf() -> str:
    """All playlists."""
    return _shelf()


@playlists.post("/playlists")
@needs(*COMMANDERS)
def make() -> Answer | tuple[str, int]:
    """A new, empty playlist."""
    try:
        made = media_room().make_playlist(request.form.get("name", ""), who=whoever().name, where=where())
    except UsageError as error:
        return _shelf(str(error), request.form.get("name", "")), 409
    flash(_("The playlist is there. Put music into it, then choose it in the programme."))
    return redirect(url_for("playlists.show", name=made.id), 303)


@playlists.get("/playlists/<name>")
@needs(*LOOKERS)
def show(name: str) -> str:
    """One playlist with its tracks."""
    return _page(media_room().playlist(name))


@playlists.get("/part/playlists/<name>")
@needs(*LOOKERS)
@unattended
def part_tracks(name: str) -> str:
    """Its tracks, for the page that waits until they are measured."""
    return _tracks(media_room().playlist(name))


@playlists.post("/playlists/<name>/order")
@needs(*COMMANDERS)
def order(name: str) -> str | Answer | tuple[str, int]:
    """Give the tracks another order: ``keys`` in their new order, or ``key`` one place ``up`` or ``down``."""
    room, form = media_room(), request.form
    sheet = room.playlist(name)
    keys = form.getlist("keys") or moved([track.key for track in sheet.tracks], form.get("key", ""), form.get("do", ""))
    try:
        sheet = room.order(name, keys, tag=form.get("tag", ""), who=whoever().name, where=where())
    except BroadcasterError as error:
        return _refused(name, error)
    return _done(sheet)


@playlists.post("/playlists/<name>/tracks/<key>")
@needs(*COMMANDERS)
def change(name: str, key: str) -> str | Answer | tuple[str, int]:
    """Rename a track, or take it out."""
    room, form, who = media_room(), request.form, whoever().name
    try:
        if form.get("do") == "remove":
            binned = room.remove(name, key, who=who, where=where())
            flash(_("“%(title)s” is taken out; it can be put back for 30 days.") % {"title": binned.title})
        else:
            room.rename(name, key, form.get("title", ""), who=who, where=where())
    except BroadcasterError as error:
        return _refused(name, error)
    return _done(room.playlist(name))


@playlists.post("/bin/<binned>")
@needs(*COMMANDERS)
def put_back(binned: str) -> Answer:
    """Put back what was taken out."""
    room = media_room()
    try:
        back = room.put_back(binned, who=whoever().name, where=where())
    except BroadcasterError as error:
        flash(str(error), "danger")
        return redirect(url_for("playlists.shelf"), 303)
    flash(_("“%(title)s” is back.") % {"title": back.title})
    return redirect(url_for("playlists.show", name=back.playlist), 303)


@playlists.post("/playlists/<name>/delete")
@needs(*COMMANDERS)
def delete(name: str) -> Answer | tuple[str, int]:
    """Delete a playlist that nothing uses; it can be put back for a while."""
    try:
        media_room().drop_playlist(name, who=whoever().name, where=where())
    except BroadcasterError as error:
        return _page(media_room().playlist(name), str(error)), 409
    flash(_("“%(title)s” is deleted; it can be put back for 30 days.") % {"title": name})
    return redirect(url_for("playlists.shelf"), 303)


@playlists.get("/playlists/<name>/tracks/<key>.wav")
@needs(*LOOKERS)
def sound(name: str, key: str) -> Response:
    """A track as it airs; a player may ask for any part of it."""
    return send_file(media_room().track_sound(name, key), mimetype="audio/wav", conditional=True)


def moved(keys: list[str], key: str, way: str) -> list[str]:
    """The keys with one of them a place up or down; as they are where that can't be."""
    if key not in keys:
        return keys
    at = keys.index(key)
    to = min(max(at + {"up": -1, "down": 1}.get(way, 0), 0), len(keys) - 1)
    return [*(rest := [one for one in keys if one != key])[:to], key, *rest[to:]]


def _by_script() -> bool:
    return request.headers.get("HX-Request") == "true"


def _done(sheet: PlaylistSheet) -> str | Answer:
    return _tracks(sheet) if _by_script() else redirect(url_for("playlists.show", name=sheet.id), 303)


def _refused(name: str, error: BroadcasterError) -> str | tuple[str, int]:
    sheet = media_room().playlist(name)
    # A part is put into the page whatever it says: what is there now, and why nothing was done.
    return _tracks(sheet, str(error)) if _by_script() else (_page(sheet, str(error)), 409)


def _shelf(trouble: str = "", name: str = "") -> str:
    return render_template(
        "playlists.html", playlists=media_room().playlists(), bin=media_room().bin(), commanders=COMMANDERS,
        trouble=trouble, name=name, wholes=True,
    )  # fmt: skip


def _page(sheet: PlaylistSheet, trouble: str = "") -> str:
    room = media_room()
    return render_template(
        "playlist.html", sheet=sheet, trouble=trouble, bin=room.bin(sheet.id), commanders=COMMANDERS,
        uploads=room.uploads(f"playlists/{sheet.id}"), upload_bytes=room.upload_bytes,
    )  # fmt: skip


def _tracks(sheet: PlaylistSheet, trouble: str = "") -> str:
    return render_template(
        "playlist_tracks.html", sheet=sheet, trouble=trouble, commanders=COMMANDERS, bin=media_room().bin(sheet.id)
    )
