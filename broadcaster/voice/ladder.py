"""Which engine speaks an utterance: the best that can, and the next one when it fails.

Voices are never mixed inside one utterance. An engine that failed with an utterance is not asked for the same one
again for ten minutes, so that a look at the plan every minute does not try in vain every minute; one that took too
long three times in a row is not asked for anything as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from broadcaster.clock import monotonic
from broadcaster.errors import UsageError, VoiceError, VoiceTimeout
from broadcaster.voice.speaker import Speaker, Voice
from broadcaster.voice.utterance import Utterance

REST_S = 600.0
"""How long an engine that failed is left alone."""

_STRIKES = 3


@dataclass(frozen=True, slots=True)
class Way:
    """One way to speak an utterance."""

    speaker: Speaker
    voice: str
    """The engine's own, or the language where it does not have the one asked for."""
    identity: str
    """Of engine and voice; empty while that can't be known."""
    read: bool = True
    """Whether our reader reads the text, or the engine does so itself."""
    hindrance: str = ""
    """Why it can't be gone now, in words for people; empty when it can."""

    @property
    def name(self) -> str:
        """Tells the ways of one utterance apart."""
        return self.speaker.name if self.read else f"{self.speaker.name} unread"


class Ladder:
    """The speech engines, best first. Safe from several threads."""

    def __init__(self, speakers: Sequence[Speaker], *, mono: Callable[[], float] = monotonic) -> None:
        if not speakers:
            raise UsageError("there is no speech engine at all")
        self.speakers = tuple(speakers)
        self._mono = mono
        self._lock = Lock()
        self._resting: dict[tuple[str, str], tuple[float, str]] = {}
        self._strikes: dict[str, int] = {}

    def ways(self, utterance: Utterance) -> list[Way]:
        """The ways to speak it, best first, those included that can't be gone at the moment.

        Raises ``UsageError`` for an engine that there is not, ``VoiceError`` for a voice that no engine has.
        """
        asked = utterance.manner.voice
        speakers = self._named(utterance.engine)
        ways = [self._way(speaker, utterance) for speaker in speakers]
        if asked != utterance.language and not any(_has(speaker, asked) for speaker in speakers):
            raise VoiceError(_no_voice(asked, speakers))
        last = ways[-1]
        return [*ways, Way(last.speaker, last.voice, last.identity, False, last.hindrance)]

    def knows(self, voice: str) -> bool:
        """Whether some engine has a voice of that id, or one for that language, or can't tell."""
        return any(_has(one, voice) or not _all_voices(one) for one in self.speakers)

    def own_voices(self) -> list[str]:
        """Ids of all the voices that engines have, or could have."""
        return [voice.id for speaker in self.speakers for voice in _all_voices(speaker)]

    def mark(self, language: str = "zh") -> str:
        """Another mark than before: an engine has come or gone, and it is worth looking at what was spoken."""
        return ", ".join(speaker.identity(language) or f"no {speaker.name}" for speaker in self.speakers)

    def hindrance(self, way: Way, words: str) -> str:
        """Why the way can't be gone now for the utterance with that key; empty when it can."""
        with self._lock:
            now = self._mono()
            self._resting = {place: rest for place, rest in self._resting.items() if rest[0] > now}
            rest = self._resting.get((way.name, words)) or self._resting.get((way.name, ""))
        return way.hindrance or (rest[1] if rest else "")

    def failed(self, way: Way, words: str, error: VoiceError) -> None:
        """The engine could not speak the utterance with that key."""
        with self._lock:
            until = self._mono() + REST_S
            self._resting[way.name, words] = until, str(error)
            strikes = self._strikes.get(way.name, 0) + 1 if isinstance(error, VoiceTimeout) else 0
            if strikes >= _STRIKES:
                self._resting[way.name, ""] = until, f"{error} ({strikes} times in a row)"
                strikes = 0
            self._strikes[way.name] = strikes

    def worked(self, way: Way) -> None:
        """The engine has spoken."""
        with self._lock:
            self._strikes[way.name] = 0

    def _named(self, engine: str | None) -> tuple[Speaker, ...]:
        if engine in (None, "auto"):
            return self.speakers
        found = tuple(speaker for speaker in self.speakers if speaker.name == engine)
        if not found:
            names = ", ".join(speaker.name for speaker in self.speakers)
            raise UsageError(f"there is no speech engine {engine!r}; there is {names}")
        return found

    def _way(self, speaker: Speaker, utterance: Utterance) -> Way:
        hindrance = speaker.missing() or ""
        for voice in (utterance.manner.voice, utterance.language):
            if identity := speaker.identity(voice):
                return Way(speaker, voice, identity, hindrance=hindrance)
        lack = hindrance or f"{speaker.name} has no voice for {utterance.language!r}; `broadcaster voices` lists all"
        return Way(speaker, utterance.language, "", hindrance=lack)


def _all_voices(speaker: Speaker) -> list[Voice]:
    try:
        return speaker.all_voices()
    except VoiceError:
        return []


def _has(speaker: Speaker, voice: str) -> bool:
    return bool(speaker.identity(voice)) or any(voice == one.id for one in _all_voices(speaker))


def _no_voice(asked: str, speakers: Sequence[Speaker]) -> str:
    hints = [str(speaker.missing()) for speaker in speakers if speaker.missing()]
    there = "; ".join(hints) or "`broadcaster voices` lists those that are there"
    return f"no voice {asked!r} is installed; {there}"
