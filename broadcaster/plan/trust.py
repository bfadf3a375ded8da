"""What of a mended draft may be believed, so that no fault is told that only comes of another one."""

from __future__ import annotations

from broadcaster.plan.calendar import Day
from broadcaster.plan.faults import Fault
from broadcaster.plan.load import Draft
from broadcaster.plan.models import Daypart, Levels, Programme

_TIMED_BY = frozenset({"id", "from", "to", "days", "except"})


def sound_programme(draft: Draft, programme: Programme) -> Programme:
    """The programme without what is not as its file says: silence where only a bed is in doubt, so times still hold."""
    broken = draft.broken("programme", "spots")
    return programme.model_copy(
        update={
            "dayparts": tuple(_sound(draft, index, daypart) for index, daypart in enumerate(programme.dayparts)),
            "spots": tuple(rule for index, rule in enumerate(programme.spots) if index not in broken),
        }
    )


def _sound(draft: Draft, index: int, daypart: Daypart) -> Daypart:
    if index not in draft.broken("programme", "dayparts"):
        return daypart
    if index in _untimed(draft):
        # No day is of this type: the place in the list stays, so that the others keep their numbers.
        return daypart.model_copy(update={"days": ("?",)})
    return daypart.model_copy(update={"bed": "silence", "level": None, "dial": None})


def sound_levels(draft: Draft, levels: Levels) -> Levels:
    """The levels whose numbers are as the file says."""
    broken = draft.broken("levels", "levels")
    kept = {name: level for name, level in levels.levels.items() if name not in broken}
    return levels.model_copy(update={"levels": kept})


def believable_day(draft: Draft, day: Day) -> bool:
    """Whether a day's types and hours are as the files say, and make sense."""
    hours = draft.calendar.hours if draft.calendar else None
    return (
        hours is not None
        and hours.open < hours.close
        and not (
            draft.broken("calendar", "hours")
            or draft.broken("calendar", "day_types") & day.type_set
            or day.date.isoformat() in draft.broken("calendar", "dates")
        )
    )


def believable(draft: Draft, fault: Fault) -> bool:
    """Whether a fault is not just a consequence of one that was told already."""
    doubtful: set[str] = set()
    if _untimed(draft):
        doubtful |= {"hole", "no-dayparts", "spot-outside"}
    if draft.broken("programme", "rotations"):
        doubtful.add("empty-rotation")
    if draft.broken("levels", "dial"):
        doubtful |= {"level-too-loud", "dial-unmapped"}
    return fault.code not in doubtful and not draft.invented(fault)


def _untimed(draft: Draft) -> set[int]:
    """Dayparts of which it is not known when they hold."""
    salvaged = draft.salvaged.get("config/programme.yaml")
    made = salvaged.made if salvaged else set()
    return {
        int(keys[1])
        for keys in made
        if keys[0] == "dayparts" and (len(keys) == 2 or not _TIMED_BY.isdisjoint(map(str, keys[2:3])))
    }
