"""Keys of outside services in versions of the plan: masked however they are written."""

from __future__ import annotations

import pytest

from broadcaster.editing.comparing import HIDDEN, compared, hidden
from tests.plan_kit import PROGRAMME, STATION, text_of

PLACE = "provider: qweather, place: 杭州, latitude: 30, longitude: 120"
WAYS = [
    f"weather: {{{PLACE}, key: geheim-1}}",
    f'weather: {{{PLACE}, "key": "geheim-1"}}',
    f"weather: {{{PLACE}, key : 'geheim-1'}}",
    "weather:\n  place: 杭州\n  key: geheim-1 2  # of the shop",
    "weather:\n  place: 杭州\n  key: |\n    geheim-1\n    geheim-2",
    "weather:\n  place: 杭州\n  key: >-\n    geheim-1\n    geheim-2",
    "weather:\n  place: 杭州\n  ? key\n  : geheim-1",
    "weather:\n  place: 杭州\n  Key: geheim-1",
    "weather:\n  place: 杭州\n  # key: geheim-0",
    "weather: &w\n  key: geheim-1\nother: *w",
    'weather: {key: "geheim-1',
    "password: geheim-1",
]


@pytest.mark.parametrize("way", WAYS)
def test_a_key_is_masked_however_it_is_written(way: str) -> None:
    text = f"{text_of(STATION)}{way}\n"
    assert "geheim" in text and "geheim" not in hidden(STATION, text)
    for before, after in (({}, {STATION: text}), ({STATION: text_of(STATION)}, {STATION: text})):
        assert "geheim" not in repr(compared(before, after))


def test_the_rest_of_the_file_is_shown_as_it_is() -> None:
    text = f"{text_of(STATION)}weather: {{place: 杭州, key: geheim}}\n"
    shown = [line for line in hidden(STATION, text).splitlines() if HIDDEN not in line]
    # An address in a comment may be one that was in use.
    assert shown == [line for line in text.splitlines() if "://" not in line and "geheim" not in line]
    assert hidden(PROGRAMME, text_of(PROGRAMME)) == text_of(PROGRAMME)


def test_another_key_is_told_as_a_change_and_no_more() -> None:
    old, new = (f"{text_of(STATION)}weather: {{place: 杭州, key: geheim-{number}}}\n" for number in (1, 2))
    (file,) = compared({STATION: old}, {STATION: new})
    assert [(one.path, one.before, one.after) for one in file.entries] == [(("weather", "key"), HIDDEN, HIDDEN)]
