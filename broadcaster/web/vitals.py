"""``/healthz`` and ``/metrics``: for machines that watch this one."""

from __future__ import annotations

from time import perf_counter
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest

from broadcaster.web.auth import me, unattended
from broadcaster.web.gate import is_forwarded, is_loopback
from broadcaster.web.offices import Vitals, current_offices, has_offices
from broadcaster.web.view import current_station

vitals = Blueprint("vitals", __name__)

EXTENSION = "page-times"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def init_app(app: Flask) -> None:
    """Measure each request from now on."""
    registry = CollectorRegistry(auto_describe=False)
    times = Histogram(
        "broadcaster_page_seconds", "From a request to its answer.", ["status"], buckets=_BUCKETS, registry=registry
    )
    app.extensions[EXTENSION] = registry

    @app.before_request
    def begin() -> None:
        g.begun = perf_counter()

    @app.after_request
    def end(answer: Response) -> Response:
        if "begun" in g:
            times.labels(f"{answer.status_code // 100}xx").observe(perf_counter() - g.begun)
        return answer


def is_own_machine() -> bool:
    """Whether a program of this machine asks, with nothing in between."""
    return is_loopback(request.remote_addr or "") and not is_forwarded()


def _vitals() -> Vitals | None:
    return current_offices().vitals if has_offices() else None


@vitals.get("/healthz")
@unattended
def healthz() -> tuple[Response, int]:
    """200 while all works that the air needs, 503 when not; why, only the machine itself and accounts are told."""
    found = _vitals()
    if found is None:
        engine = current_station().status()["health"]["engine"]
        return jsonify({"ok": engine != "lost", "engine": engine}), 503 if engine == "lost" else 200
    health = found.health()
    document: dict[str, Any] = {"ok": health.ok, "engine": health.engine}
    if is_own_machine() or me() is not None:
        document["reasons"] = [{"code": one.code, "message": one.zh, "message_en": one.en} for one in health.reasons]
    return jsonify(document), 200 if health.ok else 503


@vitals.get("/metrics")
@unattended
def metrics() -> Response:
    """Figures in Prometheus's text form, for this machine and for accounts."""
    if not is_own_machine() and me() is None:
        abort(401)
    found = _vitals()
    registry = cast(CollectorRegistry, current_app.extensions[EXTENSION])
    return Response((found.metrics() if found else b"") + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
