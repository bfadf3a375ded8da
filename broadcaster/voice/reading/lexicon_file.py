"""The lexicon as a file that staff edit: ``config/lexicon.csv``, read with all its faults, written line by line.

One entry a line: word, reading, note. A reading in hanzi means "say it like this"; in pinyin, with tone marks or
numbers, it is the reading itself; single capitals with spaces (``V I P``) are spelled. ``#`` starts a comment.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import UsageError
from broadcaster.settings import write_whole
from broadcaster.voice.reading.lexicon import Entry, folded, is_hanzi
from broadcaster.voice.reading.syllables import close_to

HEADER = "词,读法,备注"
_HEADINGS = ("词", "词语", "word")
_PINYIN_LETTERS = re.compile(r"[a-zA-ZüÜ:\u00c0-\u01dc0-9\s'’·\u0300-\u0308\u030c\-]+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class LexiconFault:
    """One thing wrong with one line, in both languages, each with its remedy."""

    file: str
    line: int
    value: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.zh} / {self.en}"


def read_entries(path: Path) -> tuple[tuple[Entry, ...], list[LexiconFault]]:
    """The entries of a file and all its faults; no entries and no faults when there is no file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return (), []
    except OSError as error:
        fault = LexiconFault(path.name, 0, "", f"读不了这个文件:{error}", f"the file can't be read: {error}")
        return (), [fault]
    text, faults = _decoded(raw, path.name)
    entries, more = parse_entries(text, path.name)
    return entries, faults + more


def parse_entries(text: str, file: str) -> tuple[tuple[Entry, ...], list[LexiconFault]]:
    """The entries of a file's text in their order, and all faults; a faulty line gives no entry."""
    entries: dict[str, Entry] = {}
    lines: dict[str, int] = {}
    faults: list[LexiconFault] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        cells = _cells(line)
        if cells is None or (not entries and cells[0].lower() in _HEADINGS):
            continue
        word, reading, note = cells
        said = fault_of(word, reading)
        if said is None and folded(word) in entries:
            first = lines[folded(word)]
            said = (
                f"「{word}」第 {first} 行已经有了,只留一行",
                f"{word!r} stands on line {first} already; keep one of the two",
            )
        if said is not None:
            faults.append(LexiconFault(file, number, reading or word, *said))
        else:
            entries[folded(word)] = Entry(word, reading, note)
            lines[folded(word)] = number
    return tuple(entries.values()), faults


def fault_of(word: str, reading: str) -> tuple[str, str] | None:
    """What is wrong with an entry, in Chinese and English, or None."""
    if not any(character.isalnum() for character in word):
        return f"没有词(读法「{reading}」);写成 词,读法", f"no word for the reading {reading!r}; write word,reading"
    if not reading:
        return (
            f"「{word}」没有读法;写拼音或同音的汉字",
            f"{word!r} has no reading; write pinyin or words that sound like it",
        )
    entry = Entry(word, reading)
    if entry.spelled:
        return None
    if _PINYIN_LETTERS.fullmatch(reading):
        return _pinyin_fault(entry)
    if _DIGIT.search(reading):
        return (
            f"「{word}」的读法「{reading}」里有数字;把数字写成汉字",
            f"the reading {reading!r} of {word!r} has digits; write them as words",
        )
    if not any(is_hanzi(character) for character in reading):
        return (
            f"「{word}」的读法「{reading}」没法念",
            f"the reading {reading!r} of {word!r} can't be said; use pinyin or hanzi",
        )
    return None


def put_entry(path: Path, entry: Entry) -> None:
    """Add an entry, or change the one of that word where it stands; every other line stays as it was.

    Raises ``UsageError`` when the entry has a fault, ``OSError`` when the file can't be written.
    """
    fault = fault_of(entry.word, entry.reading)
    if fault is not None:
        raise UsageError(" / ".join(fault))
    if entry.word.startswith("#"):
        raise UsageError(
            f"“{entry.word}”以 # 开头,会被当作注释,请去掉 # / "
            f"“{entry.word}” begins with #, which makes a remark of its line: leave the # out"
        )
    _edit(path, entry.word, _line(entry))


def remove_entry(path: Path, word: str) -> bool:
    """Take a word out; False when the file does not have it. A default that ships holds again for it."""
    return _edit(path, word, None)


def _edit(path: Path, word: str, line: str | None) -> bool:
    text = _decoded(path.read_bytes(), path.name)[0] if path.exists() else f"\ufeff{HEADER}\n"
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    ending = "\r\n" if "\r\n" in text else "\n"
    kept: list[str] = []
    found = False
    for old in text.removeprefix("\ufeff").splitlines():
        cells = _cells(old)
        if cells is None or folded(cells[0]) != folded(word):
            kept.append(old)
        elif not found:
            found = True
            if line is not None:
                kept.append(line)
    if line is not None and not found:
        kept.append(line)
    if line is not None or found:
        write_whole(path, bom + "".join(old + ending for old in kept))
    return found


def _cells(line: str) -> tuple[str, str, str] | None:
    """Word, reading and note of a line; None for an empty line and a comment."""
    if not line.strip(" ,\t") or line.lstrip().startswith("#"):
        return None
    separator = next((sign for sign in (",", "，", "\t") if sign in line), ",")
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    return cells[0], cells[1] if len(cells) > 1 else "", separator.join(cells[2:]).strip(separator)


def _line(entry: Entry) -> str:
    out = io.StringIO()
    cells = [entry.word, entry.reading] + ([entry.note] if entry.note else [])
    csv.writer(out, lineterminator="").writerow([" ".join(cell.split()) for cell in cells])
    return out.getvalue()


def _pinyin_fault(entry: Entry) -> tuple[str, str] | None:
    if not entry.pinyin:
        near = close_to(entry.reading)
        return (
            f"「{entry.word}」的读法「{entry.reading}」不是拼音" + (f",是不是「{near}」?" if near else ";查一下拼写"),
            f"the reading {entry.reading!r} of {entry.word!r} is not pinyin; "
            + (f"did you mean {near!r}?" if near else "check its spelling"),
        )
    if all(is_hanzi(character) for character in entry.word) and len(entry.pinyin) != len(entry.word):
        counts = len(entry.word), len(entry.pinyin)
        return (
            f"「{entry.word}」有 {counts[0]} 个字,读法「{entry.reading}」有 {counts[1]} 个音节;一字一音",
            f"{entry.word!r} has {counts[0]} characters, {entry.reading!r} {counts[1]} syllables; one for each",
        )
    return None


def _decoded(raw: bytes, file: str) -> tuple[str, list[LexiconFault]]:
    """Text of the file. Excel in a Chinese Windows saves CSV in GBK unless told otherwise: read, and pointed out."""
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        zh = "文件不是 UTF-8 编码;请另存为「CSV UTF-8」"
        fault = LexiconFault(file, 0, "", zh, "the file is not UTF-8; save it as CSV UTF-8")
        return raw.decode("gb18030", errors="replace"), [fault]
