"""The day book as a document: the same headings, tables and words on the page, on paper and in the terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from broadcaster.paper.parts import Column, Heading, Paper, Part, Signature, Table, Text
from broadcaster.web.audit_words import deed_words, place_words, who_words
from broadcaster.web.calendar_words import weekday_words
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.words import kind_word, said, state_word

if TYPE_CHECKING:
    from broadcaster.asrun.day_book import BookLine, BookPart, DayBook, Published

MANY = 3
"""More spots than this that the log knows nothing of are one line."""
WORTH_S = 1.0
"""A smaller difference between planned and heard is not shown."""


def day_book_paper(book: DayBook) -> Paper:
    """In the language that is spoken (:mod:`broadcaster.web.i18n`)."""
    return _Composer(book).paper()


class _Composer:
    def __init__(self, book: DayBook) -> None:
        self._book = book
        self._facts = book.facts
        self._english = language() == "en"
        self._list = ", " if self._english else "、"

    def paper(self) -> Paper:
        """The whole document."""
        book = self._book
        title = f"{_('Day book')} {book.date.isoformat()}"
        parts: list[Part] = [*self._sums(), *self._programme()]
        if book.logged:
            parts += self._missed()
        told = ((self._facts.deeds, self._deeds), (self._facts.alerts, self._faults), (book.calls, self._calls))
        for found, section in told:
            # Before opening there is no log yet, and plan and notices may have been changed all the same.
            parts += section() if found or book.logged else ()
        parts += [*self._texts(), *self._small_print()]
        parts.append(Signature((_("Announcer on duty"), _("In charge"))))
        store = self._named(*self._facts.store)
        return Paper(title, self._head(store), parts, f"{store} · {self._facts.zone} · {title}")

    # --- head

    def _head(self, store: str) -> list[str]:
        facts, book = self._facts, self._book
        types = self._list.join(self._named(zh, en) for zh, en in facts.day_types)
        lines = [" · ".join(part for part in (store, _("zone %(zone)s") % {"zone": facts.zone}, types) if part)]
        hours = ""
        if facts.hours:
            opens, closes = (self._clock(at, "%H:%M") for at in facts.hours)
            hours = _("open %(opens)s–%(closes)s") % {"opens": opens, "closes": closes}
        until = _("until %(time)s, the day is not over") % {"time": self._clock(book.until)} if book.until else ""
        if book.coming:
            until = _("still to come")
        lines.append(" · ".join(part for part in (weekday_words(book.date), hours, until) if part))
        lines += [self._version(one, number) for number, one in enumerate(facts.versions)]
        if not facts.as_then:
            lines.append(_("The plan of that day can't be made again: what is planned here is today's plan."))
        return lines

    def _version(self, one: Published, number: int) -> str:
        words = said(one.words)
        told = {
            "number": one.version, "who": self._book.name(one.who), "at": self._clock(one.at, "%Y-%m-%d %H:%M"),
            "words": f"“{words}”" if words else "",
        }  # fmt: skip
        if number == 0:
            return (_("Plan: version %(number)s, published by %(who)s at %(at)s %(words)s") % told).strip()
        return (_("then version %(number)s, published by %(who)s at %(at)s %(words)s") % told).strip()

    # --- sums

    def _sums(self) -> list[Part]:
        book = self._book
        found: list[Part] = [Heading(_("In short"))]
        if book.coming:
            found.append(Text(_("This date is still to come: so it is planned now."), bold=True))
            return found
        if files := self._list.join(self._facts.archived):
            words = _("The log of this date is in the archive: %(files)s") % {"files": files}
            if book.logged:
                words += _("; below is what is still in the database")
            found.append(Text(words, bold=True))
        elif not book.logged:
            found.append(Text(_("The log has nothing of this date."), bold=True))
        if not book.logged:
            return found
        share = book.share
        if share is not None:
            told = {
                "spots": share.spots, "good": share.spots_as_planned, "share": _percent(share.of_spots),
                "planned": _length(share.seconds), "aired": _length(share.seconds_as_planned),
                "part": _percent(share.of_seconds),
            }  # fmt: skip
            found += [
                Text(_("Spots: %(good)s of %(spots)s aired as planned (%(share)s)") % told, bold=True),
                Text(_("Programme: %(aired)s of %(planned)s aired as planned (%(part)s)") % told, bold=True),
            ]
        found.append(Text(
            _("Missed or shortened: %(missed)s · faults: %(faults)s · emergencies and live pages: %(calls)s") % {
                "missed": len(book.missed) + len(book.lost_tracks), "faults": len(self._facts.alerts),
                "calls": len(book.calls),
            }
        ))  # fmt: skip
        return found

    # --- programme

    def _programme(self) -> list[Part]:
        found: list[Part] = [Heading(_("Programme, planned and heard"))]
        for part in self._book.parts:
            found += self._segment(part)
        return found

    def _segment(self, part: BookPart) -> list[Part]:
        segment = part.segment
        if segment is None:
            found: list[Part] = [Heading(_("Outside the programme"), 2)]
        else:
            dial = (
                f"{self._named(segment.level_zh, segment.level_en)} {segment.dial:g}".strip()
                if segment.dial is not None
                else ""
            )
            span = f"{self._clock(segment.start, '%H:%M')}–{self._clock(segment.end, '%H:%M')}"
            title = self._named(segment.title_zh, segment.title_en)
            found = [Heading(" · ".join(word for word in (f"{span} {title}", dial) if word), 2)]
        if music := self._music(part):
            found.append(Text(music))
        if part.lines:
            columns = (
                Column(_("Planned"), 15), Column(_("Heard"), 15), Column(_("Off"), 13, "right"),
                Column(_("Length"), 12, "right"), Column("LUFS", 12, "right"), Column(_("Heard by"), 15),
                Column(_("Title")), Column(_("What aired"), 40),
            )  # fmt: skip
            found.append(Table(columns, [self._line(line) for line in part.lines]))
        return found

    def _music(self, part: BookPart) -> str:
        music = part.music
        silent = part.segment is not None and not part.segment.music
        if music is None and silent:
            return _("Deliberate silence.")
        if music is None:
            # Where nothing is known of it, or it is still to come, nobody can say so.
            begun = part.segment is None or part.segment.start < self._facts.now
            return _("No music.") if begun and self._book.logged and not self._facts.archived else ""
        minutes = _("%(count)s minutes") % {"count": max(1, round(music.sounded_s / 60))}
        told = {
            "count": music.tracks, "first": self._clock(music.first), "last": self._clock(music.last),
            "minutes": minutes,
        }  # fmt: skip
        return _("Music: %(first)s–%(last)s, %(minutes)s in all, tracks: %(count)s.") % told

    def _line(self, line: BookLine) -> list[str]:
        entry, off_s = line.entry, line.off_s
        about = [kind_word(line.kind)]
        if line.text is not None:
            about.append(_("text %(number)s") % {"number": line.text})
        if line.by:
            about.append(_("by hand: %(who)s") % {"who": self._book.name(line.by)})
        reason = said(entry.reason) if entry else ""
        return [
            self._clock(line.at),
            self._clock(line.heard_at) if line.heard_at else "",
            f"{off_s:+.0f} s".replace("-", "\u2212") if off_s is not None and abs(off_s) > WORTH_S else "",
            _length(line.length_s) if line.length_s is not None else "",
            f"{entry.loudness_lufs:.1f}".replace("-", "\u2212") if entry and entry.loudness_lufs is not None else "",
            self._witness(line),
            f"{self._named(line.title_zh, line.title_en)} ({self._list.join(about)})",
            f"{state_word(line.state)}{_(': ') + reason if reason else ''}",
        ]

    def _witness(self, line: BookLine) -> str:
        if line.unheard:
            return _("not heard")
        if line.entry is None or line.heard_at is None:
            return ""
        return {"ear": _("the ear"), "player": _("the player")}.get(line.entry.heard_by or "", _("commanded only"))

    # --- what was otherwise

    def _missed(self) -> list[Part]:
        book = self._book
        rows = [
            (entry.planned_at, [
                self._clock(entry.planned_at), f"{entry.title} ({kind_word('bed')})", state_word("failed"),
                said(entry.reason) or _("no reason noted"),
            ])
            for entry in book.lost_tracks
        ]  # fmt: skip
        for state, group in groupby(book.missed, key=lambda line: line.state):
            lines = list(group)
            if state == "unrecorded" and len(lines) > MANY:
                rows.append((lines[0].at, self._unrecorded(lines)))
            else:
                rows += [(line.at, self._missing(line)) for line in lines]
        columns = (Column(_("Planned"), 15), Column(_("Title"), 55), Column(_("What aired"), 25), Column(_("Cause")))
        return _section(_("Missed or shortened"), columns, [row for at, row in sorted(rows, key=lambda one: one[0])])

    def _missing(self, line: BookLine) -> list[str]:
        cause = said(line.entry.reason) if line.entry else _("not in the log; the program may not have run")
        if line.unheard:
            cause = self._list.join(part for part in (_("the ear listened and did not hear it"), cause) if part)
        title = self._named(line.title_zh, line.title_en)
        return [self._clock(line.at), title, state_word(line.state), cause or _("no reason noted")]

    def _unrecorded(self, lines: Sequence[BookLine]) -> list[str]:
        told = {"count": len(lines), "last": self._clock(lines[-1].at)}
        return [
            self._clock(lines[0].at), _("%(count)s spots until %(last)s") % told, state_word("unrecorded"),
            _("not in the log; the program may not have run"),
        ]  # fmt: skip

    def _deeds(self) -> list[Part]:
        sentence, people = deed_words(), self._facts.names
        rows = []
        for one in self._facts.deeds:
            what, about, _link = sentence(one)
            rows.append(
                [self._clock(one.at), who_words(one, people), f"{what}{_(': ') + about if about else ''}",
                 place_words(one.where)]
            )  # fmt: skip
        columns = (
            Column(_("At what time"), 15),
            Column(_("Who"), 28),
            Column(_("Did what")),
            Column(_("Where from"), 30),
        )
        return _section(_("Changed by hand"), columns, rows)

    def _faults(self) -> list[Part]:
        facts, rows = self._facts, []
        for one in facts.alerts:
            over = one.cleared_at or facts.now
            done = []
            if one.acknowledged_at is not None:
                told = {"who": self._book.name(one.acknowledged_by or ""), "time": self._clock(one.acknowledged_at)}
                done.append(_("%(who)s took note at %(time)s") % told)
            if one.told:
                done.append(_("%(count)s times told") % {"count": one.told})
            done.append(_("is over") if one.cleared_at else _("goes on"))
            rows.append([
                self._moment(one.since), self._moment(one.cleared_at) if one.cleared_at else "",
                _length((over - one.since).total_seconds()), self._named(one.zh, one.en), self._list.join(done),
            ])  # fmt: skip
        columns = (
            Column(_("Began"), 17), Column(_("Ended at"), 17), Column(_("Length"), 16, "right"),
            Column(_("What was wrong")), Column(_("What was done"), 45),
        )  # fmt: skip
        return _section(_("Faults"), columns, rows)

    def _calls(self) -> list[Part]:
        facts, rows = self._facts, []
        for one in self._book.calls:
            over = one.ended_at or one.until
            kind = kind_word(one.kind)
            title = self._named(*(str(one.params.get(name) or "") for name in ("title_zh", "title_en")))
            rows.append([
                self._moment(one.since), self._moment(over) if over else "",
                _length(((over or facts.now) - one.since).total_seconds()),
                kind if title == kind else f"{kind} {title}",
                self._book.name(one.who), said(one.reason),
            ])  # fmt: skip
        columns = (
            Column(_("Began"), 17), Column(_("Ended at"), 17), Column(_("Length"), 16, "right"), Column(_("What")),
            Column(_("Who"), 28), Column(_("Reason"), 40),
        )  # fmt: skip
        return _section(_("Emergencies and live pages"), columns, rows)

    # --- texts

    def _texts(self) -> list[Part]:
        rows = []
        for number, one in enumerate(self._book.texts, 1):
            notice = one.ref.startswith("notice-")
            wrote = self._book.name(one.author) if one.author else ("" if notice else _("the store's script"))
            rows.append([
                str(number), f"{one.title} ({one.ref})", wrote, self._list.join(self._book.approvers(one)),
                one.spoken or one.text or "—",
            ])  # fmt: skip
        columns = (
            Column(_("No."), 9, "right"), Column(_("Title"), 38), Column(_("Written by"), 22),
            Column(_("Approved by whom"), 22), Column(_("Words on air")),
        )  # fmt: skip
        return _section(_("Texts, as spoken"), columns, rows)

    def _small_print(self) -> list[Part]:
        return [
            Text(_("As planned, of the spots: aired whole, begun at most 10 s before or after the planned second, "
                   "divided by all planned ones that are over. Of the seconds: those of all dayparts that are over in "
                   "which by the log a track or a spot sounded (in deliberate silence: no music), less those of "
                   "emergencies, live pages, what was played by hand, pauses, muting, stops, and alerts of silence or "
                   "fallback music. Heard by the ear: measured at the output; by the player: so the player says. All "
                   "tracks one by one are in the day's CSV table."), small=True),
        ]  # fmt: skip

    # --- words

    def _named(self, zh: str, en: str) -> str:
        return (en if self._english else zh) or zh or en

    def _clock(self, at: dt.datetime, form: str = "%H:%M:%S") -> str:
        return f"{at.astimezone(self._facts.tz):{form}}"

    def _moment(self, at: dt.datetime) -> str:
        """With its date where that is another."""
        local = at.astimezone(self._facts.tz)
        return f"{local:%H:%M:%S}" if local.date() == self._book.date else f"{local:%m-%d %H:%M:%S}"


def _section(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[Part]:
    return [Heading(title), Table(columns, rows) if rows else Text(_("None."))]


def _percent(share: float | None) -> str:
    # Rounded down: what is not all must not read as all.
    return "—" if share is None else f"{int(share * 1000) / 10:.1f} %"


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
