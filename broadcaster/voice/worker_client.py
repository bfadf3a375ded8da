"""Reading and neural speech for the daemon, done in children so that it stays small and nothing in it can hang."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from broadcaster.errors import VoiceError
from broadcaster.voice.reading.model import Phrase, Reading
from broadcaster.voice.text import shown
from broadcaster.voice.wav_length import wav_length_s
from broadcaster.voice.wire import phrase_to_json, reading_from_json
from broadcaster.voice.worker_child import WorkerChild

COMMAND = (sys.executable, "-m", "broadcaster.voice.worker")
PATIENCE_S = 10.0
"""Every job's time limit, and three times the expected audio on top when it is spoken."""
START_S = 20.0
"""What the first job of a child may take longer."""

_PER_SYLLABLE_S = 0.28
_PER_SYMBOL_S = 0.09
_LEAST_PER_SYLLABLE_S = 0.06


class VoiceWorker:
    """Two children of one program, each started when it is needed: one reads, one speaks.

    So a preview does not wait for a rendering, an engine that hangs costs no preview, and both load at the same
    time. Safe from several threads. To be closed when no longer used.
    """

    def __init__(
        self, command: Sequence[str] = COMMAND, *, patience_s: float = PATIENCE_S, start_s: float = START_S
    ) -> None:
        self._patience_s = patience_s
        self._reader = WorkerChild("注音 the reader", command, start_s, tires=False)
        self._mouth = WorkerChild("神经语音 the neural voice", command, start_s, tires=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the children there are now: the reader's, the voice's."""
        return tuple(pid for pid in (self._reader.pid, self._mouth.pid) if pid is not None)

    def read(self, text: str, lexicon: Path | None = None, language: str = "zh") -> Reading:
        """What the text comes to when it is read aloud, with the store's lexicon over the built-in one.

        Raises ``VoiceError`` when it can't be read, ``VoiceTimeout`` when that takes too long.
        """
        path = None if lexicon is None else str(lexicon.absolute())
        answer = self._reader.do({"job": "read", "text": text, "lexicon": path, "language": language}, self._patience_s)
        try:
            reading = reading_from_json(answer["reading"])
        except (KeyError, TypeError, ValueError) as error:
            self._reader.failed()
            raise VoiceError(f"the reader's answer for {shown(text)} makes no sense ({error!r})") from error
        self._reader.succeeded()
        return reading

    def speak(self, phrase: Phrase, out: Path, *, folder: Path, voice: str, speed: float = 1.0) -> float:
        """Write the phrase to ``out``, a WAV of floats, whole or not at all; returns its seconds.

        ``folder`` holds the model and the voices. Raises ``VoiceError`` and ``VoiceTimeout``.
        """
        expected_s = expected(phrase) / max(speed, 0.1)
        temp = out.absolute().with_name(f"{out.stem}.{uuid.uuid4().hex[:8]}.part.wav")
        job = {
            "job": "speak", "phrase": phrase_to_json(phrase), "out": str(temp),
            "folder": str(folder.absolute()), "voice": voice, "speed": speed,
        }  # fmt: skip
        try:
            if not temp.parent.is_dir():
                raise VoiceError(f"there is no folder {temp.parent} to speak into; make it")
            self._mouth.do(job, self._patience_s + 3 * expected_s)
            seconds = self._checked(temp, phrase, speed)
            temp.replace(out)
        except OSError as error:
            raise VoiceError(f"the voice can't write {out} ({error}); check the disk") from error
        finally:
            with suppress(OSError):
                temp.unlink(missing_ok=True)
        self._mouth.succeeded()
        return seconds

    def warm(self, folder: Path | None = None, lexicon: Path | None = None) -> Future[None]:
        """Begin to load dictionaries, and with ``folder`` the model, side by side; a coming job then starts at once.

        Returns at once. The future tells how it went; nobody has to wait for it.
        """
        path = None if lexicon is None else str(lexicon.absolute())
        jobs = [(self._reader, {"job": "load", "folder": None, "lexicon": path})]
        if folder is not None:
            jobs.append((self._mouth, {"job": "load", "folder": str(folder.absolute())}))
        done: Future[None] = Future()
        Thread(target=self._warm, args=(jobs, done), name="voice warm-up", daemon=True).start()
        return done

    def tired(self) -> str | None:
        """Why the neural voice is left alone for now, in words for people, or None."""
        return self._mouth.tired()

    def close(self) -> None:
        """End the children for good; what they are doing raises ``VoiceError`` where it was asked for."""
        self._reader.close()
        self._mouth.close()

    def _warm(self, jobs: Sequence[tuple[WorkerChild, dict[str, str | None]]], done: Future[None]) -> None:
        faults: list[VoiceError] = []

        def load(child: WorkerChild, job: dict[str, str | None]) -> None:
            try:
                child.do(job, self._patience_s)
            except VoiceError as error:
                faults.append(error)

        threads = [Thread(target=load, args=job, daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            done.set_exception(faults[0])
        else:
            done.set_result(None)

    def _checked(self, path: Path, phrase: Phrase, speed: float) -> float:
        try:
            seconds = wav_length_s(path)
            if seconds < _LEAST_PER_SYLLABLE_S * _syllables(phrase) / max(speed, 1.0):
                raise VoiceError(f"it holds only {seconds:.2f} s of speech")
        except VoiceError as error:
            self._mouth.failed()
            raise VoiceError(f"the voice's file for {shown(phrase.plain)} can't be used: {error}") from error
        return seconds


def _syllables(phrase: Phrase) -> int:
    return sum(len(token.pinyin) for token in phrase.tokens)


def expected(phrase: Phrase) -> float:
    """About how many seconds the phrase lasts at speed 1."""
    symbols = sum(len(token.phonemes) for token in phrase.tokens)
    return 0.5 + _PER_SYLLABLE_S * _syllables(phrase) + _PER_SYMBOL_S * symbols
