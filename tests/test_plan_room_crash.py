"""Killed in the middle of a publication, and several at once: the plan is one version or the other, never a mixture."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from broadcaster.editing import writing
from broadcaster.editing.texts import hashed
from broadcaster.settings import Home
from tests.live_kit import wait
from tests.notice_kit import HandClock
from tests.plan_kit import LEVELS, PROGRAMME, ROOT, lay_out_files, text_of
from tests.plan_room_kit import edit, open_room, weather_until
from tests.test_rooms_plan import NOON, Air, keeper, store

KILLED = """
import os, sys
from pathlib import Path
from broadcaster.editing import writing
from tests.plan_room_kit import edit, open_room, weather_until
left = int(sys.argv[2])

def dying(real):
    def call(*arguments, **words):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return real(*arguments, **words)
    return call

writing.write_whole = dying(writing.write_whole)
writing.done = dying(writing.done)
with open_room(Path(sys.argv[1])) as room:
    room._shelf.note = dying(room._shelf.note)
    louder = edit(("levels", "speech", "nominal"), 22, file="config/levels.yaml")
    room.publish(room.open().tag, [*weather_until("10:10"), louder], who="anna", words="both")
"""


@pytest.mark.parametrize("calls", range(5))
def test_killed_while_publishing_the_next_one_finishes_it(calls: int, tmp_path: Path) -> None:
    lay_out_files(tmp_path)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(calls)], cwd=ROOT, timeout=60)
    assert done.returncode == 9
    with open_room(tmp_path) as room:
        versions = [(one.who, one.how, one.words) for one in room.versions() if one.how != "file"]
        marks = {PROGRAMME: "10:10", LEVELS: "nominal: 22"}
        new = [mark in (tmp_path / file).read_text("utf-8") for file, mark in marks.items()]
    assert (new, versions) == (([False, False], []) if calls == 0 else ([True, True], [("anna", "page", "both")]))
    assert not writing.slip_path(Home(tmp_path)).exists()


def test_what_a_hand_wrote_after_the_crash_is_left_to_it(tmp_path: Path) -> None:
    lay_out_files(tmp_path)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "1"], cwd=ROOT, timeout=60)
    mine = text_of(LEVELS) + "# 手改\n"
    (tmp_path / LEVELS).write_text(mine, encoding="utf-8")
    with open_room(tmp_path) as room:
        room.notice()
    assert (tmp_path / LEVELS).read_text("utf-8") == mine and "10:10" in (tmp_path / PROGRAMME).read_text("utf-8")


def test_threads_do_not_overwrite_one_another(tmp_path: Path) -> None:
    with open_room(tmp_path) as room:
        tag = room.open().tag
        places = [0, 1, 4, 6]
        threads = [
            threading.Thread(
                target=room.publish, args=(tag, [edit(("dayparts", place, "title", "en"), f"Part {place}")]),
                kwargs={"who": f"p{place}", "anyway": True},
            )
            for place in places
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        parts = room.open().programme["dayparts"]
        assert [parts[place]["title"]["en"] for place in places] == [f"Part {place}" for place in places]
        assert len([one for one in room.versions() if one.how == "page"]) == len(places)


def test_half_a_publication_is_known_as_such(tmp_path: Path) -> None:
    with open_room(tmp_path) as room:
        assert not writing.under_way(Home(tmp_path))
        room.publish(room.open().tag, weather_until("10:10"), who="anna")
        assert not writing.under_way(Home(tmp_path))
    home, old, new = Home(tmp_path), (tmp_path / LEVELS).read_text("utf-8"), "levels: {}\n"
    slip = writing.Slip({LEVELS: new}, {LEVELS: hashed(old)}, "anna", "page", "", "", "plan.publish", {})
    with writing.held(home):
        writing.put_down(home, slip)
        assert writing.under_way(home) and not writing.finished(home)
    assert writing.finished(home) and not writing.under_way(home)
    assert (tmp_path / LEVELS).read_text("utf-8") == new


@pytest.mark.parametrize("age_s", [3600, -86400], ids=["an hour old", "from a clock that was set back"])
def test_what_a_crash_left_half_airs_whole(age_s: int, tmp_path: Path) -> None:
    store(tmp_path)
    home, air, script = Home(tmp_path), Air(), "announcements/call.yaml"
    old = {file: (tmp_path / file).read_text("utf-8") for file in (script, LEVELS)}
    new = {script: old[script].replace("请听", "再听"), LEVELS: old[LEVELS].replace("[24", "[23")}
    before = {file: hashed(words) for file, words in old.items()}
    writing.put_down(home, writing.Slip(new, before, "anna", "page", "both", "", "plan.publish", {}))
    (tmp_path / script).write_text(new[script], encoding="utf-8")
    then = time.time() - age_s
    os.utime(writing.slip_path(home), (then, then))
    one = keeper(tmp_path, air, HandClock(NOON))
    one.start()
    try:
        wait(lambda: air.taken, 30, "the plan on air")
    finally:
        one.stop()
    assert "再听" in air.taken[0][0].model_dump_json() and (tmp_path / LEVELS).read_text("utf-8") == new[LEVELS]
    assert 23 in {level.low for level in air.taken[0][0].levels.levels.values()}


def test_a_hand_after_a_crash_is_a_version_of_its_own(tmp_path: Path) -> None:
    lay_out_files(tmp_path)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "2"], cwd=ROOT, timeout=60)
    mine = text_of("config/calendar.yaml") + "# 手改\n"
    (tmp_path / "config" / "calendar.yaml").write_text(mine, encoding="utf-8")
    with open_room(tmp_path) as room:
        room.notice()
        told = [(one.how, one.changed) for one in room.versions()[:2]]
    assert told == [("file", ("config/calendar.yaml",)), ("page", (LEVELS, PROGRAMME))]
