"""What the ear says of the air, as plain values: the conductor compares it with what should be heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EarState = Literal["off", "none", "starting", "ok", "lost"]
"""off: the station does not listen. none: the device has no loopback. lost: it had one, and is gone for now."""

Match = Literal["ours", "other", "unknown"]
"""Whether what sounds is what we play, by comparing the two; ``unknown`` where they can't be compared."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One moment of what is heard at the output. Instants are of :data:`broadcaster.clock.monotonic`."""

    at: float
    """The end of the latest block that was heard; of the word itself where nothing is heard."""
    ear: EarState
    silent_since: float | None = None
    """Since when it is silent; None while it sounds."""
    lufs: float | None = None
    """Momentary loudness (400 ms, BS.1770), None in silence."""
    rms_dbfs: float | None = None
    peak_dbfs: float | None = None
    match: Match = "unknown"
    expected_db: float | None = None
    """How much softer (negative) or louder than what we play it is, in dB, where that is known."""
    device: str = ""
    """The device that is listened to, by the sound system's own name."""
    opened: int = 0
    """Counts up each time the device was opened: another number means that it was away, or another was chosen."""
    muted: bool = False
    """Whether the system's own volume is muted or turned down to nothing: then silence is nobody's fault but theirs."""
    output_gone: bool = False
    """Whether there is nothing to play to, no sound server or no device: whatever the player says, nobody hears it."""
    reason: str = ""
    """Why nothing is heard, in Chinese and English, where the ear can't hear."""


DEAF = Hearing(at=0.0, ear="off")
