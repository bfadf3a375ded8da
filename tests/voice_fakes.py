"""Speech engines and readers that can be told to fail, and a studio around them."""

from __future__ import annotations

import os
import sys
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from broadcaster.errors import BroadcasterError, VoiceError
from broadcaster.media.bench import Bench
from broadcaster.media.library import Library
from broadcaster.media.spare_bench import SpareBench
from broadcaster.voice.ladder import Ladder
from broadcaster.voice.reader import Reader
from broadcaster.voice.reading.model import Phrase, Reading, Token
from broadcaster.voice.speaker import Manner, Speaker, Voice
from broadcaster.voice.studio import Studio
from broadcaster.voice.text import speakable
from tests.test_media_prepare import sound

WELCOME = "亲爱的顾客，欢迎光临本店，祝您购物愉快。"
BENCHES = SpareBench(Bench)
"""One for all tests: loading the libraries is what takes the time."""
HANG = (sys.executable, "-c", "import time; time.sleep(600)")


def phrase(text: str, pause_s: float = 0.45) -> Phrase:
    """One phrase for engines that read text themselves."""
    return Phrase((), pause_s, text)


class FakeSpeaker:
    """Hums a character in a quarter of a second; can be told to fail, or to write what is no good."""

    def __init__(
        self, name: str = "fake", fault: BroadcasterError | None = None, write: Callable[[Path], None] | None = None
    ) -> None:
        self.name = name
        self.fault = fault
        self.write = write
        self.lack: str | None = None
        self.version = "1"
        self.spoken: list[str] = []

    def missing(self) -> str | None:
        return self.lack

    def voices(self) -> list[Voice]:
        return [] if self.lack else self.all_voices()

    def all_voices(self) -> list[Voice]:
        return [Voice("fake/zh", "Fake", "cmn", self.name), Voice("fake/en", "Fake English", "en", self.name)]

    def identity(self, voice: str) -> str:
        known = voice in ("zh", "en", "fake/zh", "fake/en")
        return f"{self.name} {self.version} {voice.removeprefix('fake/')}" if known and not self.lack else ""

    def speak(self, phrase: Phrase, out: Path, manner: Manner) -> None:
        clean = speakable(phrase.plain)
        if self.fault:
            raise self.fault
        if not self.identity(manner.voice):
            raise VoiceError(f"no voice {manner.voice!r} is installed")
        if not out.parent.is_dir():
            raise VoiceError(f"can't write {out}")
        self.spoken.append(clean)
        if self.write is not None:
            self.write(out)
            return
        hum = sound(max(0.5, 0.25 * len(clean) / manner.speed), 16_000, 1)
        soundfile.write(out, np.concatenate([np.zeros((4_000, 1)), hum, np.zeros((8_000, 1))]), 16_000)


class SentenceReader:
    """A phrase for every sentence; a word of the lexicon is read as it says."""

    def __init__(self) -> None:
        self.lexicon: dict[str, str] = {}
        self.fault: BroadcasterError | None = None

    def read(self, text: str, language: str) -> Reading:
        if self.fault:
            raise self.fault
        said = text
        for word, reading in self.lexicon.items():
            said = said.replace(word, reading)
        sentences = [f"{part}。" for part in said.split("。") if part.strip()]
        phrases = tuple(Phrase((Token(part),), 0.45, part) for part in sentences)
        return Reading(text, said, ((said, ""),), phrases, ())

    def mark(self, text: str) -> str:
        return repr([entry for entry in self.lexicon.items() if entry[0] in text])


class Time:
    """Monotonic seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def studio_with(
    folder: Path, *speakers: Speaker, reader: Reader | None = None, mono: Time | None = None, free_mb: float = 0.0
) -> Studio:
    """A studio of its own folder with those engines, best first."""
    library = Library(folder / "media", keep_free_mb=free_mb)
    return Studio(folder / "voice", library, Ladder(speakers, mono=mono or Time()), reader, benches=BENCHES)


def kept(studio: Studio) -> Sequence[str]:
    """What the studio's folder holds, files of work in progress included."""
    return sorted(path.name for path in studio.shelf.folder.rglob("*") if path.is_file())


def write_hum(out: Path) -> None:
    """A second, however long the text."""
    soundfile.write(out, sound(1.0, 16_000, 1), 16_000)


def write_nothing(out: Path) -> None:
    out.write_bytes(b"")


def write_noise(out: Path) -> None:
    out.write_bytes(os.urandom(20_000))


def write_half(out: Path) -> None:
    write_silence(out)
    out.write_bytes(out.read_bytes()[:20_000])


def write_silence(out: Path) -> None:
    with wave.open(str(out), "wb") as wav:
        wav.setparams((1, 2, 22_050, 0, "NONE", ""))
        wav.writeframes(bytes(88_200))
