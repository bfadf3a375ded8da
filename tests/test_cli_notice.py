"""Notices, accounts and vendors on the command line, without a daemon."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.clock import SystemClock
from broadcaster.notices.models import NoticeDraft, When
from broadcaster.plan.plan import Clip
from broadcaster.rooms.notice_office import Office
from broadcaster.settings import Home
from broadcaster.store.kept_days import DayText
from tests.plan_kit import restored
from tests.test_cli import Command, command

__all__ = ["command"]

DAY = (SystemClock().now() + timedelta(days=2)).date().isoformat()
WHEN = ("--at", "10:31", "--first", DAY)


@pytest.fixture
def home(command: Command) -> Path:
    home = restored()
    for name, role in (("amy", "promo"), ("bob", "manager"), ("cat", "announcer")):
        made = command(home, "user", "add", name, "--role", role, "--password", "correct-horse-9")
        assert made.status == 0, made.err
    return home


def submitted(home: Path, text: str = "欢迎光临。", who: str = "amy", **changes: Any) -> None:
    """The way of the commands, without the voice's worker, which takes seconds to start."""
    office = Office(Home(home))
    try:
        user = office.users.get(who)
        assert user is not None
        when = When(at=("10:31",), first=date.fromisoformat(DAY), last=date.fromisoformat(DAY))
        office.desk.submit(NoticeDraft(title="通知", text=text, when=when, **changes), user, "cli")
    finally:
        office.close()


def test_submitted_approved_and_heard_at_its_time(home: Path, command: Command) -> None:
    made = command(home, "notice", "add", "今日全场8.8折。", *WHEN, "--as", "amy", "--json")
    assert made.status == 0, made.err
    assert made.json["notice"]["state"] == "submitted" and made.json["preview"]["days"][0]["date"] == DAY
    [moment] = made.json["preview"]["days"][0]["times"]
    assert moment.startswith(f"{DAY}T10:3")
    assert command(home, "notice", "approve", "1", "--as", "bob", "--json").json["state"] == "approved"
    assert command(home, "notice", "times", "1", "--json").json["days"][0]["times"] == [moment]
    history = command(home, "notice", "show", "1", "--json").json["history"]
    assert [(deed["who"], deed["what"], deed["where"]) for deed in history] == [
        ("amy", "notice.submit", "cli"),
        ("bob", "notice.approve", "cli"),
    ]


def test_ready_it_is_in_the_rundown_that_the_desk_feeds(home: Path, command: Command) -> None:
    submitted(home)
    command(home, "notice", "approve", "1", "--as", "bob")
    office = Office(Home(home))
    try:
        assert office.desk.mark_ready(1, 1, Clip(path="/x.wav", duration_s=5.0, key="k"), {})
    finally:
        office.close()
    listed = command(home, "notice", "list", "--state", "ready", "--json").json["notices"]
    assert [(one["id"], one["duration_s"]) for one in listed] == [(1, 5.0)]


def test_words_show_times_and_remarks_before_anything_is_submitted(home: Path, command: Command) -> None:
    ran = command(home, "notice", "add", "全国最佳品质，原价100元，现价200元。", *WHEN, "--as", "amy", "--dry-run")
    assert ran.status == 0, ran.err
    assert f"{DAY} 将在 10:3" in ran.out and "严重 serious" in ran.out and "已提交" not in ran.out
    assert command(home, "notice", "list").out == "没有通知 / no notices\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "x", "--at", "25:00", "--as", "amy"), "no time of day"),
        (("add", "x", "--as", "amy"), "exactly one of now, at, every, rotation"),
        (("add", "x", "--every", "20min", "--from", "10:00", "--as", "amy"), "come in pairs"),
        (("add", "x", "--rotation", "vendor-promo", "--as", "amy"), "vendor-promos"),
        (("add", "x", "--at", "10:00", "--chime", "gong", "--as", "amy"), "gong"),
        (("add", "x", "--at", "10:00", "--as", "zoe"), "no account “zoe”"),
        (("approve", "9", "--as", "bob"), "no notice 9"),
        (("list", "--state", "lost"), "lost"),
    ],
)
def test_bad_use_is_status_2_and_says_what(
    home: Path, command: Command, arguments: tuple[str, ...], words: str
) -> None:  # fmt: skip
    ran = command(home, "notice", *arguments)
    assert (ran.status, ran.out) == (2, "") and words in ran.err


def test_nobody_approves_their_own(home: Path, command: Command) -> None:
    submitted(home, who="bob")
    ran = command(home, "notice", "approve", "1", "--as", "bob")
    assert ran.status == 2 and "somebody else must approve" in ran.err
    assert command(home, "notice", "approve", "1", "--as", "cat").status == 0


def test_an_edit_keeps_what_it_does_not_name(home: Path, command: Command) -> None:
    submitted(home, "全场8.8折。", read=2)
    edited = command(home, "notice", "edit", "1", "--text", "全场7.8折。", "--as", "amy", "--json").json["notice"]
    content = edited["content"]
    assert (edited["revision"], content["text"], content["read"]) == (2, "全场7.8折。", 2)
    assert (content["when"]["at"], content["when"]["first"]) == (["10:31"], DAY)
    stale = command(home, "notice", "approve", "1", "--revision", "1", "--as", "bob")
    assert stale.status == 2 and "revision 2" in stale.err


def test_rejected_and_withdrawn(home: Path, command: Command) -> None:
    for _ in range(2):
        submitted(home)
    rejected = command(home, "notice", "reject", "1", "--reason", "价格不对", "--as", "bob", "--json").json
    assert (rejected["state"], rejected["reason"]) == ("rejected", "价格不对")
    assert command(home, "notice", "withdraw", "2", "--as", "amy", "--json").json["state"] == "withdrawn"


def test_accounts_are_switched_off_and_on(home: Path, command: Command) -> None:
    refused = command(home, "user", "disable", "bob")
    assert refused.status == 2 and "bob is the last" in refused.err
    assert command(home, "user", "role", "cat", "it").status == 0
    assert command(home, "user", "disable", "bob").status == 0
    users = {user["name"]: user["active"] for user in command(home, "user", "list", "--json").json["users"]}
    assert users == {"amy": True, "bob": False, "cat": True}
    ran = command(home, "notice", "add", "x", "--at", "10:00", "--as", "bob")
    assert ran.status == 2 and "switched off" in ran.err
    command(home, "user", "disable", "bob", "--undo")
    assert command(home, "user", "password", "bob", "--password", "short").status == 2


def test_contracts_are_kept_by_who_may(home: Path, command: Command) -> None:
    assert command(home, "vendor", "put", "tata", "TATA木门", "--as", "amy").status == 2
    assert command(home, "vendor", "put", "tata", "TATA木门", "--as", "bob").status == 0
    made = command(
        home, "vendor", "contract", "tata", "vendor-promos", "6", "--first", DAY, "--last", DAY, "--fee", "12.5",
        "--as", "bob", "--json",
    ).json  # fmt: skip
    assert (made["per_day"], made["fee_cents"]) == (6, 1250)
    assert command(home, "vendor", "end", str(made["id"]), "--as", "bob").status == 0


def test_a_vendor_that_gets_another_name_keeps_the_rest(home: Path, command: Command) -> None:
    words = ("--english", "Tata", "--weight", "3", "--approvals", "2")
    assert command(home, "vendor", "put", "tata", "TATA", *words, "--as", "bob").status == 0
    made = command(home, "vendor", "put", "tata", "TATA木门", "--as", "bob", "--json").json
    assert (made["name_zh"], made["name_en"], made["weight"], made["approvals"]) == ("TATA木门", "Tata", 3.0, 2)


def test_a_dates_texts_can_be_read_again(home: Path, command: Command) -> None:
    office = Office(Home(home))
    office.desk.keep_day_texts(
        date.fromisoformat(DAY), [DayText("notice-1", "k", "通知", "8.8折", "八点八折", "amy", "bob")]
    )
    office.close()
    found = command(home, "notice", "texts", DAY, "--json")
    assert found.status == 0 and [one["spoken"] for one in found.json["texts"]] == ["八点八折"]
    assert "amy / bob" in command(home, "notice", "texts", DAY).out
    assert command(home, "notice", "texts", "2020-01-01").status == 1


def test_who_only_looks_submits_nothing(home: Path, command: Command) -> None:
    command(home, "user", "add", "eve", "--role", "supervisor", "--password", "correct-horse-9")
    ran = command(home, "notice", "add", "欢迎光临。", *WHEN, "--as", "eve")
    assert ran.status != 0 and "eve 是 supervisor" in ran.err
    assert command(home, "notice", "list", "--json").json["notices"] == []


def test_a_vendors_report_is_told_and_written(home: Path, command: Command) -> None:
    command(home, "vendor", "put", "tata", "TATA木门", "--as", "bob")
    command(home, "vendor", "contract", "tata", "vendor-promos", "6", "--first", DAY, "--last", DAY, "--as", "bob")
    days = ("--from", DAY, "--to", DAY)
    made = command(home, "vendor", "report", "tata", *days, "--csv", str(home / "tata.csv"), "--json")
    assert made.status == 0 and made.json["vendors"][0]["fee_cents"] == 0
    assert (home / "tata.csv").read_text(encoding="utf-8-sig").startswith("TATA木门,tata,")
    # As the page names it, and not by its id.
    assert "厂商促销" in (home / "tata.csv").read_text(encoding="utf-8-sig")
    assert command(home, "vendor", "report", "nobody").status == 2
    assert "TATA木门" in command(home, "vendor", "report").out
