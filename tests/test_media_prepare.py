"""Recordings are brought to the form that airs, once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy.signal import resample_poly

from broadcaster.errors import MediaError
from broadcaster.media.bench import Bench
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from broadcaster.media.resample import Resampler, Samples
from tests.loudness_kit import measure
from tests.media_kit import sounding

FORMATS = ["wav", "flac", "ogg", "mp3", "opus", "aiff", "m4a", "wma", "mp2"]
_BY_VLC = {"m4a": ("mp4a", "mp4"), "wma": ("wma2", "asf"), "mp2": ("mpga", "raw")}


def sound(seconds: float, rate: int = 44_100, channels: int = 2, level: float = 0.3, seed: int = 1) -> Samples:
    """A chord over some noise, swelling twice a second."""
    t = np.arange(round(seconds * rate)) / rate
    chord = np.mean([np.sin(2 * np.pi * hertz * t) for hertz in (220, 277, 330)], axis=0)
    noise = np.random.default_rng(seed).standard_normal((len(t), channels)) * 0.1
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 2 * t)
    samples: Samples = (level * swell[:, None] * (chord[:, None] + noise)).astype(np.float32)
    return samples


def make(path: Path, samples: Samples, rate: int = 44_100) -> Path:
    """Write samples in the format that the name's ending tells."""
    kind = path.suffix[1:]
    if kind == "opus":
        soundfile.write(path, resample_poly(samples, 48_000, rate, axis=0), 48_000, format="OGG", subtype="OPUS")
    elif kind in _BY_VLC:
        soundfile.write(path.with_suffix(".src.wav"), samples, rate)
        _transcode(path.with_suffix(".src.wav"), path, *_BY_VLC[kind])
    else:
        soundfile.write(path, samples, rate)
    return path


def _transcode(source: Path, target: Path, codec: str, mux: str) -> None:
    import vlc

    instance = vlc.Instance("--no-video", "--quiet")
    player, media = instance.media_player_new(), instance.media_new_path(str(source))
    media.add_option(f":sout=#transcode{{acodec={codec},ab=128,channels=2}}:std{{access=file,mux={mux},dst={target}}}")
    player.set_media(media)
    player.play()
    deadline = time.monotonic() + 20
    while player.get_state() not in (vlc.State.Ended, vlc.State.Error) and time.monotonic() < deadline:
        time.sleep(0.01)
    player.stop()
    player.release()
    instance.release()


def heard(recording: Recording) -> tuple[float, float]:
    """Loudness by another hand's meter, and the true peak by eightfold oversampling, of the WAV itself."""
    samples, rate = sounding(recording)
    assert (rate, samples.shape[1]) == (48_000, 2)
    peak = np.abs(resample_poly(samples, 8, 1, axis=0)).max()
    return pyloudnorm.Meter(rate).integrated_loudness(samples), 20 * np.log10(peak)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as bench:
        yield bench


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "cache")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_comes_to_the_reference(kind: str, tmp_path: Path, library: Library, bench: Bench) -> None:
    recording = library.prepare_on(bench, make(tmp_path / f"song.{kind}", sound(3)))
    loudness, peak = heard(recording)
    assert loudness == pytest.approx(-18, abs=0.3)
    assert recording.loudness_lufs == pytest.approx(loudness, abs=0.1)
    assert peak <= -1.5 and recording.true_peak_db == pytest.approx(peak, abs=0.5)
    # Codecs for which VLC's encoders and decoders add or take a few blocks are granted 0.2 s.
    assert recording.duration_s == pytest.approx(3, abs=0.2 if kind in (*_BY_VLC, "opus") else 0.001)


def test_peaks_hold_the_gain_down(tmp_path: Path, library: Library, bench: Bench) -> None:
    clicks = sound(3, level=0.02)
    clicks[::22_050] = 0.9
    recording = library.prepare_on(bench, make(tmp_path / "clicks.wav", clicks))
    loudness, peak = heard(recording)
    assert -1.8 < peak <= -1.5
    assert loudness < -19


def test_a_faint_recording_is_raised_by_20_db_at_most(tmp_path: Path, library: Library, bench: Bench) -> None:
    recording = library.prepare_on(bench, make(tmp_path / "faint.flac", sound(2, level=0.005)))
    assert recording.gain_db == 20
    assert heard(recording)[0] == pytest.approx(recording.loudness_lufs, abs=0.1)


@pytest.mark.parametrize("channels", [1, 3, 4, 6, 7, 8])
def test_any_number_of_channels_becomes_two(channels: int, tmp_path: Path, library: Library, bench: Bench) -> None:
    full = np.tile(sound(2, channels=1) * 3, (1, channels))
    recording = library.prepare_on(bench, make(tmp_path / "many.wav", full))
    left, right = sounding(recording)[0].T
    assert np.allclose(left, right, atol=2e-4) == (channels != 7)
    assert heard(recording)[0] == pytest.approx(-18, abs=0.3)
    assert np.abs(left).max() < 0.85


def test_mono_goes_to_both_sides_and_rates_are_changed(tmp_path: Path, library: Library, bench: Bench) -> None:
    tone = 0.2 * np.sin(2 * np.pi * 1000 * np.arange(22_050 * 2) / 22_050)
    recording = library.prepare_on(bench, make(tmp_path / "tone.wav", tone[:, None].astype(np.float32), 22_050))
    left, right = sounding(recording)[0].T
    assert (left == right).all() and recording.duration_s == 2.0
    spectrum = np.abs(np.fft.rfft(left[24_000:72_000]))
    assert spectrum.argmax() == 1000
    assert spectrum[spectrum < spectrum.max()].max() < spectrum.max() / 1000


def test_a_very_short_sound_is_padded_to_a_second(tmp_path: Path, library: Library, bench: Bench) -> None:
    recording = library.prepare_on(bench, make(tmp_path / "ding.wav", sound(0.4)))
    samples, _ = sounding(recording)
    assert recording.duration_s == 1.0 and len(samples) == 48_000
    assert np.abs(samples[:19_000]).max() > 0.05 and not samples[20_000:].any()


def test_a_known_file_is_found_without_reading_it(tmp_path: Path, library: Library, bench: Bench) -> None:
    path = make(tmp_path / "song.flac", sound(1.5))
    before = hashlib.sha256(path.read_bytes()).digest()
    assert library.cached(path) is None
    recording = library.prepare_on(bench, path)
    assert library.cached(path) == recording == Library(tmp_path / "cache").cached(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_a_changed_file_is_prepared_anew(tmp_path: Path, library: Library, bench: Bench) -> None:
    path = make(tmp_path / "song.wav", sound(1.5))
    first = library.prepare_on(bench, path)
    make(path, sound(2.5))
    assert library.cached(path) is None
    assert library.prepare_on(bench, path).key != first.key


def test_a_renamed_file_is_known_by_its_content(tmp_path: Path, library: Library, bench: Bench) -> None:
    path = make(tmp_path / "song.wav", sound(1.5))
    first = library.prepare_on(bench, path)
    stamp = Path(first.path).stat().st_mtime_ns
    moved = path.rename(tmp_path / '新歌 "it\'s", {1}.wav')
    again = library.prepare_on(bench, moved)
    assert (again.key, again.source) == (first.key, str(moved))
    assert Path(first.path).stat().st_mtime_ns == stamp


def test_odd_names_of_folder_and_file_pass_through_vlc(tmp_path: Path, bench: Bench) -> None:
    odd = tmp_path / 'it\'s "a" {mix}, 100% 音乐'
    odd.mkdir()
    path = make(tmp_path / "a.m4a", sound(2)).rename(odd / "#1, {a}='b'.m4a")
    assert Library(odd / "cache").prepare_on(bench, path).duration_s == pytest.approx(2, abs=0.2)


def test_many_are_prepared_and_each_fault_stays_with_its_file(tmp_path: Path, library: Library) -> None:
    paths = [make(tmp_path / f"{i}.flac", sound(1.2, seed=i)) for i in range(3)] + [tmp_path / "missing.mp3"]
    calls: list[tuple[int, int]] = []
    results = library.prepare_all([*paths, paths[0]], lambda done, of, _path: calls.append((done, of)))
    assert list(results) == paths
    assert [type(result) for result in results.values()] == [Recording] * 3 + [MediaError]
    assert calls == [(i, 4) for i in (1, 2, 3, 4)]
    assert sorted(path.suffix for path in library.shelf.folder.iterdir()) == [".json"] * 4 + [".wav"] * 3


def test_the_daemon_loads_no_decoder() -> None:
    heavy = "{'numpy', 'scipy', 'soundfile', 'vlc', 'pyttsx3'} & set(sys.modules)"
    code = f"import sys, broadcaster.media.library, broadcaster.voice.studio, broadcaster.voice.say; print({heavy})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"set()"


@pytest.mark.parametrize(("from_hz", "to_hz"), [(44_100, 48_000), (8_000, 48_000), (96_000, 48_000), (44_056, 48_000)])
def test_resampling_in_blocks_has_no_joints(from_hz: int, to_hz: int) -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(3 * from_hz + 7) / from_hz).astype(np.float32)[:, None]
    resampler = Resampler(from_hz, to_hz)
    parts = [out for block in np.array_split(tone, [1, 500, 70_001, 70_002]) for out in resampler.push(block)]
    done = np.concatenate([*parts, *resampler.flush()])[:, 0]
    assert len(done) == -(-len(tone) * to_hz // from_hz)
    ideal = np.sin(2 * np.pi * 997 * np.arange(len(done)) / to_hz)
    assert np.abs(done - ideal)[2000:-2000].max() < 1e-4


@pytest.mark.parametrize("level_db", [-40, -18, -3])
def test_loudness_agrees_with_the_tone_of_the_standard(level_db: float) -> None:
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS has -23 LUFS; other levels follow."""
    tone = 10 ** (level_db / 20) * np.sin(2 * np.pi * 1000 * np.arange(48_000 * 3) / 48_000)
    loudness, peak = measure(np.stack([tone, tone], axis=1).astype(np.float32))
    assert loudness == pytest.approx(level_db, abs=0.1)
    assert peak == pytest.approx(level_db, abs=0.1)


def test_gating_leaves_the_pauses_out() -> None:
    samples = np.concatenate([sound(3, 48_000), np.zeros((48_000 * 5, 2), np.float32), sound(2, 48_000, level=0.001)])
    ours = measure(samples)[0]
    assert ours == pytest.approx(pyloudnorm.Meter(48_000).integrated_loudness(samples.astype(np.float64)), abs=0.1)


def test_a_peak_between_the_samples_is_seen() -> None:
    between = np.sin(np.pi / 2 * np.arange(4_800) + np.pi / 4).astype(np.float32)[:, None]
    assert 20 * np.log10(np.abs(between[1_000:-1_000]).max()) == pytest.approx(-3.01, abs=0.01)
    assert measure(between)[1] == pytest.approx(0, abs=0.5)
