"""How soon a notice is ready to air, and what that costs.

``python -m bench.speech [--home DIR] [--rounds 3]``: a notice of 60 characters from a cold worker, another from the
warm one, and the first again with a changed price; each as it would air, read, spoken and finished. Every round has a
new worker and an empty cache. The voices are those of the home (``broadcaster voices install``).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from broadcaster.clock import monotonic
from broadcaster.errors import UsageError
from broadcaster.media.library import Library
from broadcaster.settings import Home
from broadcaster.voice.build import build_studio
from broadcaster.voice.reading.model import Phrase
from broadcaster.voice.speaker import Manner
from broadcaster.voice.studio import Studio
from broadcaster.voice.text import hanzi_in
from broadcaster.voice.utterance import Utterance

NOTICE = (
    "亲爱的顾客朋友，三楼家居馆今日特惠。实木餐桌原价{was}元，现在只要{now}元，先到先得。欢迎您前往选购，祝您购物愉快。"
)
OTHER = (
    "各位顾客请注意，本商场将于晚上九点半结束营业。请您合理安排购物时间，带好随身物品。"
    "感谢您的光临，我们明天上午九点再见。"
)
SPEED = 0.9


@dataclass
class Timed:
    """Seconds of one rendering."""

    whole_s: float
    first_s: float
    audio_s: float


@dataclass
class Figures:
    """All renderings of one kind."""

    runs: list[Timed] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Medians and the worst."""

        def middle(of: Callable[[Timed], float]) -> float:
            return statistics.median(map(of, self.runs))

        return (
            f"{name:24} ready {middle(lambda run: run.whole_s):5.2f} s (worst {max(r.whole_s for r in self.runs):.2f})"
            f"   first phrase {middle(lambda run: run.first_s):5.2f} s"
            f"   audio {middle(lambda run: run.audio_s):5.2f} s"
            f"   time/audio {middle(lambda run: run.whole_s / run.audio_s):.2f}"
        )


def render(studio: Studio, text: str) -> Timed:
    """One rendering by the neural voice alone."""
    first: list[float] = []

    def heard(count: int, of: int, phrase: Phrase) -> None:
        del count, of, phrase
        first.append(monotonic())

    begun = monotonic()
    recording = studio.render(Utterance(text=text, manner=Manner(speed=SPEED), engine="neural"), on_phrase=heard)
    return Timed(monotonic() - begun, first[0] - begun, recording.duration_s)


def one_round(voices: Path, kinds: dict[str, Figures]) -> float:
    """Cold, warm, changed; returns the children's memory in MB."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cache = Path(folder)
        studio = build_studio(cache, voices, cache / "lexicon.csv", library=Library(cache))
        try:
            kinds["cold"].runs.append(render(studio, NOTICE.format(was=2999, now=1999)))
            kinds["warm"].runs.append(render(studio, OTHER))
            kinds["changed price"].runs.append(render(studio, NOTICE.format(was=2999, now=1799)))
            children = psutil.Process().children(recursive=True)
            used = [child.cpu_times() for child in children]
            print(f"core-seconds of all children: {sum(one.user + one.system for one in used):.1f}", flush=True)
            return max((child.memory_info().rss for child in children), default=0) / 1e6
        finally:
            studio.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, default=Path())
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    voices = Home(options.home.absolute()).voices
    if not voices.is_dir():
        raise UsageError(f"{voices} is not there; run `broadcaster voices install`")
    kinds = {name: Figures() for name in ("cold", "warm", "changed price")}
    memory = [one_round(voices, kinds) for _ in range(options.rounds)]
    print(f"{hanzi_in(NOTICE.format(was='', now=''))} and {hanzi_in(OTHER)} hanzi, speed {SPEED:g}")
    for name, figures in kinds.items():
        print(figures.line(name))
    print(f"largest child: {max(memory):.0f} MB resident")


if __name__ == "__main__":
    main()
