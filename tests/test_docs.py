"""Everything that a user can set, type, ask or call is in the README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import queries
from cablegraph import main
from server.app import create_app
from server.settings import Settings
from server.tools import BY_NAME

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def commands() -> Iterator[tuple[str, click.Command]]:
    """Each command, by the words with which it is called."""
    context = click.Context(main)
    for name in main.list_commands(context):
        if command := main.get_command(context, name):
            yield f"cablegraph {name}", command


def options() -> Iterator[str]:
    """The long name of each option."""
    for _, command in commands():
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                yield max(option.opts, key=len)


def targets() -> list[str]:
    """What can be made: each target that has a line of help."""
    return re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)


def missing(names: Iterator[str]) -> list[str]:
    """Those of the names that the README does not have in code font."""
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", README, re.DOTALL))
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code)]


def test_every_setting_is_explained() -> None:
    assert missing(f"CABLEGRAPH_{name}".upper() for name in Settings.model_fields) == []


def test_every_setting_has_a_line_of_help() -> None:
    fields = Settings.model_fields.items()
    assert [name for name, field in fields if not field.description] == []


def test_every_command_is_explained() -> None:
    assert missing(words for words, _ in commands()) == []


def test_every_option_is_explained() -> None:
    assert missing(options()) == []


def test_every_query_is_explained() -> None:
    assert missing(iter(queries.names())) == []


def test_every_route_is_explained() -> None:
    assert missing(iter(create_app(Settings()).openapi()["paths"])) == []


def test_every_tool_is_explained() -> None:
    assert missing(iter(BY_NAME)) == []


def test_every_target_is_explained() -> None:
    assert missing(f"make {target}" for target in targets()) == []


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("*.md"), *ROOT.glob("deploy/*.md")]), ids=lambda path: path.name
)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("deploy/*")), ids=lambda path: path.name)
def test_deployment_sets_what_can_be_set(path: Path) -> None:
    """A setting of another name would be ignored, without a word."""
    known = {f"CABLEGRAPH_{name}".upper() for name in Settings.model_fields}
    assert set(re.findall(r"CABLEGRAPH_[A-Z]\w+", path.read_text())) <= known


def test_container_has_no_root_and_tells_its_health() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text()
    final = text.rpartition("\nFROM ")[2]
    said = re.findall("^(?:USER|VOLUME) .*", final, re.MULTILINE)
    assert said == ["USER 10001", 'VOLUME ["/data"]']
    assert "/health/ready" in final.partition("HEALTHCHECK ")[2]
