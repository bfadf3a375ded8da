"""Phrases for tests of voices, without a reader."""

from __future__ import annotations

from broadcaster.voice.reading.model import Phrase, Token


def word(hanzi: str, pinyin: str) -> Token:
    """A word with its syllables: ``word("欢迎", "huan1 ying2")``."""
    return Token(hanzi, tuple(pinyin.split()))


COMMA, STOP = Token("，", kind="pause"), Token("。", kind="pause")
HELLO = Phrase((word("欢迎", "huan1 ying2"), word("光临", "guang1 lin2"), STOP), 0.45, "欢迎光临。")
LONG = Phrase(
    (*(token for _ in range(12) for token in (word("亲爱的", "qin1 ai4 de5"), word("顾客", "gu4 ke4"), COMMA)), STOP),
    0.45,
    "亲爱的顾客，" * 12,
)
