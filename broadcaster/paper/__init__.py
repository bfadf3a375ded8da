"""What is printed: a document of headings, words, tables and pictures, and the PDF of it.

Only the child process (``python -m broadcaster.paper``) imports the library that draws.
"""

from __future__ import annotations

from broadcaster.paper.parts import Align, Column, Heading, Paper, Part, Picture, Signature, Table, Text
from broadcaster.paper.printing import pdf

__all__ = ["Align", "Column", "Heading", "Paper", "Part", "Picture", "Signature", "Table", "Text", "pdf"]
