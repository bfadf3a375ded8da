"""What the machine is given to start the daemon at boot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from broadcaster.cli import main_group
from broadcaster.errors import ServiceError, UsageError
from broadcaster.ops import service, systemd, task_scheduler
from broadcaster.ops.systemd import Account
from broadcaster.plan.station_models import Page
from broadcaster.settings import Home

ACCOUNT = Account("daemon", 1, "daemon")
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
linux = pytest.mark.skipif(sys.platform == "win32", reason="of the other system")
HOMES = ["store", "店里 100%", 'with "quotes" and $HOME', "back\\slash"]


def _unit(home: Path, **changes: object) -> str:
    command = [sys.executable, "-m", "broadcaster", "--home", str(home), "run"]
    return systemd.unit(home, command, ACCOUNT, **{"groups": ["audio"], **changes})  # type: ignore[arg-type]


@linux
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there to judge it")
@pytest.mark.parametrize("changes", [{}, {"low_port": True, "voices": "/srv/voices"}, {"groups": []}])
@pytest.mark.parametrize("name", HOMES[:3])
def test_systemd_finds_nothing_wrong_in_the_unit(tmp_path: Path, name: str, changes: dict[str, object]) -> None:
    home = tmp_path / name
    home.mkdir()
    file = tmp_path / "store-broadcast.service"
    file.write_text(_unit(home, **changes), encoding="utf-8")
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(file)], capture_output=True, text=True,
        timeout=60, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert "store-broadcast" not in answer.stderr and answer.returncode == 0, answer.stderr


@linux
@pytest.mark.parametrize("name", HOMES)
def test_a_home_with_any_name_is_written_so_that_it_is_read_again(tmp_path: Path, name: str) -> None:
    line = next(line for line in _unit(tmp_path / name).splitlines() if line.startswith("ExecStart="))
    words = line.removeprefix("ExecStart=").removeprefix('"').removesuffix('"').split('" "')
    read = [word.replace('\\"', '"').replace("\\\\", "\\").replace("%%", "%").replace("$$", "$") for word in words]
    assert read[-3:] == ["--home", str(tmp_path / name), "run"]


def test_the_service_waits_for_the_sound_of_its_account() -> None:
    unit = _unit(Path("/srv/store"))
    assert "After=user@1.service" in unit and '"XDG_RUNTIME_DIR=/run/user/1"' in unit
    assert ["loginctl", "enable-linger", "daemon"] in systemd.install_commands(ACCOUNT, ["audio"])
    assert "CapabilityBoundingSet=\n" in unit
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in _unit(Path("/srv/store"), low_port=True)


@pytest.mark.parametrize("user", [None, "STORE\\broadcast & co"])
def test_the_task_of_windows_runs_for_ever_and_comes_back(user: str | None) -> None:
    home = Path("C:/商店 <1>")
    command = ["C:/py thon/python.exe", "-m", "broadcaster", "--home", str(home), "run"]
    root = ElementTree.fromstring(task_scheduler.task(home, command, user).encode("utf-16"))

    def text(*path: str) -> str | None:
        return root.findtext("/".join(NAMESPACE + name for name in path))

    assert text("Settings", "ExecutionTimeLimit") == "PT0S"
    assert text("Settings", "RestartOnFailure", "Interval") == "PT1M"
    assert text("Settings", "MultipleInstancesPolicy") == "IgnoreNew"
    assert text("Triggers", "TimeTrigger", "Repetition", "Interval") == "PT1M"
    assert text("Actions", "Exec", "WorkingDirectory") == str(home)
    assert text("Actions", "Exec", "Arguments") == f'-m broadcaster --home "{home}" run'
    assert text("Principals", "Principal", "UserId") == (user or "S-1-5-18")
    trigger = "BootTrigger" if user is None else "LogonTrigger"
    assert text("Triggers", trigger, "Enabled") == "true"


@linux
def test_it_is_written_and_started_and_taken_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "FOLDER", tmp_path / "system")
    done: list[Sequence[str]] = []

    def run(words: Sequence[str]) -> str:
        done.append(tuple(words))
        return ""

    plan = service.planned(Home(tmp_path), "daemon", Page())
    service.install(plan, run)
    assert service.installed() and plan.file.read_text("utf-8") == plan.text
    assert done[-1] == ("systemctl", "enable", "--now", "store-broadcast.service")
    service.uninstall(run)
    assert not service.installed()
    with pytest.raises(ServiceError, match="没有装成服务"):
        service.uninstall(run)


@linux
@pytest.mark.parametrize("user", ["root", "nobody-of-that-name"])
def test_root_and_strangers_are_refused(tmp_path: Path, user: str) -> None:
    with pytest.raises(UsageError):
        service.planned(Home(tmp_path), user, Page())


def test_a_machine_that_refuses_is_quoted() -> None:
    with pytest.raises(ServiceError, match="no luck"):
        service.run_command([sys.executable, "-c", "raise SystemExit('no luck')"])
    with pytest.raises(ServiceError, match="no-such-program"):
        service.run_command(["no-such-program"])


@linux
def test_a_dry_run_shows_all_and_does_nothing(tmp_path: Path) -> None:
    answer = CliRunner().invoke(
        main_group, ["--home", str(tmp_path), "service", "install", "--user", "daemon", "--dry-run"]
    )
    assert answer.exit_code == 0, answer.output
    assert "Type=notify" in answer.stdout and "$ systemctl enable --now store-broadcast.service" in answer.stdout
    assert list(tmp_path.iterdir()) == []
