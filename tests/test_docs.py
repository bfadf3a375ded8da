"""What the documents say must be so: commands and options exist, and every entry of the plan is explained."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from broadcaster.cli import main_group
from broadcaster.plan.files import new_yaml
from broadcaster.plan.models import Calendar, Levels, Programme, Script, Station, Voices
from tests.plan_kit import lay_out_files, restored

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{one.name}" for one in (ROOT / "docs").glob("*.md")))
PLAN = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")

_FENCE = re.compile(r"^```(?:sh|console|powershell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\$ )?(?:\.venv[/\\](?:bin|Scripts)[/\\])?broadcaster\s+(.*)$")


def _commands(*documents: str) -> list[str]:
    found: dict[str, None] = {}
    for document in documents:
        for block in _FENCE.findall((ROOT / document).read_text(encoding="utf-8")):
            for line in block.splitlines():
                if match := _COMMAND.match(line.strip()):
                    found[match[1].partition(" #")[0].strip()] = None
    return list(found)


COMMANDS = _commands(*DOCUMENTS)


def _without_group_options(words: list[str]) -> list[str]:
    return words[2:] if words[0] == "--home" else words


def _parsed(command: str) -> click.Context:
    """The command with its arguments taken apart as click would, without running it. ``UsageError`` if it can't be."""
    words = _without_group_options(shlex.split(command))
    found: click.Command = main_group
    context = click.Context(main_group)
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        inner = found.commands.get(name)
        if inner is None:
            raise click.UsageError(f"no command {name}")
        found = inner
        if isinstance(found, click.Group):
            context = click.Context(found, parent=context)
    return found.make_context(found.name, words, parent=context)


@pytest.mark.parametrize("command", COMMANDS)
def test_documented_commands_exist(command: str) -> None:
    if "--help" not in command and "-h" not in command.split():
        _parsed(command)
    else:
        assert CliRunner().invoke(main_group, shlex.split(command)).exit_code == 0


@pytest.mark.parametrize(
    "wrong",
    ["runn", "day 2026-12-12 --ad event", "rundown 2026-13-01", "day", "notice", "notice aprove 1", "vendor end x"],
)
def test_a_wrong_command_would_be_found(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        _parsed(wrong)


def _names(group: click.Group) -> set[str]:
    """Every command there is, with its group's name before it; a group counts if it does something by itself."""
    names = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            names |= {f"{name} {inner}" for inner in _names(command)}
        if not isinstance(command, click.Group) or command.invoke_without_command:
            names.add(name)
    return names


def test_every_command_is_in_the_readme() -> None:
    table = README.partition("## 全部命令")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) == _names(main_group)


#: Commands that may be run as they stand: they need no daemon, and write nothing but into the home and this folder.
HARMLESS = ("asrun", "check", "day", "init", "prepare", "rundown", "voices", "why")
#: Fetches from the network, or speaks for a long while.
BEYOND = ("voices install", "voices sample")
RUNNABLE = [c for c in COMMANDS if c.split()[0] in HARMLESS and (not c.startswith(BEYOND) or "--list-sources" in c)]


@pytest.mark.parametrize("command", RUNNABLE)
def test_harmless_commands_do_as_written(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    ran = CliRunner().invoke(main_group, ["--home", str(restored()), *shlex.split(command)])
    assert ran.exit_code == 0, ran.output


def test_the_desk_does_as_written(tmp_path: Path) -> None:
    """The commands of docs/notices.md one after another: accounts, vendors, then a notice's whole way."""
    home, runner = lay_out_files(tmp_path / "home"), CliRunner()
    commands = _commands("docs/notices.md")
    assert len(commands) > 15
    for command in commands:
        # Written for this year's December; whoever runs this later still has it before them.
        words = shlex.split(command.replace("2026-12-", f"{datetime.now(UTC).year + 1}-12-"))
        ran = runner.invoke(main_group, ["--home", str(home), *words], input="a-long-secret\na-long-secret\n")
        assert ran.exit_code == 0, f"{command}: {ran.output}"


def _models(annotation: Any) -> set[type[BaseModel]]:
    """All models that a part of the plan can be made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = (_models(field.annotation) for field in annotation.model_fields.values())
        return {annotation}.union(*inner)
    return set().union(*(_models(part) for part in get_args(annotation)))


MODELS = sorted(
    set().union(*(_models(root) for root in (Station, Levels, Calendar, Programme, Script, Voices))),
    key=lambda m: m.__name__,
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
