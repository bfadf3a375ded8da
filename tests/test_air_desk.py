"""The desk's hand on the air: what it refuses, what it keeps, and that two clicks are one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.errors import Conflict, StoreError, TooOften, UsageError, VoiceError
from broadcaster.plan.plan import Clip
from broadcaster.playout.interventions import Intervention
from broadcaster.reports.explaining import why_document
from broadcaster.rooms import deed_limits
from broadcaster.rooms.at_hand import AtHand
from broadcaster.rundown.document import rundown_document
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.interventions import InterventionRows
from broadcaster.store.notices import Notices
from tests.desk_kit import WHO, DeskWorld, desk_plan, desk_world, spot
from tests.notice_kit import AMY
from tests.playout_kit import local
from tests.voice_fakes import FakeSpeaker, SentenceReader, studio_with

TEN = local("10:00:00")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[DeskWorld]:
    """A quiet morning: a spot soon, and one in the afternoon."""
    plan = desk_plan(spot("a", "10:02:00", 20.0), spot("b", "15:00:00", 10.0))
    with desk_world(tmp_path, plan, TEN) as found:
        found.run(5)
        yield found


def deeds(one: DeskWorld) -> list[tuple[str, str, str]]:
    trail = AuditTrail(one.database, one.clock).entries()
    return [(entry.what, entry.who, entry.where) for entry in reversed(trail) if entry.what.startswith("air.")]


# --- what it refuses


@pytest.mark.parametrize("minutes", [0.0, -1.0, 60.5, float("nan"), float("inf")])
def test_nothing_is_silent_by_hand_for_more_than_an_hour(one: DeskWorld, minutes: float) -> None:
    for deed in (one.desk.pause, one.desk.mute):
        with pytest.raises(UsageError, match="60"):
            deed(minutes, **WHO)
    assert deeds(one) == []


@pytest.mark.parametrize("dial", [21.9, 26.1, 0.0, float("nan")])
def test_a_level_is_never_trimmed_out_of_its_range(one: DeskWorld, dial: float) -> None:
    with pytest.raises(UsageError, match="22–26"):
        one.desk.trim("soft", dial, **WHO)


def test_what_there_is_not_is_refused(one: DeskWorld) -> None:
    with pytest.raises(UsageError, match="loud"):
        one.desk.trim("loud", 20, **WHO)
    with pytest.raises(UsageError, match="gone"):
        one.desk.play("script", "gone", **WHO)
    for name in ("notice-77", "notice-x", "../etc"):
        with pytest.raises(UsageError):
            one.desk.play("notice", name, **WHO)
    one.run(2)
    for name in ("", "nonsense", "2026-11-25/a/120000", "2026-11-24/gone/120000"):
        with pytest.raises(UsageError):
            one.desk.skip("spot", name, **WHO)
    one.run(2)
    for name in ("", "x#y", "2026-11-24/day@010000#0=gone"):
        with pytest.raises(Conflict):
            one.desk.skip("track", name, **WHO)
    one.run(2)
    with pytest.raises(UsageError):
        one.desk.end(4711, **WHO)


def test_what_sounds_no_more_is_not_skipped(one: DeskWorld) -> None:
    track = one.track
    one.desk.skip("track", track, **WHO)
    one.run(5)
    with pytest.raises(Conflict, match="not on air"):
        one.desk.skip("track", track, by="li", where="")
    one.run_to(local("10:02:30"))
    with pytest.raises(Conflict, match="over"):
        one.desk.skip("spot", one.rundown(TEN.date()).spots[0].id, **WHO)


def test_nothing_is_played_into_silence(one: DeskWorld) -> None:
    held = one.desk.mute(5, **WHO)
    with pytest.raises(Conflict, match="王兰"):
        one.desk.play("script", "a", **WHO)
    one.desk.end(held.id, **WHO)
    one.desk.stop("盘点", **WHO)
    with pytest.raises(Conflict, match="盘点"):
        one.desk.play("script", "a", **WHO)
    with pytest.raises(Conflict, match="盘点"):
        one.desk.pause(5, **WHO)


def test_nothing_is_played_outside_the_programme(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), local("18:30:00")) as one:
        one.run(5)
        with pytest.raises(Conflict, match="不在播音时段"):
            one.desk.play("script", "a", **WHO)
        assert list(one.desk.holding()) == []


# --- what it keeps


def test_each_deed_is_audited_with_who_and_where(one: DeskWorld) -> None:
    held = one.desk.pause(5, **WHO, reason="开会")
    one.desk.end(held.id, by="li", where="10.0.0.9")
    one.desk.trim("soft", 23, **WHO)
    assert deeds(one) == [("air.pause", "wang", "10.0.0.7"), ("air.end", "li", "10.0.0.9"),
                          ("air.trim", "wang", "10.0.0.7")]  # fmt: skip


def test_holding_names_them_oldest_first_and_forgets_what_is_carried_out(one: DeskWorld) -> None:
    one.desk.trim("soft", 23, **WHO)
    one.run(1)
    one.desk.pause(1, **WHO)
    one.run(1)
    one.desk.play("script", "b", **WHO)
    assert [held.kind for held in one.desk.holding()] == ["trim", "pause", "insert"]
    one.run(30)
    assert [held.kind for held in one.desk.holding()] == ["trim", "pause"]
    one.run(60)
    assert [held.kind for held in one.desk.holding()] == ["trim"]


def test_a_later_pause_takes_the_place_of_an_earlier_one(one: DeskWorld) -> None:
    one.desk.pause(30, **WHO)
    one.run(3)
    second = one.desk.pause(1, **WHO)
    assert [held.id for held in one.desk.holding()] == [second.id]
    one.run(70)
    assert one.bed_faults(0.0) == []


def test_what_is_over_can_not_be_taken_back(one: DeskWorld) -> None:
    held = one.desk.pause(1, **WHO)
    one.run(70)
    with pytest.raises(Conflict, match="over"):
        one.desk.end(held.id, **WHO)


def test_a_skip_that_cut_a_spot_off_can_not_be_taken_back(one: DeskWorld) -> None:
    one.run_to(local("10:02:05"))
    held = one.desk.skip("spot", one.rundown(TEN.date()).spots[0].id, **WHO)
    one.run(1)
    with pytest.raises(Conflict):
        one.desk.end(held.id, **WHO)


def test_a_skipped_track_can_be_had_back_for_a_minute(one: DeskWorld) -> None:
    track = one.track
    held = one.desk.skip("track", track, **WHO)
    one.run(4)
    one.desk.end(held.id, **WHO)
    one.run(3)
    assert one.track == track and one.bed_faults() == []


# --- two clicks are one


def test_a_double_click_is_one_deed(one: DeskWorld) -> None:
    track = one.track
    pairs = [
        (one.desk.skip("track", track, **WHO), one.desk.skip("track", track, **WHO)),
        (one.desk.play("script", "a", **WHO), one.desk.play("script", "a", **WHO)),
        (one.desk.pause(5, **WHO), one.desk.pause(5, **WHO)),
        (one.desk.stop("x", **WHO), one.desk.stop("x", **WHO)),
    ]
    assert all(first.id == second.id for first, second in pairs)
    assert len(deeds(one)) == 4


def test_the_same_again_later_is_another_deed(one: DeskWorld) -> None:
    first = one.desk.pause(5, **WHO)
    one.run(2.1)
    assert one.desk.pause(5, **WHO).id != first.id


def test_what_another_has_just_put_on_air_is_not_put_on_again(one: DeskWorld) -> None:
    first = one.desk.play("script", "b", **WHO)
    one.run(3)
    with pytest.raises(Conflict, match="王兰"):
        one.desk.play("script", "b", by="li", where="")
    assert one.desk.play("script", "b", **WHO).id == first.id
    one.run(20)
    assert one.desk.play("script", "b", by="li", where="").id != first.id
    one.run(20)
    assert len(one.voice()) == 2


def test_other_deeds_count_as_well(one: DeskWorld) -> None:
    for _ in range(deed_limits.A_MINUTE):
        one.desk.count("wang")
        one.run(0.5)
    with pytest.raises(TooOften):
        one.desk.count("wang")


def test_what_nobody_would_hear_is_refused(one: DeskWorld) -> None:
    one.desk.refuse_unheard()
    one.desk.mute(5, **WHO)
    with pytest.raises(Conflict, match="静音"):
        one.desk.refuse_unheard()


def test_too_many_deeds_are_refused_but_a_stop_never_is(one: DeskWorld) -> None:
    for number in range(deed_limits.A_SECOND):
        one.desk.trim("soft", 22 + number / 10, **WHO)
    with pytest.raises(TooOften) as told:
        one.desk.trim("soft", 25, by="li", where="")
    assert 0 < told.value.wait_s <= 1.0
    assert one.desk.stop("x", **WHO).kind == "stop"


def test_one_person_may_do_thirty_deeds_a_minute_and_another_some_more(one: DeskWorld) -> None:
    for number in range(deed_limits.A_MINUTE):
        one.desk.trim("soft", 22 + number / 10, **WHO)
        one.run(0.5)
    with pytest.raises(TooOften):
        one.desk.trim("soft", 26, **WHO)
    one.desk.trim("soft", 26, by="li", where="")
    one.run(50)
    one.desk.trim("soft", 24, **WHO)


# --- a database in trouble


def test_a_stop_that_can_not_be_written_holds_all_the_same(one: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise StoreError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(InterventionRows, "add", refuse)
        held = one.desk.stop("x", **WHO)
        with pytest.raises(StoreError):
            one.desk.trim("soft", 23, **WHO)
    one.run(0.5)
    assert one.audible("bed") == [] and [stop.id for stop in one.desk.holding()] == [held.id]
    one.desk.end(held.id, **WHO)
    one.run(2)
    assert one.bed_faults(0.0) == []


# --- notices and scripts


def test_an_approved_notice_is_played_and_counts_as_that_notice(one: DeskWorld) -> None:
    record = one.said()
    one.desk.play("notice", record.ref, **WHO)
    one.run(20)
    (entry,) = [entry for entry in one.spot_entries().values() if entry.commanded_at]
    assert (entry.kind, entry.ref, entry.outcome) == ("notice", record.ref, Outcome.AIRED)


def test_a_notice_that_nobody_approved_is_not_played(one: DeskWorld) -> None:
    from tests.notice_kit import draft

    record = one.notice_desk.submit(draft("没批"), AMY)
    with pytest.raises(Conflict, match="submitted"):
        one.desk.play("notice", record.ref, **WHO)


def test_a_withdrawn_notice_falls_silent_though_it_was_played_by_hand(one: DeskWorld) -> None:
    record = one.said()
    one.desk.play("notice", record.ref, **WHO)
    one.run(4)
    assert one.audible("voice") != []
    one.notice_desk.withdraw(record.id, AMY, "找到了")
    one.recompile()
    one.run(0.3)
    assert one.audible("voice") == []
    one.run(5)
    (entry,) = [entry for entry in one.spot_entries().values() if entry.commanded_at]
    assert entry.outcome is Outcome.PARTIAL


def test_a_script_without_a_recording_is_spoken_first(one: DeskWorld, tmp_path: Path) -> None:
    studio = studio_with(tmp_path / "studio", FakeSpeaker(), reader=SentenceReader())
    unspoken = one.plan.model_copy(update={"clips": {"a*1": Clip(path=None, duration_s=5.0, key="")}})
    at_hand = AtHand(Home(tmp_path), one.clock, Notices(one.database), studio)
    ready = at_hand.ready(unspoken, "script", "a")
    assert Path(ready["path"]).is_file() and ready["duration_s"] > 0.5 and ready["text"] == "a"
    studio.close()


def test_a_script_that_nobody_can_speak_is_refused_in_words(one: DeskWorld, tmp_path: Path) -> None:
    studio = studio_with(tmp_path / "studio", FakeSpeaker(fault=VoiceError("hoarse")), reader=SentenceReader())
    unspoken = one.plan.model_copy(update={"clips": {}})
    with pytest.raises(VoiceError):
        AtHand(Home(tmp_path), one.clock, Notices(one.database), studio).ready(unspoken, "script", "a")
    studio.close()


# --- what is told of it


def test_the_rundown_shows_who_played_it(one: DeskWorld) -> None:
    one.desk.play("script", "b", **WHO)
    (shown,) = [it for it in rundown_document(one.plan, one.rundown(TEN.date()))["spots"] if it["by"]]
    assert (shown["rule"], shown["by"], shown["kind"], shown["ref"]) == ("desk (王兰)", "王兰", "script", "b")


def test_why_names_the_hand_in_it(one: DeskWorld) -> None:
    one.desk.pause(30, **WHO)
    one.desk.trim("soft", 25, **WHO)
    one.run(60)
    hands = one.desk.interventions
    answer = why_document(one.plan, one.rundown(TEN.date()), one.now, one.log, now=one.now, hands=hands)
    because = "".join(answer["because"])
    assert "音乐由王兰暂停到 10:30" in because and "调到 25" in because
    assert answer["segment"]["dial"] == 25
    later = one.now + timedelta(hours=1)
    answer = why_document(one.plan, one.rundown(TEN.date()), later, one.log, now=one.now, hands=hands)
    assert "暂停" not in "".join(answer["because"])


def test_why_follows_a_skipped_track(one: DeskWorld) -> None:
    one.desk.skip("track", one.track, **WHO)
    one.run(5)
    hands = one.desk.interventions
    answer = why_document(one.plan, one.rundown(TEN.date()), one.now, one.log, now=one.now, hands=hands)
    assert answer["track"]["offset_s"] == pytest.approx(4.5, abs=0.1)
    assert "王兰跳到下一首" in "".join(answer["because"])


def test_an_intervention_is_told_by_its_author_and_end() -> None:
    one = Intervention(1, "pause", None, {"shown": "王兰"}, TEN, TEN + timedelta(minutes=32), "wang")
    assert one.words() == "音乐暂停:王兰 / bed paused by 王兰"
