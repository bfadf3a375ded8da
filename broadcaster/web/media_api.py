"""The API of scripts, playlists and uploads: parse, ask the office once, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, send_file, url_for

from broadcaster.errors import MediaError
from broadcaster.plan.models import Script
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_media import NewPlaylist, NewScript, NewTitle, Order, ScriptChange, ScriptContent
from broadcaster.web.hearing import render_path
from broadcaster.web.notices_api import body
from broadcaster.web.offices import COMMANDERS, LOOKERS, current_offices
from broadcaster.web.previews import as_document
from broadcaster.web.problems import FieldFaults
from broadcaster.web.script_form import checked
from broadcaster.web.scripts import (
    free_id,
    media_room,
    publish_change,
    publish_new,
    publish_removal,
    reading_of,
    script_room,
)
from broadcaster.web.uploads import take
from broadcaster.web.view import local_iso

if TYPE_CHECKING:
    from broadcaster.plan.models import Names
    from broadcaster.rooms.media_sheets import Binned, PlaylistSheet, ScriptSheet, Upload, Use

media_api = Blueprint("media_api", __name__, url_prefix="/api/v1")


@media_api.get("/playlists")
@needs(*LOOKERS)
def playlists() -> Response:
    """All playlists."""
    return jsonify({"playlists": [_head(sheet) for sheet in media_room().playlists()]})


@media_api.post("/playlists")
@needs(*COMMANDERS)
def make_playlist() -> tuple[Response, int, dict[str, str]]:
    """Make a playlist."""
    made = media_room().make_playlist(body(NewPlaylist).name, who=whoever().name, where=where())
    return jsonify(_playlist(made)), 201, {"Location": url_for("media_api.playlist", name=made.id)}


@media_api.get("/playlists/<name>")
@needs(*LOOKERS)
def playlist(name: str) -> Response:
    """One playlist."""
    return jsonify(_playlist(media_room().playlist(name)))


@media_api.delete("/playlists/<name>")
@needs(*COMMANDERS)
def drop_playlist(name: str) -> tuple[str, int]:
    """Delete a playlist that nothing uses."""
    media_room().drop_playlist(name, who=whoever().name, where=where())
    return "", 204


@media_api.put("/playlists/<name>/order")
@needs(*COMMANDERS)
def order(name: str) -> Response:
    """Order its tracks."""
    asked = body(Order)
    sheet = media_room().order(name, asked.keys, tag=asked.tag, who=whoever().name, where=where())
    return jsonify(_playlist(sheet))


@media_api.put("/playlists/<name>/tracks/<key>")
@needs(*COMMANDERS)
def rename(name: str, key: str) -> Response:
    """Rename a track."""
    sheet = media_room().rename(name, key, body(NewTitle).title, who=whoever().name, where=where())
    return jsonify(_playlist(sheet))


@media_api.delete("/playlists/<name>/tracks/<key>")
@needs(*COMMANDERS)
def remove(name: str, key: str) -> Response:
    """Take a track out."""
    return jsonify(_binned(media_room().remove(name, key, who=whoever().name, where=where())))


@media_api.get("/playlists/<name>/tracks/<key>/sound")
@needs(*LOOKERS)
def sound(name: str, key: str) -> Response:
    """A track as it airs."""
    return send_file(media_room().track_sound(name, key), mimetype="audio/wav", conditional=True)


@media_api.post("/playlists/<name>/uploads")
@media_api.post("/<any(chimes, recordings):place>/uploads")
@needs(*COMMANDERS)
def send(name: str = "", place: str = "") -> tuple[Response, int, dict[str, str]]:
    """Send a recording: the bare file with ``?name=``, or a form with one ``file``."""
    try:
        upload = take(place or f"playlists/{name}")
    except MediaError as error:
        raise FieldFaults({"file": str(error)}) from error
    return jsonify(_upload(upload)), 202, {"Location": url_for("media_api.one_upload", upload=upload.id)}


@media_api.get("/uploads")
@needs(*LOOKERS)
def uploads() -> Response:
    """The latest uploads."""
    return jsonify({"uploads": [_upload(one) for one in media_room().uploads()]})


@media_api.get("/uploads/<upload>")
@needs(*LOOKERS)
def one_upload(upload: str) -> Response:
    """One upload."""
    return jsonify(_upload(media_room().upload(upload)))


@media_api.delete("/uploads/<upload>")
@needs(*COMMANDERS)
def cancel(upload: str) -> tuple[str, int]:
    """Give an upload up."""
    media_room().cancel(upload, who=whoever().name, where=where())
    return "", 204


@media_api.get("/bin")
@needs(*LOOKERS)
def bin() -> Response:
    """What was taken out."""
    return jsonify({"bin": [_binned(one) for one in media_room().bin()]})


@media_api.post("/bin/<binned>")
@needs(*COMMANDERS)
def put_back(binned: str) -> Response:
    """Put it back."""
    return jsonify(_binned(media_room().put_back(binned, who=whoever().name, where=where())))


@media_api.get("/scripts")
@needs(*LOOKERS)
def scripts() -> Response:
    """All scripts."""
    plan = current_offices().plan
    found = [_script(sheet) for sheet in script_room().scripts()]
    return jsonify({"scripts": found, "tag": plan.tag() if plan else None})


@media_api.post("/scripts")
@needs(*COMMANDERS)
def new_script() -> tuple[Response, int, dict[str, str]]:
    """Publish a new script."""
    asked = body(NewScript)
    script, name = _checked(asked.script), free_id(asked.id)
    version = publish_new(name, script, words=asked.words)
    return jsonify({"version": version.id, "id": name}), 201, {"Location": url_for("media_api.script", name=name)}


@media_api.get("/scripts/<name>")
@needs(*LOOKERS)
def script(name: str) -> Response:
    """One script."""
    return jsonify(_script(script_room().script(name)))


@media_api.put("/scripts/<name>")
@needs(*COMMANDERS)
def change_script(name: str) -> Response:
    """Publish a change of a script."""
    sheet, asked = script_room().script(name), body(ScriptChange)
    version = publish_change(
        sheet, _checked(asked.script), tag=asked.tag, words=asked.words, anyway=asked.anyway
    )  # fmt: skip
    return jsonify({"version": version.id if version else None, "id": name})


@media_api.delete("/scripts/<name>")
@needs(*COMMANDERS)
def delete_script(name: str) -> Response:
    """Delete a script that nothing uses."""
    return jsonify({"version": publish_removal(script_room().script(name)).id, "id": name})


@media_api.post("/script-preview")
@needs(*LOOKERS)
def preview_script() -> Response:
    """How a script would be read."""
    shown = reading_of(_checked(body(ScriptContent)))
    document = as_document(shown) if shown else {}
    return jsonify({name: document.get(name) for name in ("spoken", "pinyin", "doubts", "trouble")})


@media_api.post("/script-sound")
@needs(*LOOKERS)
def hear_script() -> Response:
    """A script exactly as it would air."""
    asked = _checked(body(ScriptContent))
    try:
        path = render_path(lambda: script_room().hear(asked))
    except MediaError as error:
        raise FieldFaults({"": str(error)}) from error
    return send_file(path, mimetype="audio/wav", conditional=True)


def _checked(content: ScriptContent) -> Script:
    """``FieldFaults`` names every entry that is wrong."""
    script, wrong = checked(content.model_dump(exclude_none=True), media_room().recordings())
    if script is None or wrong:
        raise FieldFaults({f"script.{name}": words for name, words in wrong.items()})
    if not script.text.strip() and not script.recording:
        raise FieldFaults({"script.text": "文字和录音至少要有一样 / text or recording is needed"})
    return script


def _head(sheet: PlaylistSheet) -> dict[str, Any]:
    return {
        "id": sheet.id,
        "tag": sheet.tag,
        "count": len(sheet.tracks),
        "duration_s": round(sheet.duration_s, 3),
        "faults": sheet.faults,
        "waiting": sheet.waiting,
        "used_by": [_use(use) for use in sheet.used_by],
    }


def _playlist(sheet: PlaylistSheet) -> dict[str, Any]:
    tracks = [
        {
            "key": track.key, "title": track.title, "file": track.file, "duration_s": track.duration_s,
            "loudness_lufs": track.loudness_lufs, "true_peak_db": track.true_peak_db, "gain_db": track.gain_db,
            "fault": _words(track.fault),
        }
        for track in sheet.tracks
    ]  # fmt: skip
    return {**_head(sheet), "tracks": tracks}


def _script(sheet: ScriptSheet) -> dict[str, Any]:
    content = sheet.script.model_dump(mode="json", exclude_none=True)
    return {
        "id": sheet.id,
        "file": sheet.file,
        "script": content,
        "used_by": [_use(use) for use in sheet.used_by],
        "next_at": local_iso(sheet.next_at) if sheet.next_at else None,
        "duration_s": sheet.duration_s,
        "faults": [_words(fault) for fault in sheet.faults],
    }


def _use(use: Use) -> dict[str, str]:
    return {"kind": use.kind, "id": use.id, "title": use.title.zh, "title_en": use.title.text("en")}


def _upload(one: Upload) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "place": one.place, "state": one.state, "reason": _words(one.reason),
        "file": one.file or None, "duration_s": one.duration_s, "at": local_iso(one.at),
    }  # fmt: skip


def _binned(one: Binned) -> dict[str, Any]:
    return {
        "id": one.id, "playlist": one.playlist, "title": one.title, "file": one.file, "who": one.who,
        "at": local_iso(one.at),
    }  # fmt: skip


def _words(names: Names | None) -> dict[str, str] | None:
    return {"zh": names.zh, "en": names.text("en")} if names else None
