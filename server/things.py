"""Our IRIs answer at their own paths: a page for people, RDF and JSON for programs.

`https://w3id.org/cablegraph/person/stalin-joseph` stands for a person and leads to
`/person/stalin-joseph` here. Which format comes is chosen by the Accept header, or by a suffix
(`/person/stalin-joseph.ttl`). RDF is what the store says, in all of its graphs, about the
thing, its annotations and what refers to it; of a document also who and what is named in it,
with their links to Wikidata. A named graph gives all of its triples. Documents and facts can also
be had as references (`/document/frus1945Malta/d256.ris`), for the programs that keep these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import quote

import rdflib
from fastapi import APIRouter, FastAPI, Request
from pyoxigraph import RdfFormat, Triple, parse, serialize
from rdflib.namespace import OWL
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

import ontology
from ontology.names import DATA
from server import citing, pages, reading
from server.answers import Answer
from server.caching import CachedRoute, caching_headers
from server.context import context_link
from server.encoding import choose_coding
from server.errors import NotAcceptable, NotFound
from server.formats import PREFIXES
from server.graph import DESCRIPTION, Graph, full_iri
from server.jobs import Job, Term
from server.negotiation import choose
from server.public import path_of, root_of
from server.side import TYPES, Side
from server.sparql import QueryResponse
from server.versions import pinned

router = APIRouter(route_class=CachedRoute, include_in_schema=False)

HTML, JSON, JSONLD = "text/html", "application/json", "application/ld+json"
SUFFIXES = {
    "ttl": "text/turtle",
    "html": HTML,
    "jsonld": JSONLD,
    "json": JSON,
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl": "application/vnd.citationstyles.csl+json",
}
"""Formats by suffix. The first is what comes to a client that accepts anything."""

PAGED = (*TYPES, "document", "fact", "volume")
"""What has a page and an answer in JSON."""

CITED = ("document", "fact")
"""What can be had as a reference."""

ONTOLOGIES = ("ontology", "alignments")

BARE = ("tenure", "name", "curation", "run", "link", "cited", "response", "encounter", "graph")
"""What is described in RDF alone."""

# Who is named is found first: joined to it as a VALUES, Oxigraph would read all labels there are.
NAMED_IN_DOCUMENT = """
  UNION
  { { SELECT DISTINCT $iri ?s WHERE {
      { $iri cg:mentions|cg:sender|cg:recipient|cg:signedBy|cg:participant|cg:sentFrom ?s }
      UNION
      { ?fact cg:statedIn $iri ;
          cg:actor|cg:addressee|cg:participant|cg:presentedBy|cg:reportedBy|cg:about|cg:location
          ?s }
    } }
    ?s ?p ?o
    FILTER(?p IN (rdfs:label, skos:exactMatch, skos:closeMatch)) }
}
"""

DOCUMENT = (
    "PREFIX cg: <https://w3id.org/cablegraph/ontology#>"
    " PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
    " PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
    + DESCRIPTION.rstrip().removesuffix("}")
    + NAMED_IN_DOCUMENT
)

SHORT = PREFIXES | {type_: f"{DATA}{type_}/" for type_ in TYPES}
"""Prefixes for Turtle. Names with a slash would need marks of escape: they stay whole."""

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

WHOLE_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH $iri { ?s ?p ?o } }"


def install(app: FastAPI) -> None:
    """Add the paths of our IRIs to the service."""
    app.include_router(router)


async def thing(request: Request) -> Response:
    """Answer for a thing of ours in the format that the client wants."""
    path, suffix = split(path_of(request.scope).strip("/"))
    has_page = path.partition("/")[0] in PAGED
    media_type = wanted(request, suffix, path)
    links = alternates(request, path)
    if media_type == HTML:
        response = await run_in_threadpool(pages.thing, request, path)
    elif media_type in citing.FORMATS:
        response = await run_in_threadpool(_reference, request, path, media_type)
    elif media_type == JSON and has_page:
        response = await run_in_threadpool(_json, request, path)
        links += f", {context_link(request)}"
    else:
        return await rdf(request, path, media_type, links)
    response.headers["Link"] = links
    return response


for _type in (*PAGED, *BARE):
    router.add_api_route(f"/{_type}/{{rest:path}}", thing, methods=["GET", "HEAD"])


def split(path: str) -> tuple[str, str | None]:
    """Take a suffix that stands for a format off a path."""
    stem, dot, suffix = path.rpartition(".")
    return (stem, suffix) if dot and suffix in SUFFIXES else (path, None)


def wanted(request: Request, suffix: str | None, path: str) -> str:
    """Return the media type to answer in: the suffix decides before the Accept header."""
    offers = list(formats(path).values())
    found = SUFFIXES[suffix] if suffix else choose(request.headers.get("accept"), offers)
    if found not in offers:
        raise NotAcceptable(
            "It cannot be given in a format that is accepted.",
            hint=f"There are {', '.join(offers)}.",
        )
    return found


def formats(path: str) -> dict[str, str]:
    """Return the media types in which something can be had, by suffix."""
    type_ = path.partition("/")[0]
    missing = [
        *((HTML,) if type_ not in (*PAGED, *ONTOLOGIES) else ()),
        *(citing.FORMATS if type_ not in CITED else ()),
    ]
    return {suffix: media for suffix, media in SUFFIXES.items() if media not in missing}


def alternates(request: Request, path: str) -> str:
    """Return the Link header that names the address of each format, and of the thing itself."""
    links = [
        f'<{root_of(request)}/{path}.{suffix}>; rel="alternate"; type="{media_type}"'
        for suffix, media_type in formats(path).items()
        if media_type != JSON or path.partition("/")[0] not in BARE
    ]
    return ", ".join([*links, f'<{DATA}{path}>; rel="describes"'])


def _reference(request: Request, path: str, media_type: str) -> Response:
    """Send a document or fact as a reference, in a file with its name."""
    cited = reading.source(pinned(request).side, path)
    suffix = next(suffix for suffix, each in SUFFIXES.items() if each == media_type)
    name = f'attachment; filename="{quote(cited.key)}.{suffix}"'
    text = citing.FORMATS[media_type](cited)
    return Response(text, media_type=media_type, headers={"Content-Disposition": name})


def _json(request: Request, path: str) -> Response:
    answer = json_answer(pinned(request).side, path)
    return Response(answer.model_dump_json(), media_type=JSON)


def json_answer(side: Side, path: str) -> Answer:
    """Return what the JSON routes say of a thing by the path of its IRI."""
    type_, _, rest = path.partition("/")
    readers: Mapping[str, Callable[[Side, str], Answer]] = {
        "document": reading.document,
        "fact": reading.fact,
        "volume": reading.volume,
    }
    return readers[type_](side, rest) if type_ in readers else reading.entity(side, path)


async def rdf(request: Request, path: str, media_type: str, links: str) -> Response:
    """Describe a thing in RDF; a named graph is sent as a whole, however large."""
    graph, memory = pinned(request).graph, pinned(request).memory
    job = _job(path)
    await _check_known(graph, path)
    headers = {**caching_headers(request), "Link": links}
    if path.startswith("graph/") or media_type not in READABLE:
        seconds = request.app.state.settings.query_seconds
        coding = choose_coding(request.headers.get("accept-encoding"))
        asked = replace(job.in_format(media_type), coding=coding)
        return QueryResponse(memory.run, asked, seconds, headers)
    triples = await graph.pool.answer(job.in_format("application/n-triples"))
    content = await run_in_threadpool(READABLE[media_type], triples, full_iri(path))
    return Response(content, headers=headers, media_type=media_type)


def _job(path: str) -> Job:
    queries = {"document": DOCUMENT, "graph": WHOLE_GRAPH}
    query = queries.get(path.partition("/")[0], DESCRIPTION)
    return Job(query, substitutions={"iri": Term(full_iri(path))})


async def _check_known(graph: Graph, path: str) -> None:
    if path.startswith("graph/"):
        await check_graph(graph, full_iri(path))
    elif not await _is_true(graph, "ASK { $iri ?p ?o }", full_iri(path)):
        raise NotFound(f"There is nothing at /{path}.", hint="GET /api/search?q= finds things.")


async def check_graph(graph: Graph, iri: str) -> None:
    """Refuse the name of a graph that is not there."""
    if not await _is_true(graph, "ASK { GRAPH $iri {} }", iri):
        raise NotFound(f"There is no graph {iri}.", hint="Graphs are named graph/VOLUME/ID.")


async def _is_true(graph: Graph, query: str, iri: str) -> bool:
    answer = json.loads(await graph.pool.answer(Job(query, substitutions={"iri": Term(iri)})))
    return bool(answer["boolean"])


def turtle(triples: bytes, iri: str) -> bytes:
    """Write N-Triples as Turtle with short names, the thing itself first."""

    def place(triple: Triple) -> tuple[bool, str, bool, str]:
        subject, predicate = str(triple.subject), str(triple.predicate)
        return subject != f"<{iri}>", subject, predicate != TYPE, predicate

    read = (quad.triple for quad in parse(triples, format=RdfFormat.N_TRIPLES))
    used = {name: iri for name, iri in SHORT.items() if f"<{iri}".encode() in triples}
    return serialize(sorted(read, key=place), format=RdfFormat.TURTLE, prefixes=used) or b""


def jsonld(triples: bytes, iri: str) -> bytes:
    """Write N-Triples as JSON-LD in our words, the thing itself first.

    The context is in the document: it is read the same when our server cannot be reached.
    """
    graph = rdflib.Graph().parse(data=triples, format="nt")
    words = ontology.context()["@context"]
    written: dict[str, Any] = json.loads(
        graph.serialize(format="json-ld", context=words, auto_compact=False)
    )
    if nodes := written.get("@graph"):
        written["@graph"] = sorted(nodes, key=lambda node: (node["id"] != iri, node["id"]))
    return json.dumps(written, ensure_ascii=False, indent=1).encode()


READABLE: dict[str, Callable[[bytes, str], bytes]] = {
    "text/turtle": turtle,
    JSONLD: jsonld,
    JSON: jsonld,
}
"""The formats that people read: what describes one thing is put into order for them."""


# The ontology


def the_ontology(request: Request) -> Response:
    """Give the ontology: as a page to read, or in RDF as a program wants it."""
    path, suffix = split(path_of(request.scope).strip("/"))
    if path not in _ontology_paths():
        raise NotFound(f"There is nothing at /{path}.", hint="There is /ontology.")
    media_type = wanted(request, suffix, path)
    headers = {"Link": alternates(request, path)}
    if media_type == HTML:
        answer = pages.ontology_page(request)
        answer.headers.update(headers)
        return answer
    return Response(_ontology(media_type), media_type=media_type, headers=headers)


for _name in ONTOLOGIES:
    for _rest in ("", ".{suffix}", "/{version:path}"):
        router.add_api_route(f"/{_name}{_rest}", the_ontology, methods=["GET", "HEAD"])


@cache
def _ontology_paths() -> set[str]:
    """Return the paths of the ontologies and of the versions of them that these are."""
    graph = ontology.ontology()
    versions = {str(version) for version in graph.objects(None, OWL.versionIRI)}
    return {"ontology", "alignments"} | {version.removeprefix(DATA) for version in versions}


@cache
def _ontology(media_type: str) -> bytes:
    written = JSONLD if media_type == JSON else media_type
    return ontology.ontology().serialize(format=written, encoding="utf-8")
