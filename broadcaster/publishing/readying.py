"""On a first start little is prepared: what is due first is made ready first, and the air begins with what there is.

Pure but for :class:`Unready`'s utterance being somebody's to speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.plan.plan import Plan
from broadcaster.rundown.events import Rundown
from broadcaster.voice.utterance import Utterance

SONG = timedelta(seconds=200)
"""Of a song nobody has read yet, this is guessed."""
SAFETY = timedelta(minutes=2)
"""Emergency messages are wanted as if they were due so soon."""
SOMETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Unready:
    """A song or a script whose sound is still to be made. One of ``path`` and ``utterance`` is given."""

    name: str
    """The playlist's or the script's."""
    path: Path | None = None
    utterance: Utterance | None = None


def due_first(plan: Plan, rundowns: Iterable[Rundown], unready: Sequence[Unready], now: datetime) -> list[Unready]:
    """The same, in the order in which they are wanted on air; what no rundown names comes last."""
    beds: dict[str, datetime] = {}
    scripts: dict[str, datetime] = {}
    for rundown in rundowns:
        for segment in rundown.segments:
            if segment.bed is not None and segment.end > now:
                name = segment.bed.playlist
                beds[name] = min(beds.get(name, segment.end), max(segment.start, now))
        for spot in rundown.spots:
            if spot.kind == "script" and spot.at >= now:
                scripts[spot.ref] = min(scripts.get(spot.ref, spot.at), spot.at)
    for message in plan.station.emergencies.values():
        for name in message.scripts:
            scripts[name] = min(scripts.get(name, now + SAFETY), now + SAFETY)
    # What is ready of a playlist plays first, while more of it is made.
    songs = {name: len(playlist.tracks) for name, playlist in plan.playlists.items()}
    wanted: list[tuple[datetime, int, Unready]] = []
    for place, one in enumerate(unready):
        if one.path is not None:
            at = beds.get(one.name, now + SOMETIME) + songs.get(one.name, 0) * SONG
            songs[one.name] = songs.get(one.name, 0) + 1
        else:
            at = scripts.get(one.name, now + SOMETIME)
        wanted.append((at, place, one))
    return [one for _, _, one in sorted(wanted, key=lambda each: each[:2])]
