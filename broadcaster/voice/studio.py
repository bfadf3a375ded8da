"""Where utterances become recordings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError, MediaError, VoiceError, VoiceTimeout
from broadcaster.media.bench import Bench
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from broadcaster.media.shelf import Shelf
from broadcaster.media.spare_bench import SpareBench
from broadcaster.voice.ladder import Ladder, Way
from broadcaster.voice.phrases import Phrases
from broadcaster.voice.pins import Pins
from broadcaster.voice.reader import PlainReader, Reader
from broadcaster.voice.reading.model import Phrase, Reading
from broadcaster.voice.speaker import Manner
from broadcaster.voice.text import shown, speakable
from broadcaster.voice.utterance import FINISH, Utterance

Progress = Callable[[int, int, Utterance], None]
"""How many are done, how many there are, and the one just done."""

OnPhrase = Callable[[int, int, Phrase], None]
"""How many phrases are spoken, how many there are, and the one just spoken."""

WARM_AGAIN_S = 60.0
_SPEEDS = (0.5, 2.0)
_PITCHES = (-6.0, 6.0)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is known of a finished recording, for its author."""

    engine: str | None
    """None for a recording made by people."""
    voice: str
    text: str
    """As it was said: lexicon and numbers applied."""
    instead_of: tuple[str, ...] = ()
    """The better engines that could not speak it, each with its reason."""


class Studio:
    """Renders utterances into the cache folder and finds them again; safe from several threads and processes.

    ``timeout_s`` holds for the finishing of one utterance; engines and reader have limits of their own. ``benches``
    may be shared with other studios. ``warming`` is called before something is read and spoken, and must return at
    once; ``closing`` by :meth:`close`.
    """

    def __init__(
        self,
        cache: Path,
        library: Library,
        ladder: Ladder,
        reader: Reader | None = None,
        *,
        timeout_s: float = 60.0,
        benches: SpareBench | None = None,
        warming: Callable[[], None] = lambda: None,
        closing: Callable[[], None] = lambda: None,
    ) -> None:
        self.shelf = Shelf(cache)
        self.ladder = ladder
        self.reader: Reader = reader or PlainReader()
        self._library = library
        self._timeout_s = timeout_s
        self._warming = warming
        self._warmed_at = float("-inf")
        self._closing = closing
        self._phrases = Phrases(self.shelf.folder / "phrases")
        self._pins = Pins(self.shelf.folder / "spoken")
        self._unread = PlainReader()
        self._benches = benches or SpareBench(library.bench)
        self._no_room: dict[str, str] = {}

    def close(self) -> None:
        """End the children that read and speak, for good."""
        self._benches.close()
        self._closing()

    def warm(self) -> None:
        """Begin to load what reading and speaking need, and return at once: somebody is writing an announcement."""
        if monotonic() - self._warmed_at > WARM_AGAIN_S:
            self._warmed_at = monotonic()
            self._warming()

    def read(self, text: str, language: str = "zh") -> Reading:
        """What will be said. Raises ``VoiceError`` and ``VoiceTimeout``."""
        return self.reader.read(text, language)

    def engine(self, utterance: Utterance) -> str | None:
        """Name of the engine that would speak it now; None when nobody can."""
        try:
            words = utterance.key()
            ways = [way for way in self.ladder.ways(utterance) if not self.ladder.hindrance(way, words)]
        except BroadcasterError:
            return None
        return ways[0].speaker.name if ways else None

    def cached(self, utterance: Utterance) -> Recording | None:
        """The finished recording if it is there and nothing better can be had now; renders nothing.

        While a better engine rests from a failure, what a lower one spoke counts.
        """
        try:
            words = utterance.key()
            if utterance.recording is not None:
                return self._get(utterance.heard_key())
            ways = self.ladder.ways(utterance)
        except BroadcasterError:
            return None
        for way in ways:
            if found := self._found(utterance, words, way):
                return found
            if not self.ladder.hindrance(way, words):
                return None
        return None

    def earlier(self, utterance: Utterance) -> Recording | None:
        """The last recording of the same utterance, whoever spoke it, even if it would be read differently now."""
        try:
            keys = self._pins.any(utterance.key())
        except MediaError:
            return None
        return next((found for key in keys if (found := self._get(key))), None)

    def about(self, recording: Recording) -> Spoken | None:
        """Who spoke a recording and how; None for what this studio did not finish."""
        return self.about_key(recording.key)

    def about_key(self, key: str) -> Spoken | None:
        """The same for the key of a recording."""
        try:
            facts = json.loads(self.shelf.sidecar(key).read_text("utf-8"))
            return Spoken(facts["engine"], facts["voice"], facts["text"], tuple(facts["instead_of"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def compromise(self, utterance: Utterance, recording: Recording) -> str:
        """Why that recording of the utterance is not what it should be, in words for people; empty when it is."""
        if utterance.recording is not None:
            return ""
        try:
            words = utterance.key()
            ways = self.ladder.ways(utterance)
        except BroadcasterError as error:
            return str(error)
        reasons = []
        for way in ways:
            found = self._found(utterance, words, way)
            if found is not None and found.key == recording.key:
                break
            # What is not installed is told elsewhere, and once.
            if way.identity and (reason := self.ladder.hindrance(way, words)):
                reasons.append(f"{way.name}: {reason}")
        return "; ".join([*reasons, *filter(None, [self._no_room.get(words, "")])])

    def render(self, utterance: Utterance, on_phrase: OnPhrase | None = None) -> Recording:
        """The finished recording, made now if need be (about half as long as it lasts, by the neural voice).

        Raises ``VoiceError`` or ``VoiceTimeout`` when no engine can speak the words and there is no earlier recording
        of them, ``MediaError`` when the chime or the recording can't be used, ``UsageError`` for an unknown engine.
        """
        with self._benches.lent() as bench:
            return self._render(utterance, bench, on_phrase)

    def render_all(
        self, utterances: Iterable[Utterance], progress: Progress | None = None
    ) -> dict[Utterance, Recording | BroadcasterError]:
        """Each utterance's recording, or why there is none; one after another, in one worker."""
        wanted = list(dict.fromkeys(utterances))
        results: dict[Utterance, Recording | BroadcasterError] = {}
        with self._benches.lent() as bench:
            for count, utterance in enumerate(wanted, 1):
                try:
                    results[utterance] = self._render(utterance, bench, None)
                except BroadcasterError as error:
                    results[utterance] = error
                if progress:
                    progress(count, len(wanted), utterance)
        return results

    def _get(self, key: str) -> Recording | None:
        return self.shelf.get(key, f"voice:{key}")

    def _mark(self, utterance: Utterance, way: Way) -> str:
        return (self.reader if way.read else self._unread).mark(utterance.text)

    def _found(self, utterance: Utterance, words: str, way: Way) -> Recording | None:
        mark = self._mark(utterance, way)
        # An engine that is gone can't say what it is, but what it spoke is still the best there is.
        key = utterance.heard_key(way.identity, mark) if way.identity else self._pinned(words, way, mark)
        return self._get(key) if key else None

    def _pinned(self, words: str, way: Way, mark: str) -> str | None:
        return self._pins.of(words, way.name, f"{FINISH} {mark}")

    def _render(self, utterance: Utterance, bench: Bench, on_phrase: OnPhrase | None) -> Recording:
        if utterance.repeat < 1 or not 0 <= utterance.pause_s <= 60:
            raise VoiceError(f"repeat {utterance.repeat} with pauses of {utterance.pause_s:g} s makes no sense")
        words = utterance.key()
        if utterance.recording is not None:
            return self._get(utterance.heard_key()) or self._recorded(utterance, bench)
        speakable(utterance.text)
        _check(utterance.manner)
        failures: list[tuple[str, VoiceError]] = []
        for way in self.ladder.ways(utterance):
            if found := self._found(utterance, words, way):
                return found
            if hindrance := self.ladder.hindrance(way, words):
                failures.append((way.name, VoiceError(hindrance)))
                continue
            key = utterance.heard_key(way.identity, self._mark(utterance, way))
            try:
                return self._spoken(utterance, words, way, key, bench, failures, on_phrase)
            except _NoRoom as error:
                failures.append((way.name, error))
                self._no_room[words] = str(error)
                break  # another engine would not help
            except VoiceError as error:
                self.ladder.failed(way, words, error)
                failures.append((way.name, error))
        if found := self.earlier(utterance):
            return found
        raise _summed(failures)

    def _spoken(
        self,
        utterance: Utterance,
        words: str,
        way: Way,
        key: str,
        bench: Bench,
        failures: list[tuple[str, VoiceError]],
        on_phrase: OnPhrase | None,
    ) -> Recording:
        self._need_space()
        if way.read:
            self._warming()
        reading = (self.reader if way.read else self._unread).read(utterance.text, utterance.language)
        chime = self._chime(utterance, bench)
        # The pitch comes from playing it faster, so the engine speaks as much slower.
        manner = Manner(way.voice, utterance.manner.speed / 2 ** (utterance.manner.pitch / 12))
        warming = Thread(target=bench.warm, daemon=True)
        warming.start()
        try:
            with self.shelf.work() as work:
                spoken = []
                for count, phrase in enumerate(reading.phrases, 1):
                    spoken.append(self._phrases.make(way.speaker, way.identity, phrase, manner, work))
                    if on_phrase:
                        on_phrase(count, len(reading.phrases), phrase)
                self.ladder.worked(way)
                warming.join()
                job = {
                    "phrases": [[str(path), one.pause_s] for path, one in zip(spoken, reading.phrases, strict=True)],
                    "pitch": utterance.manner.pitch,
                    "facts": {
                        "engine": way.speaker.name,
                        "voice": way.voice,
                        "text": reading.spoken.encode("utf-8", "replace").decode(),
                        "instead_of": [f"{name}: {error}" for name, error in failures],
                    },
                }
                try:
                    self._finish(utterance, job, bench, key, chime, work)
                except MediaError as error:
                    # What sounds wrong must not be found again: silence, or noise that is no sound.
                    self._phrases.drop(spoken)
                    raise VoiceError(f"{shown(utterance.text)}: {error}") from error
            self._pins.add(words, way.name, f"{FINISH} {self._mark(utterance, way)}", key)
            self._no_room.pop(words, None)
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            warming.join()
        return self._kept(key)

    def _recorded(self, utterance: Utterance, bench: Bench) -> Recording:
        assert utterance.recording is not None
        key = utterance.heard_key()
        chime = self._chime(utterance, bench)
        facts: dict[str, Any] = {"engine": None, "voice": "", "text": "", "instead_of": []}
        job = {"words": str(Path(utterance.recording).absolute()), "facts": facts}
        try:
            with self.shelf.work() as work:
                self._finish(utterance, job, bench, key, chime, work)
        except MediaError as error:
            raise MediaError(f"{utterance.recording}: {error}") from error
        except OSError as error:
            raise self._unusable(error) from error
        return self._kept(key)

    def _chime(self, utterance: Utterance, bench: Bench) -> str | None:
        return self._library.prepare_on(bench, Path(utterance.chime)).path if utterance.chime else None

    def _finish(
        self, utterance: Utterance, job: dict[str, Any], bench: Bench, key: str, chime: str | None, work: Path
    ) -> None:
        common = {
            "job": "finish",
            "key": key,
            "chime": chime,
            "repeat": utterance.repeat,
            "pause_s": utterance.pause_s,
            "shelf": str(self.shelf.folder),
            "work": str(work),
            "keep_free_mb": self._library.keep_free_mb,
        }
        bench.do({**common, **job}, self._timeout_s)

    def _need_space(self) -> None:
        folder, least_mb = self.shelf.folder, self._library.keep_free_mb
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free_mb = shutil.disk_usage(folder).free / 1e6
        except OSError as error:
            raise self._unusable(error) from error
        if free_mb < least_mb:
            raise _NoRoom(
                f"the disk is full: {free_mb:.0f} MB free at {folder}, {least_mb:.0f} MB must stay; make room"
            )

    def _unusable(self, error: OSError) -> VoiceError:
        return _NoRoom(f"the cache {self.shelf.folder} can't be used ({error}); check the disk")

    def _kept(self, key: str) -> Recording:
        recording = self._get(key)
        if recording is None:
            raise VoiceError(f"voice:{key} vanished from the cache {self.shelf.folder}; look who empties that folder")
        return recording


class _NoRoom(VoiceError):
    """Nothing can be written into the cache, whoever speaks."""


def _check(manner: Manner) -> None:
    for what, value, (low, high) in (("speed", manner.speed, _SPEEDS), ("pitch", manner.pitch, _PITCHES)):
        if not low <= value <= high:
            raise VoiceError(f"a {what} of {value:g} makes no sense; take {low:g} to {high:g}")


def _summed(failures: list[tuple[str, VoiceError]]) -> VoiceError:
    """One error for all the ways that failed, in words that name each reason once."""
    told = dict.fromkeys(str(error) for _, error in failures)
    kind = VoiceTimeout if all(isinstance(error, VoiceTimeout) for _, error in failures) else VoiceError
    return kind("; ".join(told))
