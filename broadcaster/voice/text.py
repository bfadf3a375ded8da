"""What of a text can be spoken."""

from __future__ import annotations

import re
import unicodedata

from broadcaster.errors import VoiceError

_HANZI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_UNSPOKEN = ("Cc", "Cs")
_LEAST_S = 0.3
_LEAST_PER_HANZI_S = 0.06
_SHOWN = 40


def speakable(text: str) -> str:
    """The text without what breaks speech engines: NUL, other control characters, lone surrogates.

    Raises ``VoiceError`` when it holds no letter, hanzi or digit: engines report success for such a text and say
    nothing.
    """
    kept = (character for character in text if character.isspace() or unicodedata.category(character) not in _UNSPOKEN)
    clean = " ".join("".join(kept).split())
    if not any(character.isalnum() for character in clean):
        raise VoiceError(f"nothing to speak in {shown(text)}: write at least one word")
    return clean


def hanzi_in(text: str) -> int:
    """How many Chinese characters there are."""
    return len(_HANZI.findall(text))


def least_duration_s(text: str) -> float:
    """What any voice needs at least for the text; shorter audio means that it broke off or was never spoken."""
    return max(_LEAST_S, _LEAST_PER_HANZI_S * hanzi_in(text))


def shown(text: str) -> str:
    """The text, shortened, for messages."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
