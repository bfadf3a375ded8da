"""The desk on real databases: the way of a notice from its author to the air, and off it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from broadcaster.errors import NoticeError, VoiceError
from broadcaster.notices.desk import RETRY, Helpers
from broadcaster.notices.lint import LintContext, lint
from broadcaster.notices.models import NoticeDraft, When
from broadcaster.rundown.compiler import compile_rundown
from tests.notice_kit import AMY, BOB, CAT, DAN, EVE, TODAY, clip, draft, scene, timed, turns
from tests.store_support import BACKENDS
from tests.web_fakes import store_plan
from tests.web_offices import StorePlanner


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_way_of_a_notice(backend: str, tmp_path: Path) -> None:
    with scene(tmp_path, backend) as at:
        record = at.submitted("全场8.8折")
        assert (record.state, record.revision, record.author) == ("submitted", 1, "amy")
        assert [waiting.id for waiting in at.desk.queue(BOB)] == [record.id]
        assert at.desk.approve(record.id, 1, BOB, "好").state == "approved"
        assert [waiting.id for waiting in at.desk.to_render()] == [record.id]
        assert at.desk.feed(TODAY) == ()
        at.clock.go(seconds=5)
        assert at.desk.mark_ready(record.id, 1, clip(), {"engine": "neural"})
        [notice] = at.desk.feed(TODAY)
        assert (notice.id, notice.since, notice.text) == (record.ref, at.clock.now(), "全场8.8折")
        assert notice.timing is not None and [str(moment) for moment in notice.timing.at] == ["10:05"]
        assert at.desk.to_render() == at.desk.queue(BOB) == ()
        deeds = [(entry.who, entry.what) for entry in at.desk.history(record.id)]
        assert deeds == [("amy", "notice.submit"), ("bob", "notice.approve"), ("voice", "notice.ready")]


@pytest.mark.parametrize("backend", BACKENDS)
def test_withdrawn_it_ends_at_that_instant(backend: str, tmp_path: Path) -> None:
    with scene(tmp_path, backend) as at:
        record, before = at.ready(), at.desk.changed_stamp()
        at.clock.go(hours=2)
        assert at.desk.withdraw(record.id, AMY, "活动取消").reason == "活动取消"
        [notice] = at.desk.feed(TODAY)
        assert notice.until == at.clock.now() and at.desk.changed_stamp() != before
        at.clock.go(days=1)
        assert at.desk.feed(TODAY + timedelta(days=1)) == ()


def test_an_edit_voids_the_approval_and_stops_the_air(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.ready("全场8.8折")
        at.clock.go(hours=1)
        edited = at.desk.edit(record.id, draft("全场7.8折"), AMY, 1)
        assert (edited.state, edited.revision, edited.approvals) == ("submitted", 2, ())
        [old] = at.desk.feed(TODAY)
        assert (old.text, old.until) == ("全场8.8折", at.clock.now())
        with pytest.raises(NoticeError, match="revision 2"):
            at.desk.approve(record.id, 1, BOB)
        at.desk.approve(record.id, 2, BOB)
        assert not at.desk.mark_ready(record.id, 1, clip("late"))
        assert at.desk.mark_ready(record.id, 2, clip("new"))
        assert [(notice.id, notice.clip.key) for notice in at.desk.feed(TODAY)] == [
            (record.ref, "1"),
            (record.ref, "new"),
        ]


def test_who_edited_it_does_not_approve_it(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.submitted()
        at.desk.edit(record.id, draft("谢谢光临"), BOB, 1)
        assert at.desk.queue(BOB) == ()
        with pytest.raises(NoticeError, match="edited by bob"):
            at.desk.approve(record.id, 2, BOB)
        assert at.desk.approve(record.id, 2, CAT).state == "approved"


def test_vendors_notices_may_need_two(tmp_path: Path) -> None:
    with scene(tmp_path, helpers=Helpers(vendor_approvals=lambda: 2)) as at:
        at.vendor("tata")
        at.vendor("trusted", approvals=1)
        record = at.submitted(vendor="tata")
        assert at.desk.approve(record.id, 1, BOB).state == "submitted"
        assert [len(at.desk.queue(who)) for who in (BOB, CAT, DAN, EVE, AMY)] == [0, 1, 1, 0, 0]
        assert at.desk.approve(record.id, 1, CAT).state == "approved"
        assert at.approved(vendor="trusted").state == "approved"


def test_rejected_with_a_reason_and_submitted_again(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.submitted()
        assert at.desk.reject(record.id, 1, BOB, "价格不对").reason == "价格不对"
        again = at.desk.edit(record.id, draft("改好了"), AMY, 1)
        assert (again.state, again.reason, again.verdicts) == ("submitted", "", ())


def test_what_aired_for_a_vendor_stays_that_vendors(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.vendor("tata")
        waiting, aired = at.submitted(), at.ready(vendor="tata")
        assert at.desk.edit(waiting.id, draft(vendor="tata"), AMY, 1).revision == 2
        at.vendor("oppein")
        for other in (draft("改"), draft("改", vendor="oppein"), draft("改", vendor="tata", when=turns())):
            with pytest.raises(NoticeError, match="vendor and rotation stay"):
                at.desk.edit(aired.id, other, AMY, 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (draft(" "), "neither a text"),
        (draft(when=timed(last=TODAY - timedelta(days=1), first=TODAY - timedelta(days=2))), "is over"),
        (draft(vendor="nobody"), "no vendor"),
    ],
)
def test_nonsense_is_not_submitted(tmp_path: Path, wrong: object, words: str) -> None:
    with scene(tmp_path) as at, pytest.raises(NoticeError, match=words):
        at.desk.submit(wrong, AMY)  # type: ignore[arg-type]


def test_expired_it_is_neither_fed_nor_approved(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        waiting, running = at.submitted(), at.ready()
        at.clock.go(days=1)
        assert {at.get(waiting.id).state, at.get(running.id).state} == {"expired"}
        assert at.desk.feed(TODAY + timedelta(days=1)) == ()
        assert at.desk.queue(BOB) == ()
        with pytest.raises(NoticeError, match="expired"):
            at.desk.approve(waiting.id, 1, BOB)
        assert {record.id for record in at.desk.list(state="expired")} == {waiting.id, running.id}
        assert at.desk.list(state="ready") == ()


def test_now_airs_once_just_after_it_is_ready(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.ready("请车主移车", when=When(now=True, first=TODAY, last=TODAY))
        [notice] = at.desk.feed(TODAY)
        assert notice.moments == (at.clock.now() + timedelta(seconds=1),) and notice.priority == "urgent"
        at.clock.go(minutes=10)
        assert at.desk.mark_ready(record.id, 1, clip("corrected"))
        assert at.desk.feed(TODAY) == (notice,)


def test_a_corrected_reading_is_another_recording_from_then_on(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.ready()
        at.clock.go(minutes=10)
        assert at.desk.mark_ready(record.id, 1, clip("corrected"))
        assert not at.desk.mark_ready(record.id, 1, clip("corrected"))
        first, second = at.desk.feed(TODAY)
        assert first.until == second.since == at.clock.now()
        assert (first.clip.key, second.clip.key) == ("1", "corrected")
        assert at.get(record.id).effective_at == first.since


def test_what_could_not_be_spoken_is_tried_again_later(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        late, urgent = at.approved(), at.approved("紧急", priority="urgent")
        assert [record.id for record in at.desk.to_render()] == [urgent.id, late.id]
        assert at.desk.mark_failed(late.id, 1, "没有语音引擎 / no engine")
        assert at.get(late.id).render_error == "没有语音引擎 / no engine"
        assert [record.id for record in at.desk.to_render()] == [urgent.id]
        at.clock.at += RETRY + timedelta(seconds=1)
        assert len(at.desk.to_render()) == 2


def test_remarks_are_advice_and_are_on_record(tmp_path: Path) -> None:
    helpers = Helpers(lint=lambda one, seconds: lint(one, LintContext(today=TODAY)))
    with scene(tmp_path, helpers=helpers) as at:
        record = at.approved("原价100元，现价200元。")
        for entry in at.desk.history(record.id):
            assert [remark["code"] for remark in entry.detail["remarks"]] == ["price-order"]


def test_search_and_paging(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        ids = [at.submitted(f"第{number}条 Notice 100%_{number}").id for number in range(5)]
        assert [record.id for record in at.desk.list(limit=2)] == ids[:2:-1]
        assert [record.id for record in at.desk.list(before=ids[2])] == [ids[1], ids[0]]
        assert [record.id for record in at.desk.list(search="notice 100%_3")] == [ids[3]]
        assert at.desk.list(search="100_") == ()


def test_of_two_that_decide_at_once_one_is_told(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.submitted()
        outcomes: list[str] = []

        def decide(who: object) -> None:
            try:
                outcomes.append(at.desk.approve(record.id, 1, who).state)  # type: ignore[arg-type]
            except NoticeError as error:
                outcomes.append(type(error).__name__)

        crowd = [threading.Thread(target=decide, args=(who,)) for who in (BOB, CAT, DAN)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join(30)
        assert sorted(outcomes) == ["NoticeError", "NoticeError", "approved"]


def test_a_preview_goes_on_without_a_voice(tmp_path: Path) -> None:
    def mute(text: str, language: str) -> object:
        raise VoiceError("没有 / none")

    with scene(tmp_path, helpers=Helpers(read=mute)) as at:  # type: ignore[arg-type]
        preview = at.desk.preview(draft())
        assert (preview.reading, preview.trouble, preview.times) == (None, "没有 / none", ())


def test_the_date_is_the_stores_not_the_worlds(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.clock.at = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
        assert at.desk.today() == TODAY


@pytest.mark.parametrize("text", ["😀😀", "\u200b", "。。!!", " \n"])
def test_what_holds_no_word_is_refused_before_anybody_has_to_approve_it(text: str, tmp_path: Path) -> None:
    with scene(tmp_path) as at, pytest.raises(NoticeError, match="没有"):
        at.submitted(text)


def test_a_preview_tells_what_submitting_would_refuse(tmp_path: Path) -> None:
    with scene(tmp_path, helpers=Helpers(fault=lambda draft: "没有档位“x” / no level “x”")) as at:
        assert "no level" in at.desk.preview(draft(level="x")).trouble


@pytest.mark.parametrize("title", ["\u200b", "\0", "\u202e \u2066"])
def test_a_title_that_nobody_sees_is_refused(title: str) -> None:
    with pytest.raises(ValidationError):
        NoticeDraft(title=title, text="欢迎光临", when=timed())
    assert NoticeDraft(title=f"{title}通知", text="欢迎光临", when=timed()).title == "通知"


def test_a_number_beyond_the_database_is_no_notice(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.submitted()
        assert at.desk.get(10**30) is None
        assert [one.id for one in at.desk.list(before=10**30)] == [record.id]
        with pytest.raises(NoticeError, match="no notice"):
            at.desk.withdraw(10**30, AMY)


def test_what_somebody_agreed_to_is_known(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.submitted("还没人看过")
        agreed = at.ready()
        assert [record.id for record in at.desk.agreed()] == [agreed.id]
        at.desk.withdraw(agreed.id, AMY)
        assert at.desk.agreed() == ()


def test_what_is_on_air_is_foretold_as_the_air_has_it(tmp_path: Path) -> None:
    with scene(tmp_path, helpers=Helpers(planner=StorePlanner())) as at:
        at.vendor()
        at.vendors.contract("tata", "vendor-promos", 8, TODAY, TODAY, by="bob")
        record = at.ready(vendor="tata", when=turns())
        at.clock.go(hours=6)
        day = compile_rundown(store_plan(), at.desk.feed(TODAY), TODAY)
        on_air = tuple(spot.at for spot in day.spots if spot.ref == record.ref)
        assert len(on_air) == 8 and on_air[0] < at.clock.now()
        assert at.desk.preview(record.draft, record.id).times == on_air
        assert tuple(moment for one in at.desk.times(record.id) for moment in one.times) == on_air
        changed = record.draft.model_copy(update={"text": "改了"})
        assert min(at.desk.preview(changed, record.id).times) > at.clock.now()


def test_now_is_not_tomorrow(tmp_path: Path) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with scene(tmp_path) as at, pytest.raises(NoticeError, match="now is for today"):
        at.submitted(when=When(now=True, first=tomorrow, last=tomorrow))


def test_who_only_looks_submits_and_changes_nothing(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        with pytest.raises(NoticeError, match="eve is supervisor"):
            at.desk.submit(draft(), EVE, "cli")
        record = at.submitted()
        with pytest.raises(NoticeError, match="eve is supervisor"):
            at.desk.edit(record.id, draft("别的"), EVE, 1)
        assert [one.revision for one in at.desk.list()] == [1]
