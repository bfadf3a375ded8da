"""The blanks of a ready-made form, and what may be written into each kind."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.notices.lint_phones import wrong_number
from broadcaster.plan.models import Identifier, Model, Title
from broadcaster.plan.times import clock_text, is_clock, parse_moment

Kind = Literal["text", "plate", "phone", "place", "time", "number", "choice"]

Problem = tuple[str, str]
"""What is wrong with a blank, in Chinese and English."""

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
#: GA 36: province, issuing office, five characters, or six on green plates; neither I nor O, to be told from 1 and 0.
_PLATE = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z](?:[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]|[A-HJ-NP-Z0-9]{{6}})")
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,2})?")
_PHONE = re.compile(r"\+?[\d \-()—转]{3,24}")


class Blank(Model):
    """One blank."""

    id: Identifier
    label: Title
    kind: Kind = "text"
    example: str = ""
    required: bool = True
    max_length: Annotated[int, Field(ge=1, le=200)] = 30
    choices: tuple[str, ...] = ()
    """For ``choice``: what can be chosen, as it is spoken."""
    default: str = ""
    """What stands there when the form is opened."""

    @model_validator(mode="after")
    def _has_choices(self) -> Blank:
        if (self.kind == "choice") != bool(self.choices):
            raise PydanticCustomError("choices", "choices belong to kind: choice, and to no other")
        return self


def checked(blank: Blank, value: str) -> tuple[str, Problem | None]:
    """The value as it goes into the text, and what is wrong with it."""
    text = " ".join(unicodedata.normalize("NFKC", value).split()) if blank.kind in _FOLDED else " ".join(value.split())
    text = text or blank.default
    if not text:
        return "", (f"请填写{blank.label.zh}。", f"Fill in: {blank.label.text('en')}.") if blank.required else None
    if len(text) > blank.max_length:
        return text, (
            f"{blank.label.zh}最多 {blank.max_length} 个字,现有 {len(text)} 个。",
            f"{blank.label.text('en')}: {blank.max_length} characters at most, there are {len(text)}.",
        )
    if any(
        unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn", "So") or character in "{}[]" for character in text
    ):
        return text, (
            f"{blank.label.zh}里有念不出的字符。",
            f"{blank.label.text('en')}: a character that can't be read.",
        )
    return _CHECKS[blank.kind](blank, text)


def _plain(blank: Blank, text: str) -> tuple[str, Problem | None]:
    return text, None


def _plate(blank: Blank, text: str) -> tuple[str, Problem | None]:
    plate = re.sub(r"[\s·•.\-]", "", text).upper()
    if _PLATE.fullmatch(plate):
        return plate, None
    return text, (
        f"“{text}”不像车牌号,例如 {blank.example or '浙A12345'}(没有字母 I 和 O)。",
        f"“{text}” is no licence plate, such as {blank.example or '浙A12345'} (I and O are never used).",
    )


def _phone(blank: Blank, text: str) -> tuple[str, Problem | None]:
    digits = re.sub(r"\D", "", text.partition("转")[0])
    if not _PHONE.fullmatch(text) or len(digits) < 3:
        return text, (f"“{text}”不像电话号码。", f"“{text}” is no telephone number.")
    wrong = wrong_number(digits)
    return text, (f"电话号码像是写错了:{wrong[0]}。", f"The number looks wrong: {wrong[1]}.") if wrong else None


def _time(blank: Blank, text: str) -> tuple[str, Problem | None]:
    if is_clock(text):
        return clock_text(parse_moment(text).seconds), None
    return text, (f"“{text}”不是时间,例如 17:30。", f"“{text}” is no time of day, such as 17:30.")


def _number(blank: Blank, text: str) -> tuple[str, Problem | None]:
    if _NUMBER.fullmatch(text):
        return text, None
    return text, (f"“{text}”不是数字。", f"“{text}” is no number.")


def _choice(blank: Blank, text: str) -> tuple[str, Problem | None]:
    if text in blank.choices:
        return text, None
    listed = "、".join(blank.choices)
    return text, (f"“{text}”不在可选项里:{listed}。", f"“{text}” is none of: {listed}.")


_FOLDED = frozenset(("plate", "phone", "time", "number"))
_CHECKS = {
    "text": _plain, "place": _plain, "plate": _plate, "phone": _phone, "time": _time, "number": _number,
    "choice": _choice,
}  # fmt: skip
