"""What the browser is told not to do with our pages, and which way back is safe."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, url_for
from werkzeug.exceptions import HTTPException

from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import page_rules

#: Nothing inline and nothing from elsewhere: a text that slips through as markup still can't run.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's own pictures are written into its style sheet
        "font-src 'self' data:",  # FullCalendar's icons are written into its style sheet
        "media-src 'self' blob:",  # listening in is fed to the player by its own script
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": ", ".join(
        f"{name}=()"
        for name in (
            "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid",
            "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb",
        )
    ),
}  # fmt: skip
#: Half a year without plain HTTP, for the name alone: said over HTTPS only, and ignored for bare addresses.
STRICT_TRANSPORT = "max-age=15552000"

#: Endings that no stranger can have a name under: networks of houses and shops use them.
LOCAL_ENDINGS = (".local", ".lan", ".home", ".internal", ".intranet", ".corp", ".private", ".localhost", ".home.arpa")

#: Pages that a change of language, or a log-in, may lead back to.
PAGES = (
    "pages.air",
    "pages.day",
    "accounts.login",
    "alerts.show",
    "alert_settings.show",
    "accounts.first",
    "accounts.own",
    "people.everybody",
    "notices.all",
    "notices.write",
    "notices.show",
    "notices.rewrite",
    "forms.shelf",
    "forms.open_form",
    "lexicon.entries",
    "calendar.month",
    "calendar.year",
    "reports.shelf",
    "reports.day",
    "reports.vendor",
    "reports.vendors",
    "reports.texts",
    "day_book.page",
    "trends.page",
    "why.page",
    "listen.page",
    "emergency.page",
    "emergency.one",
    "live_page.page",
    "vendors.everybody",
    "audit.trail",
    "scripts.shelf",
    "scripts.write",
    "scripts.show",
    "uploads.sounds",
    "playlists.shelf",
    "playlists.show",
    "programme.show",
    "programme_versions.all_versions",
    "programme_versions.compare",
    "programme_versions.one",
)


def csp_nonce() -> str:
    """Lets the one style sheet through that a library writes into this very page."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask) -> None:
    """Every answer carries the headers; nothing but static files may be kept by a cache."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    app.before_request(refuse_strange_host)

    @app.after_request
    def harden(response: Response) -> Response:
        if "csp_nonce" in g:
            policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{g.csp_nonce}'")
            response.headers["Content-Security-Policy"] = policy
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class StrangeHost(HTTPException):
    """The page was asked for by a name that is not known to be ours."""

    code = 421
    name = "Misdirected Request"


def refuse_strange_host() -> None:
    """Refuse names that a stranger could own and lead here.

    A page of such a name would be of our own origin to the browser (DNS rebinding). An address, a name without dots
    and the endings of local networks can't be a stranger's; others are listed as ``page: names`` in ``station.yaml``.
    """
    host = host_name()
    if host is None or not is_own_name(host, page_rules().names):
        shown = (host or request.headers.get("Host", ""))[:100]
        raise StrangeHost(
            _("This page does not know the name %(name)s. Add it to page: names in config/station.yaml.")
            % {"name": shown}
        )


def host_name() -> str | None:
    """By which name or address the page was asked for, without port and brackets; None if that is neither."""
    try:
        return (urlsplit(f"//{request.host}").hostname or "").rstrip(".") or None
    except ValueError:
        return None


def is_own_name(host: str, names: tuple[str, ...] = ()) -> bool:
    """Whether a host is this machine's by all that can be told; ``names`` are the station's own."""
    host = host.casefold()
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    else:
        return True
    if not host or not all(char.isalnum() or char in "-_." for char in host):
        return False
    known = {name.casefold().rstrip(".") for name in (*names, socket.gethostname())}
    return "." not in host or host.endswith(LOCAL_ENDINGS) or host in known


def safe_return(target: str | None) -> str:
    """The address of one of our own pages: the one asked for, else the first.

    The target is looked up in our routes and written anew from them, so whatever a browser might read into
    ``//elsewhere`` or ``/\\elsewhere`` can't come out again.
    """
    routes = current_app.url_map.bind("")
    try:
        endpoint, values = routes.match(target or "/", method="GET")
    except HTTPException:
        return url_for("pages.air")
    return url_for(endpoint, **values) if endpoint in PAGES else url_for("pages.air")
