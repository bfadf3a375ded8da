"""The API's documents about scripts, playlists and uploads; see :mod:`broadcaster.web.contract` for the rules."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from broadcaster.web.contract import Contract
from broadcaster.web.contract_notices import Asked
from broadcaster.web.offices import COMMANDERS, LOOKERS
from broadcaster.web.route import Parameter, Route


class UsedBy(Contract):
    """Where something is used."""

    kind: str = Field(description="`spot`, `rotation`, `follows`, `weather`, `daypart` or `date`")
    id: str
    title: str
    title_en: str


class Words(Contract):
    """Something said in both languages."""

    zh: str
    en: str


class Track(Contract):
    """One track; measures are null while they are not known, or can't be."""

    key: str = Field(description="names the track within its playlist, whatever its place")
    title: str
    file: str
    duration_s: float | None
    loudness_lufs: float | None = Field(description="integrated loudness (EBU R 128) of the file as it came")
    true_peak_db: float | None = Field(description="true peak of the file as it came, dBTP")
    gain_db: float | None = Field(description="what brings it to the house's reference")
    fault: Words | None = Field(description="why it can't be played")


class PlaylistHead(Contract):
    """One playlist without its tracks."""

    id: str
    tag: str = Field(description="changes with the tracks, their order and titles")
    count: int
    duration_s: float
    faults: int = Field(description="tracks that can't be played")
    waiting: int = Field(description="tracks that are not measured yet")
    used_by: list[UsedBy]


class Playlist(PlaylistHead):
    """One playlist."""

    tracks: list[Track]


class Playlists(Contract):
    """All playlists."""

    playlists: list[PlaylistHead]


class Upload(Contract):
    """A file that was sent. Ask again while it is `checking`."""

    id: str
    name: str
    place: str
    state: str = Field(description="`checking`, `kept` or `refused`")
    reason: Words | None = Field(description="why it was refused")
    file: str | None = Field(description="where it lies, once it is kept")
    duration_s: float | None
    at: AwareDatetime


class Uploads(Contract):
    """The latest files that were sent, newest first."""

    uploads: list[Upload]


class Binned(Contract):
    """Something that was taken out and can be put back."""

    id: str
    playlist: str
    title: str
    file: str
    who: str
    at: AwareDatetime


class Bin(Contract):
    """What was taken out, the latest first."""

    bin: list[Binned]


class Script(Contract):
    """One script."""

    id: str
    file: str
    script: dict[str, Any] = Field(description="what its file says, see ScriptContent")
    used_by: list[UsedBy]
    next_at: AwareDatetime | None = Field(description="next airing, today or tomorrow")
    duration_s: float | None = Field(description="one airing; null while it is not rendered")
    faults: list[Words]


class Scripts(Contract):
    """All scripts."""

    scripts: list[Script]
    tag: str | None = Field(description="of the plan as it is now")


class Published(Contract):
    """What was published; null if nothing was changed."""

    version: int | None
    id: str


class Look(Contract):
    """How a script would be read."""

    spoken: str | None
    pinyin: list[dict[str, str]]
    doubts: list[dict[str, Any]]
    trouble: str | None


class NewPlaylist(Asked):
    """A playlist to be made."""

    name: str = Field(min_length=1, max_length=120)


class Order(Asked):
    """Every track's key, in the new order, of the playlist of that tag."""

    tag: str = Field(max_length=64)
    keys: list[str] = Field(max_length=10_000)


class NewTitle(Asked):
    """A track's new title."""

    title: str = Field(min_length=1, max_length=200)


class ScriptContent(Asked):
    """What a script's file may say."""

    title: str | dict[str, str]
    text: str = Field(default="", max_length=3000)
    recording: str | None = Field(default=None, max_length=300)
    voice: str | None = Field(default=None, max_length=100)
    speed: float | None = None
    chime: str | None = Field(default=None, max_length=120)
    read: int = 1
    pause: float = 1.5
    level: str | None = Field(default=None, max_length=100)


class NewScript(Asked):
    """A script to be published. Without an id it gets a number."""

    id: str = Field(default="", max_length=60)
    script: ScriptContent
    words: str = Field(default="", max_length=200, description="what the author says of it")


class ScriptChange(Asked):
    """A script as it shall be."""

    script: ScriptContent
    tag: str = Field(default="", max_length=64, description="of the plan that this was made from")
    words: str = Field(default="", max_length=200)
    anyway: bool = Field(default=False, description="also where somebody else changed the same script meanwhile")


_NAME = Parameter("name", "the playlist", example="light")
_KEY = Parameter("key", "the track")
_SCRIPT = Parameter("name", "the script", example="welcome-speech")
_UPLOAD = Parameter("upload", "the upload")
_P, _S = "/api/v1/playlists", "/api/v1/scripts"

ROUTES: tuple[Route, ...] = (
    Route(_P, "All playlists", Playlists, roles=LOOKERS),
    Route(_P, "Make a playlist", Playlist, "post", body=NewPlaylist, status=201, roles=COMMANDERS),
    Route(f"{_P}/{{name}}", "One playlist", Playlist, parameters=(_NAME,), roles=LOOKERS),
    Route(f"{_P}/{{name}}", "Delete a playlist that nothing uses", None, "delete", (_NAME,), roles=COMMANDERS),
    Route(f"{_P}/{{name}}/order", "Order its tracks", Playlist, "put", (_NAME,), body=Order, roles=COMMANDERS),
    Route(f"{_P}/{{name}}/tracks/{{key}}", "Rename a track", Playlist, "put", (_NAME, _KEY), body=NewTitle,
          roles=COMMANDERS),
    Route(f"{_P}/{{name}}/tracks/{{key}}", "Take a track out", Binned, "delete", (_NAME, _KEY), roles=COMMANDERS),
    Route(f"{_P}/{{name}}/tracks/{{key}}/sound", "A track as it airs", parameters=(_NAME, _KEY), roles=LOOKERS,
          media_type="audio/wav"),
    Route(f"{_P}/{{name}}/uploads", "Send a recording", Upload, "post", (_NAME,), status=202, roles=COMMANDERS,
          upload=True),
    Route("/api/v1/uploads", "The latest uploads", Uploads, roles=LOOKERS),
    Route("/api/v1/uploads/{upload}", "One upload", Upload, parameters=(_UPLOAD,), roles=LOOKERS),
    Route("/api/v1/uploads/{upload}", "Give an upload up", None, "delete", (_UPLOAD,), roles=COMMANDERS),
    Route("/api/v1/bin", "What was taken out", Bin, roles=LOOKERS),
    Route("/api/v1/bin/{binned}", "Put back what was taken out", Binned, "post",
          (Parameter("binned", "what was taken out"),), roles=COMMANDERS),
    Route(_S, "All scripts", Scripts, roles=LOOKERS),
    Route(_S, "Publish a new script", Published, "post", body=NewScript, status=201, roles=COMMANDERS),
    Route(f"{_S}/{{name}}", "One script", Script, parameters=(_SCRIPT,), roles=LOOKERS),
    Route(f"{_S}/{{name}}", "Publish a change of a script", Published, "put", (_SCRIPT,), body=ScriptChange,
          roles=COMMANDERS),
    Route(f"{_S}/{{name}}", "Delete a script that nothing uses", Published, "delete", (_SCRIPT,), roles=COMMANDERS),
    Route("/api/v1/script-preview", "How a script would be read", Look, "post", body=ScriptContent, roles=LOOKERS),
    Route("/api/v1/script-sound", "A script exactly as it would air", None, "post", body=ScriptContent, roles=LOOKERS,
          media_type="audio/wav"),
    Route("/api/v1/chimes/uploads", "Send a chime", Upload, "post", status=202, roles=COMMANDERS, upload=True),
    Route("/api/v1/recordings/uploads", "Send a recording for scripts", Upload, "post", status=202, roles=COMMANDERS,
          upload=True),
)  # fmt: skip
