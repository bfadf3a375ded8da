"""How a piece is written down: themes in numbers, layers of instruments, and a form.

Bars are separated by ``|``. A bar is divided evenly among its tokens, so ``5 _ 3 1`` is a half note and two quarters
in four-four time. ``_`` holds what sounds, ``.`` is a rest. In a melody a token is a degree of the scale with ``'`` or
``,`` for octaves up or down; across bar lines ``_`` ties. In chords, a comma divides the bar: ``2m7,5``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from broadcaster.starter.harmony import SCALES, Chord, chord, degree


@dataclass(frozen=True, slots=True)
class Theme:
    """Some bars of chords, with or without a melody."""

    chords: str
    melody: str = ""

    def ending(self, chords: str, melody: str) -> Theme:
        """The same theme with its last bars exchanged."""
        new = bars(chords)
        return Theme(
            "|".join([*bars(self.chords)[: -len(new)], *new]),
            "|".join([*bars(self.melody)[: -len(new)], *bars(melody)]),
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """What one instrument does whenever the form calls for it.

    ``play`` is ``melody``, ``thirds`` (a second voice under the melody), ``guide`` (a slow line through the chords),
    ``pad`` (each chord once), or a pattern of bars. Tokens of a pattern: a digit is a voice of the chord from below,
    ``x`` the whole chord, ``R F O T`` root, fifth, octave and tenth over the bass, ``a`` a step towards the next
    root; for the kit, the letters of the strokes. ``+`` joins tokens, ``!`` after one accents it, ``,`` softens it.
    """

    voice: str
    play: str
    level_db: float = 0.0
    """Loudness while it plays, relative to the other layers of the piece."""
    pan: float = 0.0
    """-1 left .. 1 right."""
    send: float = 0.25
    """Part that goes to the reverberation, in amplitude."""
    octave: int = 0
    center: int = 60
    voices: int = 4
    ring: bool = False
    """Let notes sound until the chord changes."""
    strum_s: float = 0.0
    """Time from the first to the last note of a chord."""
    fill: str = ""
    """Pattern of a section's last bar."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole composition."""

    folder: str
    title: str
    tonic: int
    """MIDI pitch of degree 1 of the melody."""
    tempo: float
    """Beats a minute."""
    themes: Mapping[str, Theme]
    layers: Mapping[str, Layer]
    form: tuple[str, ...]
    """Sections, each ``theme: layer layer``; a star after the theme asks for a varied melody."""
    mode: str = "major"
    beats: int = 4
    swing: float = 0.5
    """Part of a beat that its first half takes."""
    final: str = "1"
    reverb_s: float = 1.9
    """Time in which the reverberation falls by 60 dB."""
    ring_s: float = 6.0
    """Time that the last chord may take to die away."""
    length_s: float | None = None
    """Exact length; the tempo gives way to it."""
    scale: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", SCALES[self.mode])


def bars(text: str) -> list[str]:
    """The bars of a text, stripped."""
    return [bar.strip() for bar in text.split("|")] if text.strip() else []


@dataclass(frozen=True, slots=True)
class Span:
    """A chord and the beats at which it begins and ends, counted from the start of its theme."""

    start: float
    end: float
    chord: Chord


@dataclass(frozen=True, slots=True)
class Tune:
    """A melody note: beats from the start of its theme, length in beats, MIDI pitch."""

    start: float
    length: float
    pitch: int


def read_chords(theme: Theme, piece: Piece) -> list[Span]:
    """Chords of a theme in order. Raises ``ValueError`` naming the chord that can't be read."""
    spans = []
    for index, bar in enumerate(bars(theme.chords)):
        names = bar.split(",")
        share = piece.beats / len(names)
        for place, name in enumerate(names):
            start = index * piece.beats + place * share
            spans.append(Span(start, start + share, chord(name.strip(), piece.tonic, piece.scale)))
    return spans


def read_melody(theme: Theme, piece: Piece) -> list[Tune]:
    """Notes of a theme's melody. Raises ``ValueError`` if it can't be read or has not as many bars as the chords."""
    texts = bars(theme.melody)
    if texts and len(texts) != len(bars(theme.chords)):
        raise ValueError(f"{piece.title}: {len(texts)} bars of melody over {len(bars(theme.chords))} bars of chords")
    notes: list[Tune] = []
    sounding = False
    for index, bar in enumerate(texts):
        tokens = bar.split()
        share = piece.beats / len(tokens)
        for place, token in enumerate(tokens):
            if token == "_" and sounding:
                notes[-1] = replace(notes[-1], length=notes[-1].length + share)
                continue
            sounding = token not in "._"
            if sounding:
                octaves = token.count("'") - token.count(",")
                pitch = piece.tonic + 12 * octaves + degree(token.strip("',"), piece.scale)
                notes.append(Tune(index * piece.beats + place * share, share, pitch))
    return notes
