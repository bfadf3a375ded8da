"""Words that the law keeps out of advertising, read from ``config/advertising-words.yaml``; the store may edit it.

The file says for each group of words which rule it comes from. What a group calls ``allowed`` are harmless phrases that
contain one of the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from broadcaster.notices.lint_remark import Severity
from broadcaster.notices.numbers import folded
from broadcaster.plan.faults import Fault, did_you_mean
from broadcaster.plan.files import Document, Keys, entry_keys, read, translated
from broadcaster.plan.models import Identifier, Model, Title

FILE = "config/advertising-words.yaml"

Word = Annotated[str, Field(min_length=1, max_length=30)]


class Source(Model):
    """A law or guideline that a group of words comes from."""

    title: Title
    note: Title
    """What the author should do about such a word."""
    text: str = ""
    """What the rule says, in short, and where it can be read."""


class Group(Model):
    """Words with one source."""

    source: str
    severity: Literal["serious", "advice"] = "serious"
    """In an advertisement; in a service notice it is always advice."""
    ends_clause: bool = False
    """Whether the words count only where a clause ends: “销量第一” boasts, “第一次” does not."""
    words: tuple[Word, ...]
    allowed: tuple[Word, ...] = ()


class WordList(Model):
    """``config/advertising-words.yaml``."""

    sources: dict[Identifier, Source]
    groups: tuple[Group, ...] = ()
    allowed: tuple[Word, ...] = ()
    """Harmless phrases for all groups: the store's brands and standing terms go here."""


@dataclass(frozen=True)
class Hit:
    """A word found in a text."""

    start: int
    end: int
    word: str
    severity: Severity
    source: Source


@dataclass(frozen=True)
class AdvertisingWords:
    """The word list, ready to search."""

    listed: WordList = field(default_factory=lambda: WordList(sources={}))

    def find(self, text: str) -> Iterator[Hit]:
        """Every word in the text that stands in no harmless phrase, from left to right, the longest at each place.

        Full-width forms and blanks inside a word do not hide it.
        """
        plain = folded(text)
        allowed = [match.span(1) for match in self._allowed.finditer(plain)] if self._allowed else []
        taken = 0
        hits = sorted(self._hits(plain), key=lambda hit: (hit.start, hit.start - hit.end))
        for hit in hits:
            if hit.start >= taken and not any(start <= hit.start and hit.end <= end for start, end in allowed):
                taken = hit.end
                yield hit

    def _hits(self, plain: str) -> Iterator[Hit]:
        for pattern, group in self._patterns:
            source = self.listed.sources[group.source]
            for match in pattern.finditer(plain):
                yield Hit(match.start(), match.end(), match[0], group.severity, source)

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Group], ...]:
        return tuple((_pattern(group.words, group.ends_clause), group) for group in self.listed.groups if group.words)

    @cached_property
    def _allowed(self) -> re.Pattern[str] | None:
        phrases = (*self.listed.allowed, *(phrase for group in self.listed.groups for phrase in group.allowed))
        # Looking ahead finds phrases that overlap as well.
        return re.compile(f"(?=({_any_of(phrases)}))", re.IGNORECASE) if phrases else None


def _pattern(words: tuple[str, ...], ends_clause: bool) -> re.Pattern[str]:
    ending = r"(?=\s*(?:[^\w\s]|$))" if ends_clause else ""
    # “第一,请勿奔跑;第二……” counts, it does not boast: something must stand before the word.
    beginning = r"(?<=\w)" if ends_clause else ""
    return re.compile(f"{beginning}(?:{_any_of(words)}){ending}", re.IGNORECASE)


def _any_of(words: tuple[str, ...]) -> str:
    longest_first = sorted({"".join(folded(word).split()) for word in words}, key=len, reverse=True)
    return "|".join(r"\s*".join(map(re.escape, word)) for word in longest_first if word)


def load_words(home: Path) -> tuple[AdvertisingWords, list[Fault]]:
    """The home folder's list, with every fault in it; what can't be used is left out of the list, the rest works.

    No fault of it blocks: the programme does not need it. A store without the file has an empty list and no fault.
    """
    path = home / FILE
    if not path.exists():
        return AdvertisingWords(), []
    document, faults = read(path, FILE)
    listed = None
    if document is not None:
        content = document.content
        try:
            listed = WordList.model_validate(content)
        except ValidationError as error:
            bad = [(detail, entry_keys(content, detail)) for detail in error.errors()]
            faults += [translated(document, WordList, detail, keys) for detail, keys in bad]
            listed = _rest(content, [keys for _, keys in bad])
        faults += _unknown_sources(document, listed)
    return _searchable(listed or WordList(sources={})), [replace(fault, blocking=False) for fault in faults]


def _rest(content: dict[str, Any], bad: list[Keys]) -> WordList:
    """What the file says without its faulty groups, sources and entries."""
    gone = {keys[:2] for keys in bad}
    sources, groups = content.get("sources"), content.get("groups")
    rest: dict[str, Any] = {"sources": {}, "groups": []}
    if isinstance(sources, dict):
        rest["sources"] = {name: entry for name, entry in sources.items() if ("sources", name) not in gone}
    if isinstance(groups, list):
        rest["groups"] = [group for number, group in enumerate(groups) if ("groups", number) not in gone]
    if not any(keys[:1] == ("allowed",) for keys in bad):
        rest["allowed"] = content.get("allowed", ())
    return WordList.model_validate(rest)


def _unknown_sources(document: Document, listed: WordList) -> list[Fault]:
    groups, sources = document.content.get("groups"), document.content.get("sources")
    if not isinstance(groups, list) or not isinstance(sources, dict):
        return []
    hint_zh, hint_en = did_you_mean("", listed.sources)
    named = [group.get("source") if isinstance(group, dict) else None for group in groups]
    return [
        document.fault("bad-choice", ("groups", number, "source"), source, hint_zh=hint_zh, hint_en=hint_en)
        for number, source in enumerate(named)
        if isinstance(source, str) and source not in sources
    ]


def _searchable(listed: WordList) -> AdvertisingWords:
    known = tuple(group for group in listed.groups if group.source in listed.sources)
    return AdvertisingWords(listed.model_copy(update={"groups": known}))
