"""Who may do what with a notice in which state: the rules alone, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.errors import NoticeError
from broadcaster.notices import flow
from broadcaster.notices.flow import Standing, after_approval, shown_state
from broadcaster.notices.models import STATES, State, Verdict
from tests.notice_kit import AMY, BOB, CAT, DAN, EVE, NINE, Somebody

WAITING = Standing(id=7, state="submitted", revision=2, author="amy", editor="amy", needed=1)
PEOPLE = (AMY, BOB, CAT, DAN, EVE, Somebody("ivy", "it"))


def yes(who: Somebody) -> Verdict:
    return Verdict(who.name, True, NINE, revision=2)


def test_one_approval_is_enough_where_one_is_needed() -> None:
    assert after_approval(WAITING, BOB, 2) == "approved"


def test_two_different_people_must_approve_where_two_are_needed() -> None:
    twice = replace(WAITING, needed=2)
    assert after_approval(twice, BOB, 2) == "submitted"
    assert after_approval(replace(twice, verdicts=(yes(BOB),)), CAT, 2) == "approved"
    with pytest.raises(NoticeError, match="已经批准过"):
        after_approval(replace(twice, verdicts=(yes(BOB),)), BOB, 2)


@pytest.mark.parametrize(("author", "editor"), [("bob", "amy"), ("amy", "bob"), ("bob", "bob")])
def test_neither_the_first_author_nor_the_last_approves(author: str, editor: str) -> None:
    with pytest.raises(NoticeError, match="bob"):
        after_approval(replace(WAITING, author=author, editor=editor), BOB, 2)


@given(st.sampled_from(PEOPLE), st.sampled_from(STATES), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_only_approvers_of_what_waits_at_the_revision_they_saw(
    who: Somebody, state: State, revision: int, needed: int, active: bool
) -> None:
    person = replace(who, active=active)
    allowed = active and who.role in flow.APPROVERS and state == "submitted" and revision == 2
    try:
        after_approval(replace(WAITING, state=state, needed=needed), person, revision)
    except NoticeError as error:
        assert not allowed and " / " in str(error)
    else:
        assert allowed


@pytest.mark.parametrize("state", STATES)
def test_what_is_over_is_not_withdrawn(state: State) -> None:
    notice = replace(WAITING, state=state)
    if state in ("submitted", "approved", "ready"):
        flow.may_withdraw(notice, AMY)
    else:
        with pytest.raises(NoticeError, match=state):
            flow.may_withdraw(notice, AMY)


def test_another_persons_notice_is_not_touched_by_who_is_no_approver() -> None:
    other = Somebody("gus", "promo")
    with pytest.raises(NoticeError, match="gus"):
        flow.may_edit(WAITING, other, 2)
    with pytest.raises(NoticeError, match="gus"):
        flow.may_withdraw(WAITING, other)
    flow.may_edit(WAITING, CAT, 2)


def test_a_rejection_has_a_reason() -> None:
    with pytest.raises(NoticeError, match="reason"):
        flow.may_reject(WAITING, BOB, 2, "  ")
    flow.may_reject(WAITING, BOB, 2, "价格不对")


def test_what_was_changed_meanwhile_is_looked_at_again() -> None:
    for deed in (
        lambda: flow.may_edit(WAITING, AMY, 1),
        lambda: after_approval(WAITING, BOB, 1),
        lambda: flow.may_reject(WAITING, BOB, 3, "x"),
    ):
        with pytest.raises(NoticeError, match="revision 2"):
            deed()


@pytest.mark.parametrize(
    ("stored", "shown"), [("submitted", "expired"), ("ready", "expired"), ("rejected", "rejected")]
)
def test_what_waits_or_airs_expires_after_its_last_date(stored: State, shown: State) -> None:
    last = date(2026, 11, 24)
    assert shown_state(stored, last, last) == stored
    assert shown_state(stored, last, date(2026, 11, 25)) == shown


def test_an_account_that_is_switched_off_does_nothing() -> None:
    gone = replace(BOB, active=False)
    with pytest.raises(NoticeError, match="switched off"):
        flow.may_submit(gone)
    with pytest.raises(NoticeError, match="switched off"):
        flow.may_withdraw(WAITING, gone)
    assert not flow.waits_for(WAITING, gone)
