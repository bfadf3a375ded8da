"""Calls of the command line by files: what can't be understood stands in nobody's way."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from broadcaster.calls.desk import CallDesk
from broadcaster.calls.spool import CallSpool, ask_calls
from broadcaster.playout.interventions import Intervention
from broadcaster.settings import Home


class _Desk:
    def end(self, reason: str, *, by: str, where: str) -> Intervention:
        made: Any = type("Ended", (), {"params": {"title_zh": reason}})()
        return cast(Intervention, made)


def test_a_file_that_is_no_question_holds_up_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    folder = home.run / "calls"
    folder.mkdir(parents=True)
    (home.run / "daemon.lock").touch()
    (folder / "0.ask").write_bytes(b"\x00\xff half a file")
    (folder / "1.ask").write_text('{"deed": "end"}', encoding="utf-8")
    spool = CallSpool(home, cast(CallDesk, _Desk()))
    spool.start()
    try:
        assert "演练结束" in ask_calls(home, "end", reason="演练结束")
        assert not list(folder.glob("*.ask"))
    finally:
        spool.stop()
