"""Two PCs at one amplifier, by their rules alone: who opens, who shuts, and that never both are open."""

from __future__ import annotations

import hashlib
import random
import socket
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.mirror import MARK, merge_spots, spots_changed
from broadcaster.settings import Home
from broadcaster.standby import link as standby_link
from broadcaster.standby.clock import Offsets
from broadcaster.standby.deciding import Calling, Heard, MainPc, Own, Role, SecondPc, Word
from broadcaster.standby.link import LinkClient, LinkError, LinkServer, is_cut_off
from broadcaster.standby.opening import standby_rules
from broadcaster.standby.sync import Follower
from broadcaster.store.database import Database, open_database

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
TURN_S = 0.1
AFTER_S = 3.0


@dataclass
class Pc:
    """One of the two, with a clock that differs."""

    role: Role
    clock_s: float = 0.0
    up: bool = True
    ready: bool = True
    trouble: str = ""
    hears: bool = True
    calling: Calling = ""
    mute: bool = False
    heard: Heard | None = None
    failures: int = 0
    part: MainPc | SecondPc = field(init=False)

    def __post_init__(self) -> None:
        self.start(0.0)

    def start(self, mono: float) -> None:
        self.up, self.heard, self.failures = True, None, 0
        self.part = MainPc(mono) if self.role == "main" else SecondPc(mono)

    def now(self, mono: float) -> datetime:
        return NOON + timedelta(seconds=mono + self.clock_s)

    def open(self, mono: float) -> bool:
        return self.up and self.part.gate.phase(self.now(mono)) == "open"

    def word(self, mono: float) -> Word:
        main, second = (self.part, None) if isinstance(self.part, MainPc) else (None, self.part)
        return Word(
            self.role, "boot", self.now(mono), self.open(mono), self.ready, self.trouble if self.open(mono) else "",
            main.opens_at if main else None, second.closes_at if second else None, calling=self.calling,
        )  # fmt: skip

    def turn(self, mono: float, other: Pc) -> None:
        own = Own(self.ready, self.trouble if self.open(mono) else "", self.hears, self.calling, mute=self.mute)
        if isinstance(self.part, MainPc):
            self.part.turn(self.now(mono), mono, own, self.heard, self.failures, AFTER_S, lambda earliest: earliest)
        else:
            offset_s = other.clock_s - self.clock_s
            self.part.turn(self.now(mono), mono, own, self.heard, AFTER_S, cut_off=False, offset_s=offset_s)


class Pair:
    """Both, and the wire between them."""

    def __init__(self, clock_s: float = 0.0, seed: int = 1) -> None:
        self.main, self.second = Pc("main"), Pc("second", clock_s)
        self.mono = 0.0
        self.wire = True
        self.both_s = self.none_s = 0.0
        self._random = random.Random(seed)

    def ask(self, one: Pc, other: Pc) -> None:
        if not one.up:
            return
        if not (self.wire and other.up):
            one.failures += 1
            return
        one.failures = 0
        other.heard = Heard(one.word(self.mono), self.mono)
        one.heard = Heard(other.word(self.mono), self.mono)

    def go(self, seconds: float) -> Pair:
        end = self.mono + seconds
        while self.mono < end:
            self.mono = round(self.mono + TURN_S, 6)
            for one, other in ((self.main, self.second), (self.second, self.main)):
                if self._random.random() < 0.3:
                    self.ask(one, other)
                if one.up:
                    one.turn(self.mono, other)
            sounding = [pc for pc in (self.main, self.second) if pc.open(self.mono) and not pc.trouble]
            self.both_s += TURN_S * (len(sounding) == 2)
            self.none_s += TURN_S * (not sounding)
        return self

    @property
    def states(self) -> tuple[str, str]:
        return self.main.part.state, self.second.part.state


def test_the_main_pc_begins_and_the_second_stands_by() -> None:
    pair = Pair().go(30)
    assert pair.states == ("on-air", "standing-by")
    assert pair.both_s == 0 and pair.none_s < 3


@pytest.mark.parametrize("clock_s", [0.0, 7.3, -3600.0])
def test_the_second_takes_over_and_gives_back(clock_s: float) -> None:
    pair = Pair(clock_s).go(30)
    pair.none_s, pair.main.up = 0.0, False
    pair.go(20)
    assert pair.states[1] == "on-air" and pair.none_s < 4
    pair.main.start(pair.mono)
    pair.go(2)
    assert pair.states == ("yielded", "on-air")
    pair.go(20)
    assert pair.states == ("on-air", "standing-by")
    assert pair.both_s == 0 and pair.none_s < 4.3


def test_a_main_pc_that_restarts_at_once_keeps_the_air() -> None:
    pair = Pair().go(30)
    pair.main.up = False
    pair.go(1.5)
    pair.main.start(pair.mono)
    pair.go(20)
    assert pair.states == ("on-air", "standing-by") and pair.both_s == 0


def test_one_that_was_silent_takes_the_air_back_but_not_for_ever() -> None:
    pair = Pair().go(30)
    for _ in range(4):
        assert pair.states == ("on-air", "standing-by")
        pair.main.trouble = "silent"
        pair.go(10)
        assert pair.states == ("yielded", "on-air")
        pair.main.trouble = ""
        pair.go(60)
    assert pair.states == ("yielded", "on-air") and isinstance(pair.main.part, MainPc)
    pair.main.part.take_back()
    pair.go(20)
    assert pair.states == ("on-air", "standing-by") and pair.both_s == 0


def test_one_whose_engine_is_lost_gives_the_air_away_until_it_is_told_to_take_it() -> None:
    pair = Pair().go(30)
    pair.main.trouble = "engine"
    pair.go(10)
    pair.main.trouble = ""
    pair.go(120)
    assert pair.states == ("yielded", "on-air")


def test_the_air_goes_back_at_once_if_the_second_is_not_heard_either() -> None:
    pair = Pair().go(30)
    pair.main.trouble = "silent"
    pair.go(10)
    pair.main.trouble, pair.second.trouble = "", "silent"
    pair.go(3)
    assert pair.states == ("on-air", "standing-by") and pair.both_s == 0


def test_a_second_pc_that_is_muted_leaves_a_silent_main_pc_the_air() -> None:
    pair = Pair().go(30)
    pair.second.mute = True
    pair.main.trouble = "silent"
    pair.go(20)
    assert pair.states == ("on-air", "standing-by")
    pair.main.up = False
    pair.go(20)
    assert pair.states[1] == "on-air"


def test_one_whose_device_came_back_takes_the_air_back() -> None:
    pair = Pair().go(30)
    pair.main.trouble, pair.main.hears = "silent", False
    pair.go(30)
    pair.main.trouble = ""
    pair.go(60)
    assert pair.states == ("yielded", "on-air")
    pair.main.hears = True
    pair.go(60)
    assert pair.states == ("on-air", "standing-by") and pair.both_s == 0


def test_when_the_second_dies_on_air_the_main_pc_takes_over() -> None:
    pair = Pair().go(30)
    pair.main.trouble = "silent"
    pair.go(10)
    pair.main.trouble, pair.second.up, pair.none_s = "", False, 0.0
    pair.go(10)
    assert pair.states[0] == "on-air" and pair.none_s < 4


def test_after_a_split_both_are_not_on_air_for_long() -> None:
    pair = Pair().go(30)
    pair.wire = False
    pair.go(20)
    assert pair.states == ("on-air", "on-air")
    pair.wire, pair.both_s = True, 0.0
    pair.go(20)
    assert pair.states == ("on-air", "standing-by") and pair.both_s < 2


def test_after_a_power_cut_the_main_pc_may_take_its_time() -> None:
    pair = Pair()
    pair.main.up = False
    pair.go(15)
    assert pair.states[1] == "standing-by"
    pair.main.start(pair.mono)
    pair.go(10)
    assert pair.states == ("on-air", "standing-by")


def test_an_emergency_on_the_second_is_not_cut_off() -> None:
    second = SecondPc(0.0, was_on_air=True)
    second.turn(NOON, 4.0, Own(ready=True), None, AFTER_S, cut_off=False)
    asks = Word("main", "b", NOON, False, True, opens_at=NOON + timedelta(seconds=8))
    second.turn(NOON, 5.0, Own(ready=True), Heard(asks, 5.0), AFTER_S, cut_off=False)
    assert second.closes_at == asks.opens_at
    gate = second.turn(NOON, 6.0, Own(ready=True, calling="emergency"), Heard(asks, 6.0), AFTER_S, cut_off=False)
    assert gate.phase(NOON + timedelta(seconds=20)) == "open" and second.closes_at is None


@pytest.mark.parametrize("before_s", [7.0, 3.0, 0.6])
def test_the_main_pc_waits_with_its_return_until_the_emergency_on_the_second_is_over(before_s: float) -> None:
    pair = Pair().go(10)
    pair.main.up = False
    pair.go(10)
    pair.main.start(pair.mono)
    while not isinstance(pair.main.part, MainPc) or pair.main.part.opens_at is None:
        pair.go(0.1)
    left_s = (pair.main.part.opens_at - pair.main.now(pair.mono)).total_seconds()
    pair.go(left_s - before_s)
    pair.second.calling, pair.both_s = "emergency", 0.0
    pair.go(60)
    assert pair.states == ("yielded", "on-air") and pair.both_s < 0.1
    pair.second.calling = ""
    pair.go(20)
    assert pair.states == ("on-air", "standing-by") and pair.both_s < 0.1


def test_a_main_pc_that_plays_music_gives_way_to_an_emergency_on_the_second() -> None:
    pair = Pair().go(10)
    pair.wire = False
    pair.go(20)
    pair.second.calling = "emergency"
    pair.wire, pair.both_s = True, 0.0
    pair.go(20)
    assert pair.states == ("yielded", "on-air") and pair.both_s < 2
    pair.second.calling = ""
    pair.go(30)
    assert pair.states == ("on-air", "standing-by")


def test_where_both_call_the_same_kind_the_main_pc_is_heard() -> None:
    pair = Pair().go(10)
    pair.wire = False
    pair.go(20)
    pair.main.calling = pair.second.calling = "emergency"
    pair.wire, pair.both_s = True, 0.0
    pair.go(20)
    assert pair.states == ("on-air", "standing-by") and pair.both_s < 2


def test_one_that_is_cut_off_does_not_take_over() -> None:
    second = SecondPc(0.0)
    second.turn(NOON, 60.0, Own(ready=True), None, AFTER_S, cut_off=True)
    assert second.state == "standing-by"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_with_the_wire_whole_never_both(seed: int) -> None:
    rng = random.Random(seed)
    pair = Pair(rng.uniform(-5, 5), seed).go(30)
    for _ in range(25):
        pc = rng.choice((pair.main, pair.second))
        if pc.up and rng.random() < 0.6:
            pc.up = False
        elif not pc.up:
            pc.start(pair.mono)
        pair.go(rng.uniform(0.1, 15))
    assert pair.both_s == 0, f"seed {seed}: both for {pair.both_s:.1f} s"
    for pc in (pair.main, pair.second):
        if not pc.up:
            pc.start(pair.mono)
    pair.go(60)
    assert pair.states == ("on-air", "standing-by")


# --- the log of the two


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Database, Database]:
    return open_database(tmp_path / "a.db"), open_database(tmp_path / "b.db")


def aired(database: Database, spot_id: str, *, commanded: bool = True, outcome: Outcome | None = None) -> None:
    log = AsRunLog(database, "main")
    what = {"date": date(2026, 11, 28), "kind": "script", "ref": "welcome", "title": "欢迎", "planned_at": NOON}
    log.arm_spot(spot_id=spot_id, armed_at=NOON, **what)  # type: ignore[arg-type]
    if commanded:
        log.spot_started(spot_id, NOON + timedelta(seconds=1))
    if outcome is not None:
        log.spot_ended(spot_id, NOON + timedelta(seconds=9), outcome, "")


def test_what_one_aired_the_other_does_not(logs: tuple[Database, Database]) -> None:
    main, second = logs
    aired(main, "one", outcome=Outcome.AIRED)
    aired(main, "two")
    aired(main, "three", commanded=False)
    assert merge_spots(second, "main", spots_changed(main, "main", NOON)) == [date(2026, 11, 28)]
    known = AsRunLog(second, "main").spots_of(date(2026, 11, 28))
    assert set(known) == {"one", "two"} and known["one"].reason == MARK
    assert known["two"].commanded_at == NOON + timedelta(seconds=1) and known["two"].outcome is None
    assert not AsRunLog(second, "main").arm_spot(
        date=date(2026, 11, 28),
        spot_id="two",
        kind="script",
        ref="welcome",
        title="欢迎",
        planned_at=NOON,
        armed_at=NOON,
    )


def test_telling_each_other_comes_to_rest(logs: tuple[Database, Database]) -> None:
    main, second = logs
    aired(main, "one")
    merge_spots(second, "main", spots_changed(main, "main", NOON))
    AsRunLog(second, "main").spot_ended("one", NOON + timedelta(seconds=20), Outcome.PARTIAL, "接上")
    assert merge_spots(main, "main", spots_changed(second, "main", NOON))
    for one, other in ((main, second), (second, main)):
        assert not merge_spots(one, "main", spots_changed(other, "main", NOON))
    assert AsRunLog(main, "main").spots_of(date(2026, 11, 28))["one"].outcome is Outcome.PARTIAL


def test_heard_stands_above_left_out(logs: tuple[Database, Database]) -> None:
    main, second = logs
    AsRunLog(second, "main").skip_spot(
        date=date(2026, 11, 28),
        spot_id="one",
        kind="script",
        ref="welcome",
        title="欢迎",
        planned_at=NOON,
        reason="晚了",
    )
    aired(main, "one", outcome=Outcome.AIRED)
    merge_spots(second, "main", spots_changed(main, "main", NOON))
    merge_spots(main, "main", spots_changed(second, "main", NOON))
    for database in logs:
        assert AsRunLog(database, "main").spots_of(date(2026, 11, 28))["one"].outcome is Outcome.AIRED


# --- the wire


def test_only_who_knows_the_token_is_answered() -> None:
    server = LinkServer("127.0.0.1", 0, "a secret of the house", lambda path, body: {"path": path, **body})
    server.start()
    try:
        address = f"http://127.0.0.1:{server.port}"
        friend = LinkClient(address, "a secret of the house")
        assert friend.ask("/pulse", {"n": 1}) == {"path": "/pulse", "n": 1}
        assert friend.ask("/pulse", {"n": 2})["n"] == 2
        with pytest.raises(LinkError, match="token"):
            LinkClient(address, "another secret of 16").ask("/pulse")
    finally:
        server.stop()


def test_a_request_is_good_for_once() -> None:
    server = LinkServer("127.0.0.1", 0, "a secret of the house", lambda path, body: {})
    client = LinkClient(f"http://127.0.0.1:{server.port}", "a secret of the house")
    client._challenge = server.challenge()
    headers = client._headers("/tables", b"{}")
    assert server.admits(headers["X-Challenge"], headers["X-Mark"], "/tables", b"{}")
    assert not server.admits(headers["X-Challenge"], headers["X-Mark"], "/tables", b"{}")
    server._server.server_close()


def test_a_stranger_who_asks_for_challenges_takes_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    server = LinkServer("127.0.0.1", 0, "a secret of the house", lambda path, body: {})
    client = LinkClient(f"http://127.0.0.1:{server.port}", "a secret of the house")
    client._challenge = server.challenge()
    for _ in range(2000):
        server.challenge()
    headers = client._headers("/tables", b"{}")
    assert server.admits(headers["X-Challenge"], headers["X-Mark"], "/tables", b"{}")
    for made_up in ("", "nan-0-0", "1-2"):
        client._challenge = made_up
        headers = client._headers("/tables", b"{}")
        assert not server.admits(made_up, headers["X-Mark"], "/tables", b"{}")
    client._challenge = server.challenge()
    monkeypatch.setattr(standby_link, "_CHALLENGE_S", -1.0)
    headers = client._headers("/tables", b"{}")
    assert not server.admits(headers["X-Challenge"], headers["X-Mark"], "/tables", b"{}")
    server._server.server_close()


def test_files_come_as_promised_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "song").write_bytes(b"x" * 700_000)
    server = LinkServer("127.0.0.1", 0, "a secret of the house", lambda path, body: _song(tmp_path, path))
    server.start()
    try:
        client = LinkClient(f"http://127.0.0.1:{server.port}", "a secret of the house")
        with pytest.raises(LinkError, match="promised"):
            client.fetch("/file/歌.flac", tmp_path / "got", "0" * 64, 700_000)
        assert (tmp_path / "got").read_bytes() == (tmp_path / "song").read_bytes()
    finally:
        server.stop()


def test_music_that_the_main_pc_lost_whole_stays_here(tmp_path: Path) -> None:
    home = Home(tmp_path)
    kept = ("config/station.yaml", "playlists/light/one.flac", "playlists/light/two.flac", "playlists/lost/song.flac")
    for name in kept:
        (home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (home.root / name).write_bytes(name.encode())
    wanted = {
        name: {"size": len(name), "sha256": hashlib.sha256(name.encode()).hexdigest()}
        for name in ("config/station.yaml", "playlists/light/one.flac")
    }
    assert Follower(home).follow(LinkClient("http://127.0.0.1:9", "a secret of the house"), wanted) == 1
    assert [(home.root / name).exists() for name in kept] == [True, True, False, True]


def test_a_name_that_went_with_the_main_pc_is_no_network_that_went(monkeypatch: pytest.MonkeyPatch) -> None:
    link = {"eth0": [SimpleNamespace(family=socket.AF_INET, address="192.168.1.21")]}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: link)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": SimpleNamespace(isup=True)})
    assert not is_cut_off([("main-pc.invalid", 8089)], None)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": SimpleNamespace(isup=False)})
    assert is_cut_off([("main-pc.invalid", 8089)], None)


def test_without_ping_the_arbiter_is_knocked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert not is_cut_off([], "127.0.0.1")


def test_a_second_pc_whose_file_is_damaged_is_no_main_pc(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.root / "config").mkdir()
    home.var.mkdir()
    rules = "standby: {role: main, peer: 'http://10.0.0.2:8089', token: a-secret-of-the-house-16}\n"
    (home.root / "config" / "station.yaml").write_text(rules, encoding="utf-8")
    assert (found := standby_rules(home)) is not None and found.role == "main"
    (home.var / "standby.json").write_text('{"role": "sec', encoding="utf-8")
    assert (found := standby_rules(home)) is not None and found.role == "second"


def _song(folder: Path, path: str) -> dict[str, object] | Path | None:
    return folder / "song" if path == "/file/歌.flac" else {}


def test_the_quickest_asking_tells_the_clocks_apart() -> None:
    offsets = Offsets()
    for trip_s, late_s in ((0.1, 0.04), (0.004, 0.0), (0.05, 0.02)):
        offsets.add(NOON, NOON + timedelta(seconds=12.5 + trip_s / 2 + late_s), trip_s)
    assert offsets.offset_s == pytest.approx(12.5)
