"""The platform's own voice through pyttsx3: espeak-ng on Linux, SAPI 5 on Windows."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from broadcaster.errors import VoiceError, VoiceTimeout
from broadcaster.media.bench import child_environment, creation_flags
from broadcaster.voice.speaker import Voice
from broadcaster.voice.text import least_duration_s, shown, speakable

_CHILD = (sys.executable, "-m", "broadcaster.voice.child")
_GRACE_S = 1.0


class PlatformSpeaker:
    """One child process a text, ended when it takes longer than ``timeout_s``."""

    name = "pyttsx3"

    def __init__(self, timeout_s: float = 60.0, command: Sequence[str] = _CHILD) -> None:
        self._timeout_s = timeout_s
        self._command = list(command)

    def voices(self) -> list[Voice]:
        """The voices there are. Raises ``VoiceError`` and ``VoiceTimeout``."""
        answer = self._ask({"job": "voices"})
        return [Voice(str(id_), str(name), str(language), self.name) for id_, name, language in answer["voices"]]

    def speak(self, text: str, out: Path, voice: str, rate: int | None) -> None:
        """Write the spoken text to ``out``. Raises ``VoiceError`` and ``VoiceTimeout``."""
        clean = speakable(text)
        # In the same folder, so that putting it in place is one step; ".wav" as SAPI wants it.
        temp = out.absolute().with_name(f"{out.stem}.{uuid.uuid4().hex[:8]}.part.wav")
        try:
            if not temp.parent.is_dir():
                raise VoiceError(f"there is no folder {temp.parent} to speak into; make it")
            job = {"job": "speak", "text": clean, "out": str(temp), "voice": voice, "rate": rate}
            self._ask({**job, "timeout_s": max(0.0, self._timeout_s - _GRACE_S)})
            _check(temp, clean, self.name)
            temp.replace(out)
        except OSError as error:
            raise VoiceError(f"{self.name} can't write {out} ({error}); check the disk") from error
        finally:
            temp.unlink(missing_ok=True)

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
            answer = json.loads(done.stdout)
        except ValueError:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise VoiceError(f"{self.name} died (exit status {done.returncode}: {' '.join(words)})") from None
        if "error" in answer:
            raise VoiceError(f"{self.name}: {answer['error']}")
        return dict(answer)


def _check(path: Path, text: str, engine: str) -> None:
    """Engines report success for empty files, too. Raises ``VoiceError``."""
    try:
        with wave.open(str(path), "rb") as wav:
            seconds = wav.getnframes() / wav.getframerate()
    except (OSError, EOFError, wave.Error, ZeroDivisionError) as error:
        raise VoiceError(f"{engine} wrote no audio for {shown(text)} ({error})") from error
    if seconds < least_duration_s(text):
        raise VoiceError(f"{engine} spoke only {seconds:.2f} s of {shown(text)}")
