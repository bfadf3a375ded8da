"""Killed in the middle of a publication, and several at once: the plan is one version or the other, never a mixture."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from broadcaster.editing import writing
from broadcaster.settings import Home
from tests.plan_kit import LEVELS, PROGRAMME, ROOT, lay_out_files, text_of
from tests.plan_room_kit import edit, open_room, weather_until

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
    writing.put_down(Home(tmp_path), writing.Slip({}, {}, "anna", "page", "", "", "plan.publish", {}))
    assert writing.under_way(Home(tmp_path))
