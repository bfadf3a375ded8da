"""The check tells every fault, all at once, where it stands and what to do about it; and invents none."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from broadcaster.plan.checks import check_references
from broadcaster.plan.fault_texts import TEXTS
from broadcaster.plan.faults import Fault, did_you_mean
from broadcaster.plan.load import read_plan
from broadcaster.publishing.publish import Publication, Publisher
from broadcaster.rundown.day_checks import check_days
from tests.plan_breakages import BREAKAGES, Breakage
from tests.plan_kit import (
    CALENDAR,
    LEVELS,
    PROGRAMME,
    STATION,
    TODAY,
    USUAL,
    WEEKDAY,
    edited,
    faults_of,
    lay_out_files,
    line_of,
    plan_with,
    restored,
    silent_home,
)


def publish(instead: Mapping[str, str]) -> Publication:
    return Publisher(silent_home()).publish(TODAY, render=False, instead=instead)


def told(fault: Fault) -> tuple[str, str, int | None, str]:
    return fault.code, fault.file, fault.line, fault.field


def expected(breakage: Breakage) -> tuple[str, str, int | None, str]:
    line = line_of(breakage.text, breakage.mark) if breakage.mark else None
    return breakage.code, breakage.file, line, breakage.field


def test_the_starter_kit_has_no_faults() -> None:
    assert faults_of({}) == []


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: f"{one.code}-{one.field}")
def test_one_breakage_is_one_fault_at_its_place(breakage: Breakage) -> None:
    found = publish({breakage.file: breakage.text})
    (fault,) = (fault for fault in found.faults if fault.code not in USUAL)
    assert told(fault) == expected(breakage)
    assert breakage.value is None or fault.value == breakage.value
    assert breakage.said in f"{fault.message('en')} {fault.remedy('en')}"
    document = fault.as_json()
    assert all(document[key].strip() for key in ("message", "remedy", "message_en", "remedy_en"))
    assert found.fit == fault.warning


# --- all at once


def test_files_broken_at_the_same_time_tell_all_their_faults() -> None:
    chosen: dict[str, Breakage] = {}
    for breakage in BREAKAGES:
        if breakage.code not in ("not-yaml", "closes-before-opens"):
            chosen.setdefault(breakage.file, breakage)
    faults = faults_of({file: breakage.text for file, breakage in chosen.items()})
    assert len(chosen) >= 5
    assert {told(fault) for fault in faults} == {expected(breakage) for breakage in chosen.values()}


def test_one_file_broken_in_many_places_tells_all_its_faults() -> None:
    """What shows only when days are compiled is told of spots that are sound themselves: those are left aside here."""
    of_days = ("not-yaml", "hole", "spot-outside", "backwards", "empty-rotation")
    used: set[str] = set()
    chosen: list[Breakage] = []
    for breakage in (one for one in BREAKAGES if one.file == PROGRAMME and one.code not in of_days):
        places = {breakage.field.split(".")[0], *(old for old, _ in breakage.edits)}
        if used.isdisjoint(places):
            used |= places
            chosen.append(breakage)
    faults = faults_of({PROGRAMME: edited(PROGRAMME, *(edit for one in chosen for edit in one.edits))})
    assert len(chosen) >= 10
    assert {(fault.code, fault.field) for fault in faults} == {(one.code, one.field) for one in chosen}


def test_an_unknown_key_hides_no_fault_of_the_days() -> None:
    text = edited(
        PROGRAMME,
        ("order: shuffled", "oder: shuffled"),
        ('    from: "11:30"', '    from: "11:15"'),
        ('    from: "15:30"', '    from: "15:31"'),
        ("rotation: event-notices", "rotation: event-notes"),
    )
    assert {fault.code for fault in faults_of({PROGRAMME: text})} == {
        "unknown-key",
        "overlap",
        "hole",
        "unknown-rotation",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("days: holiday", "day: holiday"),
        ('    to: "14:00"', '    too: "14:00"'),
        ('    to: "14:00"\n', ""),
        ('    from: "11:30"', "    from: noon"),
        ("    bed: {playlist: light, order: shuffled}", "    bde: {playlist: light, order: shuffled}"),
        ("    title: {zh: 背景音乐, en: Background music}\n", ""),
        ("  vendor-promos:\n    title: {zh", "  vendor-promos:\n    titel: {zh"),
        ("  - id: afternoon-music", "  - id: Afternoon Music"),
    ],
)
def test_what_follows_from_a_fault_is_not_told_as_another(old: str, new: str) -> None:
    faults = faults_of({PROGRAMME: edited(PROGRAMME, (old, new))})
    assert {fault.code for fault in faults} <= {"unknown-key", "missing", "bad-id", "bad-time"}
    assert len(faults) == 1


def test_names_of_broken_entries_are_still_known() -> None:
    instead = {
        LEVELS: edited(LEVELS, ("range: [24, 27]", "range: [24, x]")),
        CALENDAR: edited(CALENDAR, ("event: {close_later: 30 min}", "member-night: {close: 25:00}")),
        PROGRAMME: edited(PROGRAMME, ("days: holiday", "days: [holiday, member-night]")),
        "announcements/weather.yaml": edited("announcements/weather.yaml", ("read: 2", "read: twice")),
    }
    faults = faults_of(instead)
    assert {(fault.code, fault.file) for fault in faults} == {
        ("bad-value", LEVELS), ("bad-time", CALENDAR), ("bad-value", "announcements/weather.yaml"),
    }  # fmt: skip


def test_nonsense_of_any_shape_is_told_not_raised() -> None:
    shapes = ("5", "{}", "null", "x", "{a: {b: 1}}", "[{}, [5]]")
    keys = {STATION: "sound page name", LEVELS: "dial levels", CALENDAR: "hours day_types dates"}
    keys[PROGRAMME] = "dayparts rotations spots"
    for (file, names), shape in itertools.product(keys.items(), shapes):
        for name in names.split():
            lines = edited(file).split("\n")
            start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}:"))
            end = next((n for n in range(start + 1, len(lines)) if lines[n][:1].isalpha()), len(lines))
            text = "\n".join([*lines[:start], f"{name}: {shape}", *lines[end:]])
            assert all(fault.message("zh") and fault.file for fault in faults_of({file: text})), (name, shape)


# --- files that can't be read


def test_a_missing_file_is_told_and_the_others_are_still_checked(tmp_path: Path) -> None:
    home = lay_out_files(tmp_path)
    (home / STATION).unlink()
    faults = faults_of({LEVELS: edited(LEVELS, ("nominal: 21", "nominal: 24"))}, home=home)
    assert [(fault.code, fault.file) for fault in faults] == [("file-missing", STATION), ("level-range", LEVELS)]


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    home = lay_out_files(tmp_path)
    text = edited(STATION, ("zone: main", "zone: main\n# 分区"))
    (home / STATION).write_bytes(b"voice: zh\n" + text.encode("gbk", "replace"))
    (fault,) = faults_of({}, home=home)
    assert (fault.code, fault.file, fault.line) == ("file-unreadable", STATION, 2)


# --- faults of single days, of the audio's length, and of the sound itself

OTHERWHERE = {
    "test_plan_faults.py": {
        "file-missing", "file-unreadable", "closes-before-opens", "no-dayparts", "no-such-time", "bed-short",
        "holidays-unpublished", "estimated", "bad-audio-script", "bad-speech", "unknown-emergency",
    },
    "test_plan_playlists.py": {"empty-playlist", "bad-audio"},
    "test_voice_plan.py": {"other-voice", "bad-lexicon"},
    "test_rundown_contracts.py": {"over-booked", "rotation-gone"},
    "test_plan_secrets.py": {"alert-address"},
}  # fmt: skip
"""Codes that tests of their own produce: from audio, from single days, from the log, from what speaks."""


def test_every_fault_there_is_has_been_produced() -> None:
    assert set(TEXTS) == {breakage.code for breakage in BREAKAGES}.union(*OTHERWHERE.values())


@pytest.mark.parametrize("file", OTHERWHERE)
def test_faults_are_produced_where_it_is_said(file: str) -> None:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8").partition("OTHERWHERE = ")
    rest = text[0] + text[2].partition("# fmt: skip")[2]
    assert {code for code in OTHERWHERE[file] if f'"{code}"' not in rest} == set()


def test_a_fire_input_that_names_no_message_is_told_and_blocks_nothing() -> None:
    text = edited(STATION, ("separation: 1 s", "fire: {kind: push, message: evacuat}\nseparation: 1 s"))
    (fault,) = faults_of({STATION: text})
    assert told(fault) == ("unknown-emergency", STATION, line_of(text, "fire: {kind"), "fire.message")
    assert "“evacuate”" in f"{fault.message('en')} {fault.remedy('en')}" and not fault.blocking


def test_a_day_without_dayparts_is_told() -> None:
    faults = faults_of({PROGRAMME: "dayparts: []\n"})
    assert ("no-dayparts", PROGRAMME) in [(fault.code, fault.file) for fault in faults]


def test_one_date_that_closes_before_it_opens_is_told() -> None:
    calendar = edited(CALENDAR, ("dates: {}", 'dates: {2026-12-12: {open: "19:00", close: "18:00"}}'))
    faults = [fault for fault in faults_of({CALENDAR: calendar}) if fault.code == "closes-before-opens"]
    assert ["2026-12-12" in fault.message() for fault in faults] == [True]


def test_a_time_that_the_clocks_leave_out_is_told_for_its_date_and_blocks_nothing() -> None:
    night = '  - {id: night, title: 夜, from: "02:30", to: "09:20", bed: silence}\n  - id: staff-song'
    instead = {
        STATION: edited(STATION, ("Asia/Shanghai ", "Europe/Berlin ")),
        PROGRAMME: edited(PROGRAMME, ("  - id: staff-song", night)),
    }
    (fault,) = faults_of(instead)
    assert told(fault) == ("no-such-time", PROGRAMME, line_of(instead[PROGRAMME], "- {id: night"), "dayparts[0]")
    assert "2027-03-28" in fault.message("en") and "03:00" in fault.remedy("en") and not fault.blocking


def test_a_playlist_shorter_than_its_daypart_is_told_when_it_must_not_repeat() -> None:
    instead = {PROGRAMME: edited(PROGRAMME, ("bed: {playlist: welcome}", "bed: {playlist: welcome, repeat: false}"))}
    (fault,) = check_days(plan_with(instead, track_s=299.0), [WEEKDAY])
    assert told(fault) == (
        "bed-short",
        PROGRAMME,
        line_of(instead[PROGRAMME], "- id: welcome-music"),
        "dayparts[1].bed",
    )
    assert "598 s" in fault.message("en") and "10 min" in fault.message("en")
    assert check_days(plan_with(instead, track_s=300.0), [WEEKDAY]) == []


def test_a_year_without_a_published_arrangement_is_a_warning() -> None:
    found = Publisher(silent_home()).publish(date(2040, 1, 1), render=False)
    told = [fault for fault in found.warnings if fault.code == "holidays-unpublished"]
    assert "2040" in told[0].message() and not found.wrong


def test_what_is_not_rendered_yet_is_said_to_be_estimated() -> None:
    found = Publisher(silent_home()).publish(TODAY, render=False)
    estimated = [fault for fault in found.warnings if fault.code == "estimated"]
    assert ("announcements/weather.yaml", 6) in [(fault.file, fault.line) for fault in estimated]
    assert found.fit


def test_a_script_that_can_not_be_spoken_is_told() -> None:
    file = "announcements/welcome-speech.yaml"
    text = "title: 欢迎语\n\ntext: ……\n"
    found = Publisher(restored()).publish(TODAY, instead={file: text})
    (fault,) = found.wrong
    assert told(fault) == ("bad-speech", file, 3, "text") and fault.value == "……"
    assert "nothing to speak" in fault.message("en") and not found.fit


def test_a_recording_that_is_not_there_is_told() -> None:
    file = "announcements/welcome-speech.yaml"
    found = Publisher(restored()).publish(TODAY, instead={file: "title: 欢迎语\n\nrecording: boss.mp3\n"})
    (fault,) = found.wrong
    assert told(fault) == ("bad-audio-script", file, 3, "recording") and fault.value == "boss.mp3"


# --- the texts


def placeholders(template: str) -> set[str]:
    return {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", TEXTS)
def test_both_languages_say_the_same(code: str) -> None:
    chinese, english = (" ".join(parts) for parts in TEXTS[code])
    assert placeholders(chinese) == placeholders(english)
    assert all(part.strip() for part in (*TEXTS[code][0], *TEXTS[code][1]))


def test_the_nearest_name_is_offered_or_all_there_are() -> None:
    assert did_you_mean("evnt", ["event", "holiday"]) == ("您是不是想写 “event”?", "Did you mean “event”?")
    assert did_you_mean("zzz", ["b", "a"])[1] == "There are: a, b."
    assert did_you_mean("zzz", [])[1] == "There are none yet."


def test_the_same_fault_on_many_dates_is_told_once() -> None:
    faults = faults_of({PROGRAMME: edited(PROGRAMME, ('    from: "11:30"', '    from: "11:15"'))})
    places: dict[tuple[str, str], int] = defaultdict(int)
    for fault in faults:
        places[fault.code, fault.field] += 1
    assert places == {("overlap", "dayparts[6]"): 1}


def test_references_are_checked_even_where_no_plan_can_be_made() -> None:
    draft = read_plan(
        silent_home(), {LEVELS: "- nothing", PROGRAMME: edited(PROGRAMME, ("script: weather", "script: wether"))}
    )
    assert [fault.code for fault in (*draft.faults, *check_references(draft))] == ["not-mapping", "unknown-script"]
