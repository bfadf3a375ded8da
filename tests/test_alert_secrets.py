"""What two versions of the plan differ in is shown without the addresses of those who are told."""

from __future__ import annotations

import pytest

from broadcaster.editing.comparing import compared, hidden, without_secrets
from broadcaster.plan.unattended_models import Alerts

STATION = "config/station.yaml"
KEY = "4711081598765432"
BEFORE = "name: a\nalerts:\n  to:\n    - url: wecombot://old-key-12345\n      name: 值班\n"


@pytest.mark.parametrize(
    "lines",
    [
        f"alerts:\n  to:\n    - url: wecombot://{KEY}\n      name: 值班\n",
        f"alerts: {{to: [{{url: 'wecombot://{KEY}', name: 值班}}]}}\n",
        f"alerts:\n  to:\n    - wecombot://{KEY}\n",
        f"alerts:\n  heartbeat: {{url: https://hc.example/{KEY}}}\n",
        f"# alerts:\n#   to:\n#     - url: wecombot://{KEY}\n",
    ],
)
def test_nothing_of_an_address_is_in_a_comparison(lines: str) -> None:
    changes = compared({STATION: BEFORE}, {STATION: f"name: a\n{lines}"})
    assert changes and KEY not in repr(changes) and "old-key" not in repr(changes)
    assert KEY not in hidden(STATION, f"name: a\n{lines}")


def test_what_is_no_secret_is_shown() -> None:
    content = {"alerts": {"to": [{"url": f"wecombot://{KEY}", "name": "值班", "least": "urgent"}], "repeat": "15 min"}}
    shown = without_secrets(content)["alerts"]
    assert shown["to"][0]["name"] == "值班" and shown["to"][0]["least"] == "urgent" and shown["repeat"] == "15 min"
    assert KEY not in repr(shown)


def test_settings_do_not_show_an_address_when_they_are_printed() -> None:
    url = f"wecombot://{KEY}"
    assert KEY not in repr(Alerts.model_validate({"to": [{"url": url}], "heartbeat": {"url": f"https://a.b/{KEY}"}}))
