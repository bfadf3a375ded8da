"""Looks after the notices: has what is approved spoken, and the air told of every change, by whichever process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from broadcaster.clock import Clock, monotonic
from broadcaster.errors import BroadcasterError, NoticeError
from broadcaster.notices.desk import RETRY, NoticeDesk
from broadcaster.notices.models import NoticeRecord
from broadcaster.plan.plan import Clip, Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rooms.sayings import notice_utterance
from broadcaster.rundown.events import Spot
from broadcaster.settings import Home
from broadcaster.store.kept_days import DayText
from broadcaster.store.notice_names import number_of
from broadcaster.voice.studio import Studio

log = logging.getLogger(__name__)

WATCH_S = 0.25
"""A notice that is withdrawn has to fall silent at once, whoever withdrew it."""
WORK_S = 0.5
HURT_S = 5.0
"""Rest after what should never happen."""

RENEW_S = 60.0
"""So often it is asked whether what is ready would be spoken differently now: a corrected reading, another voice."""

KEEP_S = 600.0
"""So often the day's texts are kept, besides when a notice changed."""
KEEP_AGAIN_S = 30.0
"""The same after it failed."""


class NoticeRoom:
    """Runs two threads: what airs must not wait for what is being spoken.

    ``speaking`` is the title of the one being rendered.
    """

    def __init__(
        self, home: Home, clock: Clock, keeper: PlanKeeper, almanac: Almanac, desk: NoticeDesk, studio: Studio
    ) -> None:
        self._home = home
        self._clock = clock
        self._plans = keeper
        self._almanac = almanac
        self._desk = desk
        self._studio = studio
        self._stamp: object = None
        self._taken_at = self._renewed_at = self._kept_at = float("-inf")
        self._unrenewed: dict[int, float] = {}
        self._stop = threading.Event()
        self._troubles: dict[str, str] = {}
        self.speaking = ""

    @property
    def trouble(self) -> str:
        """Why the notices can't be looked after, in words; empty when they can."""
        return "; ".join(dict.fromkeys(list(self._troubles.values())))

    def start(self) -> None:
        """Begin."""
        for name, turn, pause_s in (("notices", self._take, WATCH_S), ("notices-voice", self._work, WORK_S)):
            threading.Thread(target=self._run, args=(name, turn, pause_s), name=name, daemon=True).start()

    def stop(self) -> None:
        """End; what is being spoken is left."""
        self._stop.set()

    def _run(self, name: str, turn: Callable[[], bool], pause_s: float) -> None:
        while not self._stop.is_set():
            rest_s = self._safely(name, turn, pause_s)
            self._stop.wait(rest_s)

    def _safely(self, name: str, turn: Callable[[], bool], pause_s: float) -> float:
        """One turn; returns seconds until the next."""
        try:
            busy = turn()
        except BroadcasterError as error:
            if str(error) != self._troubles.get(name):
                log.error("the notices can't be looked after: %s", error)
            self._troubles[name] = str(error)
            return pause_s
        except Exception as error:
            # The outermost turn of a thread: what was approved before stays on air.
            log.exception("looking after the notices failed")
            self._troubles[name] = f"{type(error).__name__}: {error}"
            return HURT_S
        self._troubles.pop(name, None)
        return 0.0 if busy else pause_s

    def _take(self) -> bool:
        """Have the air hear of a change, by whichever process."""
        stamp = self._desk.changed_stamp()
        # What could not be read a moment ago is asked for again, but not in each turn: a day is compiled each time.
        again = self._almanac.missed and monotonic() - self._taken_at > 1.0
        if stamp == self._stamp and not again:
            return False
        self._taken_at = monotonic()
        self._almanac.forget()
        self._plans.retake()
        self._stamp = stamp
        self._kept_at = float("-inf")
        return False

    def _work(self) -> bool:
        """Keep the day's texts, then speak one notice. True if there may be more to do at once."""
        self._keep_day()
        if self._plans.plan is None:
            # The voices of the house are not known yet.
            return False
        if waiting := self._desk.to_render():
            self._speak(waiting[0])
            return True
        if monotonic() - self._renewed_at > RENEW_S:
            self._renewed_at = monotonic()
            return self._renew()
        return False

    def _keep_day(self) -> None:
        """Keep what today's rundown says and promises, for inspection and for make-goods."""
        plan = self._plans.plan
        if plan is None or monotonic() - self._kept_at < KEEP_S:
            return
        begun = monotonic()
        # Tried again soon if it fails, but not in each turn: it must not keep notices from being spoken.
        self._kept_at = begun - KEEP_S + KEEP_AGAIN_S
        today = self._clock.now().astimezone(plan.station.tz).date()
        rundown = self._almanac.rundown(plan, today)
        self._desk.keep_day_texts(today, [self._text(plan, spot) for spot in rundown.spots])
        self._desk.keep_promises(today, {one.ref: one.contracted for one in rundown.promises})
        if self._kept_at != float("-inf"):
            self._kept_at = begun

    def _text(self, plan: Plan, spot: Spot) -> DayText:
        script = plan.scripts.get(spot.ref) if spot.kind == "script" else None
        about = self._studio.about_key(spot.key) if spot.key else None
        record = self._record(spot) if spot.kind == "notice" else None
        return DayText(
            ref=spot.ref,
            key=spot.key,
            title=spot.title.zh,
            text=spot.text or (script.text.strip() if script else ""),
            spoken=about.text if about else "",
            author=record.editor if record else "",
            approved_by=", ".join(verdict.who for verdict in record.approvals) if record else "",
        )

    def _record(self, spot: Spot) -> NoticeRecord | None:
        try:
            return self._desk.get(number_of(spot.ref))
        except NoticeError:
            # One that was tampered with must not cost the others their place in the day's texts.
            return None

    def _renew(self) -> bool:
        """Speak one ready notice again that would sound differently now."""
        for record in self._desk.list(state="ready", limit=500):
            if self._stop.is_set():
                return False
            if monotonic() - self._unrenewed.get(record.id, float("-inf")) < RETRY.total_seconds():
                # The others must not wait for one that nobody can speak.
                continue
            try:
                utterance = notice_utterance(self._home, self._plans.plan, record.draft)
                kept = self._studio.cached(utterance)
            except BroadcasterError:
                continue
            if kept is None or str(kept.path) != record.clip_path:
                if not self._speak(record):
                    self._unrenewed[record.id] = monotonic()
                # The others are looked at in the next turns.
                self._renewed_at = float("-inf")
                return True
        return False

    def _speak(self, record: NoticeRecord) -> bool:
        """False if nothing came of it."""
        self.speaking = record.draft.title
        try:
            recording = self._studio.render(notice_utterance(self._home, self._plans.plan, record.draft))
        except BroadcasterError as error:
            log.error("notice %d can't be spoken: %s", record.id, error)
            self._desk.mark_failed(record.id, record.revision, str(error))
            return False
        finally:
            self.speaking = ""
        if record.state == "ready" and str(recording.path) == record.clip_path:
            return False
        about = self._studio.about(recording)
        facts = {"engine": about.engine or "", "voice": about.voice, "text": about.text} if about else {}
        clip = Clip(path=recording.path, duration_s=recording.duration_s, key=recording.key)
        self._desk.mark_ready(record.id, record.revision, clip, facts)
        log.info("notice %d is ready: %.1f s by %s", record.id, recording.duration_s, facts.get("engine"))
        return True
