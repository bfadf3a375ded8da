"""From notes to sound: every layer on its place in the room, at its level, and the whole at the store's reference."""

from __future__ import annotations

import math

import numpy as np
from scipy.signal import butter, sosfilt

from broadcaster.starter.arrange import Note, arrange
from broadcaster.starter.effects import master, reverberate, room
from broadcaster.starter.instruments import INSTRUMENTS, tone
from broadcaster.starter.score import Layer, Piece
from broadcaster.starter.signal import RATE, Signal, decibel, soft_start

LOUDNESS_LUFS = -18.0
CEILING_DB = -3.0
_SILENCE = decibel(-60)
_SPREAD = 0.35
"""How far a layer's low and high notes stand apart, as pianos and harps do."""


def render(piece: Piece) -> Signal:
    """A piece as ``(2, n)`` samples, at -18 LUFS, under -3 dBFS, with its last chord dying away."""
    music = arrange(piece)
    total = round((piece.length_s or music.final_s + piece.ring_s) * RATE)
    dry = np.zeros((2, total), np.float32)
    wet = np.zeros((2, total), np.float32)
    for name, layer in piece.layers.items():
        part = play(layer, music.notes[name], total)
        part *= np.float32(_gain(part, layer.level_db))
        dry += part
        part *= np.float32(layer.send)
        wet += part
        del part
    dry += reverberate(wet, room(piece.reverb_s))
    del wet
    high_pass = butter(2, 35, "highpass", fs=RATE, output="sos").astype(np.float32)
    for side in range(2):
        dry[side] = sosfilt(high_pass, dry[side])
    dry = soft_start(dry, 0.02)
    _die_away(dry, round(music.final_s * RATE))
    dry = master(dry, LOUDNESS_LUFS, CEILING_DB)
    return dry if piece.length_s else trimmed(dry)


def play(layer: Layer, notes: list[Note], total: int) -> Signal:
    """One layer's notes, ``total`` samples of them."""
    part = np.zeros((2, total), np.float32)
    release = round(INSTRUMENTS[layer.voice].release_s * RATE)
    fall = (0.5 + 0.5 * np.cos(np.linspace(0, math.pi, release))).astype(np.float32)
    for note in sorted(notes, key=lambda note: (note.pitch, _touch(note))):
        wave = tone(layer.voice, note.pitch, _touch(note))
        start = round(note.start_s * RATE)
        held = wave.shape[-1] if layer.voice == "kit" else round(note.length_s * RATE) + release
        cut = wave[..., : max(0, min(held, total - start))] * np.float32(note.velocity**1.5)
        if cut.shape[-1] < release:
            continue
        cut[..., -release:] *= fall
        place = layer.pan + (0.0 if layer.voice == "kit" else _SPREAD * (note.pitch - 64) / 36)
        angle = (min(1.0, max(-1.0, place)) + 1) * math.pi / 4
        end = start + cut.shape[-1]
        if cut.ndim == 2:
            part[0, start:end] += cut[0] * np.float32(math.cos(angle) * math.sqrt(2))
            part[1, start:end] += cut[1] * np.float32(math.sin(angle) * math.sqrt(2))
        else:
            part[0, start:end] += cut * np.float32(math.cos(angle))
            part[1, start:end] += cut * np.float32(math.sin(angle))
    return part


def _touch(note: Note) -> int:
    return 0 if note.velocity < 0.5 else 1 if note.velocity < 0.68 else 2


def _gain(part: Signal, level_db: float) -> float:
    """Factor that brings a layer, where it sounds, to ``level_db`` over -23 dB RMS."""
    size = RATE * 2 // 5
    whole = part.shape[1] // size * size
    power = sum(np.einsum("bi,bi->b", b, b) / size for b in (side[:whole].reshape(-1, size) for side in part))
    sounding = power[power > 0.05 * power.max()] if whole else power
    return decibel(level_db - 23) / math.sqrt(float(sounding.mean()) + 1e-12) if len(sounding) else 1.0


def _die_away(wave: Signal, final: int) -> None:
    """Fade what is left of the last chord, in place, to nothing at the end."""
    start = final + (wave.shape[1] - final) // 3
    count = wave.shape[1] - start
    wave[:, start:] *= np.cos(np.linspace(0, math.pi / 2, count)).astype(np.float32)


def trimmed(wave: Signal) -> Signal:
    """Without the inaudible end, less a quarter of a second."""
    tail = max(0, wave.shape[1] - 10 * RATE)
    loud = np.flatnonzero(np.abs(wave[:, tail:]).max(axis=0) > _SILENCE)
    end = min(wave.shape[1], tail + int(loud[-1]) + RATE // 4) if len(loud) else wave.shape[1]
    out = wave[:, :end]
    count = min(RATE // 10, end)
    out[:, -count:] *= np.linspace(1, 0, count, dtype=np.float32)
    return out
