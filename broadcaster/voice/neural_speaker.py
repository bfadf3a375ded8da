"""The neural voice as a :class:`~broadcaster.voice.speaker.Speaker`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Lock

from broadcaster.errors import VoiceError
from broadcaster.media.files import content_hash
from broadcaster.voice.fetch.catalogue import Catalogue, load_catalogue
from broadcaster.voice.neural.kinds import KOKORO, Kind, voice_file
from broadcaster.voice.reading.model import Phrase
from broadcaster.voice.speaker import Manner, Voice
from broadcaster.voice.worker_client import VoiceWorker

LANGUAGE = "zh-CN"


class NeuralSpeaker:
    """Speaks with the model and the voices in ``folder``, through ``worker``, which stays its owner's to close."""

    name = "neural"

    def __init__(
        self, folder: Path, worker: VoiceWorker, *, kind: Kind = KOKORO, catalogue: Catalogue | None = None
    ) -> None:
        self._folder = folder
        self._worker = worker
        self._kind = kind
        self._catalogue = catalogue or load_catalogue()
        self._hashes: dict[Path, tuple[int, int, str]] = {}
        self._lock = Lock()

    def missing(self) -> str | None:
        if fault := self._fault(self._kind.model):
            return fault
        if not any(self.missing_voice(voice) is None for voice in self._kind.voices):
            return self._fault(voice_file(self._kind.wanted["zh"][0]))
        return self._worker.tired()

    def missing_voice(self, voice: str) -> str | None:
        """None when the files of that voice are there and right; else what is wrong, in words for people."""
        return self._fault(self._kind.model) or self._fault(voice_file(voice))

    def voices(self) -> list[Voice]:
        return [voice for voice in self.all_voices() if self.missing_voice(voice.id) is None]

    def all_voices(self) -> list[Voice]:
        """Also those whose files are not there."""
        return [Voice(id_, name, LANGUAGE, self.name) for id_, name in self._kind.voices.items()]

    def identity(self, voice: str) -> str:
        chosen = self._chosen(voice)
        if chosen is None:
            return ""
        parts = [self._hash(self._folder / name) for name in (self._kind.model, voice_file(chosen))]
        whole = " ".join([self.name, self._kind.name, str(self._kind.version), chosen, *parts])
        return hashlib.sha256(whole.encode()).hexdigest() if all(parts) else ""

    def speak(self, phrase: Phrase, out: Path, manner: Manner) -> None:
        voice = self._chosen(manner.voice)
        if voice is None:
            raise VoiceError(self._why_not(manner.voice))
        self._worker.speak(phrase, out, folder=self._folder, voice=voice, speed=manner.speed)

    def _chosen(self, wanted: str) -> str | None:
        for voice in self._kind.wanted.get(wanted.lower(), (wanted,)):
            if voice in self._kind.voices and self.missing_voice(voice) is None:
                return voice
        return None

    def _why_not(self, wanted: str) -> str:
        voices = self._kind.wanted.get(wanted.lower(), (wanted,))
        if voices[0] not in self._kind.voices:
            return f"no voice {wanted!r} in the neural engine; it has {', '.join(self._kind.voices)}"
        return self.missing_voice(voices[0]) or f"the voice {wanted!r} can't be used"

    def _fault(self, name: str) -> str | None:
        path = self._folder / name
        known = self._catalogue.file(name)
        try:
            size = path.stat().st_size
        except OSError:
            return (
                f"缺少 {path},请运行 broadcaster voices install / {name} is missing; run `broadcaster voices install`"
            )
        right = known is None or (known.bytes == size and self._hash(path) == known.sha256)
        if right:
            return None
        return f"{path} 已损坏,请运行 broadcaster voices install / it is damaged; run `broadcaster voices install`"

    def _hash(self, path: Path) -> str:
        """Of the file's content; read once, and again when it has changed. Empty if it can't be read."""
        try:
            found = path.stat()
            with self._lock:
                size, mtime_ns, kept = self._hashes.get(path, (-1, -1, ""))
                if (size, mtime_ns) != (found.st_size, found.st_mtime_ns):
                    kept = content_hash(path)
                    self._hashes[path] = (found.st_size, found.st_mtime_ns, kept)
                return kept
        except OSError:
            return ""
