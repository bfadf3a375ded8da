"""What all models of the plan are made of: their base, titles, names and decibels."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]


class Model(BaseModel):
    """Base of all plan models."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


def _parse_title(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str) else value


class Names(Model):
    """A title in the languages of the house."""

    zh: str
    en: str = ""

    def text(self, language: str = "zh") -> str:
        """The title in a language, Chinese where there is no other."""
        return (self.en or self.zh) if language == "en" else self.zh


Title = Annotated[Names, BeforeValidator(_parse_title)]


def _parse_gain(value: Any) -> Any:
    if isinstance(value, str):
        match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(?:dB)?", value.strip(), re.IGNORECASE)
        if match is None:
            raise PydanticCustomError("bad_gain", "not a number of decibels")
        return float(match[1])
    return value


Decibels = Annotated[float, BeforeValidator(_parse_gain)]


def listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]
