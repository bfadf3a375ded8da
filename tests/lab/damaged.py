"""Recordings as they come from old sticks and broken downloads: every format, every kind of damage."""

from __future__ import annotations

import os
import random
import struct
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.test_media_prepare import make, sound

KINDS = ("wav", "mp3", "flac", "ogg", "opus", "m4a")
Damage = Callable[[bytes, random.Random], bytes]


def _hole(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes(chance.randrange(1, 20_000)) + data[at + 20_000 :]


def _flips(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(200):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def _huge(data: bytes, chance: random.Random) -> bytes:
    """Every length in the first bytes says four gigabytes."""
    return data[:4] + b"\xff\xff\xff\x7f" + data[8:40] + b"\xff\xff\xff\x7f" + data[44:]


DAMAGES: Mapping[str, Damage] = {
    "empty": lambda data, chance: b"",
    "short": lambda data, chance: data[: chance.randrange(1, 64)],
    "cut": lambda data, chance: data[: chance.randrange(64, len(data))],
    "zeros": lambda data, chance: bytes(len(data) // 4),
    "noise": lambda data, chance: chance.randbytes(60_000),
    "headless": lambda data, chance: data[chance.randrange(40, 4000) :],
    "hole": _hole,
    "flips": _flips,
    "huge": _huge,
    "tagged": lambda data, chance: b"ID3\x04\0\0" + b"\x7f" * 4 + data[:3000],
    "text": lambda data, chance: "没有这首歌。\n".encode() * 400,
    "endless": lambda data, chance: b"RIFF" + struct.pack("<I", 0) + b"WAVEfmt " + struct.pack("<I", 0) * 900,
}


def write_damaged(folder: Path, count: int, chance: random.Random) -> int:
    """So many damaged files in a folder, one in twenty of them no file at all; how many were written.

    A few of them may still be played in part: that is the program's to find out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    originals = _originals()
    damages = list(DAMAGES.items())
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        name, damage = damages[number // len(KINDS) % len(damages)]
        # One in ten by another format's name.
        ending = chance.choice(KINDS) if chance.random() < 0.1 else kind
        path = folder / f"{number:03d} {name} {kind}.{ending}"
        if number % 20 == 19:
            _no_file(path, number // 20)
        else:
            path.write_bytes(damage(originals[kind], chance))
    return count


def write_unplayable(folder: Path, count: int, chance: random.Random) -> None:
    """Files that nobody could play, between those that are on air."""
    for number in range(count):
        path = folder / f"{1 + number % 2} bad {number:03d}.{KINDS[number % len(KINDS)]}"
        if number % 5 == 4:
            _no_file(path, number)
        else:
            path.write_bytes((b"", chance.randbytes(5000), b"\0" * 5000, b"<html></html>")[number % 5])


def _no_file(path: Path, number: int) -> None:
    if number % 3 == 0 or sys.platform == "win32":
        path.mkdir()
    elif number % 3 == 1:
        path.symlink_to(path.parent / "gone away.wav")
    else:
        os.mkfifo(path)


def _originals() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        return {kind: make(Path(folder) / f"a.{kind}", sound(4)).read_bytes() for kind in KINDS}
