"""Hands on the air at random, and the daemon killed in between: what is silent by hand stays so, all else goes on."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.errors import Conflict, TooOften
from broadcaster.rundown.bed import bed_at
from tests.desk_kit import LOUDEST_BED_DB, LOUDEST_VOICE_DB, WHO, DeskWorld, desk_plan, desk_world, spot
from tests.playout_kit import Killed, fading, heard, local, twice_s

TEN = local("10:00:00")
EVERY_S = 40
SPOTS = 24


def busy() -> DeskWorld | object:
    """A spot every 40 seconds from 10:00 on."""
    spots = [
        spot(
            f"s{number}",
            f"{10 + number * EVERY_S // 3600:02d}:{number * EVERY_S // 60 % 60:02d}:{number * EVERY_S % 60:02d}",
            9.0 + number % 5,
            lateness=("2 min", "join", "skip", "make_good")[number % 4],
        )
        for number in range(SPOTS)
    ]
    return desk_plan(*spots)


class Hands:
    """Somebody at the desk who can't leave it alone; knows since when what has been so."""

    def __init__(self, one: DeskWorld, dice: random.Random) -> None:
        self.one = one
        self.dice = dice
        self.changed_at = one.clock.mono()
        self.skipped: dict[str, float] = {}

    def act(self) -> None:
        deeds: list[Callable[[], object]] = [
            self.pause, self.mute, self.stop, self.trim, self.skip_spot, self.skip_track, self.play, self.end,
        ]  # fmt: skip
        try:
            self.dice.choice(deeds)()
        except (Conflict, TooOften):
            return
        finally:
            self.changed_at = self.one.clock.mono()

    def pause(self) -> None:
        self.one.desk.pause(self.dice.uniform(0.1, 1.0), **WHO)

    def mute(self) -> None:
        self.one.desk.mute(self.dice.uniform(0.1, 0.6), **WHO)

    def stop(self) -> None:
        held = self.one.desk.stop("试", **WHO)
        self.one.run(self.dice.uniform(0.0, 20.0))
        self.one.desk.end(held.id, **WHO)

    def trim(self) -> None:
        self.one.desk.trim("soft", self.dice.choice([22, 23.5, 26]), **WHO)

    def skip_spot(self) -> None:
        sounding = self.one.conductor.on_air.spot
        coming = [one for one in self.one.rundown(TEN.date()).spots if one.at > self.one.now]
        name = sounding.spot.id if sounding else coming[0].id if coming else ""
        if name:
            self.one.desk.skip("spot", name, **WHO)
            self.skipped[name] = self.one.clock.mono()

    def skip_track(self) -> None:
        if self.one.conductor.on_air.track is not None:
            self.one.desk.skip("track", self.one.track, **WHO)

    def play(self) -> None:
        self.one.desk.play("script", f"s{self.dice.randrange(SPOTS)}", **WHO)

    def end(self) -> None:
        if held := [one for one in self.one.desk.holding() if one.kind != "skip"]:
            self.one.desk.end(self.dice.choice(held).id, **WHO)


def look(one: DeskWorld, hands: Hands, settled_at: float) -> None:
    """What may be heard at this moment, and what must be."""
    now, mono = one.now, one.clock.mono()
    held = one.desk.interventions
    bed, voice = one.audible("bed"), one.audible("voice")
    assert len(voice) <= 1, voice
    for bus, loudest in (("bed", LOUDEST_BED_DB), ("voice", LOUDEST_VOICE_DB)):
        for sound in one.tape.at("bed" if bus == "bed" else "voice", mono):
            assert sound.gain_db(mono) <= loudest + 0.01
    off = held.bed_off(now)
    if off is not None and (now - off.since).total_seconds() > 2.0:
        assert bed == [], off
    quiet = held.voice_off(now)
    if quiet is not None and (now - quiet.since).total_seconds() > 0.5:
        assert voice == [], quiet
    ended = [one.over_at for one in held.all if one.over_at is not None and one.over_at <= now]
    calm = mono - settled_at > 4.0 and all((now - at).total_seconds() > 3.0 for at in ended)
    if off is None and calm:
        for item in bed_at(one.plan, one.rundown(TEN.date()), now, held.bed_skips):
            if not fading(item, now):
                here = [sound for sound in one.bed() if sound.path == item.track.path]
                assert here and min(abs(sound.position(mono) - item.offset_s(now)) for sound in here) < 0.06
                assert voice or bed, (now, item)


def survive(one: DeskWorld, hands: Hands, seconds: float, settled_at: float) -> float:
    until = one.clock.mono() + seconds
    while one.clock.mono() < until:
        try:
            one.run(min(0.7, until - one.clock.mono()))
            look(one, hands, max(settled_at, hands.changed_at))
        except Killed:
            one.restart(1.0)
            settled_at = one.clock.mono()
    return settled_at


@pytest.mark.parametrize("turn", range(2))
def test_hands_and_kills_at_random(tmp_path: Path, turn: int) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    with desk_world(tmp_path, busy(), TEN - timedelta(seconds=20)) as one:  # type: ignore[arg-type]
        hands = Hands(one, dice)
        settled_at = one.clock.mono()
        while one.now < TEN + timedelta(seconds=EVERY_S * (SPOTS - 4)):
            settled_at = survive(one, hands, dice.uniform(0.5, 30.0), settled_at)
            if dice.random() < 0.3:
                one.fuse.left = dice.randrange(8)
            try:
                hands.act()
            except Killed:
                one.restart(1.0)
                settled_at = one.clock.mono()
            if dice.random() < 0.2:
                one.fuse.left = None
                one.restart(dice.uniform(0.5, 5.0))
                settled_at = one.clock.mono()
        one.fuse.left = None
        for held in one.desk.holding():
            if held.kind != "skip":
                one.desk.end(held.id, by="li", where="")
        one.run_to(TEN + timedelta(seconds=EVERY_S * SPOTS + 120))
        told(one)


def told(one: DeskWorld) -> None:
    """Everything planned is in the log once, and what was heard of it at most once."""
    entries, sounds, mono = one.spot_entries(), one.voice(), one.clock.mono()
    by_path: dict[str, int] = {}
    for planned in one.rundown(TEN.date()).spots:
        by_path[planned.path or ""] = by_path.get(planned.path or "", 0) + 1
        entry = entries[planned.id]
        assert entry.outcome is not None, entry
        assert entry.reason or entry.outcome is Outcome.AIRED, entry
        if one.desk.interventions.skipped(planned.id):
            assert entry.outcome is not Outcome.AIRED or entry.ended_at is not None
    for path, count in by_path.items():
        pieces = heard(sounds, path, mono)
        if count == 1:
            assert twice_s(pieces) < 0.001, pieces
    assert one.database.faults() == []
