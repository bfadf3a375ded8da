"""Levels as functions of time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.engine.envelope import FLOOR_DB, Lane, Ramp, decibels, volume_for
from broadcaster.playout.protocol import SILENT_DB
from tests.fake_rack import gain_of

gains = st.floats(-60.0, 0.0)
values = st.floats(0.0, 1.0)
instants = st.floats(0.0, 100.0)
lengths = st.just(0.0) | st.floats(0.001, 20.0)


@given(gains)
def test_volume_is_the_largest_not_louder_than_asked(gain_db: float) -> None:
    volume = volume_for(gain_db)
    assert gain_of(volume) <= gain_db + 1e-6
    assert volume == 100 or gain_of(volume + 1) > gain_db - 1e-6


def test_volume_of_every_integer_is_that_integer() -> None:
    assert [volume_for(gain_of(volume)) for volume in range(10, 101)] == list(range(10, 101))


def test_volume_is_silent_below_the_floor_and_never_above_full() -> None:
    assert [volume_for(g) for g in (SILENT_DB, FLOOR_DB - 0.01, FLOOR_DB, 0.0, 6.0)] == [0, 0, 10, 100, 100]


def test_decibels_of_amplitudes() -> None:
    assert decibels(1.0) == 0.0
    assert round(decibels(0.5), 2) == -6.02
    assert decibels(0.0) == decibels(1e-12) == SILENT_DB


@given(instants, lengths, values, values, st.lists(instants, min_size=2))
def test_ramp_is_monotone_and_within_its_ends(
    at: float, length: float, begin: float, end: float, times: list[float]
) -> None:
    ramp = Ramp(at, length, begin, end)
    heard = [ramp.value(now) for now in sorted(times)]
    assert all(min(begin, end) <= value <= max(begin, end) for value in heard)
    assert heard == sorted(heard, reverse=end < begin)


@given(instants, lengths, values, values)
def test_ramp_begins_and_ends_exactly(at: float, length: float, begin: float, end: float) -> None:
    ramp = Ramp(at, length, begin, end)
    assert ramp.value(ramp.over_at) == end
    assert ramp.value(at - 0.001) == begin


@given(gains, gains, gains, st.floats(0.0, 3.0), lengths)
def test_lane_turned_around_on_its_way_goes_on_from_where_it_is(
    first: float, second: float, third: float, turn: float, length: float
) -> None:
    lane = Lane(first, in_db=True)
    lane.move(0.0, 0.0, second, 3.0)
    before = lane.value(turn)
    lane.move(turn, turn, third, length)
    assert length == 0.0 or abs(lane.value(turn) - before) < 1e-9
    assert lane.value(turn + length + 0.001) == third and lane.settled(turn + length + 0.001)


def test_lane_holds_a_move_until_its_instant_and_wakes_for_it() -> None:
    lane = Lane(0.0, in_db=True)
    lane.move(1.0, 5.0, -12.0, 2.0)
    assert lane.value(4.999) == 0.0 and lane.due(4.0) == 5.0 and not lane.settled(4.0)
    assert lane.value(6.0) == -6.0 and lane.due(6.0) == 6.01
    assert lane.value(7.0) == -12.0 and lane.settled(7.0)


def test_lane_keeps_a_move_that_nobody_looked_at() -> None:
    lane = Lane(0.0, in_db=True)
    lane.move(0.0, 1.0, -12.0, 0.0)
    lane.move(2.0, 2.0, -6.0, 1.0)
    assert lane.value(2.0) == -12.0


def test_lane_forgets_a_move_to_come_when_told_otherwise() -> None:
    lane = Lane(0.0, in_db=True)
    lane.move(0.0, 5.0, -12.0, 1.0)
    lane.move(1.0, 8.0, -3.0, 0.0)
    assert lane.value(7.0) == 0.0 and lane.value(8.0) == -3.0


def test_lane_out_of_silence_spends_its_time_on_what_can_be_heard() -> None:
    lane = Lane(SILENT_DB, in_db=True)
    assert lane.value(0.0) == SILENT_DB
    lane.move(0.0, 0.0, 0.0, 2.0)
    assert lane.value(1.0) == FLOOR_DB / 2
    lane.move(3.0, 3.0, SILENT_DB, 2.0)
    assert lane.value(4.0) == FLOOR_DB / 2 and lane.value(5.0) == SILENT_DB
