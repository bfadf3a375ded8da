"""What the lint must remark on, and what it must leave alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.notices.advertising import load_words
from broadcaster.notices.lint import is_advert
from broadcaster.notices.models import When
from tests.lint_kit import LAST, ROOT, TODAY, codes, draft, remarks

ADVERTISING = [
    ("本店沙发品质最佳,欢迎选购", "最佳"),
    ("国家级品质,值得信赖的好家具", "国家级"),
    ("最高级的真皮沙发到店了", "最高级"),
    ("全国第一的地板品牌", "全国第一"),
    ("我们的床垫销量第一!", "销量第一"),
    ("NO.1家居品牌今日开业", "NO.1"),
    ("TOP1瓷砖,欢迎选购", "TOP1"),
    ("全网最低价,错过不再有", "全网最低"),
    ("最 便 宜的灯具就在三楼", "最 便 宜"),
    ("顶级橱柜特价销售", "顶级"),
    ("中国家居第一,值得信赖!", "第一"),
    ("国宴专用餐桌,今日到店", "国宴专用"),
    ("本市最大的家具卖场", "最大"),
    ("史无前例的优惠活动", "史无前例"),
    ("独一无二的设计", "独一无二"),
    ("世界级工艺打造", "世界级"),
]


@pytest.mark.parametrize(("text", "word"), ADVERTISING)
def test_forbidden_words_are_serious_in_advertising(text: str, word: str) -> None:
    found = [entry for entry in remarks(text, vendor="oak") if entry.code == "advertising"]
    assert [(entry.excerpt, entry.severity) for entry in found] == [(word, "serious")]
    assert "广告法" in found[0].message and "Advertising Law" in found[0].message_en


HARMLESS = [
    "请您第一时间联系服务台工作人员",
    "活动最后一天,欢迎前来选购",
    "最后三天,优惠不等人",
    "请到第一层服务台办理退换手续",
    "本品牌空调均为一级能效",
    "请到首层服务台领取赠品",
    "顶层停车场今日暂停使用",
    "如需帮助,请到最近的服务台",
    "安全第一,请勿在扶梯上奔跑",
    "我们始终坚持顾客第一。",
    "本店茶座最低消费30元",
    "每位顾客最多可以领取两份",
    "送货时间最晚到晚上八点",
    "第一,请看管好孩子;第二,请站稳扶好",
    "衷心送上我们最诚挚的祝福",
    "今天夜间最低气温3度,请注意保暖",
    "请最好提前一天预约量尺服务",
    "第一期工程已经完工,欢迎参观",
    "为您提供最新通知,请留意广播",
    "越剧是国家级非物质文化遗产,今晚在中庭演出",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_phrases_are_left_alone(text: str) -> None:
    assert codes(text, vendor="oak") == []


@pytest.mark.parametrize(
    "text", ["独家设计,欢迎品鉴", "首创静音滑轨技术的衣柜", "永久质保的五金件", "灯光最亮的展区在三楼"]
)
def test_near_words_are_advice_even_in_advertising(text: str) -> None:
    assert [(entry.code, entry.severity) for entry in remarks(text, vendor="oak")] == [("advertising", "advice")]


def test_a_service_notice_gets_advice_only() -> None:
    found = remarks("请走最佳路线前往二号门,谢谢您的配合", form="staff-paging")
    assert [(entry.code, entry.severity) for entry in found] == [("advertising", "advice")]


def test_what_counts_as_advertising() -> None:
    rotating = When(rotation="vendor-promos", first=TODAY, last=LAST)
    assert is_advert(draft("欢迎光临", vendor="oak")) and is_advert(draft("欢迎光临", when=rotating))
    assert is_advert(draft("床垫特价 999 元")) and not is_advert(draft("请到服务台领取您的物品"))


def test_the_stores_own_exceptions_count(tmp_path: Path) -> None:
    text = (ROOT / "config/advertising-words.yaml").read_text(encoding="utf-8")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/advertising-words.yaml").write_text(text.replace("allowed: []", "allowed: [顶级之家]"), "utf-8")
    found, faults = load_words(tmp_path)
    assert not faults
    assert [hit.word for hit in found.find("顶级之家的顶级橱柜")] == ["顶级"]
    assert next(iter(found.find("顶级之家的顶级橱柜"))).start == 5


def test_faults_of_the_list_are_told_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    body = "sources:\n  a: {title: 甲, note: 乙}\ngroups:\n"
    body += "  - {source: b, words: [最佳]}\n  - {source: a, words: [最好]}\n"
    (tmp_path / "config/advertising-words.yaml").write_text(body, "utf-8")
    found, faults = load_words(tmp_path)
    assert [(fault.code, fault.line, fault.value) for fault in faults] == [("bad-choice", 4, "b")]
    assert [hit.word for hit in found.find("最佳最好")] == ["最好"]
    (tmp_path / "config/advertising-words.yaml").write_text(body + "extra: 1\n", "utf-8")
    found, faults = load_words(tmp_path)
    assert [fault.code for fault in faults] == ["unknown-key", "bad-choice"]
    assert [hit.word for hit in found.find("最佳最好")] == ["最好"] and not any(fault.blocking for fault in faults)


@pytest.mark.parametrize(
    "damage", ["groups: 7", "sources: []", "groups: [{source: a}]", "groups: [3]", "groups: [", "{}"]
)
def test_a_damaged_list_breaks_nothing(tmp_path: Path, damage: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/advertising-words.yaml").write_text(damage, "utf-8")
    found, faults = load_words(tmp_path)
    assert faults and not list(found.find("最佳")) and all(str(fault) for fault in faults)


def test_a_store_without_a_list_has_no_fault(tmp_path: Path) -> None:
    found, faults = load_words(tmp_path)
    assert not faults and not list(found.find("最佳"))


def test_a_notice_must_not_outlive_its_offer() -> None:
    assert codes("即日起至11月30日,凭票领取礼品", last=date(2026, 12, 5)) == ["outlives"]
    assert codes("即日起至11月30日,凭票领取礼品", last=date(2026, 11, 30)) == []


def test_dates_of_airing() -> None:
    past = When(at=("10:00",), first=date(2026, 11, 1), last=date(2026, 11, 20))
    assert codes("请各位顾客注意安全", when=past) == ["over"]
    never = When(at=("10:00",), first=TODAY, last=date(2026, 11, 30), dates=(date(2026, 12, 24),))
    assert codes("请各位顾客注意安全", when=never) == ["no-airing"]


def test_times_that_are_past_today_are_told() -> None:
    noon = 12 * 3600
    today = When(at=("10:00", "11:30"), first=TODAY, last=TODAY)
    assert codes("请各位顾客注意安全", when=today, now_s=noon) == ["all-past"]
    assert codes("请各位顾客注意安全", when=today, now_s=9 * 3600) == []
    later = When(at=("10:00", "15:00", "close - 10 min"), first=TODAY, last=TODAY)
    (found,) = remarks("请各位顾客注意安全", when=later, now_s=noon)
    assert (found.code, found.severity) == ("some-past", "advice") and "10:00 " in found.message
    days = When(at=("10:00",), first=TODAY, last=TODAY + timedelta(days=3))
    assert codes("请各位顾客注意安全", when=days, now_s=noon) == ["some-past"]
    tomorrow = When(at=("10:00",), first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=3))
    assert codes("请各位顾客注意安全", when=tomorrow, now_s=noon) == []


def test_opening_hours_are_compared_with_the_calendar() -> None:
    hours = (9 * 3600 + 1800, 17 * 3600 + 1800)
    assert codes("本店营业时间9:30到18:00", hours=hours) == ["hours"]
    assert codes("本店营业时间早上9点半到下午5点半", hours=hours) == []


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("欢迎光临\ufffd\ufffd家居广场", "unreadable", "serious"),
        ("欢迎光临\ue001家居广场", "unreadable", "serious"),
        ("欢迎光临\x07家居广场", "unreadable", "serious"),
        ("欢迎光临\u200b家居广场", "unreadable", "advice"),
        ("欢迎光临红星家居🎉🎉", "symbol", "advice"),
        ("★欢迎光临红星家居", "symbol", "advice"),
        ("欢迎光临さくら家居广场", "script", "serious"),
        ("欢迎光临!!!家居广场", "punctuation", "advice"),
        ("欢迎光临,,家居广场", "punctuation", "advice"),
        ("欢迎访问www.example.com了解详情", "url", "advice"),
        ("请发邮件到 sale@example.cn 预约", "url", "advice"),
        ("请车牌号为{plate}的车主挪车", "placeholder", "serious"),
        ("请XX先生到一楼服务台", "placeholder", "serious"),
        ("请某某先生到一楼服务台", "placeholder", "serious"),
        ("欢迎光临____家居广场", "placeholder", "serious"),
        ("", "empty", "serious"),
        ("  \n ", "empty", "serious"),
        ("你好", "short", "advice"),
    ],
)
def test_texts_that_can_not_be_read(text: str, code: str, severity: str) -> None:
    assert (code, severity) in [(found.code, found.severity) for found in remarks(text)]


@pytest.mark.parametrize(
    "text",
    [
        "请各位顾客看管好孩子,注意安全!",
        "地板每㎡只要99元,气温25℃,欢迎选购",
        "欢迎光临IKEA……请到B1层",
        "规格2.4m×1.2m,A区3楼有售",
        "XXL码家居服到货,欢迎选购",
        "TATA木门、L&D陶瓷欢迎您选购",
        "3F服务台——恭候您的光临",
        "爱琴海店“家装节”《新居》开幕",
    ],
)
def test_texts_that_can_be_read(text: str) -> None:
    assert codes(text) == []


def test_a_recording_needs_no_text() -> None:
    assert codes("", recording="song.wav") == []


@pytest.mark.parametrize(
    ("seconds", "limit", "estimated", "expected"),
    [
        (20.0, 30.0, True, []),
        (31.0, 30.0, True, [("too-long", "advice")]),
        (40.0, 30.0, True, [("too-long", "serious")]),
        (31.0, 30.0, False, [("too-long", "serious")]),
        (100.0, None, False, [("long", "advice")]),
        (60.0, None, True, []),
    ],
)
def test_length(seconds: float, limit: float | None, estimated: bool, expected: list[tuple[str, str]]) -> None:
    found = remarks("请各位顾客看管好孩子。", seconds=seconds, limit_s=limit, estimated=estimated)
    assert [(entry.code, entry.severity) for entry in found] == expected


def test_places_are_those_of_the_authors_text() -> None:
    text = "各位顾客:原价１９９元,现价２９９元,电话 1380013800。"
    assert {entry.code: text[entry.start : entry.end] for entry in remarks(text)} == {
        "price-order": "原价１９９元,现价２９９元",
        "phone": "1380013800",
    }


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for found in remarks(text, vendor="oak", hours=(34_200, 63_000)):
        assert 0 <= found.start <= found.end <= len(text)
        assert found.message and found.message_en and found.remedy and found.remedy_en


@given(st.text(alphabet="0123456789 -年月日号点元折原现价满减至到:：.电话周一二三六日", max_size=60))
def test_no_numbers_break_it(text: str) -> None:
    assert all(text[found.start : found.end] == found.excerpt for found in remarks(text))
