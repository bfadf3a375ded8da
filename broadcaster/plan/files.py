"""YAML files with the line of every entry, so that a fault can point at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from broadcaster.plan.faults import Fault, did_you_mean, nearest
from broadcaster.plan.yaml_reasons import reasons

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
        text = path.read_bytes().decode("utf-8-sig") if instead is None else instead.removeprefix("\ufeff")
    except FileNotFoundError:
        return None, [Fault("file-missing", file)]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [Fault("file-unreadable", file, line, params={"reason": str(error)})]
    except OSError as error:
        return None, [Fault("file-unreadable", file, params={"reason": error.strerror or str(error)})]
    document, faults = parsed(file, text)
    return document, list(faults)


@lru_cache(maxsize=64)
def parsed(file: str, text: str) -> tuple[Document | None, tuple[Fault, ...]]:
    """As :func:`read`, of a text. What was parsed before is not parsed again: nobody may change what it holds."""
    text = text.removeprefix("\ufeff")
    try:
        loaded = new_yaml().load(text)
        if isinstance(loaded, CommentedMap):
            return Document(file, _plain(loaded), dict(_lines(loaded, ()))), ()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = str(error.problem or error.context)
        return None, (Fault("not-yaml", file, mark.line + 1 if mark else None, params=reasons(reason)),)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, (Fault("not-yaml", file, line, params=reasons(error.reason)),)
    except (YAMLError, ValueError) as error:
        return None, (Fault("not-yaml", file, params=reasons(str(error))),)
    except RecursionError:
        return None, (Fault("not-yaml", file, params=reasons("an entry contains itself, or too many others")),)
    return None, (Fault("not-mapping", file, 1, value=_plain(loaded)),)


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    # The reader's own kinds of numbers remember how they were written.
    if isinstance(node, float):
        return float(node)
    return int(node) if isinstance(node, int) and not isinstance(node, bool) else node


def _lines(node: Any, keys: Keys) -> Iterator[tuple[Keys, int]]:
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            # What is merged in (``<<: *other``) has no line here: the nearest entry around it stands for it.
            if key in (node.lc.data or ()):
                yield (*keys, str(key)), node.lc.key(key)[0] + 1
            yield from _lines(value, (*keys, str(key)))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            yield (*keys, index), node.lc.item(index)[0] + 1
            yield from _lines(value, (*keys, index))


def entry_keys(content: Any, detail: ErrorDetails) -> Keys:
    """The place in a file that an error of pydantic means: without the steps that it adds for its own alternatives."""
    keys: list[str | int] = []
    node = content
    loc = detail["loc"]
    for number, step in enumerate(loc, 1):
        found = step in node if isinstance(node, Mapping) else isinstance(node, list) and step in range(len(node))
        if found:
            node = node[step]
        elif not (number == len(loc) and detail["type"] == "missing"):
            continue
        keys.append(step)
    return tuple(keys)


def translated(document: Document, model: type[BaseModel], detail: ErrorDetails, keys: Keys) -> Fault:
    """pydantic's error as a fault of the file."""
    code = _CODES.get(detail["type"], "bad-value")
    context = dict(detail.get("ctx") or {})
    params: dict[str, Any] = {"hint_zh": "", "hint_en": "", "reason": detail["msg"], **context}
    value = detail["input"]
    if code == "unknown-key":
        params["hint_zh"], params["hint_en"] = did_you_mean(keys[-1], names_at(model, keys[:-1]))
        value = None
    elif code == "bad-choice":
        choices = [
            part.strip().strip("'") for part in str(context.get("expected", "")).replace(" or ", ", ").split(",")
        ]
        params["hint_zh"], params["hint_en"] = did_you_mean(value, choices)
    elif code in ("missing", "not-one-of", "windows-missing"):
        value = None
    elif code == "bad-timezone":
        # All the world's zones are too many to list.
        near = nearest(value, available_timezones())
        params["hint_zh"], params["hint_en"] = did_you_mean(value, [near]) if near else ("", "")
    return document.fault(
        code, keys, value if not isinstance(value, Mapping | Sequence) or isinstance(value, str) else None, **params
    )


def names_at(model: type[BaseModel], keys: Keys) -> list[str]:
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
