"""A script in a form: from the fields to the file's model, and from there to the edits that bring the file to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from broadcaster.editing.models import Edit
from broadcaster.plan.models import Names, Script
from broadcaster.web.i18n import gettext as _

#: Far above any text that is read in one go, far below what would hold up the voice.
TEXT_MOST = 3000
TITLE_MOST = 60
FIELDS = ("voice", "speed", "chime", "read", "pause", "level", "recording")


def values_of(script: Script) -> dict[str, Any]:
    """The fields of the form as the script fills them."""
    shown = {name: getattr(script, name) for name in FIELDS}
    return {
        "title_zh": script.title.zh,
        "title_en": "" if script.title.en == script.title.zh else script.title.en,
        "text": script.text.strip(),
        **{name: "" if value is None else f"{value:g}" if isinstance(value, float) else value
           for name, value in shown.items()},
    }  # fmt: skip


def read_form(form: Mapping[str, str], recordings: Iterable[str]) -> tuple[Script | None, dict[str, str]]:
    """The script of a filled form, and what is wrong with each field; None if anything is."""
    sent = {name: form.get(name, "").strip() for name in ("title_zh", "title_en", "text", *FIELDS)}
    wrong: dict[str, str] = {}
    if not sent["title_zh"]:
        wrong["title_zh"] = _("Give it a title.")
    for name, most in (("title_zh", TITLE_MOST), ("title_en", TITLE_MOST), ("text", TEXT_MOST)):
        if len(sent[name]) > most:
            wrong[name] = _("Too long: at most %(most)s characters.") % {"most": most}
    if not sent["text"] and not sent["recording"]:
        wrong["text"] = _("Write the text, or choose a recording.")
    content: dict[str, Any] = {"title": title_of(sent["title_zh"], sent["title_en"]), "text": sent["text"]}
    content |= {name: sent[name] for name in FIELDS if sent[name]}
    script, faults = checked(content, recordings)
    wrong = {**faults, **wrong}
    return (None if wrong else script), wrong


def title_of(zh: str, en: str) -> str | dict[str, str]:
    """The title as a file says it: plain where it is the same in both languages."""
    return {"zh": zh, "en": en} if en and en != zh else zh


def checked(content: Mapping[str, Any], recordings: Iterable[str]) -> tuple[Script | None, dict[str, str]]:
    """The model of a script's content, and what is wrong with each entry of it."""
    wrong: dict[str, str] = {}
    recording = content.get("recording")
    if recording and recording not in recordings:
        # Only what was sent here: a path of anybody's choosing could name any file of this machine.
        wrong["recording"] = _("There is no such recording.")
    try:
        return Script.model_validate(dict(content)), wrong
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = str(fault["loc"][0]) if fault["loc"] else ""
            wrong.setdefault(name, _words(name, fault))
        return None, wrong


def _words(name: str, fault: Any) -> str:
    return {
        "speed": _("A number from 0.5 to 2."),
        "read": _("A whole number from 1 to 20."),
        "pause": _("Seconds, at most 60."),
    }.get(name) or str(fault["msg"])


def fresh_content(script: Script) -> dict[str, Any]:
    """What the file of a new script says."""
    content: dict[str, Any] = {"title": title_of(script.title.zh, script.title.en), "text": _text(script)}
    usual = Script(title=Names(zh=""))
    return content | {name: getattr(script, name) for name in FIELDS if getattr(script, name) != getattr(usual, name)}


def edits(file: str, before: Script, after: Script) -> tuple[Edit, ...]:
    """What brings a script's file from one to the other, and leaves every other line as it is."""
    found: list[Edit] = []
    if before.title != after.title:
        found.append(Edit(file=file, op="set", path=("title",), value=title_of(after.title.zh, after.title.en)))
    if before.text.strip() != after.text.strip():
        found.append(Edit(file=file, op="set", path=("text",), value=_text(after)))
    for name in FIELDS:
        value = getattr(after, name)
        if getattr(before, name) == value:
            continue
        if value is None:
            found.append(Edit(file=file, op="remove", path=(name,)))
        else:
            found.append(Edit(file=file, op="set", path=(name,), value=value))
    return tuple(found)


def _text(script: Script) -> str:
    text = "\n".join(line.rstrip() for line in script.text.strip().splitlines())
    return f"{text}\n" if "\n" in text else text
