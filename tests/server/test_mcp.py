"""Language models use the service by tools: by the SDK's own client, over HTTP and by pipes."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from server import api, schema
from server.mcp import make_server, protection
from server.rows import MOST_BYTES, NTRIPLES, TSV, Rows, first_rows
from server.settings import Settings
from server.tools import BY_NAME, Call, FindFacts, Listed, SearchDocuments
from server.workers import Answer
from tests.conftest import ROOT, Service, served, write_version
from tests.server.side_fixture import Built

D256 = "document/frus1945Malta/d256"
CG = "PREFIX cg: <https://w3id.org/cablegraph/ontology#>"
STALIN = {"id": "person/stalin-joseph", "label": "Joseph Stalin"}


@pytest.fixture(scope="module")
def address(built: Built) -> Iterator[str]:
    """The address of a service over the sample, in a process of its own."""
    store = str(built.data_set.folder.parents[1])
    # Whoever comes from elsewhere has a share that one query uses up.
    share = ("--proxies", "127.0.0.1", "--client-seconds", "0.00001")
    with served("--store", store, "--workers", "1", *share) as (_, lines):
        yield lines[1].split()[0]


async def told(client: Client, tool: str, **arguments: Any) -> tuple[bool, Any]:
    """Whether a call failed, and what was answered."""
    result = await client.call_tool(tool, arguments)
    [content] = result.content
    assert isinstance(content, TextContent)
    return bool(result.is_error), content.text


@pytest.fixture(scope="module")
def call(address: str) -> Callable[..., dict[str, Any]]:
    """Call a tool over HTTP."""

    async def answered(tool: str, arguments: dict[str, Any]) -> tuple[bool, Any]:
        async with Client(f"{address}mcp") as client:
            return await told(client, tool, **arguments)

    def call(tool: str, **arguments: Any) -> dict[str, Any]:
        failed, text = asyncio.run(answered(tool, arguments))
        answer: dict[str, Any] = json.loads(text)
        assert failed == ("status" in answer)
        return answer

    return call


Tools = Callable[..., dict[str, Any]]


# What is offered


def bounds(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each argument of a tool, with what is said of its value."""
    for name, said in schema["properties"].items():
        either = said.get("anyOf", [said])
        yield name, said | next(each for each in either if each.get("type") != "null")


def is_bounded(said: dict[str, Any]) -> bool:
    """Whether a value cannot be endless."""
    needed = {
        "string": ["maxLength"],
        "array": ["maxItems"],
        "object": ["maxProperties"],
        "integer": ["minimum", "maximum"],
        "number": ["maximum"],
    }
    return all(each in said for each in needed[said["type"]])


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_every_tool_is_described_and_each_argument_bounded(address: str, mode: str) -> None:
    """The length of a query is a setting, and checked like that of every other query."""

    async def offered() -> tuple[str | None, list[Any]]:
        async with Client(f"{address}mcp", mode=mode) as client:
            return client.instructions, (await client.list_tools()).tools

    instructions, tools = asyncio.run(offered())
    assert "schema_card" in (instructions or "")
    assert [tool.name for tool in tools] == list(BY_NAME)
    assert [tool.name for tool in tools if not tool.description] == []
    arguments = [(tool.name, *each) for tool in tools for each in bounds(tool.input_schema)]
    assert [each for each in arguments if not each[2].get("description")] == []
    loose = [each[:2] for each in arguments if not is_bounded(each[2])]
    assert loose == [("run_sparql", "query")]
    assert {tool.input_schema["additionalProperties"] for tool in tools} == {False}
    assert {tool.annotations.read_only_hint for tool in tools} == {True}


@pytest.mark.parametrize(
    ("tool", "route"),
    [(FindFacts, api.which_facts), (SearchDocuments, api.which_documents)],
    ids=["facts", "documents"],
)
def test_filters_are_those_of_the_json_routes(tool: type[Listed], route: Any) -> None:
    known = inspect.signature(route).parameters.keys() - {"side"}
    assert tool.model_fields.keys() - Listed.model_fields.keys() == known


# What is answered


def test_entity_is_found_by_name_and_by_a_misspelt_one(call: Tools, built: Built) -> None:
    found = call("search_entities", query="stalin, jos", type="person")
    assert (found["version"], found["total"]) == (built.data_set.version, 1)
    assert found["items"][0] | STALIN == found["items"][0]
    assert call("search_entities", query="stallin")["similar"][0] == "person/stalin-joseph"


def test_entity_is_told_with_its_relations(call: Tools) -> None:
    found = call("get_entity", entity="stalin")
    assert found | STALIN == found
    assert found["link"] | {"state": "linked", "item": "Q855"} == found["link"]
    relation = {"subject": STALIN, "predicate": "met", "count": 1}
    assert any(each | relation == each for each in found["relations"])


def test_fact_has_quotes_that_stand_in_the_text_of_its_document(call: Tools) -> None:
    days = {"from": "1944-10", "to": "1944"}
    found = call("find_facts", actor="stalin", kind=["offer"], q='"as a base"', **days)
    [fact] = found["items"]
    assert (fact["content"], fact["date"]) == ("the use of Petropavlovsk as a base", "1944-10-17")
    assert fact["actors"] == [STALIN]
    [quote] = fact["evidence"]
    length = quote["end"] - quote["start"]
    text = call("get_document", document=fact["document"]["id"], offset=quote["start"])["text"]
    assert text[:length] == quote["exact"]


def test_list_is_paged(call: Tools) -> None:
    pages = [call("find_facts", document=D256, limit=7, page=number) for number in (1, 2, 3)]
    assert [page.get("next_page") for page in pages] == [2, 3, None]
    ids = [fact["id"] for page in pages for fact in page["items"]]
    assert (len(ids), len(set(ids))) == (18, 18)


def test_id_is_the_path_of_a_page(call: Tools, address: str) -> None:
    found = call("search_documents", sender="harriman")
    assert (found["pages"], [each["id"] for each in found["items"]]) == (address, [D256])
    assert httpx.get(found["pages"] + D256, headers={"Accept": "text/html"}).status_code == 200


def test_document_is_found_by_its_words_with_a_snippet(call: Tools) -> None:
    [found] = call("search_documents", q='"as a base"', form="Telegram")["items"]
    assert found["id"] == D256
    assert "offered us the use of Petropavlovsk as a base." in found["snippet"]


def test_parts_of_a_document_make_its_text(call: Tools, built: Built) -> None:
    part: dict[str, Any] = {"next_offset": 0}
    text = ""
    while "next_offset" in part:
        asked = {"document": "frus1945Malta/d256", "offset": part["next_offset"], "length": 2000}
        part = call("get_document", **asked)
        text += part["text"]
    assert text == built.side.words("frus1945Malta/d256")[0]
    assert part["characters"] == len(text)


def test_named_query_is_listed_explained_and_run(call: Tools) -> None:
    listed = {query["name"]: query for query in call("named_queries")["items"]}
    explained = call("named_queries", name="met")
    assert "cg:metWith" in explained["text"]
    assert listed["met"]["parameters"] == explained["parameters"]
    rows = call("run_named_query", name="met", parameters={"person": "stalin"}, limit=2)
    assert (rows["columns"], rows["total"], rows["next_page"]) == (explained["columns"], 3, 2)
    assert [row[0] for row in rows["rows"]] == ["person/antonov-aleksei", "person/deane-john-r"]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (
            f"{CG} SELECT ?s ?n ?x {{ ?s cg:content 'help from the Navy'@en ; cg:confidence ?n }}",
            {
                "columns": ["s", "n", "x"],
                "rows": [["<fact/frus1945Malta/d256/cbb5a29c>", "1", None]],
                "has_more": False,
            },
        ),
        (
            f"{CG} CONSTRUCT WHERE {{ <person/stalin-joseph> cg:represents ?state }}",
            {
                "columns": ["subject", "predicate", "object"],
                "rows": [["<person/stalin-joseph>", "cg:represents", "<state/soviet-union>"]],
                "has_more": False,
            },
        ),
        ("ASK { ?s ?p ?o }", {"answer": True}),
        (
            "SELECT ?x { BIND('a\\nb\\tc' AS ?x) }",
            {"columns": ["x"], "rows": [["a\nb\tc"]], "has_more": False},
        ),
        (
            "SELECT ?x { BIND(NOW() > '2020-01-01T00:00:00Z'^^xsd:dateTime AS ?x) }".replace(
                "SELECT", "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT"
            ),
            {"columns": ["x"], "rows": [["true"]], "has_more": False},
        ),
    ],
    ids=["rows", "triples", "truth", "line break", "changing"],
)
def test_sparql_is_answered_in_short_terms(call: Tools, query: str, answer: object) -> None:
    found = call("run_sparql", query=query)
    assert {key: found[key] for key in found if key not in ("version", "pages")} == answer


@pytest.mark.parametrize("verb", ["SELECT * WHERE", "CONSTRUCT WHERE"])
def test_only_the_first_rows_are_given_of_any_answer(call: Tools, verb: str) -> None:
    found = call("run_sparql", query=f"{verb} {{ ?s ?p ?o }}")
    assert (len(found["rows"]), found["has_more"]) == (50, True)


def test_empty_answer_comes_with_advice(call: Tools) -> None:
    query = f"""{CG} SELECT (COUNT(*) AS ?n) {{ # cg:nothing
        ?x cg:adressee <person/stallin> ; cg:content "a base" ; cg:supersedes ?y ; cg:date ?day
        FILTER(?day > "1944-01-01"^^xsd:date) }}"""
    found = call("run_sparql", query=query.replace(CG, f"{CG} PREFIX xsd: <urn:x:>"))
    assert found["rows"] == [["0"]]
    assert [said.partition(" or <")[0] for said in found["advice"]] == [
        "cg:adressee is no term. Did you mean cg:addressee?",
        "cg:supersedes is not used in this data set.",
        "There is no <person/stallin>. Did you mean <person/stalin-joseph>",
        'A string without a language is not one with: write "words"@en, or compare STR(?x).',
        "cg:date and cg:dateSent are EDTF; compare cg:earliest and cg:latest with xsd:date.",
        "Take away one pattern at a time; schema_card shows how each property is used.",
    ]


def test_card_has_each_term_with_its_number_meaning_and_an_example(address: str) -> None:
    async def card() -> tuple[bool, str]:
        async with Client(f"{address}mcp") as client:
            return await told(client, "schema_card")

    failed, text = asyncio.run(card())
    assert not failed
    lines = text.splitlines()
    assert (
        "cg:Offer < cg:CommunicativeAct (2): An act by which one side declares itself ready to do,"
        " give or permit something that the other may take up. ! Readiness in answer to a request"
        " is a cg:Commitment."
    ) in lines
    [dates] = [line for line in lines if line.startswith("cg:dateSent ")]
    assert dates.startswith(
        "cg:dateSent (1) cg:CitedDocument or cg:Document -> edtf:EDTF or rdfs:Literal: Gives the"
    )
    assert dates.endswith(f' | <{D256}> "1944-10-17"^^edtf:EDTF')
    assert "cg:Voice: cg:SenderVoice cg:EditorVoice" in lines
    assert "PREFIX cg: <https://w3id.org/cablegraph/ontology#>" in lines
    known = schema.vocabulary().items()
    assert [name for name, term in known if term.kind and name not in text] == []
    assert "genid" not in text


# What goes wrong


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        (
            "get_entity",
            {"entity": "atlantis"},
            {
                "title": "Unknown name",
                "status": 404,
                "detail": 'No entity is named "atlantis".',
                "hint": "search_entities, search_documents and find_facts give the ids there are.",
            },
        ),
        (
            "find_fact",
            {},
            {
                "title": "Not found",
                "status": 404,
                "detail": 'There is no tool "find_fact".',
                "hint": "Did you mean find_facts?",
            },
        ),
        (
            "search_entities",
            {"query": "x" * 201, "limit": 26, "type": ["robot"]},
            {
                "title": "Invalid request",
                "status": 422,
                "detail": "limit: Input should be less than or equal to 25;"
                " query: String should have at most 200 characters; type.0: Input should be"
                " 'person', 'organization', 'state', 'place', 'position' or 'topic'",
                "hint": "It takes limit, page, query, type.",
            },
        ),
        (
            "schema_card",
            {f"x{n}": n for n in range(5000)},
            {
                "title": "Invalid request",
                "status": 422,
                "detail": "There are 5000 arguments.",
                "hint": "It takes no arguments.",
            },
        ),
        (
            "run_named_query",
            {"name": "met", "parameters": {"query": "stalin"}},
            {
                "title": "Invalid request",
                "status": 422,
                "detail": "met takes person.",
                "hint": 'For example {"person":"person/stalin-joseph"}.',
            },
        ),
        (
            "run_sparql",
            {"query": "SELECT * {\n ?s ?p"},
            {
                "title": "Syntax error in the query",
                "status": 400,
                "detail": "Line 2, column 7: unexpected end of the query.",
                "line": 2,
                "column": 7,
                "hint": "schema_card has the prefixes that must be declared.",
            },
        ),
        (
            "run_sparql",
            {"query": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"},
            {
                "title": "SERVICE is off",
                "status": 403,
                "detail": "The query uses SERVICE; this server calls no other one.",
                "hint": "Join the results on your side, or query both from an engine of your own.",
            },
        ),
        (
            "run_sparql",
            {"query": "DROP ALL"},
            {
                "title": "The graph is read-only",
                "status": 403,
                "detail": "DROP would change the graph, which is read-only.",
            },
        ),
        (
            "run_sparql",
            {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": 0.2},
            {
                "title": "Query took too long",
                "status": 503,
                "detail": "The query was stopped after 0.2 seconds.",
                "hint": "Ask for less: fewer patterns without a common variable, or a LIMIT.",
                "limit": 0.2,
            },
        ),
        (
            "get_document",
            {"document": "\x00/../d256"},
            {
                "title": "Not found",
                "status": 404,
                "detail": 'There is no document "\x00/../d256".',
                "hint": "search_entities, search_documents and find_facts give the ids there are.",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_answered_says_why(
    call: Tools, tool: str, arguments: dict[str, Any], problem: object
) -> None:
    assert call(tool, **arguments) == problem


def test_answer_that_would_fill_a_memory_is_refused(call: Tools) -> None:
    long = f'"{"x" * 999}"'
    query = f"SELECT * {{ ?s ?p ?o BIND({long} AS ?a) BIND({long} AS ?b) BIND({long} AS ?c) }}"
    found = call("run_sparql", query=query)
    assert (found["status"], found["hint"]) == (422, "Ask for fewer items, rows or columns.")


def test_failure_that_nobody_foresaw_is_told_without_its_story() -> None:
    """The call is answered of nothing."""
    opened = nullcontext(Call(None, Settings()))  # type: ignore[arg-type]

    async def answered() -> tuple[bool, Any]:
        async with Client(make_server(lambda _: opened, "1")) as client:
            return await told(client, "search_entities", query="stalin")

    failed, text = asyncio.run(answered())
    assert (failed, json.loads(text)) == (
        True,
        {
            "title": "Internal error",
            "status": 500,
            "detail": "The service failed; its log says how.",
        },
    )


def message(method: str, **params: Any) -> dict[str, Any]:
    """Write a request of the protocol."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": []}', 400),
        (json.dumps([message("tools/list")] * 100).encode(), 400),
        (json.dumps(message("tools/call", name="x" * 300_000)).encode(), 413),
    ],
    ids=["nothing", "half", "not UTF-8", "deep", "no object", "many", "long"],
)
def test_what_is_no_message_is_refused(address: str, body: bytes, status: int) -> None:
    assert httpx.post(f"{address}mcp", content=body, headers=ACCEPT).status_code == status


@pytest.mark.parametrize("name", ["\ud800", "x" * 100_000])
def test_strange_name_of_a_tool_does_no_harm(address: str, name: str) -> None:
    body = json.dumps(message("tools/call", name=name, arguments={"query": "\ud800"}))
    answer = httpx.post(f"{address}mcp", content=body, headers=ACCEPT)
    assert answer.status_code in (200, 400)
    assert len(answer.content) < 2000


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_are_no_sessions_to_listen_to_or_to_end(address: str, method: str) -> None:
    answer = httpx.request(method, f"{address}mcp", headers=ACCEPT)
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:80"}, 200),
        ({"Host": "example.org"}, 403),
        ({"Origin": "http://localhost:6274"}, 200),
        ({"Origin": "https://example.org"}, 403),
    ],
    ids=str,
)
def test_page_of_another_site_cannot_reach_a_service_on_this_machine(
    address: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.post(f"{address}mcp", json=message("tools/list"), headers=ACCEPT | headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"] == "/problems/foreign-host"


@pytest.mark.parametrize(
    ("settings", "protected", "host"),
    [
        (Settings(), True, "127.0.0.1:*"),
        (Settings(host="::1"), True, "[::1]:*"),
        (Settings(host="0.0.0.0"), False, "localhost"),
        (Settings(host="0.0.0.0", public_url="https://example.org/"), True, "example.org"),
    ],
    ids=["here", "IPv6", "for all", "named"],
)
def test_service_that_knows_its_names_is_protected(
    settings: Settings, protected: bool, host: str
) -> None:
    found = protection(settings)
    assert found.enable_dns_rebinding_protection is protected
    assert host in found.allowed_hosts


def test_client_has_one_share_for_tools_and_for_all_else(address: str) -> None:
    def outcome(n: int) -> Any:
        call = message("tools/call", name="run_sparql", arguments={"query": f"ASK {{ ?s ?p {n} }}"})
        headers = ACCEPT | {"X-Forwarded-For": "192.0.2.1"}
        answer = httpx.post(f"{address}mcp", json=call, headers=headers).json()
        return json.loads(answer["result"]["content"][0]["text"]).get("title")

    assert [outcome(1), outcome(2)] == [None, "Too many requests"]
    query = {"query": "ASK { ?s ?p 3 }"}
    other = httpx.get(f"{address}sparql", params=query, headers={"X-Forwarded-For": "192.0.2.1"})
    assert other.status_code == 429


def test_numbers_tell_how_calls_ended(call: Tools, address: str) -> None:
    """The answer has the status 200, whatever it says."""
    call("run_sparql", query="DROP ALL")
    lines = httpx.get(f"{address}metrics").text.splitlines()
    ends = [line for line in lines if 'route="/mcp"' in line and "_count" in line]
    assert [line for line in ends if 'outcome="update-forbidden"' in line] != []


def test_query_ends_when_its_client_leaves(
    serve: Callable[[Settings], Service], data_set: Path, product: Callable[[str, int], str]
) -> None:
    """Else the one worker would be busy for longer than anybody waits for it."""
    client = serve(Settings(store=data_set, workers=1, queue_seconds=20, query_seconds=60)).client
    arguments = {"query": product("SELECT (COUNT(*) AS ?n)", 10), "timeout": 60}
    call = message("tools/call", name="run_sparql", arguments=arguments)
    assert client.post("/mcp", json=message("tools/list"), headers=ACCEPT).status_code == 200
    with contextlib.suppress(httpx.ReadTimeout):
        client.post("/mcp", json=call, headers=ACCEPT, timeout=0.5)
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


# Reading rows


def in_parts(media_type: str, *parts: bytes) -> Answer:
    """An answer that comes in these parts, and never ends if all of it is read."""

    async def give() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return Answer(media_type, "", None, give)


def test_row_that_is_not_whole_is_left_out() -> None:
    answer = in_parts(TSV, b"?x\n1\n", b'"' + b"x" * MOST_BYTES)
    rows = asyncio.run(first_rows(answer, 50))
    assert ([str(cell) for [cell] in rows.cells], rows.has_more, rows.is_empty) == (
        ['"1"^^<http://www.w3.org/2001/XMLSchema#integer>'],
        True,
        False,
    )


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        (in_parts(TSV, b"fal", b"se"), Rows([], [], False, holds=False)),
        (in_parts(TSV, b"?x\n"), Rows(["x"], [], False)),
        (in_parts(NTRIPLES, b""), Rows(["subject", "predicate", "object"], [], False)),
    ],
    ids=["no", "rows", "triples"],
)
def test_answer_with_nothing_in_it_is_empty(answer: Answer, rows: Rows) -> None:
    found = asyncio.run(first_rows(answer, 50))
    assert (found, found.is_empty) == (rows, True)


# On standard input and output


def test_command_offers_the_tools_and_follows_a_new_version(own_data_set: Path) -> None:
    """One client, one process; the version is looked for as by a service."""
    command = StdioServerParameters(
        command=sys.executable,
        args=[str(ROOT / "cablegraph.py"), "mcp", "--store", str(own_data_set)],
        env={
            **os.environ,
            "CABLEGRAPH_LOOK_SECONDS": "0.02",
            "CABLEGRAPH_PUBLIC_URL": "https://x.y",
        },
    )

    async def answers() -> tuple[list[str], list[Any]]:
        async with Client(command) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            query = f"{CG} SELECT ?x {{ ?x a cg:Offer }}"
            found = [json.loads((await told(client, "run_sparql", query=query))[1])]
            (own_data_set / "versions" / "next").mkdir()
            write_version(own_data_set / "versions" / "next", version="next")
            (own_data_set / "new").symlink_to("versions/next")
            (own_data_set / "new").replace(own_data_set / "current")
            while found[-1]["version"] != "next":
                await asyncio.sleep(0.05)
                found.append(json.loads((await told(client, "run_sparql", query=query))[1]))
            return names, [found[0], found[-1]]

    names, found = asyncio.run(answers())
    assert names == list(BY_NAME)
    assert found == [
        {
            "version": version,
            "pages": "https://x.y/",
            "columns": ["x"],
            "rows": [["<fact/frus1945Malta/d256/3f9a2c11>"]],
            "has_more": False,
        }
        for version in ("2026-01-01-test", "next")
    ]


def test_service_starts_without_the_protocol() -> None:
    """Whose SDK takes longer to import than all else."""
    early = {
        file.name
        for file in (ROOT / "server").glob("*.py")
        for node in ast.parse(file.read_bytes()).body
        if isinstance(node, ast.ImportFrom) and node.module in ("mcp", "server.mcp")
    }
    assert early == {"mcp.py"}
