"""The published model, made over to run faster: ``python -m broadcaster.voice.neural.tuned SOURCE TARGET``.

A one-dimensional integer convolution becomes a product of matrices, its input laid side by side as often as the kernel
is long. The runtime multiplies unsigned by signed bytes in one instruction (VNNI), but convolves unsigned by unsigned
only, at half the pace. The samples are the same to the last bit; a test holds it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

_LEAST_OUT = 8
"""Below so many channels a product of matrices is no faster."""
_TO_THE_END = 2**62


class _Graph:
    """The model's graph while it is being rewritten."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.constants = {tensor.name: tensor for tensor in graph.initializer}
        self._laid: dict[tuple[str, ...], str] = {}

    def constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        """A constant, made once."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(values, name)
            self.graph.initializer.append(self.constants[name])
        return name

    def integer(self, value: int) -> str:
        """A list of one integer."""
        return self.constant(f"tuned/int/{value}", np.array([value], np.int64))

    def value(self, name: str) -> np.ndarray[Any, Any]:
        """What a constant holds."""
        return np.asarray(numpy_helper.to_array(self.constants[name]))

    def once(self, key: tuple[str, ...], make: Any) -> Iterator[Any]:
        """The node that ``make`` makes under that key, the first time; its output is ``/``.join(key)."""
        if key not in self._laid:
            self._laid[key] = "/".join(key)
            yield make(self._laid[key])


def tune(model: Any) -> int:
    """Change the model in place; how many convolutions were rewritten."""
    graph = _Graph(model.graph)
    nodes: list[Any] = []
    count = 0
    for node in model.graph.node:
        if node.op_type == "ConvInteger" and _plain(graph, node):
            nodes += _product(graph, node, f"tuned/{count}")
            count += 1
            continue
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return count


def _attribute(node: Any, name: str, usual: list[int]) -> list[int]:
    for attribute in node.attribute:
        if attribute.name == name:
            return list(attribute.ints) or [attribute.i]
    return usual


def _plain(graph: _Graph, node: Any) -> bool:
    """Whether it goes step by step over one dimension, with unsigned weights that are known."""
    if len(node.input) < 4 or any(node.input[place] not in graph.constants for place in (1, 3)):
        return False
    weights, zero = graph.value(node.input[1]), graph.value(node.input[3])
    return (
        weights.ndim == 3
        and weights.dtype == np.uint8
        and zero.size == 1
        and weights.shape[0] >= _LEAST_OUT
        and _attribute(node, "strides", [1]) == [1]
        and _attribute(node, "group", [1]) == [1]
    )


def _product(graph: _Graph, node: Any, name: str) -> Iterator[Any]:
    """The nodes that stand for a convolution."""
    source, weights, source_zero, zero = node.input[:4]
    values = graph.value(weights).astype(np.int16) - 128
    out, channels, width = values.shape
    flat = np.ascontiguousarray(values.transpose(2, 1, 0).reshape(width * channels, out).astype(np.int8))
    pads, (step,) = _attribute(node, "pads", [0, 0]), _attribute(node, "dilations", [1])
    rows = f"{source}/rows"
    yield from graph.once(
        (source, "rows"), lambda made: helper.make_node("Transpose", [source], [made], perm=[0, 2, 1])
    )
    if any(pads):
        edges = graph.constant(f"tuned/pads/{pads[0]}/{pads[1]}", np.array([0, pads[0], 0, 0, pads[1], 0], np.int64))
        key = (source, "padded", str(pads[0]), str(pads[1]))
        bare, rows = rows, "/".join(key)
        yield from graph.once(key, lambda made: helper.make_node("Pad", [bare, edges, source_zero], [made]))
    beside = rows
    if width > 1:
        parts = [f"{name}/part/{number}" for number in range(width)]
        for number, part in enumerate(parts):
            left = (width - 1 - number) * step
            bounds = [graph.integer(number * step), graph.integer(-left if left else _TO_THE_END), graph.integer(1)]
            yield helper.make_node("Slice", [rows, *bounds], [part])
        beside = f"{name}/beside"
        yield helper.make_node("Concat", parts, [beside], axis=2)
    # Weights and their zero are both less by 128, so the products are what they were.
    signed_zero = graph.constant(f"{name}/zero", np.array(int(graph.value(zero).reshape(())) - 128, np.int8))
    matrix = graph.constant(f"{name}/weights", flat)
    yield helper.make_node("MatMulInteger", [beside, matrix, source_zero, signed_zero], [f"{name}/sums"])
    yield helper.make_node("Transpose", [f"{name}/sums"], [node.output[0]], perm=[0, 2, 1])


def main(source: Path, target: Path) -> None:
    """Write the tuned model, whole or not at all."""
    model = onnx.load(str(source))
    if not tune(model):
        raise SystemExit(f"{source}: nothing to tune in it")
    part = target.with_name(f"{target.name}.part")
    try:
        onnx.save(model, str(part))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
