"""Ready-made forms: a few blanks become a notice, and what is wrong with a blank is told."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.errors import FormError
from broadcaster.notices.advertising import load_words
from broadcaster.notices.forms import Form, fill, load_forms
from broadcaster.notices.lint import LintContext, lint
from broadcaster.plan.times import parse_moment

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 28, 14, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 11, 28)


@cache
def forms() -> dict[str, Form]:
    found, faults = load_forms(ROOT)
    assert not faults
    return found


def examples(form: Form) -> dict[str, str]:
    return {blank.id: blank.example or blank.default for blank in form.blanks}


def home_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/forms.yaml").write_text(text, "utf-8")
    return tmp_path


def test_what_a_desk_calls_daily_is_there() -> None:
    needed = {"lost-child", "lost-property-found", "lost-property-sought", "move-car", "staff-paging", "rain-reminder"}
    assert needed | {"closing-soon"} < set(forms())


@pytest.mark.parametrize("name", sorted(forms()))
def test_every_form_makes_a_sound_notice(name: str) -> None:
    draft = fill(forms()[name], examples(forms()[name]), NOW, english=True)
    assert draft.form == name and not set(draft.text) & set("{}[]【】")
    words, _ = load_words(ROOT)
    assert lint(draft, LintContext(today=TODAY, words=words)) == ()


@pytest.mark.parametrize("name", sorted(forms()))
def test_every_form_works_with_the_needed_blanks_alone(name: str) -> None:
    form = forms()[name]
    given = {blank.id: blank.example for blank in form.blanks if blank.required and not blank.default}
    draft = fill(form, given, NOW)
    assert not set(draft.text) & set("{}[]") and ",," not in draft.text


def test_a_car_to_be_moved() -> None:
    draft = fill(forms()["move-car"], {"plate": "浙 a·12345", "where": "北门"}, NOW)
    assert "车牌号为浙A12345的车主" in draft.text and "您停在北门的车辆挡住了通道" in draft.text
    assert (draft.priority, draft.when.now, draft.when.first, draft.when.last) == ("urgent", True, TODAY, TODAY)
    assert draft.lateness.late_by_s == 1200 and draft.title == "请车主挪车:浙A12345"


def test_a_lost_child_is_called_discreetly_and_again() -> None:
    form = forms()["lost-child"]
    draft = fill(form, {"name": "乐乐"}, NOW)
    assert draft.priority == "urgent" and draft.when.every == 300
    assert [(str(window.start), str(window.end)) for window in draft.when.windows] == [("14:07", "15:07")]
    assert not {"age", "clothes", "phone"} & {blank.id for blank in form.blanks}


def test_what_repeats_ends_with_the_day() -> None:
    late = NOW.replace(hour=23, minute=40)
    (window,) = fill(forms()["lost-child"], {"name": "乐乐"}, late).when.windows
    assert window.end == parse_moment("24:00")


@pytest.mark.parametrize(
    "plate", ["浙A12345", "浙AD12345", "沪A·D1234F", "京A1234学", "粤Z1234港", "浙ａ１２３４５", "新A-1B2C3"]
)
def test_plates(plate: str) -> None:
    assert fill(forms()["move-car"], {"plate": plate, "where": "北门"}, NOW).text


@pytest.mark.parametrize("plate", ["A12345", "浙A1234", "浙AI2345", "浙A1234567", "浙112345", "浙", "12345"])
def test_wrong_plates(plate: str) -> None:
    with pytest.raises(FormError, match="不像车牌号") as caught:
        fill(forms()["move-car"], {"plate": plate, "where": "北门"}, NOW)
    assert set(caught.value.blanks) == {"plate"}


def test_all_wrong_blanks_are_told_at_once() -> None:
    with pytest.raises(FormError) as caught:
        fill(forms()["move-car"], {"plate": "浙A", "why": "不好看", "speed": "9"}, NOW)
    assert set(caught.value.blanks) == {"plate", "where", "why", "speed"}
    assert "Where it stands" in caught.value.blanks["where"][1] and "停在哪里" in caught.value.blanks["where"][0]


@pytest.mark.parametrize(
    ("name", "blank", "wrong"),
    [
        ("staff-paging", "extension", "八零"),
        ("staff-paging", "extension", "138001380"),
        ("closing-soon", "minutes", "十几"),
        ("lost-child", "name", "这个名字实在是太长了"),
        ("lost-child", "name", "乐{乐}"),
        ("lost-child", "name", "乐\x00乐"),
        ("lost-child", "name", "🐼"),
        ("lost-child", "name", "   "),
    ],
)
def test_wrong_blanks(name: str, blank: str, wrong: str) -> None:
    with pytest.raises(FormError) as caught:
        fill(forms()[name], examples(forms()[name]) | {blank: wrong}, NOW)
    assert set(caught.value.blanks) == {blank}


def test_preview_shows_open_blanks() -> None:
    text = forms()["move-car"].preview({"plate": "浙A12345"})
    assert "浙A12345" in text and "【停在哪里】" in text and "[" not in text


def test_times_are_written_evenly(tmp_path: Path) -> None:
    body = "forms:\n  a:\n    title: 甲\n    text: 班车{at}发车\n    blanks: [{id: at, label: 时间, kind: time}]\n"
    (form,) = load_forms(home_with(tmp_path, body))[0].values()
    assert "09:05发车" in fill(form, {"at": "9：05"}, NOW).text
    with pytest.raises(FormError, match="不是时间"):
        fill(form, {"at": "25:00"}, NOW)


def test_faults_are_told_together_and_the_rest_works(tmp_path: Path) -> None:
    body = """forms:
  good: {title: 甲, text: 欢迎光临}
  typo: {title: 乙, text: "{plate}", blanks: [{id: plat, label: 车牌}]}
  key: {title: 丙, text: 好, red: 2}
  kind: {title: 丁, text: "{a}", blanks: [{id: a, label: 子, kind: colour}]}
  choices: {title: 戊, text: "{a}", blanks: [{id: a, label: 子, kind: choice}]}
"""
    found, faults = load_forms(home_with(tmp_path, body))
    assert set(found) == {"good"}
    assert {(fault.code, fault.line) for fault in faults} == {
        ("bad-value", 3), ("unknown-key", 4), ("bad-choice", 5), ("bad-value", 6),
    }  # fmt: skip
    assert all(str(fault) for fault in faults)


def test_broken_yaml_is_a_fault_and_no_file_is_none(tmp_path: Path) -> None:
    assert load_forms(tmp_path) == ({}, [])
    found, faults = load_forms(home_with(tmp_path, "forms: [1"))
    assert found == {} and [fault.code for fault in faults] == ["not-yaml"]
