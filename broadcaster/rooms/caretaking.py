"""What the settings' pages need beside the plan: engines and voices to be heard, the weather tried out, backups."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.backup import Manifest, backup_to, glance
from broadcaster.clock import Clock, monotonic
from broadcaster.errors import UsageError
from broadcaster.ops.backups import Record, made_by_hand, read_record
from broadcaster.plan.models import WeatherSource
from broadcaster.publishing.casting import cast
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.voice.studio import Studio
from broadcaster.voice.utterance import Utterance
from broadcaster.weather.keeper import WeatherKeeper

SAMPLE = "亲爱的顾客,欢迎光临。今天全场满1000减200,活动到晚上9:30结束,祝您购物愉快。"
SAMPLE_EN = "Dear customers, welcome. Our offer ends at half past nine this evening. Enjoy your day."
ENGINES_KEPT_S = 60.0
KEPT = 10
"""So many backups are kept at least."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """A speech engine: ``missing`` says in words what it lacks, empty when it can speak."""

    name: str
    missing: str
    voices: tuple[tuple[str, str], ...]
    """Ids and languages of its voices."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of asking for the weather: the words that would be said, or why there are none."""

    text: str
    trouble_zh: str = ""
    trouble_en: str = ""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that is kept on this machine."""

    name: str
    size: int
    """Bytes."""
    manifest: Manifest | None
    """None for a damaged one."""


class Caretaker:
    """May be shared by threads."""

    def __init__(self, home: Home, clock: Clock, keeper: PlanKeeper, studio: Studio, trail: AuditTrail) -> None:
        self._home = home
        self._clock = clock
        self._plans = keeper
        self._studio = studio
        self._trail = trail
        self._engines_known: tuple[EngineState, ...] = ()
        self._engines_at = float("-inf")
        self._asking = threading.Lock()

    # --- voices

    def engines(self) -> Sequence[EngineState]:
        """The speech engines, best first. Only the first who asks waits for them."""
        if not self._engines_known:
            self._ask_engines()
        elif monotonic() - self._engines_at > ENGINES_KEPT_S and not self._asking.locked():
            threading.Thread(target=self._ask_engines, name="engines", daemon=True).start()
        return self._engines_known

    def _ask_engines(self) -> None:
        # A child process is asked.
        with self._asking:
            if not self._engines_known or monotonic() - self._engines_at > ENGINES_KEPT_S:
                self._engines_known, self._engines_at = tuple(self._engines()), monotonic()

    def _engines(self) -> Iterator[EngineState]:
        for speaker in self._studio.ladder.speakers:
            missing = speaker.missing() or ""
            voices = () if missing else tuple((one.id, one.language) for one in speaker.voices())
            yield EngineState(speaker.name, missing, voices)

    def sample(self, voice: str) -> Path:
        """A WAV of a sentence in a voice of the house. Raises ``VoiceError`` and ``UsageError``."""
        plan = self._plans.plan
        if plan is None or voice not in plan.voices.voices:
            raise UsageError(f"没有声音“{voice}” / there is no voice “{voice}”")
        chosen = cast(plan.voices, voice)
        text = SAMPLE_EN if chosen.language == "en" else SAMPLE
        said = Utterance(text=text, manner=chosen.manner, language=chosen.language, engine=chosen.engine)
        return Path(self._studio.render(said).path)

    # --- weather

    def try_weather(self, source: WeatherSource) -> Tried:
        """Ask the provider now, with these settings; some seconds where the network is bad. Nothing is kept."""
        plan = self._plans.plan
        if plan is None:
            raise UsageError("还没有可播的计划 / there is no plan yet")
        now = self._clock.now()
        with tempfile.TemporaryDirectory(prefix="weather-") as work:
            keeper = WeatherKeeper(source, plan.station.tz, Path(work) / "weather.json")
            outlook = keeper.look(now)
            if outlook is not None and outlook.text:
                return Tried(outlook.text)
            health = keeper.health(now)
        return Tried("", health.zh, health.en)

    # --- backups

    @property
    def _folder(self) -> Path:
        return self._home.var / "backups"

    def backups(self) -> Sequence[Backup]:
        """Those on this machine, newest first."""
        found = sorted(self._folder.glob("*.zip"), key=lambda path: path.name, reverse=True)
        return [Backup(path.name, path.stat().st_size, glance(path)) for path in found]

    def make_backup(self, *, music: bool, who: str, where: str) -> str:
        """Make one now, while the air goes on; its name. The oldest beyond the kept ones go. ``BackupError``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{self._clock.now():%Y%m%d-%H%M%S}.zip"
        manifest = backup_to(self._home, self._folder / name, music=music)
        made_by_hand(self._home, self._clock.now())
        detail = {"name": name, "files": len(manifest.files), "music": music}
        self._trail.record(who=who, what="backup.make", detail=detail, where=where)
        plan = self._plans.plan
        keep = max(KEPT, plan.station.backup.keep) if plan is not None else KEPT
        for old in sorted(self._folder.glob("*.zip"), reverse=True)[keep:]:
            old.unlink(missing_ok=True)
        return name

    def backup_record(self) -> Record:
        """What became of those that are made by themselves."""
        return read_record(self._home)

    def backup_file(self, name: str, *, who: str, where: str) -> Path:
        """The file of one, to be handed out. It holds everything, so that is noted. Raises ``UsageError``."""
        known = {path.name: path for path in self._folder.glob("*.zip")}
        if name not in known:
            raise UsageError(f"没有备份“{name}” / there is no backup “{name}”")
        self._trail.record(who=who, what="backup.download", detail={"name": name}, where=where)
        return known[name]
