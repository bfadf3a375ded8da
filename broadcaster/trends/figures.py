"""Weekly figures from the daily sums. Pure.

A week begins on Monday (ISO 8601) and holds those of its dates that the period has and that are summed up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from broadcaster.media.recording import REFERENCE_LUFS
from broadcaster.plan.models import Names
from broadcaster.store.day_sums import DaySum, energy_mean
from broadcaster.trends.causes import cause_of

SHARES: Mapping[str, Names] = {
    "music": Names(zh="音乐", en="music"),
    "script": Names(zh="固定文稿", en="scripts"),
    "promo": Names(zh="厂商促销", en="vendors' promos"),
    "notice": Names(zh="通知", en="notices"),
    "call": Names(zh="应急、喊话", en="emergency, live"),
    "silence": Names(zh="有意静默", en="planned silence"),
    "fault": Names(zh="故障无声", en="silence by fault"),
    "unknown": Names(zh="没有记录", en="not recorded"),
}
"""What the air is divided into, in the order in which it is drawn."""

VOICES: Mapping[str, Names] = {
    "music": Names(zh="音乐", en="music"), "speech": Names(zh="人声", en="speech"),
}  # fmt: skip
"""Whose loudness is followed."""

_CALLS = ("emergency", "live")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of what was measured at the output, in LUFS: mean of the energies, quietest and loudest entry."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Week:
    """One week. Seconds are of programme time."""

    first: date
    """Its Monday, or where the period begins later, that date."""
    days: int
    """So many of its dates are summed up."""
    seconds: Mapping[str, float]
    """By :data:`SHARES`."""
    missed: Mapping[str, int]
    """By :data:`broadcaster.trends.causes.CAUSES`, most frequent first; those that aired in part among them."""
    loudness: Mapping[str, Loudness]
    """By :data:`VOICES`, where any was measured."""
    due: int
    """Spots that were to air."""
    aired: int
    """Of these, wholly aired."""
    vendors: Mapping[str, int]
    """Notices that were wholly aired and heard, by vendor."""

    @property
    def total_s(self) -> float:
        """All seconds of it."""
        return sum(self.seconds.values())

    def share(self, kind: str) -> float:
        """Part of the air, from 0 to 1."""
        return self.seconds.get(kind, 0.0) / self.total_s if self.total_s else 0.0

    @property
    def as_planned(self) -> float | None:
        """Part of the spots that wholly aired, from 0 to 1; None where none were due."""
        return self.aired / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class VendorTrend:
    """Notices of a vendor in the whole period."""

    name: str
    due: int
    """So many the log has of it, whatever became of them."""
    heard: int
    """Of these, wholly aired and heard."""


@dataclass(frozen=True, slots=True)
class Trends:
    """A period in weeks."""

    first: date
    last: date
    weeks: tuple[Week, ...]
    """From the first to the last of which anything is summed up."""
    total: Week
    """The whole period as if it were one."""
    vendors: tuple[VendorTrend, ...] = ()
    """The one with most first."""
    missing: tuple[date, ...] = ()
    """Dates of the period that are not summed up, though the log has something of them."""
    reference_lufs: float = REFERENCE_LUFS
    """What every recording is brought to before its level's gain."""


@dataclass(slots=True)
class _Sum:
    first: date
    days: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    loudness: defaultdict[str, list[Loudness]] = field(default_factory=lambda: defaultdict(list))
    due: int = 0
    aired: int = 0
    vendors: Counter[str] = field(default_factory=Counter)

    def add(self, day: DaySum) -> None:
        self.days += 1
        for kind, seconds in shares_of(day).items():
            self.seconds[kind] += seconds  # type: ignore[assignment]  # a Counter holds floats as well
        for one in day.missed:
            self.missed[cause_of(one.reason)] += one.count
        for kind, sums in day.loudness.items():
            if kind not in _CALLS:
                one_of = Loudness(sums.mean, sums.low, sums.high, sums.count)
                self.loudness["music" if kind == "bed" else "speech"].append(one_of)
        for entry in day.kinds:
            if entry.kind != "bed" and entry.kind not in _CALLS:
                self.due += entry.count
                self.aired += entry.count if entry.outcome == "aired" else 0
        for vendor, of in day.vendors.items():
            self.vendors[vendor] += of.heard

    def week(self) -> Week:
        return Week(
            self.first, self.days, {kind: round(self.seconds[kind], 1) for kind in SHARES},
            dict(self.missed.most_common()), {name: _joined(found) for name, found in self.loudness.items()},
            self.due, self.aired, dict(self.vendors.most_common()),
        )  # fmt: skip


def shares_of(day: DaySum) -> dict[str, float]:
    """Seconds of a date by :data:`SHARES`. What is in front counts: music under speech is speech.

    The log's music runs on under speech, so speech is taken off it; where the length of the programme is known,
    what nothing accounts for is ``unknown``, and faults are no longer than what is left by what sounded.
    """
    sounded: Counter[str] = Counter()
    for one in day.kinds:
        sounded[one.kind] += one.seconds  # type: ignore[assignment]
    music = float(sounded.pop("bed", 0.0))
    call = float(sum(sounded.pop(kind, 0.0) for kind in _CALLS))
    script = float(sum(seconds for kind, seconds in sounded.items() if kind != "notice"))
    notices = float(sounded.get("notice", 0.0))
    promo = min(notices, sum(one.seconds for one in day.vendors.values()))
    speech = script + notices + call
    found = {
        "music": max(0.0, music - speech), "script": script, "promo": promo, "notice": notices - promo, "call": call,
        "silence": day.planned_silence_s or 0.0, "fault": day.fault_s,
    }  # fmt: skip
    if day.programme_s is not None:
        silence = found["silence"]
        found["music"] = min(found["music"], max(0.0, day.programme_s - silence - speech))
        rest = max(0.0, day.programme_s - sum(found.values()) + found["fault"])
        found["fault"] = min(found["fault"], rest)
        found["unknown"] = rest - found["fault"]
    return found


def trends_of(
    days: Sequence[DaySum], first: date, last: date, *, names: Mapping[str, str] | None = None,
    missing: Iterable[date] = (),
) -> Trends:  # fmt: skip
    """The weeks of a period. ``names`` are the vendors' by their ids."""
    total = _Sum(first)
    sums: dict[date, _Sum] = {}
    due: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    for day in days:
        monday = day.date - timedelta(days=day.date.weekday())
        sums.setdefault(monday, _Sum(max(monday, first))).add(day)
        total.add(day)
        for vendor, of in day.vendors.items():
            due[vendor] += of.count
            heard[vendor] += of.heard
    vendors = (VendorTrend((names or {}).get(one, one), count, heard[one]) for one, count in due.most_common())
    if sums:
        # A week without anything is a gap to be seen, not one to be closed.
        for number in range((max(sums) - min(sums)).days // 7):
            monday = min(sums) + timedelta(weeks=number)
            sums.setdefault(monday, _Sum(max(monday, first)))
    weeks = tuple(sums[monday].week() for monday in sorted(sums))
    return Trends(first, last, weeks, total.week(), tuple(vendors), tuple(sorted(missing)))


def present_shares(trends: Trends) -> Iterator[str]:
    """Of :data:`SHARES` those that there are any seconds of: an empty column says nothing."""
    return (kind for kind in SHARES if trends.total.seconds.get(kind, 0.0) >= 0.5)


def _joined(found: Sequence[Loudness]) -> Loudness:
    mean = energy_mean((one.mean, one.count) for one in found)
    return Loudness(
        round(mean, 1), round(min(one.low for one in found), 1), round(max(one.high for one in found), 1),
        sum(one.count for one in found),
    )  # fmt: skip
