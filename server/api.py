"""The JSON routes: what is asked becomes a filter, `server.reading` answers it.

A parameter that a route does not know is refused with the name that was probably meant, so
that no typing error is taken for an answer. Given twice, a filter means either of its values;
two filters mean both. An entity may be named by IRI, id, slug or any name that only it has.
Every route is described with an example (`x-example`) that has an answer in the first telegram.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

import ontology
import queries
from ontology.names import DATA, fold
from server import ledger, networks, places, reading, things
from server.answers import (
    PROBLEMS,
    Answer,
    ComparedFact,
    Completions,
    DocumentAnswer,
    DocumentSummary,
    EncounterAnswer,
    EntityAnswer,
    EntitySummary,
    FactAnswer,
    Index,
    LedgerEntry,
    NetworkAnswer,
    Page,
    PlaceAnswer,
    QueryAnswer,
    RelationAnswer,
    RouteAnswer,
    Rows,
    SearchHit,
    Statistics,
    TermsAnswer,
    ThreadAnswer,
    ThreadSummary,
    TimelineEntry,
    VolumeAnswer,
    VolumeSummary,
)
from server.caching import CachedRoute
from server.context import ANSWERS, context_link
from server.edtf import days
from server.errors import InvalidRequest, NotAcceptable, NotFound, UnknownParameter
from server.graph import Graph
from server.negotiation import choose
from server.obligations import State
from server.public import root_of
from server.reading import Span
from server.schema import known_terms
from server.search import search_expression
from server.side import (
    AGENTS,
    TYPES,
    DocumentFilter,
    EntityFilter,
    FactFilter,
    RelationFilter,
    SearchFilter,
    Side,
)
from server.tables import answers_csv, rows_csv
from server.versions import pinned

JSON, CSV, JSONLD = "application/json", "text/csv", "application/ld+json"

Kind = Literal["meeting", "request", "offer", "commitment", "refusal"]
Act = Literal["request", "offer", "commitment", "refusal"]
Status = Literal["made", "instructed", "hypothetical", "held", "planned", "proposed", "cancelled"]
Force = Literal[
    "ask", "urge", "demand", "propose", "instruct", "recommend",
    "promise", "agree", "assure", "decide", "intend",
]  # fmt: skip
Form = Literal[
    "Telegram", "Airgram", "Letter", "Memorandum", "MemorandumOfConversation", "Note",
    "Minutes", "Report", "EditorialNote", "Document",
]  # fmt: skip
Type = Literal["person", "organization", "state", "place", "position", "topic"]
Role = Literal[
    "actor", "addressee", "participant", "presented_by", "reported_by", "about", "location",
    "acting_state",
]  # fmt: skip
Predicate = Literal["met", "asked", "offered", "promised", "refused"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


# What every route has


async def refuse_unknown(request: Request) -> None:
    """Refuse parameters that the route does not have; its description says which it has."""
    paths = request.app.openapi()["paths"]
    declared = paths[request.scope["route"].path_format]["get"].get("parameters", [])
    known = {each["name"]: each["schema"] for each in declared if each["in"] == "query"}
    check_names(request, known)
    for name, schema in known.items():
        if schema.get("type") != "array" and len(request.query_params.getlist(name)) > 1:
            raise InvalidRequest(f"{name} is given twice; it takes one value.")


def check_names(request: Request, known: Iterable[str]) -> None:
    """Refuse parameters of other names, and say which one was probably meant."""
    names = list(known)
    for name in request.query_params:
        if name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(names)}."
            raise UnknownParameter(
                f'{request.url.path} has no parameter "{name}".',
                hint=hint if names else "It has no parameters.",
            )


router = APIRouter(prefix="/api", route_class=CachedRoute, tags=["JSON"])

_BESIDE_JSON = {"ListFormat": CSV, "ThingFormat": JSONLD}
"""The format that a route has beside JSON, by the type of its parameter `format`."""


def get(path: str, example: str, **more: Any) -> Callable[[Endpoint], Endpoint]:
    """Add a route with an example of its use: a path and query that have an answer."""

    def add(endpoint: Endpoint) -> Endpoint:
        router.head(path, include_in_schema=False, **more)(endpoint)
        more.setdefault("dependencies", [Depends(refuse_unknown)])
        router.get(
            path, openapi_extra={"x-example": example}, responses=_responses(endpoint), **more
        )(endpoint)
        return endpoint

    return add


def _responses(endpoint: Callable[..., Any]) -> dict[int | str, dict[str, Any]]:
    """Describe what a route may send beside JSON."""
    kind = str(endpoint.__annotations__.get("format", "")).partition(" ")[0]
    if kind not in _BESIDE_JSON:
        return PROBLEMS
    return {**PROBLEMS, 200: {"content": {_BESIDE_JSON[kind]: {}}}}


def install(app: FastAPI) -> None:
    """Add the JSON routes and the paths of our IRIs to the service."""
    app.include_router(router)
    things.install(app)


async def _side(request: Request) -> Side:
    return pinned(request).side


async def _graph(request: Request) -> Graph:
    return pinned(request).graph


async def _span(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000, description="Items on a page.", examples=[50])] = 50,
    page: Annotated[
        int, Query(ge=1, le=10**9, description="Number of the page, from 1.", examples=[1])
    ] = 1,
) -> Span:
    query = f"?{request.url.query}" if request.url.query else ""
    return Span(limit, page, request.url.path + query)


OpenSide = Annotated[Side, Depends(_side)]
OpenGraph = Annotated[Graph, Depends(_graph)]
Part = Annotated[Span, Depends(_span)]
ListFormat = Annotated[
    Literal["json", "csv"] | None,
    Query(description="Format of the list, instead of the Accept header.", examples=["csv"]),
]
ThingFormat = Annotated[
    Literal["json", "jsonld"] | None,
    Query(description="Format of the answer, instead of the Accept header.", examples=["jsonld"]),
]


def listed(request: Request, kind: type[Answer], page: Page[Any], format: str | None) -> Response:
    """Send a page of a list as JSON or CSV; the header names the next page as well."""
    links = _next(page.next)
    if _format(request, format, {"json": JSON, "csv": CSV}) == CSV:
        return _table(answers_csv(kind, page.items), links)
    return sent(request, page, *links)


def _next(address: str | None) -> list[str]:
    return [f'<{address}>; rel="next"'] if address else []


def _table(text: str, links: list[str]) -> Response:
    headers = {"Link": ", ".join(links)} if links else {}
    return Response(text, headers=headers, media_type=CSV)


def sent(request: Request, answer: Answer, *links: str) -> Response:
    """Send an answer as JSON."""
    return Response(
        answer.model_dump_json(),
        headers={"Link": ", ".join([*links, context_link(request)])},
        media_type=JSON,
    )


def _format(request: Request, name: str | None, formats: dict[str, str]) -> str:
    if name:
        return formats[name]
    found = choose(request.headers.get("accept"), formats.values())
    if found is None:
        raise NotAcceptable(
            "No accepted format can hold this answer.",
            hint=f"There are {', '.join(formats.values())}.",
        )
    return found


async def _thing(request: Request, path: str, kind: type[Answer], format: str | None) -> Response:
    """Send one thing as JSON, or what the store says about it as JSON-LD."""
    stem = path.removesuffix(".jsonld")
    name = "jsonld" if stem != path else format
    if _format(request, name, {"json": JSON, "jsonld": JSONLD}) == JSONLD:
        return await things.rdf(request, stem, JSONLD, things.alternates(request, stem))
    return sent(request, await run_in_threadpool(things.json_answer, pinned(request).side, stem))


# What parameters mean


def _words(text: str) -> str:
    return (
        f"{text} An IRI, an id (`person/stalin-joseph`), a slug (`stalin-joseph`), or a name that"
        " only one entity has (`stalin`). Repeat it to allow several."
    )


def _name(text: str, example: str) -> Any:
    return Query(description=_words(text), examples=[[example]])


def _choice(text: str, example: str) -> Any:
    return Query(description=f"{text} Repeat it to allow several.", examples=[[example]])


def _one_name(text: str, example: str) -> Any:
    return Query(description=_words(text).partition(" Repeat")[0], examples=[example])


Actor = Annotated[tuple[str, ...], _name("Who asks, offers, undertakes or refuses.", "stalin")]
Addressee = Annotated[tuple[str, ...], _name("To whom.", "united-states")]
Participant = Annotated[tuple[str, ...], _name("Who met.", "person/harriman-w-averell")]
About = Annotated[tuple[str, ...], _name("What is concerned: topic, place, ...", "petropavlovsk")]
ActingState = Annotated[
    tuple[str, ...], _name("The state that the actor speaks for.", "soviet-union")
]
Location = Annotated[tuple[str, ...], _name("Where.", "moscow")]
ReportedBy = Annotated[tuple[str, ...], _name("Whose report it is.", "harriman")]
PresentedBy = Annotated[tuple[str, ...], _name("Who conveyed it for another.", "harriman")]
AnyRole = Annotated[tuple[str, ...], _name("Who or what has any part in it.", "stalin")]
Sender = Annotated[tuple[str, ...], _name("Who sent it.", "harriman")]
Recipient = Annotated[tuple[str, ...], _name("Who it went to.", "roosevelt")]
Mentioned = Annotated[tuple[str, ...], _name("Whom or what the editors tagged in it.", "stalin")]
Entity = Annotated[str, _one_name("The entity.", "stalin")]

Acts = Annotated[tuple[Act, ...], _choice("Kind of act.", "request")]
Kinds = Annotated[tuple[Kind, ...], _choice("Kind of fact.", "request")]
Statuses = Annotated[
    tuple[Status, ...],
    _choice("made, instructed or hypothetical; of meetings held, planned, ...", "made"),
]
Forces = Annotated[tuple[Force, ...], _choice("How it was put.", "ask")]
Forms = Annotated[tuple[Form, ...], _choice("Documentary form: the name of its class.", "Telegram")]
Types = Annotated[tuple[Type, ...], _choice("Type of entity.", "person")]
Predicates = Annotated[tuple[Predicate, ...], _choice("What one did with the other.", "met")]
Volumes = Annotated[tuple[str, ...], _choice("Volume by its id.", "frus1945Malta")]
Documents = Annotated[tuple[str, ...], _choice("Document by its id.", "frus1945Malta/d256")]

VolumeId = Annotated[str, Path(description="Id of the volume.", examples=["frus1945Malta"])]
DocumentId = Annotated[
    str, Path(description="Id of the document in its volume.", examples=["d256"])
]

From = Annotated[
    str | None,
    Query(
        alias="from",
        description="First day, month or year: what may have been on it or later is found."
        " What has no date is not; a fact without one counts by that of its document.",
        examples=["1944-10"],
    ),
]
To = Annotated[
    str | None,
    Query(
        alias="to",
        description="Last day, month or year: what may have been on it or before is found."
        " What has no date is not; a fact without one counts by that of its document.",
        examples=["1944"],
    ),
]
_TEXT = Query(
    description="Words that must all be found. Words in double quotes must follow each other;"
    " an asterisk at the end of a word stands for any ending.",
    max_length=1000,
    examples=["petropavlovsk"],
)
Text = Annotated[str | None, _TEXT]
SearchText = Annotated[str, _TEXT]


def _match(text: str | None) -> str | None:
    return None if text is None else search_expression(text)


def _ids(side: Side, names: Sequence[str], types: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(side.resolve(name, types) for name in names)


def _roles(
    side: Side, named: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Pair each role with the entities that are named for it."""
    types = {"acting_state": ("state",), "location": ("place", "state"), "about": (), "": ()}
    return tuple(
        (role, _ids(side, names, types.get(role, AGENTS))) for role, names in named.items() if names
    )


def _known_volumes(side: Side, ids: Sequence[str]) -> tuple[str, ...]:
    names = tuple(id.removeprefix(DATA).removeprefix("volume/") for id in ids)
    for name in names:
        reading.volume(side, name)
    return names


def _known_documents(side: Side, ids: Sequence[str]) -> tuple[str, ...]:
    names = tuple(id.removeprefix(DATA).removeprefix("document/") for id in ids)
    return tuple(reading.find_document(side, name).id for name in names)


def which_facts(
    side: OpenSide,
    kind: Kinds = (),
    actor: Actor = (),
    addressee: Addressee = (),
    participant: Participant = (),
    about: About = (),
    acting_state: ActingState = (),
    location: Location = (),
    reported_by: ReportedBy = (),
    presented_by: PresentedBy = (),
    entity: AnyRole = (),
    status: Statuses = (),
    force: Forces = (),
    form: Forms = (),
    volume: Volumes = (),
    document: Documents = (),
    from_: From = None,
    to: To = None,
    q: Text = None,
    min_confidence: Annotated[
        float | None, Query(ge=0, le=1, description="Least confidence.", examples=[0.9])
    ] = None,
) -> FactFilter:
    """Return what is asked of facts; entities may be named in any way."""
    named = {
        "actor": actor,
        "addressee": addressee,
        "participant": participant,
        "about": about,
        "acting_state": acting_state,
        "location": location,
        "reported_by": reported_by,
        "presented_by": presented_by,
        "": entity,
    }
    first, last = days(from_, to)
    return FactFilter(
        kinds=kind,
        statuses=status,
        forces=force,
        forms=form,
        volumes=_known_volumes(side, volume),
        documents=_known_documents(side, document),
        roles=_roles(side, named),
        match=_match(q),
        first=first,
        last=last,
        confidence=min_confidence,
    )


def which_documents(
    side: OpenSide,
    volume: Volumes = (),
    form: Forms = (),
    sender: Sender = (),
    recipient: Recipient = (),
    mentions: Mentioned = (),
    from_: From = None,
    to: To = None,
    q: Text = None,
) -> DocumentFilter:
    """Return what is asked of documents; entities may be named in any way."""
    first, last = days(from_, to)
    return DocumentFilter(
        volumes=_known_volumes(side, volume),
        forms=form,
        senders=_ids(side, sender, AGENTS),
        recipients=_ids(side, recipient, AGENTS),
        mentions=_ids(side, mentions),
        first=first,
        last=last,
        match=_match(q),
    )


# Volumes and documents


@get("", "/api")
def index(request: Request) -> Index:
    """What there is to ask, with an example of each."""
    root = root_of(request)
    paths = request.app.openapi()["paths"]
    routes = [
        RouteAnswer(
            path=root + path, description=said["get"]["description"], example=root + example
        )
        for path, said in paths.items()
        if (example := said.get("get", {}).get("x-example"))
    ]
    return Index(
        version=pinned(request).name,
        description=f"{root}{request.app.openapi_url}",
        sparql=f"{root}/sparql",
        routes=routes,
    )


@get("/volumes", "/api/volumes", response_model=Page[VolumeSummary])
def volumes(request: Request, side: OpenSide, format: ListFormat = None) -> Response:
    """All volumes of the data set."""
    return listed(request, VolumeSummary, reading.volumes(side), format)


@get("/volumes/{volume}", "/api/volumes/frus1945Malta", response_model=VolumeAnswer)
def volume(request: Request, side: OpenSide, volume: VolumeId) -> Response:
    """One volume with its parts."""
    return sent(request, reading.volume(side, volume))


@get(
    "/documents",
    "/api/documents?sender=harriman&mentions=stalin&from=1944-10",
    response_model=Page[DocumentSummary],
)
def documents(
    request: Request,
    side: OpenSide,
    which: Annotated[DocumentFilter, Depends(which_documents)],
    span: Part,
    sort: Annotated[
        Literal["print", "date"],
        Query(description="Order: that of print, or of the dates of sending.", examples=["date"]),
    ] = "print",
    format: ListFormat = None,
) -> Response:
    """Documents, in the order of print."""
    found = reading.documents(side, which, span, by_date=sort == "date")
    return listed(request, DocumentSummary, found, format)


@get(
    "/documents/{volume}/{id}",
    "/api/documents/frus1945Malta/d256",
    response_model=DocumentAnswer,
)
async def document(
    request: Request, volume: VolumeId, id: DocumentId, format: ThingFormat = None
) -> Response:
    """One document: what it says about itself, its words, and the editors' notes."""
    return await _thing(request, f"document/{volume}/{id}", DocumentAnswer, format)


@get(
    "/documents/{volume}/{id}/facts",
    "/api/documents/frus1945Malta/d256/facts",
    response_model=Page[FactAnswer],
)
def document_facts(
    request: Request,
    side: OpenSide,
    volume: VolumeId,
    id: DocumentId,
    span: Part,
    format: ListFormat = None,
) -> Response:
    """The facts that a document reports, in the order of its text."""
    return listed(request, FactAnswer, reading.document_facts(side, f"{volume}/{id}", span), format)


@get(
    "/documents/{volume}/{id}/thread",
    "/api/documents/frus1945Malta/d256/thread",
    response_model=ThreadAnswer,
)
def document_thread(request: Request, side: OpenSide, volume: VolumeId, id: DocumentId) -> Response:
    """The thread that a document belongs to, what it cites, and where it is cited."""
    return sent(request, reading.thread(side, f"{volume}/{id}"))


@get("/threads", "/api/threads", response_model=Page[ThreadSummary])
def threads(request: Request, side: OpenSide, span: Part, format: ListFormat = None) -> Response:
    """Documents that answer and follow each other, by their first; the longest threads first."""
    return listed(request, ThreadSummary, reading.threads(side, span), format)


# Facts


@get("/facts", "/api/facts?kind=request&actor=stalin", response_model=Page[FactAnswer])
def facts(
    request: Request,
    side: OpenSide,
    which: Annotated[FactFilter, Depends(which_facts)],
    span: Part,
    format: ListFormat = None,
) -> Response:
    """Facts with their evidence, in order of time: undated ones by the day of their document."""
    return listed(request, FactAnswer, reading.facts(side, which, span), format)


@get(
    "/facts/{volume}/{document}/{hash}",
    "/api/facts/frus1945Malta/d256/18310a3a",
    response_model=FactAnswer,
)
async def fact(
    request: Request,
    volume: VolumeId,
    document: DocumentId,
    hash: Annotated[str, Path(description="Last part of the IRI.", examples=["18310a3a"])],
    format: ThingFormat = None,
) -> Response:
    """One fact with its evidence."""
    return await _thing(request, f"fact/{volume}/{document}/{hash}", FactAnswer, format)


@get("/encounters", "/api/encounters", response_model=Page[EncounterAnswer])
def encounters(request: Request, side: OpenSide, span: Part, format: ListFormat = None) -> Response:
    """Meetings that two or more documents tell of, with each account and whom it leaves out."""
    return listed(request, EncounterAnswer, reading.encounters(side, span), format)


@get("/timeline", "/api/timeline?entity=stalin", response_model=Page[TimelineEntry])
def timeline(
    request: Request,
    side: OpenSide,
    entity: Entity,
    span: Part,
    kind: Kinds = (),
    role: Annotated[
        Role | None, Query(description="The part that it has in them.", examples=["actor"])
    ] = None,
    from_: From = None,
    to: To = None,
    format: ListFormat = None,
) -> Response:
    """The facts that an entity has a part in, in order of time, with its part in each."""
    id = side.resolve(entity)
    first, last = days(from_, to)
    which = FactFilter(kinds=kind, roles=((role or "", (id,)),), first=first, last=last)
    return listed(request, TimelineEntry, reading.timeline(side, id, span, which), format)


@get(
    "/compare",
    "/api/compare?a=soviet-union&b=united-states&from=1944-10",
    response_model=Page[ComparedFact],
)
def compare(
    request: Request,
    side: OpenSide,
    a: Annotated[str, _one_name("One side.", "soviet-union")],
    b: Annotated[str, _one_name("The other side.", "united-states")],
    span: Part,
    kind: Acts = (),
    from_: From = None,
    to: To = None,
    format: ListFormat = None,
) -> Response:
    """What two sides asked, offered, promised and refused each other, in order of time.

    A side is a state, with those who speak for it, or a person, body or office alone.
    """
    which = reading.sides(side, a, b, kind, days(from_, to))
    return listed(request, ComparedFact, reading.compared(side, which, span).acts, format)


@get(
    "/ledger",
    "/api/ledger?debtor=soviet-union&creditor=united-states&at=1944-12",
    response_model=Page[LedgerEntry],
)
def what_is_owed(
    request: Request,
    side: OpenSide,
    debtor: Annotated[str, _one_name("The side that owes.", "soviet-union")],
    creditor: Annotated[str, _one_name("The side to which it owes.", "united-states")],
    span: Part,
    at: Annotated[
        str | None,
        Query(
            description="Day, month or year by whose end the state is told. Without it, all that"
            " is in the record counts.",
            examples=["1944-12"],
        ),
    ] = None,
    state: Annotated[tuple[State, ...], _choice("State of the obligation.", "open")] = (),
    format: ListFormat = None,
) -> Response:
    """What one side owes the other: its promises and offers, and answers to what was asked of it.

    Each has its state on the day, with the facts that make it so, in order of time. A side is a
    state, with those who speak for it, or a person, body or office alone.
    """
    which = ledger.asked(side, debtor, creditor, at, state)
    return listed(request, LedgerEntry, ledger.ledger(side, which, span).entries, format)


# Entities and relations


@get("/entities", "/api/entities?type=person&q=stalin", response_model=Page[EntitySummary])
def entities(
    request: Request,
    side: OpenSide,
    span: Part,
    type: Types = (),
    q: Annotated[
        str | None,
        Query(
            description="Beginnings of words that one of its names has.",
            max_length=200,
            examples=["stalin"],
        ),
    ] = None,
    linked: Annotated[
        bool | None, Query(description="Whether it is linked to Wikidata.", examples=[True])
    ] = None,
    format: ListFormat = None,
) -> Response:
    """Persons, bodies, states, places, offices and topics, those in most facts first."""
    which = EntityFilter(type, tuple(fold(q or "").split()), linked)
    return listed(request, EntitySummary, reading.entities(side, which, span), format)


@get(
    "/entities/{type}/{slug}",
    "/api/entities/person/stalin-joseph",
    response_model=EntityAnswer,
)
async def entity(
    request: Request,
    type: Annotated[str, Path(description="Type of entity.", examples=["person"])],
    slug: Annotated[str, Path(description="Last part of the IRI.", examples=["stalin-joseph"])],
    format: ThingFormat = None,
) -> Response:
    """One entity: its names, its link to Wikidata, its offices and its relations to others."""
    if type not in TYPES:
        raise NotFound(f'No entity has the type "{type}".', hint=f"There are {', '.join(TYPES)}.")
    return await _thing(request, f"{type}/{slug}", EntityAnswer, format)


@get(
    "/relations", "/api/relations?entity=stalin&predicate=met", response_model=Page[RelationAnswer]
)
def relations(
    request: Request,
    side: OpenSide,
    entity: Entity,
    span: Part,
    predicate: Predicates = (),
    other: Annotated[tuple[str, ...], _name("The other entity.", "harriman")] = (),
    from_: From = None,
    to: To = None,
    format: ListFormat = None,
) -> Response:
    """What an entity did with others and they with it: a group for each, the largest first."""
    which = RelationFilter(side.resolve(entity), predicate, _ids(side, other), *days(from_, to))
    return listed(request, RelationAnswer, reading.relations(side, which, span), format)


@get("/network", "/api/network?entity=stalin", response_model=NetworkAnswer)
def network(
    request: Request,
    side: OpenSide,
    entity: Entity,
    kind: Kinds = (),
    from_: From = None,
    to: To = None,
    nodes: Annotated[
        int,
        Query(
            ge=2,
            le=networks.MOST_NODES,
            description="How many entities: itself, and those who share most facts with it.",
            examples=[100],
        ),
    ] = 100,
) -> Response:
    """An entity, those it had most to do with, and what there is among all of them, to be drawn."""
    which = networks.chosen(kind, from_, to)
    return sent(request, networks.network(side, side.resolve(entity), which, nodes))


@get("/places", "/api/places?entity=stalin", response_model=Page[PlaceAnswer])
def list_places(
    request: Request,
    side: OpenSide,
    span: Part,
    entity: AnyRole = (),
    kind: Kinds = (),
    from_: From = None,
    to: To = None,
    format: ListFormat = None,
) -> Response:
    """Where facts took place, and the places that they concern: those of most facts first."""
    which = {**networks.chosen(kind, from_, to), **_with(side, entity)}
    return listed(request, PlaceAnswer, places.page(side, which, span), format)


def _with(side: Side, entities: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {"entity": _ids(side, entities)} if entities else {}


# Search


@get("/search", "/api/search?q=petropavlovsk", response_model=Page[SearchHit])
def search(
    request: Request,
    side: OpenSide,
    q: SearchText,
    span: Part,
    type: Annotated[
        tuple[Literal["entity", "fact", "document"], ...], _choice("What to find.", "fact")
    ] = (),
    volume: Volumes = (),
    form: Forms = (),
    from_: From = None,
    to: To = None,
    format: ListFormat = None,
) -> Response:
    """What holds words: entities by name, then facts, then documents, best matches first.

    Volume and form of a fact are those of its document, and so is the date, if it has none itself.
    Entities have none of these: with one of the filters only facts and documents are found.
    """
    which = SearchFilter(_known_volumes(side, volume), form, *days(from_, to))
    found = reading.search(side, search_expression(q), q, span, type, which)
    return listed(request, SearchHit, found, format)


@get("/complete", "/api/complete?q=sta", response_model=Completions)
def complete(
    request: Request,
    side: OpenSide,
    q: Annotated[
        str, Query(description="Beginning of a name.", max_length=200, examples=["sta"])
    ] = "",
    type: Types = (),
    limit: Annotated[int, Query(ge=1, le=100, description="Most names.", examples=[10])] = 10,
) -> Response:
    """Names that begin like this, those in most facts first, to complete what is typed."""
    return sent(request, reading.complete(side, q, limit, type))


# Queries


@get("/queries", "/api/queries", response_model=Page[QueryAnswer])
def named_queries(request: Request, format: ListFormat = None) -> Response:
    """The named queries: questions in SPARQL that only need their values."""
    items = [query_answer(queries.load(name)) for name in queries.names()]
    page = Page[QueryAnswer](items=items, total=len(items), next=None)
    return listed(request, QueryAnswer, page, format)


@get(
    "/queries/{name}",
    "/api/queries/acts-of?actor=stalin",
    response_model=QueryAnswer | Rows,
    dependencies=[],
)
async def named_query(
    request: Request,
    graph: OpenGraph,
    side: OpenSide,
    name: Annotated[str, Path(description="Name of the query.", examples=["acts-of"])],
    span: Part,
    format: ListFormat = None,
) -> Response:
    """One named query; given a value for each of its parameters, the rows that it finds.

    A query without parameters is answered at once. Entities may be given by name.
    """
    query = load_query(name)
    check_names(request, [*query.parameters, "limit", "page", "format"])
    given = {
        key: request.query_params[key] for key in query.parameters if key in request.query_params
    }
    if query.parameters and not given:
        return sent(request, query_answer(query))
    values = {
        key: await run_in_threadpool(term_value, side, query.parameters[key].type, value)
        for key, value in given.items()
    }
    rows = await graph.rows(query, **values)
    return _rows(request, query, rows, span, format)


def load_query(name: str) -> queries.Query:
    """Read a named query, or raise NotFound."""
    try:
        return queries.load(name)
    except queries.QueryNotFound as error:
        raise NotFound(str(error), hint="GET /api/queries lists them.") from error


def query_answer(query: queries.Query) -> QueryAnswer:
    """Return what a named query asks and needs."""
    parameters = {
        name: {"type": each.type, "example": each.example, "description": each.description}
        for name, each in query.parameters.items()
    }
    return QueryAnswer(
        name=query.name,
        title=query.title,
        description=query.description,
        parameters=parameters,
        columns=list(query.columns),
        text=query.text,
    )


def term_value(side: Side, type_: str, value: str) -> str:
    """Return the value of a parameter; an entity may be given by its name."""
    return side.resolve(value) if type_ == "iri" and "/" not in value else value


def _rows(
    request: Request,
    query: queries.Query,
    rows: list[dict[str, str]],
    span: Span,
    format: str | None,
) -> Response:
    columns = list(query.columns)
    answer = Rows(
        query=query.name,
        columns=columns,
        items=[{column: row.get(column) for column in columns} for row in span.part(rows)],
        total=len(rows),
        next=span.next(len(rows)),
    )
    links = _next(answer.next)
    if _format(request, format, {"json": JSON, "csv": CSV}) == CSV:
        return _table(rows_csv(columns, answer.items), links)
    return sent(request, answer, *links)


@get("/terms", "/api/terms", response_model=TermsAnswer)
def terms(request: Request) -> Response:
    """The prefixes and terms that a query can be written with."""
    return sent(request, known_terms(pinned(request).data_set.void.read_bytes()))


# The data set


@get("/statistics", "/api/statistics", response_model=Statistics)
def statistics(request: Request, side: OpenSide, graph: OpenGraph) -> Response:
    """How much there is: the denominators behind every count."""
    return sent(request, reading.statistics(side, graph.data_set))


@get("/context.jsonld", "/api/context.jsonld", response_class=Response)
def context() -> Response:
    """The JSON-LD context of our JSON-LD: what its words mean."""
    return Response(json.dumps(ontology.context()), media_type=JSONLD)


@get("/answers.jsonld", "/api/answers.jsonld", response_class=Response)
def answers_context() -> Response:
    """The JSON-LD context of our plain JSON, which its Link header names."""
    return Response(json.dumps(ANSWERS), media_type=JSONLD)
