"""A fault tells nobody a key or a password: it is shown on a page that needs no log-in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from broadcaster.plan.faults import HIDDEN, Fault
from tests.plan_kit import STATION, faults_of, text_of

WEATHER = "weather:\n  place: 上海\n  latitude: 31\n  longitude: 121\n  provider: qweather\n  host: a.b\n"
KEY = "4711081598765432"


def everything(fault: Fault) -> str:
    return f"{fault} {fault!r} {json.dumps(fault.as_json())}"


@pytest.mark.parametrize(
    "line", [f"key: {KEY}", f"key: [{KEY}]", f"key: {{a: {KEY}}}", f"keys: {KEY}", f"api_key: {KEY}"]
)
def test_the_key_of_the_weather_is_not_told(line: str) -> None:
    found = faults_of({STATION: text_of(STATION) + WEATHER + f"  {line}\n"})
    assert found and all(KEY not in everything(fault) for fault in found)


@pytest.mark.parametrize("field", ["weather.key", "alerts[0].password", "page.access_token"])
def test_what_is_found_at_such_a_place_is_hidden(field: str) -> None:
    fault = Fault("bad-value", "config/station.yaml", 3, field, 4711, {"reason": "4711 is no text"})
    assert (fault.value, fault.message("en")) == (HIDDEN, f"Not a fit value: {HIDDEN} is no text.")


@pytest.mark.parametrize(
    "lines",
    [
        f"alerts: wecombot://{KEY}",
        f"alerts: {{to: wecombot://{KEY}}}",
        f"alerts: {{to: [wecombot://{KEY}]}}",
        f"alerts: {{to: [{{url: wecombt://{KEY}}}]}}",
        f"alerts: {{to: [{{url: [wecombot://{KEY}]}}]}}",
        f"alerts: {{to: [{{adress: wecombot://{KEY}}}]}}",
        f"alerts: {{heartbeat: https://hc.example/{KEY}}}",
        f"alerts: {{heartbeat: {{url: ftp://hc.example/{KEY}}}}}",
        f"alerts: {{quiet: wecombot://{KEY}}}",
        f"alert: {{to: [{{url: wecombot://{KEY}}}]}}",
    ],
)
def test_the_addresses_of_alerts_are_not_told(lines: str) -> None:
    found = faults_of({STATION: f"{text_of(STATION)}{lines}\n"})
    assert found and all(KEY not in everything(fault) for fault in found)


def test_a_wrong_address_has_its_line_and_holds_nothing_up() -> None:
    before = text_of(STATION)
    lines = "alerts:\n  to:\n    - url: wecombt://abcdefgh\n    - {url: json://a.b/c, least: urgent}\n"
    fault = next(one for one in faults_of({STATION: before + lines}) if one.code == "alert-address")
    assert (fault.line, fault.blocking) == (before.count("\n") + 3, False) and "wecombot" in fault.message("zh")


@pytest.mark.parametrize("value", [{"key": KEY}, [{"deep": {"Password": KEY}}]])
def test_what_lies_inside_is_hidden_too(value: Any) -> None:
    assert KEY not in everything(Fault("not-mapping", "config/station.yaml", 1, "", value))


def test_all_else_is_told_as_before() -> None:
    assert Fault("bad-choice", field="sound.output", value=4711, params={"hint_zh": "", "hint_en": ""}).value == 4711
