"""Characters into what is said: words with their pinyin or phonemes, pauses, and what the author should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from broadcaster.voice.reading.english import Said, say_word, spelled
from broadcaster.voice.reading.lexicon import Hit, is_hanzi
from broadcaster.voice.reading.model import Doubt, Token
from broadcaster.voice.reading.pinyin import Syllable, Word, one_word, stand_in, words_of
from broadcaster.voice.reading.sentences import Spoken
from broadcaster.voice.reading.syllables import marked, marked_all
from broadcaster.voice.reading.trace import Char, span_of, text_of

_PAUSES = {
    "，": ",", "、": ",", ",": ",", "：": ":", ":": ":", "；": ";", ";": ";", "。": ".", ".": ".", "！": "!", "!": "!",
    "？": "?", "?": "?", "…": "…", "—": "—", "\n": "\n", "(": ",", ")": ",", "（": ",", "）": ",", "·": "", "/": ",",
}  # fmt: skip
_WRITTEN = {",": "，", ":": "：", ";": "；", ".": "。", "!": "！", "?": "？", "…": "…", "—": "—", "\n": "。"}
_AND = Spoken(Token("和", ("he2",)), "和")


@dataclass(slots=True)
class Heard:
    """What a text comes to, in order: what is said, ruby for the page, doubts."""

    spoken: list[Spoken] = field(default_factory=list)
    ruby: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def hear(source: str, chars: Sequence[Char], language: str) -> Heard:
    """Go through the characters of a text. ``language`` is that of the voice; it decides how letters are named."""
    heard = Heard()
    before = ""
    groups = list(_groups(chars))
    for number, group in enumerate(groups):
        first = group[0]
        after = text_of(groups[number + 1]) if number + 1 < len(groups) else ""
        if first.hit is not None and not is_hanzi(first.text):
            _given_word(heard, group, first.hit, language)
        elif is_hanzi(first.text) and language == "zh":
            _run(heard, source, group, before, after)
        elif _is_latin(first.text):
            _word(heard, source, group, language, model=_beside_digit(source, group))
        else:
            _other(heard, source, first, groups[number - 1] if number else (), after, language)
        before += text_of(group)
    return heard


def _groups(chars: Sequence[Char]) -> Iterator[list[Char]]:
    """Runs of hanzi, words in letters, the lexicon's words, and every other character by itself."""
    group: list[Char] = []
    for char in chars:
        if group and not _together(group[-1], char):
            yield group
            group = []
        group.append(char)
    if group:
        yield group


def _together(left: Char, right: Char) -> bool:
    hits = _apart(left), _apart(right)
    if any(hit is not None for hit in hits):
        return hits[0] is hits[1]
    if is_hanzi(left.text) and is_hanzi(right.text):
        return True
    inside = {"'", "’"}
    return (_is_latin(left.text) or left.text in inside) and (_is_latin(right.text) or right.text in inside)


def _apart(char: Char) -> Hit | None:
    """The lexicon's word, unless it is hanzi with pinyin: those stay in their sentence, where jieba sees them."""
    hit = char.hit
    return None if hit is None or (hit.entry.pinyin and is_hanzi(char.text)) else hit


def _is_latin(character: str) -> bool:
    return character.isalpha() and (character.isascii() or "À" <= character <= "ɏ")


def _beside_digit(source: str, group: Sequence[Char]) -> bool:
    start, end = span_of(group)
    return any(character.isdigit() for character in source[max(0, start - 2) : end + 2])


def _given_word(heard: Heard, group: Sequence[Char], hit: Hit, language: str) -> None:
    word, entry = text_of(group), hit.entry
    if entry.spelled or not entry.pinyin:
        _said(heard, word, spelled(entry.reading, language=language))
        return
    hanzi = stand_in(entry.pinyin) or word
    _said(heard, word, Said(word, "word", entry.pinyin, plain=hanzi))


def _word(heard: Heard, source: str, group: Sequence[Char], language: str, *, model: bool) -> None:
    start, end = _place(source, group)
    parts = say_word(text_of(group), language=language, model=model)
    if not parts:
        heard.ruby.append((text_of(group), ""))
        heard.doubts.append(Doubt("character", source[start:end], start, end, ""))
    for said in parts:
        _said(heard, said.text, said)
        if not said.sure:
            how = marked_all(said.pinyin) or (" ".join(said.text) if said.kind == "letters" else f"/{said.phonemes}/")
            heard.doubts.append(Doubt("unknown-word", source[start:end], start, end, how))


def _place(source: str, group: Sequence[Char]) -> tuple[int, int]:
    """Where a word stands; inside what the normaliser rewrote as a whole, where it is found again."""
    start, end = span_of(group)
    place = source.lower().find(text_of(group).lower(), start, end)
    return (place, place + len(group)) if place >= 0 else (start, end)


def _said(heard: Heard, shown: str, said: Said) -> None:
    token = Token(said.text, said.pinyin, said.phonemes, said.kind, said.sure)
    heard.spoken.append(Spoken(token, said.plain))
    heard.ruby.append((shown, marked_all(said.pinyin)))


def _run(heard: Heard, source: str, group: Sequence[Char], before: str, after: str) -> None:
    given: dict[int, str] = {}
    stands: dict[int, str] = {}
    for place, char in enumerate(group):
        if char.hit is not None and char.hit.entry.pinyin:
            given[place] = char.hit.entry.pinyin[char.start - char.hit.start]
            stands[place] = stand_in((given[place],))
    alone = group[0].hit is not None and not given  # said like other words, which are read by themselves
    words = one_word(text_of(group)) if alone else words_of(text_of(group), before, after, given)
    at = 0
    for word in words:
        part = group[at : at + len(word.text)]
        known = [syllable.sound for syllable in word.syllables if syllable.sound]
        text = "".join(char.text for char, one in zip(part, word.syllables, strict=True) if one.sound)
        if text:
            plain = "".join(stands.get(at + place) or char.text for place, char in enumerate(part))
            sure = all(syllable.sure for syllable in word.syllables)
            heard.spoken.append(Spoken(Token(text, tuple(known), sure=sure), plain))
        heard.ruby.append((word.text, marked_all(known)))
        heard.doubts += _doubts(source, part, word)
        at += len(word.text)


def _doubts(source: str, part: Sequence[Char], word: Word) -> Iterator[Doubt]:
    for char, syllable in zip(part, word.syllables, strict=True):
        if char.hit is not None:
            continue
        code = _doubt_code(syllable)
        if code:
            choices = tuple(marked(choice) for choice in syllable.choices)
            yield Doubt(code, source[char.start : char.end], char.start, char.end, marked(syllable.sound), choices)


def _doubt_code(syllable: Syllable) -> str:
    if not syllable.sound:
        return "character"
    if not syllable.sure:
        return "polyphone"
    return "rare-name" if syllable.rare else ""


def _other(heard: Heard, source: str, char: Char, last: Sequence[Char], after: str, language: str) -> None:
    """A mark, a space, or a character that no voice of this language reads."""
    heard.ruby.append((char.text, ""))
    spoken = heard.spoken
    if char.text == "&" and language == "zh":
        spoken.append(_AND)
        return
    if char.text == "&":
        _word(heard, source, [Char("and", char.start, char.end)], language, model=False)
        heard.ruby.pop()
        return
    mark = _PAUSES.get(char.text, "")
    if char.text == " " and last and is_hanzi(last[-1].text) and is_hanzi(after[:1]):
        mark = ","  # authors put spaces between hanzi to have a pause there
    if char.text in "./" and last and _is_latin(last[-1].text) and _is_latin(after[:1]):
        mark = ""  # inside a name
    if mark:
        _pause(spoken, mark)
    elif char.text.isalpha() or is_hanzi(char.text):
        heard.doubts.append(Doubt("character", source[char.start : char.end], char.start, char.end, ""))


def _pause(spoken: list[Spoken], mark: str) -> None:
    """One mark between words: the stronger of two that meet."""
    if not spoken:
        return
    if spoken[-1].token.kind != "pause":
        spoken.append(_mark(mark))
    elif _strength(mark) > _strength(spoken[-1].token.text):
        spoken[-1] = _mark(mark)


def _strength(mark: str) -> int:
    return 2 if mark in ".!?;…" else 1 if mark == "\n" else 0


@lru_cache(maxsize=16)
def _mark(mark: str) -> Spoken:
    return Spoken(Token(mark, kind="pause"), _WRITTEN[mark])
