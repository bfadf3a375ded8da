"""Marks on pages become a PDF."""

from __future__ import annotations

import io

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from broadcaster.paper.fonts import Face
from broadcaster.paper.layout import Box, Image, Mark, Measures, Rule, Words, lay_out
from broadcaster.paper.parts import Paper


def draw(paper: Paper) -> bytes:
    """The PDF of a document. ``OSError`` for a picture that is none."""
    faces = {bold: Face(bold) for bold in (False, True)}
    measures = Measures(
        lines=lambda words, width, bold: faces[bold].lines(words, width),
        width=lambda words, bold: faces[bold].measure(words),
        shape=_shape,
    )
    pen, pages = lay_out(paper, measures)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(pen.width, pen.height), pageCompression=1, lang="zh-CN")
    canvas.setTitle(paper.title)
    canvas.setSubject(" · ".join(paper.lines)[:200])
    for page in pages:
        for mark in page:
            _mark(canvas, mark, faces)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _shape(image: bytes) -> float:
    width, height = ImageReader(io.BytesIO(image)).getSize()
    return float(height / width)


def _mark(canvas: Canvas, mark: Mark, faces: dict[bool, Face]) -> None:
    if isinstance(mark, Words):
        canvas.setFillGray(mark.grey)
        canvas.setFont(faces[mark.bold].name, mark.size)
        canvas.drawString(mark.x, mark.y, mark.text)
    elif isinstance(mark, Rule):
        canvas.setStrokeGray(mark.grey)
        canvas.setLineWidth(mark.thick)
        canvas.line(mark.x, mark.y, mark.to, mark.y)
    elif isinstance(mark, Box):
        canvas.setFillGray(mark.grey)
        canvas.rect(mark.x, mark.y, mark.width, mark.height, stroke=0, fill=1)
    elif isinstance(mark, Image):
        canvas.drawImage(ImageReader(io.BytesIO(mark.image)), mark.x, mark.y, mark.width, mark.height, mask="auto")
