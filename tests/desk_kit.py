"""The station of :mod:`tests.playout_kit` with the real desk for the hand on the air."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import cast

from broadcaster.engine.envelope import FLOOR_DB
from broadcaster.notices.desk import NoticeDesk
from broadcaster.notices.models import NoticeRecord
from broadcaster.plan.models import Levels
from broadcaster.plan.plan import Plan
from broadcaster.playout.interventions import Interventions
from broadcaster.rooms.air_desk import AirDesk
from broadcaster.rooms.air_reach import Reach
from broadcaster.rooms.at_hand import AtHand, DeskFeed
from broadcaster.rundown.events import Notice
from broadcaster.rundown.unsaid import Unsaid
from broadcaster.settings import Home
from broadcaster.store.notices import Notices
from broadcaster.voice.studio import Studio
from tests.notice_kit import AMY, BOB, TZ, clip, draft, timed
from tests.playout_kit import World, small_plan, spot

WHO = {"by": "wang", "where": "10.0.0.7"}
LOUDEST_BED_DB, LOUDEST_VOICE_DB = -2.0, 0.0


class DeskWorld(World):
    """Its daemon has a desk; a restart reads what the desk did."""

    def before_air(self) -> None:
        self.notice_desk = NoticeDesk(self.database, self.clock, lambda: TZ)
        self.desk_feed = DeskFeed(self.database, lambda: TZ, "main")
        self.desk = AirDesk(
            self.database,
            self.clock,
            Reach(
                plan=lambda: self.plan,
                on_air=lambda: self.conductor.on_air,
                rundown=lambda plan, on: self.almanac.rundown(plan, on),
                became=lambda on: self.log.spots_of(on),
                take=self._take,
                recompile=self.recompile,
                display=lambda name: {"wang": "王兰"}.get(name, name),
            ),
            AtHand(self._home, self.clock, Notices(self.database), cast(Studio, None)),
            zone="main",
        )
        self.desk.load()

    def _take(self, hands: Interventions) -> None:
        self.conductor.take_interventions(hands)

    def recompile(self) -> None:
        """What the notices' room does when something changed."""
        self.almanac.forget()
        self.take(self.plan, self.since)

    def notices_of(self, on: date) -> tuple[Notice, ...]:
        return (*self.notices, *self.notice_desk.feed(on), *self.desk_feed.feed(on))

    def unsaid_of(self, on: date) -> Unsaid:
        return self.desk_feed.unsaid(on)

    def said(self, text: str = "请失主到服务台", **changes: object) -> NoticeRecord:
        """A notice for the afternoon, approved and spoken."""
        record = self.notice_desk.submit(draft(text, when=timed(("16:00",)), **changes), AMY)
        self.notice_desk.approve(record.id, 1, BOB)
        assert self.notice_desk.mark_ready(record.id, 1, clip(f"n{record.id}", 12.0))
        self.recompile()
        return record

    def audible(self, bus: str) -> list[str]:
        """Paths of what can be heard on a bus."""
        now = self.clock.mono()
        found = self.tape.at("bed" if bus == "bed" else "voice", now)
        return [sound.path for sound in found if sound.gain_db(now) > FLOOR_DB]

    @property
    def track(self) -> str:
        """Id of the track on air."""
        track = self.conductor.on_air.track
        assert track is not None
        return track.item.id

    def home(self) -> Home:
        """Its folder."""
        return self._home


def desk_plan(*spots: dict[str, object], **more: object) -> Plan:
    """A plan whose levels have a range: the bed 22 to 26, speech 20 to 23."""
    plan = small_plan(*(spots or (spot("a", "10:00:00", 20.0),)), soft=24.0, **more)  # type: ignore[arg-type]
    levels = Levels.model_validate(
        {"levels": {"soft": {"title": "轻", "range": [22, 26]}, "speech": {"title": "人声", "range": [20, 23]}}}
    )
    return plan.model_copy(update={"levels": levels})


@contextmanager
def desk_world(folder: Path, plan: Plan, at: datetime) -> Iterator[DeskWorld]:
    """A running station with a desk; its database is closed afterwards."""
    one = DeskWorld(folder / "home", plan, at)
    try:
        yield one
    finally:
        one.kill()


__all__ = ["LOUDEST_BED_DB", "LOUDEST_VOICE_DB", "WHO", "DeskWorld", "desk_plan", "desk_world", "spot"]
