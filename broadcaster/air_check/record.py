"""The rolling record of the air on disk: how its files are named, framed and cut.

A file is a run of MP3 frames of one size (MPEG-1 Layer III, mono, 48 kHz, constant bit rate), so that a frame's instant
follows from its place: 1,152 samples each (ISO/IEC 11172-3). The name is the instant at which its first sample, as a
decoder gives it, was heard; the encoder's and decoder's delay is in it already. The folder is the store's own date,
for people who look for it; the name's instant is in UTC, which no summer time repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

RATE_HZ = 48_000
FRAME_SAMPLES = 1152
FRAME_S = FRAME_SAMPLES / RATE_HZ
"""24 ms."""
FRAME_MS = 24
ENDING = ".mp3"
SEAM_S = 0.12
"""Two files that part by no more than this belong together: the sound card's clock is not the PC's."""

_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be recorded. :func:`dataclasses.asdict` of it goes to the ear's process."""

    folder: str
    """Empty: nothing is recorded."""
    kbps: int
    zone: str
    """The store's time zone, for the names of the folders; empty where all files lie in one."""
    offset: float
    """Wall clock (seconds since 1970) minus the monotonic clock."""
    file_s: float = 300.0
    keep: int = 0
    """Only the latest files are kept, so many; 0 keeps all: somebody else tidies up."""


def frame_bytes(kbps: int) -> int:
    """Size of a frame: 144 * bit rate / sample rate, a whole number at 48 kHz for every bit rate."""
    return 144 * kbps * 1000 // RATE_HZ


def kbps_of(head: bytes) -> int | None:
    """The bit rate that a frame's header tells; None for what is no frame of ours."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xFE != 0xFA or head[2] & 0x0C != 0x04:
        return None
    index = head[2] >> 4
    return _KBPS[index] if 0 < index < len(_KBPS) else None


def silent_frame(kbps: int) -> bytes:
    """A frame that decodes to silence: a header, and side information that says that nothing follows."""
    head = bytes((0xFF, 0xFB, _KBPS.index(kbps) << 4 | 0x04, 0xC4))
    return head + bytes(frame_bytes(kbps) - len(head))


def file_name(start: datetime) -> str:
    """``20261124T060500.123Z.mp3``."""
    start = start.astimezone(UTC)
    return f"{start.strftime(_STAMP)}.{start.microsecond // 1000:03d}Z{ENDING}"


def start_of(name: str) -> datetime | None:
    """The instant in a file's name; None for another's file."""
    stem = name.removesuffix(f"Z{ENDING}")
    if stem == name:
        return None
    try:
        whole, _dot, milliseconds = stem.partition(".")
        start = datetime.strptime(whole, _STAMP).replace(tzinfo=UTC)
        return start + timedelta(milliseconds=int(milliseconds))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One file of the record, as far as it is written. Instants are in UTC."""

    path: Path
    start: datetime
    frames: int
    kbps: int

    @property
    def end(self) -> datetime:
        """When its last whole frame ends."""
        return self.start + timedelta(milliseconds=FRAME_MS * self.frames)

    def frame_at(self, instant: datetime) -> int:
        """Number of the frame that sounds at an instant; may lie outside the file."""
        return int((instant - self.start) / timedelta(milliseconds=FRAME_MS) // 1)


def read_stretch(path: Path) -> Stretch | None:
    """What a file holds; None for what is no file of the record, or is gone."""
    start = start_of(path.name)
    if start is None:
        return None
    try:
        with path.open("rb") as file:
            kbps = kbps_of(file.read(4))
            size = file.seek(0, 2)
    except OSError:
        return None
    return Stretch(path, start, size // frame_bytes(kbps), kbps) if kbps else None


def names(folder: Path) -> Sequence[tuple[datetime, Path]]:
    """The files of one folder with their starts, oldest first; none where there is no folder."""
    try:
        found = [(start, path) for path in folder.iterdir() if (start := start_of(path.name)) is not None]
    except OSError:
        return ()
    return sorted(found)


def day_folders(root: Path) -> Sequence[tuple[date, Path]]:
    """The folders of the record by date, oldest first."""
    found = []
    try:
        children = list(root.iterdir())
    except OSError:
        return ()
    for path in children:
        try:
            found.append((date.fromisoformat(path.name), path))
        except ValueError:
            continue
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of frames of a cut: of a file, or of silence where nothing was recorded."""

    start: datetime
    frames: int
    kbps: int
    path: Path | None = None
    first: int = 0
    """Number of its first frame in the file."""

    @property
    def end(self) -> datetime:
        return self.start + timedelta(milliseconds=FRAME_MS * self.frames)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.frames * frame_bytes(self.kbps)

    def read(self, begin: int, end: int) -> Iterator[bytes]:
        """Its bytes from ``begin`` up to ``end``; silence for what the disk does not give back."""
        block = 64 * frame_bytes(self.kbps)
        quiet = silent_frame(self.kbps)
        while begin < end:
            wanted = min(block, end - begin)
            got = self._from_file(begin, wanted)
            if len(got) < wanted:
                skipped = (begin + len(got)) % len(quiet)
                got += (quiet * (wanted // len(quiet) + 2))[skipped : skipped + wanted - len(got)]
            yield got
            begin += wanted

    def _from_file(self, begin: int, wanted: int) -> bytes:
        if self.path is None:
            return b""
        try:
            with self.path.open("rb") as file:
                file.seek(self.first * frame_bytes(self.kbps) + begin)
                return file.read(wanted)
        except OSError:
            return b""


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the record as one MP3: what was not recorded is silent in it, so that its time runs evenly."""

    pieces: tuple[Piece, ...]

    @property
    def start(self) -> datetime | None:
        """The instant of its first sample; None where nothing at all was recorded."""
        return self.pieces[0].start if self.pieces else None

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(piece.size for piece in self.pieces)

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return FRAME_S * sum(piece.frames for piece in self.pieces)

    @property
    def gaps(self) -> tuple[tuple[datetime, datetime], ...]:
        """From when until when nothing was recorded, within it."""
        return tuple((piece.start, piece.end) for piece in self.pieces if piece.path is None)

    def read(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Its bytes from ``begin`` up to ``end``."""
        end = self.size if end is None else min(end, self.size)
        offset = 0
        for piece in self.pieces:
            low, high = max(begin - offset, 0), min(end - offset, piece.size)
            if low < high:
                yield from piece.read(low, high)
            offset += piece.size


def cut(stretches: Sequence[Stretch], start: datetime, end: datetime) -> Cut:
    """What these files, oldest first, hold from ``start`` until ``end``, from a frame's beginning to a frame's end.

    Silence at either end is left out: the cut begins with the first frame that was recorded.
    """
    pieces: list[Piece] = []
    at = start
    for one in stretches:
        if one.end <= at or one.start >= end:
            continue
        quiet = round((one.start - at).total_seconds() / FRAME_S)
        if pieces and (one.start - at).total_seconds() > SEAM_S:
            pieces.append(Piece(at, quiet, one.kbps))
        # At a seam a few frames may be missing or be there twice; the later file is right from its own beginning.
        first = max(0, one.frame_at(at)) if one.start < at else 0
        last = min(one.frames, one.frame_at(end - timedelta(microseconds=1)) + 1)
        if first < last:
            began = one.start + timedelta(milliseconds=FRAME_MS * first)
            pieces.append(Piece(began, last - first, one.kbps, one.path, first))
            at = pieces[-1].end
    return Cut(tuple(pieces))
