"""The tools that a language model may use, and what they answer.

Few, and each answers a kind of question by what the JSON routes and the SPARQL endpoint have, with
the same limits. What a tool takes is a model of its own, so that every argument is described and
bounded; what it answers is short JSON that leaves out what says nothing. Everything in it has an
`id`, which is the path of its page. One call is answered of one version of the data set.

`server.mcp` offers these tools in the Model Context Protocol; nothing here knows of it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

import queries
from ontology.names import DATA, fold
from server import api, guard, reading, schema
from server.answers import Page
from server.errors import AppError, InvalidRequest, NotFound, QuerySyntax
from server.jobs import Job
from server.reading import Span
from server.rows import NTRIPLES, TSV, Rows, first_rows, plain, shortened
from server.search import search_expression
from server.settings import Settings
from server.side import DocumentFilter, EntityFilter, SearchFilter, Side
from server.usage import query_hash
from server.versions import Version

INSTRUCTIONS = (
    "A knowledge graph of diplomatic documents (Foreign Relations of the United States): who met"
    " whom, who asked, offered, promised and refused what, each fact with the verbatim words that"
    " say so. Begin with search_entities, find_facts or search_documents; for questions that these"
    " do not answer, read schema_card and write SPARQL for run_sparql. Cite the document and the"
    " quote. An id such as document/frus1945Malta/d256 is the path of a page: put `pages` of the"
    " answer before it. What is not found may still be in a document that was not read well:"
    " facts have a confidence, and search_documents looks in the full text."
)

MOST_CHARACTERS = 100_000
"""Characters of one answer, so that it does not fill a model's memory."""

MOST_ROWS = 50
"""Rows of a SPARQL answer, and of one page of a named query."""

MOST_RELATIONS, MOST_FACTS, MOST_NAMES, MOST_NOTES = 20, 3, 30, 30
"""Of one entity: relations, facts of each, and names, offices and holders; notes of a document."""

SAYS_NOTHING: tuple[object, ...] = (None, "", [], {})

LEFT_OUT = {"iri", "origin"}
"""Keys that no answer has: what they say is in the id, or is of no use to a model."""

KEPT = {"items", "rows"}
"""Keys that an answer has even if there is nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a call of a tool is answered of; `pages` is the address of the pages, if known.

    What the log is to have of it is put into `noted`: the hash of a query, the kind of a problem.
    """

    version: Version
    settings: Settings
    pages: str | None = None
    noted: dict[str, Any] = field(default_factory=dict)


def _in_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1, max_length=500)]
Names = Annotated[tuple[Name, ...], Field(max_length=20), BeforeValidator(_in_list)]
Kinds = Annotated[tuple[api.Kind, ...], Field(max_length=20), BeforeValidator(_in_list)]
Statuses = Annotated[tuple[api.Status, ...], Field(max_length=20), BeforeValidator(_in_list)]
Forces = Annotated[tuple[api.Force, ...], Field(max_length=20), BeforeValidator(_in_list)]
Forms = Annotated[tuple[api.Form, ...], Field(max_length=20), BeforeValidator(_in_list)]
Types = Annotated[tuple[api.Type, ...], Field(max_length=20), BeforeValidator(_in_list)]
Day = Annotated[str | None, Field(max_length=10)]
Words = Annotated[str | None, Field(max_length=1000)]


class Arguments(BaseModel):
    """What a tool takes: nothing else is accepted."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class Listed(Arguments):
    """What every tool takes that gives a list."""

    limit: Annotated[int, Field(ge=1, le=25)] = 10
    """Items on a page."""
    page: Annotated[int, Field(ge=1, le=10**9)] = 1
    """Number of the page, from 1; an answer names the next one."""

    @property
    def span(self) -> Span:
        """The part of the list that is asked for."""
        return Span(self.limit, self.page)


# Schema


async def schema_card(call: Call, asked: Arguments) -> str:
    """Tell what there is to ask in SPARQL."""
    used = schema.counts(call.version.data_set.void.read_bytes())
    job = Job(schema.example_query(used), rows=TSV)
    async with call.version.memory.run(job, call.settings.query_seconds) as answer:
        examples = await first_rows(answer, len(used))
    manifest = call.version.data_set.manifest
    numbers = (f"{manifest[each]} {each}" for each in ("volumes", "documents", "facts", "quads"))
    title = f"Version {call.version.name} of the graph: {', '.join(numbers)}."
    return await run_in_threadpool(schema.card, title, used, examples.cells)


# Entities


class SearchEntities(Listed):
    """What search_entities takes."""

    query: Annotated[str, Field(min_length=1, max_length=200)]
    """Beginnings of words of a name: `stalin`, `amb sov union`."""
    type: Types = ()
    """Only of these types."""


async def search_entities(call: Call, asked: SearchEntities) -> dict[str, Any]:
    """Find entities by name."""
    return await run_in_threadpool(_entities, call.version.side, asked)


def _entities(side: Side, asked: SearchEntities) -> dict[str, Any]:
    which = EntityFilter(asked.type, tuple(fold(asked.query).split()[:8]))
    found = _page(reading.entities(side, which, asked.span), asked)
    near = [] if found["total"] else side.nearest_names(asked.query, asked.type)
    return found | {"similar": near}


class GetEntity(Arguments):
    """What get_entity takes."""

    entity: Name
    """Its id (`person/stalin-joseph`), IRI, slug, or a name that only one entity has."""


async def get_entity(call: Call, asked: GetEntity) -> dict[str, Any]:
    """Tell what is known of one entity."""
    return await run_in_threadpool(_entity, call.version.side, asked.entity)


def _entity(side: Side, name: str) -> dict[str, Any]:
    found = reading.entity(side, side.resolve(name)).model_dump()
    for each in ("names", "dated_names", "member_of", "offices", "holders"):
        found[each] = found[each][:MOST_NAMES]
    found["relations"] = found["relations"][:MOST_RELATIONS]
    for relation in found["relations"]:
        relation["facts"] = relation["facts"][:MOST_FACTS]
    return found


# Facts


class FindFacts(Listed):
    """What find_facts takes. Entities are ids or names that only one has."""

    kind: Kinds = ()
    """Kinds of facts."""
    actor: Names = ()
    """Who asks, offers, undertakes or refuses."""
    addressee: Names = ()
    """To whom."""
    participant: Names = ()
    """Who met."""
    about: Names = ()
    """Topics, places or others concerned."""
    acting_state: Names = ()
    """States that the actors speak for."""
    location: Names = ()
    """Where."""
    reported_by: Names = ()
    """Whose report it is."""
    presented_by: Names = ()
    """Who conveyed it for another."""
    entity: Names = ()
    """Who or what has any part in it."""
    status: Statuses = ()
    """Whether it was made, only instructed, hypothetical; of meetings held, planned, ..."""
    force: Forces = ()
    """How it was put."""
    form: Forms = ()
    """Documentary forms."""
    volume: Names = ()
    """Ids of volumes: `frus1945Malta`."""
    document: Names = ()
    """Ids of documents: `frus1945Malta/d256`."""
    from_: Annotated[Day, Field(alias="from")] = None
    """First day, month or year: `1944-10-17`, `1944-10`, `1944`."""
    to: Day = None
    """Last day, month or year."""
    q: Words = None
    """Words that must all be in content or quote; "words in quotes" follow each other."""
    min_confidence: Annotated[float | None, Field(ge=0, le=1)] = None
    """Least confidence; of facts with 0.7 about seven in ten are right."""


async def find_facts(call: Call, asked: FindFacts) -> dict[str, Any]:
    """Find facts with their evidence."""
    return await run_in_threadpool(_facts, call.version.side, asked)


def _facts(side: Side, asked: FindFacts) -> dict[str, Any]:
    which = api.which_facts(side, **_filters(asked))
    return _page(reading.facts(side, which, asked.span), asked)


def _filters(asked: Listed) -> dict[str, Any]:
    return {name: value for name, value in asked if name not in Listed.model_fields}


# Documents


class SearchDocuments(Listed):
    """What search_documents takes. Entities are ids or names that only one has."""

    q: Words = None
    """Words that must all be in head or text; "words in quotes" follow each other."""
    volume: Names = ()
    """Ids of volumes: `frus1945Malta`."""
    form: Forms = ()
    """Documentary forms."""
    sender: Names = ()
    """Who sent it."""
    recipient: Names = ()
    """Who it went to."""
    mentions: Names = ()
    """Whom or what the editors tagged in it."""
    from_: Annotated[Day, Field(alias="from")] = None
    """First day, month or year: `1944-10-17`, `1944-10`, `1944`."""
    to: Day = None
    """Last day, month or year."""


async def search_documents(call: Call, asked: SearchDocuments) -> dict[str, Any]:
    """Find documents by their words, or by who sent them and the like."""
    return await run_in_threadpool(_documents, call.version.side, asked)


def _documents(side: Side, asked: SearchDocuments) -> dict[str, Any]:
    which = api.which_documents(side, **_filters(asked))
    if asked.q and not (which.senders or which.recipients or which.mentions):
        return _page(_best(side, asked.q, which, asked.span), asked)
    return _page(reading.documents(side, which, asked.span, by_date=True), asked)


def _best(side: Side, words: str, which: DocumentFilter, span: Span) -> Page[Any]:
    narrowed = SearchFilter(which.volumes, which.forms, which.first, which.last)
    return reading.search(side, search_expression(words), words, span, ("document",), narrowed)


class GetDocument(Arguments):
    """What get_document takes."""

    document: Name
    """Its id: `frus1945Malta/d256`."""
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    """Character of the text to begin with; facts and mentions count the same characters."""
    length: Annotated[int, Field(ge=100, le=20_000)] = 8000
    """Most characters of the text."""


async def get_document(call: Call, asked: GetDocument) -> dict[str, Any]:
    """Give a part of a document's text."""
    return await run_in_threadpool(_document, call.version.side, asked)


def _document(side: Side, asked: GetDocument) -> dict[str, Any]:
    id = asked.document.strip().removeprefix(DATA).removeprefix("document/")
    found = reading.document(side, id).model_dump()
    end = asked.offset + asked.length
    length = len(found["text"])
    notes = [note for note in found["notes"] if asked.offset <= note["offset"] < end]
    for each in ("blocks", "pages", "mentions", "references"):
        del found[each]
    return found | {
        "text": found["text"][asked.offset : end],
        "characters": length,
        "next_offset": end if end < length else None,
        "entities": found["entities"][:MOST_NAMES],
        "notes": [_note(note) for note in notes[:MOST_NOTES]],
    }


def _note(note: dict[str, Any]) -> dict[str, Any]:
    return {"offset": note["offset"], "text": shortened(note["text"])}


# Queries


class NamedQueries(Arguments):
    """What named_queries takes."""

    name: Annotated[str | None, Field(max_length=100)] = None
    """One query, to be given with its SPARQL; without it all are listed."""


async def named_queries(call: Call, asked: NamedQueries) -> dict[str, Any]:
    """List the questions that are there."""
    if asked.name is not None:
        return api.query_answer(api.load_query(asked.name)).model_dump()
    found = [api.query_answer(queries.load(name)) for name in queries.names()]
    return {"items": [query.model_dump(exclude={"text"}) for query in found]}


class RunNamedQuery(Arguments):
    """What run_named_query takes."""

    name: Annotated[str, Field(max_length=100)]
    """Its name, as named_queries has it."""
    parameters: Annotated[dict[Name, Name], Field(max_length=20)] = {}
    """A value for each of its parameters; entities by id, IRI or name."""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = MOST_ROWS
    """Rows on a page."""
    page: Annotated[int, Field(ge=1, le=10**9)] = 1
    """Number of the page, from 1."""


async def run_named_query(call: Call, asked: RunNamedQuery) -> dict[str, Any]:
    """Answer a named query."""
    query = api.load_query(asked.name)
    side, given = call.version.side, asked.parameters
    if given.keys() != query.parameters.keys():
        needed = " and ".join(query.parameters) or "no parameters"
        raise InvalidRequest(
            f"{query.name} takes {needed}.", hint=f"For example {_json(query.examples)}."
        )
    values = {
        key: await run_in_threadpool(api.term_value, side, query.parameters[key].type, value)
        for key, value in given.items()
    }
    rows = await call.version.graph.rows(query, **values)
    span = Span(asked.limit, asked.page)
    return {
        "columns": list(query.columns),
        "rows": [[_cell(row.get(column)) for column in query.columns] for row in span.part(rows)],
        "total": len(rows),
        "next_page": _next_page(span, len(rows)),
    }


def _cell(value: str | None) -> str | None:
    return None if value is None else shortened(value.removeprefix(DATA))


class RunSparql(Arguments):
    """What run_sparql takes."""

    query: str
    """The query: SELECT, ASK, CONSTRUCT or DESCRIBE. Declare its prefixes."""
    timeout: Annotated[float, Field(gt=0, le=3600)] = 10
    """Seconds after which it is stopped; the service may allow less."""


async def run_sparql(call: Call, asked: RunSparql) -> dict[str, Any]:
    """Answer a query in SPARQL with its first rows."""
    call.noted["query"] = query_hash(asked.query)
    outline = guard.check(asked.query, call.settings)
    version = call.version
    job = Job(asked.query, rows=TSV, triples=NTRIPLES, union=not outline.names_graphs, base=DATA)
    run = version.graph.run if outline.changes else version.memory.run
    async with run(job, min(asked.timeout, call.settings.query_seconds)) as answer:
        found = await first_rows(answer, MOST_ROWS)
    return await run_in_threadpool(_sparql_answer, version, asked.query, found)


def _sparql_answer(version: Version, query: str, found: Rows) -> dict[str, Any]:
    if found.holds is not None:
        said: dict[str, Any] = {"answer": found.holds}
    else:
        rows = [[plain(cell) for cell in row] for row in found.cells]
        said = {"columns": found.columns, "rows": rows, "has_more": found.has_more}
    if found.is_empty:
        used = schema.counts(version.data_set.void.read_bytes())
        said["advice"] = schema.advice(query, used, version.side)
    return said


# Calls


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name, what a model is told of it, what it takes, and how it answers."""

    description: str
    arguments: type[Arguments]
    answer: Callable[[Call, Any], Awaitable[dict[str, Any] | str]]

    @property
    def name(self) -> str:
        """Its name: that of the function that answers."""
        return str(getattr(self.answer, "__name__", ""))

    @property
    def takes(self) -> dict[str, Any]:
        """What it takes, as JSON Schema."""
        schema: dict[str, Any] = _untitled(self.arguments.model_json_schema())
        del schema["description"]
        return schema


def _untitled(schema: Any) -> Any:
    """Leave out the titles, which repeat the names."""
    if isinstance(schema, dict):
        return {key: _untitled(each) for key, each in schema.items() if key != "title"}
    return schema


TOOLS = (
    Tool(
        "What there is to ask in SPARQL: prefixes, classes and properties with their meaning, how"
        " often each is used, an example, and what usually goes wrong. Long (some 8,000 tokens);"
        " read it once, before the first run_sparql.",
        Arguments,
        schema_card,
    ),
    Tool(
        "Find persons, organizations, states, places, positions (offices) and topics by name;"
        " those in most facts come first. Gives the ids that the other tools take.",
        SearchEntities,
        search_entities,
    ),
    Tool(
        "One entity: names, life, offices, Wikidata item, in how many facts it has which part, and"
        " whom it met, asked, offered, promised and refused most often.",
        GetEntity,
        get_entity,
    ),
    Tool(
        "Find facts: meetings, requests, offers, commitments and refusals, in order of time, each"
        " with who, to whom, what, when, its document, and the verbatim quotes that support it."
        " Filters are joined by and; several values of one by or.",
        FindFacts,
        find_facts,
    ),
    Tool(
        "Find documents. With words alone the best matches come first, each with a snippet; with"
        " sender, recipient or mentions they come in order of date.",
        SearchDocuments,
        search_documents,
    ),
    Tool(
        "One document: head, date, sender, recipient, source, text and editors' notes. A long text"
        " comes in parts: ask again with offset = next_offset.",
        GetDocument,
        get_document,
    ),
    Tool(
        "The questions that are ready to be asked, with their parameters; with a name the SPARQL"
        " of that one, which is a good pattern for queries of your own.",
        NamedQueries,
        named_queries,
    ),
    Tool(
        "Answer a question of named_queries.",
        RunNamedQuery,
        run_named_query,
    ),
    Tool(
        f"Answer a query in SPARQL 1.1, read-only: at most {MOST_ROWS} rows, has_more tells whether"
        " there are others (aggregate, or use ORDER BY with LIMIT and OFFSET). Read schema_card"
        " first. <person/x> in the answer is an IRI of ours, and can be used so in a query.",
        RunSparql,
        run_sparql,
    ),
)

BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in TOOLS}


async def answer(call: Call, name: str, arguments: Mapping[str, Any]) -> str:
    """Answer a call of a tool, as text; raise the error that prevents it."""
    tool = BY_NAME.get(name)
    if tool is None:
        near = get_close_matches(name[:100], BY_NAME, 1, 0.5)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(BY_NAME)}."
        raise NotFound(f'There is no tool "{name[:100]}".', hint=hint)
    found = await tool.answer(call, _read(tool.arguments, arguments))
    text = found if isinstance(found, str) else _written(call, found)
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest(
            f"The answer has {len(text)} characters; {MOST_CHARACTERS} are given at most.",
            hint="Ask for fewer items, rows or columns.",
        )
    return text


def _read(kind: type[Arguments], arguments: Mapping[str, Any]) -> Arguments:
    known = [each.alias or name for name, each in kind.model_fields.items()]
    hint = f"It takes {', '.join(known) or 'no arguments'}."
    if len(arguments) > 2 * MOST_NAMES:  # Each would be a fault of its own.
        raise InvalidRequest(f"There are {len(arguments)} arguments.", hint=hint)
    try:
        return kind.model_validate(arguments)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise InvalidRequest(shortened("; ".join(faults)), hint=hint) from error


def problem(error: AppError) -> str:
    """Write an error as a model is told of it."""
    said = {key: value for key, value in error.problem().items() if key != "type"}
    if str(said.get("hint", "")).startswith("GET "):
        said["hint"] = "search_entities, search_documents and find_facts give the ids there are."
    if isinstance(error, QuerySyntax):
        said.setdefault("hint", "schema_card has the prefixes that must be declared.")
    return _json(said)


def _written(call: Call, found: dict[str, Any]) -> str:
    head = {"version": call.version.name, "pages": call.pages}
    return _json(_compact(head | found))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _page(page: Page[Any], asked: Listed) -> dict[str, Any]:
    items: list[dict[str, Any]] = page.model_dump()["items"]
    for item in items:
        if "snippet" in item:
            item["snippet"] = html.unescape(re.sub(r"</?mark>", "", item["snippet"]))
    return {
        "items": items,
        "total": page.total,
        "next_page": _next_page(asked.span, page.total),
    }


def _next_page(span: Span, total: int) -> int | None:
    return span.number + 1 if span.offset + span.limit < total else None


def _compact(value: Any) -> Any:
    """Leave out what says nothing and what follows from an id; a date is its EDTF."""
    if isinstance(value, list):
        return [_compact(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "edtf" in value:
        return value["edtf"]
    kept = {key: _compact(each) for key, each in value.items() if key not in LEFT_OUT}
    return {key: each for key, each in kept.items() if key in KEPT or each not in SAYS_NOTHING}
