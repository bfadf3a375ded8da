"""A whole day of the starter programme in virtual time."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.playout.protocol import SILENT_DB, Stop
from tests.playout_kit import World, local, starter_plan

TUESDAY = local("00:00:00").date() + timedelta(days=1)
DUCK_DB = -14.0


class Listener:
    """Notes, at every turn, how the bed differs from the rundown."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults: list[str] = []
        self.checks = 0
        self.spots = [(spot.at, spot.end, spot.bed) for spot in world.rundown(TUESDAY).spots]

    def listen(self) -> None:
        depth_db = self._depth_db()
        self.checks += 1
        self.faults += self.world.bed_faults(depth_db)

    def _depth_db(self) -> float | None:
        now = self.world.now
        depth_db: float | None = 0.0
        while self.spots and self.spots[0][1] + timedelta(seconds=6) < now:
            del self.spots[0]
        for at, end, bed in self.spots[:2]:
            if at <= now <= end:
                return SILENT_DB if bed == "stop" else DUCK_DB
            if at - timedelta(seconds=0.7) <= now < at or end < now < end + timedelta(seconds=5.8):
                depth_db = None
        return depth_db


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Listener]:
    world = World(tmp_path_factory.mktemp("day"), starter_plan(), local("09:15:00"))
    world.turn_s = 0.4
    world.run_to(local("09:19:00"))
    listener = Listener(world)
    world.each_turn = listener.listen
    world.run_to(local("17:32:00"))
    return world, listener


def test_every_spot_airs_once_on_its_very_instant(day: tuple[World, Listener]) -> None:
    world, _ = day
    starts = [(sound.path, world.clock.wall_of(sound.since)) for sound in world.voice()]
    spots = world.rundown(TUESDAY).spots
    assert len(spots) > 50
    assert [path for path, _ in starts] == [spot.path for spot in spots]
    late_s = [abs((at - spot.at).total_seconds()) for (_, at), spot in zip(starts, spots, strict=True)]
    assert max(late_s) < 0.001


def test_nothing_is_spoken_over_anything(day: tuple[World, Listener]) -> None:
    voice = day[0].voice()
    assert all(before.until < sound.since for before, sound in pairwise(voice))


def test_the_bed_is_at_every_moment_the_one_of_the_rundown(day: tuple[World, Listener]) -> None:
    _, listener = day
    assert listener.checks > 50_000
    assert listener.faults == []


def test_no_bed_is_cut_short_or_entered_late(day: tuple[World, Listener]) -> None:
    world, _ = day
    assert not any(isinstance(command, Stop) for command in world.engine.sent)
    assert all(sound.offset_s == 0.0 for sound in world.tape.sounds)


def test_the_log_tells_the_day_as_it_was(day: tuple[World, Listener]) -> None:
    world, _ = day
    entries = world.log.entries(TUESDAY)
    assert {entry.outcome for entry in entries} == {Outcome.AIRED}
    assert {entry.reason for entry in entries} == {""}
    spots = {entry.spot_id: entry.commanded_at for entry in entries if entry.spot_id}
    assert spots == {spot.id: spot.at for spot in world.rundown(TUESDAY).spots}
    assert len(entries) - len(spots) == sum(1 for _ in world.tape.of("bed"))
    assert world.log.open_entries() == []
