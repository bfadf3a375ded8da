"""Puts the day book together. Pure: facts in, frozen values out."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from broadcaster.asrun.day_book import BookLine, BookPart, DayBook, DayFacts, Music, PlannedSpot
from broadcaster.asrun.day_share import share_of
from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.store.interventions import StoredIntervention
from broadcaster.store.kept_days import DayText

CALLS = ("emergency", "live")
DESK = "desk"
"""So begins the rule of what people put on air by hand."""
GRACE = dt.timedelta(minutes=2)
"""Only so long after its end is a spot missing of which the log says nothing."""


def put_together(facts: DayFacts) -> DayBook:
    """The book of a date."""
    texts, numbers = _numbered(facts.texts)
    entries = {entry.spot_id: entry for entry in facts.entries if entry.spot_id is not None}
    lines = [_planned(spot, entries.pop(spot.id, None), facts.now, numbers) for spot in facts.spots]
    # What the log has under ids that the rundown no longer makes was planned then, in the place of what it makes now.
    remade = {rule_of(spot_id) for spot_id in entries}
    lines = [line for line in lines if line.state != "unrecorded" or rule_of(line.spot_id) not in remade]
    if facts.archived:
        # What is not in the log any more is in the archive: nobody can tell from here that it is missing.
        lines = [line for line in lines if line.state != "unrecorded"]
    lines += [_logged(entry, numbers, facts.hands) for entry in entries.values()]
    lines.sort(key=lambda line: line.at)
    tracks = [entry for entry in facts.entries if entry.track is not None]
    # The rounds of an emergency and live pages are told among the calls.
    music = [entry for entry in tracks if entry.kind not in CALLS]
    return DayBook(
        facts=facts,
        parts=tuple(_parts(facts, lines, music)),
        missed=tuple(line for line in lines if line.missed),
        lost_tracks=tuple(entry for entry in tracks if entry.outcome == Outcome.FAILED),
        texts=tuple(texts),
        calls=tuple(one for one in facts.hands if one.kind in CALLS),
        share=share_of(facts, lines, music) if facts.entries and not facts.archived else None,
    )


def _numbered(texts: Sequence[DayText]) -> tuple[list[DayText], dict[tuple[str, str], int]]:
    """The texts, each once, and their numbers by name and sound; by name alone the last one.

    One that was kept before it was spoken is the same as the one that was kept afterwards.
    """
    found: list[DayText] = []
    same: dict[tuple[str, str, str], int] = {}
    numbers: dict[tuple[str, str], int] = {}
    for one in texts:
        number = same.get((one.ref, one.text, one.spoken)) or same.get((one.ref, one.text, ""))
        if number is None:
            found.append(one)
            number = len(found)
        elif one.spoken and not found[number - 1].spoken:
            found[number - 1] = one
            same.pop((one.ref, one.text, ""))
        same[one.ref, one.text, one.spoken] = number
        numbers[one.ref, one.key] = numbers[one.ref, ""] = number
    return found, numbers


def _planned(
    spot: PlannedSpot, entry: Entry | None, now: dt.datetime, numbers: Mapping[tuple[str, str], int]
) -> BookLine:
    if entry is not None and entry.outcome is not None:
        state = entry.outcome.value
    elif entry is not None and entry.commanded_at is not None:
        state = "airing"
    else:
        state = "unrecorded" if spot.at + dt.timedelta(seconds=spot.duration_s) + GRACE < now else "planned"
    text = numbers.get((spot.ref, spot.key)) or numbers.get((spot.ref, ""))
    return BookLine(
        spot.id, entry.planned_at if entry is not None else spot.at, spot.duration_s, spot.kind, spot.ref,
        spot.title_zh, spot.title_en, state, entry, text, spot.by,
    )  # fmt: skip


def _logged(entry: Entry, numbers: Mapping[tuple[str, str], int], hands: Sequence[StoredIntervention]) -> BookLine:
    state = entry.outcome.value if entry.outcome is not None else "airing"
    rule = rule_of(entry.spot_id or "")
    by = next((str(one.params.get("shown") or one.who) for one in hands if rule == f"{DESK}-{one.id}"), "")
    return BookLine(
        entry.spot_id or "", entry.planned_at, None, entry.kind, entry.ref, entry.title, "", state, entry,
        numbers.get((entry.ref, "")), by or (rule if rule.startswith(DESK) else ""),
    )  # fmt: skip


def rule_of(spot_id: str) -> str:
    """The rule that a spot's id names behind its date."""
    return spot_id.split("/")[1] if "/" in spot_id else ""


def _parts(facts: DayFacts, lines: Sequence[BookLine], tracks: Sequence[Entry]) -> list[BookPart]:
    segments = sorted(facts.segments, key=lambda segment: segment.start)
    starts = [segment.start for segment in segments]

    def place(at: dt.datetime) -> int:
        index = bisect_right(starts, at) - 1
        return index if index >= 0 and at < segments[index].end else -1

    spots: dict[int, list[BookLine]] = {}
    for line in lines:
        spots.setdefault(place(line.at), []).append(line)
    beds: dict[int, list[Entry]] = {}
    for entry in tracks:
        begun = entry.heard_at or entry.commanded_at
        if begun is not None:
            # A track that begins a moment early belongs to what it begins.
            beds.setdefault(place(max(begun, entry.planned_at)), []).append(entry)
    found = [
        BookPart(segment, tuple(spots.get(number, ())), _music(beds.get(number, ()), facts.now))
        for number, segment in enumerate(segments)
    ]
    if -1 in spots or -1 in beds:
        found.append(BookPart(None, tuple(spots.get(-1, ())), _music(beds.get(-1, ()), facts.now)))
    return found


def _music(entries: Sequence[Entry], now: dt.datetime) -> Music | None:
    spans = [
        (begun, entry.ended_at or (now if entry.open else begun))
        for entry in entries
        if (begun := entry.heard_at or entry.commanded_at) is not None
    ]
    if not spans:
        return None
    sounded = sum(max(0.0, (end - start).total_seconds()) for start, end in spans)
    return Music(len(spans), min(start for start, _ in spans), max(end for _, end in spans), sounded)
