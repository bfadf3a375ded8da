"""What the notices' desk asks of the plan: when something would be heard, remarks, what a draft names wrongly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.errors import MediaError
from broadcaster.notices.advertising import AdvertisingWords, load_words
from broadcaster.notices.airing import Past
from broadcaster.notices.desk import Helpers
from broadcaster.notices.lint import LintContext, lint
from broadcaster.notices.lint_remark import Remark
from broadcaster.notices.models import NoticeDraft
from broadcaster.plan.calendar import day_of, ranking
from broadcaster.plan.faults import did_you_mean
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.casting import cast
from broadcaster.rooms.sayings import chime_path, recording_path
from broadcaster.rundown.events import Notice
from broadcaster.rundown.preview import Heard, heard_times
from broadcaster.settings import Home
from broadcaster.voice.estimate import estimate_s

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Reading

UNKNOWN_RECORDING_S = 30.0
"""What a recording is taken for that nobody measured."""


class PlanHelp:
    """Answers from the plan of the moment; without one, there are no times and nothing is named wrongly."""

    def __init__(
        self,
        home: Home,
        plan: Callable[[], Plan | None],
        almanac: Almanac,
        today: Callable[[], date],
        *,
        recording_s: Callable[[Path], float] | None = None,
        knows_voice: Callable[[str], bool] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._home = home
        self._plan = plan
        self._almanac = almanac
        self._today = today
        self._recording_s = recording_s
        self._knows_voice = knows_voice
        self._now = now
        self._words: tuple[float, AdvertisingWords] | None = None

    def helpers(self, *, read: Callable[[str, str], Reading] | None = None, past: Past | None = None) -> Helpers:
        """All of it, for the desk; ``read`` is the voice's, ``past`` the log's."""
        return Helpers(
            read=read,
            language=self.language,
            lint=self.lint,
            length=self.length,
            planner=self,
            fault=self.fault,
            vendor_approvals=self.vendor_approvals,
            day_types=self.day_types,
            past=past,
        )

    def heard(self, on: date, before: Sequence[Notice], after: Sequence[Notice], ref: str) -> Heard:
        """See :class:`broadcaster.notices.preview.Planner`."""
        plan = self._plan()
        if plan is None:
            return Heard((), (), (), ())
        without = self._almanac.compile(plan, on, before)
        return heard_times(without, self._almanac.compile(plan, on, after), ref)

    def lint(self, draft: NoticeDraft, seconds: float) -> tuple[Remark, ...]:
        """Remarks on a draft, one airing of which lasts about so many seconds."""
        plan = self._plan()
        hours = (plan.calendar.hours.open, plan.calendar.hours.close) if plan else None
        places = [
            rule.place
            for rule in (plan.programme.spots if plan and draft.when.rotation else ())
            if rule.rotation == draft.when.rotation and rule.place is not None
        ]
        known = seconds if draft.recording is None or self._recording_s is not None else None
        return lint(
            draft,
            LintContext(
                today=self._today(),
                words=self._advertising(),
                seconds=known,
                estimated=draft.recording is None,
                limit_s=min(places, default=None),
                hours=hours,
                now_s=self._of_today(plan),
            ),
        )

    def _of_today(self, plan: Plan | None) -> int | None:
        """Seconds of today's wall clock that are over; None where nobody knows."""
        if plan is None or self._now is None:
            return None
        now = self._now().astimezone(plan.station.tz)
        return now.hour * 3600 + now.minute * 60 + now.second

    def length(self, draft: NoticeDraft, reading: Reading | None) -> float:
        """About how many seconds one airing lasts."""
        if draft.recording is not None:
            return self._recorded(draft.recording) * draft.read + draft.pause * (draft.read - 1)
        plan = self._plan()
        speed = draft.speed
        if plan is not None:
            speed = cast(plan.voices, draft.voice or plan.station.voice, speed=draft.speed).manner.speed
        text = reading.spoken if reading is not None else draft.text
        chime = bool(draft.chime)
        if speed is None:
            return estimate_s(text, draft.read, draft.pause, chime)
        return estimate_s(text, draft.read, draft.pause, chime, speed=speed)

    def language(self, draft: NoticeDraft) -> str:
        """The language of a draft's voice: numbers are other words in each."""
        plan = self._plan()
        return cast(plan.voices, draft.voice or plan.station.voice).language if plan is not None else "zh"

    def fault(self, draft: NoticeDraft) -> str:
        """What of the plan a draft names wrongly, in words; empty if nothing."""
        try:
            chime_path(self._home, draft.chime)
            if draft.recording is not None:
                recording_path(self._home, draft.recording)
        except MediaError as error:
            return str(error)
        plan = self._plan()
        if plan is None:
            return ""
        named = [
            ("日类型", "day type", name, ranking(plan.calendar)) for name in (*draft.when.days, *draft.when.unless)
        ]
        if draft.when.rotation is not None:
            named.append(("轮播", "rotation", draft.when.rotation, tuple(plan.programme.rotations)))
        if draft.level is not None:
            named.append(("档位", "level", draft.level, tuple(plan.levels.levels)))
        house = tuple(plan.voices.voices)
        if draft.voice is not None and self._knows_voice is not None and not self._knows_voice(draft.voice):
            named.append(("声音", "voice", draft.voice, house))
        for kind, kind_en, name, known in named:
            if name not in known:
                hint_zh, hint_en = did_you_mean(name, known)
                return f"没有{kind}“{name}”。{hint_zh} / no {kind_en} “{name}”. {hint_en}"
        return ""

    def vendor_approvals(self) -> int:
        """Approvals that vendors' notices need."""
        plan = self._plan()
        return plan.station.notices.vendor_approvals if plan is not None else 1

    def day_types(self, on: date) -> Collection[str]:
        """The types of a date."""
        plan = self._plan()
        return day_of(plan, on).type_set if plan is not None else ()

    def _recorded(self, name: str) -> float:
        if self._recording_s is None:
            return UNKNOWN_RECORDING_S
        try:
            return self._recording_s(recording_path(self._home, name))
        except MediaError:
            return UNKNOWN_RECORDING_S

    def _advertising(self) -> AdvertisingWords:
        try:
            changed = (self._home.root / "config" / "advertising-words.yaml").stat().st_mtime
        except OSError:
            changed = 0.0
        if self._words is None or self._words[0] != changed:
            self._words = changed, load_words(self._home.root)[0]
        return self._words[1]
