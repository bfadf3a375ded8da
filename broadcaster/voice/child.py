"""The child process that speaks one text through pyttsx3: ``python -m broadcaster.voice.child``.

One JSON job on standard input, one JSON answer on standard output. It exists because the engine below can hang, crash
the process, speak another language than asked, or report success without a file.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pyttsx3

from broadcaster.clock import monotonic
from broadcaster.errors import VoiceError
from broadcaster.voice.choose import choose, usual_rate
from broadcaster.voice.speaker import Voice

ENGINE = "pyttsx3"


class Mouth:
    """pyttsx3, with what goes wrong in it made visible. To be used once."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._finished = Event()
        # An exception in the engine's callback (an unwritable file) is printed by ctypes and otherwise lost.
        sys.unraisablehook = lambda lost: self._faults.append(str(lost.exc_value))
        try:
            self._engine = pyttsx3.init()
        except (ImportError, OSError, RuntimeError, KeyError, AttributeError) as error:
            raise VoiceError(f"the platform's speech can't be loaded ({error}); {_install()}") from error
        self.driver = str(self._engine.driver_name)
        self._engine.connect("error", lambda name, exception: self._faults.append(str(exception)))
        self._engine.connect("finished-utterance", lambda name, completed: self._finished.set())

    def voices(self) -> list[Voice]:
        """The voices that pyttsx3 finds."""
        if self.driver == "sapi5":
            return self._sapi_voices()
        return [
            Voice(str(voice.id), str(voice.name), str(voice.languages[0]) if voice.languages else "", ENGINE)
            for voice in self._engine.getProperty("voices")
        ]

    def _sapi_voices(self) -> list[Voice]:
        """Windows' voices one by one: pyttsx3's own list dies of a single voice with two languages (``409;9``)."""
        found = []
        for token in self._engine.proxy._driver._tts.GetVoices():
            try:
                locale = _locale(str(token.GetAttribute("Language")))
                found.append(Voice(str(token.Id), str(token.GetDescription()), locale, ENGINE))
            except (OSError, ValueError):  # COM errors are OSErrors; a voice that can't say what it is can't be used
                continue
        return found

    def speak(self, text: str, out: Path, wanted: str, rate: int | None, timeout_s: float) -> None:
        """Write a WAV. Raises ``VoiceError``."""
        voice = choose(self.voices(), wanted, self.driver)
        self._engine.setProperty("voice", voice.id)
        # On SAPI the voice sets the pace anew, so the rate comes after it.
        self._engine.setProperty("rate", rate or usual_rate(wanted, self.driver))
        self._engine.save_to_file(text, str(out.absolute()))
        self._engine.runAndWait()
        if self.driver != "sapi5":  # SAPI has written the file by now, and may never report the end
            self._wait(monotonic() + timeout_s)
        if self._faults:
            raise VoiceError(f"voice {voice.id} failed: {self._faults[0]}")

    def _wait(self, deadline: float) -> None:
        """espeak speaks on a thread of its own, and the file is there only when it says that it has finished."""
        while not self._finished.wait(0.01) and not self._faults:
            if monotonic() > deadline:
                raise VoiceError("the speech engine never finished")


def _locale(lcids: str) -> str:
    """``804`` or ``409;9``: the first is the voice's language, a hexadecimal Windows language id."""
    import locale

    return locale.windows_locale.get(int(lcids.split(";")[0], 16), lcids).replace("_", "-")


def _install() -> str:
    return "repair Windows' speech" if sys.platform == "win32" else "install espeak-ng"


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Do the job; what goes wrong is the answer."""
    try:
        mouth = Mouth()
        if job["job"] == "voices":
            return {"voices": [[voice.id, voice.name, voice.language] for voice in mouth.voices()]}
        mouth.speak(job["text"], Path(job["out"]), job["voice"], job["rate"], float(job["timeout_s"]))
    except VoiceError as error:
        return {"error": str(error)}
    except Exception as error:  # the outermost turn; vendors raise what they like
        return {"error": f"the speech engine failed ({type(error).__name__}: {error})"}
    return {}


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    # pyttsx3 prints on standard output, which belongs to the answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answers.write(json.dumps(answer(job)).encode() + b"\n")
    answers.flush()
    # The engines' own ways of leaving hang or crash now and then; everything is written.
    os._exit(0)


if __name__ == "__main__":
    main()
