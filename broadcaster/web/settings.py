"""Settings: the store, its levels and dial, voices, weather, what is watched, backups.

All of the plan's entries go through the plan room, so that they are checked, versioned and undone like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as Answer

from broadcaster.editing.models import Edit, OpenPlan, PlanConflict, PlanRefused
from broadcaster.plan.models import Dial, WeatherSource
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_plan import EDITORS
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ADMINISTRATORS, LOOKERS, PlanRoom, Settings, current_offices, present
from broadcaster.web.setting_fields import LEVELS, STATION, Blank, changed, entry, told_by_field, typed
from broadcaster.web.setting_forms import level_blanks, station_blanks, voice_blanks, weather_blanks
from broadcaster.web.words import said

settings = Blueprint("settings", __name__, url_prefix="/settings")


@settings.context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "administrators": ADMINISTRATORS,
        "caretakers": EDITORS,
        "doors": current_app.view_functions,
        "may_open": _may_open,
    }


def _may_open(endpoint: str) -> bool:
    roles = getattr(current_app.view_functions[endpoint], "roles", None)
    return roles is None or whoever().role in roles


@settings.get("")
@needs(*LOOKERS)
def index() -> str:
    """What can be set."""
    return render_template("settings.html")


@settings.get("/station")
@needs(*LOOKERS)
def station() -> str:
    """Name, joints of the sound, ducking."""
    return _form("station")


@settings.post("/station")
@needs(*ADMINISTRATORS)
def set_station() -> str | Answer:
    """The same, changed."""
    return _send("station", _("The station's settings were changed in the page."))


@settings.get("/levels")
@needs(*LOOKERS)
def levels() -> str:
    """Levels and the dial's scale."""
    return _form("levels")


@settings.post("/levels")
@needs(*EDITORS)
def set_levels() -> str | Answer:
    """The same, changed."""
    return _send("levels", _("Levels were changed in the page."))


@settings.get("/voices")
@needs(*LOOKERS)
def voices() -> str:
    """Voices of the house, and the engines that speak."""
    return _form("voices")


@settings.post("/voices")
@needs(*ADMINISTRATORS)
def set_voices() -> str | Answer:
    """The same, changed."""
    return _send("voices", _("Voices were changed in the page."))


@settings.get("/voices/<name>/sample.wav")
@needs(*LOOKERS)
def sample(name: str) -> Response:
    """A sentence in this voice."""
    return send_file(_caretaker().sample(name), mimetype="audio/wav", conditional=True, max_age=0)


@settings.get("/weather")
@needs(*LOOKERS)
def weather() -> str:
    """Where the forecast comes from."""
    return _form("weather")


@settings.post("/weather")
@needs(*ADMINISTRATORS)
def set_weather() -> str | Answer:
    """The same, changed; or only tried out."""
    if request.form.get("do") == "try":
        return _try_weather()
    return _send("weather", _("The weather's settings were changed in the page."))


@settings.get("/backup")
@needs(*ADMINISTRATORS)
def backup() -> str:
    """Backups on this machine."""
    return render_template("settings_backup.html", backups=_caretaker().backups(), record=_caretaker().backup_record())


@settings.post("/backup")
@needs(*ADMINISTRATORS)
def make_backup() -> Answer:
    """Make one now."""
    name = _caretaker().make_backup(music=bool(request.form.get("music")), who=whoever().name, where=where())
    flash(_("Backup %(name)s is made and checked.") % {"name": name})
    return redirect(url_for("settings.backup"), 303)


@settings.get("/backup/<name>")
@needs(*ADMINISTRATORS)
def backup_file(name: str) -> Response:
    """One of them, to be taken away."""
    path = _caretaker().backup_file(name, who=whoever().name, where=where())
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=f"broadcaster-{name}")


# --- the dial, by ear


@settings.get("/levels/calibrate")
@needs(*EDITORS)
def calibrate() -> str:
    """Step by step: which gain sounds like which number of the dial."""
    plan = _open()
    dial = _dial(plan)
    numbers = sorted({number for level in plan.levels["levels"].values() for number in level["range"]})
    known = dict(dial.table or {})
    steps = [(number, known.get(number, dial.gain_db(number))) for number in numbers]
    return render_template("settings_calibrate.html", tag=plan.tag, zero=dial.zero, steps=steps, has_table=bool(known))


@settings.post("/levels/calibrate/sound")
@needs(*EDITORS)
def test_sound() -> tuple[str, int]:
    """Let the test sound be heard in the house."""
    gain_db = _number(request.form.get("gain_db", ""))
    if gain_db is None or not -40 <= gain_db <= 0:
        abort(400)
    desk = present(current_offices().air)
    desk.test_sound(gain_db, by=whoever().name, where=where())
    return "", 204


@settings.post("/levels/calibrate")
@needs(*EDITORS)
def set_dial() -> str | Answer:
    """The numbers and gains that were found, as the dial's table."""
    table: dict[str, float] = {}
    for number, gain in zip(request.form.getlist("number"), request.form.getlist("gain"), strict=False):
        at, gain_db = _number(number), _number(gain)
        if at is None or gain_db is None or not -60 <= gain_db <= 0:
            flash(_("Every number needs a gain between -60 and 0 dB."), "danger")
            return redirect(url_for("settings.calibrate"), 303)
        table[f"{at:g}"] = gain_db
    base = _as_sent()
    kept = {str(key): value for key, value in (_dial(base).table or {}).items() if f"{key:g}" not in table}
    edit = Edit(file=LEVELS, op="set", path=("dial", "table"), value={**kept, **table})
    return _publish("levels", [edit], _("The dial was calibrated by ear."), base)


# --- forms of the plan's entries


def _blanks(name: str, plan: OpenPlan) -> Sequence[Blank]:
    makers = {"station": station_blanks, "levels": level_blanks, "voices": voice_blanks, "weather": weather_blanks}
    return makers[name](plan)


def _form(name: str, *, base: OpenPlan | None = None, trouble: Sequence[str] = (), **more: Any) -> str:
    """The form as the files are now; with what was sent, where that is not what the form was opened with (``base``)."""
    plan = _open()
    blanks = _blanks(name, plan)
    wrong: Mapping[str, str] = more.pop("wrong", {})
    sent = typed(_blanks(name, base), base, request.form) if base is not None else {}
    values = {one.name: sent.get(one.name, one.shown(plan)) for one in blanks}
    if name == "levels":
        more["dial"] = _dial(plan)
        more["ids"] = list(plan.levels["levels"])
    if name == "voices":
        more["ids"] = list(plan.voices.get("voices", {}))
        more["engines"] = _caretaker().engines()
    fields = {one.name: one for one in blanks}
    more.setdefault("tried", None)
    return render_template(
        f"settings_{name}.html", fields=fields, values=values, wrong=wrong, trouble=trouble, tag=plan.tag, **more
    )


def _send(name: str, words: str) -> str | Answer:
    base = _as_sent()
    edits = changed(_blanks(name, base), base, request.form)
    if name == "weather" and request.form.get("do") == "off":
        edits = [Edit(file=STATION, op="remove", path=("weather",))] if base.station.get("weather") else []
    if not edits:
        flash(_("Nothing was changed."))
        return redirect(url_for(f"settings.{name}"), 303)
    return _publish(name, edits, words, base)


def _publish(name: str, edits: Sequence[Edit], words: str, base: OpenPlan) -> str | Answer:
    try:
        version = _room().publish(base.tag, edits, who=whoever().name, words=words, where=where(), anyway=True)
    except PlanRefused as refused:
        wrong, others = told_by_field(_blanks(name, base), refused.told)
        return _form(name, base=base, trouble=others, wrong=wrong)
    except PlanConflict as conflict:
        return _form(name, base=base, trouble=[said(conflict)])
    flash(_("Saved as version %(id)s of the plan.") % {"id": version.id})
    return redirect(url_for(f"settings.{name}"), 303)


def _try_weather() -> str:
    content = {
        "provider": request.form.get("provider", ""),
        "place": {"zh": request.form.get("place", ""), "en": request.form.get("place_en", "")},
        "latitude": request.form.get("latitude", ""),
        "longitude": request.form.get("longitude", ""),
        "key": request.form.get("key") or entry(_open(), STATION, ("weather", "key")),
        "host": request.form.get("host") or None,
    }
    try:
        source = WeatherSource.model_validate(content)
    except ValidationError as error:
        fields = {str(fault["loc"][0]) if fault["loc"] else "" for fault in error.errors()}
        return _form("weather", base=_as_sent(), wrong={name: _("This is missing or wrong.") for name in fields})
    return _form("weather", base=_as_sent(), tried=_caretaker().try_weather(source))


def _open() -> OpenPlan:
    return _room().open()


def _as_sent() -> OpenPlan:
    """The plan that the sent form was opened with: only what differs from that did its author change."""
    tag = request.form.get("tag", "")
    return _room().as_of(tag) if tag else _open()


def _room() -> PlanRoom:
    return present(current_offices().plan)


def _caretaker() -> Settings:
    return present(current_offices().settings)


def _dial(plan: OpenPlan) -> Dial:
    return Dial.model_validate(plan.levels.get("dial", {}))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
