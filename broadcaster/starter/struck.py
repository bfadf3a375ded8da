"""Instruments that are struck or plucked: modelled as partials that decay on their own.

Each function takes a MIDI pitch and a touch (0 soft, 1 middle, 2 firm) and gives one long, undamped note.
"""

from __future__ import annotations

import math

import numpy as np

from broadcaster.starter.signal import RATE, Signal, damped, decibel, hertz, noise, seconds, soft_start, to_level

_INAUDIBLE = decibel(-62)


def _string(
    pitch: int,
    *,
    stiffness: float,
    strike: float,
    slope: float,
    cutoff_hz: float,
    sustain_s: float,
    damping: float,
    detune_cents: tuple[float, ...],
    length_s: float,
) -> Signal:
    """A stiff string or course of strings.

    Partials lie at n·f·sqrt(1 + stiffness·n²) (Fletcher 1964). Striking at the fraction ``strike`` of the length
    leaves out partials with a node there. High partials die sooner: 1/decay = 1/sustain + damping·f²; and two
    decays, one quick and one slow, give the after-sound of coupled strings.
    """
    base = hertz(pitch)
    order = np.arange(1, 41)
    hz = base * order * np.sqrt(1 + stiffness * order**2)
    amplitude = np.abs(np.sin(math.pi * order * strike)) / order**slope * np.exp(-hz / cutoff_hz)
    keep = (hz < 9_000) & (amplitude > _INAUDIBLE * amplitude.max())
    order, hz, amplitude = order[keep], hz[keep], amplitude[keep]
    slow = 1 / (1 / sustain_s + damping * (hz / 1000) ** 2)
    rows_hz, rows_amp, rows_decay = [], [], []
    for cents in detune_cents:
        shifted = hz * 2 ** (cents / 1200)
        rows_hz += [shifted, shifted]
        rows_amp += [0.7 * amplitude, 0.3 * amplitude]
        rows_decay += [slow * 0.35, slow]
    phase = np.tile(np.pi * (order % 2) * 0.5, 2 * len(detune_cents))
    return damped(np.concatenate(rows_hz), np.concatenate(rows_amp), np.concatenate(rows_decay), length_s, phase)


def _knock(wave: Signal, pitch: int, level: float, low_hz: float, high_hz: float, decay_s: float) -> Signal:
    rng = np.random.default_rng(pitch)
    length_s = min(6 * decay_s, len(wave) / RATE)
    burst = noise(rng, length_s, low_hz, high_hz) * np.exp(-seconds(length_s) / decay_s)
    out = wave.copy()
    out[: len(burst)] += (burst * level * np.abs(wave).max()).astype(np.float32)
    return out


def piano(pitch: int, touch: int) -> Signal:
    """A soft upright with felt between hammer and string."""
    sustain = 2.6 * 2 ** (-(pitch - 48) / 17)
    wave = _string(
        pitch,
        stiffness=2.5e-4 * 2 ** ((pitch - 60) / 9),
        strike=0.122,
        slope=0.9,
        cutoff_hz=(750.0, 1150.0, 1700.0)[touch] * 2 ** ((pitch - 60) / 40),
        sustain_s=sustain,
        damping=0.35,
        detune_cents=(-0.7, 0.0, 0.9) if pitch > 45 else (-0.4, 0.5),
        length_s=min(5.5, 3.2 * sustain + 0.6),
    )
    return to_level(soft_start(_knock(wave, pitch, 0.05, 90, 900, 0.018), 0.004))


def nylon(pitch: int, touch: int) -> Signal:
    """A classical guitar, plucked with the flesh of the finger."""
    sustain = 1.5 * 2 ** (-(pitch - 52) / 24)
    wave = _string(
        pitch,
        stiffness=4e-5,
        strike=0.21,
        slope=1.1,
        cutoff_hz=(1300.0, 1900.0, 2600.0)[touch],
        sustain_s=sustain,
        damping=0.9,
        detune_cents=(0.0, 1.3),
        length_s=min(4.0, 3 * sustain + 0.4),
    )
    return to_level(soft_start(_knock(wave, pitch, 0.06, 90, 420, 0.03), 0.003))


def steel(pitch: int, touch: int) -> Signal:
    """A steel-string guitar, picked gently."""
    sustain = 1.9 * 2 ** (-(pitch - 52) / 26)
    wave = _string(
        pitch,
        stiffness=7e-5,
        strike=0.16,
        slope=1.0,
        cutoff_hz=(2000.0, 2700.0, 3400.0)[touch],
        sustain_s=sustain,
        damping=0.5,
        detune_cents=(-1.6, 1.6),
        length_s=min(4.0, 3 * sustain + 0.4),
    )
    return to_level(soft_start(_knock(wave, pitch, 0.05, 100, 700, 0.02), 0.003))


def harp(pitch: int, touch: int) -> Signal:
    """A harp: plucked near the middle, hence hollow and soft."""
    sustain = 1.9 * 2 ** (-(pitch - 55) / 22)
    wave = _string(
        pitch,
        stiffness=3e-5,
        strike=0.38,
        slope=1.4,
        cutoff_hz=(1200.0, 1700.0, 2300.0)[touch],
        sustain_s=sustain,
        damping=0.7,
        detune_cents=(0.0,),
        length_s=min(4.5, 3 * sustain + 0.5),
    )
    return to_level(soft_start(_knock(wave, pitch, 0.03, 120, 600, 0.02), 0.004))


def bass(pitch: int, touch: int) -> Signal:
    """A fingered bass with dark strings."""
    wave = _string(
        pitch,
        stiffness=6e-5,
        strike=0.19,
        slope=0.8,
        cutoff_hz=(260.0, 360.0, 480.0)[touch],
        sustain_s=1.5,
        damping=4.0,
        detune_cents=(0.0,),
        length_s=3.5,
    )
    return to_level(soft_start(_knock(wave, pitch, 0.05, 60, 300, 0.02), 0.007))


def _bars(pitch: int, ratios: tuple[float, ...], levels: tuple[float, ...], decays: tuple[float, ...]) -> Signal:
    base = hertz(pitch)
    kept = [i for i, ratio in enumerate(ratios) if base * ratio < 11_000]
    shorter = 2 ** (-(pitch - 72) / 20)
    return damped(
        [base * ratios[i] for i in kept],
        [levels[i] for i in kept],
        [decays[i] * shorter for i in kept],
        min(4.0, 4.5 * max(decays) * shorter + 0.1),
    )


def marimba(pitch: int, touch: int) -> Signal:
    """Rosewood bars, tuned two octaves apart in their first overtone, under soft mallets."""
    bright = (0.10, 0.16, 0.24)[touch]
    wave = _bars(pitch, (1.0, 3.94, 9.4), (1.0, bright, bright / 4), (0.42, 0.10, 0.03))
    return to_level(soft_start(_knock(wave, pitch, 0.05, 150, 900, 0.012), 0.003))


def vibraphone(pitch: int, touch: int) -> Signal:
    """Metal bars with the motor at a slow speed."""
    bright = (0.07, 0.12, 0.18)[touch]
    wave = _bars(pitch, (1.0, 4.0, 10.1), (1.0, bright, bright / 5), (1.2, 0.45, 0.10))
    tremolo = 1 - 0.16 * (0.5 - 0.5 * np.cos(2 * math.pi * 4.6 * seconds(len(wave) / RATE)))
    return to_level(soft_start((wave * tremolo).astype(np.float32), 0.005))


def celesta(pitch: int, touch: int) -> Signal:
    """Small steel plates over wooden boxes: a bell without an edge."""
    bright = (0.06, 0.10, 0.15)[touch]
    wave = _bars(pitch, (1.0, 2.0, 3.03, 5.7), (1.0, 0.12, bright, bright / 3), (0.85, 0.5, 0.3, 0.09))
    return to_level(soft_start(wave, 0.004))


def electric_piano(pitch: int, touch: int) -> Signal:
    """A tine piano by frequency modulation (Chowning 1973): its overtones fade before the note does."""
    base = hertz(pitch)
    sustain = 1.5 * 2 ** (-(pitch - 60) / 22)
    time = seconds(min(4.5, 3.2 * sustain + 0.4))
    index = (0.35, 0.6, 0.95)[touch] * 2 ** (-(pitch - 60) / 30)
    turn = 2 * math.pi * base * time
    depth = index * (0.35 + 0.65 * np.exp(-time / 0.45))
    body = np.sin(turn + depth * np.sin(turn)) * np.exp(-time / sustain)
    tine_hz = min(base * 7.0, 5_500.0)
    tine = 0.05 * (1 + touch) * np.sin(2 * math.pi * tine_hz * time) * np.exp(-time / 0.12)
    return to_level(soft_start((body + tine).astype(np.float32), 0.004))
