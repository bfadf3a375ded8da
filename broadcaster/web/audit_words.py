"""The audit trail in plain words. A deed that is not known here is shown by its own name with all its details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from broadcaster.actors import CLI, FIRE, RENDER
from broadcaster.calls.fire_teller import ACCOUNT, TOKEN
from broadcaster.web.i18n import gettext as _
from broadcaster.web.notice_words import role_word

if TYPE_CHECKING:
    from broadcaster.store.audit import AuditEntry

#: Details that name what a deed was done to, the first one found.
_NAMES = (
    "title",
    "title_zh",
    "word",
    "file",
    "playlist",
    "name",
    "id",
    "display",
    "date",
    "dates",
    "target",
    "level",
    "ref",
    "place",
)
#: Details that belong behind it.
_REASONS = ("reason", "note", "words")
_LONGEST = 80


def area_options() -> list[tuple[str, str]]:
    """What may be asked for: first words of deeds."""
    return [
        ("", _("Everything")), ("air", _("On air")), ("alert", _("Alerts")),
        ("plan", _("Programme and plan")), ("day", _("Calendar")),
        ("notice", _("Notices")), ("lexicon", _("Readings")), ("playlist", _("Playlists")), ("upload", _("Uploads")),
        ("vendor", _("Vendors")), ("contract", _("Contracts")), ("user", _("Accounts")), ("session", _("Log-ins")),
        ("token", _("Tokens")), ("backup", _("Backup")), ("listen", _("Listening in")),
        ("clock", _("Clock")),
    ]  # fmt: skip


def _known() -> dict[str, str]:
    return {
        "alert.acknowledge": _("took note of an alert"),
        "clock.trust": _("confirmed the PC's time"),
        "air.skip": _("skipped what was on air"),
        "air.pause": _("paused the music"),
        "air.mute": _("muted the loudspeakers"),
        "air.stop": _("stopped everything"),
        "air.trim": _("changed how loud"),
        "air.insert": _("had something played at once"),
        "air.emergency": _("called an emergency message"),
        "air.emergency-joined": _("called an emergency message that was on air already"),
        "air.emergency-reason": _("said why an emergency is over"),
        "air.live": _("spoke live"),
        "air.live-cut": _("was cut off while speaking live"),
        "air.live-ended": _("ended somebody's live page"),
        "air.end": _("took a deed on the air back"),
        "air.unmark": _("took a mark of the day back"),
        "plan.publish": _("published a change of the plan"),
        "plan.restore": _("put an earlier version of the plan back"),
        "plan.undo": _("took a change of the plan back"),
        "plan.tidy": _("took out settings of past dates"),
        "plan.file": _("changed a file of the plan by hand"),
        "day.mark": _("changed a date in the calendar"),
        "notice.submit": _("submitted a notice"),
        "notice.edit": _("changed a notice"),
        "notice.approve": _("approved a notice"),
        "notice.reject": _("rejected a notice"),
        "notice.withdraw": _("withdrew a notice"),
        "notice.ready": _("a notice was spoken and is ready"),
        "notice.failed": _("a notice could not be spoken"),
        "lexicon.set": _("set a reading"),
        "lexicon.remove": _("took a reading out"),
        "playlist.order": _("ordered a playlist"),
        "playlist.rename": _("renamed a track"),
        "playlist.remove": _("took a track out"),
        "playlist.put-back": _("put a track back"),
        "playlist.upload": _("uploaded a recording"),
        "playlist.add": _("made a playlist"),
        "playlist.delete": _("deleted a playlist"),
        "upload.cancel": _("cancelled an upload"),
        "vendor.put": _("added or changed a vendor"),
        "contract.add": _("made a contract"),
        "contract.end": _("ended a contract"),
        "user.add": _("made an account"),
        "user.password": _("set a password"),
        "user.active": _("switched an account on or off"),
        "user.role": _("changed an account's role"),
        "user.display": _("changed a name"),
        "session.open": _("logged in"),
        "session.end": _("ended a log-in"),
        "token.make": _("made a token for a program"),
        "token.end": _("revoked a token"),
        "backup.make": _("made a backup"),
        "backup.verified": _("made and tried out the daily backup"),
        "backup.failed": _("could not make the daily backup"),
        "backup.download": _("downloaded a backup"),
        "listen.download": _("took a stretch of the recorded air"),
    }


def deed_words() -> Callable[[AuditEntry], tuple[str, str, str]]:
    """Says of an entry what was done; to what, with its reason; and the address of that, empty if it has no page."""
    # Looked up once for all entries of a page.
    known = _known()
    return lambda entry: _sentence(entry, known.get(entry.what))


def _sentence(entry: AuditEntry, known: str | None) -> tuple[str, str, str]:
    detail = {name: value for name, value in entry.detail.items() if value not in (None, "", [], {}, False)}
    subject = entry.subject or ""
    link = _link(subject)
    if entry.what == "air.end" and detail.get("kind") == "emergency":
        known = _("ended an emergency message")
        detail = {"title": f"“{_plain(detail.get('title') or detail.get('target', ''))}”"}
    elif entry.what == "air.end" and "kind" in detail:
        detail = {"title": detail.get("title") or _known().get(f"air.{detail['kind']}", detail["kind"])}
    if known is None:
        return entry.what, _short(", ".join(f"{name}: {_plain(value)}" for name, value in detail.items())), link
    return known, _object(entry.what, detail, subject), link


def _link(subject: str) -> str:
    kind, _dash, number = subject.partition("-")
    page = {"notice": "/notices", "plan": "/programme/versions"}.get(kind)
    return f"{page}/{number}" if page and number.isdigit() else ""


def _object(what: str, detail: Mapping[str, Any], subject: str) -> str:
    name = next((_plain(detail[key]) for key in _NAMES if key in detail), subject)
    told = [name] if name else []
    if subject.startswith("plan-"):
        # Its author's own words, or what the calendar says of a mark.
        told = [_plain(detail[key]) for key in ("words", "files") if key in detail][:1]
    elif what == "contract.add":
        told = [_plain(detail.get(key, "")) for key in ("vendor", "rotation")]
        told.append(_("%(count)s a day") % {"count": detail.get("per_day", 0)})
        told.append(f"{detail.get('first', '')} – {detail.get('last', '')}")
    elif what == "day.mark":
        told += [
            f"{key}: {_plain(detail[key])}" for key in ("add", "remove", "open", "close", "later_min") if key in detail
        ]
    elif what in ("air.pause", "air.mute") and "minutes" in detail:
        told = [_("%(count)s minutes") % {"count": _plain(detail["minutes"])}]
    elif what == "air.trim":
        told.append(_plain(detail.get("dial", "")))
    elif what == "user.active":
        told.append(_("on") if detail.get("active") else _("off"))
    elif what in ("user.add", "user.role"):
        told.append(role_word(_plain(detail.get("role", ""))))
    elif what in ("lexicon.set",):
        told.append(f"→ {_plain(detail.get('reading', ''))}")
    told += [_plain(detail[key]) for key in _REASONS if key in detail and _plain(detail[key]) not in told]
    return _short(" · ".join(part for part in told if part))


def who_words(entry: AuditEntry, people: Mapping[str, str]) -> str:
    """Who did it. The building's fire alarm is nobody, and is told by the token that handed it on."""
    if entry.who == RENDER:
        return _("Speech synthesis")
    if entry.who.startswith(CLI):
        name = entry.who.removeprefix(CLI)
        return _("%(name)s (command line)") % {"name": people.get(name) or name}
    if entry.who != FIRE:
        return people.get(entry.who) or entry.who
    token, account = entry.where.partition(TOKEN)[2], entry.where.partition(ACCOUNT)[2]
    if token:
        return _("Fire signal (token “%(name)s”)") % {"name": token}
    return _("Fire signal (%(name)s)") % {"name": people.get(account) or account} if account else _("Fire signal")


def place_words(where: str) -> str:
    """Where it was done from."""
    where, _mark, token = where.partition(TOKEN)
    where = where.partition(ACCOUNT)[0]
    if token:
        return f"{place_words(where)} · " + _("token “%(name)s”") % {"name": token}
    return {
        "": "", "page": _("the page"), "cli": _("command line"), "command line": _("command line"),
        "file": _("the file"), "127.0.0.1": _("this computer"), "::1": _("this computer"),
    }.get(where, where)  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "、".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST * 2 else f"{text[: _LONGEST * 2]}…"
