"""The scripts as their files say them: where they are used, when they come next, how they are read and sound."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.clock import Clock
from broadcaster.errors import UsageError
from broadcaster.plan.faults import Fault, Language
from broadcaster.plan.files import read
from broadcaster.plan.models import Names, Script
from broadcaster.plan.plan import Plan, clip_name
from broadcaster.plan.salvage import salvage
from broadcaster.publishing.almanac import Almanac
from broadcaster.rooms.media_sheets import ScriptSheet
from broadcaster.rooms.media_uses import script_uses
from broadcaster.rooms.sayings import file_utterance
from broadcaster.settings import Home
from broadcaster.voice.studio import Studio

if TYPE_CHECKING:
    from broadcaster.publishing.plan_keeper import PlanKeeper
    from broadcaster.voice.reading.model import Reading

LOOK_AHEAD_DAYS = 2
LANGUAGES: tuple[Language, Language] = ("zh", "en")
_Mark = tuple[int, int]


class RunningScripts:
    """See :class:`broadcaster.web.media_office.ScriptRoom`. May be shared by threads."""

    def __init__(self, home: Home, clock: Clock, keeper: PlanKeeper, almanac: Almanac, studio: Studio) -> None:
        self._home, self._clock, self._plans, self._almanac, self._studio = home, clock, keeper, almanac, studio
        self._parsed: dict[Path, tuple[_Mark, Script, tuple[Fault, ...]]] = {}
        self._lock = threading.Lock()

    def scripts(self) -> Sequence[ScriptSheet]:
        plan, coming = self._plans.plan, self._coming()
        paths = sorted((self._home.root / "announcements").glob("*.yaml"))
        return [self._sheet(path, plan, coming) for path in paths if not path.name.startswith(".")]

    def script(self, name: str) -> ScriptSheet:
        found = next((path for path in (self._home.root / "announcements").glob("*.yaml") if path.stem == name), None)
        if found is None:
            raise UsageError(f"没有文稿“{name}” / there is no script “{name}”")
        return self._sheet(found, self._plans.plan, self._coming())

    def read(self, script: Script) -> Reading | None:
        if script.recording or not script.text.strip():
            return None
        # Who looks at it will want it spoken.
        self._studio.warm()
        return self._studio.read(script.text, file_utterance(self._home, self._plans.plan, script).language)

    def hear(self, script: Script) -> Path:
        return Path(self._studio.render(file_utterance(self._home, self._plans.plan, script)).path)

    def _sheet(self, path: Path, plan: Plan | None, coming: dict[str, datetime]) -> ScriptSheet:
        name = path.stem
        file = f"announcements/{path.name}"
        script, faults = self._parse(path, file)
        clip = plan.clips.get(clip_name(name, script.read)) if plan and plan.scripts.get(name) == script else None
        others = [fault for fault in self._plans.faults if fault.file == file and fault not in faults]
        told = [_told(fault) for fault in (*faults, *others) if not fault.warning]
        return ScriptSheet(
            id=name,
            script=script,
            file=file,
            used_by=script_uses(name, plan.programme, plan.station) if plan else (),
            next_at=coming.get(name),
            duration_s=clip.duration_s if clip and clip.path else None,
            faults=tuple(told),
        )

    def _parse(self, path: Path, file: str) -> tuple[Script, tuple[Fault, ...]]:
        """The file's script; mended, with its faults, where it is none."""
        try:
            found = path.stat()
        except OSError:
            raise UsageError(f"没有文稿“{path.stem}” / there is no script “{path.stem}”") from None
        mark = (found.st_size, found.st_mtime_ns)
        with self._lock:
            known = self._parsed.get(path)
        if known and known[0] == mark:
            return known[1], known[2]
        document, faults = read(path, file)
        saved = salvage(document, Script) if document else None
        script = saved.model if saved and saved.model else Script(title=Names(zh=path.stem))
        faults = [*faults, *(saved.faults if saved else ())]
        with self._lock:
            self._parsed[path] = (mark, script, tuple(faults))
        return script, tuple(faults)

    def _coming(self) -> dict[str, datetime]:
        """Next airing of each script, today or tomorrow."""
        plan = self._plans.plan
        if plan is None:
            return {}
        now = self._clock.now()
        today = now.astimezone(plan.station.tz).date()
        found: dict[str, datetime] = {}
        for on in (today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD_DAYS)):
            for spot in self._almanac.rundown(plan, on).spots:
                if spot.kind == "script" and spot.at >= now:
                    found[spot.ref] = min(found.get(spot.ref, spot.at), spot.at)
        return found


def _told(fault: Fault) -> Names:
    entry = f"{fault.field}: " if fault.field else ""
    zh, en = (f"{entry}{fault.message(one)} {fault.remedy(one)}".strip() for one in LANGUAGES)
    return Names(zh=zh, en=en)
