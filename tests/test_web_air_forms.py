"""Ready-made forms that air without a second person: which, by whom, and that nothing else can."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from broadcaster.errors import FormError, NoticeError
from broadcaster.notices.forms import Form, load_forms
from broadcaster.rundown.compiler import compile_rundown
from tests.notice_kit import AMY, BOB, CAT, TODAY, TZ, clip, draft, scene
from tests.web_fakes import store_plan

ROOT = Path(__file__).parents[1]


@cache
def forms() -> dict[str, Form]:
    return load_forms(ROOT)[0]


def changed(form: Form, **changes: Any) -> Form:
    return Form.model_validate({**form.model_dump(by_alias=True), **changes})


def test_an_approver_calls_a_lost_child_without_waiting(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.desk.submit_form(forms()["lost-child"], {"name": "乐乐"}, CAT, "192.168.1.7")
        assert (record.state, record.author, record.verdicts[0].who) == ("approved", "cat", "form:lost-child")
        assert [one.id for one in at.desk.to_render()] == [record.id]
        deeds = [(entry.who, entry.what, entry.detail.get("self_approve")) for entry in at.desk.history(record.id)]
        assert deeds == [("cat", "notice.submit", None), ("cat", "notice.approve", "lost-child")]


def test_what_others_fill_in_waits_for_an_approver(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.desk.submit_form(forms()["lost-child"], {"name": "乐乐"}, AMY)
        assert (record.state, record.verdicts) == ("submitted", ())
        assert at.desk.approve(record.id, 1, BOB).state == "approved"


def test_forms_that_do_not_say_so_wait(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.desk.submit_form(forms()["meet-friend"], {"who": "李女士"}, CAT)
        assert record.state == "submitted" and at.desk.queue(CAT) == ()


def test_an_edited_form_is_free_text_and_waits(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.desk.submit_form(forms()["lost-child"], {"name": "乐乐"}, CAT)
        edited = at.desk.edit(record.id, draft("全场一折", form="lost-child"), CAT, 1)
        assert (edited.state, edited.verdicts) == ("submitted", ())
        with pytest.raises(NoticeError, match="somebody else must approve"):
            at.desk.approve(record.id, 2, CAT)


def test_a_draft_that_calls_itself_a_form_waits(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        assert at.desk.submit(draft("全场一折", form="lost-child", priority="urgent"), CAT).state == "submitted"


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": "scheduled"},
        {"text": "{name}{place}"},
        {"blanks": [{"id": "name", "label": "内容", "max_length": 200}], "text": "各位顾客请注意,现在广播:{name}"},
    ],
)
def test_a_form_of_free_text_can_not_say_so(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="self_approve"):
        changed(forms()["lost-child"], **changes)


def test_a_wrong_blank_airs_nothing(tmp_path: Path) -> None:
    with scene(tmp_path) as at, pytest.raises(FormError):
        at.desk.submit_form(forms()["lost-child"], {"name": "乐" * 9}, CAT)


def aired(at: Any, ready_after_s: float) -> list[str]:
    record = at.desk.submit_form(forms()["lost-child"], {"name": "乐乐"}, CAT)
    at.clock.go(seconds=ready_after_s)
    assert at.desk.mark_ready(record.id, 1, clip(), {})
    rundown = compile_rundown(store_plan(), at.desk.feed(TODAY), TODAY)
    return [f"{spot.at.astimezone(TZ):%H:%M:%S}" for spot in rundown.spots if spot.ref == record.ref]


@pytest.mark.parametrize(
    ("ready_after_s", "first"),
    [(4, ["10:30:29", "10:35:00"]), (200, ["10:33:45", "10:35:00"]), (250, ["10:35:00", "10:40:00"])],
)
def test_it_is_called_at_once_and_then_in_its_turns(tmp_path: Path, ready_after_s: float, first: list[str]) -> None:
    with scene(tmp_path) as at:
        at.clock.go(minutes=90, seconds=24)
        assert aired(at, ready_after_s)[:2] == first


def test_too_late_it_is_not_called(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.clock.go(minutes=90, seconds=24)
        assert aired(at, timedelta(hours=1, minutes=1).total_seconds()) == []
