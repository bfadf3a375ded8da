"""What the child that plots is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from broadcaster.trends.charts import Chart, Form


@dataclass(frozen=True, slots=True)
class Job:
    """Charts by name, each to become ``<name>.<form>`` in a folder. ``fonts``: files, the first is the text's."""

    charts: Mapping[str, Chart]
    form: Form
    folder: str
    fonts: Sequence[str] = ()


JOB: TypeAdapter[Job] = TypeAdapter(Job)
"""To and from JSON."""
