"""What a forecast may say is known before it says so: nobody approves its words one by one."""

from __future__ import annotations

import pytest

from broadcaster.weather.wording import says_of_weather


@pytest.mark.parametrize("word", ["多云", "摄氏度", "25度", "二十", "东北风", "上海", "请您带好雨伞", "转多云"])
def test_what_a_forecast_may_say_is_taken(word: str) -> None:
    assert says_of_weather(word, "上海")


@pytest.mark.parametrize("word", ["TATA", "欧派橱柜", "王小姐"])
def test_what_no_forecast_says_is_free(word: str) -> None:
    assert not says_of_weather(word, "上海")
