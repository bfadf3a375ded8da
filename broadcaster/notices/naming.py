"""A notice's name where nobody gave it one: its first words, never cut inside a number or a Latin word."""

from __future__ import annotations

import re

NAME_MOST = 16
"""Characters of a name made from the text."""

_ENDS = re.compile(r"[\n，。！？；!?;]+|(?<!\d)[,.]|[,.](?!\d)")
_LETTERS = r"[^\W_\u3400-\u9fff]+"
_WHOLE = re.compile(rf"[¥￥$€£]?{_LETTERS}(?:[.,:/'’+-]{_LETTERS})*%?")
"""A number or a word of another script than Chinese."""


def name_of(text: str) -> str:
    """A notice's name for the list, from its first words."""
    first = next((part for part in _ENDS.split(text) if part.strip()), "").strip()
    return shortened(first, NAME_MOST)


def shortened(text: str, most: int) -> str:
    """At most so many characters, of which the last is an ellipsis where something was left out."""
    if len(text) <= most:
        return text
    end = most - 1
    inside = next((one.start() for one in _WHOLE.finditer(text) if one.start() < end < one.end()), end)
    # One word longer than all of it can only be cut.
    return text[: inside or end].rstrip() + "…"
