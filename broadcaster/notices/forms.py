"""Ready-made forms for what a service desk calls daily: a few blanks, and the notice is written.

``config/forms.yaml`` holds them; the store may change and add. In a form's text ``{plate}`` is a blank, and a part in
square brackets is left out when a blank inside it is left empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.errors import FormError
from broadcaster.notices.form_blanks import Blank, Problem, checked
from broadcaster.notices.models import TITLE_MOST, NoticeDraft, NoticePriority, When
from broadcaster.notices.naming import shortened
from broadcaster.plan.faults import Fault
from broadcaster.plan.files import Document, entry_keys, read, translated
from broadcaster.plan.models import Identifier, Lateness, Model, Title, Window
from broadcaster.plan.times import DAY_S, Length, Moment

FILE = "config/forms.yaml"

SELF_APPROVED_BLANK = 30
"""Characters that a blank of a form with ``self_approve`` may hold at most: a name, a plate, a place."""
FIXED_WORDING = 8
"""Characters besides its blanks that the text of such a form has at least."""

_BLANK = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class Form(Model):
    """One ready-made form."""

    id: str = ""
    """Its name in the file; set when the file is read."""
    title: Title
    hint: Title | None = None
    """What the desk should mind before it is aired."""
    blanks: tuple[Blank, ...] = ()
    text: Annotated[str, Field(min_length=1)]
    text_en: str = ""
    """English wording, read after the Chinese where the desk asks for it."""
    voice: str | None = None
    chime: str | None = "ding-dong"
    read: Annotated[int, Field(ge=1, le=20)] = 2
    priority: NoticePriority = "scheduled"
    level: str | None = None
    expires_after: Annotated[Length, Field(ge=60)] = 1800.0
    """Seconds after which it is no longer aired: a car that was moved must not be called."""
    every: Annotated[Length, Field(ge=60)] | None = None
    """Seconds from one airing to the next until it expires; aired once where nothing is given."""
    self_approve: bool = False
    """What an announcer or a manager fills in airs without a second person: the store agreed to the wording here.
    Only of urgent forms, and only with blanks too short to be a text of their own."""

    @model_validator(mode="after")
    def _agreed_wording(self) -> Form:
        wide = [blank.id for blank in self.blanks if blank.max_length > SELF_APPROVED_BLANK]
        if self.self_approve and (self.priority != "urgent" or wide or len(_BLANK.sub("", self.text)) < FIXED_WORDING):
            raise PydanticCustomError(
                "self_approve",
                "self_approve is for urgent forms with a wording of their own, and blanks of at most "
                f"{SELF_APPROVED_BLANK} characters",
            )
        return self

    def preview(self, values: Mapping[str, str], *, english: bool = False) -> str:
        """The text with what is filled in so far; open blanks stay visible as 【label】."""
        given = {blank.id: str(values.get(blank.id, "")).strip() for blank in self.blanks}
        shown = {
            blank.id: given[blank.id] or ("" if not blank.required else f"【{blank.label.zh}】")
            for blank in self.blanks
        }
        return self.wording(shown, english=english)

    def wording(self, values: Mapping[str, str], *, english: bool = False) -> str:
        """The text with all blanks filled; what is optional and empty is left out."""
        texts = [self.text, self.text_en] if english and self.text_en else [self.text]
        return "\n".join(_put_in(text, values) for text in texts)

    def agreed_wording(self) -> tuple[str, ...]:
        """Every text of it that airs unchanged: the wording around the blanks, and what a blank offers."""
        open_blanks = {blank.id: ";" for blank in self.blanks}
        offered = (text for blank in self.blanks for text in (blank.default, *blank.choices))
        return (
            self.wording(open_blanks),
            *filter(None, (self.text_en and _put_in(self.text_en, open_blanks), *offered)),
        )


class FormList(Model):
    """``config/forms.yaml``."""

    forms: dict[Identifier, Form]

    @model_validator(mode="before")
    @classmethod
    def _name_them(cls, values: Any) -> Any:
        forms = values.get("forms") if isinstance(values, dict) else None
        if not isinstance(forms, dict):
            return values
        named = {name: {**form, "id": name} if isinstance(form, dict) else form for name, form in forms.items()}
        return {**values, "forms": named}


def _put_in(text: str, values: Mapping[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        inside = _BLANK.findall(match[1])
        return match[1] if all(values.get(name) for name in inside) else ""

    kept = _OPTIONAL.sub(part, text.strip())
    return _BLANK.sub(lambda match: values.get(match[1], ""), kept)


def fill(form: Form, values: Mapping[str, str], now: datetime, *, english: bool = False) -> NoticeDraft:
    """The draft of a notice; ``now`` is aware, in the store's time zone.

    Raises ``FormError`` that says of every blank what is wrong with it.
    """
    filled, problems = _filled(form, values)
    if problems:
        raise FormError(form.title.zh, problems)
    said = next((filled[blank.id] for blank in form.blanks if filled[blank.id]), "")
    return NoticeDraft(
        title=shortened(f"{form.title.zh}:{said}" if said else form.title.zh, TITLE_MOST),
        text=form.wording(filled, english=english),
        when=_when(form, now),
        voice=form.voice,
        chime=form.chime,
        read=form.read,
        priority=form.priority,
        lateness=Lateness(rule="late_by", late_by_s=form.expires_after),
        level=form.level,
        form=form.id or None,
    )


def _filled(form: Form, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Problem]]:
    filled: dict[str, str] = {}
    problems: dict[str, Problem] = {
        name: ("表单里没有这一格。", "The form has no such blank.")
        for name in values
        if name not in {blank.id for blank in form.blanks}
    }
    for blank in form.blanks:
        filled[blank.id], problem = checked(blank, values.get(blank.id, ""))
        if problem is not None:
            problems[blank.id] = problem
    return filled, problems


def _when(form: Form, now: datetime) -> When:
    today = now.date()
    if form.every is None:
        return When(now=True, first=today, last=today)
    start = now.hour * 3600 + now.minute * 60
    # Later than the day there is no store to listen.
    end = min(DAY_S, start + int(timedelta(seconds=form.expires_after).total_seconds()))
    window = Window.model_validate({"from": Moment("midnight", start), "to": Moment("midnight", end)})
    return When(every=form.every, windows=(window,), first=today, last=today)


def load_forms(home: Path) -> tuple[dict[str, Form], list[Fault]]:
    """The home folder's forms by name, and every fault in their file; forms with a fault are left out.

    No fault of it blocks: the programme does not need the forms.
    """
    if not (home / FILE).exists():
        return {}, []
    document, faults = read(home / FILE, FILE)
    found: dict[str, Form] = {}
    if document is not None:
        for name, form in _listed(document, faults).items():
            wrong = _wording_faults(document, name, form)
            faults += wrong
            if not wrong:
                found[name] = form
    return found, [replace(fault, blocking=False) for fault in faults]


def _listed(document: Document, faults: list[Fault]) -> dict[str, Form]:
    content = document.content
    try:
        return FormList.model_validate(content).forms
    except ValidationError as error:
        bad: set[Any] = set()
        for detail in error.errors():
            keys = entry_keys(content, detail)
            faults.append(translated(document, FormList, detail, keys))
            bad.add(keys[1] if len(keys) > 1 else None)
    given = content.get("forms")
    if not isinstance(given, dict):
        return {}
    return FormList.model_validate({"forms": {name: form for name, form in given.items() if name not in bad}}).forms


def _wording_faults(document: Document, name: str, form: Form) -> list[Fault]:
    """Blanks that the texts name and the form has not, and the other way round."""
    known = [blank.id for blank in form.blanks]
    faults = []
    for key, text in (("text", form.text), ("text_en", form.text_en)):
        reason = "blanks 里没有这一格 / blanks has no such blank"
        faults += [
            document.fault("bad-value", ("forms", name, key), f"{{{blank}}}", reason=reason)
            for blank in dict.fromkeys(_BLANK.findall(text))
            if blank not in known
        ]
    for number, blank in enumerate(known):
        keys = ("forms", name, "blanks", number, "id")
        if (first := known.index(blank)) != number:
            other = document.line(("forms", name, "blanks", first))
            faults.append(document.fault("duplicate", keys, blank, other=other or 0))
        elif f"{{{blank}}}" not in form.text:
            reason = "text 里没有用到这一格 / text does not use this blank"
            faults.append(document.fault("bad-value", keys, blank, reason=reason))
    return faults
