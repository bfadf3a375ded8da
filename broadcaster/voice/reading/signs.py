"""What is left beside hanzi, words and numbers: each sign becomes a pause, a word or nothing."""

from __future__ import annotations

from broadcaster.voice.reading.characters import is_hanzi, is_latin

PAUSE = "\0"
"""A pause that the author did not write as one: a comma, unless a mark of punctuation stands beside it."""
MARKS = frozenset("，。！？；：、（）“”《》…")
_CHINESE = {
    ",": "，", "!": "！", "?": "？", ";": "；", ":": "：", "(": "（", ")": "）", "「": "“", "『": "“", "」": "”",
    "』": "”", "“": "“", "”": "”", "〈": "《", "〉": "》",
}  # fmt: skip
_PAUSES = frozenset("\n—|】]}〕〗~")
_WORDS = {
    "=": "等于",
    "≈": "约等于",
    "≠": "不等于",
    "→": "到",
    "÷": "除以",
    "×": "乘",
    "°": "度",
    "%": "百分号",
    "‰": "千分号",
}
_COMPARED = {">": "大于", "<": "小于"}
_TITLES = ("dr", "mr", "mrs", "ms", "st", "no", "vol", "co", "ltd")


def sign(text: str, at: int) -> str:
    """How the character of a prepared text is said, from its neighbours; hanzi and Latin letters are themselves."""
    character = text[at]
    if is_hanzi(character) or is_latin(character):
        return character
    before, after = text[at - 1] if at else "", text[at + 1] if at + 1 < len(text) else ""
    if character in _CHINESE:
        return _CHINESE[character]
    if character in MARKS:
        return character
    if character in _PAUSES:
        return PAUSE
    if character in _COMPARED:
        return _COMPARED[character] if after.isdigit() else ""
    if character in _WORDS:
        return _WORDS[character] if before.strip() and after.strip() else ""
    return _between(character, text, at, before, after)


def _between(character: str, text: str, at: int, before: str, after: str) -> str:
    latin = bool(before and after) and is_latin(before) and is_latin(after)
    match character:
        case " " | "\t":
            return _space(text, at)
        case "'":
            return "'" if latin else ""
        case "-":
            return "-" if latin else PAUSE if before.strip() and after.strip() else ""
        case "&":
            return "&" if latin else "和" if before.strip() and after.strip() else ""
        case "+":
            return "加" if before.strip() and after.strip() else ""
        case "/":
            return "、" if before.strip() and after.strip() else ""
        case "@":
            return "艾特" if latin else ""
        case ".":
            return _stop(text, at, latin)
        case _:
            return ""


def _stop(text: str, at: int, latin: bool) -> str:
    """An ASCII full stop: 点 inside an address, nothing after Dr, a full stop after words."""
    start = at
    while start and is_latin(text[start - 1]):
        start -= 1
    if latin or (at - start == 1 and text[start - 1 : start] == "."):
        return "点"
    if start < at and text[start:at].lower() in _TITLES:
        return " "
    return "。" if at and (is_hanzi(text[at - 1]) or start < at) else ""


def _space(text: str, at: int) -> str:
    """Kept between Latin words; one between hanzi says nothing, two or more are a pause."""
    start, end = at, at + 1
    while start and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t":
        end += 1
    if at != start:
        return ""
    before, after = text[start - 1] if start else "", text[end] if end < len(text) else ""
    if not before or not after or before in "\n" or after in "\n":
        return ""
    if is_latin(before) and is_latin(after):
        return " "
    if before == "&" or after == "&":
        return " "
    return PAUSE if end - start > 1 and (is_hanzi(before) or is_latin(before)) else ""
