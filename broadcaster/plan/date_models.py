"""What one date may change about single dayparts and spots; and beds, which both know."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from broadcaster.plan.model_base import Model, listed
from broadcaster.plan.times import Moment, MomentField


class BedRule(Model):
    """The music under a daypart."""

    playlist: str
    order: Literal["listed", "shuffled"] = "listed"
    repeat: bool = True


def _bed_form(value: Any) -> str:
    return "silence" if value == "silence" else "music"


#: A plain union would report the faults of both forms.
Bed = Annotated[
    Annotated[Literal["silence"], Tag("silence")] | Annotated[BedRule, Tag("music")], Discriminator(_bed_form)
]


def short_bed(values: Any) -> Any:
    """``bed: light`` is short for ``bed: {playlist: light}``."""
    if isinstance(values, dict) and isinstance(values.get("bed"), str) and values["bed"] != "silence":
        return {**values, "bed": {"playlist": values["bed"]}}
    return values


class SpotChange(Model):
    """A rule on one date: ``skip``, or the times at which it airs instead of its own."""

    skip: bool = False
    at: Annotated[tuple[MomentField, ...], BeforeValidator(listed)] = ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, values: Any) -> Any:
        # ``weather: skip`` and ``weather: "10:10"`` are short for ``{skip: true}`` and ``{at: "10:10"}``.
        if values == "skip":
            return {"skip": True}
        return {"at": values} if isinstance(values, str | list | tuple | int | float | Moment) else values


class DaypartChange(Model):
    """A daypart on one date: what is not given stays as it is."""

    start: MomentField | None = Field(default=None, alias="from")
    end: MomentField | None = Field(default=None, alias="to")
    bed: Bed | None = None
    level: str | None = None
    dial: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _bed_forms(cls, values: Any) -> Any:
        return short_bed(values)
