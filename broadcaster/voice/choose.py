"""Which of the platform's voices speaks a language. Pure; voices are chosen by what they are, never by their place."""

from __future__ import annotations

from collections.abc import Sequence

from broadcaster.errors import VoiceError
from broadcaster.voice.speaker import Voice

# Best first, each matched against id, name and language without regard to case. Of espeak's Mandarin voices, "cmn"
# reads hanzi as English and speaks the tones as numbers; the pinyin one is the one that speaks Mandarin.
_WANTED: dict[str, dict[str, tuple[str, ...]]] = {
    "espeak": {
        "zh": ("cmn-latn-pinyin", "sit/cmn", "cmn"),
        "en": ("gmw/en-us", "en-us", "gmw/en"),
    },
    "sapi5": {
        "zh": ("huihui", "zh-cn", "chinese (simplified"),
        "en": ("zira", "en-us", "en-gb", "english"),
    },
}
_NATURAL = {"espeak": {"zh": 155, "en": 165}, "sapi5": {"zh": 150, "en": 150}}
"""Words a minute, as pyttsx3 counts them, at speed 1. espeak's own 200 are understood by few: its Mandarin is best at
140, which is 0.9 of this."""
_OTHER_NATURAL = 150
_MANDARIN = ("cmn", "zh")


def choose(voices: Sequence[Voice], wanted: str, driver: str) -> Voice:
    """The voice for ``zh``, ``en`` or another language, or the one of that id or name.

    ``driver`` is pyttsx3's: ``espeak`` or ``sapi5``. Raises ``VoiceError``: another language is never put in its
    place, as engines do.
    """
    asked = wanted.lower()
    for voice in voices:
        if asked in (voice.id.lower(), voice.name.lower()):
            return voice
    for sign in _WANTED.get(driver, {}).get(asked, ()):
        for voice in voices:
            if sign in voice.id.lower() or sign in voice.name.lower() or sign == voice.language.lower():
                return voice
    for voice in voices:
        if asked and asked == voice.language.lower().split("-")[0]:
            return voice
    raise VoiceError(f"no voice {wanted!r} is installed; {_remedy(asked, driver)}")


def natural_rate(voice: Voice, driver: str) -> int:
    """Words a minute, as pyttsx3 counts them, that are the voice's natural pace."""
    language = voice.language.lower()
    kind = "zh" if language.startswith(_MANDARIN) or "cmn" in voice.id.lower() else language.split("-")[0]
    return _NATURAL.get(driver, {}).get(kind, _OTHER_NATURAL)


def _remedy(asked: str, driver: str) -> str:
    if asked == "zh" and driver == "sapi5":
        return "add the Chinese (Simplified) speech pack in the settings of Windows"
    if asked == "zh":
        return "install espeak-ng with its data"
    return "`broadcaster voices` lists those that are there"
