"""Figures of a run, and what is asked of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table."""

    key: str
    title: str
    unit: str
    digits: int = 1
    smaller_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell. ``value`` None: it can't be compared, ``note`` says why (a word or two)."""

    measure: str
    subject: str
    value: float | None
    note: str = ""


@dataclass
class Sheet:
    """All figures of a run."""

    figures: dict[tuple[str, str], Figure] = field(default_factory=dict)

    def put(self, measure: str, subject: str, value: float | None, note: str = "") -> None:
        """A later one replaces an earlier one."""
        self.figures[(measure, subject)] = Figure(measure, subject, value, note)

    def get(self, measure: str, subject: str = OURS) -> float | None:
        """The value, if it was measured."""
        found = self.figures.get((measure, subject))
        return found.value if found else None

    def cell(self, measure: str, subject: str) -> Figure | None:
        """The whole cell."""
        return self.figures.get((measure, subject))

    def ratio(self, measure: str, subject: str) -> float | None:
        """How many times ours the other's figure is."""
        ours, other = self.get(measure), self.get(measure, subject)
        return other / ours if ours and other is not None else None

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures.values())


@dataclass(frozen=True, slots=True)
class Target:
    """Something that the figures must fulfil: a value that is at most a limit."""

    title: str
    value: Callable[[Sheet], float | None]
    limit: Callable[[Sheet], float | None]
    unit: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target held against a sheet. ``met`` None: not measured in this run."""

    title: str
    value: float | None
    limit: float | None
    unit: str
    met: bool | None


def judge(target: Target, sheet: Sheet) -> Verdict:
    """Whether the target was met."""
    value, limit = target.value(sheet), target.limit(sheet)
    met = None if value is None or limit is None else value <= limit
    return Verdict(target.title, value, limit, target.unit, met)


def ours(measure: str) -> Callable[[Sheet], float | None]:
    """Our own figure of a measure."""
    return lambda sheet: sheet.get(measure)


def fixed(limit: float) -> Callable[[Sheet], float | None]:
    """A limit that depends on nothing."""
    return lambda sheet: limit


def times(factor: float, measure: str, subject: str) -> Callable[[Sheet], float | None]:
    """A limit that another's figure sets."""

    def limit(sheet: Sheet) -> float | None:
        value = sheet.get(measure, subject)
        return None if value is None else factor * value

    return limit


def growth(measure: str, small: int, large: int) -> Callable[[Sheet], float | None]:
    """How much worse than linearly a cost grows: 1 is linear. ``measure`` has the count in place of ``{}``."""

    def value(sheet: Sheet) -> float | None:
        low, high = (sheet.get(measure.format(count)) for count in (small, large))
        return None if not low or high is None else (high / low) / (large / small)

    return value
