"""The named queries: one question a file, documented by its header.

`load("met")` reads `met.rq`. Its header is YAML in comments that begin with `#+`; the API, the
README and the page of examples are made from it. Parameters are filled in as RDF terms in
place of variables, which only works in a sub-`SELECT` that selects them as well: one that
does not would ask about another variable, so `load` refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
TYPES = ("iri", "string", "date", "integer", "number")
KEYS = {"title", "description", "parameters", "columns"}

# Comments, IRIs and strings: where a word or a brace is not part of the query's structure.
_OPAQUE = re.compile(
    r"""\#[^\r\n]* | <[^<>"{}|^`\\\s]*> | \"{3}.*?\"{3} | '{3}.*?'{3}
      | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*'""",
    re.VERBOSE | re.DOTALL,
)
_SELECT = re.compile(
    r"""(?<![?$:\w])SELECT\b (?P<selected>[^{}]*?)
        (?:(?<![?$:\w])FROM\b[^{}]*?)? (?:(?<![?$:\w])WHERE\s*)? \{""",
    re.IGNORECASE | re.VERBOSE,
)


class QueryNotFound(LookupError):
    """No named query is called so."""


class BadQuery(ValueError):
    """The file of a query does not say what it must."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the caller of a query gives: its type, and an example that has an answer."""

    type: str
    example: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question: what it asks, what it needs, what each row of its answer has."""

    name: str
    title: str
    description: str
    parameters: dict[str, Parameter]
    columns: tuple[str, ...]
    text: str

    @property
    def examples(self) -> dict[str, str]:
        """The example value of each parameter."""
        return {name: parameter.example for name, parameter in self.parameters.items()}


def names(folder: Path = FOLDER) -> list[str]:
    """Give the names of all queries, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.rq"))


@cache
def load(name: str, folder: Path = FOLDER) -> Query:
    """Read the query of this name."""
    if name not in names(folder):
        raise QueryNotFound(f'No query is called "{name}". There are {", ".join(names(folder))}.')
    path = folder / f"{name}.rq"
    return parse(path.read_text(encoding="utf-8"), name, str(path))


def parse(text: str, name: str, source: str) -> Query:
    """Read a query from its text; `source` says in an error where it stands."""
    header = _header(text, source)
    query = Query(
        name=name,
        title=_text(header, "title", source),
        description=_text(header, "description", source),
        parameters=dict(_parameters(header, source)),
        columns=_columns(header, source),
        text=text,
    )
    _check_selected(query, source)
    return query


def _header(text: str, source: str) -> dict[str, Any]:
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    try:
        header = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError as error:
        raise BadQuery(f"{source}: the header (lines with #+) is not YAML: {error}") from error
    if not isinstance(header, dict):
        raise BadQuery(f"{source}: there is no header (lines with #+) with title and description.")
    if unknown := header.keys() - KEYS:
        raise BadQuery(f"{source}: the header has unknown keys: {', '.join(map(str, unknown))}.")
    return header


def _text(header: dict[str, Any], key: str, source: str) -> str:
    value = header.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadQuery(f"{source}: the header needs a {key}, as text.")
    return value.strip()


def _columns(header: dict[str, Any], source: str) -> tuple[str, ...]:
    columns = header.get("columns")
    if not isinstance(columns, list) or not all(isinstance(each, str) for each in columns):
        raise BadQuery(f"{source}: the header needs columns, as a list of names.")
    return tuple(columns)


def _parameters(header: dict[str, Any], source: str) -> Iterator[tuple[str, Parameter]]:
    parameters = header.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise BadQuery(f"{source}: parameters must be a mapping of names.")
    for name, value in parameters.items():
        yield str(name), _parameter(name, value, source)


def _parameter(name: str, value: object, source: str) -> Parameter:
    if not isinstance(value, dict) or not {"type", "example"} <= value.keys():
        raise BadQuery(f"{source}: parameter {name} needs a type and an example.")
    if unknown := value.keys() - {"type", "example", "description"}:
        raise BadQuery(f"{source}: parameter {name} has unknown keys: {', '.join(unknown)}.")
    if value["type"] not in TYPES:
        raise BadQuery(f"{source}: the type of {name} must be one of {', '.join(TYPES)}.")
    return Parameter(value["type"], str(value["example"]), str(value.get("description", "")))


def _check_selected(query: Query, source: str) -> None:
    """Refuse a SELECT that uses a parameter and does not select it."""
    bare = _OPAQUE.sub(" ", query.text)
    for select in _SELECT.finditer(bare):
        block = bare[select.end() : _closing(bare, select.end())]
        for name in query.parameters:
            if _uses(name, block) and not _selects(name, select["selected"]):
                line = bare.count("\n", 0, select.start()) + 1
                raise BadQuery(
                    f"{source}: the SELECT in line {line} uses ${name} but does not select it."
                )


def _closing(text: str, start: int) -> int:
    """Find the brace that closes the block beginning at `start`."""
    depth = 1
    for brace in re.finditer(r"[{}]", text[start:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return start + brace.start()
    return len(text)


def _uses(name: str, text: str) -> bool:
    return re.search(rf"[$?]{name}\b", text) is not None


def _selects(name: str, selected: str) -> bool:
    return selected.strip().endswith("*") or _uses(name, selected)
