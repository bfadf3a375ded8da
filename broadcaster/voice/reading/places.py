"""Floors, areas, shops, rooms and doors of a mall."""

from __future__ import annotations

import re

from broadcaster.voice.reading.numbers import TO, cardinal, code, one_by_one, span
from broadcaster.voice.reading.rule import Rule, rule

_AREA = "馆区座楼层栋幢厅街铺园城"
_SHOP = r"(?:室|号?房间|号房|号?铺|商铺|号?店铺|号店|号?展位|展厅|号?摊位|号?柜台|号柜|号厅|号?包厢|包间)"
_SIGNS = {"-": "负", "负": "负", "地下": "地下", "B": "负", "b": "负"}
_LEVEL = r"(?:楼|层|F(?![A-Za-z]))"
_ROOM = r"[A-Za-z]?\d{1,4}"


def _below(sign: str | None) -> str:
    return _SIGNS.get(sign or "", "")


def _level(written: str) -> str:
    return "楼" if written == "F" else written


def _floor(match: re.Match[str]) -> str:
    """3楼, 1-6楼, 1F-3F, -1层, B1-3F."""
    level = _level(match[6])
    first = _below(match[1]) + cardinal(match[2])
    if not match[5]:
        return first + level
    middle = _level(match[3]) if match[3] else (level if match[1] and not match[4] else "")
    return f"{first}{middle}至{_below(match[4])}{cardinal(match[5])}{level}"


def _basements(match: re.Match[str]) -> str:
    return span(f"负{cardinal(match[1])}", f"负{cardinal(match[2])}" if match[2] else None) + "层"


def _f_first(match: re.Match[str]) -> str:
    return span(f"{cardinal(match[1])}楼", f"{cardinal(match[2])}楼" if match[2] else None)


def _part(text: str) -> str:
    """A part of a shop's number: letters stay, digits as in codes; 08 is 零八."""
    return "".join(code(piece) if piece.isdigit() else piece for piece in re.findall(r"\d+|\D+", text))


def _shop_parts(match: re.Match[str]) -> str:
    """2-108: 二杠幺零八, whatever follows is said as written."""
    return "杠".join(_part(part.strip()) for part in re.split(r"[-—]", match[0]))


def _shop_parts_after(match: re.Match[str]) -> str:
    return "杠".join(_part(part.strip()) for part in re.split(r"[-—]", match[0]) if part.strip())


def _numbered(match: re.Match[str]) -> str | None:
    """2-5号楼 is a range when it rises; 3-1号楼 is a name."""
    return span(cardinal(match[1]), cardinal(match[2])) if int(match[1]) < int(match[2]) else None


PLACES: tuple[Rule, ...] = (
    rule("number", r"(?<![\d.-])(\d{1,2})-(\d{1,2})(?=号(?:门(?!店)|厅|楼|口|柜|馆|线|栋|电梯|扶梯))", _numbered),
    rule("floor", r"(?<=[共有全带上])2(?=层(?!楼))", lambda m: "两"),
    rule(
        "floor",
        rf"(?<![\dA-Za-z.])((?<![\w])-|负|地下|B|b)?(\d{{1,2}})\s?({_LEVEL})?(?:{TO}(-|负|地下|B|b)?(\d{{1,2}}))?\s?({_LEVEL})(?:-(?=[A-Z]{{1,2}}\d))?",
        _floor,
    ),
    rule(
        "floor",
        rf"(?<![\dA-Za-z.])((?<=[\u4e00-\u9fff])-|负|地下|B|b)(\d{{1,2}})\s?({_LEVEL})?(?:{TO}(-|负|地下|B|b)?(\d{{1,2}}))?\s?({_LEVEL})(?:-(?=[A-Z]{{1,2}}\d))?",
        _floor,
    ),
    rule(
        "floor",
        r"(?<![\dA-Za-z.])(-|负|地下|B|b)?(\d{1,2})()()()\s?(楼|层|F(?![A-Za-z]))(?:-(?=[A-Z]{1,2}\d))?",
        _floor,
    ),
    rule("floor", r"(?<![\dA-Za-z-])F(\d)(?:\s?[-~—至到]\s?F(\d))?[层楼]?(?![\d-])(?!\.\d)(?!方程|赛)", _f_first),
    rule(
        "floor",
        r"(?<![\dA-Za-z-])B([1-5])(?:\s?[-~—至到]\s?B([1-5]))?层?(?![A-Za-z\d.-]|[区座栋馆口出门号铺展款型级通])",
        _basements,
    ),
    rule("shop", rf"(?<=[{_AREA}号])\s?-?\s?{_ROOM}(?:[-—]{_ROOM})+(?![\d.:折%元])", _shop_parts_after),
    rule("shop", rf"(?<![\dA-Za-z.-])(?:[A-Z]{{1,2}})?\d{{1,4}}(?:[-—]{_ROOM}){{1,2}}(?={_SHOP}|号)", _shop_parts),
    rule(
        "shop",
        rf"(?<=[{_AREA}])\s?[A-Za-z]{{1,2}}-\d{{1,4}}(?![\d.:折%元])",
        lambda m: _part(m[0].strip().replace("-", "")),
    ),
    rule("shop", rf"(?<![\d.,¥-])(\d{{3,4}})(?=\s?{_SHOP})", lambda m: one_by_one(m[1], yao=True)),
    rule(
        "shop",
        rf"(?<=[{_AREA}])\s?(\d{{3,4}})(?=号|$|[，。；！、,;)\s]|铺|室|店)",
        lambda m: one_by_one(m[1], yao=True),
    ),
    rule("shop", r"(?<![\dA-Za-z.-])(0\d{1,3})(?=号|铺|展位|室|店|摊)", lambda m: one_by_one(m[1], yao=True)),
    rule("building", r"(?<![\dA-Za-z.])(\d{1,2})#(?=楼|栋|幢|座|馆|门)", lambda m: f"{cardinal(m[1])}号"),
    rule("building", r"(?<![\dA-Za-z.])(\d{1,3})#", lambda m: f"{cardinal(m[1])}号"),
    rule(
        "number", r"(?:[Nn][Oo]\.|#)\s?(\d{1,3})(?![\d.])", lambda m: "第一" if m[1] == "1" else f"{cardinal(m[1])}号"
    ),
)
