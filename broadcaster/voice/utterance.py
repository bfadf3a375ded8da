"""What is to be said, with everything that is heard around it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from pathlib import Path

from broadcaster.errors import MediaError
from broadcaster.media.files import known_hash
from broadcaster.media.recording import PREPARATION
from broadcaster.voice.speaker import USUAL, Manner

FINISH = 2
"""Version of speaking and finishing; part of every key, so that a change renders everything anew."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """An announcement: words by a voice or recorded by people, a chime before them, said once or more."""

    text: str = ""
    """Spoken by the voice, unless there is a recording."""
    recording: str | None = None
    """Path of a recording made by people; it goes before the text."""
    manner: Manner = USUAL
    language: str = "zh"
    """How the text is read, and what an engine speaks that does not have the voice asked for."""
    engine: str | None = None
    """The only speech engine that may speak it; None is the best there is."""
    chime: str | None = None
    """Path of the chime's audio, played once before the words."""
    repeat: int = 1
    """How often the words are heard."""
    pause_s: float = 1.5
    """Between one reading and the next."""

    def key(self) -> str:
        """Hash of what was asked for, whoever speaks it and however it is read.

        Raises ``MediaError`` when a file is missing. Reads the chime and the recording once, and again when they
        have changed.
        """
        words = [self.text, *astuple(self.manner), self.language, self.engine]
        asked = {
            "words": words if self.recording is None else _hash(self.recording),
            "chime": self.chime and _hash(self.chime),
            "readings": [self.repeat, self.pause_s if self.repeat > 1 else 0],
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def heard_key(self, *how: str) -> str:
        """Hash of everything that is heard: equal keys sound alike. ``how`` says who speaks it and how it is read."""
        heard = [FINISH, PREPARATION, self.key(), *how]
        return hashlib.sha256(json.dumps(heard).encode()).hexdigest()


def _hash(path: str) -> str:
    try:
        return known_hash(Path(path))
    except (OSError, ValueError) as error:
        raise MediaError(f"{path}: it can't be read ({error}); put it back, or take it out of the plan") from error
