"""The task by which Windows starts the daemon at boot. Written by the book, not tried on a Windows PC yet."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

NAME = "StoreBroadcast"
SYSTEM = "S-1-5-18"

_TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>商场播音系统 Store broadcast ({home})</Description>
    <URI>\\{name}</URI>
  </RegistrationInfo>
  <Triggers>
    {start}
    <TimeTrigger>
      <Repetition>
        <Interval>PT1M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <StartBoundary>2020-01-01T00:00:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      {principal}
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>true</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{home}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def task(home: Path, command: Sequence[str], user: str | None = None, name: str = NAME) -> str:
    """The task's XML: at boot as the system itself, or, with ``user``, when that account logs in (automatically).

    It is looked at each minute besides, and started if it does not run; it may run for ever, on battery too, and at
    normal priority (4; the scheduler's own 7 is below normal).
    """
    if user is None:
        start = "<BootTrigger><Enabled>true</Enabled></BootTrigger>"
        principal = f"<UserId>{SYSTEM}</UserId>"
    else:
        who = escape(user)
        start = f"<LogonTrigger><Enabled>true</Enabled><UserId>{who}</UserId></LogonTrigger>"
        principal = f"<UserId>{who}</UserId><LogonType>InteractiveToken</LogonType>"
    return _TASK.format(
        name=escape(name), home=escape(str(home)), start=start, principal=principal, program=escape(command[0]),
        arguments=escape(subprocess.list2cmdline(list(command[1:]))),
    )  # fmt: skip


def install_commands(file: Path, name: str = NAME) -> list[list[str]]:
    """``file`` holds :func:`task`, in UTF-16 as the scheduler wants it."""
    return [["schtasks", "/create", "/tn", name, "/xml", str(file), "/f"], ["schtasks", "/run", "/tn", name]]


def uninstall_commands(name: str = NAME) -> list[list[str]]:
    """End it, then forget it."""
    return [["schtasks", "/end", "/tn", name], ["schtasks", "/delete", "/tn", name, "/f"]]
