"""The plan that is on air, kept with everything resolved: the next start airs it at once, whatever the files say."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from broadcaster.plan.plan import PLAN_FORMAT, Plan
from broadcaster.settings import write_whole

log = logging.getLogger(__name__)


class GoodPlan(BaseModel):
    """What is kept."""

    fingerprint: str
    """Mark of the files that it was made of."""
    since: datetime
    """When it took hold."""
    plan: Plan

    @property
    def complete(self) -> bool:
        """Whether all its recordings are still there."""
        tracks = (track.path for playlist in self.plan.playlists.values() for track in playlist.tracks)
        clips = (clip.path for clip in self.plan.clips.values() if clip.path is not None)
        return all(Path(path).is_file() for path in (*tracks, *clips))

    @property
    def present(self) -> Plan:
        """The plan with what is still there: a lost recording costs itself, not the programme."""
        playlists = {
            name: playlist.model_copy(
                update={"tracks": tuple(track for track in playlist.tracks if Path(track.path).is_file())}
            )
            for name, playlist in self.plan.playlists.items()
        }
        clips = {
            name: clip if clip.path is None or Path(clip.path).is_file() else clip.model_copy(update={"path": None})
            for name, clip in self.plan.clips.items()
        }
        timely = tuple(one for one in self.plan.timely if one.clip.path is None or Path(one.clip.path).is_file())
        return self.plan.model_copy(update={"playlists": playlists, "clips": clips, "timely": timely})


def keep(path: Path, good: GoodPlan) -> None:
    """Keep it for the next start."""
    write_whole(path, good.model_dump_json(by_alias=True))


def kept(path: Path) -> GoodPlan | None:
    """What was kept, if it can still be read by this program."""
    try:
        good = GoodPlan.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, ValueError) as error:
        log.warning("the kept plan can't be used: %s", error)
        return None
    return good if good.plan.format == PLAN_FORMAT else None
