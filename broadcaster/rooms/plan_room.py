"""The plan room: opens the plan's files for editing, tries edits, publishes them, and keeps every version.

The files stay the owner of the plan. What is published here is written to them, and the plan keeper takes it on air as
it does a hand's edit; a hand's edit becomes a version here. One lock keeps pages, commands and threads apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from broadcaster.clock import Clock
from broadcaster.editing import writing
from broadcaster.editing.applying import Texts, apply, both_touched, differing, label, moved
from broadcaster.editing.checking import effects, sign, told
from broadcaster.editing.comparing import compared
from broadcaster.editing.marking import all_dates, make_sense, mark_detail, mark_words, with_mark
from broadcaster.editing.models import (
    Changed,
    Comparison,
    DayMark,
    Edit,
    How,
    OpenPlan,
    PlanConflict,
    PlanRefused,
    Told,
    Trial,
    Version,
)
from broadcaster.editing.opening import plain_content
from broadcaster.editing.shelf import Shelf, changed_of, how_of, tag_of, version_in, version_of
from broadcaster.editing.texts import CONFIG, check_name, digest, hashed, hashes, is_script
from broadcaster.editing.undoing import taken_back
from broadcaster.errors import BroadcasterError, PlanError, UsageError
from broadcaster.plan.days import CALENDAR
from broadcaster.plan.load import fingerprint
from broadcaster.plan.plan import Plan
from broadcaster.plan.splice import content_of, spliced
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.publishing.publish import Publication, Publisher
from broadcaster.settings import Home
from broadcaster.store.plan_versions import PlanVersions, VersionRow

ON_AIR_S = 2.5
"""So long a publication waits to be on air before it answers that it is being prepared."""
TWICE_S = 2.0
"""The same mark by the same person within this is a double click."""


class PlanRoom:
    """For one home; may be shared by threads, and by other processes on the same home.

    Without a keeper nothing is on air here: what is published is left to the daemon, if one runs. ``name_of`` tells by
    what name people know an account.
    """

    def __init__(
        self, home: Home, versions: PlanVersions, clock: Clock, publisher: Publisher, *,
        keeper: PlanKeeper | None = None, almanac: Almanac | None = None, how: How = "page",
        name_of: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self._home = home
        self._versions = versions
        self._clock = clock
        self._publisher = publisher
        self._keeper = keeper
        self._almanac = almanac
        self._how: How = how
        self._name_of = name_of
        self._shelf = Shelf(home, versions)
        self._base: tuple[object, Publication] | None = None
        self._last_mark: tuple[float, object, Version] | None = None

    # --- looking

    def open(self) -> OpenPlan:
        """The files as they are. See :class:`~broadcaster.web.offices.PlanRoom` for errors, here and below."""
        texts, row = self._shelf.now()
        publication = self._publication(texts)
        faults = told(publication.faults, _rules(publication))
        return replace(self._opened(tag_of(texts, row), texts, row), faults=faults)

    def as_of(self, tag: str) -> OpenPlan:
        """The files as they were when a tag was given out, without their faults."""
        return self._opened(tag, self._shelf.texts_of(tag), self._versions.get(version_in(tag)))

    def _opened(self, tag: str, texts: Mapping[str, str], row: VersionRow | None) -> OpenPlan:
        contents = {file: plain_content(file, text) for file, text in texts.items()}
        programme, calendar, levels, station, voices = (
            contents.get(f"config/{name}.yaml", {}) for name in ("programme", "calendar", "levels", "station", "voices")
        )
        return OpenPlan(
            tag=tag, version=row.id if row else 0, at=row.at if row else self._clock.now(),
            who=row.who if row else "", how=how_of(row), words=row.words if row else "",
            programme=programme, calendar=calendar, levels=levels, station=station, voices=voices,
            scripts={
                file.removeprefix("announcements/").removesuffix(".yaml"): content
                for file, content in contents.items() if is_script(file)
            },
        )  # fmt: skip

    def tag(self) -> str:
        """Of the files as they are."""
        return tag_of(*self._shelf.now())

    def notice(self) -> None:
        """Have a hand's edit become a version, and finish what a crash left unfinished."""
        with writing.held(self._home):
            self._shelf.sync()

    def versions(self, limit: int = 50, before: int | None = None) -> list[Version]:
        """Newest first."""
        self._shelf.now()
        return [version_of(row) for row in self._versions.list(limit, before)]

    def version(self, number: int) -> Version | None:
        """One version."""
        row = self._versions.get(number)
        return None if row is None else version_of(row)

    def texts(self, number: int) -> Mapping[str, str]:
        """Path -> text of all files of a version."""
        return self._versions.texts(self._shelf.row(number).files)

    def compare(self, a: int, b: int) -> Comparison:
        """What differs from version ``a`` to version ``b``."""
        before, after = self._shelf.row(a), self._shelf.row(b)
        differ = {file for file in {*before.files, *after.files} if before.files.get(file) != after.files.get(file)}
        old, new = (
            self._versions.texts({file: one for file, one in row.files.items() if file in differ})
            for row in (before, after)
        )
        return Comparison(version_of(before), version_of(after), compared(old, new))

    # --- trying

    def try_out(self, tag: str, edits: Sequence[Edit], dates: Sequence[date] = ()) -> Trial:
        """What edits would do, to faults and to dates; on top of what others did since ``tag``."""
        texts, row = self._shelf.now()
        conflict, placed = self._placed(tag, edits, texts, row)
        if conflict is not None and conflict.entries:
            # Both changed the same: shown is what these edits make of what they were made for.
            texts = self._shelf.texts_of(tag)
        return replace(self._trial(texts, apply(texts, placed), dates), conflict=conflict)

    def try_restore(self, number: int, dates: Sequence[date] = ()) -> Trial:
        """What going back to a version would do."""
        texts = self._shelf.texts()
        return self._trial(texts, self._back_to(number, texts), dates)

    def try_day(self, on: date | Sequence[date], mark: DayMark) -> Trial:
        """What a mark would do."""
        texts = self._shelf.texts()
        dates = all_dates(on)
        return self._trial(texts, self._marked(texts, dates, mark), dates)

    def _trial(self, texts: Mapping[str, str], fresh: Texts, dates: Sequence[date]) -> Trial:
        before = self._publication(texts)
        after = self._publisher.publish(self._today(), render=False, instead=self._instead(texts, fresh))
        found = told(after.faults, _rules(after), before.faults)
        was = self._on_air(before)
        days = effects(was, after.plan, dates, self._almanac) if was is not None and after.plan is not None else {}
        return Trial(
            faults=tuple(one for one in found if one.severity == "fault"),
            warnings=tuple(one for one in found if one.severity == "warning"),
            days=days,
            files=tuple(fresh),
        )

    # --- changing

    def publish(
        self, tag: str, edits: Sequence[Edit], *, who: str, words: str = "", where: str = "", anyway: bool = False
    ) -> Version:
        """Write edits to the files. ``anyway`` puts them on top of others' changes of the same files."""
        with writing.held(self._home):
            texts, row = self._shelf.sync()
            conflict, placed = self._placed(tag, edits, texts, row)
            if conflict is not None and (conflict.entries or not anyway):
                if self._done_already(tag, edits, texts) and row is not None:
                    return version_of(row)
                raise PlanConflict(conflict)
            fresh = apply(texts, placed)
            version = self._write(texts, row, fresh, who, words, where, "plan.publish", {"edits": len(edits)})
        return self._on_its_way(version)

    def restore(self, number: int, *, who: str, words: str = "", where: str = "") -> Version:
        """Make the files say again what they said in a version."""
        with writing.held(self._home):
            texts, row = self._shelf.sync()
            fresh = self._back_to(number, texts)
            words = words or f"恢复到版本 {number} / back to version {number}"
            version = self._write(texts, row, fresh, who, words, where, "plan.restore", {"of": number})
        return self._on_its_way(version)

    def undo(self, number: int, *, who: str, where: str = "") -> Version:
        """Take back what a version changed, where nobody touched the same entries since."""
        with writing.held(self._home):
            texts, row = self._shelf.sync()
            then = self._shelf.row(number)
            earlier = next(iter(self._versions.list(1, number)), None)
            if earlier is None:
                raise UsageError(f"版本 {number} 是最早的 / version {number} is the first: nothing before it")
            before, after = self._versions.texts(earlier.files), self._versions.texts(then.files)
            fresh, clashes = taken_back(then.changed, before, after, texts)
            if clashes and row is not None:
                culprit = self._shelf.culprit(number, then.changed, clashes) or row
                raise PlanConflict(self._local(changed_of(culprit, then.changed, clashes)))
            words = f"撤销版本 {number} / undo version {number}" + (f": {then.words}" if then.words else "")
            version = self._write(texts, row, fresh, who, words, where, "plan.undo", {"of": number})
        return self._on_its_way(version)

    def mark_day(
        self, on: date | Sequence[date], mark: DayMark, *, who: str, where: str = "", words: str = "", tag: str = ""
    ) -> Version:
        """Write a mark of one or several dates into the calendar; with a ``tag`` only if nobody marked them since."""
        dates = all_dates(on)
        asked = (who, tuple(dates), repr(mark))
        with writing.held(self._home):
            if self._last_mark and self._last_mark[1] == asked and time.monotonic() - self._last_mark[0] < TWICE_S:
                return self._last_mark[2]
            texts, row = self._shelf.sync()
            if tag and row is not None:
                self._refuse_marks(tag, dates, texts, row)
            fresh = self._marked(texts, dates, mark if mark.by else replace(mark, by=who))
            detail = {"date": dates[0].isoformat(), "dates": [day.isoformat() for day in dates], **mark_detail(mark)}
            words = words or mark_words(dates, mark)
            version = self._write(texts, row, fresh, who, words, where, "day.mark", detail)
            self._last_mark = (time.monotonic(), asked, version)
        return self._on_its_way(version)

    def tidy(self, *, who: str, where: str = "", older_days: int = 60) -> Version | None:
        """Take out settings of dates that are long past; None if there are none."""
        limit = (self._today() - timedelta(days=older_days)).isoformat()
        with writing.held(self._home):
            texts, row = self._shelf.sync()
            dates = content_of(text := texts.get(CALENDAR, ""), CALENDAR).get("dates")
            old = sorted(str(day) for day in dates if str(day) < limit) if isinstance(dates, dict) else []
            if not old:
                return None
            for day in old:
                text = spliced(text, CALENDAR, "remove", ("dates", day))
            words = f"清理过期日期 {len(old)} 个 / {len(old)} past dates taken out"
            version = self._write(texts, row, {CALENDAR: text}, who, words, where, "plan.tidy", {"dates": old})
        return self._on_its_way(version)

    # --- within

    def _today(self) -> date:
        return self._clock.now().astimezone(self._tz()).date()

    def _tz(self) -> ZoneInfo | None:
        """The store's zone; None, which is this machine's, before any plan is known."""
        plan = self._keeper.plan if self._keeper else None
        if plan is None and self._base is not None:
            plan = self._base[1].plan
        return plan.station.tz if plan is not None else None

    def _publication(self, texts: Mapping[str, str]) -> Publication:
        """Of the files as they are; kept, for every trial needs it."""
        today = self._today()
        mark = (digest(hashes(texts)), today, fingerprint(self._home.root))
        if self._base is None or self._base[0] != mark:
            publication = self._publisher.publish(today, render=False, instead=self._instead(texts, {}))
            self._base = (mark, publication)
        return self._base[1]

    def _on_air(self, publication: Publication) -> Plan | None:
        """What airs without the edits: the plan of the files, or the one that is kept on air when they have faults."""
        if publication.fit or self._keeper is None or self._keeper.plan is None:
            return publication.plan
        return self._keeper.plan

    @staticmethod
    def _instead(texts: Mapping[str, str], fresh: Texts) -> dict[str, str | None]:
        return {**{file: text for file, text in texts.items() if file in CONFIG or is_script(file)}, **fresh}

    def _placed(
        self, tag: str, edits: Sequence[Edit], texts: Mapping[str, str], row: VersionRow | None
    ) -> tuple[Changed | None, Sequence[Edit]]:
        """What stands against the edits, and the edits as they fit the present texts."""
        for edit in edits:
            check_name(edit.file)
        if tag == tag_of(texts, row):
            return None, edits
        base = self._shelf.texts_of(tag)
        files = tuple(dict.fromkeys(edit.file for edit in edits if base.get(edit.file) != texts.get(edit.file)))
        if not files or row is None:
            return None, edits
        clashes = both_touched(base, texts, edits)
        culprit = self._shelf.culprit(version_in(tag), files, clashes) or row
        changed = self._local(changed_of(culprit, files, clashes))
        return changed, edits if clashes else moved(base, texts, edits)

    def _done_already(self, tag: str, edits: Sequence[Edit], texts: Mapping[str, str]) -> bool:
        """Whether the files say already what the edits would make of them: sent twice."""
        fresh = apply(self._shelf.texts_of(tag), edits)
        return bool(fresh) and all(texts.get(file) == text for file, text in fresh.items())

    def _back_to(self, number: int, texts: Mapping[str, str]) -> Texts:
        row = self._shelf.row(number)
        there = self._versions.texts(row.files)
        if damaged := [file for file, one in row.files.items() if file not in there or hashed(there[file]) != one]:
            raise UsageError(f"版本 {number} 的 {', '.join(damaged)} 不能恢复 / can't be restored: no UTF-8 text")
        gone = [file for file in texts if file not in there and is_script(file)]
        return {file: text for file, text in there.items() if texts.get(file) != text} | dict.fromkeys(gone)

    def _marked(self, texts: Mapping[str, str], dates: Sequence[date], mark: DayMark) -> Texts:
        publication = self._publication(texts)
        if publication.plan is None or CALENDAR not in texts:
            raise PlanError(publication.wrong)
        make_sense(publication.plan, mark)
        text = texts[CALENDAR]
        if mark:
            for on in dates:
                text = with_mark(text, publication.plan, on, mark)
        return {CALENDAR: text} if text != texts[CALENDAR] else {}

    def _refuse_marks(self, tag: str, dates: Sequence[date], texts: Mapping[str, str], row: VersionRow) -> None:
        """``PlanConflict`` if somebody marked one of these dates since the tag was given out."""
        if tag == tag_of(texts, row):
            return
        mine = {label(CALENDAR, ("dates", day.isoformat())) for day in dates}
        both = sorted(mine & set(differing(self._shelf.texts_of(tag), texts, [CALENDAR])))
        if both:
            culprit = self._shelf.culprit(version_in(tag), (CALENDAR,), both) or row
            raise PlanConflict(self._local(changed_of(culprit, (CALENDAR,), both)))

    def _write(
        self, texts: Mapping[str, str], row: VersionRow | None, fresh: Texts, who: str, words: str, where: str,
        deed: str, detail: Mapping[str, object],
    ) -> Version:  # fmt: skip
        """Under the lock: refuse what has new faults, write the rest. Without a change the version that is there."""
        fresh = {file: text for file, text in fresh.items() if text != texts.get(file)}
        if not fresh:
            return version_of(row) if row else Version(0, self._clock.now(), who, self._how, words, where, {}, ())
        before = self._publication(texts)
        after = self._publisher.publish(self._today(), render=False, instead=self._instead(texts, fresh))
        held_back = self._refuse_faults(before, after)
        old = {file: hashed(texts[file]) if file in texts else None for file in fresh}
        slip = writing.Slip(fresh, old, who, self._how, words, where, deed, dict(detail))
        # It was checked for a while: a hand may have been on the files meanwhile.
        self._refuse_hands(writing.touched(self._home, slip))
        writing.put_down(self._home, slip)
        try:
            left = writing.write(self._home, slip)
        except BroadcasterError:
            writing.take_back(self._home, slip, texts)
            raise
        if left:
            writing.take_back(self._home, slip, texts, left)
            self._refuse_hands(left)
        noted = self._shelf.note(slip, row.files if row else hashes(texts))
        writing.done(self._home)
        if noted is None:
            return Version(0, self._clock.now(), who, self._how, words, where, hashes(texts), tuple(fresh))
        return replace(version_of(noted), held_back=held_back)

    def _refuse_hands(self, files: Sequence[str]) -> None:
        """``PlanConflict`` if somebody wrote these files while they were about to be published."""
        if not files:
            return
        row = self._shelf.sync()[1]
        culprit = self._shelf.culprit(0, tuple(files)) or row
        nobody = Changed("?", self._clock.now(), "file", "", tuple(files), 0)
        raise PlanConflict(self._local(changed_of(culprit, files, ()) if culprit else nobody))

    def _local(self, changed: Changed) -> Changed:
        """As people of the store read it: by their clock, and with the name that they know."""
        if self._keeper is None and self._base is None:
            self._publication(self._shelf.texts())
        name = self._name_of(changed.who) if self._name_of and changed.how == "page" else changed.who
        return replace(changed, at=changed.at.astimezone(self._tz()), name=name)

    def _refuse_faults(self, before: Publication, after: Publication) -> tuple[Told, ...]:
        """``PlanRefused`` if a fault that keeps the plan off the air is new; else those that were there already."""
        known = {sign(fault) for fault in before.wrong}
        blocking = [fault for fault in after.wrong if fault.blocking]
        if any(sign(fault) not in known for fault in blocking):
            raise PlanRefused(after.wrong, told(after.wrong, _rules(after), before.faults))
        return told(blocking, _rules(after), blocking)

    def _on_its_way(self, version: Version) -> Version:
        """Have the keeper take the files on air, and wait a moment for it. Not under the lock."""
        if self._keeper is None:
            return version
        preparing = not self._keeper.look_through(ON_AIR_S)
        return replace(version, preparing=preparing)


def _rules(publication: Publication) -> list[str]:
    return [rule.id for rule in publication.plan.programme.spots] if publication.plan else []
