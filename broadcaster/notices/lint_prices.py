"""Lint of prices and discounts: numbers of one offer that can't all be true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from broadcaster.notices.lint_remark import Remark, remark
from broadcaster.notices.numbers import NUMBER, folded, value

_YUAN = r"(?:元|块钱?|圆)"
_FILLER = r"[^\d零〇一二两三四五六七八九十百千万。!?;\n]{0,6}?[¥￥]?\s*"
_BEFORE = re.compile(
    rf"(?:原价|原售价|市场价|吊牌价|零售价|门市价|标价|日常价|平时价|原来)(?:每[^\d,，。]{{1,3}})?{_FILLER}({NUMBER})\s*{_YUAN}?"
)
_NOW = re.compile(
    r"(?:现价|现售价|特价|活动价|促销价|到手价|会员价|优惠价|折后价?|成交价|秒杀价|惊喜价|一口价|团购价|现在|现仅|现只|今日|如今"
    rf"|只要|只需|仅需|仅要|仅售|只售|仅){_FILLER}({NUMBER})\s*(?:{_YUAN}|(?=[,，。!;、\s]|$))"
)
_DISCOUNT = re.compile(rf"({NUMBER})\s*折(?!扣|后|叠|页|合|旧|腾|射|椅|床|桌|凳|门|中)(起|以下|以上|左右)?")
_HALF = re.compile(r"(?:对折|半价)")
_SAVING = re.compile(rf"(?:立省|直降|立减|节省|省下|省|便宜){_FILLER}({NUMBER})\s*{_YUAN}")
_FULL = re.compile(
    rf"满\s*[¥￥]?({NUMBER})\s*{_YUAN}?\s*(?:即可|就|可|立|直|再|现)*(减|抵扣|抵)(?:免)?(?:现金)?\s*[¥￥]?({NUMBER})(?!\s*[折%倍])"
)
_VAGUE = re.compile(r"低至|最低|起|不等|左右|约|以上|以下|部分|指定|第[二两三2-9]件|折上")
_SENTENCE = re.compile(r"[^。!?;\n]+")

_NEAR = 60
"""Characters between two numbers that belong to one offer."""


def price_remarks(source: str) -> Iterator[Remark]:
    """Remarks on former and present prices, discounts and thresholds, sentence by sentence."""
    text = folded(source)
    for match in _DISCOUNT.finditer(text):
        tenths = _tenths(match[1])
        if tenths is not None and not 0 < tenths < 10:
            yield remark("discount", "serious", source, match.span(), tenths=tenths)
    for match in _FULL.finditer(text):
        full, minus = value(match[1]), value(match[3])
        if full is not None and minus is not None and minus >= full:
            yield remark("full-minus", "serious", source, match.span(), full=full, minus=minus)
    for sentence in _SENTENCE.finditer(text):
        yield from _offers(source, text, sentence.start(), sentence.end())


def _offers(source: str, text: str, start: int, end: int) -> Iterator[Remark]:
    former = list(_BEFORE.finditer(text, start, end))
    for number, before in enumerate(former):
        # An offer ends where the next former price begins.
        limit = former[number + 1].start() if number + 1 < len(former) else end
        present = next((m for m in _NOW.finditer(text, before.end(), limit) if m.start() - before.end() < _NEAR), None)
        if present is None:
            continue
        was, now = value(before[1]), value(present[1])
        if was is None or now is None:
            continue
        span = before.start(), present.end()
        if now >= was:
            yield remark("price-order", "serious", source, span, before=was, now=now)
            continue
        if _VAGUE.search(text, before.start(), min(limit, present.end() + 2)):
            continue
        yield from _sums(source, text, (before.start(), limit), span, (was, now))


def _sums(
    source: str, text: str, part: tuple[int, int], span: tuple[int, int], prices: tuple[float, float]
) -> Iterator[Remark]:
    was, now = prices
    if (tenths := _discount_in(text, *part)) is not None:
        should = was * tenths / 10
        # Shops round down to whole yuan, or to a lucky digit: a hundredth, at least one yuan, is no fault.
        if abs(should - now) > max(1.0, 0.01 * was):
            params: dict[str, Any] = {"before": was, "now": now, "should": round(should, 2)}
            params |= {"tenths": tenths, "percent": tenths * 10}
            yield remark("price-discount", "serious", source, span, **params)
    if (match := _SAVING.search(text, *part)) is not None and (saving := value(match[1])) is not None:
        should = was - now
        if abs(should - saving) > 1.0:
            params = {"before": was, "now": now, "saving": saving, "should": round(should, 2)}
            yield remark("price-saving", "serious", source, (part[0], match.end()), **params)


def _discount_in(text: str, start: int, end: int) -> float | None:
    match = _DISCOUNT.search(text, start, end)
    if match is not None:
        tenths = _tenths(match[1])
        return tenths if tenths is not None and 0 < tenths < 10 and match[2] is None else None
    return 5.0 if _HALF.search(text, start, end) else None


def _tenths(written: str) -> float | None:
    """Tenths of the price that stay: ``88折`` and ``八八折`` are 8.8, ``8折`` is 8."""
    tenths = value(written)
    if tenths is None:
        return None
    exact = written.strip()
    if "." not in exact and 10 < tenths < 100 and "十" not in exact:
        return tenths / 10
    return tenths
