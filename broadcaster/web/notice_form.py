"""The notice form: what a browser sends becomes a draft, checked by the draft's own model, and back again.

The model is the judge; here a person's ways of writing are only taken apart: several times in one line, windows as
``10:05-11:30``, full-width punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from broadcaster.notices.models import NoticeDraft
from broadcaster.notices.naming import name_of
from broadcaster.plan.times import length_text
from broadcaster.web.i18n import gettext as _

#: Seconds between two readings to choose from; the draft takes any up to a minute.
PAUSES = ("1", "1.5", "3", "5", "10")
LISTS = ("days", "unless")
_SPACE = re.compile(r"[\s,，、;；]+")
#: A moment may hold blanks itself: ``close - 10 min``.
_MOMENT = re.compile(
    r"(?:open|close|开门|开业|打烊|关门)(?:\s*[+\-−－＋]\s*[\d.]+\s*[a-z\u4e00-\u9fff]*)?|[^\s,，、;；]+", re.IGNORECASE
)
_TO = re.compile(r"\s*(?:[–—~～]+|至|到)\s*")
_DASH = re.compile(r"\s*-+\s*")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９：", "0123456789:")


@dataclass(frozen=True, slots=True)
class Entry:
    """A filled form: the draft, or what is wrong with which field."""

    values: Mapping[str, Any]
    draft: NoticeDraft | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    """By the field's name; the empty name is the form as a whole."""


def blank(today: date) -> dict[str, Any]:
    """An empty form."""
    return {
        "kind": "at",
        "first": today.isoformat(),
        "last": today.isoformat(),
        "chime": "ding-dong",
        "read": "1",
        "pause": "1.5",
        "windows": "10:00-20:00",
        "days": [],
        "unless": [],
    }


def copied(draft: NoticeDraft, today: date) -> dict[str, Any]:
    """The values of an earlier notice, for as many days as it had, from today on."""
    days = draft.when.last - draft.when.first
    again = {"first": today.isoformat(), "last": (today + days).isoformat(), "dates": "", "form": ""}
    return show_draft(draft) | again


def values_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was filled in, as it was: to be shown again."""
    values: dict[str, Any] = {name: form.get(name, "") for name in form if name not in LISTS}
    return {**values, **{name: form.getlist(name) for name in LISTS}}


def read_form(values: Mapping[str, Any], today: date) -> Entry:
    """The draft that the values make, or the faults by field."""
    try:
        draft = NoticeDraft.model_validate(_raw(values, today))
    except ValidationError as error:
        return Entry(values, wrong=_faults(error, str(values.get("kind") or "at")))
    return Entry(values, draft)


def show_draft(draft: NoticeDraft) -> dict[str, Any]:
    """The values that make this draft."""
    content = draft.content()
    when = content.pop("when")
    kind = "now" if when.get("now") else "rotation" if when.get("rotation") else "every" if when.get("every") else "at"
    values = {name: "" if value is None else str(value) for name, value in content.items() if name != "lateness"}
    return values | {
        "kind": kind,
        "at": " ".join(map(str, when.get("at") or ())),
        "every": length_text(when["every"]) if when.get("every") else "",
        "windows": "\n".join(f"{window['from']}–{window['to']}" for window in when.get("windows") or ()),
        "rotation": when.get("rotation") or "",
        "first": when["first"],
        "last": when["last"],
        "dates": " ".join(when.get("dates") or ()),
        "days": list(when.get("days") or ()),
        "unless": list(when.get("except") or when.get("unless") or ()),
        "lateness": _lateness_text(content.get("lateness")),
        "pause": f"{draft.pause:g}",
    }


def _raw(values: Mapping[str, Any], today: date) -> dict[str, Any]:
    def text(name: str) -> str:
        return str(values.get(name) or "").strip()

    when: dict[str, Any] = {"first": text("first"), "last": text("last") or text("first")}
    match text("kind"):
        case "now":
            when |= {"now": True, "first": today.isoformat(), "last": today.isoformat()}
        case "every":
            when |= {
                "every": _length(text("every") or "0"),
                "windows": [_window(line) for line in _lines(text("windows"))],
            }
        case "rotation":
            when["rotation"] = text("rotation")
        case _at:
            when["at"] = _MOMENT.findall(text("at").translate(_FULL_WIDTH))
    if text("kind") != "now":
        when |= {"dates": _words(text("dates")), **{_ALIAS.get(n, n): list(values.get(n) or ()) for n in LISTS}}
    title = text("title") or name_of(text("text"))
    raw: dict[str, Any] = {"title": title, "text": text("text"), "when": when, "note": text("note")}
    for name in ("recording", "vendor", "voice", "speed", "chime", "level", "form"):
        raw[name] = text(name) or None
    for name in ("read", "pause", "priority", "lateness"):
        if text(name):
            raw[name] = text(name)
    return {name: value for name, value in raw.items() if name in NoticeDraft.model_fields and _given(name, value)}


_ALIAS = {"unless": "except"}


def _given(name: str, value: Any) -> bool:
    # An empty choice of the chime means none, which is not the model's default.
    return value is not None or name == "chime"


def _words(text: str) -> list[str]:
    return [word for word in _SPACE.split(text.translate(_FULL_WIDTH)) if word]


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"[\n,，、;；]+", text.translate(_FULL_WIDTH)) if line.strip()]


def _window(line: str) -> dict[str, str]:
    apart = _TO if _TO.search(line) else _DASH
    start, _dash, end = apart.sub("\0", line.strip(), count=1).partition("\0")
    return {"from": start.strip(), "to": end.strip()}


def _length(text: str) -> str:
    """A bare number in the form means minutes."""
    written = text.translate(_FULL_WIDTH)
    return f"{written} min" if re.fullmatch(r"\d+(\.\d+)?", written) else written


def _lateness_text(lateness: Mapping[str, Any] | None) -> str:
    if not lateness:
        return ""
    return f"{lateness['late_by_s']:g} s" if lateness.get("rule") == "late_by" else str(lateness.get("rule") or "")


def _faults(error: ValidationError, kind: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        place = [part for part in fault["loc"] if isinstance(part, str)]
        name = next((part for part in place if part != "when"), "")
        name = _NAMES.get(name, name) or {"not_one_of": kind}.get(fault["type"]) or _WHOLE.get(fault["type"], "")
        # Nothing was written where the chosen way needs it; the model's words name all ways.
        found.setdefault(name, _("Fill this in.") if fault["type"] == "not_one_of" else _fault_words(fault))
    return found


#: The form's field for an entry of the model, and for a fault of the model as a whole.
_NAMES = {"except": "unless", "from": "windows", "to": "windows", "now": "kind"}
_WHOLE = {"windows_missing": "windows", "windows_unused": "windows", "dates_backwards": "last", "now_is_today": "kind"}


def _fault_words(error: Any) -> str:
    value = error.get("input")
    match error["type"]:
        case "missing" | "string_too_short":
            return _("Fill this in.")
        case "bad_time" | "bad_clock":
            return _("%(value)s is not a time: write 10:05.") % {"value": value}
        case "bad_length":
            return _("%(value)s is not a length of time: write 20 min or 90 s.") % {"value": value}
        case "date_from_datetime_parsing" | "date_parsing" | "date_type":
            return _("%(value)s is not a date: write 2026-11-28.") % {"value": value}
        case (
            "extra_forbidden"
            | "greater_than"
            | "greater_than_equal"
            | "less_than"
            | "less_than_equal"
            | "int_parsing"
            | "float_parsing"
        ):
            return _("%(value)s is not possible here.") % {"value": value}
        case "string_too_long":
            return _("Too long: at most %(most)s characters.") % {"most": error["ctx"]["max_length"]}
        case _other:
            return str(error["msg"]).removeprefix("Value error, ")
