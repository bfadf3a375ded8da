"""Where everything stands: parts become marks on pages. Lengths here are in points (1/72 inch), upwards from below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from broadcaster.paper.parts import Align, Column, Heading, Paper, Part, Picture, Signature, Table, Text

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
MARGIN = 15 * MM
FOOT = 10 * MM
"""Above the bottom margin: the foot's own."""
LEADING = 1.35
"""From line to line, as a multiple of the letter size."""
TITLE, HEADINGS, BODY, SMALL, CELL = 17.0, (12.5, 10.5), 9.5, 7.5, 8.0
_PAD = 2.5
_SIGN = 22 * MM
"""Room for a signature, the space to write in included."""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of letters, its baseline's left end at ``x``, ``y``."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    grey: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""

    x: float
    y: float
    to: float
    grey: float
    thick: float = 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle without a border."""

    x: float
    y: float
    width: float
    height: float
    grey: float


@dataclass(frozen=True, slots=True)
class Image:
    """An image, its lower left corner at ``x``, ``y``."""

    x: float
    y: float
    width: float
    height: float
    image: bytes


Mark = Words | Rule | Box | Image


@dataclass(frozen=True, slots=True)
class Measures:
    """What the fonts and images say. Widths are multiples of the letter size."""

    lines: Callable[[str, float, bool], list[str]]
    width: Callable[[str, bool], float]
    shape: Callable[[bytes], float]
    """Height of an image over its width."""


@dataclass(slots=True)
class Pen:
    """Goes down the pages."""

    measures: Measures
    width: float
    height: float
    pages: list[list[Mark]] = field(default_factory=list)
    y: float = 0.0

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * MARGIN

    @property
    def full(self) -> float:
        """Height for parts on a page."""
        return self.height - 2 * MARGIN - FOOT

    def turn(self) -> None:
        """To the next page."""
        self.pages.append([])
        self.y = self.height - MARGIN

    def has(self, height: float) -> bool:
        """Whether so much room is left; yes at the top of a page, where there is no more anywhere."""
        return self.y - height >= MARGIN + FOOT or self.y == self.height - MARGIN

    def down(self, height: float) -> None:
        """Leave room, but none at the top of a page."""
        if self.y != self.height - MARGIN:
            self.y -= height

    def put(self, *marks: Mark) -> None:
        """Onto this page."""
        self.pages[-1].extend(marks)

    def text(self, words: str, size: float, *, bold: bool = False, grey: float = 0.0) -> None:
        """A paragraph over the whole width, over as many pages as it takes."""
        for line in self.measures.lines(words, self.inner / size, bold):
            if not self.has(size * LEADING):
                self.turn()
            self.y -= size * LEADING
            self.put(Words(MARGIN, self.y + size * 0.35, line, size, bold, grey))


def lay_out(paper: Paper, measures: Measures) -> tuple[Pen, Sequence[Sequence[Mark]]]:
    """All pages of a document, with their feet."""
    width, height = reversed(A4) if paper.wide else A4
    pen = Pen(measures, width, height)
    pen.turn()
    pen.text(paper.title, TITLE, bold=True)
    pen.down(2 * MM)
    for line in paper.lines:
        pen.text(line, BODY, grey=0.2)
    pen.down(2 * MM)
    for number, part in enumerate(paper.parts):
        after = paper.parts[number + 1] if number + 1 < len(paper.parts) else None
        _part(pen, part, after)
    for number, page in enumerate(pen.pages, 1):
        page += _foot(pen, paper.foot, number)
    return pen, pen.pages


def _foot(pen: Pen, foot: str, number: int) -> list[Mark]:
    count = f"第 {number} 页,共 {len(pen.pages)} 页 · page {number} of {len(pen.pages)}"
    wide = pen.measures.width(count, False) * SMALL
    room = (pen.inner - wide - 5 * MM) / SMALL
    right = pen.width - MARGIN
    return [
        Rule(MARGIN, MARGIN + 4 * MM, right, 0.6),
        Words(MARGIN, MARGIN, pen.measures.lines(foot, room, False)[0], SMALL, False, 0.35),
        Words(right - wide, MARGIN, count, SMALL, False, 0.35),
    ]


def _part(pen: Pen, part: Part, after: Part | None) -> None:
    if isinstance(part, Heading):
        size = HEADINGS[0 if part.level <= 1 else 1]
        pen.down(size * 0.9)
        # A heading alone at the end of a page would be one of nothing.
        follows = 18 * MM if after else 0.0
        if isinstance(after, Picture):
            follows = max(follows, 1.2 * MM + _measured(pen, after)[1])
        if not pen.has(size * LEADING + follows):
            pen.turn()
        pen.text(part.words, size, bold=True)
        pen.down(1.2 * MM)
    elif isinstance(part, Text):
        size = SMALL if part.small else BODY
        lines = pen.measures.lines(part.words, pen.inner / size, part.bold)
        # Nobody signs an empty page: the last words go with the signature.
        if isinstance(after, Signature) and not pen.has(len(lines) * size * LEADING + _SIGN + 2 * MM):
            pen.turn()
        pen.text(part.words, SMALL if part.small else BODY, bold=part.bold, grey=0.3 if part.small else 0.0)
        pen.down(1.2 * MM)
    elif isinstance(part, Table):
        _table(pen, part, _SIGN + 4 * MM if isinstance(after, Signature) else 0.0)
    elif isinstance(part, Picture):
        _picture(pen, part)
    else:
        _signature(pen, part)


def _measured(pen: Pen, part: Picture) -> tuple[float, float]:
    """Width and height; room for its heading is left on the page."""
    shape = pen.measures.shape(part.image)
    width = min(part.width_mm * MM, pen.inner, (pen.full - 10 * MM) / shape)
    return width, width * shape


def _picture(pen: Pen, part: Picture) -> None:
    width, height = _measured(pen, part)
    if not pen.has(height + (6 * MM if part.words else 0)):
        pen.turn()
    pen.y -= height
    pen.put(Image(MARGIN, pen.y, width, height, part.image))
    if part.words:
        pen.text(part.words, SMALL, grey=0.3)
    pen.down(3 * MM)


def _signature(pen: Pen, part: Signature) -> None:
    if not pen.has(_SIGN):
        pen.turn()
    pen.y -= 16 * MM
    each = pen.inner / max(1, len(part.names))
    for number, name in enumerate(part.names):
        x = MARGIN + number * each
        begin = x + pen.measures.width(name, False) * BODY + 2 * MM
        pen.put(Words(x, pen.y, name, BODY, False), Rule(begin, pen.y - 1, x + each - 6 * MM, 0.0))
    pen.y -= 4 * MM


def widths(columns: Sequence[Column], inner: float) -> list[float]:
    """Of the columns, in points; never more than there is between the margins."""
    given = sum(column.width_mm * MM for column in columns if column.width_mm is not None)
    free = sum(column.width_mm is None for column in columns)
    # Columns without a width get something even where the others take all.
    least = 15 * MM * free
    scale = min(1.0, (inner - least) / given) if given else 1.0
    share = (inner - given * scale) / free if free else 0.0
    return [share if column.width_mm is None else column.width_mm * MM * scale for column in columns]


_SHIFT: Mapping[Align, float] = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True, slots=True)
class _Grid:
    pen: Pen
    columns: Sequence[Column]
    widths: Sequence[float]

    def cells(self, row: Sequence[str], head: bool) -> list[list[str]]:
        """Each cell in lines."""
        lines = self.pen.measures.lines
        return [
            lines(cell or "", (width - 2 * _PAD) / CELL, head)
            for width, cell in zip_longest(self.widths, row[: len(self.widths)], fillvalue="")
            if isinstance(width, float)
        ]

    def put(self, cells: Sequence[Sequence[str]], head: bool) -> None:
        """A row at the pen, which has the room."""
        pen, x = self.pen, MARGIN
        height = tall(cells)
        if head:
            pen.put(Box(MARGIN, pen.y - height, sum(self.widths), height, 0.92))
        for column, width, lines in zip(self.columns, self.widths, cells, strict=True):
            for number, line in enumerate(lines):
                room = width - 2 * _PAD - (pen.measures.width(line, head) * CELL if column.align != "left" else 0.0)
                left = x + _PAD + room * _SHIFT[column.align]
                pen.put(Words(left, pen.y - _PAD - CELL - number * CELL * LEADING, line, CELL, head))
            x += width
        pen.y -= height
        pen.put(Rule(MARGIN, pen.y, MARGIN + sum(self.widths), 0.75))


def tall(cells: Sequence[Sequence[str]]) -> float:
    """How high a row is."""
    return max(map(len, cells), default=1) * CELL * LEADING + 2 * _PAD


def _table(pen: Pen, part: Table, below: float = 0.0) -> None:
    """``below``: so much room the last row needs under itself."""
    grid = _Grid(pen, part.columns, widths(part.columns, pen.inner))
    head = grid.cells([column.title for column in part.columns], True)

    def begin() -> None:
        grid.put(head, True)

    if not pen.has(tall(head) + 3 * CELL * LEADING):
        pen.turn()
    begin()
    for number, row in enumerate(part.rows, 1):
        cells = grid.cells(row, False)
        under = below if number == len(part.rows) > 1 and tall(cells) + below <= pen.full - tall(head) else 0.0
        while not pen.has(tall(cells) + under):
            room = pen.y - MARGIN - FOOT - 2 * _PAD
            fits = int(room / (CELL * LEADING))
            # What is higher than a page goes on over the next; anything else stays in one piece.
            if tall(cells) > pen.full - tall(head) and fits > 3:
                grid.put([lines[:fits] for lines in cells], False)
                cells = [lines[fits:] for lines in cells]
            pen.turn()
            begin()
        grid.put(cells, False)
    pen.down(3 * MM)
