"""The day book in the form of ``broadcaster daybook --json`` and ``GET /api/v1/reports/book/<date>``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from broadcaster.asrun.day_book import BookLine, BookPart, DayBook
from broadcaster.asrun.day_share import Share
from broadcaster.asrun.entries import Entry


def day_book_document(book: DayBook) -> dict[str, Any]:
    """All of it; instants are local with offset and milliseconds, lengths in seconds, shares from 0 to 1."""
    facts = book.facts

    def at(instant: dt.datetime | None) -> str | None:
        return None if instant is None else instant.astimezone(facts.tz).isoformat(timespec="milliseconds")

    opens, closes = facts.hours or (None, None)
    return {
        "date": book.date.isoformat(),
        "zone": facts.zone,
        "store": {"zh": facts.store[0], "en": facts.store[1]},
        "until": at(book.until),
        "day_types": [{"zh": zh, "en": en} for zh, en in facts.day_types],
        "hours": {"open": at(opens), "close": at(closes)},
        "plan": [
            {"version": one.version, "at": at(one.at), "who": book.name(one.who), "how": one.how, "words": one.words}
            for one in facts.versions
        ],
        "plan_as_then": facts.as_then,
        "logged": book.logged,
        "archived": list(facts.archived),
        "share": _share(book.share),
        "parts": [_part(part, at) for part in book.parts],
        "missed": [_line(line, at) for line in book.missed],
        "lost_tracks": [_track(entry, at) for entry in book.lost_tracks],
        "texts": [
            {"number": number, "ref": one.ref, "title": one.title, "written": one.text, "spoken": one.spoken,
             "author": book.name(one.author), "approved_by": book.approvers(one)}
            for number, one in enumerate(book.texts, 1)
        ],
        "deeds": [
            {"at": at(one.at), "who": book.name(one.who), "what": one.what, "detail": dict(one.detail),
             "where": one.where, "subject": one.subject}
            for one in facts.deeds
        ],
        "faults": [
            {"since": at(one.since), "until": at(one.cleared_at), "code": one.code, "subject": one.subject,
             "severity": one.severity, "zh": one.zh, "en": one.en, "acknowledged_at": at(one.acknowledged_at),
             "acknowledged_by": book.name(one.acknowledged_by) if one.acknowledged_by else None}
            for one in facts.alerts
        ],
        "calls": [
            {"kind": one.kind, "title": str(one.params.get("title_zh") or ""), "since": at(one.since),
             "until": at(one.ended_at or one.until), "who": book.name(one.who), "reason": one.reason}
            for one in book.calls
        ],
    }  # fmt: skip


def _share(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    return {
        "spots": share.spots, "spots_as_planned": share.spots_as_planned, "of_spots": share.of_spots,
        "seconds": round(share.seconds, 3), "seconds_as_planned": round(share.seconds_as_planned, 3),
        "of_seconds": share.of_seconds,
    }  # fmt: skip


def _part(part: BookPart, at: Any) -> dict[str, Any]:
    segment, music = part.segment, part.music
    return {
        "start": at(segment.start) if segment else None,
        "end": at(segment.end) if segment else None,
        "daypart": segment.daypart if segment else None,
        "title": {"zh": segment.title_zh, "en": segment.title_en} if segment else None,
        "silence": segment is not None and not segment.music,
        "music": {
            "tracks": music.tracks, "first": at(music.first), "last": at(music.last),
            "sounded_s": round(music.sounded_s, 3),
        } if music else None,
        "spots": [_line(line, at) for line in part.lines],
    }  # fmt: skip


def _line(line: BookLine, at: Any) -> dict[str, Any]:
    entry = line.entry
    return {
        "spot_id": line.spot_id,
        "kind": line.kind, "ref": line.ref, "title": {"zh": line.title_zh, "en": line.title_en},
        "planned_at": at(line.at), "began_at": at(line.heard_at), "heard_by": entry.heard_by if entry else None,
        "ended_at": at(entry.ended_at) if entry else None, "off_s": _rounded(line.off_s),
        "planned_s": _rounded(line.planned_s), "length_s": _rounded(line.length_s),
        "loudness_lufs": _rounded(entry.loudness_lufs, 1) if entry else None, "state": line.state,
        "reason": entry.reason if entry else "", "text": line.text, "by": line.by,
    }  # fmt: skip


def _track(entry: Entry, at: Any) -> dict[str, Any]:
    return {"planned_at": at(entry.planned_at), "title": entry.title, "reason": entry.reason}


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
