"""The starter's mall for scenarios from the job: the real daemon at a chosen time, real browsers, and what is heard.

Every playlist is a tone of its own above the voice's range, so that what is on air can be told from the samples alone.
"""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page
from scipy.signal import fftconvolve, firwin

from broadcaster.clock import monotonic
from broadcaster.publishing.publish import Publisher
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from tests.lab import signals
from tests.lab.analysis import FLOOR_DB, rms_db, to_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.lab.take import Take
from tests.live_kit import Daemon, running, wait
from tests.plan_kit import CHIMES, ROOT

TONES = {"staff-song": 6811.0, "welcome": 7411.0, "light": 8009.0, "english": 8597.0, "send-off": 9137.0}
VOICE_BELOW_HZ = 6000
BENT = 0.03
"""So far from its frequency a tone is still known; the tones are at least twice as far apart."""
HEARD_DB = -45.0
"""A tone or voice louder than this is on air; a ducked one of the quietest level still is."""
PASSWORD = "secret-word-1"
PEOPLE = (
    ("wanglan", "王兰", "announcer"),
    ("zhaomin", "赵敏", "announcer"),
    ("liqiang", "李强", "manager"),
    ("xiaomei", "小美", "promo"),
    ("laozhao", "老赵", "supervisor"),
    ("dashan", "大山", "it"),
)
WEEKDAY = date(2026, 11, 24)
PHONE = {"width": 390, "height": 844}


def prepared_mall(root: Path) -> Path:
    """Lay out the starter's plan with tones for music, and speak its scripts with the platform's voice."""
    for folder in ("config", "announcements"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("chimes"))
    for name, hz in TONES.items():
        signals.sine(root / f"playlists/{name}/01 tone.wav", hz, 60)
    for name in CHIMES:
        signals.sine(root / f"announcements/chimes/{name}.wav", 880, 1.0)
    publisher = Publisher(root)
    publication = publisher.publish(WEEKDAY)
    publisher.close()
    assert publication.fit, [str(fault) for fault in publication.wrong]
    return root


def add_people(root: Path) -> None:
    """Everybody's accounts, in the database of the real days: a rehearsal works on a copy."""
    database = open_database(Home(root).database)
    users = Users(database)
    for name, display, role in PEOPLE:
        users.add(name, display, role, PASSWORD)
    database.dispose()


def fresh(root: Path) -> Path:
    """The prepared mall as on its first day: the plan as the starter has it, its people, and nothing that happened."""
    for folder in ("config", "announcements"):
        for path in (root / folder).glob("*.yaml"):
            path.unlink()
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("chimes"), dirs_exist_ok=True)
    for name in ("rehearsal", "plan", "run"):
        shutil.rmtree(root / "var" / name, ignore_errors=True)
    for path in (root / "var").glob("broadcaster.db*"):
        path.unlink()
    add_people(root)
    return root


@dataclass
class Mall:
    """A home, a sound server, a browser; the daemon is started at whatever time a scenario is about."""

    root: Path
    sink: NullSink
    browser: Browser

    @contextmanager
    def at(self, local_time: str) -> Iterator[Running]:
        """The daemon, rehearsing from this local time on (``2026-11-24T09:59:30``), once it is on air."""
        with running(self.root, self.sink, "--at", local_time) as daemon:
            daemon.ready(60)
            yield Running(self, daemon)

    def text(self, name: str) -> str:
        """One file of the plan."""
        return (self.root / name).read_text(encoding="utf-8")


@dataclass
class Running:
    """The running mall."""

    mall: Mall
    daemon: Daemon

    @property
    def address(self) -> str:
        """Of the page."""
        return f"http://127.0.0.1:{self.daemon.port}"

    def get(self, path: str) -> Any:
        """A document of the API, asked for by nobody in particular."""
        with urllib.request.urlopen(f"{self.address}/api/v1{path}", timeout=20) as answer:
            return json.load(answer)

    def now(self) -> datetime:
        """The station's time."""
        zone = datetime.fromisoformat(self.get("/status")["now"]).tzinfo
        return datetime.fromtimestamp(monotonic() + self.daemon.clock_offset(), zone)

    def mono(self, clock: str) -> float:
        """The monotonic instant at which the station's clock shows ``HH:MM:SS`` today."""
        hours, minutes, seconds = (float(part) for part in clock.split(":"))
        asked = self.now().replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
        return asked.timestamp() - self.daemon.clock_offset() + seconds

    @contextmanager
    def person(self, name: str, *, phone: bool = False, language: str = "zh-CN") -> Iterator[Page]:
        """Somebody's browser, logged in. Afterwards no script of the page may have failed."""
        with self.visitor(phone=phone, language=language) as page:
            log_in(page, self.address, name)
            yield page

    @contextmanager
    def visitor(self, *, phone: bool = False, language: str = "zh-CN") -> Iterator[Page]:
        """A browser of nobody in particular."""
        context: BrowserContext = self.mall.browser.new_context(
            viewport=PHONE if phone else {"width": 1366, "height": 768},  # type: ignore[arg-type]
            locale=language, timezone_id="America/Los_Angeles", has_touch=phone, is_mobile=phone,
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(15_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        try:
            yield page
        finally:
            context.close()
        assert faults == []

    def heard(self, recorder: Recorder, clock: str, seconds: float) -> Take:
        """What the loudspeakers gave from a time of the station's clock on, once it is past."""
        start = self.mono(clock)
        limit = max(start + seconds - monotonic(), 0) + 20
        return recorder.wait_until(start + seconds, timeout=limit).slice(start, start + seconds)

    def rule_times(self, rule: str, on: date) -> list[str]:
        """When a rule's spots are planned on a date, as ``HH:MM:SS``."""
        spots = self.get(f"/rundown/{on.isoformat()}")["spots"]
        return [str(spot["at"])[11:19] for spot in spots if spot["rule"].partition(" (")[0] == rule]

    def aired(self, rule_or_ref: str, on: date) -> list[dict[str, Any]]:
        """Entries of the log whose spot's id or thing said has this in its name."""
        entries = self.get(f"/asrun/{on.isoformat()}")["entries"]
        return [one for one in entries if rule_or_ref in f"{one.get('spot_id')} {one.get('ref')}"]

    def on_air(self, mark: str, limit_s: float = 30) -> dict[str, Any]:
        """What the status says of a spot once it speaks, found by a part of its id or title."""

        def speaks() -> dict[str, Any] | None:
            status = self.daemon.status()
            spot = status["on_air"]["spot"] if status else None
            return spot if spot and mark in f"{spot['id']} {spot['title']}" else None

        found: dict[str, Any] = wait(speaks, limit_s, f"{mark} on air")
        return found


def log_in(page: Page, address: str, name: str) -> None:
    """Through the page, as a person does it."""
    page.goto(f"{address}/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def tone_db(take: Take, hz: float) -> float:
    """Usual level in dBFS of the tone nearest ``hz``, by pieces of 50 ms: the player bends its rate by up to some
    percent to be in time with the output again, and in a longer window at one frequency its tone would be lost."""
    size = take.rate // 20
    count = len(take.samples) // size
    pieces = take.samples[: count * size].mean(axis=1).reshape(count, size)
    window = np.hanning(size)
    heard = 2 * np.abs(np.fft.rfft(pieces * window, n=4 * size, axis=1)) / window.sum()
    at = np.fft.rfftfreq(4 * size, 1 / take.rate)
    return to_db(float(np.median(heard[:, np.abs(at / hz - 1) < BENT].max(axis=1)))) if count else FLOOR_DB


def playlist_heard(take: Take) -> str | None:
    """Whose tone is loudest in a take, if any is heard at all."""
    levels = {name: tone_db(take, hz) for name, hz in TONES.items()}
    name = max(levels, key=lambda one: levels[one])
    return name if levels[name] > HEARD_DB else None


def voice_of(take: Take) -> Take:
    """A take without the music: what is below its tones. The ends, where the tones are cut off, are silent."""
    from dataclasses import replace

    taps = firwin(801, (VOICE_BELOW_HZ + min(TONES.values())) / 2, window=("kaiser", 10.0), fs=take.rate)
    heard = fftconvolve(take.samples, taps[:, None], mode="same", axes=0).astype(np.float32)
    heard[:801] = heard[-801:] = 0
    return replace(take, samples=heard)


def speaks(take: Take) -> bool:
    """Whether somebody speaks in a take."""
    return rms_db(voice_of(take)) > HEARD_DB
