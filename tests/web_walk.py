"""Every page of the site, with an address for each: what is looked at by the checks that walk through all of it."""

from __future__ import annotations

from flask import Flask

#: By rule; the account that sees most of it. None: without an account.
PAGES: dict[str, tuple[str, str | None]] = {
    "/": ("/", "wanglan"),
    "/account": ("/account", "wanglan"),
    "/alerts": ("/alerts", "liqiang"),
    "/audit": ("/audit", "liqiang"),
    "/calendar": ("/calendar", "wanglan"),
    "/calendar/<int:year>": ("/calendar/2026", "wanglan"),
    "/day/<text>": ("/day/2026-11-28", "wanglan"),
    "/emergency": ("/emergency", "wanglan"),
    "/emergency/<message>": ("/emergency/evacuate", "wanglan"),
    "/forms": ("/forms", "wanglan"),
    "/forms/<name>": ("/forms/lost-child", "wanglan"),
    "/lexicon": ("/lexicon", "wanglan"),
    "/listen": ("/listen", "laozhao"),
    "/live": ("/live", "wanglan"),
    "/login": ("/login", None),
    "/notices": ("/notices", "wanglan"),
    "/notices/<int:number>": ("/notices/6", "wanglan"),
    "/notices/<int:number>/edit": ("/notices/6/edit", "wanglan"),
    "/notices/new": ("/notices/new", "wanglan"),
    "/people": ("/people", "liqiang"),
    "/playlists": ("/playlists", "wanglan"),
    "/playlists/<name>": ("/playlists/light", "wanglan"),
    "/programme": ("/programme", "wanglan"),
    "/programme/versions": ("/programme/versions", "wanglan"),
    "/programme/versions/<int:number>": ("/programme/versions/1", "wanglan"),
    "/programme/versions/compare": ("/programme/versions/compare?a=1&b=1", "wanglan"),
    "/reports": ("/reports", "wanglan"),
    "/reports/book/<text>": ("/reports/book/2026-11-28", "wanglan"),
    "/reports/day/<text>": ("/reports/day/2026-11-28", "wanglan"),
    "/reports/texts/<text>": ("/reports/texts/2026-11-28", "wanglan"),
    "/reports/trends": ("/reports/trends?from=2026-10-05&to=2026-11-28", "laozhao"),
    "/reports/vendor/<vendor>": ("/reports/vendor/tata", "wanglan"),
    "/reports/vendors": ("/reports/vendors", "wanglan"),
    "/screen": ("/screen", None),
    "/scripts": ("/scripts", "wanglan"),
    "/scripts/<name>": ("/scripts/welcome-speech", "wanglan"),
    "/scripts/new": ("/scripts/new", "wanglan"),
    "/scripts/sounds": ("/scripts/sounds", "wanglan"),
    "/settings": ("/settings", "liqiang"),
    "/settings/alerts": ("/settings/alerts", "liqiang"),
    "/settings/backup": ("/settings/backup", "liqiang"),
    "/settings/levels": ("/settings/levels", "liqiang"),
    "/settings/levels/calibrate": ("/settings/levels/calibrate", "liqiang"),
    "/settings/station": ("/settings/station", "liqiang"),
    "/settings/voices": ("/settings/voices", "liqiang"),
    "/settings/weather": ("/settings/weather", "liqiang"),
    "/vendors": ("/vendors", "liqiang"),
    "/why": ("/why?at=2026-11-28T10:15:00", "laozhao"),
}
#: The same pages in another state, which looks otherwise.
STATES: dict[str, tuple[str, str | None]] = {
    "on air without an account": ("/", None),
    "an archive": ("/notices?tab=archive", "wanglan"),
    "a notice on its schedule": ("/notices/2", "wanglan"),
    "a notice withdrawn": ("/notices/4", "xiaomei"),
    "notices of an author": ("/notices", "xiaomei"),
    "a form with a choice": ("/forms/lost-property-found", "xiaomei"),
    "an address mistyped": ("/nowhere", "wanglan"),
    "what one may not see": ("/people", "xiaomei"),
}
#: Parts of pages, sounds and files, and addresses that lead on at once.
NO_PAGES = frozenset(
    {
        "/air/closing", "/air/list", "/calendar/day/<text>", "/day", "/first", "/healthz", "/hear/<token>.wav",
        "/lang/<code>", "/part/alerts", "/emergency/<message>/<int:number>.wav", "/part/call",
        "/listen/cut.mp3", "/listen/live.mp3", "/part/listen",
        "/part/live", "/part/notices/<int:number>", "/part/playlists/<name>", "/part/today", "/part/uploads",
        "/part/why", "/playlists/<name>/tracks/<key>.wav", "/programme/day", "/reports/book",
        "/reports/book/<text>.pdf", "/reports/day", "/reports/day/<text>.csv",
        "/reports/trends.pdf", "/reports/trends/<name>.svg",
        "/reports/texts", "/reports/vendor", "/reports/vendor/<vendor>.<any(csv, xlsx, pdf):form>",
        "/reports/vendors.<any(csv, xlsx, pdf):form>", "/settings/backup/<name>",
        "/metrics", "/settings/voices/<name>/sample.wav", "/static/<path:filename>", "/theme/<code>",
    }
)  # fmt: skip


def looked_at(app: Flask) -> set[str]:
    """The addresses of the app that a browser may open, without the API."""
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return {rule.rule for rule in rules if not rule.rule.startswith("/api/")}
