"""What a notice, or a script in other words, is to the studio: an utterance."""

from __future__ import annotations

from pathlib import Path

from broadcaster.errors import MediaError
from broadcaster.media.files import known_hash
from broadcaster.notices.models import NoticeDraft
from broadcaster.plan.models import Script, Voices
from broadcaster.plan.plan import Plan
from broadcaster.publishing.casting import cast
from broadcaster.settings import Home
from broadcaster.voice.utterance import Utterance

CHIME_ENDINGS = (".wav", ".flac", ".mp3", ".ogg", ".m4a")
NAME_CHARS = 32
"""So much of the hash of its content is an uploaded recording's name."""


def chime_path(home: Home, name: str | None) -> str | None:
    """The chime's file. Raises ``MediaError`` for a chime that the store does not have."""
    if not name:
        return None
    folder = home.root / "announcements" / "chimes"
    # The name comes from whoever submits: it is compared, and never made part of a path or a pattern.
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() in CHIME_ENDINGS and path.stem == name:
            return str(path)
    raise MediaError(f"没有提示音 {name!r},它应在 announcements/chimes/ 里 / there is no chime {name!r} in {folder}")


def recording_path(home: Home, name: str) -> Path:
    """The file of an uploaded recording. Raises ``MediaError`` if it is not there, or not what was uploaded.

    Approval holds for its name, and the name is the hash of its content.
    """
    path = home.recordings / name
    if "/" in name or "\\" in name or name.startswith(".") or not path.is_file():
        raise MediaError(f"没有这个录音 {name!r},请重新上传 / there is no recording {name!r}: upload it again")
    try:
        held = known_hash(path)
    except OSError as error:
        raise MediaError(f"录音 {name!r} 读不出来 / the recording {name!r} can't be read: {error}") from error
    if held[:NAME_CHARS] != path.stem:
        raise MediaError(
            f"录音 {name!r} 的内容和上传时不同,不会播出,请重新上传 / "
            f"the recording {name!r} is not what was uploaded and will not be aired: upload it again"
        )
    return path


def notice_utterance(home: Home, plan: Plan | None, draft: NoticeDraft) -> Utterance:
    """A notice as the studio is to render it. Raises ``MediaError`` for a chime or recording that is not there."""
    voices = plan.voices if plan else None
    usual = plan.station.voice if plan else "zh"
    return _utterance(
        voices,
        draft.voice or usual,
        text=draft.text.strip(),
        recording=str(recording_path(home, draft.recording)) if draft.recording else None,
        chime=chime_path(home, draft.chime),
        speed=draft.speed,
        read=draft.read,
        pause_s=draft.pause,
    )


def file_utterance(home: Home, plan: Plan | None, script: Script) -> Utterance:
    """A script just as its file says it. Raises ``MediaError`` for a chime or recording that is not there."""
    recording = home.root / "announcements" / script.recording if script.recording else None
    if recording is not None and not recording.is_file():
        raise MediaError(f"没有录音 announcements/{script.recording} / there is no announcements/{script.recording}")
    return _utterance(
        plan.voices if plan else None,
        script.voice or (plan.station.voice if plan else "zh"),
        text=script.text.strip(),
        recording=str(recording) if recording else None,
        chime=chime_path(home, script.chime),
        speed=script.speed,
        rate=script.rate,
        read=script.read,
        pause_s=script.pause,
    )


def script_utterance(home: Home, plan: Plan, name: str, read: int, text: str) -> Utterance:
    """A script of the plan in other words than its own. Raises ``MediaError`` for a chime that is not there."""
    script = plan.scripts[name]
    return _utterance(
        plan.voices,
        script.voice or plan.station.voice,
        text=text.strip(),
        recording=None,
        chime=chime_path(home, script.chime),
        speed=script.speed,
        rate=script.rate,
        read=read,
        pause_s=script.pause,
    )


def _utterance(
    voices: Voices | None,
    voice: str,
    *,
    text: str,
    recording: str | None,
    chime: str | None,
    speed: float | None,
    read: int,
    pause_s: float,
    rate: int | None = None,
) -> Utterance:
    chosen = cast(voices or Voices(), voice, speed=speed, rate=rate)
    return Utterance(
        text=text,
        recording=recording,
        manner=chosen.manner,
        language=chosen.language,
        engine=chosen.engine,
        chime=chime,
        repeat=read,
        pause_s=pause_s,
    )
