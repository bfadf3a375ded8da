"""What the browser is told not to do with our pages, and which way back is safe."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, url_for
from werkzeug.exceptions import HTTPException

#: Nothing inline and nothing from elsewhere: a text that slips through as markup still can't run.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's own pictures are written into its style sheet
        "media-src 'self'",
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
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

#: Pages that a change of language, or a log-in, may lead back to.
PAGES = (
    "pages.air",
    "pages.day",
    "accounts.login",
    "accounts.first",
    "accounts.own",
    "accounts.everybody",
    "notices.all",
    "notices.write",
    "notices.show",
    "notices.rewrite",
    "forms.shelf",
    "forms.open_form",
    "lexicon.entries",
)


def csp_nonce() -> str:
    """Lets the one style sheet through that a library writes into this very page."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask) -> None:
    """Every answer carries the headers; nothing but static files may be kept by a cache."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    @app.after_request
    def harden(response: Response) -> Response:
        if "csp_nonce" in g:
            policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{g.csp_nonce}'")
            response.headers["Content-Security-Policy"] = policy
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


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
