"""Generated prices, dates, telephones and the rest, against words made by another method than the rules'."""

from __future__ import annotations

import datetime as dt

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from broadcaster.voice.reading.normalise import normalised
from tests.reading_kit import normalise

DIGITS = "零一二三四五六七八九"


def words(number: int) -> str:
    """Number words by groups of four digits, written for these tests alone."""
    if number == 0:
        return "零"
    said = ""
    for power, unit in ((8, "亿"), (4, "万"), (0, "")):
        group = number // 10**power % 10**4
        if group:
            said += ("零" if said and group < 1000 else "") + four(group) + unit
    return said.removeprefix("一") if said.startswith("一十") else said


def four(group: int) -> str:
    said, gap = "", False
    for digit, unit in zip(f"{group:04d}", ("千", "百", "十", ""), strict=True):
        if digit == "0":
            gap = bool(said)
        else:
            said += ("零" if gap else "") + DIGITS[int(digit)] + unit
            gap = False
    return said


def counted(number: int) -> str:
    """As before a measure word: 两 alone, and in front of 百, 千, 万, 亿."""
    said = words(number)
    if number == 2 or (said.startswith("二") and said[1:2] in ("百", "千", "万", "亿")):
        return "两" + said[1:]
    return said


def bare(number: int) -> str:
    return "二" if number == 2 else counted(number)


def each(digits: str) -> str:
    return "".join(DIGITS[int(digit)] for digit in digits)


def yao(digits: str) -> str:
    return each(digits).replace("一", "幺")


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


def hour(number: int) -> str:
    return "两" if number == 2 else words(number)


def clock(time: dt.time) -> str:
    minutes = "" if not time.minute else ("零" if time.minute < 10 else "") + words(time.minute) + "分"
    return f"{hour(time.hour)}点{minutes}"


def day(date: dt.date) -> str:
    return f"{words(date.month)}月{words(date.day)}日"


AMOUNTS = st.integers(1, 9_999_999)
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2039, 12, 31))


@settings(deadline=None, max_examples=60)
@given(AMOUNTS, st.booleans())
def test_price(number: int, grouped: bool) -> None:
    assert normalise(f"现价{number:,}元" if grouped else f"现价{number}元") == f"现价{counted(number)}元"


@settings(deadline=None, max_examples=60)
@given(AMOUNTS, st.integers(0, 99), st.sampled_from("¥￥"))
def test_price_with_cents(number: int, cents: int, sign: str) -> None:
    decimals = f"{cents:02d}".rstrip("0")
    said = f"{words(number)}点{each(decimals)}" if decimals else counted(number)
    spoken = normalise(f"只要{sign}{number:,}.{cents:02d}！")
    assert spoken in (f"只要{said}元！", f"只要{counted(number)}点{each(decimals)}元！")


@settings(deadline=None, max_examples=60)
@given(st.integers(10, 99_999), st.integers(1, 99_999), st.booleans())
def test_reduction(over: int, off: int, each_time: bool) -> None:
    every = "每" if each_time else ""
    assert normalise(f"{every}满{over}减{off}") == f"{every}满{bare(over)}减{bare(off)}"


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9), st.integers(1, 9))
def test_discount(whole: int, tenth: int) -> None:
    assert normalise(f"全场{whole}.{tenth}折") == f"全场{DIGITS[whole]}点{DIGITS[tenth]}折"
    assert normalise(f"全场{whole}{tenth}折") == f"全场{DIGITS[whole]}{DIGITS[tenth]}折"
    assert normalise(f"全场{whole}-{tenth}折") == f"全场{DIGITS[whole]}至{DIGITS[tenth]}折"


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 99), st.integers(1, 99))
def test_per_cent(low: int, high: int) -> None:
    assert normalise(f"优惠{low}%-{high}%") == f"优惠百分之{words(low)}至百分之{words(high)}"


@settings(deadline=None, max_examples=60)
@given(DATES, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"]))
def test_date(date: dt.date, written: str) -> None:
    assert normalise(f"截止{date.strftime(written)}") == f"截止{each(str(date.year))}年{day(date)}"


@settings(deadline=None, max_examples=60)
@example(dt.date(2000, 10, 22), 20, "/")
@given(DATES, st.integers(1, 20), st.sampled_from("/."))
def test_date_range(first: dt.date, days: int, sign: str) -> None:
    last = first + dt.timedelta(days)
    assume(last.year == first.year)
    written = f"{first.month}{sign}{first.day}-{last.month}{sign}{last.day}"
    assert normalise(f"活动{written}。") == f"活动{day(first)}至{day(last)}。"


@settings(deadline=None, max_examples=60)
@given(st.times(), st.times(), st.sampled_from("-—~至"), st.sampled_from(":："))
def test_opening_hours(first: dt.time, last: dt.time, to: str, colon: str) -> None:
    written = f"{first.hour}{colon}{first.minute:02d}{to}{last.hour:02d}{colon}{last.minute:02d}"
    assert normalise(f"营业时间{written}，") == f"营业时间{clock(first)}至{clock(last)}，"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from("3456789"), digits(9, 9), st.sampled_from(["", "-", " "]))
def test_mobile(second: str, rest: str, gap: str) -> None:
    number = f"1{second}{rest}"
    written = gap.join((number[:3], number[3:7], number[7:]))
    assert normalise(f"电话{written}") == f"电话{yao(number[:3])}，{yao(number[3:7])}，{yao(number[7:])}"


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["010", "021", "0571", "0755"]),
    st.sampled_from("2345678"),
    digits(7, 7),
    st.one_of(st.just(""), digits(3, 4)),
)
def test_landline(area: str, first: str, rest: str, extension: str) -> None:
    number = first + rest
    said = f"{yao(area)}，{yao(number[:4])}，{yao(number[4:])}" + (f"转{yao(extension)}" if extension else "")
    for written in (f"{area}-{number}", f"({area}){number}", f"（{area}）{number[:4]}-{number[4:]}"):
        assert normalise(written + (f"转{extension}" if extension else "")) == said


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["400", "800"]), digits(3, 3), digits(4, 4))
def test_service_number(area: str, middle: str, last: str) -> None:
    said = f"热线{yao(area)}，{yao(middle)}，{yao(last)}"
    assert normalise(f"热线{area}-{middle}-{last}") == said == normalise(f"热线{area}{middle}{last}")


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from("楼层"))
def test_floors(low: int, high: int, word: str) -> None:
    assert normalise(f"在{low}{word}") == f"在{words(low)}{word}"
    assert normalise(f"{low}-{high}{word}") == f"{words(low)}至{words(high)}{word}"
    assert normalise(f"B{low}{word}") == f"负{words(low)}{word}"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from("ABCDE"), st.integers(1, 9), digits(3, 3), st.sampled_from(["室", "号铺", "展位"]))
def test_room(area: str, first: int, rest: str, kind: str) -> None:
    assert normalise(f"{area}区{first}{rest}{kind}") == f"{area}区{yao(f'{first}{rest}')}{kind}"


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 99), st.integers(0, 9), st.integers(1, 3000))
def test_sizes(metres: int, tenth: int, other: int) -> None:
    said = f"{words(metres)}点{DIGITS[tenth]}米"
    assert normalise(f"{metres}.{tenth}m") == normalise(f"{metres}.{tenth}米") == said
    assert normalise(f"{metres}.{tenth}m×{other}cm") == f"{said}乘{counted(other)}厘米"
    assert normalise(f"共{other}㎡") == f"共{counted(other)}平方米"


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["℃", "°C", "摄氏度"]))
def test_temperatures(low: int, high: int, degree: str) -> None:
    assert normalise(f"气温{low}—{high}{degree}") == f"气温{words(low)}至{words(high)}摄氏度"
    assert normalise(f"气温-{low}{degree}") == f"气温零下{words(low)}摄氏度"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from("浙沪苏京粤皖"), st.sampled_from("ABCDE"), digits(5, 6), st.sampled_from(["", "·", " "]))
def test_plate(province: str, city: str, number: str, gap: str) -> None:
    assert normalise(f"{province}{city}{gap}{number}的车主") == f"{province}{city}{yao(number)}的车主"


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9999), st.sampled_from("张位个件名套份次"))
def test_count_and_ordinal(number: int, measure: str) -> None:
    assert normalise(f"共{number}{measure}") == f"共{counted(number)}{measure}"
    assert normalise(f"第{number}{measure}") == f"第{words(number)}{measure}"


@settings(deadline=None, max_examples=200)
@given(st.text())
@example("1٣½Ⅷ①²１〇𝟙\ud800\x00")
@example("9:30:99-25:00折℃/－＋%¥")
@example("0" * 400)
def test_any_text_comes_out_without_a_digit_and_in_pieces_that_cover_it(text: str) -> None:
    pieces = normalised(text)
    said = "".join(piece.text for piece in pieces)
    assert said == normalise(text)
    assert not any(character.isdigit() or character.isdecimal() for character in said)
    covered = [(piece.source_start, piece.source_end) for piece in pieces]
    assert covered == sorted(covered)
    assert [0, *(end for _, end in covered)] == [*(start for start, _ in covered), len(text)]


SHOPLIKE = st.lists(
    st.sampled_from([*"0123456789.,:-—~/%+*×折元楼层年月日号时点分℃°¥第满减送转BFmABx至周()· \n", "cm", "㎡", "万"]),
    max_size=14,
)


@settings(deadline=None, max_examples=300)
@given(SHOPLIKE)
def test_any_mix_of_what_shops_write_comes_out_without_a_digit(parts: list[str]) -> None:
    said = normalise("".join(parts))
    assert not any(character.isdigit() for character in said)
    assert "\0" not in said


@settings(deadline=None, max_examples=60)
@given(SHOPLIKE, st.data())
def test_kept_stretches_stay_whole(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    kept = [piece for piece in normalised(text, keep=[(start, end)]) if piece.rule == "kept"]
    assert "".join(piece.text for piece in kept) == text[start:end]
    assert len(kept) == (1 if end > start else 0)


@settings(deadline=None, max_examples=60)
@given(
    st.text(
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    )
)
def test_hanzi_stay_as_they_are(text: str) -> None:
    assert normalise(text) == text
