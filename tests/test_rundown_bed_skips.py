"""A bed whose tracks the desk leaves early: the rest follows from there, whoever asks and whenever."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.rundown.bed import BedItem, BedSkip, bed_at, bed_between, can_skip
from tests.rundown_kit import property_settings
from tests.test_rundown_bed import TICK, Bed, bed, beds, instants


def skip_of(item: BedItem, at: object) -> BedSkip:
    place, _, rest = item.id.partition("#")
    return BedSkip(place, int(rest.partition("=")[0]), at, "王兰")  # type: ignore[arg-type]


def skipped_at(found: Bed, parts: list[float]) -> list[BedSkip]:
    """What somebody skips who presses at these parts of the daypart, as far as it may be skipped."""
    whole = found.segment.end - found.segment.start
    skips: list[BedSkip] = []
    for part in sorted(parts):
        at = found.segment.start + whole * part
        if sounding := bed_at(found.plan, found.rundown, at, skips):
            skip = skip_of(sounding[-1], at)
            if can_skip(found.plan, found.rundown, skip, skips):
                skips.append(skip)
    return skips


presses = st.lists(st.floats(0, 1), max_size=6)


@property_settings(100)
@given(beds, presses)
def test_the_next_begins_at_the_skip_from_its_top_and_nothing_is_silent(found: Bed, parts: list[float]) -> None:
    skips = skipped_at(found, parts)
    items = bed_between(found.plan, found.rundown, found.segment.start, found.segment.end, skips)
    starts = {item.start: item for item in items}
    for skip in skips:
        following = starts[skip.at]
        assert following.id.startswith(f"{skip.place}#{skip.number + 1}=")
        (left,) = [item for item in items if item.id.startswith(f"{skip.place}#{skip.number}=")]
        assert skip.at <= left.end <= skip.at + timedelta(seconds=found.plan.station.sound.crossfade) + TICK
        assert left.left_early == "跳过:王兰 / skipped by 王兰"
    rule = found.segment.bed
    for instant in instants(found) if rule is not None and rule.repeat else []:
        assert bed_at(found.plan, found.rundown, instant, skips)
    assert len({item.id for item in items}) == len(items)


@property_settings(100)
@given(beds, presses, st.floats(0, 1), st.floats(0, 1))
def test_it_is_the_same_through_any_window(found: Bed, parts: list[float], one: float, two: float) -> None:
    skips = skipped_at(found, parts)
    whole = found.segment.end - found.segment.start
    start, end = (found.segment.start + whole * part for part in sorted((one, two)))
    items = bed_between(found.plan, found.rundown, found.segment.start, found.segment.end, skips)
    seen = bed_between(found.plan, found.rundown, start, end, skips)
    assert seen == [item for item in items if item.end > start and item.start < end]


def test_what_fits_no_track_means_nothing() -> None:
    found = bed([60.0, 60.0, 60.0], 170)
    at = found.segment.start + timedelta(seconds=30)
    (first, *_) = found.items
    wrong = [
        BedSkip("elsewhere", 0, at),
        BedSkip(skip_of(first, at).place, 1, at),
        skip_of(first, at + timedelta(seconds=60)),
        skip_of(found.items[-1], found.segment.end - timedelta(seconds=1)),
    ]
    assert not any(can_skip(found.plan, found.rundown, skip) for skip in wrong)
    assert bed_between(found.plan, found.rundown, found.segment.start, found.segment.end, wrong) == found.items


def test_the_last_of_a_bed_that_does_not_repeat_can_not_be_skipped() -> None:
    found = bed([60.0, 60.0], 600, repeat=False)
    assert not can_skip(
        found.plan, found.rundown, skip_of(found.items[-1], found.items[-1].start + timedelta(seconds=5))
    )


def test_one_track_alone_begins_anew() -> None:
    found = bed([60.0], 300)
    skip = skip_of(found.items[0], found.segment.start + timedelta(seconds=20))
    sounding = bed_at(found.plan, found.rundown, skip.at + timedelta(seconds=10), [skip])
    assert [item.offset_s(skip.at + timedelta(seconds=10)) for item in sounding] == [10.0]
