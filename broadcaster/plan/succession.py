"""One plan after another: what the later must know of the earlier, so that a change does not cut what sounds."""

from __future__ import annotations

from datetime import datetime, timedelta

from broadcaster.plan.plan import EarlierTracks, Plan, Playlist

KEPT = timedelta(hours=30)
"""Longer than any bed."""


def succeed(before: Plan | None, after: Plan, now: datetime) -> Plan:
    """The later plan, whose playlists know what they held before ``now``; the very same where none changed."""
    if before is None:
        return after
    changed: dict[str, Playlist] = {}
    for name, playlist in after.playlists.items():
        old = before.playlists.get(name)
        if old is None:
            continue
        earlier = tuple(one for one in old.earlier if now - one.until < KEPT)
        if [track.path for track in old.tracks] != [track.path for track in playlist.tracks]:
            earlier = (*earlier, EarlierTracks(tracks=old.tracks, until=now))
        if earlier:
            changed[name] = playlist.model_copy(update={"earlier": earlier})
    return after.model_copy(update={"playlists": {**after.playlists, **changed}}) if changed else after
