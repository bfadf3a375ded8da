"""What the ear's words add up to: silence with hysteresis, causes, and the log's spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from broadcaster.asrun.log import AsRunLog
from broadcaster.ear.attention import Attention
from broadcaster.ear.judging import judge
from broadcaster.ear.messages import (
    Block,
    Expect,
    Expected,
    Matched,
    PartOrder,
    State,
    Volume,
    decode_order,
    decode_told,
    encode,
)
from broadcaster.ear.spans import Spans
from broadcaster.ear.writer import Heard, HeardWriter
from broadcaster.errors import ProtocolError
from broadcaster.media.k_weighting import BlockPower, gated_lufs
from broadcaster.media.loudness import LoudnessMeter
from broadcaster.plan.models import Lateness, Names
from broadcaster.plan.plan import Track
from broadcaster.playout.journal import TrackLine
from broadcaster.playout.on_air import OnAir, OnAirSpot, OnAirTrack
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Spot
from broadcaster.store.database import Database, open_database
from tests.lab import signals

NOW = datetime(2026, 11, 28, 1, 42, tzinfo=UTC)
CALL = Spot(
    id="2026-11-28/call/0942", at=NOW, duration_s=4.0, kind="script", ref="call", title=Names(zh="呼叫"), repeat=1,
    priority="scheduled", daypart="day", lateness=Lateness(rule="join"), rule="call", source="x", level="speech",
    dial=21.0, gain_db=-4.0, bed="duck", path="call.wav", key="0",
)  # fmt: skip

BED = BedItem(
    id="2026-11-28/day@090000#1", track=Track(title="x", file="hum/one.wav", path="one.wav", duration_s=600.0),
    playlist="hum", daypart="day", start=NOW, end=NOW, gain_db=-8.0, fade_in_s=0.0, fade_out_s=0.0,
)  # fmt: skip


def hearing_ear() -> Attention:
    attention = Attention()
    attention.take_state(State("ok", "out", 1))
    return attention


def blocks(attention: Attention, *levels: float, clipped: bool = False) -> None:
    for index, level in enumerate(levels):
        last = attention.hearing(0).at
        attention.take_block(Block(last + 0.1 if index or last else 100.0, level, level + 3, 1e-3, clipped))


def test_silence_begins_with_the_last_sound_and_ends_six_decibels_higher() -> None:
    attention = hearing_ear()
    blocks(attention, -20, -20, -61, -57, -55)
    assert attention.hearing(0).silent_since == pytest.approx(100.1)
    blocks(attention, -53)
    assert attention.hearing(0).silent_since is None
    blocks(attention, -59)
    assert attention.hearing(0).silent_since is None


def test_a_device_that_was_away_counts_as_opened_again() -> None:
    attention = hearing_ear()
    attention.take_state(State("ok", "out", 1))
    assert attention.opened == 1
    attention.take_state(State("lost", reason="gone"))
    attention.take_state(State("starting"))
    assert [cause.code for cause in attention.causes()] == ["ear-lost"]
    attention.take_state(State("ok", "out", 2))
    assert attention.opened == 2 and not list(attention.causes())


def codes(attention: Attention) -> list[str]:
    return [cause.code for cause in attention.causes()]


def test_one_strange_comparison_is_no_alarm() -> None:
    attention = hearing_ear()
    blocks(attention, -20)
    for _ in range(2):
        attention.take_matched(Matched(1.0, "other", 0.01))
    assert attention.hearing(0).match == "unknown" and not codes(attention)
    attention.take_matched(Matched(1.0, "other", 0.01))
    assert attention.hearing(0).match == "other" and codes(attention) == ["other-sound"]
    attention.take_matched(Matched(1.0, "ours", 1.0))
    assert attention.hearing(0).match == "ours" and not codes(attention)


def test_another_program_beside_ours_and_a_softer_output_show_against_the_usual() -> None:
    attention = hearing_ear()
    blocks(attention, -20)
    for _ in range(40):
        attention.take_matched(Matched(1.0, "ours", 0.99, -13.0))
    assert not codes(attention)
    for _ in range(12):
        attention.take_matched(Matched(1.0, "ours", 0.7, -23.0))
    assert codes(attention) == ["other-sound", "too-quiet"]


def test_a_volume_that_was_turned_down_is_told_and_not_taken_for_softness() -> None:
    attention = hearing_ear()
    attention.take_volume(Volume("out", 80, False))
    attention.take_volume(Volume("out", 40, False))
    assert codes(attention) == ["volume-down"] and attention.keep_percent == 80
    attention.take_volume(Volume("out", 80, True))
    assert codes(attention) == ["volume-muted"] and attention.hearing(0).muted
    attention.take_volume(Volume("out", 95, False))
    assert not codes(attention)


def test_a_live_page_or_a_stutter_is_no_other_program() -> None:
    attention = hearing_ear()
    blocks(attention, -20)
    for _ in range(40):
        attention.take_matched(Matched(1.0, "ours", 0.99, found={"a": 0.0}))
    for _ in range(20):
        attention.take_matched(Matched(1.0, "unknown", 0.4, found={"a": 0.0}, whole=False))
    assert not codes(attention)
    for turn in range(20):
        attention.take_matched(Matched(1.0, "ours", 0.6, found={"a": turn % 2 * 0.05}))
    assert not codes(attention)
    for _ in range(12):
        attention.take_matched(Matched(1.0, "ours", 0.6, found={"a": 0.0}))
    assert codes(attention) == ["other-sound"]


def test_clipping_now_and_then_is_no_alarm() -> None:
    attention = hearing_ear()
    blocks(attention, -10, -10, clipped=True)
    assert not codes(attention)
    blocks(attention, -10, -10, -10, clipped=True)
    assert codes(attention) == ["clipping"]


# --- the log's spans


def on_air(spot: bool) -> OnAir:
    sounding = OnAirSpot(CALL, NOW, mono=100.0)
    return OnAir(now=NOW, spot=sounding if spot else None)


def test_a_spot_that_was_found_is_heard_where_it_was_found() -> None:
    spans = Spans()
    expect = spans.follow(on_air(True), 100.1)
    [verdict] = spans.matched(Matched(102.0, "ours", 1.0, 0.0, {expect.items[0].id: 0.012}))
    assert verdict.heard_at == pytest.approx(100.012) and verdict.heard_by == "ear"
    for index in range(40):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    spans.follow(on_air(False), 104.0)
    [last] = spans.turn(107.0, hears=True)
    assert len(last.powers) == 40 and last.heard_by is None


def test_what_was_looked_for_and_not_found_was_not_heard() -> None:
    spans = Spans()
    spans.follow(on_air(True), 100.1)
    for index in range(40):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    assert not list(spans.matched(Matched(102.0, "other", 0.0)))
    spans.follow(on_air(False), 104.0)
    [last] = spans.turn(107.0, hears=True)
    assert (last.heard_at, last.powers, last.heard_by) == (None, (), "ear")


def test_music_that_the_log_did_not_take_is_ours_all_the_same() -> None:
    spans = Spans()
    track = OnAirTrack(BED, NOW, entry=None, mono=60.0, released_at=100.0)
    expect = spans.follow(OnAir(now=NOW, track=track), 100.1)
    assert [(item.path, item.start) for item in expect.items] == [("one.wav", 60.0)]
    for index in range(40):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    found = Matched(102.0, "ours", 0.99, found={expect.items[0].id: 0.0})
    spans.follow(OnAir(now=NOW), 104.0)
    assert not [*spans.matched(found), *spans.turn(103.9, hears=False), *spans.turn(107.0, hears=True)]


def test_music_whose_line_the_log_wrote_late_is_heard_from_its_beginning() -> None:
    spans = Spans()
    track = OnAirTrack(BED, NOW, entry=None, mono=60.0, released_at=100.0)
    expect = spans.follow(OnAir(now=NOW, track=track), 100.1)
    for index in range(40):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    assert not list(spans.matched(Matched(102.0, "ours", 0.99, found={expect.items[0].id: 0.02})))
    assert spans.follow(OnAir(now=NOW, track=replace(track, entry=7)), 104.0).items == expect.items
    [verdict] = spans.turn(104.1, hears=True)
    assert verdict.entry == 7 and verdict.heard_by == "ear"
    assert verdict.heard_at == pytest.approx(100.02)
    spans.follow(OnAir(now=NOW), 104.2)
    [last] = spans.turn(107.0, hears=True)
    assert (last.entry, len(last.powers)) == (7, 40)


def test_what_was_heard_of_a_recording_is_kept_until_the_log_has_its_line() -> None:
    spans, line = Spans(), TrackLine()
    track = OnAirTrack(BED, NOW, entry=None, mono=60.0, released_at=100.0, line=line)
    expect = spans.follow(OnAir(now=NOW, track=track), 100.1)
    for index in range(40):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    assert not list(spans.matched(Matched(102.0, "ours", 0.99, found={expect.items[0].id: 0.02})))
    assert not spans.follow(OnAir(now=NOW), 104.2).items[1:] and not list(spans.turn(130.0, hears=True))
    line.entry = 7
    [heard, last] = spans.turn(131.0, hears=True)
    assert (heard.entry, heard.heard_by, last.entry, len(last.powers)) == (7, "ear", 7, 40)
    assert not list(spans.turn(132.0, hears=True))


def test_a_bed_is_measured_only_while_it_is_alone_and_not_ducked() -> None:
    spans = Spans()
    track = OnAirTrack(BED, NOW, entry=7, mono=60.0, released_at=100.0)
    alone = OnAir(now=NOW, track=track)

    def hear(since: float, seconds: float, power: float) -> None:
        for index in range(round(seconds * 10)):
            spans.block(Block(since + (index + 1) / 10, -20, -10, power), sounding=True)

    expect = spans.follow(alone, 100.0)
    hear(100.0, 5.0, 0.01)
    # The bed goes down, a voice begins, and the ear is told of the voice a second late.
    spans.follow(replace(alone, bed_depth_db=-14.0), 105.0)
    hear(105.0, 1.0, 0.002)
    spans.follow(alone, 106.0)
    hear(106.0, 2.0, 0.5)
    spans.follow(replace(alone, spot=OnAirSpot(CALL, NOW, mono=106.5)), 108.0)
    spans.follow(alone, 108.5)
    hear(108.5, 4.0, 0.01)
    spans.follow(OnAir(now=NOW), 112.5)
    assert list(spans.matched(Matched(112.6, "ours", 0.99, found={expect.items[0].id: 0.0})))
    [last] = [verdict for verdict in spans.turn(120.0, hears=True) if verdict.entry == 7]
    # Of the half second between 106.0 and 106.5 nobody could know that it was not the bed alone.
    assert sorted(set(last.powers)) == [0.01, 0.5] and last.powers.count(0.5) <= 5
    assert last.powers.count(0.01) >= 85


def test_a_track_sounds_on_under_the_next_for_its_fade() -> None:
    spans = Spans()
    first = OnAirTrack(replace(BED, fade_out_s=15.0), NOW, entry=1, mono=60.0, released_at=60.0)
    following = OnAirTrack(replace(BED, id="next"), NOW, entry=2, mono=100.0, released_at=100.0)
    spans.follow(OnAir(now=NOW, track=first), 99.0)
    spans.follow(OnAir(now=NOW, track=following), 100.0)
    assert len(spans.follow(OnAir(now=NOW, track=following), 114.0).items) == 2
    assert not list(spans.turn(114.0, hears=True)) and list(spans.turn(118.0, hears=True))
    assert len(spans.follow(OnAir(now=NOW, track=following), 118.0).items) == 1


def test_a_spot_that_is_joined_late_takes_nothing_of_the_bed_before_it() -> None:
    spans = Spans()
    alone = OnAir(now=NOW, track=OnAirTrack(BED, NOW, entry=7, mono=60.0, released_at=100.0))
    expect = spans.follow(alone, 100.0)
    for index in range(100):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    # It began 8 s before, on another engine or PC, and is taken up here in its middle.
    spans.follow(replace(alone, spot=OnAirSpot(CALL, NOW, mono=102.0, offset_s=8.0)), 110.0)
    spans.follow(OnAir(now=NOW), 111.0)
    list(spans.matched(Matched(111.1, "ours", 0.99, found={expect.items[0].id: 0.0})))
    [last] = [verdict for verdict in spans.turn(120.0, hears=True) if verdict.entry == 7]
    assert len(last.powers) >= 97


def test_what_resembles_a_part_of_another_s_sound_was_not_heard() -> None:
    spans = Spans()
    expect = spans.follow(on_air(True), 100.1)
    for index in range(40):
        spans.block(Block(100.1 + index / 10, -20, -10, 0.01), sounding=True)
    assert not list(spans.matched(Matched(102.0, "other", 0.1, found={expect.items[0].id: 0.1})))
    spans.follow(on_air(False), 104.0)
    [last] = spans.turn(107.0, hears=True)
    assert (last.heard_at, last.heard_by) == (None, "ear")


def test_without_an_ear_the_player_is_believed() -> None:
    spans = Spans()
    spans.follow(on_air(True), 100.1)
    assert not list(spans.turn(102.0, hears=False))
    [verdict] = spans.turn(103.5, hears=False)
    assert (verdict.heard_at, verdict.heard_by) == (100.0, "player")


# --- the writer


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = open_database(tmp_path / "log.db", busy_s=0.05)
    yield found
    found.dispose()


def test_what_the_log_does_not_take_is_written_later(database: Database) -> None:
    log = AsRunLog(database, "main")
    writer = HeardWriter(log)
    with database.writing():
        writer.put(Heard("2026-11-28/call/0942", NOW, -23.0, "ear"))
        assert not writer.write_all()
    assert not writer.write_all()
    log.arm_spot(
        date=date(2026, 11, 28), spot_id="2026-11-28/call/0942", kind="script", ref="call", title="x",
        planned_at=NOW, armed_at=NOW,
    )  # fmt: skip
    assert writer.write_all()
    [entry] = log.entries(date(2026, 11, 28))
    assert (entry.heard_at, entry.loudness_lufs, entry.heard_by) == (NOW, -23.0, "ear")


# --- measuring and comparing


def test_block_by_block_loudness_is_that_of_the_whole() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, (48000, 2)).astype(np.float32)
    whole, power = LoudnessMeter(2), BlockPower(4800, 2)
    whole.push(noise)
    powers = [power.push(noise[at : at + 4800]) for at in range(0, 48000, 4800)]
    assert gated_lufs(powers) == pytest.approx(whole.integrated_lufs(), abs=0.01)


def heard(*sounds: np.ndarray) -> list[tuple[np.ndarray, float, float]]:
    mono = sum(sounds[1:], sounds[0])
    both = np.repeat(mono[:, np.newaxis], 2, axis=1).astype(np.float32)
    return [(both[at : at + 4800], 1000.1 + at / 48000, -20.0) for at in range(0, 96000, 4800)]


def test_a_bed_far_below_a_voice_is_found_too(tmp_path: Path) -> None:
    bed, voice = (signals.ruler(tmp_path / f"{name}.wav", 10, seed=seed) for name, seed in (("bed", 1), ("voice", 2)))
    items = (
        Expected("bed", str(bed), 997.0, -26.0, 997.0),
        Expected("voice", str(voice), 995.99, 0.0, 995.99),
    )
    sound = heard(
        signals.read_mono(bed)[3 * 48000 : 5 * 48000] * 10 ** (-26 / 20),
        signals.read_mono(voice)[4 * 48000 : 6 * 48000],
    )
    found = judge(sound, Expect(items), -60.0)
    assert found.match == "ours" and found.explained > 0.99
    assert found.found["bed"] == pytest.approx(0, abs=0.001)
    assert found.found["voice"] == pytest.approx(0.01, abs=0.001)


def test_another_sound_is_not_ours(tmp_path: Path) -> None:
    ours = signals.ruler(tmp_path / "ours.wav", 10)
    theirs = signals.ruler_signal(2, seed=7)
    found = judge(heard(theirs), Expect((Expected("a", str(ours), 997.0, 0.0, 997.0),)), -60.0)
    assert found.match == "other" and not found.found
    unknown = judge(heard(theirs), Expect((Expected("a", "no-such.wav", 997.0, 0.0, 997.0),)), -60.0)
    assert unknown.match == "unknown"
    half = (Expected("a", str(ours), 997.0, 0.0, 997.0), Expected("b", "no-such.wav", 997.0, 0.0, 997.0))
    assert judge(heard(theirs), Expect(half), -60.0).match == "unknown"


def test_ours_at_the_wrong_time_or_with_a_hole_is_not_another_s(tmp_path: Path) -> None:
    ours = signals.ruler(tmp_path / "ours.wav", 10)
    expect = Expect((Expected("a", str(ours), 997.0, 0.0, 997.0),))
    sound = signals.read_mono(ours)
    late = judge(heard(sound[int(1.5 * 48000) : int(3.5 * 48000)]), expect, -60.0)
    assert late.match == "unknown" and not late.found
    stretch = heard(signals.ruler_signal(2, seed=7))
    torn = [(block, end + (0.2 if end > 1001 else 0), rms) for block, end, rms in stretch]
    assert judge(torn, expect, -60.0).match == "unknown"


@pytest.mark.parametrize("per_million", [-2000, -100, 60, 300, 1000])
def test_a_sound_card_whose_clock_drifts_plays_what_is_ours(tmp_path: Path, per_million: int) -> None:
    bed, voice = (signals.ruler(tmp_path / f"{name}.wav", 10, seed=seed) for name, seed in (("bed", 1), ("voice", 2)))
    mixed = 0.2 * signals.read_mono(bed) + signals.read_mono(voice)
    items = (Expected("bed", str(bed), 997.0, -13.98, 997.0), Expected("voice", str(voice), 997.0, 0.0, 997.0))
    found = judge(heard(played(mixed, 3.0, 1 + per_million / 1e6)), Expect(items), -60.0)
    assert found.match == "ours" and found.explained > 0.6
    # It is exactly in its place in the middle of what is heard.
    off_s = -per_million / 1e6
    assert found.found == {"bed": pytest.approx(off_s, abs=5e-4), "voice": pytest.approx(off_s, abs=5e-4)}


def played(sound: np.ndarray, since_s: float, rate: float | np.ndarray) -> np.ndarray:
    """Two seconds of a recording at another speed than its own."""
    steps = np.broadcast_to(np.asarray(rate, dtype=np.float64), (96000,))
    places = since_s * 48000 + np.cumsum(steps) - steps[0]
    return np.asarray(np.interp(places, np.arange(len(sound)), sound))


def test_no_level_is_told_where_it_changes_or_something_is_beside_it(tmp_path: Path) -> None:
    ours = signals.ruler(tmp_path / "ours.wav", 10)
    expect = Expect((Expected("a", str(ours), 997.0, -6.0, 997.0),))
    sound = signals.read_mono(ours)[3 * 48000 : 5 * 48000]
    assert judge(heard(sound), expect, -60.0).level_db == pytest.approx(6.0, abs=0.1)
    assert judge(heard(sound), expect, -60.0, steady=False).level_db is None
    broken = np.concatenate((sound[:72000], np.zeros(24000, np.float32)))
    assert judge(heard(broken), expect, -60.0).level_db is None


def test_messages_survive_the_pipe() -> None:
    order = Expect((Expected("a", "x.wav", 1.0, -6.0, 1.0),), partial=True)
    assert decode_order(encode(order)) == order
    part = PartOrder("air-check", {"folder": "var", "kbps": 48})
    assert decode_order(encode(part)) == part
    said = Matched(1.0, "ours", 0.9, None, {"a": 0.01})
    assert decode_told(encode(said)) == said
    for line in (b"{}", b"nonsense", b'{"ev":"block"}'):
        with pytest.raises(ProtocolError):
            decode_told(line)
