"""The pages: each asks the same functions as the JSON routes and fills one template.

They are whole without script. Nothing is loaded from another host, and no page has script or
style of its own, so that one strict Content-Security-Policy holds for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Query, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import ontology
import queries
from ontology.names import DATA, fold
from queries import wikidata
from server import (
    asking,
    downloads,
    finding,
    ledger,
    maps,
    networks,
    pictures,
    places,
    reading,
    schema,
    wording,
)
from server.answers import EntityAnswer, FactAnswer, Page, PlaceAnswer
from server.caching import CachedRoute
from server.dataset import DataSet
from server.drawing import Neighbour, Picture, draw, neighbours
from server.edtf import days
from server.errors import InvalidRequest, NotFound
from server.graph import Graph
from server.marking import mark
from server.obligations import State
from server.public import root_of
from server.published import article
from server.reading import Span
from server.search import NothingToSearch
from server.side import (
    TYPES,
    AmbiguousName,
    DocumentFilter,
    EntityFilter,
    Side,
    UnknownName,
)
from server.versions import pinned

STATIC = Path(__file__).parent / "static"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

KINDS = ("meeting", "request", "offer", "commitment", "refusal")
Kind = Literal["meeting", "request", "offer", "commitment", "refusal"]
Act = Literal["request", "offer", "commitment", "refusal"]
Type = Literal["person", "organization", "state", "place", "position", "topic"]
Number = Annotated[int, Query(ge=1)]
PER_SEARCH, PER_TIMELINE, PER_TABLE = 25, 30, 50
"""Results on a page of the search, facts on one of a timeline, and pairs on one of a network."""

router = APIRouter(route_class=CachedRoute, include_in_schema=False)
page_at = partial(router.api_route, methods=["GET", "HEAD"])


def install(app: FastAPI) -> None:
    """Add the pages to the service, and what their templates use."""
    environment = app.state.templates.env
    environment.filters |= wording.FILTERS
    environment.globals |= {
        "asset": asset,
        "at_wikidata": at_wikidata,
        "examples": examples,
        "FORMS": asking.FORMS,
        "KINDS": KINDS,
        "TYPES": TYPES,
        "DATA": DATA,
    }
    environment.trim_blocks = environment.lstrip_blocks = True
    app.add_middleware(PageHeaders)
    app.include_router(router)
    # Swagger UI, as it lies in this package, so that it comes from this host.
    app.mount("/static/docs", StaticFiles(packages=[("fastapi_offline", "static")]))


class PageHeaders:
    """Tells browsers that pages run nothing but our own script."""

    def __init__(self, app: ASGIApp) -> None:
        self._next = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to pages."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    for name, value in HEADERS.items():
                        headers.setdefault(name, value)
            await send(message)

        await self._next(scope, receive, send_with_headers if scope["type"] == "http" else send)


@cache
def asset(name: str) -> str:
    """Return the path of a file of ours; it changes with the file, so it may be kept."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


@dataclass(frozen=True, slots=True)
class Example:
    """A named query with the example values of its parameters filled in."""

    title: str
    text: str


@cache
def examples() -> list[Example]:
    """Return the queries that the page of SPARQL offers."""
    found = (queries.load(name) for name in queries.names())
    return [Example(each.title, wording.runnable(each, each.examples)) for each in found]


def at_wikidata(rows: Iterable[Mapping[str, Any]]) -> list[wikidata.Further]:
    """Return what to ask Wikidata about the items in rows; the examples, if there are none."""
    cells = (cell for row in rows for cell in row.values())
    values = (cell["value"] if isinstance(cell, dict) else cell for cell in cells)
    return wikidata.further(wikidata.items(values))


def show(request: Request, template: str, **context: Any) -> Response:
    """Fill a template."""
    page: Response = request.app.state.templates.TemplateResponse(request, template, context)
    return page


# Start, search and lists

EXAMPLE = {
    "kind": ("request",),
    "actor": ("person/stalin-joseph",),
    "days": ("1944-10-01", "1944-10-31"),
}
"""The question that the start page answers."""


@page_at("/")
def start(request: Request) -> Response:
    """What this is, a search, one question answered, and the ways in."""
    side = _side(request)
    return show(
        request,
        "start.html",
        statistics=reading.statistics(side, _graph(request).data_set),
        example=reading.chosen_facts(side, [EXAMPLE], 6)[0],
        people=reading.entities(side, EntityFilter(types=("person",)), Span(limit=12)),
        documents=reading.documents(side, DocumentFilter(), Span(limit=6)),
        queries=[queries.load(name) for name in queries.names()],
    )


@page_at("/search")
def search(request: Request, page: Number = 1) -> Response:
    """Names, facts and documents by words and features, with the counts of further choices."""
    side = _side(request)
    found, problem = None, None
    asked = finding.question(side, request.query_params.multi_items())
    try:
        found = finding.Search(side, asked)
        shown = _shown(found, request, page)
    except (NothingToSearch, InvalidRequest) as error:
        found, shown, problem = None, {}, error.problem()
    return show(
        request, "search.html", asked=asked, found=found, problem=problem, page=page, **shown
    )


def _shown(found: finding.Search, request: Request, page: int) -> dict[str, Any]:
    """Read a page of what was found: of one type, or the first of each."""
    per = PER_SEARCH if found.type else finding.EACH
    one = _span(request, page, per) if found.type else Span(per)
    shown: dict[str, Any] = {"names": found.names, "facets": found.facets, "per": per}
    if found.type in ("", "entity") and shown["names"]:
        shown["name_items"] = found.name_items(one)
    if found.type in ("", "fact") and found.facts:
        shown |= {"fact_items": found.fact_items(one), "marked": found.marked(one)}
    if found.type in ("", "document") and found.documents:
        shown |= {"document_items": found.document_items(one), "passages": found.passages(one)}
    return shown


@page_at("/compare")
def compare(
    request: Request,
    a: str = "",
    b: str = "",
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    kind: Act | Literal[""] = "",
    page: Number = 1,
) -> Response:
    """What two sides asked, offered, promised and refused each other, side by side."""
    side = _side(request)
    asked = {"a": a, "b": b, "from": from_, "to": to, "kind": kind}
    found, problem, which = None, None, None
    try:
        if a.strip() and b.strip():
            kinds = (kind,) if kind else ()
            which = reading.sides(side, a, b, kinds, days(from_, to))
            asked |= {"a": which.one, "b": which.other}
            found = reading.compared(side, which, _span(request, page))
    except (InvalidRequest, UnknownName, AmbiguousName) as error:
        problem = error.problem()
    return show(
        request,
        "compare.html",
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        sides=side.labels((which.one, which.other)) if which else {},
        totals=(found.by_one, found.by_other) if found else (),
        sparql=asking.between(which) if which else "",
        found=found.acts if found else None,
        problem=problem,
        page=page,
    )


@page_at("/ledger")
def what_is_owed(
    request: Request,
    debtor: str = "",
    creditor: str = "",
    at: str = "",
    state: State | Literal[""] = "",
    page: Number = 1,
) -> Response:
    """What one side owes another on a day, in the order of time."""
    side = _side(request)
    given = {"debtor": debtor, "creditor": creditor, "at": at, "state": state}
    found, problem, which = None, None, None
    try:
        if debtor.strip() and creditor.strip():
            which = ledger.asked(side, debtor, creditor, at or None, _given(state))
            given |= {"debtor": which.debtor, "creditor": which.creditor}
            found = ledger.ledger(side, which, _span(request, page))
    except (InvalidRequest, UnknownName, AmbiguousName) as error:
        problem = error.problem()
    return show(
        request,
        "ledger.html",
        asked=given,
        query=urlencode({name: value for name, value in given.items() if value}),
        sides=side.labels((which.debtor, which.creditor)) if which else {},
        day=which.at if which else None,
        states=get_args(State),
        counts=found.states if found else {},
        found=found.entries if found else None,
        problem=problem,
        page=page,
    )


@page_at("/documents")
def documents(request: Request, volume: str = "", form: str = "", page: Number = 1) -> Response:
    """All documents."""
    which = DocumentFilter(volumes=_given(volume), forms=_given(form))
    return show(
        request,
        "documents.html",
        found=reading.documents(_side(request), which, _span(request, page)),
        volumes=reading.volumes(_side(request)).items,
        volume=volume,
        form=form,
        page=page,
    )


@page_at("/entities")
def entities(
    request: Request, type: Type | None = None, name: str = "", page: Number = 1
) -> Response:
    """All persons, states, places and other entities."""
    words = tuple(fold(name).split())
    which = EntityFilter(types=(type,) if type else (), words=words)
    return show(
        request,
        "entities.html",
        found=reading.entities(_side(request), which, _span(request, page)),
        counts=_side(request).entities_by_type,
        type=type,
        name=name,
        page=page,
    )


# Things


def thing(request: Request, id: str) -> Response:
    """Show the page of a thing by the path of its IRI, `person/stalin-joseph`."""
    type_, _, rest = id.partition("/")
    if type_ in TYPES:
        return entity(request, id)
    pages = {"document": document, "fact": fact, "volume": volume}
    if type_ not in pages:
        raise NotFound(f"There is no page for {id}.", hint="Ask for it as Turtle or JSON-LD.")
    return pages[type_](request, rest)


def document(request: Request, id: str) -> Response:
    """A document as it is printed, with its facts beside it."""
    side = _side(request)
    answer = reading.document(side, id)
    facts = reading.document_facts(side, id, Span(limit=1000)).items
    return show(
        request,
        "document.html",
        document=answer,
        cited=reading.document_source(side, id),
        facts=facts,
        marked=mark(answer, facts),
        thread=reading.thread(side, id),
    )


def fact(request: Request, id: str) -> Response:
    """A fact, its words and where they come from."""
    side = _side(request)
    answer = reading.fact(side, id)
    return show(
        request,
        "fact.html",
        fact=answer,
        cited=reading.fact_source(side, answer),
        encounter=reading.encounter_of(side, id),
    )


def volume(request: Request, id: str) -> Response:
    """A volume, its parts and its documents."""
    side = _side(request)
    number = _number(request)
    return show(
        request,
        "volume.html",
        volume=reading.volume(side, id),
        found=reading.documents(side, DocumentFilter(volumes=(id,)), _span(request, number)),
        page=number,
    )


def entity(request: Request, id: str) -> Response:
    """What is known of an entity, what it did and was asked, and whom it met."""
    side = _side(request)
    answer = reading.entity(side, id, facts=0)
    kind, year = request.query_params.get("kind", ""), request.query_params.get("year", "")
    chosen = {"entity": (id,), **_narrowed(kind, year)}
    number = _number(request)
    around = neighbours(id, answer.relations)
    life = reading.life(side, id, chosen, _span(request, number, PER_TIMELINE))
    meetings, *others = _sections(side, answer, [entry.fact for entry in life.entries.items])
    return show(
        request,
        "entity.html",
        entity=answer,
        meetings=meetings.facts,
        sections=[section for section in others if section.facts.total],
        life=life,
        per=PER_TIMELINE,
        kind=kind,
        year=year,
        page=number,
        sparql=asking.facts(chosen),
        neighbours=around,
        pictures=_pictures(around),
        places=(placed := _places(side, answer)),
        drawn=maps.draw(placed),
    )


def _narrowed(kind: str, year: str) -> dict[str, tuple[str, ...]]:
    """Return the features by which a timeline is narrowed; refuse what there is not."""
    if kind not in ("", *KINDS):
        raise InvalidRequest(f"There is no kind {kind}.", hint=f"There are {', '.join(KINDS)}.")
    if year and not re.fullmatch("[0-9]{4}", year):
        raise InvalidRequest(f"{year} is not a year.", hint="Write 1944.")
    chosen: dict[str, tuple[str, ...]] = {"kind": (kind,)} if kind else {}
    return chosen | ({"days": (f"{year}-01-01", f"{year}-12-31")} if year else {})


@dataclass(frozen=True, slots=True)
class Section:
    """Facts of one kind in which an entity has one part."""

    title: str
    kind: str | None
    role: str
    facts: Page[FactAnswer]


PARTS = (
    ("Met", "meeting", "participant"),
    ("Asked for", "request", "actor"),
    ("Offered", "offer", "actor"),
    ("Undertook", "commitment", "actor"),
    ("Refused", "refusal", "actor"),
    ("Was asked for", "request", "addressee"),
    ("Was offered", "offer", "addressee"),
    ("Was promised", "commitment", "addressee"),
    ("Was refused", "refusal", "addressee"),
    ("Conveyed for others", None, "presented_by"),
    ("What others did for this state", None, "acting_state"),
    ("What concerns it", None, "about"),
    ("What took place here", None, "location"),
)
"""What the page of an entity tells: a title, the kind of facts, the part in them."""

EACH = 6
"""How many facts a section shows; the page of the search has the others."""


def _sections(side: Side, entity: EntityAnswer, told: list[FactAnswer]) -> list[Section]:
    choices = [
        {role: (entity.id,), **({"kind": (kind,)} if kind else {})} for _, kind, role in PARTS
    ]
    found = reading.chosen_facts(side, choices, EACH, told)
    return [Section(*part, facts) for part, facts in zip(PARTS, found, strict=True)]


def _pictures(around: list[Neighbour]) -> dict[str, Picture]:
    """Draw the relations for wide screens and for narrow ones."""
    return {"wide": draw(around), "narrow": draw(around, sides=1)} if around else {}


def _places(side: Side, entity: EntityAnswer) -> list[PlaceAnswer]:
    """Return where a place lies, or where the meetings of somebody were."""
    if entity.id in side.places:
        row = side.entity(entity.id)
        return [places.place(row)] if row else []
    return places.places(side, {"kind": ("meeting",), "participant": (entity.id,)})


# Pictures


@page_at("/network")
def network(
    request: Request,
    entity: str = "",
    other: str = "",
    kind: Kind | Literal[""] = "",
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    nodes: Annotated[int, Query(ge=2, le=networks.MOST_NODES)] = 50,
    page: Number = 1,
) -> Response:
    """An entity among those it had to do with, or the facts between two of them."""
    side = _side(request)
    asked = {"entity": entity, "other": other, "kind": kind, "from": from_, "to": to}
    shown: dict[str, Any] = {}
    try:
        for name in ("entity", "other"):
            asked[name] = side.resolve(asked[name]) if asked[name].strip() else ""
        shown = _network(request, asked, nodes, page)
    except (InvalidRequest, UnknownName, AmbiguousName) as error:
        shown["problem"] = error.problem()
    return show(
        request,
        "network.html",
        asked=asked,
        names=side.labels((asked["entity"], asked["other"])),
        nodes=nodes,
        sizes=networks.SIZES,
        page=page,
        **shown,
    )


def _network(request: Request, asked: dict[str, str], nodes: int, page: int) -> dict[str, Any]:
    """Read what is asked for; without an entity, some that could be."""
    side = _side(request)
    which = networks.chosen(_given(asked["kind"]), asked["from"], asked["to"])
    if asked["entity"] and asked["other"]:
        span = _span(request, page, PER_TIMELINE)
        shared = networks.between(side, asked["entity"], asked["other"], which, span)
        return {"shared": shared, "per": PER_TIMELINE}
    if asked["entity"]:
        found = networks.network(side, asked["entity"], which, nodes)
        own, others = networks.pairs(found)
        span = _span(request, page, PER_TABLE)
        items = list(span.part(others))
        listed = Page[networks.Pair](items=items, total=len(others), next=span.next(len(others)))
        return {"found": found, "own": own, "others": listed, "per": PER_TABLE}
    return {"people": reading.entities(side, EntityFilter(types=("person",)), Span(limit=12))}


@page_at("/map")
def map_page(
    request: Request,
    entity: str = "",
    kind: Kind | Literal[""] = "",
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
) -> Response:
    """Where facts took place, and the places that they concern."""
    side = _side(request)
    asked = {"entity": entity, "kind": kind, "from": from_, "to": to}
    found: list[PlaceAnswer] = []
    problem = None
    try:
        which = dict(networks.chosen(_given(kind), from_, to))
        if entity.strip():
            asked["entity"] = side.resolve(entity)
            which["entity"] = (asked["entity"],)
        found = places.places(side, which)
    except (InvalidRequest, UnknownName, AmbiguousName) as error:
        problem = error.problem()
    return show(
        request,
        "map.html",
        asked=asked,
        name=side.labels((asked["entity"],)).get(asked["entity"]),
        found=found,
        drawn=maps.draw(found),
        problem=problem,
    )


# Questions, documentation


@page_at("/queries")
def named_queries(request: Request) -> Response:
    """The questions that are ready to be asked."""
    return show(request, "queries.html", queries=[queries.load(name) for name in queries.names()])


@page_at("/queries/{name}")
async def named_query(request: Request, name: str) -> Response:
    """One question: its form, its rows and its SPARQL."""
    try:
        query = queries.load(name)
    except queries.QueryNotFound as error:
        raise NotFound(str(error), hint="/queries lists them.") from error
    given = {key: request.query_params.get(key, "").strip() for key in query.parameters}
    side = _side(request)
    asked = all(given.values())
    values = _values(side, query, given) if asked else query.examples
    rows = await _graph(request).rows(query, **values) if asked else None
    table = pictures.Table(side, query.columns, rows or [])
    shown = await run_in_threadpool(table.show, request.query_params.get("view"))
    return show(
        request,
        "query.html",
        query=query,
        given=given if any(given.values()) else query.examples,
        rows=rows,
        table=table,
        shown=shown,
        views=pictures.VIEWS,
        address=urlencode(values),
        text=wording.runnable(query, values),
    )


def _values(side: Side, query: queries.Query, given: dict[str, str]) -> dict[str, str]:
    """Return the values of the parameters; an entity may be given by its name."""
    return {
        key: side.resolve(value)
        if query.parameters[key].type == "iri" and "/" not in value
        else value
        for key, value in given.items()
    }


@page_at("/about")
def about(request: Request) -> Response:
    """What this is, where it comes from and how it is made."""
    statistics = reading.statistics(_side(request), _graph(request).data_set)
    return show(request, "about.html", statistics=statistics)


@page_at("/data")
def data(request: Request) -> Response:
    """How much there is, its files, and its licence."""
    version = _graph(request).data_set
    return show(
        request,
        "data.html",
        statistics=reading.statistics(_side(request), version),
        volumes=reading.volumes(_side(request)).items,
        files=downloads.files(version.folder),
        of_volumes=downloads.of_volumes(version.folder),
        classes=_classes(version),
    )


def _classes(version: DataSet) -> dict[str, int]:
    """Return how many things of each class of ours there are, the most first."""
    used = schema.counts(version.void.read_bytes())
    ours = {name: used[name] for name in used if re.match("cg:[A-Z]", name)}
    return dict(sorted(ours.items(), key=lambda each: -each[1]))


@page_at("/accuracy")
@page_at("/answers")
@page_at("/methods")
def measured(request: Request) -> Response:
    """How much of what programs find is right, how that was measured, and what was tried."""
    name = request.scope["route"].path.strip("/")
    return show(request, "article.html", title=name.capitalize(), article=article(name))


@page_at("/docs")
def docs(request: Request) -> Response:
    """The JSON routes, to be tried out."""
    return show(request, "docs.html", paths=request.app.openapi()["paths"])


@page_at("/favicon.ico")
def favicon(request: Request) -> Response:
    """Where browsers look for an icon on their own."""
    return RedirectResponse(root_of(request) + asset("icon.svg"), 301)


def ontology_page(request: Request) -> Response:
    """Show what each term means, in the frame of all pages."""
    return show(request, "ontology.html", terms=_terms())


@cache
def _terms() -> Markup:
    """Return the body of the page of the ontology, to stand in the main part of ours."""
    body = ontology.page().partition("<body>")[2].partition("</body>")[0]
    return Markup(_framed(body))


def _framed(body: str) -> str:
    body = body.replace("<main>", "<div>").replace("</main>", "</div>")
    return body.replace("<pre>", '<pre tabindex="0">')


# What a request names


def _side(request: Request) -> Side:
    return pinned(request).side


def _graph(request: Request) -> Graph:
    return pinned(request).graph


def _span(request: Request, number: int, limit: int = 50) -> Span:
    query = f"?{request.url.query}" if request.url.query else ""
    return Span(limit, number, request.url.path + query)


def _number(request: Request) -> int:
    """Return the number of the page of a list; what is no number is the first."""
    given = request.query_params.get("page", "")
    return max(1, int(given)) if given.isascii() and given.isdecimal() else 1


def _given(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
