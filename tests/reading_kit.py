"""Texts as they are said."""

from __future__ import annotations

from broadcaster.voice.reading.normalise import normalised


def normalise(text: str) -> str:
    """All that :func:`normalised` finds to be said, joined."""
    return "".join(piece.text for piece in normalised(text))
