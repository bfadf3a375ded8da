"""From the plan's files to a plan fit for air: read, check, prepare every recording, compile the days ahead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from broadcaster.errors import BroadcasterError, MediaError
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from broadcaster.notices.advertising import load_words
from broadcaster.notices.forms import load_forms
from broadcaster.plan.calendar import day_of
from broadcaster.plan.checks import check_references, chime_files
from broadcaster.plan.faults import Fault
from broadcaster.plan.files import Keys
from broadcaster.plan.load import LEXICON, Draft, read_plan
from broadcaster.plan.models import Programme, Script
from broadcaster.plan.plan import Clip, Plan, Playlist, Source, Track, clip_name, scripts_of
from broadcaster.plan.playlists import legible
from broadcaster.plan.trust import believable, believable_day, sound_levels, sound_programme
from broadcaster.publishing.casting import cast, lexicon_faults, voice_faults
from broadcaster.publishing.readying import Unready
from broadcaster.rundown.day_checks import check_days, dates_ahead
from broadcaster.settings import Home
from broadcaster.voice.build import build_studio
from broadcaster.voice.estimate import estimate_s
from broadcaster.voice.studio import Studio
from broadcaster.voice.utterance import Utterance

Progress = Callable[[str, int, int], None]
"""What was just prepared, how many are done, and how many there are."""


def _no_progress(what: str, done: int, of: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Publication:
    """The outcome of reading the files: a plan, if one can be made of them, and all faults."""

    plan: Plan | None
    """Mended, for looking at only, where the files have faults."""
    faults: tuple[Fault, ...]
    whole: bool = True
    """Whether the files of ``config/`` could be read as they are."""
    standing: tuple[Fault, ...] = ()
    """Those of the faults that are no single day's."""
    unready: tuple[Unready, ...] = ()
    """What is not prepared yet, where nothing was to be."""

    @property
    def wrong(self) -> tuple[Fault, ...]:
        """The faults proper, warnings left aside."""
        return tuple(fault for fault in self.faults if not fault.warning)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What is worth a look."""
        return tuple(fault for fault in self.faults if fault.warning)

    @property
    def provisional(self) -> bool:
        """Whether it is worth looking again soon though no file changes: an engine may have failed for a moment."""
        return any(fault.code in ("bad-speech", "other-voice") for fault in self.faults)

    @property
    def fit(self) -> bool:
        """Whether the plan may go on air."""
        return self.plan is not None and self.whole and not any(fault.blocking for fault in self.wrong)


class Publisher:
    """Makes plans of a home folder's files; recordings are kept in ``var/media``.

    To be closed when no longer used, unless the studio is the caller's.
    """

    def __init__(self, home: Path, *, studio: Studio | None = None) -> None:
        self.home = home
        cache = home / "var" / "media"
        self._library = Library(cache)
        self._own_studio = studio is None
        self.studio = studio or build_studio(cache, Home(home).voices, home / LEXICON, library=self._library)

    def close(self) -> None:
        """End the children that speak."""
        if self._own_studio:
            self.studio.close()

    def publish(
        self,
        today: date,
        *,
        render: bool = True,
        progress: Progress = _no_progress,
        instead: Mapping[str, str | None] | None = None,
        ahead: bool = True,
    ) -> Publication:
        """Read everything and look a year ahead from ``today``; at the files only, without ``ahead``.

        With ``render`` false nothing new is prepared or spoken: recordings not in the cache yet are left out or
        estimated, which is quick but may miss faults of the audio. ``instead``: see :func:`read_plan`.
        """
        unready: list[Unready] = []
        draft = read_plan(self.home, instead)
        faults = [*draft.faults, *check_references(draft)]
        voiceless = voice_faults(draft, self.studio.ladder)
        faults += [*voiceless, *lexicon_faults(self.home / LEXICON)]
        # Faults of what only the notices' desk uses keep nothing off the air.
        faults += [replace(fault, blocking=False) for fault in (*load_forms(self.home)[1], *load_words(self.home)[1])]
        playlists, told = self._playlists(draft, render, progress, unready)
        faults += told
        clips, told = self._clips(draft, render, progress, unready)
        # A script without a voice is told once, and at its voice.
        faults += told if not voiceless else [one for one in told if one.code != "bad-speech"]
        plan = assemble(draft, playlists, clips)
        # What a date set for itself means nothing once it is past.
        faults = [fault for fault in faults if not _past(fault, today)]
        standing = tuple(faults)
        if plan is not None and ahead:
            dates = [on for on in dates_ahead(plan, today) if believable_day(draft, day_of(plan, on))]
            faults += [fault for fault in check_days(plan, dates) if believable(draft, fault)]
        return Publication(plan, tuple(dict.fromkeys(faults)), draft.whole, standing, tuple(unready))

    def make_ready(self, some: Sequence[Unready], progress: Progress = _no_progress) -> None:
        """Prepare and speak these. What can't be made is told by the next :meth:`publish`."""
        paths = [one.path for one in some if one.path is not None]
        self._library.prepare_all(paths, lambda done, of, path: progress(path.name, done, of))
        words = {one.utterance: one.name for one in some if one.utterance is not None}
        self.studio.render_all(words, lambda done, of, said: progress(words[said], done, of))

    def _playlists(
        self, draft: Draft, render: bool, progress: Progress, unready: list[Unready]
    ) -> tuple[dict[str, Playlist], list[Fault]]:
        used = _used_playlists(draft)
        found = [files for name, files in draft.playlists.items() if name in used]
        paths = list(dict.fromkeys(entry.path for files in found for entry in files.entries))
        ready: dict[Path, Recording | BroadcasterError] = {}
        for path in paths:
            if legible(str(path)) != str(path):
                ready[path] = MediaError("the file's name is not UTF-8; rename it")
            elif (cached := self._library.cached(path)) is not None:
                ready[path] = cached
        if render and (missing := [path for path in paths if path not in ready]):
            ready |= self._library.prepare_all(missing, lambda done, of, path: progress(path.name, done, of))
        faults: list[Fault] = []
        playlists: dict[str, Playlist] = {}
        for files in found:
            tracks = []
            for entry in files.entries:
                result = ready.get(entry.path)
                if isinstance(result, Recording):
                    tracks.append(
                        Track(title=entry.title, file=entry.file, path=result.path, duration_s=result.duration_s)
                    )
                elif result is None:
                    unready.append(Unready(files.id, path=entry.path))
                else:
                    file = files.file if entry.line else entry.file
                    reason = {"reason": str(result)}
                    faults.append(Fault("bad-audio", file, entry.line, value=entry.file, params=reason, blocking=False))
            if not tracks and render:
                faults.append(Fault("empty-playlist", files.file))
            playlists[files.id] = Playlist(id=files.id, tracks=tuple(tracks))
        return playlists, faults

    def _clips(
        self, draft: Draft, render: bool, progress: Progress, unready: list[Unready]
    ) -> tuple[dict[str, Clip], list[Fault]]:
        chimes = {path.stem: path for path in chime_files(draft)}
        wanted = {
            clip_name(name, read): (name, self._utterance(draft, draft.scripts[name], read, chimes))
            for name, read in _readings(draft)
        }
        ready: dict[Utterance, Recording | BroadcasterError] = {}
        for _, utterance in wanted.values():
            kept = self.studio.cached(utterance) or (None if render else self.studio.earlier(utterance))
            if kept is not None:
                ready[utterance] = kept
        if render and (missing := [utterance for _, utterance in wanted.values() if utterance not in ready]):
            names = {utterance: name for name, utterance in wanted.values()}
            ready |= self.studio.render_all(missing, lambda done, of, one: progress(names[one], done, of))
        faults: list[Fault] = []
        clips: dict[str, Clip] = {}
        for clip, (name, utterance) in wanted.items():
            result = ready.get(utterance)
            if isinstance(result, Recording):
                clips[clip] = Clip(path=result.path, duration_s=result.duration_s, key=result.key)
                if reason := self.studio.compromise(utterance, result):
                    faults.append(_other_voice(draft, name, reason))
                continue
            if result is None:
                unready.append(Unready(name, utterance=utterance))
            guess = self._guess_s(utterance)
            clips[clip] = Clip(path=None, duration_s=max(guess, 1.0), key="")
            faults.append(_estimated(draft, name, guess) if result is None else _spoken_fault(draft, name, result))
        return clips, list(dict.fromkeys(faults))

    def _guess_s(self, utterance: Utterance) -> float:
        return estimate_s(
            utterance.text,
            utterance.repeat,
            utterance.pause_s,
            utterance.chime is not None,
            engine=self.studio.engine(utterance),
            speed=utterance.manner.speed,
        )

    def _utterance(self, draft: Draft, script: Script, read: int, chimes: dict[str, Path]) -> Utterance:
        recording = self.home / "announcements" / script.recording if script.recording else None
        chime = chimes.get(script.chime) if script.chime else None
        voice = script.voice or (draft.station.voice if draft.station else "zh")
        chosen = cast(draft.voices, voice, speed=script.speed, rate=script.rate)
        return Utterance(
            text=script.text.strip(),
            recording=str(recording) if recording else None,
            manner=chosen.manner,
            language=chosen.language,
            engine=chosen.engine,
            chime=str(chime) if chime else None,
            repeat=read,
            pause_s=script.pause,
        )


def _used_playlists(draft: Draft) -> set[str]:
    beds = [daypart.bed for daypart in draft.programme.dayparts] if draft.programme else []
    dates = draft.calendar.dates.values() if draft.calendar else ()
    beds += [change.bed for entry in dates for change in entry.dayparts.values() if change.bed is not None]
    return {bed.playlist for bed in beds if not isinstance(bed, str)}


_NAMES = frozenset({"unknown-rule", "unknown-daypart", "unknown-playlist", "unknown-level", "level-range"})


def _past(fault: Fault, today: date) -> bool:
    """Whether a fault is only that what a past date named is no more."""
    if fault.code not in _NAMES:
        return False
    match = re.match(r"dates\.(\d{4}-\d{2}-\d{2})\.(?:spots|dayparts)\b", fault.field)
    return fault.file == "config/calendar.yaml" and match is not None and match[1] < today.isoformat()


def _other_voice(draft: Draft, name: str, reason: str) -> Fault:
    document = draft.documents[f"announcements/{name}.yaml"]
    params = {"title": draft.scripts[name].title.zh, "reason": reason}
    return replace(document.fault("other-voice", ("text",)), params=params, blocking=False, warning=True)


def _estimated(draft: Draft, name: str, guess_s: float) -> Fault:
    document = draft.documents[f"announcements/{name}.yaml"]
    params = {"title": draft.scripts[name].title.zh, "length": f"{guess_s:.0f} s"}
    return replace(document.fault("estimated", ("text",)), params=params, blocking=False, warning=True)


def _spoken_fault(draft: Draft, name: str, error: BroadcasterError) -> Fault:
    document = draft.documents[f"announcements/{name}.yaml"]
    script = draft.scripts[name]
    if script.recording is not None:
        return document.fault("bad-audio-script", ("recording",), script.recording, reason=str(error))
    return document.fault("bad-speech", ("text",), script.text.strip(), reason=str(error))


def _readings(draft: Draft) -> Iterator[tuple[str, int]]:
    """Every script with every number of readings that the programme asks for, and its own."""
    wanted = {(name, script.read) for name, script in draft.scripts.items()}
    for rule in draft.programme.spots if draft.programme else ():
        assert draft.programme is not None
        for name in scripts_of(rule, draft.programme):
            if name in draft.scripts:
                wanted.add((name, rule.read or draft.scripts[name].read))
    for name, read in sorted(wanted):
        if draft.scripts[name].text.strip() or draft.scripts[name].recording:
            yield name, read


def assemble(draft: Draft, playlists: dict[str, Playlist], clips: dict[str, Clip]) -> Plan | None:
    """The plan, if all files of ``config/`` could be read. It loses what points nowhere and what is broken."""
    if draft.station is None or draft.levels is None or draft.calendar is None or draft.programme is None:
        return None
    spoken = {clip.rpartition("*")[0] for clip in clips}
    programme = _without_unknown(sound_programme(draft, draft.programme), spoken)
    return Plan(
        version=draft.digest,
        station=draft.station,
        levels=sound_levels(draft, draft.levels),
        calendar=draft.calendar,
        programme=programme,
        voices=draft.voices,
        scripts={name: script for name, script in draft.scripts.items() if name in spoken},
        playlists=playlists,
        clips=clips,
        sources=_sources(draft, draft.programme),
    )


def _without_unknown(programme: Programme, spoken: set[str]) -> Programme:
    rotations = {
        name: rotation.model_copy(update={"scripts": tuple(one for one in rotation.scripts if one in spoken)})
        for name, rotation in programme.rotations.items()
    }
    spots = tuple(
        rule.model_copy(update={"followed_by": tuple(one for one in rule.followed_by if one in spoken)})
        for rule in programme.spots
        if (rule.script in spoken if rule.script is not None else rule.rotation in rotations)
    )
    return programme.model_copy(update={"rotations": rotations, "spots": spots})


def _sources(draft: Draft, programme: Programme) -> dict[str, Source]:
    file = "config/programme.yaml"
    places: dict[str, tuple[str, Keys]] = {"programme": (file, ()), "calendar": ("config/calendar.yaml", ())}
    for index, _ in enumerate(programme.dayparts):
        places[f"daypart:{index}"] = (file, ("dayparts", index))
    for index, rule in enumerate(programme.spots):
        places[f"spot:{rule.id}"] = (file, ("spots", index))
    for name in draft.scripts:
        places[f"script:{name}"] = (f"announcements/{name}.yaml", ())
    for day in draft.calendar.dates if draft.calendar else ():
        places[f"date:{day}"] = ("config/calendar.yaml", ("dates", str(day)))
    return {name: draft.source(*place) for name, place in places.items()}
