"""A recording that is ready to air, and what it was brought to."""

from __future__ import annotations

from dataclasses import dataclass

RATE_HZ = 48_000
"""Sample rate of everything that airs."""

CHANNELS = 2

REFERENCE_LUFS = -18.0
"""Integrated loudness (EBU R 128) that every recording is brought to, as far as its peaks allow."""

CEILING_DBTP = -1.5
"""Highest true peak that a prepared recording may have."""

MAX_GAIN_DB = 20.0
"""A recording that would need more than this stays below the reference rather than have its noise raised."""

SHORTEST_S = 1.0
"""Shorter recordings are padded with silence to this: libVLC sometimes never sounds them."""

SILENT_TAIL_S = 0.75
"""Silence behind every prepared recording, not counted in its length. libVLC takes no volume any more once it has read
a file to its end, and plays on for its caching of 300 ms and 160 ms more (measured: a fade to the very end of a file
stood still for its last 0.46 s): so that end must come when nothing sounds."""

PREPARATION = 2
"""Version of how recordings are prepared; part of every key, so that a change prepares everything anew."""


LONGEST_S = 5 * 3600.0
"""A WAV file can't hold more than 4 GiB: 6.2 hours."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a recording may be, in seconds. What is refused by its header is not decoded first."""

    shortest_s: float = 0.3
    """Less is what remains of a damaged file, not a sound that was meant."""
    longest_s: float = LONGEST_S
    decoding_s: float | None = None
    """How long the decoding may take; None guesses it from the file's size."""


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Recording:
    """A prepared WAV in the cache: 48 kHz, 16 bit, stereo."""

    source: str
    """Path of the original, as it was given; ``voice:`` and the key for spoken audio."""
    path: str
    """Absolute path of the prepared WAV."""
    duration_s: float
    """Exact length of what sounds, padding to a second included; the WAV has ``SILENT_TAIL_S`` of silence more."""
    loudness_lufs: float
    """Integrated loudness of the prepared WAV."""
    true_peak_db: float
    """True peak of the prepared WAV, dBTP."""
    gain_db: float
    """What was applied to the original (to the words, for spoken audio), before any limiting."""
    key: str
    """Hash of the content and of the version of the preparation."""
