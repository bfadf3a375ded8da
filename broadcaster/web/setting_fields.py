"""Entries of the plan's files as fields of a form: what stands there, and the edits that a sent form asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from broadcaster.editing.models import Edit, OpenPlan, Told
from broadcaster.web.i18n import language

Kind = Literal["text", "number", "length", "gain", "choice", "secret"]
STATION, LEVELS, VOICES = "config/station.yaml", "config/levels.yaml", "config/voices.yaml"
_CONTENT = {STATION: "station", LEVELS: "levels", VOICES: "voices"}


@dataclass(frozen=True, slots=True)
class Blank:
    """One entry. ``name`` is the field's in the form."""

    name: str
    label: str
    file: str
    path: tuple[str | int, ...]
    kind: Kind = "text"
    hint: str = ""
    unset: str = ""
    """What holds where the file has no such entry; sending it unchanged writes nothing."""
    choices: Sequence[tuple[str, str]] = ()
    required: bool = True
    """Whether emptying it is a mistake rather than taking the entry out."""
    unit: str = ""

    def shown(self, plan: OpenPlan) -> str:
        """The entry as the form shows it."""
        value = None if self.kind == "secret" else entry(plan, self.file, self.path)
        if value is None or isinstance(value, Mapping | list):
            return self.unset
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return text.removesuffix(self.unit).strip() if self.unit else text


def entry(plan: OpenPlan, file: str, path: Sequence[str | int]) -> Any:
    """What a file says at a place; None where it says nothing."""
    found: Any = getattr(plan, _CONTENT[file])
    for key in path:
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def typed(blanks: Sequence[Blank], plan: OpenPlan, form: Mapping[str, str]) -> dict[str, str]:
    """What a form says otherwise than the plan it was opened with, by the field's name."""
    sent = {blank: form[blank.name].strip() for blank in blanks if blank.name in form}
    return {blank.name: words for blank, words in sent.items() if words != blank.shown(plan)}


def changed(blanks: Sequence[Blank], plan: OpenPlan, form: Mapping[str, str]) -> list[Edit]:
    """The edits that a form asks for. ``plan`` is the one that it was opened with."""
    edits = []
    said = typed(blanks, plan, form)
    for blank in blanks:
        sent = said.get(blank.name)
        if sent is None or (blank.kind == "secret" and not sent):
            continue
        if not sent and not blank.required:
            if entry(plan, blank.file, blank.path) is not None:
                edits.append(Edit(file=blank.file, op="remove", path=blank.path))
            continue
        edits.append(Edit(file=blank.file, op="set", path=blank.path, value=_written(blank, sent)))
    return edits


def _written(blank: Blank, sent: str) -> Any:
    if blank.kind == "number":
        try:
            number = float(sent)
        except ValueError:
            return sent  # the plan's own check says what is wrong with it
        return int(number) if number == int(number) else number
    return f"{sent} {blank.unit}" if blank.unit and sent and sent[-1].isdigit() else sent


def told_by_field(blanks: Sequence[Blank], told: Sequence[Told]) -> tuple[dict[str, str], list[str]]:
    """Faults by the field they concern, and the words of the others."""
    wrong: dict[str, str] = {}
    others: list[str] = []
    for one in told:
        blank = next((blank for blank in blanks if (blank.file, blank.path) == (one.file, one.path)), None)
        words = words_of(one)
        if blank is None:
            others.append(f"{one.file or ''} {one.field or ''}: {words}".strip())
        else:
            wrong[blank.name] = f"{wrong[blank.name]} {words}" if blank.name in wrong else words
    return wrong, others


def words_of(one: Told) -> str:
    """Message and remedy in the request's language."""
    return f"{one.message_en} {one.remedy_en}".strip() if language() == "en" else f"{one.message}{one.remedy}"
