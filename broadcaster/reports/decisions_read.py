"""The decisions of :mod:`broadcaster.decisions` read back: what the program did by itself around an instant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.ops.log_files import DECISIONS
from broadcaster.plan.models import Names
from broadcaster.settings import Home

AROUND = timedelta(seconds=30)
MOST = 8


@dataclass(frozen=True, slots=True)
class Decision:
    """One line."""

    at: datetime
    what: str
    facts: Mapping[str, Any]

    def told(self) -> Names:
        """A sentence for people; its clock is the reader's to add."""
        zh, en = _WORDS.get(self.what, (self.what, self.what))
        facts = {name: value for name, value in self.facts.items() if value not in (None, "")}
        reason = str(facts.get("reason") or facts.get("why") or facts.get("rung") or "")
        zh_reason, _, en_reason = reason.partition(" / ")
        return Names(
            zh=f"{zh}({zh_reason})" if zh_reason else zh,
            en=f"{en} ({en_reason or zh_reason})" if zh_reason else en,
        )


_WORDS: Mapping[str, tuple[str, str]] = {
    "engine-replaced": ("播放程序已换新", "the engine was replaced"),
    "engine-recycled": ("播放程序已重启", "the engine was started anew"),
    "silence-rung": ("发现无声,采取措施", "silence was noticed and a remedy tried"),
    "fallback-left": ("备用音乐结束,回到计划", "the fallback music was left"),
    "output-changed": ("换了声音输出", "the output changed"),
    "clock-stepped": ("电脑时间被调整", "the clock was set"),
    "clock-untrusted": ("电脑时间不可信", "the clock was not believed"),
    "clock-trusted": ("电脑时间恢复可信", "the clock was believed again"),
    "emergency-resumed": ("重启后继续应急广播", "an emergency went on after a restart"),
    "fire-alarm": ("消防信号", "fire alarm"),
    "plan-taken": ("换用新的播音计划", "another plan was taken on air"),
    "spot-left-out": ("插播未播", "a spot was left out"),
    "recording-damaged": ("录音文件损坏", "a recording was damaged"),
    "database-set-aside": ("数据库损坏,已换新", "a damaged database was set aside"),
}


def decisions_around(home: Home, instant: datetime) -> list[Decision]:
    """What was decided within half a minute of an instant, nearest first; nothing where no log goes back so far."""
    found = [one for file in _files(home, instant) for one in _within(file, instant)]
    return sorted(found, key=lambda one: abs(one.at - instant))[:MOST]


def _files(home: Home, instant: datetime) -> Iterator[Path]:
    """The files that were still written to at the instant, oldest content last."""
    for path in home.logs.glob(f"{DECISIONS}*"):
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= instant - AROUND:
                yield path
        except OSError:
            continue


def _within(path: Path, instant: datetime) -> Iterator[Decision]:
    low, high = ((instant + step).astimezone(UTC).isoformat(timespec="milliseconds") for step in (-AROUND, AROUND))
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                # The instant stands first, in one form: most lines need not be read further.
                if not low <= line[8:37] <= high:
                    continue
                try:
                    facts = json.loads(line)
                    at, what = datetime.fromisoformat(facts.pop("at")), str(facts.pop("what"))
                except (ValueError, KeyError, TypeError):
                    continue
                if what in _WORDS or what.startswith("standby-"):
                    yield Decision(at, what, facts)
    except OSError:
        return
