"""The repository itself: what makes `./run` work on a machine that nobody prepared."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SCRIPTS = ("run", "test", ".ci/run", "scripts/lock")
NEEDS_BASH = pytest.mark.skipif(sys.platform == "win32", reason="run.ps1 is the twin there")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _pinned(lock: str) -> dict[str, set[str]]:
    """Name -> versions; a package can have one for each Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement = Requirement(line)
            (only,) = requirement.specifier
            assert only.operator == "==", line
            found.setdefault(canonicalize_name(requirement.name), set()).add(only.version)
    return found


def _wanted(lock: str) -> list[Requirement]:
    texts = list(PROJECT["project"]["dependencies"])
    if lock == "requirements-dev.lock":
        texts += PROJECT["dependency-groups"]["dev"]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_fits_the_project(lock: str) -> None:
    pinned = _pinned(lock)
    for wanted in _wanted(lock):
        versions = pinned.get(canonicalize_name(wanted.name), set())
        assert versions and all(version in wanted.specifier for version in versions), f"{wanted}: {versions}"


def test_what_is_tested_is_what_runs() -> None:
    run, dev = _pinned("requirements.lock"), _pinned("requirements-dev.lock")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_place(lock: str) -> None:
    assert not re.search(r"://|^\s*-|file:|@", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)


@NEEDS_BASH
@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_executable_and_well_formed(script: str) -> None:
    listed = subprocess.run(["git", "ls-files", "-s", script], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.stdout:  # a copy without git has the bits of its file system alone
        assert listed.stdout.startswith("100755 ")
    assert subprocess.run(["bash", "-n", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("script", [*SCRIPTS, "scripts/setup.sh"])
def test_scripts_have_plain_line_ends(script: str) -> None:
    assert b"\r" not in (ROOT / script).read_bytes()


def test_the_run_script_ends_in_the_daemon() -> None:
    last = (ROOT / "run").read_text(encoding="utf-8").rstrip().splitlines()[-1]
    assert last.startswith('exec "$VENV/bin/broadcaster" run')


def _setup(words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f". scripts/setup.sh; {words}"],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@NEEDS_BASH
def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    ran = _setup("ensure_python", PYTHON=str(old))
    assert ran.returncode == 1 and "Python 3.9.2" in ran.stderr


@NEEDS_BASH
def test_missing_packages_are_named_where_there_is_no_apt(tmp_path: Path) -> None:
    for program in ("id", "grep", "timeout", "printf"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    ran = subprocess.run(
        ["/bin/bash", "-c", ". scripts/setup.sh; ensure_system"],
        cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0
    assert all(name in ran.stderr for name in ("pulseaudio", "python3-venv"))
