"""The starter kit's plan as test material: broken in one place or several, compiled without audio, or with a little."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from broadcaster.plan.faults import Fault
from broadcaster.plan.load import read_plan
from broadcaster.plan.plan import Clip, Plan, Playlist, Track
from broadcaster.publishing.publish import Publisher, assemble
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown
from tests.lab.signals import sine

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 1)
WEEKDAY, WEEKEND = date(2026, 11, 24), date(2026, 11, 28)

STATION, LEVELS, CALENDAR, PROGRAMME = (
    f"config/{name}.yaml" for name in ("station", "levels", "calendar", "programme")
)
PLAYLISTS = ("staff-song", "welcome", "light", "english", "send-off")
CHIMES = ("ding-dong", "four-tone")

#: True of every plan that is read quickly, and of every look beyond the arrangement that is published.
USUAL = frozenset({"estimated", "holidays-unpublished"})


def text_of(file: str) -> str:
    """A file of the starter kit."""
    return (ROOT / file).read_text(encoding="utf-8")


def edited(file: str, *edits: tuple[str, str]) -> str:
    """A file of the starter kit with the first coming of each text replaced by another."""
    text = text_of(file)
    for old, new in edits:
        assert old in text, f"{file} has no {old!r}"
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, mark: str) -> int:
    """Number, from 1, of the line where a text first begins."""
    return text.count("\n", 0, text.index(mark)) + 1


def lay_out_files(home: Path) -> Path:
    """The starter kit's text files, with empty files where audio belongs."""
    for folder in ("config", "announcements"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("chimes"))
    for place in (*(f"playlists/{name}/01 x" for name in PLAYLISTS), *(f"announcements/chimes/{c}" for c in CHIMES)):
        path = home / f"{place}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return home


@cache
def silent_home() -> Path:
    """One home without sound for all tests that don't write to it."""
    return lay_out_files(_temporary())


def faults_of(instead: Mapping[str, str], today: date = TODAY, home: Path | None = None) -> list[Fault]:
    """What the check tells about the starter kit with some texts exchanged; nothing is rendered."""
    found = Publisher(home or silent_home()).publish(today, render=False, instead=instead)
    return [fault for fault in found.faults if fault.code not in USUAL]


def plan_with(instead: Mapping[str, str] | None = None, *, clip_s: float = 20.0, track_s: float = 200.0) -> Plan:
    """The starter plan with some texts exchanged; every reading of a script and every track has the same length."""
    draft = read_plan(silent_home(), instead)
    assert draft.programme is not None
    clips = {
        f"{name}*{read}": Clip(path=None, duration_s=clip_s * read, key=f"{name}{read}")
        for name in draft.scripts
        for read in (1, 2, 3)
    }
    playlists = {
        name: Playlist(
            id=name,
            tracks=tuple(Track(title=f"{name} {n}", file=f"{n}", path=f"{name}{n}", duration_s=track_s) for n in "ab"),
        )
        for name in draft.playlists
    }
    plan = assemble(draft, playlists, clips)
    assert plan is not None
    return plan


def rundown_with(on: date, instead: Mapping[str, str] | None = None, **lengths: float) -> Rundown:
    """The date's rundown of such a plan."""
    return compile_rundown(plan_with(instead, **lengths), (), on)


def marked_calendar(on: date, entry: str) -> dict[str, str]:
    """The starter calendar with one date set."""
    return {CALENDAR: edited(CALENDAR, ("dates: {}", f"dates: {{{on}: {entry}}}"))}


def times(rundown: Rundown, *dayparts: str) -> list[str]:
    """``from–to`` of the segments of those dayparts, as local wall time."""
    return [
        f"{segment.start.astimezone(rundown.tz):%H:%M}–{segment.end.astimezone(rundown.tz):%H:%M}"
        for segment in rundown.segments
        if segment.daypart in dayparts
    ]


# --- a home that sounds -----------------------------------------------------------------------------------------------

_SPOKEN = "text: |\n"


@cache
def sounding_home() -> Path:
    """One home with a few seconds of real music and short real speech, everything prepared. See ``restored``."""
    home = _temporary()
    for folder in ("config", "announcements"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("chimes"))
    for script in (home / "announcements").glob("*.yaml"):
        text = script.read_text(encoding="utf-8")
        head, _, words = text.partition(_SPOKEN)
        script.write_text(f"{head}{_SPOKEN}  {words.strip()[:9]}。\n", encoding="utf-8")
    for number, name in enumerate(PLAYLISTS):
        (home / "playlists" / name).mkdir(parents=True)
        sine(home / "playlists" / name / f"01 {name}.wav", 220 + 50 * number, 3.0)
    (home / "announcements" / "chimes").mkdir()
    for name, hz in zip(CHIMES, (880, 660), strict=True):
        sine(home / "announcements" / "chimes" / f"{name}.wav", hz, 1.0)
    publication = Publisher(home).publish(TODAY)
    assert publication.fit and not publication.wrong, publication.wrong
    return home


def restored() -> Path:
    """The sounding home with its plan as it was, and without any database."""
    home = sounding_home()
    shutil.copytree(ROOT / "config", home / "config", dirs_exist_ok=True)
    for left in (home / "var").glob("broadcaster.db*"):
        left.unlink()
    shutil.rmtree(home / "var" / "run", ignore_errors=True)
    return home


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, all of it, as one JSON document."""
        return json.loads(self.out)


def run(home: Path | None, *arguments: str, **environment: str) -> Ran:
    """Run ``broadcaster --home HOME ...`` as a process of its own; the output must be UTF-8."""
    command = [sys.executable, "-m", "broadcaster", *(["--home", str(home)] if home else []), *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, timeout=120)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-plan-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
