"""What is known of the store while no plan is on air, and how old the conductor's last word is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.playout.on_air import OnAir
from broadcaster.publishing.station_file import StationFile
from broadcaster.settings import Home

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@dataclass
class _Clock:
    wall: datetime = NOON
    ticks: float = 100.0

    def now(self) -> datetime:
        return self.wall

    def mono(self) -> float:
        return self.ticks


def _written(root: Path, text: str) -> None:
    (root / "config").mkdir(exist_ok=True)
    (root / "config" / "station.yaml").write_text(text, encoding="utf-8")


def test_alerts_are_known_though_another_entry_is_wrong(tmp_path: Path) -> None:
    _written(
        tmp_path, "name: 店\ntimezone: Asia/Shanghai\nseparation: soon\nalerts: {to: [{url: 'json://localhost/x'}]}\n"
    )
    station = StationFile(Home(tmp_path)).station()
    assert station is not None
    assert [target.url for target in station.alerts.to] == ["json://localhost/x"]


def test_a_file_that_was_mended_is_read_again(tmp_path: Path) -> None:
    file = StationFile(Home(tmp_path))
    assert file.station() is None
    _written(tmp_path, "name: 店\ntimezone: Asia/Tokyo\n")
    station = file.station()
    assert station is not None
    assert station.timezone == "Asia/Tokyo"


def test_a_clock_that_is_set_makes_no_conductor_hang() -> None:
    clock = _Clock()
    on_air = OnAir(now=clock.now(), mono=clock.mono())
    clock.wall += timedelta(hours=1)
    clock.ticks += 0.25
    assert on_air.age_s(clock) == 0.25
    clock.ticks += 9.0
    assert on_air.age_s(clock) == 9.25
