"""What the child that plots is asked for. Imports nothing of what the charts are made from: the child starts sooner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

Form = Literal["svg", "png"]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures, one for each label; None where there is none. ``low`` and ``high`` are its range."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    look: int = 0
    """Number of its colour and hatch: the same thing looks the same in every period."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One plot. ``stack``: bars on top of each other; ``bars``: lying, beside each other; ``lines``: over time."""

    kind: Literal["stack", "bars", "lines"]
    title: str
    unit: str
    labels: Sequence[str]
    series: Sequence[Series]
    reference: float | None = None
    """A level line, with its words."""
    reference_words: str = ""
    top: float | None = None
    """The axis ends here."""
    empty: str = ""
    """Said in the place of a plot without figures."""


CHARTS: TypeAdapter[Mapping[str, Chart]] = TypeAdapter(Mapping[str, Chart])
"""To and from JSON."""


@dataclass(frozen=True, slots=True)
class Job:
    """Charts by name, each to become ``<name>.<form>`` in a folder. ``fonts``: files, the first is the text's."""

    charts: Mapping[str, Chart]
    form: Form
    folder: str
    fonts: Sequence[str] = ()


JOB: TypeAdapter[Job] = TypeAdapter(Job)
"""To and from JSON."""
