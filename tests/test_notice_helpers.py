"""What of the plan a draft names wrongly, and in which language it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.clock import SystemClock
from broadcaster.errors import MediaError
from broadcaster.plan.models import Voices
from broadcaster.publishing.almanac import Almanac
from broadcaster.rooms.notice_helpers import PlanHelp
from broadcaster.rooms.sayings import chime_path
from broadcaster.settings import Home
from tests.notice_kit import TODAY, draft
from tests.playout_kit import small_plan


@pytest.fixture
def help_(tmp_path: Path) -> PlanHelp:
    voices = Voices.model_validate({"voices": {"calm": {"language": "zh"}, "guests": {"language": "en"}}})
    plan = small_plan().model_copy(update={"voices": voices})
    known = {"zf_xiaoyi", "zh", "en"}
    almanac = Almanac(None, SystemClock())
    return PlanHelp(Home(tmp_path), lambda: plan, almanac, lambda: TODAY, knows_voice=known.__contains__)


def test_a_voice_that_nobody_has_is_named_with_those_of_the_house(help_: PlanHelp) -> None:
    assert [help_.fault(draft(voice=voice, chime=None)) for voice in (None, "calm", "zf_xiaoyi")] == ["", "", ""]
    words = help_.fault(draft(voice="clam", chime=None))
    assert "clam" in words and "calm" in words


def test_a_draft_is_read_in_the_language_of_its_voice(help_: PlanHelp) -> None:
    assert [help_.language(draft(voice=voice)) for voice in (None, "calm", "guests", "en")] == ["zh", "zh", "en", "en"]


@pytest.mark.parametrize("name", ["/etc/passwd", "ding*", "**/x", "../chimes/bell", "a\0b"])
def test_a_chime_is_a_name_and_no_path(name: str, tmp_path: Path) -> None:
    chimes = tmp_path / "announcements" / "chimes"
    chimes.mkdir(parents=True)
    (chimes / "bell.wav").touch()
    assert chime_path(Home(tmp_path), "bell") == str(chimes / "bell.wav")
    with pytest.raises(MediaError, match="no chime"):
        chime_path(Home(tmp_path), name)
