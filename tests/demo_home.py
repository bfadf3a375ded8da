"""A filled store to look at: the starter's plan, short music, people, notices in every state, a log of some days.

The daemon on it is the real one, in rehearsal on the morning of an ordinary Saturday, and plays to a private sound
server. The home is made once and kept; what the daemon prepared in it need not be prepared again.
"""

from __future__ import annotations

import json
import math
import shutil
import struct
import urllib.request
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import RehearsalClock
from broadcaster.notices.desk import NoticeDesk
from broadcaster.notices.models import NoticeDraft
from broadcaster.settings import Home
from broadcaster.store.database import Database, open_database
from broadcaster.store.users import Users
from broadcaster.store.vendors import Vendors
from tests.lab.sink import NullSink
from tests.live_kit import Daemon, running
from tests.web_fakes import ROOT, ZONE
from tests.web_offices import PASSWORD, PEOPLE

NOW = datetime(2026, 11, 28, 10, 37, 40, tzinfo=ZONE)
TRACKS = {
    "welcome": ("迎宾曲",),
    "staff-song": ("晨会歌",),
    "light": ("午后", "林间", "慢步", "窗边"),
    "english": ("Harbour Lights", "Sunday Paper"),
    "send-off": ("晚安",),
}
#: Title, text, what else of the draft; who decides and how.
NOTICES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("停车提醒", "各位顾客，请把车停在黄线以内，方便他人。", {}, "reject:文字太短，请写明车位"),
    ("电梯检修", "各位顾客，二号扶梯正在检修，请走东侧步梯，给您带来不便请谅解。", {}, "approve"),
    ("亲子手工课", "三楼中庭下午三点有亲子手工课，欢迎带孩子参加。", {"vendor": "tata"}, "approve"),
    ("家电补贴说明", "家电以旧换新补贴办理点在一楼北门服务台。", {"read": 2, "pause": 3}, "withdraw:活动改期"),
    ("失物招领", "有顾客拾到一串钥匙，请失主到一楼服务台认领。", {}, "approve"),
    (
        "满减活动", "TATA木门重大优惠，满一千减二百，原价1999元，现价999元。",
        {"vendor": "tata", "note": "下午两点前请播一次"}, "",
    ),
    ("会员日", "今天是会员日，会员购物积分加倍，详情请到服务台咨询。", {"vendor": "oppein"}, ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demo:
    """A running store."""

    url: str
    root: Path


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """The daemon on a home in this folder, with a plan on air."""
    fill(folder)
    with NullSink() as sink, running(folder, sink, "--at", NOW.strftime("%Y-%m-%dT%H:%M:%S")) as daemon:
        daemon.ready(180.0)
        _log(daemon)
        yield Demo(f"http://127.0.0.1:{daemon.port}", folder)


def fill(folder: Path) -> None:
    """Lay the home out, or bring it back to its first state: only what was prepared is kept."""
    home = Home(folder)
    for name in ("config", "announcements"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(ROOT / name, folder / name)
    for number, chime in enumerate(("ding-dong", "four-tone")):
        _music(folder / "announcements" / "chimes" / f"{chime}.wav", 520.0 + 130 * number, seconds=1)
    for playlist, titles in TRACKS.items():
        for number, title in enumerate(titles):
            path = folder / "playlists" / playlist / f"{title}.wav"
            if not path.exists():
                _music(path, 160.0 + 30 * number + len(playlist))
    home.run.mkdir(parents=True, exist_ok=True)
    for real in (home.database, home.rehearsal_database):
        for old in (real, *real.parent.glob(f"{real.name}-*")):
            old.unlink(missing_ok=True)
    database = open_database(home.database)
    _people(database)
    _notices(database)
    database.dispose()
    home.rehearsal_database.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(home.database, home.rehearsal_database)
    # A rehearsal that was alive a moment ago goes on, with its log.
    (home.run / "alive-rehearsal").write_text((NOW - timedelta(seconds=30)).isoformat(), encoding="ascii")


def _people(database: Database) -> None:
    clock = RehearsalClock(NOW - timedelta(days=9))
    users, vendors = Users(database, clock), Vendors(database, clock)
    for name, display, role in PEOPLE:
        users.add(name, display, role, PASSWORD)
    vendors.put("tata", "TATA木门", "TATA Doors", by="liqiang")
    vendors.put("oppein", "欧派橱柜", "Oppein Kitchens", by="liqiang")
    vendors.contract(
        "tata", "vendor-promos", 6, NOW.date() - timedelta(days=9), NOW.date() + timedelta(days=20), by="liqiang"
    )


def _notices(database: Database) -> None:
    when = {"at": ["10:45", "14:00"], "first": "2026-11-27", "last": "2026-11-30"}
    for number, (title, text, more, decision) in enumerate(NOTICES):
        clock = RehearsalClock(NOW - timedelta(minutes=90 - 10 * number))
        desk, users = NoticeDesk(database, clock, lambda: ZONE), Users(database, clock)
        author, other = users.get("xiaomei"), users.get("wanglan")
        assert author is not None and other is not None
        draft = NoticeDraft.model_validate({"title": title, "text": text, "when": when, **more})
        record = desk.submit(draft, author, "192.168.1.31")
        verdict, _colon, reason = decision.partition(":")
        if verdict == "reject":
            desk.reject(record.id, 1, other, reason, "192.168.1.20")
        elif verdict:
            desk.approve(record.id, 1, other, where="192.168.1.20")
        if verdict == "withdraw":
            desk.withdraw(record.id, other, reason, "192.168.1.20")


def _log(daemon: Daemon) -> None:
    """What aired before the rehearsal began: all that its own rundown has there."""
    database = open_database(Home(daemon.root).rehearsal_database)
    asrun = AsRunLog(database, "main")
    for days in (2, 1, 0):
        on = NOW.date() - timedelta(days=days)
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/api/v1/rundown/{on}", timeout=30) as answer:
            spots = json.load(answer)["spots"]
        for spot in spots:
            _aired(asrun, on, spot)
    database.dispose()


def _aired(asrun: AsRunLog, on: date, spot: dict[str, Any]) -> None:
    at, known = datetime.fromisoformat(spot["at"]), {name: spot[name] for name in ("kind", "ref", "title")}
    ended = at + timedelta(seconds=spot["duration_s"])
    if ended > NOW:
        return
    what: dict[str, Any] = {"date": on, "spot_id": spot["id"], "planned_at": at, **known}
    if at.minute == 21:
        asrun.skip_spot(reason="手动跳过", **what)
    elif asrun.arm_spot(armed_at=at - timedelta(seconds=2), **what):
        asrun.spot_started(spot["id"], at)
        asrun.heard(spot["id"], at + timedelta(seconds=0.2), -21.5)
        asrun.spot_ended(spot["id"], ended, Outcome.AIRED)


def _music(path: Path, pitch_hz: float, seconds: int = 75, rate: int = 22_050) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    period = [int(6000 * math.sin(2 * math.pi * pitch_hz * n / rate)) for n in range(rate)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{rate}h", *period) * seconds)
