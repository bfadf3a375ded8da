"""Playlists, chimes and recordings by people: looked at and changed in the page, kept in the plan's own folders."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from broadcaster.clock import Clock
from broadcaster.errors import BroadcasterError, Conflict, MediaError, UsageError
from broadcaster.media.bin import Bin, Kept
from broadcaster.media.file_names import safe_folder, same_name
from broadcaster.media.intake import Intake, Parcel
from broadcaster.media.library import Library
from broadcaster.media.measuring import Measuring
from broadcaster.media.recording import Recording
from broadcaster.plan.load import read_plan
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.plan.playlists import PlaylistFiles, read_playlists
from broadcaster.rooms.media_places import Place, place_of, refuse_unfit
from broadcaster.rooms.media_sheets import Binned, PlaylistSheet, TrackSheet, Upload
from broadcaster.rooms.media_uses import playlist_uses
from broadcaster.rooms.playlist_editing import (
    Keyed,
    add_to_list,
    clean_title,
    is_list,
    keyed,
    list_line,
    tag_of,
    write_order,
)
from broadcaster.rooms.sayings import CHIME_ENDINGS
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail

log = logging.getLogger(__name__)

UPLOADS_KEPT = 200
AUDIO_ENDINGS = frozenset({
    ".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".ape", ".mp2", ".mka",
    ".webm", ".amr", ".ac3", ".wv", ".mp4",
})  # fmt: skip
"""What a script's recording may be called; what it is shows when it is decoded."""


class RunningMedia:
    """See :class:`broadcaster.web.media_office.MediaRoom`. ``look`` has the plan's files looked at soon."""

    def __init__(
        self, home: Home, clock: Clock, library: Library, trail: AuditTrail, plan: Callable[[], Plan | None],
        look: Callable[[], None], *, upload_mb: int = 300, keep_free_mb: float = 500.0,
    ) -> None:  # fmt: skip
        self._home, self._clock, self._trail = home, clock, trail
        self._library, self._plan, self._keeper_look = library, plan, look
        self._bin = Bin(home.var / "trash")
        self._measuring = Measuring(library)
        self.upload_bytes = upload_mb * 1_000_000
        self._intake = Intake(
            home.var / "uploads", library, look=self._judge, keep=self._keep, told=self._told,
            most_bytes=self.upload_bytes, keep_free_mb=keep_free_mb,
        )  # fmt: skip
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.RLock()
        """Held by whoever changes a playlist's files."""

    def start(self) -> None:
        """Clear away what an earlier run left, and what lies in the bin for too long."""
        self._intake.sweep()
        self._bin.sweep(self._clock.now())

    def stop(self) -> None:
        """End the threads that measure and check."""
        self._intake.close()
        self._measuring.close()

    # --- looking ---

    def playlists(self) -> Sequence[PlaylistSheet]:
        return [self._sheet(files) for _name, files in sorted(self._files().items())]

    def playlist(self, name: str) -> PlaylistSheet:
        return self._sheet(self._one(name))

    def track_sound(self, name: str, key: str) -> Path:
        recording = self._library.cached(self._track(self._one(name), key).entry.path)
        if recording is None:
            raise UsageError("还没有量好,请稍等 / it is not measured yet: wait a moment")
        return Path(recording.path)

    def chimes(self) -> Sequence[str]:
        found = (self._home.root / "announcements" / "chimes").glob("*")
        return sorted({path.stem for path in found if path.suffix.lower() in CHIME_ENDINGS})

    def recordings(self) -> Sequence[str]:
        root = self._home.root / "announcements"
        found = (path for path in root.rglob("*") if path.suffix.lower() in AUDIO_ENDINGS and path.is_file())
        names = (path.relative_to(root).as_posix() for path in found)
        return sorted(name for name in names if not name.startswith(("chimes/", ".")))

    def bin(self, name: str | None = None) -> Sequence[Binned]:
        return [_binned(one) for one in self._bin.all() if name is None or one.playlist == name]

    # --- changing ---

    def make_playlist(self, name: str, *, who: str, where: str) -> PlaylistSheet:
        folder = safe_folder(name)
        if not folder or folder.startswith("#"):
            raise UsageError("请给歌单起个名字 / give the playlist a name")
        with self._lock:
            root = self._home.root / "playlists"
            taken = [*self._files(), *(path.name for path in root.glob("*"))]
            if clash := next((one for one in taken if same_name(one, folder)), None):
                raise Conflict(f"已经有歌单“{clash}” / there is a playlist “{clash}” already")
            (root / folder).mkdir(parents=True)
            self._done(folder, "make", who, where)
            return self._sheet(self._one(folder))

    def drop_playlist(self, name: str, *, who: str, where: str) -> None:
        with self._lock:
            files = self._one(name)
            uses = [use.title.zh for use in (*self._uses(name), *self._uses_in_files(name))]
            if uses:
                told = "、".join(dict.fromkeys(uses))
                raise Conflict(f"歌单“{name}”正在用({told}),不能删除 / “{name}” is in use ({told}): not deleted")
            whole = {self._home.root / files.file, self._home.root / "playlists" / name}
            for path in sorted(path for path in whole if path.exists()):
                facts = self._facts(name, name, f"playlists/{path.name}", who)
                self._bin.put(replace(facts, whole=True), path)
            self._done(name, "drop", who, where)

    def order(self, name: str, keys: Sequence[str], *, tag: str, who: str, where: str) -> PlaylistSheet:
        with self._lock:
            files = self._one(name)
            tracks = {one.key: one for one in keyed(files)}
            if tag_of(files) != tag or set(keys) != set(tracks) or len(keys) != len(tracks):
                raise Conflict(
                    f"歌单“{name}”刚刚被改过,请看一看再排 / "
                    f"“{name}” was changed meanwhile: look at it and order it again"
                )
            write_order(self._home.root, files, [tracks[key] for key in keys], {})
            self._done(name, "order", who, where, tracks=len(keys))
            return self._sheet(self._one(name))

    def rename(self, name: str, key: str, title: str, *, who: str, where: str) -> PlaylistSheet:
        with self._lock:
            files = self._one(name)
            one, fresh = self._track(files, key), clean_title(title)
            if not fresh:
                raise UsageError("请写曲名 / write a title")
            write_order(self._home.root, files, keyed(files), {key: fresh})
            self._done(name, "rename", who, where, file=one.entry.file, before=one.entry.title, title=fresh)
            return self._sheet(self._one(name))

    def remove(self, name: str, key: str, *, who: str, where: str) -> Binned:
        with self._lock:
            files = self._one(name)
            tracks = keyed(files)
            one = self._track(files, key)
            if len(tracks) == 1 and (uses := [*self._uses(name), *self._uses_in_files(name)]):
                raise Conflict(
                    f"这是“{name}”的最后一首,{uses[0].title.zh}正在用它,拿掉就没有声音了 / it is the last track of "
                    f"“{name}”, which {uses[0].title.text('en')} draws on: there would be silence"
                )
            facts = self._facts(name, one.entry.title, one.entry.file, who)
            if is_list(files):
                line = list_line(self._home.root / files.file, one)
                kept = self._bin.put(replace(facts, line=line, place=tracks.index(one), moved=False), None)
                write_order(self._home.root, files, [other for other in tracks if other != one], {})
            else:
                kept = self._bin.put(facts, one.entry.path)
            self._done(name, "remove", who, where, file=one.entry.file, title=one.entry.title)
            return _binned(kept)

    def put_back(self, binned: str, *, who: str, where: str) -> Binned:
        with self._lock:
            kept = self._bin.get(binned)
            if kept is None:
                raise UsageError("回收站里没有它了 / it is not in the bin any more")
            if kept.moved:
                target = self._home.root / kept.file
                if target.exists():
                    raise Conflict(f"{kept.file} 已经有别的文件 / there is another {kept.file} now")
                self._bin.back(kept, target)
            else:
                files = self._one(kept.playlist)
                add_to_list(self._home.root / files.file, kept.line, kept.title, kept.place)
                self._bin.back(kept, None)
            self._done(kept.playlist, "put-back", who, where, file=kept.file, title=kept.title)
            return _binned(kept)

    # --- uploads ---

    def receive(
        self, stream: IO[bytes], name: str, place: str, *, length: int | None, who: str, where: str
    ) -> Upload:  # fmt: skip
        self._place(place)
        parcel = self._intake.receive(stream, name, place, length=length, who=who, where=where)
        upload = Upload(parcel.id, parcel.name, place, "checking", who, self._clock.now())
        with self._lock:
            # The verdict may have been quicker.
            self._uploads.setdefault(parcel.id, upload)
            while len(self._uploads) > UPLOADS_KEPT:
                self._uploads.popitem(last=False)
            return self._uploads[parcel.id]

    def uploads(self, place: str | None = None) -> Sequence[Upload]:
        with self._lock:
            found = list(self._uploads.values())
        return [one for one in reversed(found) if place is None or one.place == place]

    def upload(self, number: str) -> Upload:
        with self._lock:
            found = self._uploads.get(number)
        if found is None:
            raise UsageError("没有这次上传 / there is no such upload")
        return found

    def cancel(self, number: str, *, who: str, where: str) -> None:
        upload = self.upload(number)
        if upload.state == "checking" and self._intake.drop(number):
            self._record("upload.cancel", who, where, place=upload.place, name=upload.name)
        with self._lock:
            self._uploads.pop(number, None)

    def _judge(self, parcel: Parcel) -> None:
        with self._lock:
            place = self._place(parcel.place)
            refuse_unfit(place, parcel.name)
            for path in place.others:
                recording = self._library.cached(path)
                if recording is not None and recording.key == parcel.key:
                    raise Conflict(f"和“{path.name}”是同一个录音 / it is the same recording as “{path.name}”")

    def _keep(self, parcel: Parcel, recording: Recording) -> str:
        with self._lock:
            self._judge(parcel)
            place = self._place(parcel.place)
            if recording.duration_s > place.longest_s:
                raise MediaError(f"it is longer than {place.longest_s / 60:g} minutes; cut it into parts")
            place.folder.mkdir(parents=True, exist_ok=True)
            target = place.folder / parcel.name
            parcel.path.replace(target)
            with suppress(OSError):  # costs a second reading
                self._library.moved(parcel.path, target)
            if place.list_file is not None:
                add_to_list(place.list_file, f"{place.folder.name}/{parcel.name}")
            file = target.relative_to(self._home.root).as_posix()
            self._done(parcel.place.removeprefix("playlists/"), "upload", parcel.who, parcel.where, file=file)
            return file

    def _told(self, parcel: Parcel, file: str, duration_s: float | None) -> None:
        zh, en = parcel.reason
        with self._lock:
            upload = Upload(
                parcel.id, parcel.name, parcel.place, "kept" if file else "refused", parcel.who, self._clock.now(),
                None if file else Names(zh=zh, en=en), file, duration_s,
            )  # fmt: skip
            self._uploads[parcel.id] = upload

    # --- parts ---

    def _files(self) -> dict[str, PlaylistFiles]:
        return read_playlists(self._home.root)[0]

    def _one(self, name: str) -> PlaylistFiles:
        found = self._files().get(name)
        if found is None:
            raise UsageError(f"没有歌单“{name}” / there is no playlist “{name}”")
        return found

    def _track(self, files: PlaylistFiles, key: str) -> Keyed:
        found = next((one for one in keyed(files) if one.key == key), None)
        if found is None:
            raise Conflict(f"歌单“{files.id}”里没有这首了 / “{files.id}” does not hold that track any more")
        return found

    def _place(self, place: str) -> Place:
        kind, _slash, name = place.partition("/")
        return place_of(self._home, place, self._one(name) if kind == "playlists" else None)

    def _uses(self, name: str) -> tuple[Any, ...]:
        plan = self._plan()
        return playlist_uses(name, plan.programme, plan.calendar) if plan else ()

    def _uses_in_files(self, name: str) -> tuple[Any, ...]:
        draft = read_plan(self._home.root)
        return playlist_uses(name, draft.programme, draft.calendar)

    def _sheet(self, files: PlaylistFiles) -> PlaylistSheet:
        tracks = [self._row(one) for one in keyed(files)]
        waiting = [one.entry.path for one, row in zip(keyed(files), tracks, strict=True) if not row.measured]
        self._measuring.want(waiting)
        return PlaylistSheet(
            files.id, files.file, tag_of(files), tuple(tracks), self._uses(files.id), from_list=is_list(files)
        )  # fmt: skip

    def _row(self, one: Keyed) -> TrackSheet:
        entry = one.entry
        if fault := self._measuring.fault(entry.path):
            return TrackSheet(one.key, entry.title, entry.file, fault=Names(zh=fault[0], en=fault[1]))
        found = self._measuring.known(entry.path)
        if found is None:
            return TrackSheet(one.key, entry.title, entry.file)
        return TrackSheet(
            one.key, entry.title, entry.file, found.duration_s, round(found.loudness_lufs - found.gain_db, 1),
            round(found.true_peak_db - found.gain_db, 1), round(found.gain_db, 1),
        )  # fmt: skip

    def _facts(self, name: str, title: str, file: str, who: str) -> Kept:
        return Kept("", name, title, file, who, self._clock.now().isoformat())

    def _done(self, name: str, deed: str, who: str, where: str, **detail: Any) -> None:
        self._keeper_look()
        self._record(f"playlist.{deed}", who, where, playlist=name, **detail)

    def _record(self, what: str, who: str, where: str, **detail: Any) -> None:
        try:
            self._trail.record(who=who, what=what, detail=detail, where=where)
        except BroadcasterError as error:
            # It is done already, and can't be undone for want of a note.
            log.error("the audit trail can't be written: %s %s by %s: %s", what, detail, who, error)


def _binned(kept: Kept) -> Binned:
    return Binned(kept.id, kept.playlist, kept.title, kept.file, kept.who, datetime.fromisoformat(kept.at))
