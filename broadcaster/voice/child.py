"""The child process that speaks one text through pyttsx3: ``python -m broadcaster.voice.child``.

One JSON job on standard input, one JSON answer on standard output. It exists because the engine below can hang, crash
the process, speak another language than asked, or report success without a file.
"""

from __future__ import annotations

import _ctypes
import json
import os
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

import pyttsx3

from broadcaster.clock import monotonic
from broadcaster.errors import VoiceError
from broadcaster.voice.choose import choose, natural_rate
from broadcaster.voice.speaker import Voice

ENGINE = "pyttsx3"
_COM_ERROR: type[Exception] = getattr(_ctypes, "COMError", OSError)
"""There on Windows only, and no OSError."""
SLOWEST, FASTEST = 80, 450
"""Words a minute: espeak's limits, to which it would clip without a word."""


class Mouth:
    """pyttsx3, with what goes wrong in it made visible. To be used once."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._finished = Event()
        try:
            self._engine = pyttsx3.init()
        except (ImportError, OSError, RuntimeError, KeyError, AttributeError) as error:
            raise VoiceError(f"the platform's speech can't be loaded ({error}); {_install()}") from error
        sys.unraisablehook = lambda lost: self._lost(lost.exc_value)
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
            except (_COM_ERROR, OSError, ValueError):  # a voice that can't say what it is can't be used
                continue
        return found

    def speak(self, text: str, out: Path, wanted: str, speed: float, timeout_s: float) -> None:
        """Write a WAV. Raises ``VoiceError``."""
        voice = choose(self.voices(), wanted, self.driver)
        pace = round(speed * natural_rate(voice, self.driver))
        if not SLOWEST <= pace <= FASTEST:
            raise VoiceError(f"a speed of {speed:g} ({pace} words a minute) can't be spoken; take one nearer to 1")
        if self.driver == "sapi5":
            self._by_sapi(text, out, voice.id, pace)
        else:
            self._by_espeak(text, out, voice.id, pace, monotonic() + timeout_s)
        if self._faults:
            raise VoiceError(f"voice {voice.id} failed: {self._faults[0]}")

    def _by_sapi(self, text: str, out: Path, voice_id: str, pace: int) -> None:
        self._engine.setProperty("voice", voice_id)
        self._engine.setProperty("rate", pace)  # after the voice, which sets the pace anew
        self._engine.save_to_file(text, str(out.absolute()))
        # SAPI writes the file before this returns, and may never report that it has finished.
        self._engine.runAndWait()

    def _by_espeak(self, text: str, out: Path, voice_id: str, pace: int, deadline: float) -> None:
        """espeak works on a thread of its own, with a queue of its own.

        ``runAndWait`` cancels what is in that queue just before the text comes. Then a pace that espeak has not come
        to is lost, and the text is spoken at 200 words a minute (24 times in 450). So voice and pace are given at
        once and waited for, and the loop runs without that command.
        """
        self._engine.proxy.setBusy(False)
        self._engine.setProperty("voice", voice_id)
        while not self._paced(pace) and not self._faults:
            if monotonic() > deadline:
                raise VoiceError(f"voice {voice_id} never took the rate of {pace}")
        self._engine.save_to_file(text, str(out.absolute()))
        self._engine.startLoop()
        if not self._finished.is_set() and not self._faults:
            raise VoiceError(f"voice {voice_id} never finished")

    def _paced(self, pace: int) -> bool:
        """Ask for the pace, and whether espeak took it. Its thread misses a command now and then."""
        self._engine.setProperty("rate", pace)
        patience = monotonic() + 0.25
        while self._engine.getProperty("rate") != pace and monotonic() < patience:
            time.sleep(0.002)
        return bool(self._engine.getProperty("rate") == pace)

    def _lost(self, exception: object) -> None:
        """An exception in the engine's callback (an unwritable file), which ctypes would print and forget."""
        self._faults.append(str(exception))
        # Not the engine's endLoop: that waits for the thread on which this runs.
        self._engine.proxy._driver.endLoop()


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
            found = [[voice.id, voice.name, voice.language] for voice in mouth.voices()]
            return {"voices": found, "driver": mouth.driver}
        mouth.speak(job["text"], Path(job["out"]), job["voice"], float(job["speed"]), float(job["timeout_s"]))
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
