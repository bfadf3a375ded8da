"""The child that draws: a document as JSON on standard input, its PDF on standard output."""

from __future__ import annotations

import sys

from broadcaster.paper.drawing import draw
from broadcaster.paper.parts import PAPER
from broadcaster.priority import go_last

if __name__ == "__main__":
    go_last()
    sys.stdout.buffer.write(draw(PAPER.validate_json(sys.stdin.buffer.read())))
    sys.stdout.buffer.flush()
