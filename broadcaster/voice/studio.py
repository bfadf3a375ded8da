"""Where utterances become recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from broadcaster.errors import BroadcasterError, MediaError, VoiceError
from broadcaster.media.bench import Bench
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from broadcaster.media.shelf import Shelf
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.speaker import Speaker
from broadcaster.voice.text import shown, speakable
from broadcaster.voice.utterance import Utterance

Progress = Callable[[int, int, Utterance], None]
"""How many are done, how many there are, and the one just done."""


class Studio:
    """Renders utterances into the cache folder and finds them again; safe from several threads and processes.

    ``timeout_s`` holds for the speaking and for the finishing of one utterance, each.
    """

    def __init__(self, cache: Path, library: Library, timeout_s: float = 60, *, speaker: Speaker | None = None) -> None:
        self.shelf = Shelf(cache)
        self._library = library
        self._timeout_s = timeout_s
        self._speaker = speaker or PlatformSpeaker(timeout_s)

    def cached(self, utterance: Utterance) -> Recording | None:
        """The finished recording if it is there, as this studio's engine would speak it now; renders nothing."""
        try:
            key = self._key(utterance)
        except MediaError:
            return None
        return self.shelf.get(key, f"voice:{key}")

    def render(self, utterance: Utterance) -> Recording:
        """The finished recording, made now if need be (a second or two).

        Raises ``VoiceError`` or ``VoiceTimeout`` when the words can't be spoken, ``MediaError`` when the chime or the
        recording can't be used.
        """
        with self._library.bench() as bench:
            return self._render(utterance, bench)

    def render_all(
        self, utterances: Iterable[Utterance], progress: Progress | None = None
    ) -> dict[Utterance, Recording | BroadcasterError]:
        """Each utterance's recording, or why there is none; one after another, in one worker."""
        wanted = list(dict.fromkeys(utterances))
        results: dict[Utterance, Recording | BroadcasterError] = {}
        with self._library.bench() as bench:
            for count, utterance in enumerate(wanted, 1):
                try:
                    results[utterance] = self._render(utterance, bench)
                except BroadcasterError as error:
                    results[utterance] = error
                if progress:
                    progress(count, len(wanted), utterance)
        return results

    def _key(self, utterance: Utterance) -> str:
        if utterance.recording is not None:
            return utterance.key()
        return hashlib.sha256(f"{utterance.key()} by {self._speaker.name}".encode()).hexdigest()

    def _render(self, utterance: Utterance, bench: Bench) -> Recording:
        if utterance.repeat < 1 or not 0 <= utterance.pause_s <= 60:
            raise VoiceError(f"repeat {utterance.repeat} with pauses of {utterance.pause_s:g} s makes no sense")
        if utterance.recording is None:
            speakable(utterance.text)
        key = self._key(utterance)
        source = f"voice:{key}"
        if found := self.shelf.get(key, source):
            return found
        chime = self._library.prepare_on(bench, Path(utterance.chime)).path if utterance.chime else None
        try:
            with self.shelf.work() as work:
                self._finish(utterance, bench, key, chime, work)
        except OSError as error:
            raise VoiceError(f"the cache {self.shelf.folder} can't be used ({error}); check the disk") from error
        recording = self.shelf.get(key, source)
        if recording is None:
            raise VoiceError(f"{source} vanished from the cache {self.shelf.folder}; look who empties that folder")
        return recording

    def _finish(self, utterance: Utterance, bench: Bench, key: str, chime: str | None, work: Path) -> None:
        words = Path(utterance.recording).absolute() if utterance.recording is not None else work / "spoken.wav"
        if utterance.recording is None:
            self._speaker.speak(utterance.text, words, utterance.voice, utterance.rate)
        name = utterance.recording if utterance.recording is not None else shown(utterance.text)
        job = {
            "job": "finish",
            "key": key,
            "words": str(words),
            "spoken": utterance.recording is None,
            "chime": chime,
            "repeat": utterance.repeat,
            "pause_s": utterance.pause_s,
            "shelf": str(self.shelf.folder),
            "work": str(work),
            "keep_free_mb": self._library.keep_free_mb,
            "facts": {
                "engine": self._speaker.name if utterance.recording is None else None,
                "voice": utterance.voice,
                "text": utterance.text.encode("utf-8", "replace").decode(),
            },
        }
        try:
            bench.do(job, self._timeout_s)
        except MediaError as error:
            kind = MediaError if utterance.recording is not None else VoiceError
            raise kind(f"{name}: {error}") from error
