"""What a file is not, told from its first bytes; and whether it was broken off, told from its structure."""

from __future__ import annotations

import codecs
from pathlib import Path

_HEAD = 4096
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_STREAMED = (0, 0xFFFFFFFF, 0x7FFFFFFF)
"""What programs that write to a pipe put for a length that they don't know."""


def not_audio(path: Path) -> str | None:
    """The kind of thing that the file is instead of audio, or None. Raises ``OSError``."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"%PDF"):
        return "a PDF document"
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff\xe0", b"GIF8")):
        return "a picture"
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return None
    if any(ord(character) < 32 and character not in "\t\r\n\f" for character in text):
        return None
    return "a web page" if "<html" in text.lower() or "<!doctype" in text.lower() else "text"


def broken_off(path: Path) -> bool:
    """Whether the file surely ends before its own structure does (WAV, Ogg, WMA). Raises ``OSError``."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        size = stream.seek(0, 2)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return _wav_broken_off(head, size)
        if head[:4] == b"OggS":
            start = stream.seek(max(0, size - 70_000))
            return _ogg_broken_off(stream.read(), start, size)
        if (at := head.find(_ASF_FILE_PROPERTIES)) >= 0:
            # The object's own identifier and length, then the file's identifier, then the file's size.
            return int.from_bytes(head[at + 40 : at + 48], "little") > size
    return False


def _wav_broken_off(head: bytes, size: int) -> bool:
    at = 12
    while at + 8 <= len(head):
        length = int.from_bytes(head[at + 4 : at + 8], "little")
        if head[at : at + 4] == b"data":
            return length not in _STREAMED and at + 8 + length > size
        at += 8 + length + length % 2
    return False


def _ogg_broken_off(tail: bytes, start: int, size: int) -> bool:
    at = tail.rfind(b"OggS")
    if at < 0 or at + 27 > len(tail):
        return True
    segments = tail[at + 27 : at + 27 + tail[at + 26]]
    return len(segments) < tail[at + 26] or start + at + 27 + len(segments) + sum(segments) > size
