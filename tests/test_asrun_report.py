from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.asrun.entries import Entry, Outcome, as_json
from broadcaster.asrun.report import csv_text, to_document, write_csv
from broadcaster.errors import UsageError
from tests.store_support import DAY, PLANNED, ROOT, later

SHANGHAI = ZoneInfo("Asia/Shanghai")


def entry(**changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": 1,
        "zone": "main",
        "date": DAY,
        "spot_id": "welcome@0942",
        "track": None,
        "kind": "script",
        "ref": "welcome",
        "title": "欢迎词",
        "planned_at": PLANNED,
        "armed_at": later(-2),
        "commanded_at": later(0.003),
        "heard_at": later(0.0159),
        "ended_at": later(48.2),
        "outcome": Outcome.AIRED,
        "reason": "",
        "loudness_lufs": -23.4,
        "heard_by": "ear",
    }
    return Entry(**{**values, **changes})


def cells(**changes: Any) -> list[str]:
    rows = list(csv.reader(io.StringIO(csv_text([entry(**changes)], SHANGHAI).removeprefix("\ufeff"))))
    assert len(rows) == 2
    return rows[1]


def test_the_document_keeps_the_contract() -> None:
    assert to_document(DAY, [entry()], SHANGHAI) == {
        "date": "2026-11-28",
        "entries": [
            {
                "spot_id": "welcome@0942",
                "kind": "script",
                "ref": "welcome",
                "title": "欢迎词",
                "planned_at": "2026-11-28T09:42:00.000+08:00",
                "commanded_at": "2026-11-28T09:42:00.003+08:00",
                "heard_at": "2026-11-28T09:42:00.015+08:00",
                "ended_at": "2026-11-28T09:42:48.200+08:00",
                "outcome": "aired",
                "reason": "",
                "loudness_lufs": -23.4,
                "heard_by": "ear",
                "zone": "main",
            }
        ],
    }


def test_a_track_has_no_spot_id() -> None:
    document = as_json(entry(spot_id=None, track="a.flac"), SHANGHAI)
    assert document["track"] == "a.flac"
    assert "spot_id" not in document


def test_what_is_not_known_is_null() -> None:
    document = as_json(entry(outcome=None, heard_at=None, loudness_lufs=float("-inf")), SHANGHAI)
    assert (document["outcome"], document["heard_at"], document["loudness_lufs"]) == (None, None, None)
    json.dumps(document, allow_nan=False)


def test_both_passes_of_a_repeated_hour_keep_their_offset() -> None:
    fall_back = dt.datetime(2026, 11, 1, 5, 30, tzinfo=dt.UTC)
    zone = ZoneInfo("America/New_York")
    passes = [as_json(entry(planned_at=fall_back + dt.timedelta(hours=hour)), zone)["planned_at"] for hour in (0, 1)]
    assert passes == ["2026-11-01T01:30:00.000-04:00", "2026-11-01T01:30:00.000-05:00"]


def test_a_row_for_people() -> None:
    start = ["2026-11-28", "main", "2026-11-28 09:42:00", "2026-11-28 09:42:00", "2026-11-28 09:42:00"]
    middle = ["2026-11-28 09:42:48", "0.016", "script", "欢迎词", "welcome", "已播 aired", ""]
    assert cells() == [*start, *middle, "-23.4", "UTC+08:00", "welcome@0942", "监听 ear"]


@pytest.mark.parametrize("text", ["=1+1", "+86 400", "-1", "@SUM(A1)", "＝HYPERLINK()", "\t=1", "\r=1", "\n=1", " =1"])
def test_no_cell_is_a_formula(text: str) -> None:
    found = cells(title=text, reason=text, ref=text, zone=text, kind=text, spot_id=text)
    assert found.count(f"'{text}") == 6


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    assert cells(title='他说,"好"\n再见')[8] == '他说,"好"\n再见'


def test_excel_is_told_the_encoding_and_the_headers_are_bilingual(tmp_path: Path) -> None:
    write_csv(tmp_path / "日志.csv", [entry()], SHANGHAI)
    content = (tmp_path / "日志.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + "日期 Date,".encode())
    assert content.count(b"\r\n") == 2
    assert b"\r\r" not in content


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such folder"):
        write_csv(tmp_path / "no such folder" / "a.csv", [], SHANGHAI)


def test_entries_and_reports_need_no_database_library() -> None:
    code = "import sys, broadcaster.asrun.report; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
