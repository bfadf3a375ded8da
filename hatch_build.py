"""Build hook: packs what is not committed, so that an installed package needs neither compiler nor registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # type: ignore[import-not-found, unused-ignore]

CATALOGUES = "broadcaster/web/translations"
VENDOR = "broadcaster/web/static/vendor"
FONTS = "broadcaster/paper/fonts"


class CatalogueHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Has packed what is not committed: a ``.mo`` beside each ``.po``, and what :mod:`broadcaster.assets` fetched."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files."""
        for text in Path(self.root, CATALOGUES).rglob("*.po"):
            with text.open("rb") as source, text.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(source))
        build_data["artifacts"].append(f"{CATALOGUES}/**/*.mo")
        # An editable install, as ./run and ./test make it, fetches them afterwards.
        for folder, kind, what in ((VENDOR, "*.js", "the page's files"), (FONTS, "*.ttf", "the fonts of paper")):
            if version == "standard" and not any(Path(self.root, folder).glob(kind)):
                raise RuntimeError(f"{what} are missing: run  python -m broadcaster.assets  in the checkout first")
            build_data["artifacts"].append(f"{folder}/*")
