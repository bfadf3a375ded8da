"""A home with playlists and scripts, and the rooms of the page over it: real files, real decoding."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import numpy as np
import soundfile
from flask import Flask

from broadcaster.clock import RehearsalClock
from broadcaster.media.library import Library
from broadcaster.media.recording import SILENT_TAIL_S, Recording
from broadcaster.page_server import open_server
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.rooms.media_room import RunningMedia
from broadcaster.rooms.media_sheets import Upload
from broadcaster.rooms.script_room import RunningScripts
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database
from tests.plan_room_kit import open_room
from tests.web_fakes import ROOT, at, store_plan
from tests.web_offices import House, QuietVoice, open_house

WHO = {"who": "wanglan", "where": "10.0.0.7"}
SONGS = ("01 晨光.flac", "02 海风.flac", "03 晚霞.flac")


def sounding(recording: Recording) -> tuple[np.ndarray, int]:
    """Samples (n, 2) of a prepared recording without the silence behind it, which must be there; and its rate."""
    samples, rate = soundfile.read(recording.path, always_2d=True)
    frames = round(recording.duration_s * rate)
    assert len(samples) - frames == round(SILENT_TAIL_S * rate) and not samples[frames:].any()
    return samples[:frames], rate


def song(path: Path, hz: float = 330.0, seconds: float = 2.0, rate: int = 44_100) -> Path:
    """A tone with a little noise, in the format of the name's ending."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(round(hz)).standard_normal(len(t)) * 0.02
    tone = 0.2 * np.sin(2 * np.pi * hz * t) + noise
    soundfile.write(path, np.stack([tone, tone], axis=1), rate)
    return path


def song_bytes(name: str = "song.flac", hz: float = 500.0, seconds: float = 2.0, *, folder: Path) -> bytes:
    """The same as the bytes that a browser sends."""
    folder.mkdir(exist_ok=True)
    return song(folder / name, hz, seconds).read_bytes()


def lay_out(root: Path) -> Path:
    """The starter kit's texts, one playlist with three songs that nothing uses, one in use, and a chime."""
    for folder in ("config", "announcements"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("chimes"))
    for number, name in enumerate(SONGS):
        (root / "playlists" / "evening").mkdir(parents=True, exist_ok=True)
        song(root / "playlists" / "evening" / name, 300 + 40 * number)
    for number, name in enumerate(("light", "english", "welcome", "send-off", "staff-song")):
        (root / "playlists" / name).mkdir()
        song(root / "playlists" / name / f"01 {name}.flac", 500 + 30 * number)
    (root / "announcements" / "chimes").mkdir()
    song(root / "announcements" / "chimes" / "ding-dong.wav", 880, 1.2)
    return root


@dataclass
class Rooms:
    """What the tests look at."""

    home: Home
    media: RunningMedia
    scripts: RunningScripts
    trail: AuditTrail
    looked: list[str]
    """One entry for each time that the plan's files were to be looked at."""

    def send(self, content: bytes, name: str, place: str = "playlists/evening", **how: Any) -> Upload:
        """Send a file and wait for the verdict."""
        length = how.pop("length", len(content))
        upload = self.media.receive(BytesIO(content), name, place, length=length, **WHO)
        return self.verdict(upload.id)

    def verdict(self, number: str) -> Upload:
        """What became of an upload."""
        found: Upload = wait_for(lambda: one if (one := self.media.upload(number)).state != "checking" else None)
        return found

    def titles(self, name: str = "evening") -> list[str]:
        """The titles of a playlist in order."""
        return [track.title for track in self.media.playlist(name).tracks]

    def left(self) -> list[Path]:
        """What lies about of files that are not in."""
        return list((self.home.var / "uploads").rglob("*"))


def wait_for(look: Callable[[], Any], seconds: float = 90.0) -> Any:
    """The first true answer. ``AssertionError`` after so many seconds."""
    deadline = monotonic() + seconds
    while not (found := look()):
        assert monotonic() < deadline, "waited in vain"
        sleep(0.02)
    return found


@contextmanager
def open_rooms(root: Path, *, upload_mb: int = 20, plan: Plan | None = None) -> Iterator[Rooms]:
    """The rooms over a home that was laid out."""
    home = Home(root)
    home.var.mkdir(exist_ok=True)
    database = open_database(home.database)
    clock, looked = RehearsalClock(at("10:37:40")), []
    keeper: Any = SimpleNamespace(plan=plan or store_plan(), faults=(), look=lambda: looked.append("look"))
    trail = AuditTrail(database, clock)
    library = Library(home.media)
    media = RunningMedia(home, clock, library, trail, lambda: keeper.plan, keeper.look, upload_mb=upload_mb)
    scripts = RunningScripts(home, clock, keeper, Almanac(None, clock), _Studio(root))  # type: ignore[arg-type]
    media.start()
    try:
        yield Rooms(home, media, scripts, trail, looked)
    finally:
        media.stop()
        database.dispose()


class _Studio:
    """Reads as the tests' quiet voice does."""

    def __init__(self, root: Path) -> None:
        self._voice = QuietVoice(root)

    def warm(self) -> None:
        return

    def read(self, text: str, language: str) -> Any:
        return self._voice.read(text, language)

    def render(self, utterance: Any) -> Any:
        return SimpleNamespace(path=str(self._voice.hear(utterance)))


@contextmanager
def open_media_house(folder: Path, **how: Any) -> Iterator[tuple[House, Rooms]]:
    """The offices of the other tests, with real rooms for scripts and playlists."""
    lay_out(folder / "home")
    with open_house(folder) as house, open_rooms(folder / "home", **how) as rooms, open_room(folder / "home") as plan:
        offices = replace(house.offices, media=rooms.media, scripts=rooms.scripts, plan=plan)
        yield replace(house, offices=offices), rooms


@contextmanager
def served(app: Flask, folder: Path, threads: int = 4) -> Iterator[str]:
    """The app behind the daemon's own server; its address."""
    server = open_server(app, host="127.0.0.1", port=0, threads=threads, folder=folder)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(10)


def _serve(server: Any) -> None:
    with suppress(OSError):  # closing takes its socket from under it; that is how it ends
        server.run()
