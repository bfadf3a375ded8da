"""What the documents say must be so: commands and options exist, and every entry of the plan is explained."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from broadcaster.cli import main_group
from broadcaster.plan.files import new_yaml
from broadcaster.plan.models import Calendar, Levels, Programme, Script, Station
from tests.plan_kit import restored

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/plan.md")
PLAN = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")

_FENCE = re.compile(r"^```(?:sh|console|powershell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\$ )?(?:\.venv[/\\](?:bin|Scripts)[/\\])?broadcaster\s+(.*)$")


def _commands() -> list[str]:
    found: dict[str, None] = {}
    for document in DOCUMENTS:
        for block in _FENCE.findall((ROOT / document).read_text(encoding="utf-8")):
            for line in block.splitlines():
                if match := _COMMAND.match(line.strip()):
                    found[match[1].partition(" #")[0].strip()] = None
    return list(found)


COMMANDS = _commands()


def _without_group_options(words: list[str]) -> list[str]:
    return words[2:] if words[0] == "--home" else words


def _parsed(command: str) -> click.Context:
    """The command with its arguments taken apart as click would, without running it. ``UsageError`` if it can't be."""
    name, *arguments = _without_group_options(shlex.split(command))
    found = main_group.commands.get(name)
    if found is None:
        raise click.UsageError(f"no command {name}")
    return found.make_context(name, arguments, parent=click.Context(main_group))


@pytest.mark.parametrize("command", COMMANDS)
def test_documented_commands_exist(command: str) -> None:
    if "--help" not in command and "-h" not in command.split():
        _parsed(command)
    else:
        assert CliRunner().invoke(main_group, shlex.split(command)).exit_code == 0


@pytest.mark.parametrize("wrong", ["runn", "day 2026-12-12 --ad event", "rundown 2026-13-01", "day"])
def test_a_wrong_command_would_be_found(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        _parsed(wrong)


def test_every_command_is_in_the_readme() -> None:
    shown = {_without_group_options(shlex.split(command))[0] for command in COMMANDS}
    assert set(main_group.commands) <= shown


#: Commands that may be run as they stand: they need no daemon, and write nothing but into the home and this folder.
HARMLESS = ("asrun", "check", "day", "init", "prepare", "rundown", "voices", "why")
RUNNABLE = [command for command in COMMANDS if command.split()[0] in HARMLESS]


@pytest.mark.parametrize("command", RUNNABLE)
def test_harmless_commands_do_as_written(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    ran = CliRunner().invoke(main_group, ["--home", str(restored()), *shlex.split(command)])
    assert ran.exit_code == 0, ran.output


def _models(annotation: Any) -> set[type[BaseModel]]:
    """All models that a part of the plan can be made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = (_models(field.annotation) for field in annotation.model_fields.values())
        return {annotation}.union(*inner)
    return set().union(*(_models(part) for part in get_args(annotation)))


MODELS = sorted(
    set().union(*(_models(root) for root in (Station, Levels, Calendar, Programme, Script))), key=lambda m: m.__name__
)


def _documented(model: type[BaseModel]) -> set[str]:
    """The entries in the table that follows the model's mark."""
    _, _, after = PLAN.partition(f"<!-- model: {model.__name__} -->")
    section = re.split(r"^(?:## |<!-- model: )", after, maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_entries_of_the_plan_are_documented(model: type[BaseModel]) -> None:
    assert _documented(model) == {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "config").iterdir()))
def test_files_of_the_plan_are_documented(file: str) -> None:
    assert f"## config/{file} " in PLAN
    assert f"config/{file}" in README


EXAMPLES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("file", "text"), EXAMPLES)
def test_examples_are_what_the_starter_says(file: str, text: str) -> None:
    """Examples leave out what is around them; what they do say must be read as the starter's own file is."""
    shown = new_yaml().load(text)
    whole = new_yaml().load((ROOT / file).read_text(encoding="utf-8"))
    for key, value in shown.items():
        if key == "text":
            continue
        if isinstance(value, list):
            known = {item["id"]: item for item in whole[key]}
            assert all(item.items() <= known[item["id"]].items() for item in value)
        else:
            assert value == whole[key]


def _targets() -> list[tuple[str, str]]:
    return [
        (document, target)
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / document).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("document", "target"), _targets())
def test_links_lead_somewhere(document: str, target: str) -> None:
    assert (ROOT / document).parent.joinpath(target).exists()
