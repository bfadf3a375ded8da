"""The bed of any daypart, whatever its tracks, cross-fades and length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.plan.models import Sound
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.rundown.bed import BedItem, bed_at, bed_between, track_order
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown, Segment
from tests.rundown_kit import loudness, property_settings, small_plan

DAY = date(2026, 11, 24)
NOON = 12 * 3600
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Bed:
    """One daypart that begins at noon, and its whole bed."""

    plan: Plan
    rundown: Rundown
    segment: Segment
    items: list[BedItem]


def bed(
    tracks: list[float],
    seconds: int,
    *,
    cross: float = 2.0,
    fade: float = 1.5,
    repeat: bool = True,
    order: str = "listed",
) -> Bed:
    """The bed of so many seconds from these lengths of tracks."""
    daypart = {
        "id": "part", "title": "段", "from": "12:00", "to": clock_text(NOON + seconds), "level": "plain",
        "bed": {"playlist": "music", "repeat": repeat, "order": order},
    }  # fmt: skip
    sound = Sound(crossfade=cross, fade_out=fade)
    plan = small_plan([], dayparts=[daypart], tracks={"music": tracks}, sound=sound)
    rundown = compile_rundown(plan, (), DAY)
    segment = rundown.segments[0]
    return Bed(plan, rundown, segment, bed_between(plan, rundown, segment.start, segment.end))


lengths = st.floats(0.4, 300).map(lambda seconds: round(seconds, 3))
fades = st.sampled_from([0.0, 0.5, 2.0, 8.0, 15.0])
beds = st.builds(
    bed,
    st.lists(lengths, min_size=1, max_size=5),
    st.integers(1, 900),
    cross=fades,
    fade=fades,
    repeat=st.booleans(),
    order=st.sampled_from(["listed", "shuffled"]),
)


def instants(bed: Bed, count: int = 40) -> list[datetime]:
    """Instants all over the daypart, and around each joint of the first tracks."""
    whole = bed.segment.end - bed.segment.start
    joints = [moment for item in bed.items[:15] for moment in (item.start, item.end - TICK)]
    return [bed.segment.start + whole * n / count for n in range(count)] + [
        moment for moment in joints if moment < bed.segment.end
    ]


@property_settings(80)
@given(beds)
def test_tracks_join_without_a_gap_and_never_add_up_to_more_than_one(bed: Bed) -> None:
    last = bed.items[-1]
    for instant in instants(bed):
        sounding = bed_at(bed.plan, bed.rundown, instant)
        assert len(sounding) in (1, 2) or instant >= last.end - TICK
        assert sum(loudness(item, instant) for item in sounding) <= 1.00001
        if len(sounding) == 2:
            older, newer = sounding
            assert newer.start >= older.end - timedelta(seconds=older.fade_out_s) - 2 * TICK


@property_settings(80)
@given(beds)
def test_a_bed_fills_its_daypart_and_not_a_moment_more(bed: Bed) -> None:
    assert bed.items[0].start == bed.segment.start
    assert bed.items[0].fade_in_s == 0
    ends = max(item.end for item in bed.items)
    rule = bed.segment.bed
    assert rule is not None
    assert ends == bed.segment.end or (not rule.repeat and len(bed.items) == len(bed.plan.playlists["music"].tracks))
    assert all(item.end - item.start <= timedelta(seconds=item.track.duration_s) + TICK for item in bed.items)
    assert all(max(item.fade_in_s, item.fade_out_s) <= item.offset_s(item.end) + 1e-5 for item in bed.items)


@property_settings(80)
@given(beds, st.floats(0, 1), st.floats(0, 1))
def test_a_bed_is_the_same_through_any_window(bed: Bed, one: float, two: float) -> None:
    whole = bed.segment.end - bed.segment.start
    start, end = (bed.segment.start + whole * part for part in sorted((one, two)))
    seen = bed_between(bed.plan, bed.rundown, start, end)
    assert seen == [item for item in bed.items if item.end > start and item.start < end]
    assert len({item.id for item in bed.items}) == len(bed.items)


@property_settings(40)
@given(beds)
def test_tracks_come_in_their_order_and_run_on(bed: Bed) -> None:
    order = track_order(bed.plan, bed.rundown, bed.segment)
    assert sorted(track.title for track in order) == sorted(t.title for t in bed.plan.playlists["music"].tracks)
    assert all(item.track == order[n % len(order)] for n, item in enumerate(bed.items))
    for item in bed.items[:10]:
        middle = item.start + (item.end - item.start) / 2
        assert item.offset_s(middle + timedelta(seconds=1)) - item.offset_s(middle) == pytest.approx(1, abs=1e-6)


def test_one_track_follows_itself() -> None:
    assert [item.offset_s(item.end) for item in bed([60.0], 174).items] == [60, 60, 58]


def test_no_track_begins_while_another_lasts_to_the_end() -> None:
    # The second would begin 1 s before the daypart ends, both at full level until the first is told to fade.
    found = bed([100.0, 100.0], 91, cross=10.0, fade=0.5)
    assert len(found.items) == 1 and found.items[0].end == found.segment.end


def test_a_playlist_that_does_not_repeat_ends_in_silence() -> None:
    found = bed([30.0, 30.0], 120, repeat=False)
    assert [item.offset_s(item.end) for item in found.items] == [30, 30]
    assert bed_at(found.plan, found.rundown, found.segment.end - timedelta(seconds=5)) == []
    assert [fault.code for fault in found.rundown.faults] == ["bed-short"]


def test_a_shuffle_is_another_each_day_and_the_same_all_day() -> None:
    found = bed([10.0, 20.0, 30.0, 40.0], 600, order="shuffled")
    others = {
        track_order(found.plan, compile_rundown(found.plan, (), DAY + timedelta(days=n)), found.segment)
        for n in range(10)
    }
    assert len(others) > 3
    assert track_order(found.plan, compile_rundown(found.plan, (), DAY), found.segment) in others


@pytest.mark.parametrize("path", ["/var/media/0123456789abcdef-x.wav", r"C:\var\media\0123456789abcdef-x.wav"])
def test_an_item_is_named_after_its_recording_on_any_system(path: str) -> None:
    found = bed([30.0], 20)
    track = found.items[0].track.model_copy(update={"path": path})
    music = found.plan.playlists["music"].model_copy(update={"tracks": (track,)})
    plan = found.plan.model_copy(update={"playlists": {"music": music}})
    assert bed_between(plan, found.rundown, found.segment.start, found.segment.end)[0].id.endswith(
        "#0=0123456789abcdef"
    )
