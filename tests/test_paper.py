"""What is printed: lines break as Chinese does, tables go over pages, and a font that is missing costs no words."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path

import pypdf
import pytest

from broadcaster.errors import PaperError, TooOften
from broadcaster.paper import Column, Heading, Paper, Part, Picture, Signature, Table, Text, pdf, printing
from broadcaster.paper import drawing as drawing_module
from broadcaster.paper.drawing import draw
from broadcaster.paper.fonts import BUILT_IN, Face
from broadcaster.paper.layout import Image, Measures, Words, lay_out


@pytest.fixture(scope="module")
def face() -> Face:
    return Face(bold=False)


def test_a_line_never_begins_with_punctuation(face: Face) -> None:
    found = face.lines("欢迎光临本商场，祝您购物愉快。" * 20, 7)
    assert "".join(found) == "欢迎光临本商场，祝您购物愉快。" * 20
    assert not any(line[0] in "，。" for line in found) and max(map(face.measure, found)) <= 7


def test_latin_words_stay_whole_and_too_long_ones_do_not(face: Face) -> None:
    assert face.lines("one Welcome speech", 5) == ["one", "Welcome", "speech"]
    assert "".join(face.lines("x" * 100, 10)) == "x" * 100


def test_letters_without_a_shape_are_boxes_and_control_characters_go(face: Face) -> None:
    assert face.printable("好\U0001f600\u200b\x07的") == "好□的"


def read(data: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]


def test_a_table_repeats_its_head_and_keeps_all_rows() -> None:
    rows = [[f"第{number}行", "欢迎 <b>光临</b> & 再见"] for number in range(120)]
    pages = read(draw(Paper("表", [], [Table([Column("号码", 20), Column("话")], rows)])))
    assert len(pages) > 2 and all("号码" in page for page in pages)
    whole = "".join(pages)
    assert all(f"第{number}行" in whole for number in range(120)) and "<b>光临</b> &" in whole


def test_a_row_higher_than_a_page_goes_on() -> None:
    words = "".join(chr(0x4E00 + number) for number in range(2500))
    pages = read(draw(Paper("长", [], [Table([Column("话", 15)], [[words]])])))
    whole = "".join("".join(pages).split())
    assert len(pages) > 3 and all(char in whole for char in words)


SQUARE = Measures(
    lines=lambda words, width, bold: words.split("\n"), width=lambda words, bold: float(len(words)),
    shape=lambda image: 1.0,
)  # fmt: skip


def test_a_heading_is_not_left_alone() -> None:
    for count in range(40, 75):
        parts: list[Part] = [*(Text("行") for _ in range(count)), Heading("标题"), Text("跟着的话")]
        _, pages = lay_out(Paper("页", [], parts), SQUARE)
        words = [{mark.text for mark in page if isinstance(mark, Words)} for page in pages]
        assert any({"标题", "跟着的话"} <= page for page in words)
        _, pages = lay_out(Paper("页", [], [*parts[:-1], Picture(b"", 90)]), SQUARE)
        with_picture = next(page for page in pages if any(isinstance(mark, Image) for mark in page))
        assert "标题" in {mark.text for mark in with_picture if isinstance(mark, Words)}


def test_nobody_signs_an_empty_page() -> None:
    table = Table([Column("一")], [["行"], ["末行"]])
    for count in range(30, 75):
        for last in (Text("末行"), table):
            parts: list[Part] = [*(Text("行") for _ in range(count)), last, Signature(["签字"])]
            _, pages = lay_out(Paper("页", [], parts), SQUARE)
            signed = next(page for page in pages if any(isinstance(one, Words) and one.text == "签字" for one in page))
            assert any(isinstance(mark, Words) and mark.text == "末行" for mark in signed)


def test_a_picture_fits_between_the_margins() -> None:
    pages = pypdf.PdfReader(io.BytesIO(draw(Paper("图", [], [Picture(png(40, 400), 900, "图一")], wide=True)))).pages
    assert len(pages) == 2 and len(pages[1].images) == 1 and "图一" in pages[1].extract_text()


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x80" * 3 * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_without_the_fonts_it_is_still_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_module, "Face", lambda bold: Face(bold, tmp_path))
    data = draw(Paper("播音日志", ["截至 10:00"], [Text("加粗", bold=True)]))
    assert BUILT_IN.encode() in data


def test_what_is_no_picture_is_refused_with_words() -> None:
    with pytest.raises(PaperError, match="没有做成 PDF"):
        pdf(Paper("坏图", [], [Picture(b"no picture", 50)]))


def test_who_finds_others_drawing_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(printing, "WAIT_S", 0.01)
    with printing._turns, pytest.raises(TooOften):
        pdf(Paper("忙", [], []))
