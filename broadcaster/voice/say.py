"""Speaking on demand, for the command line."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from pathlib import Path

from broadcaster.errors import VoiceError
from broadcaster.media.recording import Recording
from broadcaster.voice.studio import Studio
from broadcaster.voice.utterance import Utterance


def say(studio: Studio, utterance: Utterance, out: Path) -> Recording:
    """Write the utterance to ``out`` exactly as it would air, and say what it became.

    Raises as :meth:`Studio.render`, and ``VoiceError`` when ``out`` can't be written.
    """
    recording = studio.render(utterance)
    final = out.absolute()
    temp = final.with_name(f"{final.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        shutil.copyfile(recording.path, temp)
        temp.replace(final)
    except OSError as error:
        raise VoiceError(f"{out} can't be written ({error}); name another file") from error
    finally:
        temp.unlink(missing_ok=True)
    return replace(recording, path=str(final))
