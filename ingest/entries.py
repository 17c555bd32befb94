"""Read the YAML files that people write: authority and curated facts.

Every scalar is read as text, so that `1944-10-17` and `no` stay what was typed; pydantic
gives types afterwards. Each entry remembers its line, because a message without a place
sends its reader searching. Aliases are refused: nothing here needs them, and a few lines
of them can stand for gigabytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ingest.model import Problem

Entry = TypeVar("Entry", bound=BaseModel)

MOST_BYTES = 8 * 1024 * 1024
"""Larger files are refused: no historian writes them, and a parser's memory is finite."""


class _Loader(yaml.BaseLoader):
    """Text scalars, the line of each mapping, no aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in {key for key in keys if keys.count(key) > 1}:
            raise yaml.MarkedYAMLError(
                problem=f'"{key}" stands twice in one entry', problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep) | {_LINE: node.start_mark.line + 1}


_LINE = "\0line"


@dataclass(frozen=True, slots=True)
class Written:
    """One mapping of a file as typed, and its line."""

    line: int
    fields: dict[str, Any]


def _without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_lines(item) for key, item in value.items() if key != _LINE}
    if isinstance(value, list):
        return [_without_lines(item) for item in value]
    return value


def read_yaml(path: Path) -> Any | Problem:
    """Return what a YAML file holds, or the one problem that keeps it from being read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            message = f"larger than {MOST_BYTES // 2**20} MiB; split it into several files"
            return Problem(str(path), None, message, "too-large")
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except UnicodeDecodeError:
        return Problem(str(path), None, "not UTF-8 text; save it as UTF-8", "not-utf-8")
    except OSError as error:
        return Problem(str(path), None, f"cannot be read: {error.strerror}", "unreadable")
    except RecursionError:
        return Problem(str(path), None, "nested too deeply; use plain lists", "bad-yaml")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        return Problem(str(path), line, f"not valid YAML: {error.problem}", "bad-yaml")
    except yaml.YAMLError as error:
        return Problem(str(path), None, f"not valid YAML: {error}", "bad-yaml")


def mappings(value: list[Any], path: Path, line: int) -> Iterator[Written | Problem]:
    """Yield the entries of a list that begins on a line; an item of another kind is a problem."""
    for item in value:
        if isinstance(item, dict):
            yield as_written(item)
        else:
            message = f'"{str(item)[:40]}" is not an entry; write `field: value` lines'
            yield Problem(str(path), line, message, "bad-entry")


def as_written(value: dict[str, Any]) -> Written:
    """Return a mapping that `read_yaml` read as it was typed, with the line where it begins."""
    return Written(int(value[_LINE]), _without_lines(value))


def checked(entry: type[Entry], written: Written, path: Path, name: str) -> Entry | Problem:
    """Return an entry in its types, or the problem that says which field is wrong and why."""
    try:
        return entry.model_validate(written.fields)
    except ValidationError as error:
        faults = "; ".join(_fault(fault["loc"], fault["msg"]) for fault in error.errors())
        return Problem(str(path), written.line, f"{name}: {faults}", "bad-entry")


def _fault(place: tuple[int | str, ...], message: str) -> str:
    if message == "Extra inputs are not permitted":
        message = "there is no such field"
    return f"{'.'.join(map(str, place)) or 'entry'}: {message.removeprefix('Value error, ')}"
