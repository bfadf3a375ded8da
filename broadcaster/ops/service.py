"""Has the machine start the daemon at boot and keep it running: systemd on Linux, the Task Scheduler on Windows."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import ServiceError, UsageError
from broadcaster.ops import systemd, task_scheduler
from broadcaster.plan.station_models import Page
from broadcaster.settings import Home

LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Installation:
    """What is written where, and what is run after it."""

    file: Path
    text: str
    commands: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"


Run = Callable[[Sequence[str]], str]


def run_command(words: Sequence[str]) -> str:
    """Its output. Raises ``ServiceError``."""
    try:
        done = subprocess.run(list(words), capture_output=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceError(f"{words[0]}: {error}") from error
    told = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise ServiceError(f"{' '.join(words)}: {told or done.returncode}")
    return told


def planned(home: Home, user: str | None, page: Page) -> Installation:
    """What :func:`install` would do. Raises ``UsageError`` for an account that can't be used."""
    command = [sys.executable, "-m", "broadcaster", "--home", str(home.root), "run"]
    if sys.platform == "win32":
        file = Path(tempfile.gettempdir()) / f"{task_scheduler.NAME}.xml"
        commands = task_scheduler.install_commands(file)
        return Installation(file, task_scheduler.task(home.root, command, user), _frozen(commands), "utf-16")
    account = account_of(home, user)
    groups = present_groups()
    text = systemd.unit(
        home.root, command, account, groups=groups, voices=os.environ.get("BROADCASTER_VOICES", ""),
        low_port=page.port < 1024,
    )  # fmt: skip
    file = systemd.FOLDER / f"{systemd.NAME}.service"
    return Installation(file, text, _frozen(systemd.install_commands(account, groups)))


def install(plan: Installation, run: Run = run_command) -> None:
    """Write the file and run the commands, as root. Raises ``ServiceError``."""
    if sys.platform != "win32" and not Path("/run/systemd/system").is_dir() and run is run_command:
        raise ServiceError("这台机器不是由 systemd 启动的 / systemd does not run on this machine")
    try:
        plan.file.parent.mkdir(parents=True, exist_ok=True)
        plan.file.write_text(plan.text, encoding=plan.encoding)
    except OSError as error:
        raise ServiceError(f"{plan.file}: 写不进去,请用管理员身份(sudo)运行 / run it as root ({error})") from error
    for words in plan.commands:
        run(words)


def uninstall(run: Run = run_command, file: Path | None = None) -> None:
    """Stop it and forget it. Raises ``ServiceError``."""
    windows = sys.platform == "win32"
    file = file or (Path(tempfile.gettempdir()) / f"{task_scheduler.NAME}.xml" if windows else _unit_file())
    if not windows and not file.exists():
        raise ServiceError(f"{file}: 没有装成服务 / it is not installed as a service")
    for words in task_scheduler.uninstall_commands() if windows else systemd.uninstall_commands():
        run(words)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise ServiceError(f"{file}: {error}") from error
    if not windows:
        run(["systemctl", "daemon-reload"])


def installed() -> bool:
    """Whether it is installed, whatever it does."""
    if sys.platform != "win32":
        return _unit_file().exists()
    try:
        run_command(["schtasks", "/query", "/tn", task_scheduler.NAME])
    except ServiceError:
        return False
    return True


def status(run: Run = run_command) -> str:
    """What the machine says of it. Raises ``ServiceError``."""
    if not installed():
        raise ServiceError("没有装成服务:broadcaster service install / it is not installed as a service")
    if sys.platform == "win32":
        return run(["schtasks", "/query", "/tn", task_scheduler.NAME, "/v", "/fo", "list"])
    shown = "ActiveState,SubState,MainPID,NRestarts,ActiveEnterTimestamp,UnitFileState,StatusText"
    return run(["systemctl", "show", f"{systemd.NAME}.service", "-p", shown])


def _unit_file() -> Path:
    return systemd.FOLDER / f"{systemd.NAME}.service"


def _frozen(commands: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(words) for words in commands)


def account_of(home: Home, user: str | None) -> systemd.Account:
    """The account of that name, or the home folder's owner. Raises ``UsageError`` for root and for strangers."""
    if sys.platform == "win32":
        raise UsageError("there are no such accounts on Windows")
    import grp
    import pwd

    try:
        found = pwd.getpwnam(user) if user else pwd.getpwuid(home.root.stat().st_uid)
    except KeyError:
        raise UsageError(
            f"没有系统账号 {user or home.root.stat().st_uid},先建一个 / there is no such account, make it: "
            f"sudo useradd --create-home {user or 'broadcast'}"
        ) from None
    if found.pw_uid == 0:
        raise UsageError(
            "播音不要用 root:请用 --user 指定普通账号,并把文件夹交给它(chown -R) / "
            "not as root: name an ordinary account with --user, and give it the folder (chown -R)"
        )
    return systemd.Account(found.pw_name, found.pw_uid, grp.getgrgid(found.pw_gid).gr_name)


def present_groups() -> list[str]:
    """Those of :data:`systemd.GROUPS` that this machine has; a unit that names another can't start."""
    if sys.platform == "win32":
        return []
    import grp

    known = {one.gr_name for one in grp.getgrall()}
    return [name for name in systemd.GROUPS if name in known]
