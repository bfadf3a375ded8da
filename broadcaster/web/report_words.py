"""Choices of the reports' filters, in words."""

from __future__ import annotations

from broadcaster.web.i18n import gettext as _


def kind_options() -> list[tuple[str, str]]:
    """What may be asked for: kinds of entries."""
    return [
        ("", _("Everything")), ("spot", _("All spots")), ("notice", _("Notices")), ("script", _("Scripts")),
        ("weather", _("Weather")), ("bed", _("Music")),
    ]  # fmt: skip


def outcome_options() -> list[tuple[str, str]]:
    """What may be asked for: outcomes."""
    return [
        ("", _("Whatever became of it")), ("trouble", _("What went wrong")), ("aired", _("Aired")),
        ("partial", _("Aired in part")), ("skipped", _("Skipped")), ("failed", _("Failed")), ("open", _("On air")),
    ]  # fmt: skip
