"""The show that every player plays: a bed of noise below 7 kHz, and items of a tone above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import signals

BED_TRACK_S = 12.0
"""Length of a track of the bed; two take turns."""
CROSSFADE_S = 1.0
ITEM_S = 1.2
ITEM_HZ = 12_000.0
"""Above all that the bed has (7 kHz), so that an item's first sample can be told while music plays."""
EVERY_S = 2
"""From one timed item to the next; items fall on even seconds of the wall clock."""
BED_DB = -20.0
ITEM_DB = -12.0


@dataclass(frozen=True, slots=True)
class Show:
    """Recordings (48 kHz, 16 bit, WAV) of a bed that loops and of one item, and the item's instants (wall clock)."""

    bed: Sequence[Path]
    item: Path
    due: Sequence[float] = ()


def write_recordings(folder: Path) -> tuple[list[Path], Path]:
    """The bed's tracks and the item as somebody would hand them in."""
    bed = [signals.ruler(folder / f"playlists/bed/{n}.wav", BED_TRACK_S, BED_DB, seed=n) for n in (1, 2)]
    return bed, signals.sine(folder / "announcements/item.wav", ITEM_HZ, ITEM_S, ITEM_DB)
