"""Goes on with a file that has faults, so that all of them are told at once, and none that the mending itself made.

What is wrong is taken out, or something harmless is put in its place, and the rest is looked at again. The result is
for finding more faults only: a plan with a file that needed mending never goes on air.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from broadcaster.plan.faults import Fault, nearest
from broadcaster.plan.files import Document, Keys, entry_keys, entry_name, names_at, translated

_Model = TypeVar("_Model", bound=BaseModel)

_ROUNDS = 12
_WINDOW = {"from": "00:00", "to": "24:00"}

#: What stands for an entry that is needed and can't be used as it is.
_STAND_INS: dict[str, Any] = {
    "id": "unnamed", "title": "?", "name": "?", "zh": "?", "timezone": "UTC", "range": [0, 0], "playlist": "?",
    "from": "00:00", "to": "24:00", "bed": "silence", "rule": "skip", "gap": 0,
    "at": "00:00", "every": 3600, "loop": {"gap": 0}, "windows": [_WINDOW], "script": "?", "rotation": "?",
}  # fmt: skip

#: Error types that mean: an entry of another shape belongs here.
_SHAPES = frozenset({"model_type", "dict_type", "model_attributes_type"})

#: Entries without which nothing can be said about the rest of a file.
_PILLARS = frozenset({"dayparts", "spots", "rotations", "levels", "hours", "day_types", "dates"})


@dataclass(frozen=True, slots=True)
class Salvage(Generic[_Model]):
    """What could be saved of a document."""

    model: _Model | None
    faults: list[Fault]
    made: set[Keys] = field(default_factory=set)
    """Entries that are not what the file says: nothing that follows from them is a fault."""

    @property
    def whole(self) -> bool:
        """Whether the document needed no mending."""
        return self.model is not None and not self.faults

    def broken(self, group: str) -> set[Any]:
        """Names or numbers of the entries of a group that are not what the file says."""
        return {keys[1] for keys in self.made if len(keys) > 1 and keys[0] == group}

    def invented(self, fault: Fault) -> bool:
        """Whether a fault only shows in what the mending put there."""
        names = (entry_name(keys) for keys in self.made)
        return any(fault.field == name or fault.field.startswith((f"{name}.", f"{name}[")) for name in names)


def salvage(document: Document, model: type[_Model]) -> Salvage[_Model]:
    """The document as a model, mended where need be, and all its faults."""
    work = _Work(document, model, copy.deepcopy(document.content))
    for _ in range(_ROUNDS):
        try:
            return Salvage(model.model_validate(work.content), work.faults, work.made)
        except ValidationError as error:
            if not work.mend(error.errors()):
                break
    return Salvage(None, work.faults, work.made)


@dataclass(slots=True)
class _Work:
    document: Document
    model: type[BaseModel]
    content: Any
    faults: list[Fault] = field(default_factory=list)
    made: set[Keys] = field(default_factory=set)

    def mend(self, details: Iterable[ErrorDetails]) -> bool:
        """Tell and mend one round of faults; False where that is not possible."""
        possible = True
        # Misspelt names first: what they were meant to be is then not missing.
        for detail in sorted(details, key=lambda one: one["type"] != "extra_forbidden"):
            keys = entry_keys(self.content, detail)
            if detail["type"] == "missing" and keys[-1] in _at(self.content, keys[:-1]):
                continue
            if not any(keys[:end] in self.made for end in range(1, len(keys) + 1)):
                self.faults.append(translated(self.document, self.model, detail, keys))
            possible = self._mend(keys, detail) and possible
        return possible

    def _mend(self, keys: Keys, detail: ErrorDetails) -> bool:
        kind = detail["type"]
        if not keys or (len(keys) == 1 and keys[0] in _PILLARS):
            return False
        if kind == "extra_forbidden":
            self._rename(keys)
        elif kind == "not_one_of":
            names = str((detail.get("ctx") or {})["names"]).split(", ")
            for name in names:
                _at(self.content, keys).pop(name, None)
            self._put((*keys, names[0]))
        elif kind == "windows_missing":
            self._put((*keys, "windows"))
        elif kind in _SHAPES:
            self._set(keys, {})
        else:
            parent = _at(self.content, keys[:-1])
            self._put(keys[:-1] if isinstance(parent, list) else keys, take_out="[key]" in detail["loc"])
        return True

    def _put(self, keys: Keys, *, take_out: bool = False) -> None:
        """Put a stand-in at a place, or take away what is there."""
        if keys[0] == "hours":
            self._set(keys, {"open": "00:00", "close": "24:00"}[str(keys[-1])])
        elif keys[-1] in _STAND_INS and not take_out:
            self._set(keys, copy.deepcopy(_STAND_INS[str(keys[-1])]))
        else:
            self.made.add(keys)
            parent = _at(self.content, keys[:-1])
            if isinstance(parent, dict):
                parent.pop(keys[-1], None)

    def _set(self, keys: Keys, value: Any) -> None:
        self.made.add(keys)
        _at(self.content, keys[:-1])[keys[-1]] = value

    def _rename(self, keys: Keys) -> None:
        """Take an unknown name as the known one that it resembles: the entry was hardly meant to be ignored."""
        parent = _at(self.content, keys[:-1])
        value = parent.pop(keys[-1])
        free = [name for name in names_at(self.model, keys[:-1]) if name not in parent]
        if near := nearest(keys[-1], free):
            parent[near] = value
            meant = (*keys[:-1], near)
            moved = {
                (*meant, *place[len(keys) :]): line
                for place, line in self.document.lines.items()
                if place[: len(keys)] == keys
            }
            self.document = replace(self.document, lines={**self.document.lines, **moved})


def _at(content: Any, keys: Keys) -> Any:
    for key in keys:
        content = content[key]
    return content
