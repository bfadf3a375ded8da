"""Speaking on demand, for the command line."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

from broadcaster.errors import UsageError, VoiceError
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.speaker import Speaker, Voice
from broadcaster.voice.studio import Studio
from broadcaster.voice.utterance import Utterance

ENGINES = (PlatformSpeaker.name,)


def speaker(engine: str | None = None, timeout_s: float = 60.0) -> Speaker:
    """The speech engine of that name, or the best there is. Raises ``UsageError`` for an unknown name."""
    if engine not in (None, "auto", *ENGINES):
        raise UsageError(f"there is no speech engine {engine!r}; there is {', '.join(ENGINES)}")
    return PlatformSpeaker(timeout_s)


def voices(engine: str | None = None) -> list[Voice]:
    """The voices of that engine, or of all. Raises ``VoiceError`` and ``UsageError``."""
    return speaker(engine).voices()


def say(
    text: str, out: Path, voice: str = "zh", engine: str | None = None, rate: int | None = None, timeout_s: float = 60.0
) -> Recording:
    """Write the text to ``out`` exactly as it would air, without a chime, and say what it became.

    Raises ``VoiceError``, ``VoiceTimeout``, and ``UsageError`` for an unknown engine.
    """
    chosen = speaker(engine, timeout_s)
    final = out.absolute()
    temp = final.with_name(f"{final.name}.{uuid.uuid4().hex[:8]}.part")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        studio = Studio(Path(folder), Library(Path(folder) / "media"), timeout_s, speaker=chosen)
        recording = studio.render(Utterance(text=text, voice=voice, rate=rate))
        try:
            shutil.copyfile(recording.path, temp)
            temp.replace(final)
        except OSError as error:
            raise VoiceError(f"{out} can't be written ({error}); name another file") from error
        finally:
            temp.unlink(missing_ok=True)
    return replace(recording, path=str(final))
