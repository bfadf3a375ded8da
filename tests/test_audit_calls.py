"""Who called, who ended it, and what handed a fire on, as the audit trail says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.actors import FIRE
from broadcaster.calls.fire_teller import told_by
from broadcaster.plan.unattended_models import FireInput
from broadcaster.store.audit import AuditEntry, AuditTrail
from broadcaster.web.app import create_app
from broadcaster.web.audit_words import deed_words, place_words, who_words
from tests.desk_kit import WHO
from tests.test_playout_calls import CallWorld, call_plan, calling
from tests.web_fakes import FakeStation

PEOPLE = {"wang": "王兰", "zhao": "赵磊"}


def trail(one: CallWorld) -> list[AuditEntry]:
    return list(AuditTrail(one.database, one.clock).entries(limit=9))


def test_an_emergency_s_end_names_it(tmp_path: Path) -> None:
    with calling(tmp_path, call_plan()) as one, create_app(FakeStation()).test_request_context("/?lang=zh"):
        one.alarm("drill")
        one.calls.end(**WHO)
        ended, called = trail(one)
        say = deed_words()
        assert say(ended)[:2] == ("结束了应急广播", "“演习”") and who_words(ended, PEOPLE) == "王兰"
        assert say(called)[1].startswith("演习")


def test_a_pushed_fire_is_nobody_s_call(tmp_path: Path) -> None:
    plan = call_plan(fire=FireInput(kind="push", message="evacuate"))
    with calling(tmp_path, plan) as one, create_app(FakeStation()).test_request_context("/?lang=zh"):
        one.calls.fire(True, "push", by="zhao", where="10.0.0.9 token:消防主机")
        (held,) = one.calls.calls()
        assert (held.who, held.shown) == (FIRE, "消防信号(令牌“消防主机”)")
        one.calls.fire(False, "push", by="zhao", where="10.0.0.9 token:消防主机")
        for entry in trail(one):
            assert "消防信号" in who_words(entry, PEOPLE) and "消防主机" in who_words(entry, PEOPLE)
            assert place_words(entry.where).startswith("10.0.0.9") and "token:" not in place_words(entry.where)


def test_without_a_token_the_account_stands_behind_it() -> None:
    assert told_by("zhao", "10.0.0.9", PEOPLE.__getitem__) == (FIRE, "10.0.0.9 account:zhao", "消防信号(赵磊)")
    assert told_by(FIRE, "", str) == (FIRE, "", "消防信号")


@pytest.mark.parametrize(
    ("who", "words"),
    [("voice", "语音合成"), ("cli:root", "root(命令行)"), ("cli:wang", "王兰(命令行)"), ("zhao", "赵磊")],
)
def test_who_is_no_account_is_told_in_words(tmp_path: Path, who: str, words: str) -> None:
    with calling(tmp_path, call_plan()) as one, create_app(FakeStation()).test_request_context("/?lang=zh"):
        AuditTrail(one.database, one.clock).record(who=who, what="notice.render")
        assert who_words(trail(one)[0], PEOPLE) == words
