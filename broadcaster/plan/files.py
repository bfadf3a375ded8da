"""YAML files with the line of every entry, so that a fault can point at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from broadcaster.plan.faults import Fault, did_you_mean

_Model = TypeVar("_Model", bound=BaseModel)

Keys = tuple[str | int, ...]

#: pydantic's and our own error types, and the fault that each becomes.
_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown-key",
    "literal_error": "bad-choice",
    "bad_time": "bad-time",
    "bad_clock": "bad-clock",
    "bad_length": "bad-length",
    "bad_gain": "bad-gain",
    "bad_timezone": "bad-timezone",
    "bad_country": "bad-country",
    "not_one_of": "not-one-of",
    "windows_missing": "windows-missing",
    "string_pattern_mismatch": "bad-id",
    "model_type": "not-mapping",
    "dict_type": "not-mapping",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the plan: its plain content and where each entry stands."""

    file: str
    """Path relative to the home folder, with ``/``."""
    content: Any
    lines: Mapping[Keys, int] = field(default_factory=dict)
    """Line, from 1, of each entry's name (of each item, in a list)."""

    def line(self, keys: Keys) -> int | None:
        """Line of an entry, or of the nearest one around it."""
        for end in range(len(keys), -1, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return None

    def fault(self, code: str, keys: Keys, value: Any = None, *, blocking: bool = True, **params: Any) -> Fault:
        """A fault at an entry of this file."""
        return Fault(code, self.file, self.line(keys), entry_name(keys), value, params, blocking)


def entry_name(keys: Keys) -> str:
    """``dayparts[2].bed.playlist``; list items count from 0, as in the API."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def new_yaml() -> YAML:
    """A YAML 1.2 reader and writer that keeps comments, quotes and order (1.2: ``9:20`` and ``on`` stay text)."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.allow_duplicate_keys = False
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def read(path: Path, file: str, instead: str | None = None) -> tuple[Document | None, list[Fault]]:
    """The document in a file (or in the text that stands for it), or the fault that keeps it from being read."""
    try:
        text = path.read_bytes().decode("utf-8-sig") if instead is None else instead
    except FileNotFoundError:
        return None, [Fault("file-missing", file)]
    except (OSError, UnicodeDecodeError) as error:
        return None, [Fault("file-unreadable", file, params={"reason": str(error)})]
    try:
        loaded = new_yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = str(error.problem or error.context)
        return None, [Fault("not-yaml", file, mark.line + 1 if mark else None, params={"reason": reason})]
    except (YAMLError, ValueError) as error:
        return None, [Fault("not-yaml", file, params={"reason": str(error)})]
    if not isinstance(loaded, CommentedMap):
        return None, [Fault("not-mapping", file, 1, value=loaded)]
    return Document(file, _plain(loaded), dict(_lines(loaded, ()))), []


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    return node


def _lines(node: Any, keys: Keys) -> Iterator[tuple[Keys, int]]:
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            yield (*keys, str(key)), node.lc.key(key)[0] + 1
            yield from _lines(value, (*keys, str(key)))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            yield (*keys, index), node.lc.item(index)[0] + 1
            yield from _lines(value, (*keys, index))


def validate(document: Document, model: type[_Model]) -> tuple[_Model | None, list[Fault]]:
    """The document as a model, or all its faults."""
    try:
        return model.model_validate(document.content), []
    except ValidationError as error:
        return None, [_translated(document, model, detail) for detail in error.errors()]


def _translated(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Fault:
    keys = tuple(detail["loc"])
    # Steps that pydantic adds for unions are no entries of the file.
    while keys and document.content is not None and not _exists(document.content, keys[:-1]):
        keys = keys[:-1]
    code = _CODES.get(detail["type"], "bad-value")
    context = dict(detail.get("ctx") or {})
    params: dict[str, Any] = {"reason": detail["msg"], **context}
    value = detail["input"]
    if code == "unknown-key":
        params["hint_zh"], params["hint_en"] = did_you_mean(keys[-1], _names_at(model, keys[:-1]))
        value = None
    elif code == "bad-choice":
        choices = [
            part.strip().strip("'") for part in str(context.get("expected", "")).replace(" or ", ", ").split(",")
        ]
        params["hint_zh"], params["hint_en"] = did_you_mean(value, choices)
    elif code in ("missing", "not-one-of", "windows-missing"):
        value = None
    params.setdefault("hint_zh", "")
    params.setdefault("hint_en", "")
    return document.fault(
        code, keys, value if not isinstance(value, Mapping | Sequence) or isinstance(value, str) else None, **params
    )


def _exists(content: Any, keys: Keys) -> bool:
    for key in keys:
        if isinstance(content, Mapping) and key in content:
            content = content[key]
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            return False
    return True


def _names_at(model: type[BaseModel], keys: Keys) -> list[str]:
    """Names that are allowed at a place in a model: what an unknown name was probably meant to be."""
    current: Any = model
    for key in keys:
        if isinstance(key, int) or get_origin(current) is dict:
            # An item of a list is of the kind found already; an entry of a mapping is of the mapping's kind.
            current = _inner(current)
        elif isinstance(model_here := _inner(current), type):
            known = model_here.model_fields.get(key) or next(
                (spec for spec in model_here.model_fields.values() if spec.alias == key), None
            )
            current = known.annotation if known else None
    found = _inner(current)
    return [spec.alias or name for name, spec in found.model_fields.items()] if found else []


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model inside ``tuple[Model, ...]``, ``dict[str, Model]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _inner(argument)) is not None:
            return found
    return None
