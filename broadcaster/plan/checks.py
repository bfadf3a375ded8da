"""Faults that show when the plan's files are held against each other, before any day is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from broadcaster.plan.alert_addresses import address_fault, beat_fault
from broadcaster.plan.calendar import ranking
from broadcaster.plan.faults import Fault, did_you_mean
from broadcaster.plan.files import Document, Keys
from broadcaster.plan.load import Draft
from broadcaster.plan.models import BedRule, Calendar, DateEntry, Levels, Programme, Station
from broadcaster.plan.times import clock_text
from broadcaster.plan.trust import believable, sound_levels
from broadcaster.plan.unattended_models import Alerts

STATION, LEVELS, CALENDAR, PROGRAMME = (
    f"config/{name}.yaml" for name in ("station", "levels", "calendar", "programme")
)

CHIME_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".opus")


def check_references(draft: Draft) -> list[Fault]:
    """All names that point nowhere, names used twice, and levels that the dial does not have."""
    return [fault for fault in _check_all(draft) if believable(draft, fault)]


def _check_all(draft: Draft) -> list[Fault]:
    faults: list[Fault] = []
    if draft.levels is not None:
        faults += _check_levels(draft.documents[LEVELS], sound_levels(draft, draft.levels))
    if draft.calendar is not None:
        faults += _check_calendar(draft, draft.documents[CALENDAR], draft.calendar)
    if draft.station is not None:
        faults += _check_station(draft, draft.documents[STATION], draft.station)
    if draft.programme is not None:
        faults += _check_programme(draft, draft.documents[PROGRAMME], draft.programme)
    faults += _check_scripts(draft)
    return faults


def _check_station(draft: Draft, document: Document, station: Station) -> Iterator[Fault]:
    yield from _known_level(draft, document, ("speech_level",), station.speech_level)
    if station.weather is not None:
        yield from _known_script(draft, document, ("weather", "script"), station.weather.script)
    yield from _check_alerts(document, station.alerts)
    # A store must not fall silent because a message of it is not right yet.
    yield from (replace(fault, blocking=False) for fault in _check_calls(draft, document, station))


def _check_calls(draft: Draft, document: Document, station: Station) -> Iterator[Fault]:
    for name, message in station.emergencies.items():
        for position, script in enumerate(message.scripts):
            yield from _known_script(draft, document, ("emergencies", name, "scripts", position), script)
        yield from _known_level(draft, document, ("emergencies", name, "level"), message.level)
    fire = station.fire
    if fire is not None and fire.message is not None and fire.message not in station.emergencies:
        yield _unknown(document, "unknown-emergency", ("fire", "message"), fire.message, station.emergencies)
    yield from _known_level(draft, document, ("live", "level"), station.live.level)
    chimes = {path.stem for path in chime_files(draft)}
    if ("live", "chime") in document.lines and station.live.chime not in (None, *chimes):
        yield _unknown(document, "unknown-chime", ("live", "chime"), str(station.live.chime), chimes)


def _check_alerts(document: Document, alerts: Alerts) -> Iterator[Fault]:
    """None of them blocks: a store must not fall silent because somebody can't be told so."""
    for number, target in enumerate(alerts.to):
        if (why := address_fault(target.url)) is not None:
            keys: Keys = ("alerts", "to", number, "url")
            yield document.fault("alert-address", keys, target.url, blocking=False, reason_zh=why[0], reason_en=why[1])
    if alerts.heartbeat is not None and (why := beat_fault(alerts.heartbeat.url)) is not None:
        keys = ("alerts", "heartbeat", "url")
        yield document.fault(
            "alert-address", keys, alerts.heartbeat.url, blocking=False, reason_zh=why[0], reason_en=why[1]
        )


def _check_levels(document: Document, levels: Levels) -> Iterator[Fault]:
    for name, level in levels.levels.items():
        keys: Keys = ("levels", name)
        if not level.low <= level.dial <= level.high:
            yield _outside(document, (*keys, "nominal"), level.dial, name, level.low, level.high)
        for dial in {*level.range, level.dial}:
            gain = levels.dial.gain_db(dial)
            if gain is None:
                yield document.fault("dial-unmapped", (*keys, "range"), dial, dial=dial)
            elif gain > 0:
                yield document.fault("level-too-loud", (*keys, "range"), dial, dial=dial, gain=gain)


def _outside(document: Document, keys: Keys, dial: float, level: str, low: float, high: float) -> Fault:
    return document.fault("level-range", keys, dial, dial=dial, level=level, low=low, high=high)


def _check_calendar(draft: Draft, document: Document, calendar: Calendar) -> Iterator[Fault]:
    types = _day_types(draft, calendar)
    if calendar.hours.close <= calendar.hours.open:
        usual = f"{clock_text(calendar.hours.open)}–{clock_text(calendar.hours.close)}"
        yield document.fault("closes-before-opens", ("hours", "close"), clock_text(calendar.hours.close), date=usual)
    for name, kind in calendar.day_types.items():
        if kind.above is not None:
            yield from _known_types(document, types, (kind.above,), ("day_types", name, "above"), listed=False)
    for day, entry in calendar.dates.items():
        for key, names in (("add", entry.add), ("remove", entry.remove)):
            yield from _known_types(document, types, names, ("dates", str(day), key))
        yield from _check_date(draft, document, ("dates", str(day)), entry)


def _check_date(draft: Draft, document: Document, keys: Keys, entry: DateEntry) -> Iterator[Fault]:
    """What a date sets for single rules and dayparts."""
    if draft.programme is not None:
        rules, dayparts = {rule.id for rule in draft.programme.spots}, {one.id for one in draft.programme.dayparts}
        for rule in entry.spots if not draft.broken("programme", "spots") else ():
            if rule not in rules:
                yield _unknown(document, "unknown-rule", (*keys, "spots", rule), rule, rules)
        for name in entry.dayparts if not draft.broken("programme", "dayparts") else ():
            if name not in dayparts:
                yield _unknown(document, "unknown-daypart", (*keys, "dayparts", name), name, dayparts)
    levels = sound_levels(draft, draft.levels).levels if draft.levels is not None else {}
    for name, change in entry.dayparts.items():
        here: Keys = (*keys, "dayparts", name)
        if isinstance(change.bed, BedRule) and change.bed.playlist not in draft.playlists:
            yield _unknown(document, "unknown-playlist", (*here, "bed"), change.bed.playlist, draft.playlists)
        yield from _known_level(draft, document, (*here, "level"), change.level)
        for daypart in draft.programme.dayparts if draft.programme else ():
            used = change.level or daypart.level
            if daypart.id == name and change.dial is not None and used in levels:
                level = levels[used]
                if not level.low <= change.dial <= level.high:
                    yield _outside(document, (*here, "dial"), change.dial, used, level.low, level.high)
                    break


def _day_types(draft: Draft, calendar: Calendar) -> set[str]:
    return {*ranking(calendar), *draft.broken("calendar", "day_types")}


def _known_types(
    document: Document, types: Iterable[str], names: Iterable[str], keys: Keys, *, listed: bool = True
) -> Iterator[Fault]:
    known = set(types)
    for index, name in enumerate(names):
        if name not in known:
            yield _unknown(document, "unknown-day-type", (*keys, index) if listed else keys, name, known)


def _unknown(document: Document, code: str, keys: Keys, value: str, known: Iterable[str]) -> Fault:
    hint_zh, hint_en = did_you_mean(value, known)
    return document.fault(code, keys, value, hint_zh=hint_zh, hint_en=hint_en)


def _known_level(draft: Draft, document: Document, keys: Keys, name: str | None) -> Iterator[Fault]:
    if draft.levels is not None and name is not None:
        known = {*draft.levels.levels, *draft.broken("levels", "levels")}
        if name not in known:
            yield _unknown(document, "unknown-level", keys, name, known)


def _check_programme(draft: Draft, document: Document, programme: Programme) -> Iterator[Fault]:
    types = _day_types(draft, draft.calendar) if draft.calendar is not None else None
    levels = sound_levels(draft, draft.levels).levels if draft.levels is not None else {}
    for index, daypart in enumerate(programme.dayparts):
        keys: Keys = ("dayparts", index)
        if types is not None:
            yield from _known_types(document, types, daypart.days, (*keys, "days"))
            yield from _known_types(document, types, daypart.unless, (*keys, "except"))
        if isinstance(daypart.bed, BedRule):
            if daypart.bed.playlist not in draft.playlists:
                place: Keys = (
                    (*keys, "bed", "playlist") if (*keys, "bed", "playlist") in document.lines else (*keys, "bed")
                )
                yield _unknown(document, "unknown-playlist", place, daypart.bed.playlist, draft.playlists)
            if daypart.level is None:
                yield document.fault("missing", (*keys, "level"))
        yield from _known_level(draft, document, (*keys, "level"), daypart.level)
        level = levels.get(daypart.level) if daypart.level else None
        if level is not None and daypart.dial is not None and not level.low <= daypart.dial <= level.high:
            yield _outside(document, (*keys, "dial"), daypart.dial, daypart.level or "", level.low, level.high)
    yield from _check_rotations(draft, document, programme)
    yield from _check_spots(draft, document, programme, types)


def _check_rotations(draft: Draft, document: Document, programme: Programme) -> Iterator[Fault]:
    for name, rotation in programme.rotations.items():
        for position, script in enumerate(rotation.scripts):
            yield from _known_script(draft, document, ("rotations", name, "scripts", position), script)


def _known_script(draft: Draft, document: Document, keys: Keys, name: str) -> Iterator[Fault]:
    known = {*draft.scripts, *draft.broken_scripts}
    if name not in known:
        yield _unknown(document, "unknown-script", keys, name, known)


def _check_spots(
    draft: Draft, document: Document, programme: Programme, types: Iterable[str] | None
) -> Iterator[Fault]:
    first: dict[str, int] = {}
    rotations = {*programme.rotations, *draft.broken("programme", "rotations")}
    for index, rule in enumerate(programme.spots):
        keys: Keys = ("spots", index)
        if rule.id in first:
            other = document.line(("spots", first[rule.id], "id"))
            yield document.fault("duplicate", (*keys, "id"), rule.id, other=other)
        first.setdefault(rule.id, index)
        if types is not None:
            yield from _known_types(document, types, rule.days, (*keys, "days"))
            yield from _known_types(document, types, rule.unless, (*keys, "except"))
        if rule.script is not None:
            yield from _known_script(draft, document, (*keys, "script"), rule.script)
        if rule.rotation is not None and rule.rotation not in rotations:
            yield _unknown(document, "unknown-rotation", (*keys, "rotation"), rule.rotation, rotations)
        for position, script in enumerate(rule.followed_by):
            yield from _known_script(draft, document, (*keys, "followed_by", position), script)
        yield from _known_level(draft, document, (*keys, "level"), rule.level)


def _check_scripts(draft: Draft) -> Iterator[Fault]:
    chimes = {path.stem for path in chime_files(draft)}
    mended = {name: script for name, script in draft.broken_scripts.items() if script is not None}
    for name, script in {**draft.scripts, **mended}.items():
        document = draft.documents[f"announcements/{name}.yaml"]
        if not script.text.strip() and script.recording is None:
            yield document.fault("empty-script", ("text",))
        if script.chime is not None and script.chime not in chimes:
            yield _unknown(document, "unknown-chime", ("chime",), script.chime, chimes)
        yield from _known_level(draft, document, ("level",), script.level)


def chime_files(draft: Draft) -> list[Path]:
    """The audio files in ``announcements/chimes/``."""
    folder = draft.home / "announcements" / "chimes"
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in CHIME_SUFFIXES)
