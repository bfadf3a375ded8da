"""The parts of a printed document. Lengths are in millimetres; all words are plain text, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Heading:
    """Of what follows, and on the same page as its beginning. ``level`` is 1 or 2."""

    words: str
    level: int = 1
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; line ends in it are kept."""

    words: str
    bold: bool = False
    small: bool = False
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. Those without a width share what the others leave."""

    title: str
    width_mm: float | None = None
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head that every page repeats."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG; 200 pixels an inch are enough for paper. ``words`` stand under it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    image: bytes
    width_mm: float
    words: str = ""
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True)
class Signature:
    """Lines to sign on, side by side."""

    names: Sequence[str]
    kind: Literal["signature"] = "signature"


Part = Heading | Text | Table | Picture | Signature


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on A4, its pages numbered. ``foot`` stands at the bottom of each page; ``wide`` lies it down."""

    title: str
    lines: Sequence[str]
    """Under the title."""
    parts: Sequence[Part]
    foot: str = ""
    wide: bool = False


PAPER: TypeAdapter[Paper] = TypeAdapter(Paper)
"""To and from JSON."""
