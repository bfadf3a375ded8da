"""The routes of the API that tell of the station, as :mod:`broadcaster.web.openapi` describes them."""

from __future__ import annotations

from broadcaster.web import contract
from broadcaster.web.route import DATE, Parameter, Route

ON = Parameter("date", "Date of the station, YYYY-MM-DD", DATE, "2026-11-28")
LOCAL_TIME = Parameter(
    "local_time",
    "The station's wall time, YYYY-MM-DDTHH:MM:SS; HH:MM alone means today; with an offset, that instant",
    example="2026-11-28T09:42:00",
)

ROUTES = (
    Route("/api/v1/status", "On air now, what comes next, health", contract.Status),
    Route("/api/v1/rundown/{date}", "What should air on a date", contract.Rundown, parameters=(ON,)),
    Route("/api/v1/asrun/{date}", "What was broadcast on a date", contract.AsRun, parameters=(ON,)),
    Route(
        "/api/v1/why/{local_time}", "What is on air at a second, and which rule chose it", contract.Why,
        parameters=(LOCAL_TIME,),
    ),
    Route("/api/v1/check", "Faults and warnings of the plan files", contract.Check),
    Route("/healthz", "Whether the station can play; 503 with the same body when it can't", contract.Healthz),
    Route(
        "/metrics", "Figures for Prometheus; for the machine itself, and for accounts", media_type="text/plain"
    ),
)  # fmt: skip
