"""From the plan's names of voices to what the studio renders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from broadcaster.plan.faults import Fault, did_you_mean, nearest
from broadcaster.plan.files import Document, Keys
from broadcaster.plan.load import LEXICON, VOICES, Draft
from broadcaster.plan.models import USUAL_SPEED, Voices
from broadcaster.voice.ladder import Ladder
from broadcaster.voice.reading.lexicon import Lexicon
from broadcaster.voice.speaker import Manner

_NATURAL_RATE = 155
"""Words a minute of espeak's Mandarin voice at speed 1: what the old ``rate`` is held against."""
_ENGLISH = re.compile(r"(?:^|[^a-z])en(?:[^a-z]|$)")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who says something, and how."""

    manner: Manner
    language: str
    engine: str | None


def cast(
    voices: Voices, name: str, *, speed: float | None = None, rate: int | None = None, pitch: float | None = None
) -> Cast:
    """The voice of that name in ``config/voices.yaml``; any other name is an engine's own id or a language.

    ``speed`` (or else ``rate``, words a minute) and ``pitch`` (semitones) stand instead of the voice's own.
    """
    setting = voices.voices.get(name)
    if speed is None and rate is not None:
        speed = min(2.0, max(0.5, rate / _NATURAL_RATE))
    if setting is None:
        return Cast(Manner(name, speed or USUAL_SPEED, pitch or 0.0), _language(name), None)
    manner = Manner(
        setting.voice or setting.language,
        setting.speed if speed is None else speed,
        setting.pitch if pitch is None else pitch,
    )
    return Cast(manner, setting.language, None if setting.engine == "auto" else setting.engine)


def _language(name: str) -> str:
    lower = name.lower()
    if re.fullmatch("[a-z]{2}", lower):
        return lower
    return "en" if _ENGLISH.search(lower) else "zh"


def voice_faults(draft: Draft, ladder: Ladder) -> list[Fault]:
    """Voices that nobody has, each told where it is named; an engine is asked only about names that need it."""
    return list(_voice_faults(draft, ladder))


def _voice_faults(draft: Draft, ladder: Ladder) -> Iterator[Fault]:
    named = draft.voices.voices
    for name, setting in named.items():
        if setting.voice is not None and not ladder.knows(setting.voice):
            yield _unknown(draft.documents[VOICES], ("voices", name, "voice"), setting.voice, ladder, ())
    station = draft.documents.get("config/station.yaml")
    if draft.station and station and not _known(draft.station.voice, named, ladder):
        yield _unknown(station, ("voice",), draft.station.voice, ladder, named)
    for name, script in draft.scripts.items():
        speaks = script.recording is None and script.text.strip()
        if speaks and script.voice is not None and not _known(script.voice, named, ladder):
            yield _unknown(draft.documents[f"announcements/{name}.yaml"], ("voice",), script.voice, ladder, named)


def _known(name: str, named: Iterable[str], ladder: Ladder) -> bool:
    return name in named or ladder.knows(name)


def _unknown(document: Document, keys: Keys, name: str, ladder: Ladder, named: Iterable[str]) -> Fault:
    near = [*named, *ladder.own_voices()]
    # All of an engine's voices are too many to list; the house's own come first.
    hint_zh, hint_en = did_you_mean(name, near if nearest(name, near) else list(named) or near)
    return document.fault("unknown-voice", keys, name, hint_zh=hint_zh, hint_en=hint_en)


def lexicon_faults(path: Path) -> list[Fault]:
    """What is wrong with the store's lexicon; its good lines are used all the same."""
    faults = Lexicon.load(path)[1]
    return [
        Fault(
            "bad-lexicon", LEXICON, fault.line or None, value=fault.value or None,
            params={"reason_zh": fault.zh, "reason_en": fault.en}, blocking=False,
        )
        for fault in faults
    ]  # fmt: skip
