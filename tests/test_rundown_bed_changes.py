"""A playlist is changed under a bed that sounds: what sounds goes on, and the new order follows it."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.plan.plan import Plan, Track
from broadcaster.plan.succession import KEPT, succeed
from broadcaster.rundown.bed import BedSkip, bed_at, bed_between, can_skip
from tests.rundown_kit import property_settings
from tests.test_rundown_bed import Bed, bed

TICK = timedelta(microseconds=1)


def track(name: str, seconds: float = 60.0) -> Track:
    return Track(title=name, file=name, path=f"/cache/{name}{seconds}.wav", duration_s=seconds)


def with_tracks(plan: Plan, tracks: list[Track]) -> Plan:
    """The same plan with other music in its playlist, as the files would make it."""
    playlist = plan.playlists["music"].model_copy(update={"tracks": tuple(tracks), "earlier": ()})
    return plan.model_copy(update={"playlists": {"music": playlist}})


def started(names: str, *, seconds: int = 900, repeat: bool = True, order: str = "listed") -> Bed:
    found = bed([60.0], seconds, cross=2.0, repeat=repeat, order=order)
    return Bed(with_tracks(found.plan, [track(name) for name in names]), found.rundown, found.segment, [])


def changed(one: Bed, names: str, after_s: float, lengths: float = 60.0) -> Bed:
    now = one.segment.start + timedelta(seconds=after_s)
    plan = succeed(one.plan, with_tracks(one.plan, [track(name, lengths) for name in names]), now)
    return Bed(plan, one.rundown, one.segment, [])


def heard(one: Bed, skips: tuple[BedSkip, ...] = ()) -> str:
    items = bed_between(one.plan, one.rundown, one.segment.start, one.segment.end, skips)
    return "".join(item.track.title for item in items)


def test_a_song_put_in_follows_in_its_place() -> None:
    one = started("abc", seconds=400)
    assert heard(one) == "abcabca"
    assert heard(changed(one, "axbc", 70.0)) == "abcaxbc"


def test_a_song_put_in_behind_the_sounding_one_comes_next() -> None:
    assert heard(changed(started("abc", seconds=290), "abxc", 70.0)) == "abxca"


def test_a_song_taken_out_while_it_sounds_is_played_to_its_end() -> None:
    assert heard(changed(started("abc", seconds=290), "ac", 70.0)) == "abcac"


def test_a_list_that_plays_once_is_played_to_its_new_end() -> None:
    one = started("abc", seconds=900, repeat=False)
    assert heard(changed(one, "abcd", 70.0)) == "abcd"
    assert heard(changed(one, "bac", 70.0)) == "abac"
    assert heard(changed(one, "abcd", 800.0)) == "abc"


def test_a_new_title_alone_changes_nothing() -> None:
    one = started("abc")
    renamed = one.plan.playlists["music"].tracks[0].model_copy(update={"title": "neu"})
    plan = succeed(
        one.plan, with_tracks(one.plan, [renamed, *one.plan.playlists["music"].tracks[1:]]), one.segment.start
    )
    assert plan.playlists["music"].earlier == ()


def test_what_was_is_forgotten_with_time() -> None:
    one = changed(started("abc"), "ab", 70.0)
    later = succeed(one.plan, with_tracks(one.plan, [track("a"), track("b")]), one.segment.start + KEPT * 2)
    assert one.plan.playlists["music"].earlier and not later.playlists["music"].earlier


def test_the_same_plan_twice_is_the_same() -> None:
    one = changed(started("abc"), "ab", 70.0)
    fresh = with_tracks(one.plan, [track("a"), track("b")])
    assert succeed(one.plan, fresh, one.segment.start + timedelta(hours=1)).model_dump() == one.plan.model_dump()


def test_a_skip_stays_where_it_was_when_the_list_changes() -> None:
    one = started("abcd", seconds=300)
    place = bed_at(one.plan, one.rundown, one.segment.start)[0].id.partition("#")[0]
    skip = BedSkip(place, 0, one.segment.start + timedelta(seconds=20), "王兰")
    assert can_skip(one.plan, one.rundown, skip)
    before = heard(one, (skip,))
    after = changed(one, "abxcd", 30.0)
    assert before.startswith("abc") and heard(after, (skip,)).startswith("abxc")
    later = BedSkip(place, 2, one.segment.start + timedelta(seconds=90), "王兰")
    assert heard(after, (skip, later)).startswith("abxc")


_NAMES = st.text("abcdef", min_size=1, max_size=5).map(lambda text: "".join(dict.fromkeys(text)))


@property_settings(150)
@given(_NAMES, st.lists(st.tuples(_NAMES, st.floats(0, 899), st.floats(3, 200)), max_size=4), st.booleans(),
       st.sampled_from(["listed", "shuffled"]))  # fmt: skip
def test_what_sounds_is_never_cut_and_no_gap_comes(
    first: str, later: list[tuple[str, float, float]], repeat: bool, order: str
) -> None:
    one = started(first, repeat=repeat, order=order)
    for names, after_s, length in sorted(later, key=lambda change: change[1]):
        now = one.segment.start + timedelta(seconds=after_s)
        before = bed_at(one.plan, one.rundown, now)
        one = changed(one, names, after_s, length)
        after = bed_at(one.plan, one.rundown, now)
        assert [(item.id, item.start) for item in before[-1:]] == [
            (item.id, item.start) for item in after if before and item.id == before[-1].id
        ]
    filled(one, repeat)


def filled(one: Bed, repeat: bool) -> None:
    """From the start on without a gap, to the end if it repeats."""
    items = bed_between(one.plan, one.rundown, one.segment.start, one.segment.end)
    reached: datetime = one.segment.start
    for item in items:
        assert item.start <= reached + TICK
        reached = max(reached, item.end)
    assert reached == one.segment.end or not repeat
