"""Where things lie: the home folder with the plan, and below ``var/`` all that the program makes itself."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """A store's folder, holding ``config/``, ``playlists/``, ``announcements/`` and ``var/``."""

    root: Path

    @property
    def var(self) -> Path:
        """All that the program writes: may be deleted while it does not run, except the database."""
        return self.root / "var"

    @property
    def database(self) -> Path:
        """As-run log and audit trail."""
        return self.var / "broadcaster.db"

    @property
    def rehearsal_database(self) -> Path:
        """The same for rehearsals."""
        return self.var / "rehearsal" / "broadcaster.db"

    @property
    def voices(self) -> Path:
        """Models and voices of the neural voice; ``BROADCASTER_VOICES`` names another folder, for several homes."""
        elsewhere = os.environ.get("BROADCASTER_VOICES")
        return Path(elsewhere).absolute() if elsewhere else self.var / "voices"

    @property
    def media(self) -> Path:
        """Everything prepared for air; made again when it is deleted."""
        return self.var / "media"

    @property
    def recordings(self) -> Path:
        """Recordings by people that were uploaded for notices, each named by the hash of its content."""
        return self.var / "recordings"

    @property
    def run(self) -> Path:
        """What tells of the running daemon."""
        return self.var / "run"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.var / "log"

    @property
    def good_plan(self) -> Path:
        """The plan that is or was last on air, with everything resolved."""
        return self.var / "plan" / "on-air.json"


def write_whole(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file's content at once: a reader, or a power cut, sees the old or the new, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if path.exists():
            Path(name).chmod(path.stat().st_mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
