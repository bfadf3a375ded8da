from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from broadcaster.errors import MediaError
from broadcaster.starter import chimes
from broadcaster.starter.arrange import arrange
from broadcaster.starter.harmony import SCALES, chord, lead_voices
from broadcaster.starter.kit import STROKES, stroke
from broadcaster.starter.mix import render
from broadcaster.starter.music import CHIMES, PIECES, make_file, make_music
from broadcaster.starter.score import Layer, Piece, Theme, read_chords, read_melody
from broadcaster.starter.signal import RATE
from broadcaster.starter.songs import STAFF_SONG

DING_DONG = "announcements/chimes/ding-dong.flac"


def _all_but(home: Path, *missing: str) -> None:
    for name in (*CHIMES, *PIECES):
        if name not in missing:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(b"the store's own")


@pytest.mark.parametrize(("name", "length_s"), [("ding-dong", 2.2), ("four-tone", 2.6)])
def test_chime_is_short_and_ends_in_silence(tmp_path: Path, name: str, length_s: float) -> None:
    path = make_file(tmp_path, f"announcements/chimes/{name}.flac")
    samples, rate = soundfile.read(path)
    info = soundfile.info(path)
    assert (rate, info.channels, info.subtype) == (48_000, 2, "PCM_16")
    assert len(samples) / rate == pytest.approx(length_s, abs=1e-3)
    assert np.abs(samples).max() <= 10 ** (-2 / 20)
    assert np.abs(samples[: rate // 20]).max() > 0.05
    assert not samples[-rate // 50 :].any()


def test_chime_comes_out_the_same_every_time() -> None:
    assert np.array_equal(chimes.four_tone(), chimes.four_tone())


def test_files_have_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    here = make_file(tmp_path / "a", DING_DONG)
    code = (
        f"import pathlib; from broadcaster.starter.music import make_file; make_file(pathlib.Path('b'), {DING_DONG!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=_with_package())
    digests = {hashlib.sha256(path.read_bytes()).digest() for path in (here, tmp_path / "b" / DING_DONG)}
    assert len(digests) == 1


def _with_package() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def test_staff_song_is_150_s_at_the_reference_and_starts_at_once() -> None:
    samples = render(STAFF_SONG)
    level = np.abs(samples).max(axis=0)
    audible = np.flatnonzero(level > 1e-3)
    assert samples.shape == (2, 150 * RATE)
    assert pyloudnorm.Meter(RATE).integrated_loudness(samples.T) == pytest.approx(-18, abs=0.2)
    assert level.max() <= 10 ** (-2 / 20)
    assert audible[0] < 0.05 * RATE
    assert samples.shape[1] - audible[-1] < 0.5 * RATE
    assert np.diff(audible).max() < RATE


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    _all_but(tmp_path, DING_DONG)
    lines: list[str] = []
    assert make_music(tmp_path, progress=lines.append) == [tmp_path / DING_DONG]
    assert lines == [f"1/1 {DING_DONG}"]
    assert {(tmp_path / name).read_bytes() for name in PIECES} == {b"the store's own"}
    assert make_music(tmp_path) == []


def test_no_unfinished_file_is_left_behind(tmp_path: Path) -> None:
    make_file(tmp_path, DING_DONG)
    assert [path.name for path in (tmp_path / DING_DONG).parent.iterdir()] == ["ding-dong.flac"]


def test_an_impossible_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "announcements").write_text("a file where a folder should be")
    with pytest.raises(MediaError, match=r"ding-dong\.flac"):
        make_file(tmp_path, DING_DONG)


def test_the_door_makes_what_is_missing(tmp_path: Path) -> None:
    _all_but(tmp_path, DING_DONG)
    command = [sys.executable, "-m", "broadcaster.starter", "--home", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=_with_package(), check=True)
    assert done.stdout.splitlines()[0] == f"1/1 {DING_DONG}"


@pytest.mark.parametrize(
    ("folder", "count"), [("staff-song", 1), ("welcome", 2), ("light", 5), ("english", 5), ("send-off", 2)]
)
def test_every_playlist_has_its_pieces(folder: str, count: int) -> None:
    pieces = [piece for piece in PIECES.values() if piece.folder == f"playlists/{folder}"]
    lengths = [arrange(piece).final_s + piece.ring_s for piece in pieces]
    assert len(pieces) == count
    assert all(120 < length < 215 for length in lengths)


def test_no_two_pieces_share_key_or_tempo_in_a_playlist() -> None:
    assert len({(piece.tonic % 12, piece.mode) for piece in PIECES.values()}) == len(PIECES)
    assert len({(piece.folder, piece.tempo) for piece in PIECES.values()}) == len(PIECES)


@pytest.mark.parametrize("piece", PIECES.values(), ids=lambda piece: piece.title)
def test_no_long_melody_note_rubs_against_its_chord(piece: Piece) -> None:
    for theme in piece.themes.values():
        spans = read_chords(theme, piece)
        for note in read_melody(theme, piece):
            tones = next(span.chord.tones for span in spans if span.start <= note.start + 1e-6 < span.end)
            rubs = note.pitch % 12 not in tones and (note.pitch - 1) % 12 in tones
            assert note.length < 1 or not rubs, f"beat {note.start} of {theme.chords}"


@pytest.mark.parametrize("piece", PIECES.values(), ids=lambda piece: piece.title)
def test_every_layer_plays_within_the_piece(piece: Piece) -> None:
    music = arrange(piece)
    for name, notes in music.notes.items():
        assert notes, name
        assert all(0 <= note.start_s <= music.final_s + 1 for note in notes)


def test_voices_move_by_small_steps() -> None:
    chords = [chord(name, 60, SCALES["major"]) for name in ("1", "6m7", "2m7", "57", "1")]
    voiced = lead_voices(chords, 4, 60)
    moves = [abs(a - b) for x, y in pairwise(voiced) for a, b in zip(x, y, strict=True)]
    assert max(moves) <= 5
    assert all({p % 12 for p in notes} <= set(c.tones) for notes, c in zip(voiced, chords, strict=True))


def test_a_melody_holds_over_the_bar_and_moves_by_octaves() -> None:
    piece = Piece("f", "t", 60, 100, {}, {}, ())
    notes = read_melody(Theme("1 | 57", "1' _ . 5, | _ _ #4 _"), piece)
    assert [(note.start, note.length, note.pitch) for note in notes] == [(0, 2, 72), (3, 3, 55), (6, 2, 66)]


def test_bars_of_melody_and_chords_must_match() -> None:
    piece = Piece("f", "t", 60, 100, {}, {}, ())
    with pytest.raises(ValueError, match="2 bars of melody over 1"):
        read_melody(Theme("1", "1 | 2"), piece)


@pytest.mark.parametrize("text", ["8", "1xyz", "m7", "5/9"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        chord(text, 60, SCALES["major"])


def test_a_form_that_calls_an_unknown_layer_is_refused() -> None:
    piece = Piece("f", "t", 60, 100, {"A": Theme("1")}, {"keys": Layer("piano", "pad")}, ("A: keyz",))
    with pytest.raises(ValueError, match="keyz"):
        arrange(piece)


@pytest.mark.parametrize("letter", STROKES)
def test_strokes_are_short_and_quiet(letter: str) -> None:
    wave = stroke(letter, 0)
    assert 0.05 < np.abs(wave).max() < 1
    assert len(wave) < 1.5 * RATE
    assert not np.array_equal(wave, stroke(letter, 1))
