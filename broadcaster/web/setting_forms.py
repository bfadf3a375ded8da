"""The fields of the settings' forms, in the request's language."""

from __future__ import annotations

from collections.abc import Iterator

from broadcaster.editing.models import OpenPlan
from broadcaster.web.i18n import gettext as _
from broadcaster.web.setting_fields import LEVELS, STATION, VOICES, Blank, entry


def station_blanks(plan: OpenPlan) -> list[Blank]:
    """Of ``station.yaml``: what a store changes in its life. Time zone, zone and page stay with the file."""
    return [
        *_title("name", STATION, ("name",), plan, _("Name of the store")),
        Blank(
            "separation", _("Silence between two spots"), STATION, ("separation",), "length", unset="1", unit="s",
            hint=_("seconds"),
        ),
        Blank(
            "crossfade", _("Cross-fade between two tracks"), STATION, ("sound", "crossfade"), "length", unset="2",
            unit="s", hint=_("seconds, at most 15"),
        ),
        Blank(
            "fade_out", _("Fade-out at the end of a daypart"), STATION, ("sound", "fade_out"), "length", unset="1.5",
            unit="s", hint=_("seconds, at most 15"),
        ),
        Blank(
            "duck_by", _("How far the bed goes down under speech"), STATION, ("sound", "duck", "by"), "gain",
            unset="14", unit="dB", hint=_("decibels; 10 to 18 is usual"),
        ),
        Blank(
            "duck_attack", _("How long before the speech it goes down"), STATION, ("sound", "duck", "attack"),
            "length", unset="0.6", unit="s", hint=_("seconds"),
        ),
        Blank(
            "duck_release", _("How long it takes to come back"), STATION, ("sound", "duck", "release"), "length",
            unset="1.5", unit="s", hint=_("seconds"),
        ),
        Blank(
            "vendor_approvals", _("Approvals that a vendor's notice needs"), STATION,
            ("notices", "vendor_approvals"), "number", unset="1", hint=_("different people, 1 to 5"),
        ),
    ]  # fmt: skip


def level_blanks(plan: OpenPlan) -> list[Blank]:
    """Of ``levels.yaml``."""
    return [*_dial_blanks(), *_level_blanks(plan)]


def _dial_blanks() -> Iterator[Blank]:
    yield Blank("zero", _("The number that is full level (0 dB)"), LEVELS, ("dial", "zero"), "number", unset="20")
    yield Blank(
        "step", _("Decibels from one number to the next"), LEVELS, ("dial", "step"), "gain", unset="1", unit="dB"
    )
    yield Blank(
        "larger_is", _("A larger number is"), LEVELS, ("dial", "larger_is"), "choice", unset="quieter",
        choices=(("quieter", _("quieter")), ("louder", _("louder"))),
    )  # fmt: skip


def _level_blanks(plan: OpenPlan) -> Iterator[Blank]:
    for name in plan.levels.get("levels", {}):
        at = ("levels", name)
        yield from _title(f"{name}.title", LEVELS, (*at, "title"), plan, _("What it is called"))
        yield Blank(f"{name}.from", _("From"), LEVELS, (*at, "range", 0), "number")
        yield Blank(f"{name}.to", _("To"), LEVELS, (*at, "range", 1), "number")
        yield Blank(
            f"{name}.nominal", _("Unattended"), LEVELS, (*at, "nominal"), "number", required=False,
            hint=_("empty: the middle"),
        )  # fmt: skip


def voice_blanks(plan: OpenPlan) -> list[Blank]:
    """Of ``voices.yaml``."""
    found: list[Blank] = []
    for name in plan.voices.get("voices", {}):
        at = ("voices", name)
        found += _title(f"{name}.title", VOICES, (*at, "title"), plan, _("What it is called"))
        found += [
            Blank(
                f"{name}.engine", _("Speech engine"), VOICES, (*at, "engine"), "choice", unset="auto",
                choices=(("auto", _("the best there is")), ("neural", "neural"), ("pyttsx3", "pyttsx3")),
            ),
            Blank(f"{name}.voice", _("The engine's voice"), VOICES, (*at, "voice"), required=False),
            Blank(f"{name}.speed", _("Pace"), VOICES, (*at, "speed"), "number", unset="0.9", hint="0.5 – 2"),
            Blank(
                f"{name}.pitch", _("Pitch"), VOICES, (*at, "pitch"), "number", unset="0", hint=_("semitones, -6 to 6")
            ),
        ]  # fmt: skip
    return found


def weather_blanks(plan: OpenPlan) -> list[Blank]:
    """Of ``station.yaml``, where the forecast comes from."""
    del plan
    at = ("weather",)
    return [
        Blank("place", _("Town, as it is said on air"), STATION, (*at, "place", "zh")),
        Blank("place_en", _("Town in English"), STATION, (*at, "place", "en"), required=False),
        Blank("latitude", _("Latitude"), STATION, (*at, "latitude"), "number", hint=_("such as 30.25")),
        Blank("longitude", _("Longitude"), STATION, (*at, "longitude"), "number", hint=_("such as 120.15")),
        Blank(
            "provider", _("Provider"), STATION, (*at, "provider"), "choice", unset="open-meteo",
            choices=(("open-meteo", "Open-Meteo"), ("qweather", _("QWeather"))),
        ),
        Blank(
            "key", _("Key"), STATION, (*at, "key"), "secret", required=False,
            hint=_("QWeather needs one, and a business needs one of Open-Meteo. A key that is there is not shown."),
        ),
        Blank("host", _("API host (QWeather)"), STATION, (*at, "host"), required=False),
    ]  # fmt: skip


def _title(name: str, file: str, path: tuple[str | int, ...], plan: OpenPlan, label: str) -> list[Blank]:
    """A title as two fields; one that is a plain text in the file stays one."""
    if isinstance(entry(plan, file, path), str):
        return [Blank(name, label, file, path)]
    return [
        Blank(name, label, file, (*path, "zh")),
        Blank(f"{name}.en", f"{label} ({_('English')})", file, (*path, "en"), required=False),
    ]
