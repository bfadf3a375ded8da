"""One way of writing that a rule recognises, and how an announcer says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Spoken = Callable[[re.Match[str]], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """What matches ``pattern`` is said as ``speak`` answers; None leaves it to the rules that follow."""

    name: str
    pattern: re.Pattern[str]
    speak: Spoken
    doubtful: bool = False
    """The writing has another common meaning: the author is asked to look."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A stretch of the prepared text that a rule reads."""

    start: int
    end: int
    text: str
    rule: str
    doubtful: bool


def rule(name: str, pattern: str, speak: Spoken, *, doubtful: bool = False) -> Rule:
    """A rule from the source of its pattern."""
    return Rule(name, re.compile(pattern), speak, doubtful)


def claims(rules: tuple[Rule, ...], text: str, taken: bytearray) -> Iterator[Claim]:
    """What each rule, in order of precedence, reads of the text outside ``taken``, which is marked as they go."""
    for one in rules:
        at = 0
        while match := one.pattern.search(text, at):
            start, end = match.span()
            if start == end:
                at = end + 1
                continue
            if any(taken[start:end]):
                at = start + 1
                continue
            at = end
            spoken = one.speak(match)
            if spoken is None:
                at = start + 1
                continue
            taken[start:end] = b"\x01" * (end - start)
            yield Claim(start, end, spoken, one.name, one.doubtful)
