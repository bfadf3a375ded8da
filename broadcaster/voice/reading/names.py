"""Shopping festivals, ordinals, model names and other numbers that are names rather than amounts."""

from __future__ import annotations

import re

from broadcaster.voice.reading.numbers import DECIMAL, FREE, TO, cardinal, code, counted, one_by_one, span
from broadcaster.voice.reading.rule import Rule, rule

_EVENT = (
    r"(?=\s?(?:大促|狂欢|购物|年中|年终|活动|盛典|盛惠|大放价|特惠|嗨购|钜惠|巨惠|预售|返场|来了|来啦|期间|当天|促销|抢先|开门红|会场"
    r"|家装|家居|会员|节|优惠|福利|疯抢|囤货|爆款|提前|理想|主会场|电商|直播|满减|价保|全民|品质|消费|维权|晚会|表白|情人|告白|浪漫|宠粉))"
)
_FESTIVALS = {"11.11": "双十一", "12.12": "双十二", "10.10": "双十", "10.1": "十一", "5.1": "五一", "6.1": "六一"}
_ROUND_THE_CLOCK = r"(?:24\s?/\s?7|7\s?[x×X*]\s?24)\s?(?:小时|h(?![A-Za-z]))?"
_LIST_MARK = r"(?:(?<=^)|(?<=[\n。；;：:，]))\s*[(]?(\d{1,2})(?:[)、]|\.(?!\d))\s*(?=[^\s\d])"


def _dotted(match: re.Match[str]) -> str:
    """6·18 is 六一八, 11·11 双十一."""
    festival = _FESTIVALS.get(f"{match[1]}.{match[2]}")
    return festival or one_by_one(match[1] + match[2])


def _dotted_festival(match: re.Match[str]) -> str:
    """12.12年终盛典; 3.15 and 6.18 by digits."""
    return _dotted(match)


def _model(match: re.Match[str]) -> str:
    """MX-500, T8, ISO9001, PM2.5, USB3.0, iPhone15Pro: letters stay, digits as in codes."""
    words = []
    for piece in re.findall(r"\d+\.\d+|\d+|[^\d]+", match[0]):
        if "." in piece:
            words.append(cardinal(piece))
        elif piece.isdigit():
            words.append(code(piece))
        else:
            words.append(re.sub(r"-(?=$)|^-", "", piece))
    return "".join(words)


def _hyphened(match: re.Match[str]) -> str:
    """KFR-35GW is KFR三五GW: after a hyphen two digits are no number either."""
    pieces = re.findall(r"\d+|[A-Za-z]+", match[0])
    return "".join(one_by_one(piece, yao=True) if piece.isdigit() else piece for piece in pieces)


def _ordinals(match: re.Match[str]) -> str:
    listed = "、".join(cardinal(number) for number in (match[1] + match[2]).split("、"))
    return "第" + span(listed, cardinal(match[3]) if match[3] else None)


FESTIVALS: tuple[Rule, ...] = (
    rule("list", _LIST_MARK, lambda m: f"{cardinal(m[1])}，"),
    rule("round-the-clock", _ROUND_THE_CLOCK, lambda m: "七乘二十四小时"),
    rule("festival", r"双\s?(1[0-2])(?![\d.%:折元月])", lambda m: f"双{cardinal(m[1])}"),
    rule(
        "festival",
        r"(?<![\d.,¥减送满返抵省降价得至到仅要买充加奖约共近超=+×~-])(?:618|818|315|520|521|1111|1212)(?![\d.,:%]|[元件套块个张人名号米平度克分万只月日]|年(?![中终])|-\d)",
        lambda m: one_by_one(m[0]),
    ),
    rule(
        "festival",
        r"(?<![\d.,¥])(?:38|99|88|77|66|55|51)(?=节|大促|会员节|女神节|女王节|划算节|妇女节|劳动节|酒水节|公益|聚划算|爱车节)",
        lambda m: one_by_one(m[0]),
    ),
    rule("festival", r"(?<![\d.¥$€])(1[0-2]|\d)·(\d{1,2})(?![\d.])", _dotted),
    rule(
        "festival",
        r"(?<![\d./¥$€])(?<!\d[-~—–至到])(11)[./](11)(?![\d./日%-]|\s?(?:[元折米万度倍块分斤寸a-zA-Z]|厘米|公))",
        _dotted_festival,
    ),
    rule(
        "festival",
        r"(?<![\d./¥$€])(?<!\d[-~—–至到])(12)[./](12)(?![\d./日%-]|\s?(?:[元折米万度倍块分斤寸a-zA-Z]|厘米|公))",
        _dotted_festival,
    ),
    rule("festival", rf"(?<![\d.¥$€])(3|6|8|5|10|9)\.(15|18|20|1|9)(?![\d.]){_EVENT}", _dotted_festival),
    rule("festival", r"(?<![\d.¥$€])(10)\.(1)(?=国庆|黄金周|长假|假期)", lambda m: "十一"),
    rule("festival", r"(?<![\d.¥$€])(5)\.(1)(?=劳动|黄金周|长假|小长假|假期)", lambda m: "五一"),
    rule("festival", r"(?<![\d./¥$€])(3)[./](8)(?=妇女|女神|女王|节)", lambda m: "三八"),
    rule("festival", r"(?<![\d./¥$€])(6)[./](1)(?=儿童)", lambda m: "六一"),
)

CODES: tuple[Rule, ...] = (
    rule("model", r"(?<![A-Za-z\d])[A-Za-z]+-\d+(?:[A-Za-z]+\d*)?(?:-[A-Za-z\d]+)*(?![A-Za-z\d])", _hyphened),
    rule("alloy", r"(?<![\d.,])(\d{3,4})(?=不锈钢|铝合金|铝材|型材)", lambda m: one_by_one(m[1])),
)

ORDINALS: tuple[Rule, ...] = (
    rule("ordinal", rf"第\s?(\d+)((?:、\d+)*)(?:{TO}(\d+))?(?![\d.])", _ordinals),
    rule("ordinal", r"(?<![\d.A-Za-z])1st(?![A-Za-z])", lambda m: "第一"),
    rule(
        "ordinal",
        rf"(?<![\d.])(\d{{1,3}})(?:{TO}(\d{{1,3}}))?(?=\s?(?:等奖|号|星级|星(?!期)|级|路公交|路(?!程)|号线|线(?=地铁)|单元|栋|幢|座(?!椅|位)|代|期|届|年级|班|段|区))",
        lambda m: span(cardinal(m[1]), cardinal(m[2]) if m[2] else None),
    ),
    rule("rooms", r"(?<!\d)(\d)(?=室\d)", lambda m: counted(m[1])),
    rule("rooms", r"(?<=室)(\d)(?=[厅卫厨])", lambda m: counted(m[1])),
    rule("rooms", r"(?<=[厅卫厨])(\d)(?=[厅卫厨阳])", lambda m: counted(m[1])),
)

MODELS: tuple[Rule, ...] = (
    rule("model", r"(?<![A-Za-z\d])[A-Za-z]+(?:-?\d+(?:\.\d+)?)+(?:-?[A-Za-z]+\d*)*(?:-\d+)*(?![\d])", _model),
    rule("storage", rf"{FREE}({DECIMAL})\s?([KMGT]B?)(?![A-Za-z\d])", lambda m: cardinal(m[1]) + m[2]),
    rule(
        "model",
        r"(?<![A-Za-z\d.,])(?!\d+(?:\.\d+)?[kw](?![A-Za-z\d]))\d+(?:\.\d+)?-?[A-Za-z]+(?:-?\d+)*[A-Za-z]*(?![\d])",
        _model,
    ),
)
