"""The commands as a script or a person meets them: exit status, both streams, and JSON that is only JSON."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.cli import main
from broadcaster.errors import PlanError
from broadcaster.store.database import open_database
from tests.plan_kit import CALENDAR, PROGRAMME, STATION, Ran, edited, restored, run, sounding_home, text_of
from tests.store_support import later, spot, track

BROKEN = edited(PROGRAMME, ("order: shuffled", "oder: shuffled"), ('    from: "11:30"', '    from: "11:15"'))


@pytest.fixture
def home() -> Path:
    return restored()


class Command:
    """Runs a command within this process, which is quicker; both streams are taken at the file descriptors."""

    def __init__(self, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._patch = monkeypatch

    def __call__(self, home: Path, *arguments: str) -> Ran:
        self._capture.readouterr()
        self._patch.setattr("sys.argv", ["broadcaster", "--home", str(home), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capture.readouterr()
        status = ended.value.code
        return Ran(status if isinstance(status, int) else 0, out, err)


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capfd, monkeypatch)


def put(home: Path, file: str, text: str) -> None:
    (home / file).write_text(text, encoding="utf-8")


# --- check


def test_check_of_a_good_plan(home: Path) -> None:
    ran = run(home, "check", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.json["ok"] is True and ran.json["faults"] == []


def test_check_tells_all_faults_in_words_and_in_json(home: Path, command: Command) -> None:
    put(home, PROGRAMME, BROKEN)
    put(home, STATION, edited(STATION, ("speech_level: speech", "speech_level: speach")))
    words, document = command(home, "check"), command(home, "check", "--json")
    assert words.status == document.status == 1
    assert {fault["code"] for fault in document.json["faults"]} == {"unknown-key", "overlap", "unknown-level"}
    assert not document.json["ok"]
    assert {"severity", "code", "file", "line", "field", "value", "message", "remedy"} <= set(
        document.json["faults"][0]
    )
    assert 'config/station.yaml:11: speech_level = "speach"' in words.out and "“speech”" in words.out
    assert "3 处错误" in words.out and "3 faults" in words.out


def test_json_is_one_document_also_while_audio_is_prepared(home: Path) -> None:
    script = home / "announcements" / "closing.yaml"
    before = script.read_text(encoding="utf-8")
    put(home, "announcements/closing.yaml", before.replace("text: |\n", "text: |\n  再见。"))
    try:
        ran = run(home, "check", "--json")
    finally:
        script.write_text(before, encoding="utf-8")
    assert ran.status == 0 and ran.json["faults"] == []
    assert "preparing 1/1" in ran.err and "closing" in ran.err


def test_what_the_files_say_is_told_before_sounds_are_prepared(
    home: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, STATION, edited(STATION, ("speech_level: speech", "speech_level: speach")))
    script = home / "announcements" / "closing.yaml"
    before = script.read_text(encoding="utf-8")
    put(home, "announcements/closing.yaml", before.replace("text: |\n", "text: |\n  晚安。"))

    def unplugged(*_: object, **__: object) -> None:
        raise PlanError([])

    monkeypatch.setattr("broadcaster.voice.studio.Studio.render_all", unplugged)
    try:
        ran = command(home, "check")
    finally:
        script.write_text(before, encoding="utf-8")
    assert ran.status == 1 and "speach" in ran.out and "1 sounds are not ready" in ran.err


# --- bad use


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "nonsense"),
        (["rundown", "2026-13-01"], "2026-13-01"),
        (["rundown", "--jsno"], "--json"),
        (["why"], "LOCAL_TIME"),
        (["why", "25:61"], "25:61"),
        (["day", "2026-12-12", "--add", "evnt"], "“event”"),
        (["day", "2026-12-12", "--remove", "wekend", "--json"], "“weekend”"),
        (["day", "2026-12-12", "--close", "25:00"], "25:00"),
        (["day", "2026-12-12", "--close", "close + 1 h"], "18:30"),
        (["day", "2026-12-12", "--add", "event", "--remove", "event"], "“event”"),
        (["run", "--port", "0"], "port"),
        (["say", "你好"], "--out"),
    ],
)
def test_bad_use_is_status_2_and_says_why(arguments: list[str], said: str, home: Path, command: Command) -> None:
    ran = command(home, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize("words", [["check"], ["rundown"], ["why", "09:42"], ["asrun"], ["day", "2026-12-12"], ["run"]])
def test_a_folder_without_a_plan_is_bad_use(words: list[str], tmp_path: Path, command: Command) -> None:
    ran = command(tmp_path, *words)
    assert (ran.status, ran.out) == (2, "")
    assert str(tmp_path) in ran.err and "broadcaster init" in ran.err


def test_status_without_a_daemon_is_not_so(home: Path, command: Command) -> None:
    ran = command(home, "status", "--json")
    assert (ran.status, ran.out) == (1, "") and "broadcaster run" in ran.err


def test_a_file_that_can_not_be_written_is_told_without_a_traceback(home: Path, command: Command) -> None:
    ran = command(home, "asrun", "2026-11-28", "--csv", str(home / "nowhere" / "x.csv"))
    assert ran.status == 2 and "nowhere" in ran.err and "Traceback" not in ran.err


# --- rundown, why, asrun: documents as web/contract.py has them

RUNDOWN = {"date", "timezone", "day_types", "hours", "segments", "spots", "faults", "warnings"}
SEGMENT = {"start", "end", "daypart", "title", "bed", "level", "dial", "gain_db"}
SPOT = {
    "id",
    "at",
    "duration_s",
    "kind",
    "ref",
    "title",
    "repeat",
    "priority",
    "daypart",
    "lateness",
    "rule",
    "moved_from",
}
ENTRY = {
    "kind",
    "title",
    "planned_at",
    "commanded_at",
    "heard_at",
    "ended_at",
    "outcome",
    "reason",
    "loudness_lufs",
    "zone",
}


def test_rundown_json_has_the_keys_of_the_contract(home: Path, command: Command) -> None:
    ran = command(home, "rundown", "2026-11-28", "--json")
    document = ran.json
    assert ran.status == 0 and set(document) == RUNDOWN
    assert (document["date"], document["timezone"], document["day_types"]) == (
        "2026-11-28",
        "Asia/Shanghai",
        ["weekend"],
    )
    assert all(set(segment) >= SEGMENT for segment in document["segments"])
    assert all(set(found) >= SPOT for found in document["spots"])
    first, quiet = document["segments"][0], document["segments"][2]
    assert (first["start"], first["bed"]) == (
        "2026-11-28T09:20:00+08:00",
        {"kind": "playlist", "playlist": "staff-song"},
    )
    assert (first["level"], first["dial"], first["gain_db"]) == ("welcome", 22.5, -2.5)
    assert (quiet["bed"], quiet["level"]) == ({"kind": "silence"}, None)
    welcome = next(found for found in document["spots"] if found["ref"] == "welcome-speech")
    assert (welcome["at"], welcome["lateness"]) == ("2026-11-28T09:42:00+08:00", {"late_by_s": 120.0})


def test_rundown_of_a_faulty_plan_tells_its_faults(home: Path, command: Command) -> None:
    put(home, PROGRAMME, BROKEN)
    ran = command(home, "rundown", "2026-11-24", "--json")
    assert ran.status == 1
    assert {fault["code"] for fault in ran.json["faults"]} == {"unknown-key", "overlap"}
    assert all(fault["line"] and fault["message"] for fault in ran.json["faults"])


@pytest.mark.parametrize("words", [["rundown"], ["rundown", "2026-11-24"], ["why", "09:42"], ["day", "2026-11-24"]])
def test_a_plan_that_can_not_be_read_is_one_document_of_faults(words: list[str], home: Path, command: Command) -> None:
    put(home, STATION, "name: [")
    ran = command(home, *words, "--json")
    assert ran.status == 1 and "config/station.yaml" in ran.err
    assert [fault["code"] for fault in ran.json["faults"]] == ["not-yaml"]


def test_why_names_the_rule_and_what_it_beat(home: Path, command: Command) -> None:
    ran = command(home, "why", "2026-11-28T09:42:01", "--json")
    assert ran.status == 0
    assert (ran.json["spot"]["ref"], ran.json["segment"]["daypart"]) == ("welcome-speech", "morning-music")
    assert ran.json["rule"]["file"] == PROGRAMME and ran.json["rule"]["line"] == 104
    assert ran.json["changed"]["at"] and ran.json["because"]


def test_asrun_json_has_the_keys_of_the_contract(home: Path, command: Command) -> None:
    database = open_database(home / "var" / "broadcaster.db")
    log = AsRunLog(database, "main")
    assert log.arm_spot(**spot(), armed_at=later(0)) and log.spot_started("welcome@0942", later(0.25))
    assert log.spot_ended("welcome@0942", later(40), Outcome.AIRED)
    log.track_started(**track())
    database.dispose()
    ran = command(home, "asrun", "2026-11-28", "--json")
    assert ran.status == 0 and set(ran.json) == {"date", "entries"}
    entries: list[dict[str, Any]] = ran.json["entries"]
    assert entries and all(set(entry) >= ENTRY and ("spot_id" in entry) != ("track" in entry) for entry in entries)
    aired = next(entry for entry in entries if "spot_id" in entry)
    assert (aired["planned_at"], aired["commanded_at"]) == (
        "2026-11-28T09:42:00.000+08:00",
        "2026-11-28T09:42:00.250+08:00",
    )
    assert aired["outcome"] == "aired"


def test_asrun_of_a_day_without_entries(home: Path, command: Command) -> None:
    assert command(home, "asrun", "2020-01-01", "--json").json == {"date": "2020-01-01", "entries": []}


# --- day


def test_marking_an_event_day_shows_and_writes_it(home: Path, command: Command) -> None:
    ran = command(home, "day", "2026-11-24", "--add", "event", "--note", "双十二", "--json")
    document = ran.json
    assert ran.status == 0 and document["written"]
    assert document["day_types"] == {"before": ["weekday"], "after": ["event", "weekday"]}
    assert document["hours"]["after"] == {"open": "09:30", "close": "18:00"}
    assert [change["name"] for change in document["changes"] if change["what"] == "segment"] == [
        "afternoon-music",
        "send-off",
    ]
    assert (
        sum(change["change"] == "added" and "event-notices" in change["name"] for change in document["changes"]) == 20
    )
    assert set(document["rundown"]) == RUNDOWN
    assert "event" in command(home, "rundown", "2026-11-24", "--json").json["day_types"]


def test_a_mark_taken_back_leaves_no_trace_but_in_the_audit_trail(home: Path, command: Command) -> None:
    before = (home / CALENDAR).read_bytes()
    assert command(home, "day", "2026-11-28", "--add", "event", "--remove", "weekend", "--close", "21:00").status == 0
    assert (home / CALENDAR).read_bytes() != before
    assert command(home, "day", "2026-11-28", "--clear").status == 0
    assert (home / CALENDAR).read_bytes() == before == text_of(CALENDAR).encode()
    with sqlite3.connect(home / "var" / "broadcaster.db") as database:
        rows = database.execute("SELECT what, detail FROM audit ORDER BY id").fetchall()
    database.close()
    assert [what for what, _ in rows] == ["day.mark", "day.mark"]
    detail = json.loads(rows[0][1])
    assert (detail["date"], detail["add"], detail["remove"], detail["close"]) == (
        "2026-11-28",
        ["event"],
        ["weekend"],
        "21:00",
    )


def test_a_faulty_mark_writes_nothing(home: Path, command: Command) -> None:
    before = (home / CALENDAR).read_bytes()
    ran = command(home, "day", "2026-11-24", "--close", "09:00", "--json")
    assert ran.status == 1 and not ran.json["written"]
    assert "closes-before-opens" in [fault["code"] for fault in ran.json["faults"]]
    assert (home / CALENDAR).read_bytes() == before
    assert not (home / "var" / "broadcaster.db").exists()


def test_no_mark_is_made_in_a_plan_that_can_not_be_read(home: Path, command: Command) -> None:
    put(home, PROGRAMME, BROKEN)
    before = (home / CALENDAR).read_bytes()
    ran = command(home, "day", "2026-11-24", "--add", "event", "--json")
    assert ran.status == 1 and not ran.json["ok"]
    assert (home / CALENDAR).read_bytes() == before


def test_a_date_without_a_mark_is_only_shown(home: Path, command: Command) -> None:
    ran = command(home, "day", "2026-11-28")
    assert ran.status == 0 and "weekend" in ran.out and "09:30–18:00" in ran.out
    assert (home / CALENDAR).read_bytes() == text_of(CALENDAR).encode()


# --- words on any terminal


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii:strict"},
    ],
)
def test_chinese_comes_out_whatever_the_terminal_says(environment: dict[str, str], home: Path) -> None:
    ran = run(home, "rundown", "2026-11-28", **environment)
    assert ran.status == 0 and "相亲相爱" in ran.out and "欢迎语" in ran.out
    assert "您是不是想写 “event”" in run(home, "day", "2026-12-12", "--add", "evnt", **environment).err


def test_the_home_can_be_named_by_the_environment(home: Path) -> None:
    assert run(None, "rundown", "2026-11-28", "--json", BROADCASTER_HOME=str(home)).json["date"] == "2026-11-28"


# --- init


def test_init_makes_a_home_that_checks_clean(tmp_path: Path, command: Command) -> None:
    target = tmp_path / "店"
    first = command(tmp_path, "init", str(target), "--no-music")
    assert first.status == 0 and str(target / "config" / "programme.yaml") in first.out
    for file in ("config/programme.yaml", "config/calendar.yaml", "announcements/weather.yaml"):
        assert (target / file).read_bytes() == text_of(file).encode()
    for part in ("playlists", "announcements", "var/media"):
        shutil.copytree(sounding_home() / part, target / part, dirs_exist_ok=True)
    assert command(target, "check", "--json").json["faults"] == []


def test_init_never_writes_over_what_is_there(tmp_path: Path, command: Command) -> None:
    (tmp_path / "config").mkdir()
    put(tmp_path, STATION, "mine")
    ran = command(tmp_path, "init", str(tmp_path), "--no-music")
    assert (tmp_path / STATION).read_text() == "mine" and str(tmp_path / STATION) not in ran.out
    assert (tmp_path / PROGRAMME).is_file()
    again = command(tmp_path, "init", str(tmp_path), "--no-music")
    assert (again.status, again.out) == (0, "")
