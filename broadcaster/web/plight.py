"""What the first page says where it is not the programme that sounds: a call, a start, or no way out for the sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadcaster.publishing.preparing import in_hand
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import title_of
from broadcaster.web.words import said

UNHEARD_S = 5.0
"""So long nothing is heard that should: no longer the pause between two tracks."""


@dataclass(frozen=True, slots=True)
class Plight:
    """Stands on the page in place of the programme."""

    mode: str
    """As in :class:`broadcaster.web.live.Live`."""
    headline: str
    by: str = ""
    """Who had it so, and why; empty for whoever may not know."""
    after: str = ""
    """What comes next, in place of a list of what will not come; empty where the list is true."""


def called(call: Mapping[str, Any]) -> Plight:
    """An emergency, the building's fire alarm, or somebody who speaks."""
    reason = said(call.get("reason"))
    if call["kind"] == "live":
        # Their name is all that there is to know of it.
        who = call.get("who")
        headline = _("%(who)s is speaking") % {"who": who} if who else _("Somebody is speaking")
        return Plight("call", headline, "", _("Afterwards the programme of that time goes on."))
    after = _("When the emergency is over, the programme of that time goes on.")
    if call.get("silent"):
        return Plight("call", _("Fire alarm: everything is silent"), reason, after)
    by = _(", ").join(word for word in (call.get("who"), reason) if word)
    words = _("Fire alarm, said over and over: %(title)s") if call.get("fire") else _("Said over and over: %(title)s")
    return Plight("call", words % {"title": title_of(call)}, by, after)


def without_sound(status: Mapping[str, Any]) -> Plight | None:
    """Why nothing is heard that should be; None where it is, as far as is known."""
    health, air = status["health"], status["on_air"]
    playing = bool(air.get("track") or air.get("spot"))
    unheard = (health.get("dead_air_s") or 0.0) >= UNHEARD_S
    if not air.get("segment") and not air.get("spot"):
        return None
    why = said(health.get("ear_reason"))
    if health.get("output_gone"):
        words = _("No sound output: the sound card was unplugged or switched off, or the sound service stopped")
        return Plight("nothing", words, _("%(why)s; trying again") % {"why": why} if why else _("Trying again"))
    if health["ear"] == "lost" and (unheard or not playing):
        return Plight("nothing", _("The sound service has stopped; trying again"), why)
    if health["engine"] == "lost":
        return Plight("nothing", _("The player has stopped; trying again"))
    codes = [alert["code"] for alert in health.get("alerts", ())] + list(health.get("pending", ()))
    if unheard and "volume-muted" in codes:
        return Plight("nothing", _("This PC is muted"))
    if unheard and playing:
        return Plight("nothing", _("Nothing is heard; trying to bring it back"))
    return None


def starting(status: Mapping[str, Any]) -> Plight | None:
    """While nothing can sound yet; None once it could."""
    plan, air = status["plan"], status["on_air"]
    unread = plan["loaded_at"] is None
    if air.get("track") or air.get("spot") or air.get("silence"):
        return None
    doing = in_hand(plan.get("preparing") or "")
    after = _("It is shown here as soon as the programme is ready.") if unread else ""
    if doing is not None and (unread or air.get("segment")):
        words = _("Preparing sounds: %(what)s (%(left)s to go)")
        return Plight("starting", words % {"what": doing.what, "left": doing.left}, "", after)
    if unread and plan["faults"]:
        return Plight("nothing", _("The programme has faults and can't be aired yet"), "", after)
    if unread or status["health"]["engine"] == "starting":
        return Plight("starting", _("Starting"), "", after)
    return None
