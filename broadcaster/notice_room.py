"""Looks after the notices: has what is approved spoken, and the air told of every change, by whichever process."""

from __future__ import annotations

import logging
import threading

from broadcaster.almanac import Almanac
from broadcaster.clock import Clock, monotonic
from broadcaster.errors import BroadcasterError
from broadcaster.notices.desk import NoticeDesk
from broadcaster.notices.models import NoticeRecord, number_of
from broadcaster.plan.plan import Clip, Plan
from broadcaster.plan_keeper import PlanKeeper
from broadcaster.rundown.events import Spot
from broadcaster.sayings import notice_utterance
from broadcaster.settings import Home
from broadcaster.store.kept_days import DayText
from broadcaster.voice.studio import Studio

log = logging.getLogger(__name__)

LOOK_S = 1.0
RENEW_S = 60.0
"""So often it is asked whether what is ready would be spoken differently now: a corrected reading, another voice."""

KEEP_S = 600.0
"""So often the day's texts are kept, besides when a notice changed."""


class NoticeRoom:
    """Runs a thread.

    ``trouble`` is why the notices can't be read, empty when they can; ``speaking`` is the one being rendered.
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
        self._renewed_at = self._kept_at = float("-inf")
        self._wake = threading.Event()
        self._stopping = False
        self.trouble = ""
        self.speaking = ""

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._work, name="notices", daemon=True).start()

    def stop(self) -> None:
        """End; what is being spoken is left."""
        self._stopping = True
        self._wake.set()

    def look(self) -> None:
        """Look now: something changed."""
        self._wake.set()

    def _work(self) -> None:
        while not self._stopping:
            try:
                busy = self._turn()
                self.trouble = ""
            except BroadcasterError as error:
                busy = False
                if str(error) != self.trouble:
                    log.error("the notices can't be looked after: %s", error)
                self.trouble = str(error)
            except Exception:
                # The outermost turn of this thread: what was approved before stays on air.
                busy = False
                log.exception("looking after the notices failed")
            if not busy:
                self._wake.wait(LOOK_S)
                self._wake.clear()

    def _turn(self) -> bool:
        """Take changes to the air, then speak one notice. True if there may be more to do at once."""
        stamp = self._desk.changed_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._almanac.forget()
            self._plans.retake()
            self._kept_at = float("-inf")
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
        self._kept_at = monotonic()
        today = self._clock.now().astimezone(plan.station.tz).date()
        rundown = self._almanac.rundown(plan, today)
        self._desk.keep_day_texts(today, [self._text(plan, spot) for spot in rundown.spots])
        self._desk.keep_promises(today, {one.ref: one.contracted for one in rundown.promises})

    def _text(self, plan: Plan, spot: Spot) -> DayText:
        script = plan.scripts.get(spot.ref) if spot.kind == "script" else None
        about = self._studio.about_key(spot.key) if spot.key else None
        record = self._desk.get(number_of(spot.ref)) if spot.kind == "notice" else None
        return DayText(
            ref=spot.ref,
            key=spot.key,
            title=spot.title.zh,
            text=spot.text or (script.text.strip() if script else ""),
            spoken=about.text if about else "",
            author=record.editor if record else "",
            approved_by=", ".join(verdict.who for verdict in record.approvals) if record else "",
        )

    def _renew(self) -> bool:
        """Speak one ready notice again that would sound differently now."""
        for record in self._desk.list(state="ready", limit=500):
            if self._stopping:
                return False
            try:
                utterance = notice_utterance(self._home, self._plans.plan, record.draft)
                kept = self._studio.cached(utterance)
            except BroadcasterError:
                continue
            if kept is None or str(kept.path) != record.clip_path:
                if self._speak(record):
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
