"""The one place that puts a studio together: engines, reader, cache."""

from __future__ import annotations

from pathlib import Path
from weakref import finalize

from broadcaster.media.library import Library
from broadcaster.voice.ladder import Ladder
from broadcaster.voice.lexicon_reader import LexiconReader
from broadcaster.voice.neural_speaker import NeuralSpeaker
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.studio import Studio
from broadcaster.voice.worker_client import VoiceWorker

ENGINES = (NeuralSpeaker.name, PlatformSpeaker.name)
"""Best first."""


def build_studio(cache: Path, voices: Path, lexicon: Path, *, library: Library | None = None) -> Studio:
    """A studio with all engines. ``voices`` is the folder of the neural model, ``lexicon`` the store's CSV file.

    Both may be missing. Starts nothing; what the first rendering starts is ended by :meth:`Studio.close`.
    """
    worker = VoiceWorker()
    neural = NeuralSpeaker(voices, worker)

    def warm() -> None:
        worker.warm(voices if neural.missing() is None else None, lexicon)

    studio = Studio(
        cache,
        library or Library(cache),
        Ladder([neural, PlatformSpeaker()]),
        LexiconReader(worker, lexicon),
        warming=warm,
        closing=worker.close,
    )
    # Whoever forgets to close it leaves no children behind.
    finalize(studio, worker.close)
    return studio
