"""Telephone numbers, prices, dates and times: what the lint must remark on, and what it must leave alone."""

from __future__ import annotations

from datetime import date

import pytest

from broadcaster.notices.numbers import value
from tests.lint_kit import codes

WRONG_PHONES = [
    "咨询电话1380013800,欢迎来电",
    "咨询电话:138001380001",
    "请拨打 12800138000 联系我们",
    "手机15400001111",
    "订购热线0571-123456",
    "服务热线010-1234567,恭候来电",
    "电话026-12345678",
    "全国热线400-820-882",
    "全国热线 400-8208-8201",
    "电话:0571 8888 88889",
    "13 8001 3800 是联系电话吗,电话 13 8001 3800",
    "联系电话１３８００１３８００",
]


@pytest.mark.parametrize("text", WRONG_PHONES)
def test_wrong_telephone_numbers(text: str) -> None:
    assert "phone" in codes(text)


RIGHT_PHONES = [
    "咨询电话13800138000,欢迎来电",
    "咨询电话:138-0013-8000",
    "咨询电话 138 0013 8000",
    "手机19912345678",
    "服务热线0571-88886666",
    "服务热线(010)62345678",
    "服务热线 021-6234 5678",
    "电话0572-2123456",
    "全国热线400-820-8820",
    "全国热线800-820-8820",
    "请拨打88886666联系我们",
    "请拨打分机8012",
    "火警电话119,急救电话120",
    "投诉请拨打12315",
    "电话+86 13800138000",
    "营业时间10:00-22:00,欢迎光临",
    "活动时间2026-11-22-2026-11-29",
    "地板每平米400-1200元不等,任您选",
    "规格1200×2400毫米的板材到货",
    "订单号20261122000123的顾客请取货",
    "联系服务台,满1000000元送电视",
]


@pytest.mark.parametrize("text", RIGHT_PHONES)
def test_telephone_numbers_that_are_right(text: str) -> None:
    assert "phone" not in codes(text, last=date(2026, 11, 22))


PRICES = [
    ("原价1999元,现价2999元", "price-order"),
    ("原价1999,现价1999", "price-order"),
    ("床垫原价1,999元,活动价只要2,199元", "price-order"),
    ("市场价九百九十九元,特价一千元", "price-order"),
    ("原价1.2万元,现只要15000元", "price-order"),
    ("原价1000元,八折,现价900元", "price-discount"),
    ("原价1000元,打8.8折,现价800元", "price-discount"),
    ("原价2000元,半价只要1200元", "price-discount"),
    ("原价1999元,现价1499元,立省600元", "price-saving"),
    ("满200减300,机会难得", "full-minus"),
    ("满一千减一千元", "full-minus"),
    ("满500元立减500元,欢迎选购", "full-minus"),
    ("全场12.5折,欢迎选购", "discount"),
    ("全场0折,欢迎选购家具", "discount"),
    ("全场10折优惠,欢迎选购", "discount"),
]


@pytest.mark.parametrize(("text", "code"), PRICES)
def test_prices_that_can_not_be(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "原价2999元,现价1999元",
        "原价1000元,八折,现价800元",
        "原价1000元,88折只要880元",
        "原价1999元,八八折,折后价1759元",
        "原价2000元,对折,现价1000元",
        "原价1999元,现价1499元,立省500元",
        "原价2999元的床垫,现价只要五折起,最低999元起",
        "满1000减200,满2000减500",
        "每满一千元减两百元,上不封顶",
        "满200元送300元代金券",
        "全场8.8折,第二件半价",
        "全场八八折,部分五折起",
        "折叠床原价899元,特价699元",
        "买一送一,先到先得,数量不多",
        "原价999元现价699元;另有原价499元的台灯现价399元",
    ],
)
def test_prices_that_can_be(text: str) -> None:
    assert [code for code in codes(text) if code != "advertising"] == []


DATES = [
    ("11月28日星期五,欢迎您参加活动", "weekday"),
    ("11月28日(周日)上午10点开始签到", "weekday"),
    ("活动时间11月28日星期六至29日星期一", "weekday"),
    ("2026年12月1日 星期三恢复营业", "weekday"),
    ("活动时间11月10日至11月20日", "over"),
    ("优惠截止到11月15日,请抓紧时间", "over"),
    ("活动到2025年12月31日结束", "over"),
    ("11月31日举办会员日活动", "no-such-date"),
    ("2月30日举行抽奖活动", "no-such-date"),
    ("13月5日恢复正常营业", "no-such-date"),
    ("活动时间12月5日至11月28日", "backwards"),
    ("活动时间2026年12月5日到2026年12月1日", "backwards"),
    ("营业时间10:00-9:30,欢迎光临", "backwards"),
    ("下午5点到3点举行抽奖活动", "backwards"),
    ("25:30准时开奖,欢迎参加", "no-such-time"),
    ("上午10:75开始排队领取", "no-such-time"),
]


@pytest.mark.parametrize(("text", "code"), DATES)
def test_dates_and_times_that_can_not_be(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "11月28日星期六,欢迎您参加活动",
        "11月28日(周六)至29日(周日),欢迎参加",
        "2026年12月1日 星期二恢复营业",
        "1月3日星期日举行新年音乐会",
        "活动时间11月20日至11月29日",
        "活动时间12月28日至1月3日",
        "即日起至11月22日,全场让利",
        "2月28日前完成登记即可",
        "营业时间9:30到17:30,欢迎光临",
        "早上9点半到晚上9点,欢迎光临",
        "下午2点到5点举行抽奖活动",
        "9点到5点有工作人员值班",
        "晚上10点至次日6点停车场关闭",
        "画面比例16:9的电视机到货了",
        "24:00准时结束,请抓紧时间",
        "请到3号楼12号展位咨询详情",
        "下单后7日内送货,请放心选购",
        "B1层1点点奶茶旁边的展位",
    ],
)
def test_dates_and_times_that_can_be(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("written", "number"),
    [("1,999", 1999), ("1.5万", 15_000), ("九百九十九", 999), ("一千二", 1200), ("一千零二", 1002), ("两百", 200),
     ("八八", 88), ("三点五", 3.5), ("一万二千", 12_000), ("十", 10), ("二十五", 25), ("折", None), ("", None)],
)  # fmt: skip
def test_numbers(written: str, number: float | None) -> None:
    assert value(written) == number
