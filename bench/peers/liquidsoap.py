"""Liquidsoap with the same programme as a script, made of what its documentation gives for each part.

A playlist with ``crossfade``; the timed item as ``switch([({0m0s}, jingle)])``, the clock jingle of "A complete case",
mixed in with ``smooth_add``, which lowers the bed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.peers.player import Cast, again_and_again, version_of
from bench.peers.recordings import CROSSFADE_S, EVERY_S, Show
from tests.lab.sink import RATE, NullSink

SCRIPT = """\
settings.init.allow_root.set(true)
settings.log.stdout.set(true)
settings.frame.audio.samplerate.set({rate})
bed = crossfade(duration={fade}, fade_in={fade}, fade_out={fade}, playlist(mode="normal", "{playlist}"))
radio = mksafe(bed)
{items}
output.pulseaudio(radio)
"""
ITEMS = """\
radio = smooth_add(duration=0.4, p=0.2, normal=radio, special=switch([({{{seconds}}}, single("{item}"))]))
"""


class Liquidsoap:
    """See the module."""

    name = "liquidsoap"
    how = (
        "One script: playlist + crossfade(1 s) + smooth_add(0.4 s) over switch({0s or 2s ...}), 48 kHz, "
        "otherwise its defaults. Its lateness is constant: a user may plan that much earlier, and then has the figure "
        "'lateness taken out'"
    )

    @property
    def title(self) -> str:
        return version_of(["liquidsoap", "--version"], self.name)

    def missing(self) -> str:
        return "" if shutil.which("liquidsoap") else "liquidsoap"

    def play(self, show: Show, sink: NullSink, folder: Path, *, again: bool = False) -> Cast:
        playlist, script = folder / "bed.m3u", folder / "radio.liq"
        playlist.write_text("".join(f"{path}\n" for path in show.bed), encoding="utf-8")
        seconds = " or ".join(f"{second}s" for second in range(0, 60, EVERY_S))
        items = ITEMS.format(seconds=seconds, item=show.item) if show.due else ""
        script.write_text(SCRIPT.format(rate=RATE, fade=CROSSFADE_S, playlist=playlist, items=items), encoding="utf-8")
        cast = Cast()
        command = ["liquidsoap", str(script)]
        cast.launch(again_and_again(command) if again else command, sink.child_env, folder / "liquidsoap.txt")
        return cast
