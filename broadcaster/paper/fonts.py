"""The two faces that are printed, how wide their letters are, and where a line of Chinese may break."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

FOLDER = Path(__file__).with_name("fonts")
FILES = {False: "NotoSansSC_400Regular.ttf", True: "NotoSansSC_700Bold.ttf"}
"""Regular and bold; :mod:`broadcaster.assets` brings them."""
BUILT_IN = "STSong-Light"
"""Every PDF reader brings a font for it: readable, though nothing is embedded, and never bold."""

MISSING = "□"
_NEVER_FIRST = set("、。,.;:!?)]}》〉」』】〕’”…—～·，。；：！？）］％%℃")
_NEVER_LAST = set("([{《〈「『【〔‘“（［￥¥$#")


class Face:
    """A font that is ready to draw with. ``name`` is what the canvas calls it."""

    def __init__(self, bold: bool, folder: Path = FOLDER) -> None:
        file = folder / FILES[bold]
        try:
            font = TTFont(file.stem, str(file))
        except (TTFError, OSError):
            self.name = BUILT_IN
            pdfmetrics.registerFont(UnicodeCIDFont(BUILT_IN))
            self._has: Callable[[int], bool] = lambda code: code < 0x10000
        else:
            self.name = file.stem
            pdfmetrics.registerFont(font)
            self._has = font.face.charToGlyph.__contains__
        self.width = lru_cache(maxsize=1 << 14)(self._width)

    def _width(self, char: str) -> float:
        return float(pdfmetrics.stringWidth(char, self.name, 1))

    def measure(self, words: str) -> float:
        """How wide the words are, as a multiple of the letter size."""
        return sum(map(self.width, words))

    def printable(self, words: str) -> str:
        """The words in letters that the font has: others become a box, and what is no letter goes."""
        return "".join(
            char if self._has(ord(char)) else MISSING
            for char in words.replace("\t", " ")
            if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Mn")
        )

    def lines(self, words: str, width: float) -> list[str]:
        """The words in lines no wider than ``width`` letter sizes: broken between Chinese letters and at spaces, and
        inside a word only where it alone is too wide. At least one line.
        """
        found = []
        for paragraph in self.printable(words).split("\n"):
            line, used = "", 0.0
            for piece in _pieces(paragraph):
                size = self.measure(piece)
                if line and used + self.measure(piece.rstrip()) > width:
                    found.append(line.rstrip())
                    line, used = "", 0.0
                    piece = piece.lstrip()
                    size = self.measure(piece)
                while size > width and len(piece) > 1:
                    fits = self._fitting(piece, width)
                    found.append(piece[:fits])
                    piece = piece[fits:]
                    size = self.measure(piece)
                line, used = line + piece, used + size
            found.append(line.rstrip())
        return found

    def _fitting(self, piece: str, width: float) -> int:
        used = 0.0
        for number, char in enumerate(piece):
            used += self.width(char)
            if used > width:
                return max(1, number)
        return len(piece)


def _pieces(words: str) -> list[str]:
    """What must stay on one line each; joined they are the words."""
    found: list[str] = []
    for char in words:
        if found and not _may_break(found[-1][-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _may_break(before: str, after: str) -> bool:
    if after.isspace() or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return before.isspace() or _is_wide(before) or _is_wide(after)


@lru_cache(maxsize=1 << 14)
def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
