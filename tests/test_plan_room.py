"""The plan room: tried, published, refused, kept, compared, taken back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from broadcaster.clock import RehearsalClock
from broadcaster.editing import writing
from broadcaster.editing.models import DayMark, PlanConflict, PlanRefused
from broadcaster.errors import UsageError
from broadcaster.publishing.publish import Publication
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.settings import Home, write_whole
from tests.plan_kit import CALENDAR, LEVELS, PROGRAMME, WEEKDAY, WEEKEND, edited, text_of
from tests.plan_room_kit import PROMO, WEATHER, edit, open_room, weather_until

SCRIPT = "announcements/pavilion.yaml"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PlanRoom]:
    with open_room(tmp_path) as one:
        yield one


def text(folder: Path, file: str = PROGRAMME) -> str:
    return (folder / file).read_text(encoding="utf-8")


# --- trying


def test_a_trial_tells_what_changes_and_writes_nothing(room: PlanRoom, tmp_path: Path) -> None:
    trial = room.try_out(room.open().tag, weather_until("10:10"), [WEEKDAY, WEEKEND])
    assert trial.fit and trial.conflict is None and trial.files == (PROGRAMME,)
    assert [change["name"] for change in trial.days[WEEKDAY].changes] == ["weather", "promo-morning"]
    assert trial.days[WEEKEND].changes[0]["after"]["end"].endswith("T10:10:00+08:00")
    assert text(tmp_path) == text_of(PROGRAMME)


def test_a_fault_points_at_its_entry_in_both_languages(room: PlanRoom) -> None:
    edits = [*weather_until("10:10")[:1], edit(("spots", 1, "script"), "welcom-speech")]
    trial = room.try_out(room.open().tag, edits, [])
    found = {one.code: one for one in trial.faults}
    assert found["overlap"].path == ("dayparts", PROMO) and "重叠" in found["overlap"].words
    script = found["unknown-script"]
    assert script.path == ("spots", 1, "script") and "welcome-speech" in script.remedy_en
    assert not trial.fit and not any(one.known for one in trial.faults)


def test_a_fault_of_a_compiled_rule_points_at_the_rule(room: PlanRoom) -> None:
    trial = room.try_out(room.open().tag, [edit(("spots", 1, "at"), "03:00")], [])
    (fault,) = [one for one in (*trial.faults, *trial.warnings) if one.code == "spot-outside"]
    assert fault.path[:2] == ("spots", 1)


def test_a_file_that_is_none_of_the_plan_is_refused(room: PlanRoom) -> None:
    tag = room.open().tag
    names = "../x.yaml config/secret.yaml announcements/../config/x.yaml announcements/CON.yaml announcements/con.yaml"
    for file in (*names.split(), "/etc/passwd", "announcements/a/b.yaml", "config/lexicon.csv", ""):
        with pytest.raises(UsageError):
            room.publish(tag, [edit((), "title: x\n", file=file)], who="anna")


def test_a_text_that_is_too_long_is_refused(room: PlanRoom) -> None:
    with pytest.raises(UsageError, match="64 KB"):
        room.try_out(room.open().tag, [edit((), {"title": "长", "text": "长" * 30_000}, file=SCRIPT)], [])


# --- publishing


def test_what_is_published_is_in_the_files_and_nothing_else_changed(room: PlanRoom, tmp_path: Path) -> None:
    version = room.publish(room.open().tag, weather_until("10:10"), who="anna", words="天气晚五分钟", where="10.0.0.7")
    wanted = edited(PROGRAMME, ('to: "10:05"', 'to: "10:10"'), ('from: "10:05"', 'from: "10:10"'))
    assert text(tmp_path) == wanted and version.changed == (PROGRAMME,) and version.how == "page"
    kept = room.version(version.id)
    assert kept is not None and (kept.who, kept.words, kept.where) == ("anna", "天气晚五分钟", "10.0.0.7")
    assert room.texts(version.id)[PROGRAMME] == wanted


def test_a_plan_that_would_not_air_is_refused_with_all_faults(room: PlanRoom, tmp_path: Path) -> None:
    edits = [weather_until("10:10")[0], edit(("levels", "speech", "nominal"), 30, file=LEVELS)]
    with pytest.raises(PlanRefused) as refused:
        room.publish(room.open().tag, edits, who="anna")
    assert {one.code for one in refused.value.told} >= {"overlap", "level-range"}
    assert text(tmp_path) == text_of(PROGRAMME) and text(tmp_path, LEVELS) == text_of(LEVELS)


def test_a_fault_made_by_hand_elsewhere_does_not_stop_a_good_edit(room: PlanRoom, tmp_path: Path) -> None:
    (tmp_path / LEVELS).write_text(edited(LEVELS, ("nominal: 21", "nominal: 30")), encoding="utf-8")
    version = room.publish(room.open().tag, weather_until("10:10"), who="anna")
    assert [one.code for one in version.held_back] == ["level-range"]


def test_sent_twice_it_is_published_once(room: PlanRoom) -> None:
    tag = room.open().tag
    first = room.publish(tag, weather_until("10:10"), who="anna")
    assert room.publish(tag, weather_until("10:10"), who="anna").id == first.id == room.versions()[0].id


def test_a_new_script_and_its_rule_come_together(room: PlanRoom, tmp_path: Path) -> None:
    rule = {"id": "pavilion", "title": "展厅", "script": "pavilion", "at": "13:00"}
    edits = [edit((), {"title": {"zh": "展厅"}, "text": "欢迎。\n请进。\n"}, file=SCRIPT),
             edit(("spots", 0), rule, "insert")]  # fmt: skip
    room.publish(room.open().tag, edits, who="anna")
    assert text(tmp_path, SCRIPT) == "title: {zh: 展厅}\ntext: |\n  欢迎。\n  请进。\n"
    plan = room.open()
    assert plan.scripts["pavilion"]["text"] == "欢迎。\n请进。\n" and plan.programme["spots"][0] == rule
    back = [edit(("spots", 0), op="remove"), edit((), op="remove", file=SCRIPT)]
    room.publish(plan.tag, back, who="anna")
    assert not (tmp_path / SCRIPT).exists() and text(tmp_path) == text_of(PROGRAMME)


# --- two people


def test_the_second_is_told_who_changed_what(room: PlanRoom, tmp_path: Path) -> None:
    tag = room.open().tag
    room.publish(tag, weather_until("10:10"), who="anna", words="天气")
    before = text(tmp_path)
    with pytest.raises(PlanConflict) as conflict:
        room.publish(tag, [edit(("dayparts", 0, "title", "zh"), "晨会")], who="ben")
    told = conflict.value.members["changed"]
    assert (told["who"], told["words"], told["files"], told["entries"]) == ("anna", "天气", [PROGRAMME], [])
    assert text(tmp_path) == before


def test_the_second_may_go_on_top_where_the_entries_differ(room: PlanRoom, tmp_path: Path) -> None:
    tag = room.open().tag
    room.publish(tag, [edit(("dayparts", 2), op="remove"), edit(("dayparts", 2, "from"), "09:40")], who="anna")
    mine = [edit(("dayparts", 6, "title", "zh"), "午间音乐"), edit(("dayparts", PROMO, "dial"), 24)]
    assert room.try_out(tag, mine).conflict is not None
    room.publish(tag, mine, who="ben", anyway=True)
    parts = {one["id"]: one for one in room.open().programme["dayparts"]}
    assert parts["midday-music"]["title"]["zh"] == "午间音乐" and parts["promo-morning"]["dial"] == 24
    assert "quiet-before-welcome" not in parts and "午间音乐" in text(tmp_path)


def test_a_conflict_tells_the_stores_time_and_the_name_that_people_know(tmp_path: Path) -> None:
    clock = RehearsalClock(datetime(2026, 11, 28, 2, 1, 11, tzinfo=UTC))
    with open_room(tmp_path, clock, name_of={"anna": "安娜"}.__getitem__) as room:
        tag = room.open().tag
        room.publish(tag, weather_until("10:10"), who="anna", words="天气")
        with pytest.raises(PlanConflict, match="安娜 在 10:01:1") as conflict:
            room.publish(tag, weather_until("10:15"), who="ben")
    told = conflict.value.members["changed"]
    assert (told["who"], told["name"], told["at"][10:16]) == ("anna", "安娜", "T10:01")


def test_nothing_is_put_on_top_of_the_same_entry(room: PlanRoom) -> None:
    tag = room.open().tag
    room.publish(tag, weather_until("10:10"), who="anna")
    with pytest.raises(PlanConflict, match="dayparts: weather"):
        room.publish(tag, [edit(("dayparts", WEATHER, "level"), "english")], who="ben", anyway=True)


def test_edits_of_another_file_are_in_nobodys_way(room: PlanRoom) -> None:
    tag = room.open().tag
    room.publish(tag, weather_until("10:10"), who="anna")
    assert room.publish(tag, [edit(("hours", "open"), "09:20", file=CALENDAR)], who="ben").changed == (CALENDAR,)


def test_a_tag_that_was_never_given_out_is_refused(room: PlanRoom) -> None:
    room.open()
    for tag in ("", "1-x", "99-abc", "x", "-1-", "1" * 40):
        with pytest.raises(UsageError):
            room.try_out(tag, weather_until("10:10"))


# --- versions


def test_a_hands_edit_becomes_a_version_of_the_files_owner(room: PlanRoom, tmp_path: Path) -> None:
    tag = room.tag()
    (tmp_path / LEVELS).write_text(text_of(LEVELS) + "# 手改\n", encoding="utf-8")
    assert room.tag() != tag
    newest = room.versions()[0]
    assert (newest.how, newest.changed) == ("file", (LEVELS,)) and newest.who == _owner(tmp_path / LEVELS)


def test_two_versions_are_compared_line_by_line_and_entry_by_entry(room: PlanRoom) -> None:
    first = room.open().version
    second = room.publish(room.open().tag, weather_until("10:10"), who="anna").id
    (file,) = room.compare(first, second).files
    assert '-    to: "10:05"' in file.lines and '+    to: "10:10"' in file.lines
    assert [(one.label, one.before, one.after) for one in file.entries] == [
        ("config/programme.yaml: dayparts: weather: to", "10:05", "10:10"),
        ("config/programme.yaml: dayparts: promo-morning: from", "10:05", "10:10"),
    ]


def test_a_restored_version_is_there_byte_for_byte(room: PlanRoom, tmp_path: Path) -> None:
    first = room.open().version
    fresh = edit((), {"title": "x", "text": "y"}, file=SCRIPT)
    room.publish(room.open().tag, [fresh, *weather_until("10:10")], who="anna")
    assert room.try_restore(first, [WEEKDAY]).days[WEEKDAY].changes
    version = room.restore(first, who="ben")
    assert set(version.changed) == {SCRIPT, PROGRAMME} and text(tmp_path) == text_of(PROGRAMME)
    assert not (tmp_path / SCRIPT).exists()


def test_one_step_is_undone_and_later_ones_of_other_entries_stay(room: PlanRoom) -> None:
    step = room.publish(room.open().tag, weather_until("10:10"), who="anna")
    room.publish(room.open().tag, [edit(("dayparts", 0, "title", "zh"), "晨会")], who="ben")
    room.undo(step.id, who="anna")
    parts = room.open().programme["dayparts"]
    assert parts[WEATHER]["to"] == "10:05" and parts[0]["title"]["zh"] == "晨会"


def test_a_step_that_others_built_upon_is_not_undone(room: PlanRoom) -> None:
    step = room.publish(room.open().tag, weather_until("10:10"), who="anna")
    room.publish(room.open().tag, weather_until("10:15"), who="ben")
    with pytest.raises(PlanConflict, match="ben"):
        room.undo(step.id, who="anna")


def test_a_removed_daypart_comes_back_where_it_was(room: PlanRoom) -> None:
    before = [one["id"] for one in room.open().programme["dayparts"]]
    gone = [edit(("dayparts", WEATHER), op="remove"), edit(("dayparts", WEATHER, "from"), "10:00")]
    step = room.publish(room.open().tag, gone, who="anna")
    room.publish(room.open().tag, [edit(("dayparts", 0, "title", "zh"), "晨会")], who="ben")
    room.undo(step.id, who="anna")
    assert [one["id"] for one in room.open().programme["dayparts"]] == before


# --- a hand on the files meanwhile


def meanwhile(room: PlanRoom, deed: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something done while the next publication is checked."""
    real, left = room._publisher.publish, [deed]

    def publish(*arguments: Any, **words: Any) -> Publication:
        publication = real(*arguments, **words)
        while left:
            left.pop()()
        return publication

    monkeypatch.setattr(room._publisher, "publish", publish)


def test_a_hand_that_was_quicker_stays_and_the_page_is_told(
    room: PlanRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, mine = room.open().tag, edited(PROGRAMME, ('to: "10:05"', 'to: "10:04"'), ('from: "10:05"', 'from: "10:04"'))
    meanwhile(room, lambda: (tmp_path / PROGRAMME).write_text(mine, encoding="utf-8"), monkeypatch)
    with pytest.raises(PlanConflict) as conflict:
        room.publish(tag, weather_until("10:10"), who="anna", anyway=True)
    newest = room.versions()[0]
    assert conflict.value.changed.version == newest.id and conflict.value.changed.how == "file"
    assert text(tmp_path) == mine and (newest.how, newest.changed) == ("file", (PROGRAMME,)) and newest.who != "anna"


def test_a_hand_on_another_file_is_not_put_down_to_the_page(
    room: PlanRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, mine = room.open().tag, edited(LEVELS, ("nominal: 21", "nominal: 22"))
    meanwhile(room, lambda: (tmp_path / LEVELS).write_text(mine, encoding="utf-8"), monkeypatch)
    version = room.publish(tag, weather_until("10:10"), who="anna")
    newest = room.versions()[0]
    assert version.changed == (PROGRAMME,) and room.texts(version.id)[LEVELS] == text_of(LEVELS)
    assert (newest.how, newest.changed) == ("file", (LEVELS,)) and text(tmp_path, LEVELS) == mine


def test_between_two_files_a_hand_takes_the_whole_publication_back(
    room: PlanRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = text_of(LEVELS) + "# 手改\n"

    def slow(path: Path, words: str) -> None:
        write_whole(path, words)
        if path.name == "programme.yaml":
            (tmp_path / LEVELS).write_text(mine, encoding="utf-8")

    tag = room.open().tag
    monkeypatch.setattr(writing, "write_whole", slow)
    louder = edit(("levels", "speech", "nominal"), 22, file=LEVELS)
    with pytest.raises(PlanConflict, match="levels"):
        room.publish(tag, [*weather_until("10:10"), louder], who="anna")
    assert text(tmp_path) == text_of(PROGRAMME) and text(tmp_path, LEVELS) == mine
    assert not writing.slip_path(Home(tmp_path)).exists() and {one.how for one in room.versions()} == {"file"}


# --- dates


def test_a_date_that_somebody_else_marked_is_not_marked_over(room: PlanRoom, tmp_path: Path) -> None:
    tag = room.open().tag
    room.mark_day(WEEKEND, DayMark(close="20:00"), who="zoe")
    room.mark_day(WEEKDAY, DayMark(close="20:30"), who="max")
    with pytest.raises(PlanConflict, match="zoe"):
        room.mark_day(WEEKEND, DayMark(close="18:30"), who="wim", tag=tag)
    room.mark_day(date(2026, 12, 12), DayMark(close="18:30"), who="wim", tag=tag)
    room.mark_day(WEEKEND, DayMark(close="18:30"), who="wim", tag=room.tag())
    assert text(tmp_path, CALENDAR).count("by: wim") == 2


def test_closing_later_is_counted_from_what_the_date_has_by_then(room: PlanRoom, tmp_path: Path) -> None:
    for minutes, close in ((15, "18:15"), (30, "18:45")):
        trial = room.try_day(WEEKEND, DayMark(later_min=minutes))
        assert trial.days[WEEKEND].hours[1] == close
        room.mark_day(WEEKEND, DayMark(later_min=minutes), who="anna")
    assert '2026-11-28: {close: "18:45", by: anna}' in text(tmp_path, CALENDAR)


def test_an_event_day_that_closes_later_closes_later_than_an_event_day(room: PlanRoom) -> None:
    assert room.try_day(WEEKDAY, DayMark(add=("event",), later_min=15)).days[WEEKDAY].hours[1] == "18:15"


def test_a_double_click_marks_once(room: PlanRoom) -> None:
    first = room.mark_day(WEEKEND, DayMark(later_min=15), who="anna")
    assert room.mark_day(WEEKEND, DayMark(later_min=15), who="anna").id == first.id


def test_a_week_is_marked_and_undone_in_one_go(room: PlanRoom, tmp_path: Path) -> None:
    week = [date(2026, 12, day) for day in range(7, 14)]
    version = room.mark_day(week, DayMark(add=("event",), note="周年庆"), who="anna")
    assert text(tmp_path, CALENDAR).count("note: 周年庆") == 7
    room.undo(version.id, who="anna")
    assert text(tmp_path, CALENDAR) == text_of(CALENDAR)


def test_a_mark_with_a_slip_is_told_what_was_meant(room: PlanRoom) -> None:
    for mark, near in ((DayMark(spots={"wether": "skip"}), "weather"), (DayMark(add=("evnt",)), "event"),
                       (DayMark(dayparts={"promo-mornin": {"to": "11:00"}}), "promo-morning")):  # fmt: skip
        with pytest.raises(UsageError, match=near):
            room.try_day(WEEKDAY, mark)


def test_a_mark_that_would_leave_a_hole_is_refused(room: PlanRoom, tmp_path: Path) -> None:
    with pytest.raises(PlanRefused, match="没有任何安排"):
        room.mark_day(WEEKDAY, DayMark(dayparts={"promo-morning": {"to": "11:00"}}), who="anna")
    assert text(tmp_path, CALENDAR) == text_of(CALENDAR)


def test_dates_long_past_are_taken_out_and_no_others(room: PlanRoom, tmp_path: Path) -> None:
    fresh = edited(CALENDAR, ("dates: {}", "dates:\n  2020-01-01: {add: [event]}\n  2099-01-01: {add: [event]}"))
    (tmp_path / CALENDAR).write_text(fresh, encoding="utf-8")
    assert room.tidy(who="anna") is not None and room.tidy(who="anna") is None
    assert text(tmp_path, CALENDAR) == fresh.replace("  2020-01-01: {add: [event]}\n", "")


def _owner(path: Path) -> str:
    if sys.platform == "win32":
        return ""
    return path.owner()
