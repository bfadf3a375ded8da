"""The API of the plan's files, their versions, and marks of dates: parse, ask the room once, answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for

from broadcaster.editing.comparing import HIDDEN, hidden, without_secrets
from broadcaster.editing.models import Changed, Comparison, DayMark, Edit, OpenPlan, Trial, Version
from broadcaster.editing.texts import STATION
from broadcaster.errors import NotRunning, UsageError
from broadcaster.web.auth import needs, unattended, where, whoever
from broadcaster.web.contract_plan import EDITORS, DaypartOnDate, Marking, Publishing, Restoring, SpotTimes, Trying
from broadcaster.web.notices_api import body
from broadcaster.web.offices import ADMINISTRATORS, COMMANDERS, LOOKERS, PlanRoom, current_offices
from broadcaster.web.parse import parse_day
from broadcaster.web.problems import FieldFaults
from broadcaster.web.view import current_zone, local_iso

plan_api = Blueprint("plan_api", __name__, url_prefix="/api/v1")

STATION_FILES = ("config/station.yaml", "config/voices.yaml")
"""Settings of the station: administrators only."""
SHARED_FILES = ("config/levels.yaml",)
"""Set by those who command the air, and by those who set up the station."""
LIMIT, MOST = 50, 200
MOST_DAYS = 62


def plan_room() -> PlanRoom:
    """The room; ``NotRunning`` where this page has none."""
    room = current_offices().plan
    if room is None:
        raise NotRunning("播音程序表现在不能编辑 / the plan can't be edited now")
    return room


def may_change(files: Iterable[str], role: str) -> bool:
    """Whether a role may publish a change of these files."""
    return all(
        role in ADMINISTRATORS if file in STATION_FILES
        else role in EDITORS if file in SHARED_FILES
        else role in COMMANDERS
        for file in files
    )  # fmt: skip


@plan_api.get("/plan")
@needs(*LOOKERS)
def opened() -> Response:
    """The files as they are, to be edited."""
    plan = plan_room().open()
    document = {**_head(plan), **{name: getattr(plan, name) for name in ("programme", "calendar", "levels", "voices")}}
    document["scripts"] = plan.scripts
    document["station"] = without_secrets(plan.station)
    document["faults"] = [asdict(one) for one in plan.faults]
    return _tagged(plan.tag, document)


@plan_api.get("/plan/tag")
@needs(*LOOKERS)
@unattended
def tag() -> Response:
    """Whether somebody changed the files; 304 for a tag that still holds."""
    room = plan_room()
    now = room.tag()
    latest = next(iter(room.versions(1)), None)
    document = {"tag": now, "version": latest.id if latest else 0, "who": latest.who if latest else ""}
    document |= {"how": latest.how if latest else "file", "words": latest.words if latest else ""}
    document["at"] = local_iso(latest.at if latest else datetime.fromtimestamp(0, current_zone()))
    return _tagged(now, document)


@plan_api.post("/plan/try")
@needs(*LOOKERS)
def attempt() -> Response:
    """What edits would do."""
    asked = body(Trying)
    return jsonify(trial_document(plan_room().try_out(asked.tag, asked.edits, asked.dates)))


@plan_api.post("/plan/publish")
@needs(*EDITORS)
def publish() -> tuple[Response, int, dict[str, str]]:
    """Publish edits."""
    asked = body(Publishing)
    hold_to_role(edit.file for edit in asked.edits)
    for edit in asked.edits:
        _refuse_mask(edit)
    return _made(
        plan_room().publish(
            asked.tag, asked.edits, who=whoever().name, words=asked.words.strip(), where=where(), anyway=asked.anyway
        )
    )


@plan_api.get("/plan/versions")
@needs(*LOOKERS)
def versions() -> Response:
    """Versions, newest first."""
    limit = min(max(_number("limit", LIMIT), 1), MOST)
    found = plan_room().versions(limit + 1, _number("before", 0) or None)
    kept = found[:limit]
    told = [version_document(one) for one in kept]
    return jsonify({"versions": told, "before": kept[-1].id if len(found) > limit else None})


@plan_api.get("/plan/versions/<int:number>")
@needs(*LOOKERS)
def version(number: int) -> Response:
    """One version with its texts."""
    room = plan_room()
    found = _version(room, number)
    shown = room.texts(number)
    if whoever().role not in ADMINISTRATORS:
        shown = {file: text for file, text in shown.items() if file not in STATION_FILES}
    texts = {file: hidden(file, text) for file, text in shown.items()}
    return jsonify({**version_document(found), "texts": texts})


@plan_api.get("/plan/compare")
@needs(*LOOKERS)
def compare() -> Response:
    """What differs from version a to version b."""
    room = plan_room()
    a, b = _number("a", 0), _number("b", 0)
    for number in (a, b):
        _version(room, number)
    found = for_reader(room.compare(a, b))
    files = [asdict(one) for one in found.files]
    return jsonify(
        {"before": version_document(found.before), "after": version_document(found.after), "files": files}
    )  # fmt: skip


@plan_api.post("/plan/versions/<int:number>/restore")
@needs(*EDITORS)
def restore(number: int) -> tuple[Response, int, dict[str, str]]:
    """Back to a version."""
    room = plan_room()
    _version(room, number)
    asked = body(Restoring)
    hold_to_role(room.try_restore(number).files)
    return _made(room.restore(number, who=whoever().name, words=asked.words.strip(), where=where()))


@plan_api.post("/plan/versions/<int:number>/undo")
@needs(*EDITORS)
def undo(number: int) -> tuple[Response, int, dict[str, str]]:
    """Take back what a version changed."""
    room = plan_room()
    hold_to_role(_version(room, number).changed)
    return _made(room.undo(number, who=whoever().name, where=where()))


@plan_api.post("/plan/tidy")
@needs(*COMMANDERS)
def tidy() -> tuple[str, int]:
    """Take out settings of dates that are long past."""
    plan_room().tidy(who=whoever().name, where=where())
    return "", 204


@plan_api.post("/days/<day>")
@needs(*COMMANDERS)
def mark(day: str) -> tuple[Response, int, dict[str, str]]:
    """Mark a date."""
    on, asked = parse_day(day), body(Marking)
    found = plan_room().mark_day(
        _span(on, asked.until), day_mark(asked), who=whoever().name, where=where(), words=asked.words.strip(),
        tag=asked.tag,
    )  # fmt: skip
    return _made(found)


@plan_api.post("/days/<day>/try")
@needs(*LOOKERS)
def try_mark(day: str) -> Response:
    """What a mark would do."""
    on, asked = parse_day(day), body(Marking)
    return jsonify(trial_document(plan_room().try_day(_span(on, asked.until), day_mark(asked))))


def day_mark(asked: Marking) -> DayMark:
    """The mark that a request asks for."""
    spots = {
        name: {"at": list(one.at)} if isinstance(one, SpotTimes) else one for name, one in asked.spots.items()
    }  # fmt: skip
    dayparts = {name: _daypart(one) for name, one in asked.dayparts.items()}
    return DayMark(
        tuple(asked.add), tuple(asked.remove), asked.close, asked.clear, asked.note.strip(), "", asked.open,
        asked.later_min, asked.usual_hours, spots, dayparts,
    )  # fmt: skip


def _daypart(asked: DaypartOnDate | None) -> dict[str, Any] | None:
    return asked.model_dump(by_alias=True, exclude_none=True) if asked is not None else None


def _span(on: date, until: date | None) -> list[date]:
    days = (until - on).days + 1 if until is not None else 1
    if not 0 < days <= MOST_DAYS:
        raise FieldFaults({"until": f"1 到 {MOST_DAYS} 天 / 1 to {MOST_DAYS} days"})
    return [on + timedelta(days=number) for number in range(days)]


def hold_to_role(files: Iterable[str]) -> None:
    """403 unless whoever asks may change all of these files."""
    if not may_change(files, whoever().role):
        abort(403)


def for_reader(comparison: Comparison) -> Comparison:
    """Without what the station's settings say, for all but those who set them."""
    if whoever().role in ADMINISTRATORS:
        return comparison
    files = tuple(
        replace(file, lines=(), entries=()) if file.file in STATION_FILES else file for file in comparison.files
    )
    return replace(comparison, files=files)


def _refuse_mask(edit: Edit) -> None:
    """What hides a key must not be taken for one."""
    if edit.file == STATION and HIDDEN in json.dumps(edit.value, ensure_ascii=False, default=str):
        raise UsageError(f"“{HIDDEN}”不是密钥,不改就不要写 / “{HIDDEN}” is no key: leave out what is not to change")


def _version(room: PlanRoom, number: int) -> Version:
    found = room.version(number) if number < 2**53 else None
    if found is None:
        abort(404)
    return found


def _number(name: str, usual: int) -> int:
    asked = request.args.get(name)
    if asked is None:
        return usual
    if not (asked.isascii() and asked.isdigit() and len(asked) < 16):
        raise FieldFaults({name: f"{asked!r} is no whole number"})
    return int(asked)


def _made(found: Version) -> tuple[Response, int, dict[str, str]]:
    document = {**version_document(found), "tag": plan_room().tag()}
    return jsonify(document), 201, {"Location": url_for("plan_api.version", number=found.id)}


def _tagged(mark: str, document: Mapping[str, Any]) -> Response:
    response = jsonify(document)
    response.set_etag(mark)
    response.headers["Cache-Control"] = "no-cache, private"
    response.make_conditional(request)
    return response


def _head(plan: OpenPlan) -> dict[str, Any]:
    return {
        "tag": plan.tag, "version": plan.version, "at": local_iso(plan.at), "who": plan.who, "how": plan.how,
        "words": plan.words,
    }  # fmt: skip


def version_document(found: Version) -> dict[str, Any]:
    """A :class:`~broadcaster.web.contract_plan.PlanVersion`."""
    return {
        "id": found.id, "at": local_iso(found.at), "who": found.who, "how": found.how, "words": found.words,
        "where": found.where, "changed": list(found.changed), "preparing": found.preparing,
        "held_back": [asdict(one) for one in found.held_back],
    }  # fmt: skip


def trial_document(trial: Trial) -> dict[str, Any]:
    """A :class:`~broadcaster.web.contract_plan.Trial`."""
    return {
        "fit": trial.fit,
        "faults": [asdict(one) for one in trial.faults],
        "warnings": [asdict(one) for one in trial.warnings],
        "days": {
            on.isoformat(): {**asdict(effect), "date": on.isoformat()} for on, effect in trial.days.items()
        },
        "conflict": _changed(trial.conflict) if trial.conflict else None,
        "files": list(trial.files),
    }  # fmt: skip


def _changed(found: Changed) -> dict[str, Any]:
    return {**asdict(found), "name": found.name or found.who, "at": local_iso(found.at)}
