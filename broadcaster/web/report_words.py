"""Choices of the reports' filters, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from broadcaster.web.heard_links import heard_links
from broadcaster.web.i18n import gettext as _
from broadcaster.web.view import current_zone
from broadcaster.web.words import kind_word, state_word

STATES = ("planned", "airing", "aired", "partial", "skipped", "failed", "unrecorded")
KINDS = ("script", "notice", "bed", "weather", "recording", "emergency", "live")


def kind_options() -> list[tuple[str, str]]:
    """What may be asked for: kinds of entries."""
    return [
        ("", _("Everything")), ("spot", _("All spots")), ("notice", _("Notices")), ("script", _("Scripts")),
        ("weather", _("Weather")), ("bed", _("Music")), ("emergency", _("Emergency")), ("live", _("Live page")),
    ]  # fmt: skip


def outcome_options() -> list[tuple[str, str]]:
    """What may be asked for: outcomes."""
    return [
        ("", _("Whatever became of it")), ("trouble", _("What went wrong")), ("aired", _("Aired")),
        ("partial", _("Aired in part")), ("skipped", _("Skipped")), ("failed", _("Failed")), ("open", _("On air")),
    ]  # fmt: skip


def row_words() -> dict[str, Any]:
    """What every row of a long table needs, looked up once for all of them: words of states and kinds, clocks."""
    zone = current_zone()

    def in_zone(form: str) -> Callable[[datetime], str]:
        return lambda at: at.astimezone(zone).strftime(form)

    return {
        "state_words": {state: state_word(state) for state in STATES},
        "kind_words": {kind: kind_word(kind) for kind in KINDS},
        "heard_link": heard_links(),
        "hms": in_zone("%H:%M:%S"),
        "day_hms": in_zone("%Y-%m-%d %H:%M:%S"),
    }
