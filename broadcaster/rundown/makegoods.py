"""Make-goods: what was promised on earlier days and not heard is owed, until it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from math import ceil
from typing import NamedTuple

SHARE = 0.5
"""At most this part of a day's contract is made good on one day, and one airing at least: a day of silence must not
turn the next into nothing else."""


class Delivery(NamedTuple):
    """What a contract promised on one date, and how often it was heard; make-goods are not in the promise."""

    ref: str
    day: date
    contracted: int
    heard: int


def balance(past: Iterable[Delivery], before: date) -> Counter[str]:
    """How many airings each is short of on the dates before one; what was heard beyond a contract is not a credit."""
    short: Counter[str] = Counter()
    for one in sorted(past, key=lambda one: one.day):
        if one.day < before:
            short[one.ref] = max(0, short[one.ref] + one.contracted - one.heard)
    return +short


def owed(past: Iterable[Delivery], before: date, share: float = SHARE) -> Counter[str]:
    """How many airings to make good on a date (``Notice.owed``): all that is short, over as many days as it takes."""
    listed = list(past)
    short = balance(listed, before)
    usual = {one.ref: one.contracted for one in sorted(listed, key=lambda one: one.day) if one.contracted}
    return Counter({ref: min(count, max(1, ceil(usual.get(ref, 0) * share))) for ref, count in short.items()})
