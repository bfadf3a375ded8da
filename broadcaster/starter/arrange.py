"""From a written piece to notes in seconds: who plays what, when, and how firmly."""

from __future__ import annotations

import math
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from broadcaster.starter import kit
from broadcaster.starter.harmony import Chord, chord, lead_voices, nearest
from broadcaster.starter.score import Layer, Piece, Span, Tune, bars, read_chords, read_melody

_RITARDANDO = (1.02, 1.05, 1.10, 1.18)
_BASS_LOW = 35
_ACCENT = {"!": 1.25, ",": 0.6}


@dataclass(frozen=True, slots=True)
class Note:
    """A note to be played: seconds from the start, MIDI pitch (kit: four times the stroke's place, plus the take)."""

    start_s: float
    length_s: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Notes of each layer, and the second at which the last chord is struck."""

    notes: dict[str, list[Note]]
    final_s: float


@dataclass(frozen=True, slots=True)
class _Event:
    start: float
    length: float
    pitch: int
    accent: float = 1.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Section:
    start: float
    end: float
    layers: frozenset[str]
    spans: tuple[Span, ...]
    tune: tuple[Tune, ...]


def arrange(piece: Piece) -> Arrangement:
    """Play a piece through. The same piece always gives the same notes."""
    rng = np.random.default_rng(zlib.crc32(piece.title.encode()))
    sections = _sections(piece, rng)
    seconds_of = _tempo(piece, sections[-1].end)
    notes = {}
    for name, layer in piece.layers.items():
        events = _events(piece, layer, name, sections)
        notes[name] = [_perform(event, piece, layer, seconds_of, rng) for event in events]
    return Arrangement(notes, seconds_of(sections[-1].end))


def _sections(piece: Piece, rng: np.random.Generator) -> list[_Section]:
    sections = []
    start = 0.0
    for text in piece.form:
        head, _, names = text.partition(":")
        theme = piece.themes[head.strip().rstrip("*")]
        if unknown := set(names.split()) - set(piece.layers):
            raise ValueError(f"{piece.title}: no layer {', '.join(sorted(unknown))} for {text!r}")
        tune = read_melody(theme, piece)
        if head.strip().endswith("*"):
            tune = _varied(tune, piece, rng)
        end = start + len(bars(theme.chords)) * piece.beats
        spans = tuple(Span(start + s.start, start + s.end, s.chord) for s in read_chords(theme, piece))
        moved = tuple(Tune(start + n.start, n.length, n.pitch) for n in tune)
        sections.append(_Section(start, end, frozenset(names.split()), spans, moved))
        start = end
    return sections


def _tempo(piece: Piece, beats: float) -> Callable[[float], float]:
    """Beat to seconds: even, slower over the last beats, with the piece's swing inside each beat."""
    lengths = np.ones(math.ceil(beats) + 64)
    last = round(beats)
    lengths[last - len(_RITARDANDO) : last] = _RITARDANDO
    beat_s = 60 / piece.tempo
    if piece.length_s is not None:
        beat_s = (piece.length_s - piece.ring_s) / float(lengths[:last].sum())
    at = np.concatenate([[0.0], np.cumsum(lengths * beat_s)])

    def seconds_of(beat: float) -> float:
        whole = math.floor(beat + 1e-9)
        part = beat - whole
        swing = piece.swing
        part = part * 2 * swing if part < 0.5 else swing + (part - 0.5) * 2 * (1 - swing)
        return float(at[whole] + part * (at[whole + 1] - at[whole]))

    return seconds_of


def _perform(
    event: _Event, piece: Piece, layer: Layer, seconds_of: Callable[[float], float], rng: np.random.Generator
) -> Note:
    """Timing and touch of a human: a few milliseconds off, firmer on the beat, swelling through four bars."""
    drums = layer.voice == "kit"
    start = seconds_of(event.start)
    length = max(0.08, seconds_of(event.start + event.length) - start)
    late = float(np.clip(rng.normal(0.0, 0.003 if drums else 0.006), -0.014, 0.014)) + event.delay_s
    phrase = math.sin(math.pi * (event.start % (4 * piece.beats)) / (4 * piece.beats))
    on_bar = 0.07 if event.start % piece.beats < 0.01 else (0.03 if event.start % 1 < 0.01 else 0.0)
    velocity = (0.55 + 0.10 * phrase + on_bar) * event.accent + float(rng.normal(0, 0.035))
    pitch = event.pitch * 4 + int(rng.integers(4)) if drums else event.pitch
    return Note(max(0.0, start + late), length, pitch, float(np.clip(velocity, 0.2, 1.0)))


def _events(piece: Piece, layer: Layer, name: str, sections: list[_Section]) -> list[_Event]:
    spans = [span for section in sections for span in section.spans]
    final = chord(piece.final, piece.tonic, piece.scale)
    spans.append(Span(sections[-1].end, sections[-1].end + 8 * piece.beats, final))
    voiced = lead_voices([span.chord for span in spans], layer.voices, layer.center)
    starts = [span.start for span in spans]
    events: list[_Event] = []
    for section in sections:
        if name not in section.layers:
            continue
        match layer.play:
            case "melody":
                events += [_Event(n.start, n.length, n.pitch + 12 * layer.octave, 1.1) for n in section.tune]
            case "thirds":
                events += _second_voice(section, layer, piece)
            case "guide":
                events += _guide(section, layer)
            case "pad":
                for span in section.spans:
                    notes = voiced[bisect_right(starts, span.start + 1e-6) - 1]
                    events += [_Event(span.start, span.end - span.start, pitch) for pitch in notes]
            case _:
                events += _patterned(section, layer, piece, spans, starts, voiced)
    if name in sections[-1].layers:
        events += _last_chord(piece, layer, sections[-1].end, final, voiced[-1], events)
    return events


def _second_voice(section: _Section, layer: Layer, piece: Piece) -> Iterable[_Event]:
    scale = {(piece.tonic + step) % 12 for step in piece.scale}
    for note in section.tune:
        harmony = next(s.chord for s in section.spans if s.start <= note.start + 1e-6 < s.end)
        fitting = [p for p in range(note.pitch - 9, note.pitch - 2) if p % 12 in harmony.tones]
        passing = [p for p in (note.pitch - 3, note.pitch - 4) if p % 12 in scale]
        below = max(fitting) if note.length >= 1 or not passing else passing[0]
        yield _Event(note.start, note.length, below + 12 * layer.octave, 0.85)


def _guide(section: _Section, layer: Layer) -> Iterable[_Event]:
    """Thirds and sevenths, which tell one chord from the next, joined by the smallest steps."""
    at = float(layer.center)
    for span in section.spans:
        tones = span.chord.tones
        pitch = min((nearest(tone, at) for tone in (*tones[1:2], *tones[3:4], tones[2])), key=lambda p: abs(p - at))
        at = 0.7 * pitch + 0.3 * layer.center
        yield _Event(span.start, span.end - span.start, pitch)


def _patterned(
    section: _Section,
    layer: Layer,
    piece: Piece,
    spans: list[Span],
    starts: list[float],
    voiced: list[tuple[int, ...]],
) -> Iterable[_Event]:
    pattern = bars(layer.play)
    count = round((section.end - section.start) / piece.beats)
    for index in range(count):
        last = index == count - 1
        tokens = (layer.fill if last and layer.fill else pattern[index % len(pattern)]).split()
        share = piece.beats / len(tokens)
        for place, token in enumerate(tokens):
            if token in "._":
                continue
            held = 1
            while place + held < len(tokens) and tokens[place + held] == "_":
                held += 1
            start = section.start + index * piece.beats + place * share
            if layer.voice == "kit":
                for part in token.split("+"):
                    yield _Event(start, held * share, kit.STROKES.index(part[0]), _ACCENT.get(part[1:], 1.0))
                continue
            here = bisect_right(starts, start + 1e-6) - 1
            # What is held must not sound into a chord it does not belong to.
            length = spans[here].end - start if layer.ring else min(held * share, spans[here].end - start)
            following = spans[here + 1].chord if here + 1 < len(spans) else spans[here].chord
            harmony, voicing = spans[here].chord, voiced[here]
            pitches = [p for part in token.split("+") for p in _pitches(part, harmony, following, voicing)]
            accent = _ACCENT.get(token[-1], 1.0)
            for order, pitch in enumerate(pitches):
                delay = layer.strum_s * order / max(1, len(pitches) - 1)
                yield _Event(start, length, pitch + 12 * layer.octave, accent, delay)


def _pitches(part: str, here: Chord, following: Chord, voicing: tuple[int, ...]) -> list[int]:
    root = _BASS_LOW + (here.bass - _BASS_LOW) % 12
    match part[0]:
        case "x":
            return list(voicing)
        case "R":
            return [root]
        case "O":
            return [root + 12]
        case "F":
            fifth = min(here.tones, key=lambda tone: abs((tone - here.bass) % 12 - 7))
            return [root + (fifth - root) % 12]
        case "T":
            third = min(here.tones, key=lambda tone: abs((tone - here.bass) % 12 - 4))
            return [root + 12 + (third - root) % 12]
        case "a":
            goal = nearest(following.bass, root)
            return [goal - 1 if goal > root else goal + 2]
        case digit if digit.isdigit():
            octaves, index = divmod(int(digit), len(voicing))
            return [voicing[index] + 12 * octaves]
    raise ValueError(f"not a token of a pattern: {part!r}")


def _varied(tune: list[Tune], piece: Piece, rng: np.random.Generator) -> list[Tune]:
    """The melody as a player would repeat it: leaps filled by a step, some long notes turned."""
    steps = sorted({piece.tonic + 12 * octave + step for octave in range(-2, 4) for step in piece.scale})
    out = []
    for note, after in zip(tune, [*tune[1:], None], strict=True):
        joined = after is not None and abs(note.start + note.length - after.start) < 1e-6
        if after is None or not joined or note.length < 1 or note.pitch not in steps or rng.random() > 0.45:
            out.append(note)
            continue
        at = steps.index(note.pitch)
        leap = after.pitch - note.pitch
        extra = steps[at + (1 if leap > 0 else -1)] if abs(leap) > 2 else steps[at + 1]
        cut = 0.5 if note.length < 2 else 1.0
        out.append(Tune(note.start, note.length - cut, note.pitch))
        if cut == 1.0 and abs(leap) <= 2:
            out += [Tune(after.start - 1, 0.5, extra), Tune(after.start - 0.5, 0.5, note.pitch)]
        else:
            out.append(Tune(after.start - cut, cut, extra))
    return out


def _last_chord(
    piece: Piece, layer: Layer, at: float, final: Chord, voicing: tuple[int, ...], before: list[_Event]
) -> list[_Event]:
    length = piece.ring_s * piece.tempo / 60
    if layer.voice == "kit":
        return [_Event(at, 1, kit.STROKES.index("k"), 0.8)]
    if layer.play in ("melody", "thirds", "guide"):
        around = before[-1].pitch if before else layer.center
        goal = final.tones[0] if layer.play == "melody" else final.tones[1]
        return [_Event(at, length * 0.7, nearest(goal, around), 0.9)]
    root = _BASS_LOW + (final.bass - _BASS_LOW) % 12
    if layer.voice == "bass":
        return [_Event(at, length, root + 12 * layer.octave, 0.9)]
    pitches = list(voicing) if layer.play == "pad" else [root + 12, *voicing]
    roll_s = 0.0 if layer.play == "pad" else 0.28
    share = roll_s / max(1, len(pitches) - 1)
    return [_Event(at, length * 0.8, p + 12 * layer.octave, 0.85, order * share) for order, p in enumerate(pitches)]
