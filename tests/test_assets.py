"""The page's third-party files: what is there is right, what is wrong is fetched again, and nothing else is taken."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from broadcaster import assets
from broadcaster.assets import File, Package
from broadcaster.voice.fetch.download import FetchError


def package(content: bytes) -> Package:
    file = File(path="dist/a.js", name="a.js", sha256=hashlib.sha256(content).hexdigest())
    return Package(name="a", version="1.0", license="MIT", files=(file,))


def test_all_files_of_the_page_are_there() -> None:
    found = assets.load()
    assert assets.missing(found.packages, assets.VENDOR) == []
    assert assets.missing(found.fonts, assets.FONTS) == []
    assert assets.missing(found.for_tests, assets.FOR_TESTS) == []


def test_a_missing_file_is_brought(tmp_path: Path) -> None:
    given, folder = tmp_path / "given", tmp_path / "vendor"
    given.mkdir()
    (given / "a.js").write_bytes(b"x")
    assert assets.bring([package(b"x")], folder, given) == ["a 1.0"]
    assert (folder / "a.js").read_bytes() == b"x"
    assert assets.bring([package(b"x")], folder, given) == []


def test_a_changed_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.js").write_bytes(b"tampered")
    (tmp_path / "a.js").write_bytes(b"x")
    assets.bring([package(b"x")], tmp_path / "vendor", tmp_path)
    assert (tmp_path / "vendor" / "a.js").read_bytes() == b"x"


def test_another_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(b"y")
    with pytest.raises(FetchError, match="checksum"):
        assets.bring([package(b"x")], tmp_path / "vendor", tmp_path)
    assert not (tmp_path / "vendor" / "a.js").exists()


def test_only_free_licences_that_allow_it_are_packed() -> None:
    assert {one.license for one in assets.load().packages} <= {"MIT", "0BSD"}
    assert {one.license for one in assets.load().fonts} == {"MIT AND OFL-1.1"}


@pytest.mark.network
def test_a_scoped_package_comes_from_the_registry(tmp_path: Path) -> None:
    scoped = [one for one in assets.load().packages if one.name.startswith("@")]
    assert len(assets.bring(scoped, tmp_path)) == len(scoped) == 1
    assert assets.missing(scoped, tmp_path) == []
