"""The shapes of the answers: what the JSON routes send and the pages show.

Everything of ours is named twice: `id` is the path of its IRI (`person/stalin-joseph`), `iri`
the whole of it. An answer keeps its keys: new ones may come, documented ones stay.
"""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Answer(BaseModel):
    """What all answers share: they do not change once made."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Page(Answer, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    """The items of this page."""
    total: int
    """How many items the whole list has."""
    next: str | None
    """The address of the next page; null on the last."""


def _is_none(value: object) -> bool:
    return value is None


class Name(Answer):
    """A thing by its name, to link to."""

    id: Annotated[str | None, Field(examples=["person/stalin-joseph"], exclude_if=_is_none)] = None
    """The path of its IRI; left out where the words name nothing that is known."""
    iri: Annotated[str | None, Field(exclude_if=_is_none)] = None
    """Its IRI; left out where the words name nothing that is known."""
    label: Annotated[str, Field(examples=["Joseph Stalin"])]
    """Its preferred name, or the words as printed where it is not known."""


class Date(Answer):
    """A date with the precision of its source."""

    edtf: Annotated[str, Field(examples=["1944-10-17"])]
    """Extended Date/Time Format (ISO 8601-2)."""
    earliest: str | None
    """The first day that it can mean, as ISO date; null where open."""
    latest: str | None
    """The last day that it can mean."""
    text: Annotated[str, Field(examples=["17 October 1944"])]
    """The date to read: as printed, or written out."""


class Evidence(Answer):
    """Words of the document, verbatim."""

    exact: Annotated[str, Field(examples=["He hopes for help from our Navy"])]
    """The words."""
    start: int
    """Where they begin, in code points of the document's text."""
    end: int
    """Where they end (the offset behind the last code point)."""


class FactLink(Answer):
    """A relation of a fact to another one."""

    relation: Annotated[str, Field(examples=["responds_to"])]
    """responds_to, repeats, supersedes, fulfils, or answered_by, repeated_by, superseded_by,
    fulfilled_by for the way back."""
    manner: Annotated[str, Field(examples=["accept"])]
    """How the later of the two responds: answer, accept, refuse, repeat, change, fulfil."""
    id: str
    """The other fact."""
    content: str
    """What the other fact says."""
    confidence: float
    """How sure the relation is, from 0 to 1: 1 for what a curator decided."""
    reason: str
    """Why the relation is thought to be."""
    origin: str
    """The curation or the run that it comes from, as IRI path."""


class FactAnswer(Answer):
    """A fact that a document reports, with its evidence."""

    id: Annotated[str, Field(examples=["fact/frus1945Malta/d256/18310a3a"])]
    """The path of its IRI."""
    iri: str
    """Its IRI."""
    kind: Annotated[str, Field(examples=["request"])]
    """meeting, request, offer, commitment or refusal."""
    status: Annotated[str, Field(examples=["made"])]
    """made, instructed, hypothetical; of meetings: held, planned, proposed, cancelled."""
    force: str | None
    """How it was put: ask, urge, demand, propose, instruct, recommend; promise, agree, ..."""
    content: str
    """What was asked, offered, undertaken, refused or discussed, in plain words."""
    actors: list[Name]
    """Who acts; empty for meetings."""
    acting_states: list[Name]
    """The states that the actors speak for."""
    addressees: list[Name]
    """To whom."""
    participants: list[Name]
    """Who met."""
    presented_by: list[Name]
    """Who conveyed it for the actor."""
    reported_by: list[Name]
    """Whose report it is."""
    about: list[Name]
    """Topics, places and other things concerned."""
    location: Name | None
    """Where."""
    date: Date | None
    """When the act took place; null where the text does not say."""
    condition: str | None
    """The condition it was made on, as written."""
    deadline: str | None
    """By when it is to be done, as ISO date."""
    quantity: str | None
    """How much, as written."""
    evidence: list[Evidence]
    """The words: first those that hold the act, then further passages."""
    trigger: str | None
    """The words that express the act."""
    document: Name
    """The document that reports it."""
    document_date: Date | None
    """When the document was sent."""
    citation: str
    """The document as historians cite it: a note after the Chicago Manual of Style."""
    voice: str
    """telegram, or editor where it comes from a note."""
    confidence: float
    """How sure, from 0 to 1: 1 for what a curator decided."""
    origin: str
    """The curation or the run that it comes from, as IRI path."""
    curated: bool
    """Whether a person made or checked it."""
    links: list[FactLink]
    """What it responds to, and what responds to it."""
    possible_links: list[FactLink]
    """What it may respond to, and what may respond to it: too unsure for the graph to state it."""


class TimelineEntry(Answer):
    """A fact in the life of an entity."""

    roles: Annotated[list[str], Field(examples=[["actor", "reported_by"]])]
    """The parts that the entity has in it."""
    fact: FactAnswer


class ComparedFact(FactAnswer):
    """An act of one of two sides towards the other."""

    by: Name
    """The side that acts, itself or through who speaks for it."""
    towards: Name
    """The other side."""


class Because(Answer):
    """A fact that makes the state of an obligation, with the document that tells it."""

    id: str
    kind: Annotated[str, Field(examples=["commitment"])]
    content: str
    date: Date | None
    """When it took place, or when the document was sent."""
    document: Name
    citation: str
    """The document as historians cite it."""


class Coverage(Answer):
    """How much of the record stands behind "no answer found".

    It counts documents of the days from the act to the day asked for, in the volumes in which the
    two sides deal with each other.
    """

    documents: int
    """How many documents there are."""
    read: int
    """How many of them were read for facts, by a program or a person."""
    dealing: int
    """In how many of them there is an act between the two."""


class LedgerEntry(ComparedFact):
    """What one side owes another: a promise, an offer, or an answer to a request."""

    day: str | None
    """The first day that counts as that of the act, as ISO date: its own, or its document's."""
    state: Annotated[str, Field(examples=["open"])]
    """open, conditional, answered, refused, fulfilled, withdrawn, or no answer found."""
    because: list[Because]
    """The facts that say so; what may say so, and is too unsure, is in possible_links."""
    coverage: Coverage | None
    """Of "no answer found", how much of the record was read."""


class AccountAnswer(FactAnswer):
    """What one document tells of a meeting of which others tell as well."""

    omits: list[Name]
    """Whom another account names and this one does not."""


class EncounterAnswer(Answer):
    """A meeting that two or more documents tell of."""

    id: Annotated[str, Field(examples=["encounter/frus1964-68v14/d78/1a2b3c4d"])]
    iri: str
    label: str
    confidence: float
    """How sure it is that all accounts tell of one meeting, from 0 to 1."""
    rules: list[str]
    """By what they were joined: same hour, same company, told."""
    accounts: list[AccountAnswer]
    """What each document tells, records first. Where they disagree, both stand."""


class DivisionAnswer(Answer):
    """A compilation, chapter or other part of a volume."""

    id: str
    kind: str
    head: str
    parent: str | None
    """The division that it is part of."""


class VolumeSummary(Answer):
    """A volume in a list."""

    id: Annotated[str, Field(examples=["volume/frus1945Malta"])]
    """The path of its IRI."""
    iri: str
    """Its IRI."""
    title: str
    subseries: str | None
    number: str | None
    """Its number in the subseries."""
    published: str | None
    """The year on its title page."""
    documents: int
    """How many of its documents are in the graph."""
    public_page: str | None
    """The page of its publisher, such as the Office of the Historian, if it has one."""


class VolumeAnswer(VolumeSummary):
    """One volume, with its parts."""

    divisions: list[DivisionAnswer]


class DocumentSummary(Answer):
    """A document in a list."""

    id: Annotated[str, Field(examples=["document/frus1945Malta/d256"])]
    """The path of its IRI."""
    iri: str
    """Its IRI."""
    volume: Name
    """The volume that prints it."""
    form: Annotated[str, Field(examples=["Telegram"])]
    """Its documentary form: the name of its class."""
    number: str | None
    """Its number in the volume."""
    title: str
    """Its head as printed, without notes."""
    date: Date | None
    """When it was sent."""
    sender: str | None
    """As printed."""
    recipient: str | None
    """As printed."""
    place: str | None
    """From where, as printed."""
    facts: int
    """How many facts are known of it."""
    citation: str
    """It as historians cite it: a note after the Chicago Manual of Style."""


class Block(Answer):
    """A printed unit of a document's text."""

    kind: str
    """head, dateline, salutation, paragraph, item, row, caption, closing, signature, attachment."""
    start: int
    """Offset of its first code point in the text."""
    end: int
    """Offset behind its last."""


class PageBreak(Answer):
    """Where a new page of the volume begins."""

    offset: int
    page: str
    id: str


class Mention(Answer):
    """A passage that the editors tagged as a name or term."""

    kind: str
    start: int
    end: int
    target: str | None
    """`xml:id` in the volume."""
    entity: Name | None
    """Whom or what it names, where known."""


class ReferenceAnswer(Answer):
    """A cross-reference by the editors."""

    target: str
    """A document or page of the volume, another volume's document, or an address."""
    printed: str
    """The words of the reference."""
    note: str | None
    """The note that it stands in; null in the text."""


class NoteAnswer(Answer):
    """A note by the editors: not the sender's words."""

    id: str
    mark: str
    kind: str
    offset: int
    """Where its mark is printed in the text."""
    text: str


class DocumentAnswer(DocumentSummary):
    """One document: what it says about itself, its words, and the editors' notes."""

    text: str
    """The plain text; every offset points into it. Notes are not in it."""
    blocks: list[Block]
    pages: list[PageBreak]
    notes: list[NoteAnswer]
    mentions: list[Mention]
    entities: list[Name]
    """Whom and what the editors tagged, the most frequent first."""
    references: list[ReferenceAnswer]
    words: int
    """How many words the text has."""
    received: str | None
    """When it was received, as EDTF."""
    telegram_number: str | None
    classification: str | None
    precedence: str | None
    source: str | None
    """The archival source, as the editors give it."""
    first_page: str | None
    last_page: str | None
    senders: list[Name]
    """The person and the office that sent it, where known."""
    recipients: list[Name]
    """The person and the office that it went to, where known."""
    signers: list[Name]
    """Whose names stand under it, where known."""
    participants: list[Name]
    """Who took part, of memoranda of conversation."""
    public_page: str | None
    """The page of its publisher, such as the Office of the Historian, if it has one."""
    previous: Name | None
    """The document before it in the volume."""
    following: Name | None
    """The document after it in the volume."""
    lower_number: Name | None
    """The telegram before it, by number, of those from its sender to its recipient."""
    higher_number: Name | None
    """The telegram after it, by number, of those from its sender to its recipient."""


class CitationAnswer(Answer):
    """A telegram, despatch or airgram that a document cites, in its words."""

    by: Name
    """The document that cites it."""
    cited: Name
    """What is cited; where no volume prints it, it is known by its numbering, number and year."""
    printed: bool
    """Whether a volume prints it."""
    exact: Annotated[str, Field(examples=["Embtel 2032"])]
    """The words, verbatim."""
    start: int
    """Where they begin in the plain text of the document that cites, in code points."""
    end: int
    """Where they end."""
    voice: Annotated[str, Field(examples=["sender"])]
    """Whose words they are: sender or editor."""
    editors: Name | None
    """The document that the editors name in a note right behind it."""


class ThreadStep(Answer):
    """A document of a thread, and what it answers or follows."""

    step: DocumentSummary
    telegram_number: str | None
    before: Name | None
    """The document that it answers or follows: the latest that it cites between its two posts."""
    relation: Annotated[str | None, Field(examples=["answers"])]
    """answers, if that one went the other way, or follows; null of the first document."""


class ThreadSummary(Answer):
    """Documents that answer and follow each other."""

    first: DocumentSummary
    count: int
    """How many documents it has."""
    earliest: str | None
    """The day of its first document, as ISO date."""
    latest: str | None
    """The day of its last document."""


class ThreadAnswer(Answer):
    """The thread that a document belongs to, what it cites, and what cites it."""

    steps: list[ThreadStep]
    """The documents of the thread in the order of time, itself among them; none without one."""
    cites: list[CitationAnswer]
    """What it cites, in the order of its text."""
    cited_by: list[CitationAnswer]
    """Where it is cited."""


class Alternative(Answer):
    """An item of Wikidata that an entity may be, too, but less likely."""

    item: Annotated[str, Field(examples=["Q5489732"])]
    iri: str
    page: str
    """Its page to read."""
    label: str
    confidence: float
    """From 0 to 1."""
    evidence: str
    """What a reader may compare: names, life, description."""


class Wikidata(Answer):
    """What is known of an entity's Wikidata item."""

    state: Annotated[str, Field(examples=["linked"])]
    """linked, none-found or not-searched."""
    item: Annotated[str | None, Field(examples=["Q855"])]
    """The item."""
    iri: str | None
    """Its IRI."""
    page: str | None
    """Its page to read."""
    exact: bool | None
    """Whether the link is reviewed or above the published threshold."""
    confidence: float | None
    """From 0 to 1."""
    evidence: str
    """Why the two are the same."""
    alternatives: list[Alternative]
    """Other items that it may be, the likeliest first, at most three."""


class EntitySummary(Answer):
    """A person, organization, state, place, office or topic in a list."""

    id: Annotated[str, Field(examples=["person/stalin-joseph"])]
    iri: str
    type: str
    label: str
    description: str
    wikidata: str | None
    facts: int
    """How many facts name it."""
    documents: int
    """How many documents name it."""


class Holding(Answer):
    """An office held."""

    position: Name
    start: str | None
    end: str | None
    source: str


class Holder(Answer):
    """A person who held an office."""

    person: Name
    start: str | None
    end: str | None
    source: str


class DatedName(Answer):
    """A name that was in use for a time."""

    name: str
    start: str | None
    end: str | None


class RelationAnswer(Answer):
    """What one entity did with another: one predicate, one direction, and the facts behind it."""

    subject: Name
    predicate: Annotated[str, Field(examples=["asked"])]
    """met, asked, offered, promised or refused."""
    object: Name
    count: int
    """How many facts say so."""
    facts: list[str]
    """Their ids, at most twenty, in order of time."""


class NetworkNode(Name):
    """An entity in a network."""

    type: Annotated[str, Field(examples=["person"])]
    """person, organization, state, place, position or topic."""
    count: int
    """In how many facts it is tied to the entity in the middle; of that one, all its facts."""


class NetworkTie(Answer):
    """What one did towards another by facts of one kind; that two met stands once."""

    subject: Annotated[str, Field(examples=["person/stalin-joseph"])]
    """The id of who acted, or of one of those who met."""
    kind: Annotated[str, Field(examples=["meeting"])]
    """meeting, request, offer, commitment or refusal."""
    object: str
    """The id of whom it was addressed to, or of the other who met."""
    count: int
    """In how many facts."""


class NetworkAnswer(Answer):
    """An entity, those who share most facts with it, and the ties among all of them."""

    entity: Name
    """The entity in the middle."""
    nodes: list[NetworkNode]
    """It, then the others, those with most facts first."""
    ties: list[NetworkTie]
    """Its own first, then the others; those with most facts first."""
    neighbours: int
    """How many others there are in all."""
    left_out: int
    """How many ties among the nodes are left out, the weakest, for more than 2,000 are not sent."""


class PlaceAnswer(Name):
    """A place with the facts that took place there or concern it."""

    latitude: float | None
    """Degrees, WGS 84; null where it is not known."""
    longitude: float | None
    """Degrees, WGS 84."""
    located: int
    """How many facts took place there."""
    about: int
    """How many facts concern it."""

    @property
    def facts(self) -> int:
        """How many there are of both; what took place there and concerns it counts twice."""
        return self.located + self.about


class EntityAnswer(EntitySummary):
    """One entity with what is known of it."""

    names: list[str]
    """All names, the preferred one first."""
    dated_names: list[DatedName]
    """Those of the names that it had for a time."""
    existed_from: str | None
    """When a state, body or place began to be, as EDTF."""
    existed_until: str | None
    """When it ceased to be."""
    link: Wikidata
    represents: Name | None
    """The state that it speaks for."""
    part_of: Name | None
    member_of: list[Name]
    born: int | None
    """The year of birth, where a register or a linked item tells it."""
    died: int | None
    """The year of death."""
    offices: list[Holding]
    """The offices that a person held, in order of time."""
    holders: list[Holder]
    """Who held an office, in order of time."""
    latitude: float | None
    longitude: float | None
    counts: dict[str, int]
    """Facts by the part that it has in them: actor, addressee, participant, about, ..."""
    relations: list[RelationAnswer]
    """Its relations to other entities, most frequent first, at most fifty."""


class SearchHit(Answer):
    """A document or fact that holds the words searched for."""

    type: str
    """document, fact or entity."""
    id: str
    iri: str
    label: str
    snippet: str
    """The passage, as HTML in which only `<mark>` and `</mark>` are tags."""
    date: Date | None
    document: Name | None


class Completion(Answer):
    """An entity whose name begins like what was typed."""

    id: Annotated[str, Field(examples=["person/stalin-joseph"])]
    type: Annotated[str, Field(examples=["person"])]
    label: Annotated[str, Field(examples=["Joseph Stalin"])]
    """Its preferred name."""
    name: Annotated[str, Field(examples=["Stalin"])]
    """The name that was found."""
    facts: int
    """How many facts name it."""


class Completions(Answer):
    """Names to choose from, the most used first."""

    items: list[Completion]


class RouteAnswer(Answer):
    """An address of the interface."""

    path: Annotated[str, Field(examples=["/api/facts"])]
    description: str
    example: str
    """An address to try."""


class Index(Answer):
    """What the interface offers."""

    version: str
    """The version of the data set."""
    description: str
    """Where its full description is (OpenAPI)."""
    sparql: str
    """The SPARQL endpoint."""
    routes: list[RouteAnswer]


class QueryAnswer(Answer):
    """A named query: what it asks and which parameters it takes."""

    name: str
    title: str
    description: str
    parameters: dict[str, dict[str, str]]
    columns: list[str]
    text: str
    """The SPARQL."""


class Rows(Answer):
    """The rows that a named query found."""

    query: str
    columns: list[str]
    items: list[dict[str, str | None]]
    total: int
    next: str | None


class TermAnswer(Answer):
    """A term that SPARQL can ask with."""

    name: Annotated[str, Field(examples=["cg:actor"])]
    """As a query writes it, with its prefix."""
    kind: Annotated[str, Field(examples=["property"])]
    """class, property, or the class of which it is a value; empty for other vocabularies."""
    label: str
    """What people call it; empty for other vocabularies."""
    definition: str
    """What it means; empty for other vocabularies."""
    uses: int
    """How many things of this class, or triples of this property, the build has."""


class TermsAnswer(Answer):
    """What a query can be written with."""

    prefixes: dict[str, str]
    """Prefixes and what they stand for. A query declares those that it uses."""
    terms: list[TermAnswer]
    """The terms of the ontology in its order, then those of other vocabularies in the data."""


class Statistics(Answer):
    """How much there is: the denominators behind every count."""

    version: str
    """The version of the data set."""
    built: str
    """When it was built (ISO 8601, UTC)."""
    totals: dict[str, int]
    """Volumes, documents, facts, entities, links, quads."""
    facts_by_kind: dict[str, int]
    facts_by_year: dict[str, int]
    documents_by_volume: dict[str, int]
    entities_by_type: dict[str, int]
    links_by_state: dict[str, int]


class Problem(Answer):
    """What went wrong, and what to do about it (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(examples=["/problems/unknown-name"])]
    """The address at which this kind of problem is explained."""
    title: Annotated[str, Field(examples=["Unknown name"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(examples=['No entity is named "stallin".'])]
    hint: Annotated[str | None, Field(examples=["Did you mean person/stalin-joseph?"])] = None
    """What to do."""


PROBLEMS: dict[int | str, dict[str, Any]] = {
    statuses: {
        "description": description,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for statuses, description in (
        ("4XX", "What is wrong with the request, and what to do."),
        ("5XX", "Why the request could not be answered, and what to do."),
    )
}
"""How the description of a route tells what else may come."""
