"""Spoken phrases, kept so that an announcement with a changed price costs one phrase."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from broadcaster.errors import VoiceError
from broadcaster.media.files import settle
from broadcaster.voice.reading.model import Phrase
from broadcaster.voice.speaker import Manner, Speaker
from broadcaster.voice.wav_length import wav_length_s

_KEEP_S = 30 * 86_400.0
_SWEEP_EVERY_S = 86_400.0


class Phrases:
    """A folder of WAVs as the engines wrote them, by what was asked. Safe from several threads and processes.

    A phrase that nobody asked for in 30 days goes.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._now = now
        self._swept_at = 0.0

    def path(self, identity: str, phrase: Phrase, manner: Manner) -> Path:
        """Where the phrase lies or would lie, spoken by that engine and voice in that manner (pitch aside)."""
        asked = [identity, manner.voice, manner.speed, phrase.plain, [asdict(token) for token in phrase.tokens]]
        return self.folder / f"{hashlib.sha256(json.dumps(asked).encode('utf-8', 'replace')).hexdigest()}.wav"

    def get(self, identity: str, phrase: Phrase, manner: Manner) -> Path | None:
        """The spoken phrase, if it is there and whole."""
        path = self.path(identity, phrase, manner)
        try:
            wav_length_s(path)
            os.utime(path, (self._now(), self._now()))
        except (VoiceError, OSError):
            return None
        return path

    def make(self, speaker: Speaker, identity: str, phrase: Phrase, manner: Manner, work: Path) -> Path:
        """The spoken phrase, spoken now if need be. ``work`` is a folder on the same file system.

        Raises ``VoiceError``, ``VoiceTimeout``, and ``OSError`` when the folder can't be written.
        """
        if found := self.get(identity, phrase, manner):
            return found
        path = self.path(identity, phrase, manner)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        temp = work / path.name
        speaker.speak(phrase, temp, manner)
        try:
            wav_length_s(temp)
        except VoiceError as error:
            raise VoiceError(f"{speaker.name} wrote no good audio for {phrase.plain[:40]!r}: {error}") from error
        with temp.open("rb+") as stream:
            os.fsync(stream.fileno())
        settle(temp, path)
        return path

    def drop(self, paths: list[Path]) -> None:
        """Forget phrases that turned out to be of no use."""
        for path in paths:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        now = self._now()
        if now - self._swept_at < _SWEEP_EVERY_S:
            return
        self._swept_at = now
        for path in self.folder.glob("*.wav"):
            with suppress(OSError):
                if now - path.stat().st_mtime > _KEEP_S:
                    path.unlink()
