"""The platform's own voice through pyttsx3: espeak-ng on Linux, SAPI 5 on Windows."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from broadcaster.clock import monotonic
from broadcaster.errors import VoiceError, VoiceTimeout
from broadcaster.media.bench import child_environment, creation_flags
from broadcaster.voice.choose import choose
from broadcaster.voice.reading.model import Phrase
from broadcaster.voice.speaker import Manner, Voice
from broadcaster.voice.text import least_duration_s, shown, speakable
from broadcaster.voice.wav_length import wav_length_s

_CHILD = (sys.executable, "-m", "broadcaster.voice.child")
_GRACE_S = 1.0
_KNOWN_FOR_S = 600.0
_MISSING_FOR_S = 60.0
"""A look at the platform's voices costs a child process; so what was found holds for a while."""


@dataclass(frozen=True, slots=True)
class _Look:
    until: float
    driver: str = ""
    voices: tuple[Voice, ...] = ()
    fault: str = ""


class PlatformSpeaker:
    """One child process a text, ended when it takes longer than ``timeout_s``."""

    name = "pyttsx3"

    def __init__(self, timeout_s: float = 60.0, command: Sequence[str] = _CHILD) -> None:
        self._timeout_s = timeout_s
        self._command = list(command)
        self._look = _Look(until=float("-inf"))
        self._lock = Lock()

    def missing(self) -> str | None:
        look = self._looked()
        if look.fault:
            return f"系统语音不能用 / the platform's voice can't be used: {look.fault}"
        return None if look.voices else "系统里没有语音 / the platform has no voices"

    def voices(self) -> list[Voice]:
        """The voices there are. Raises ``VoiceError`` and ``VoiceTimeout``."""
        return list(self._ask_voices().voices)

    def all_voices(self) -> list[Voice]:
        return self.voices()

    def identity(self, voice: str) -> str:
        look = self._looked()
        try:
            return f"{self.name} {look.driver} {choose(look.voices, voice, look.driver).id}"
        except VoiceError:
            return ""

    def speak(self, phrase: Phrase, out: Path, manner: Manner) -> None:
        """Write the spoken phrase to ``out``. Raises ``VoiceError`` and ``VoiceTimeout``."""
        clean = speakable(phrase.plain)
        # In the same folder, so that putting it in place is one step; ".wav" as SAPI wants it.
        temp = out.absolute().with_name(f"{out.stem}.{uuid.uuid4().hex[:8]}.part.wav")
        try:
            if not temp.parent.is_dir():
                raise VoiceError(f"there is no folder {temp.parent} to speak into; make it")
            job = {"job": "speak", "text": clean, "out": str(temp), "voice": manner.voice, "speed": manner.speed}
            self._ask({**job, "timeout_s": max(0.0, self._timeout_s - _GRACE_S)})
            _check(temp, clean, self.name)
            temp.replace(out)
        except OSError as error:
            raise VoiceError(f"{self.name} can't write {out} ({error}); check the disk") from error
        finally:
            temp.unlink(missing_ok=True)

    def _looked(self) -> _Look:
        with self._lock:
            if monotonic() >= self._look.until:
                try:
                    self._ask_voices()
                except VoiceError as error:
                    self._look = _Look(monotonic() + _MISSING_FOR_S, fault=str(error))
            return self._look

    def _ask_voices(self) -> _Look:
        answer = self._ask({"job": "voices"})
        found = tuple(Voice(str(id_), str(name), str(language), self.name) for id_, name, language in answer["voices"])
        self._look = _Look(monotonic() + _KNOWN_FOR_S, str(answer["driver"]), found)
        return self._look

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        try:
            done = subprocess.run(
                self._command,
                input=json.dumps(job).encode(),
                capture_output=True,
                timeout=self._timeout_s,
                env=child_environment(),
                creationflags=creation_flags(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            task = shown(str(job.get("text", job["job"])))
            raise VoiceTimeout(
                f"{self.name} did not finish {task} within {self._timeout_s:g} s and was ended"
            ) from None
        except OSError as error:
            raise VoiceError(f"{self.name} can't be started ({error}); repair the installation") from error
        try:
            answer = dict(json.loads(done.stdout))
        except (ValueError, TypeError):
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise VoiceError(f"{self.name} died (exit status {done.returncode}: {' '.join(words)})") from None
        if "error" in answer:
            raise VoiceError(f"{self.name}: {answer['error']}")
        if job["job"] == "voices" and not {"voices", "driver"} <= answer.keys():
            raise VoiceError(f"{self.name} did not answer: {shown(str(answer))}")
        return answer


def _check(path: Path, text: str, engine: str) -> None:
    """Engines report success for empty files, too. Raises ``VoiceError``."""
    try:
        seconds = wav_length_s(path)
    except VoiceError as error:
        raise VoiceError(f"{engine} wrote no audio for {shown(text)} ({error})") from error
    if seconds < least_duration_s(text):
        raise VoiceError(f"{engine} spoke only {seconds:.2f} s of {shown(text)}")
