"""Documents, facts and entities as RDF: the only file that knows which term says what.

Every function yields quads of one thing, in the order of the ontology's design; the build
sorts them. There are no blank nodes: what an annotation needs is named below its fact.
"""

from collections.abc import Iterable, Iterator, Sequence

from ingest.chains import RUN as CITATIONS
from ingest.chains import Chains, Cited, Reference
from ingest.encounters import RUN as ENCOUNTERS
from ingest.encounters import Encounter, Encounters
from ingest.model import (
    Agent,
    Curation,
    Dated,
    Division,
    Document,
    Entity,
    ExtractionRun,
    Fact,
    Manner,
    Moment,
    Party,
    Quote,
    Response,
    Volume,
)
from ingest.terms import Quad, Triple, edtf, english, iri, term, text, thing, typed
from ontology.names import VERSION_GRAPH, slug

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
COMMENT = "<http://www.w3.org/2000/01/rdf-schema#comment>"
_OA = "<http://www.w3.org/ns/oa#"
_PROV = "<http://www.w3.org/ns/prov#"
_SKOS = "<http://www.w3.org/2004/02/skos/core#"
_DCTERMS = "<http://purl.org/dc/terms/"
_GEO = "<http://www.w3.org/2003/01/geo/wgs84_pos#"
_OWL = "<http://www.w3.org/2002/07/owl#"
_SSSOM = "<https://w3id.org/sssom/"
_SEMAPV = "<https://w3id.org/semapv/vocab/"
_WIKIDATA = "http://www.wikidata.org/entity/"
_SCHEMA = "<https://schema.org/"
_PAGE = "<http://xmlns.com/foaf/0.1/isPrimaryTopicOf>"

AUTHORITY = thing("graph/authority")
LINKS = thing("graph/links")
INFERRED = thing("graph/inferred")
RUNS = thing("graph/runs")
CITED = thing("graph/cited")
MET = thing("graph/encounters")
ONTOLOGY = thing("graph/ontology")
VERSION = f"<{VERSION_GRAPH}>"


def graph_of(document: str) -> str:
    """Return the named graph of what a document says."""
    return thing(f"graph/{document}")


def _in(graph: str, triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(*triple, graph) for triple in triples)


# Documents and volumes


def volume_quads(volume: Volume) -> Iterator[Quad]:
    """Yield what a volume says about itself."""
    yield from _in(thing(f"graph/{volume.id}"), _volume(volume))


def _volume(volume: Volume) -> Iterator[Triple]:
    subject = thing(f"volume/{volume.id}")
    yield subject, TYPE, term("Volume")
    yield subject, LABEL, english(volume.title)
    if volume.page:
        yield subject, _PAGE, iri(volume.page)
    if volume.published:
        yield subject, _DCTERMS + "issued>", text(volume.published)
    for editor in volume.editors:
        yield subject, _DCTERMS + "contributor>", text(editor)


def division_quads(division: Division) -> Iterator[Quad]:
    """Yield what a compilation or chapter is called, and what it is part of."""
    subject = thing(f"division/{division.volume}/{division.id}")
    above = f"division/{division.volume}/{division.parent}" if division.parent else None
    triples = [
        (subject, TYPE, term("Division")),
        (subject, LABEL, english(division.head)),
        (subject, term("partOf"), thing(above or f"volume/{division.volume}")),
    ]
    if division.page:
        triples.append((subject, _PAGE, iri(division.page)))
    yield from _in(thing(f"graph/{division.volume}"), triples)


def listed_quads(entity: Entity, volume: str) -> Iterator[Quad]:
    """Yield what a volume's list says of a person or term, in the volume's graph."""
    yield from _in(thing(f"graph/{volume}"), _entity(entity))
    yield from _in(thing(f"graph/{volume}"), _links(entity))


def document_quads(document: Document) -> Iterator[Quad]:
    """Yield what a document says about itself, in its own graph."""
    yield from _in(graph_of(document.key), _document(document))


def _document(document: Document) -> Iterator[Triple]:
    subject = thing(f"document/{document.key}")
    yield subject, TYPE, term(document.form.value)
    yield subject, LABEL, english(document.head)
    if document.page:
        yield subject, _PAGE, iri(document.page)
    yield subject, term("partOf"), thing(f"volume/{document.volume}")
    if document.division:
        yield subject, term("partOf"), thing(f"division/{document.volume}/{document.division}")
    yield subject, term("wordCount"), typed(str(document.words), "integer")
    for name, value in _wordings(document):
        if value:
            yield subject, term(name), text(value)
    if document.redactions:
        yield subject, term("redactionCount"), typed(str(len(document.redactions)), "integer")
    yield from _dates(subject, document)
    for name, party in (("sender", document.sender), ("recipient", document.recipient)):
        yield from _party(subject, name, party)
    for signer in document.signers:
        yield subject, term("signedBy"), thing(signer)
    if document.sent_from:
        yield subject, term("sentFrom"), thing(document.sent_from)
    for entity in document.mentioned:
        yield subject, term("mentions"), thing(entity)
    for cited in document.cited:
        yield subject, term("refersTo"), thing(f"document/{cited}")


_SOURCE_PARTS = {"repository": "repository", "lot": "lotFile", "file": "fileNumber"}


def _wordings(document: Document) -> Iterator[tuple[str, str | None]]:
    yield "documentNumber", document.number
    yield "telegramNumber", document.telegram_number
    yield "classification", document.classification
    yield "precedence", document.precedence
    yield "archivalSource", document.source
    yield from ((_SOURCE_PARTS[part], words) for part, words in document.source_parts)
    yield from (("enclosureAsPrinted", words) for words in document.enclosures)
    yield "pageStart", document.pages[0].page if document.pages else None
    yield "pageEnd", document.pages[-1].page if document.pages else None


def _dates(subject: str, document: Document) -> Iterator[Triple]:
    if document.sent:
        yield from _moment(subject, "dateSent", document.sent)
        if document.sent.printed:
            yield subject, term("dateAsPrinted"), text(document.sent.printed)
    if document.received:
        yield subject, term("dateReceived"), edtf(document.received.edtf)


def _moment(subject: str, name: str, moment: Moment) -> Iterator[Triple]:
    yield subject, term(name), edtf(moment.edtf)
    if moment.earliest:
        yield subject, term("earliest"), typed(moment.earliest, "date")
    if moment.latest:
        yield subject, term("latest"), typed(moment.latest, "date")


def _party(subject: str, name: str, party: Party | None) -> Iterator[Triple]:
    if party:
        yield subject, term(f"{name}AsPrinted"), text(party.printed)
        yield from ((subject, term(name), thing(entity)) for entity in party.entities)


# Facts


def fact_quads(fact: Fact, document: Document) -> Iterator[Quad]:
    """Yield a fact of a document with its evidence, in the document's graph."""
    yield from _in(graph_of(document.key), _fact(fact, document))


_NAMED_AS_PRINTED = ("actor", "addressee", "participant")
"""The roles whose printed names are stated, known entity or not."""


def _fact(fact: Fact, document: Document) -> Iterator[Triple]:
    subject = thing(f"fact/{fact.id}")
    yield subject, TYPE, term(fact.kind.capitalize())
    yield subject, term("statedIn"), thing(f"document/{document.key}")
    yield subject, term("content"), english(fact.content)
    yield subject, term("status"), term(fact.status.capitalize())
    yield subject, term("voice"), term({"telegram": "SenderVoice"}.get(fact.voice, "EditorVoice"))
    yield subject, term("confidence"), typed(f"{fact.confidence:.3f}", "decimal")
    yield subject, _PROV + "wasGeneratedBy>", thing(fact.origin)
    if fact.force:
        yield subject, term("force"), term(fact.force.capitalize())
    if fact.date:
        yield from _moment(subject, "date", fact.date)
    if fact.deadline:
        yield subject, term("deadline"), typed(fact.deadline, "date")
    if fact.trigger:
        yield subject, term("trigger"), text(fact.trigger.exact)
    for name, wording in (("condition", fact.condition), ("quantity", fact.quantity)):
        if wording:
            yield subject, term(name), text(wording)
    for name, entity in _roles(fact):
        yield subject, term(name), thing(entity)
    for name, agent in _agents(fact):
        if name in _NAMED_AS_PRINTED and agent.printed:
            yield subject, term(f"{name}AsPrinted"), text(agent.printed)
    for number, quote in enumerate((fact.quote, *fact.support), start=1):
        yield from _evidence(subject, number, quote, document)


def _agents(fact: Fact) -> Iterator[tuple[str, Agent]]:
    """Yield each agent of a fact, known or not, with its role."""
    groups: tuple[tuple[str, tuple[Agent, ...]], ...] = (
        ("actor", fact.actors),
        ("addressee", fact.addressees),
        ("participant", fact.participants),
        ("presentedBy", fact.presented_by),
        ("reportedBy", fact.reported_by),
    )
    for name, group in groups:
        yield from ((name, agent) for agent in group)


def _roles(fact: Fact) -> Iterator[tuple[str, str]]:
    """Yield each relation of a fact to an entity, by path."""
    yield from ((name, agent.entity) for name, agent in _agents(fact) if agent.entity)
    yield from (("about", entity) for entity in fact.about)
    if fact.location:
        yield "location", fact.location


def _evidence(subject: str, number: int, quote: Quote, document: Document) -> Iterator[Triple]:
    names = (
        f"{subject[:-1]}#{name}{'' if number == 1 else f'-{number}'}>"
        for name in ("evidence", "quote", "position")
    )
    yield from _passage(subject, (*names,), quote, quote.context(document.text), document.key)


def _passage(
    subject: str, names: Sequence[str], quote: Quote, context: tuple[str, str], document: str
) -> Iterator[Triple]:
    """Yield the words of a document that support something, and where they stand."""
    evidence, exact, position = names
    before, behind = context
    yield subject, term("evidence"), evidence
    yield evidence, TYPE, _OA + "SpecificResource>"
    yield evidence, _OA + "hasSource>", thing(f"document/{document}")
    yield evidence, _OA + "hasSelector>", exact
    yield evidence, _OA + "hasSelector>", position
    yield exact, TYPE, _OA + "TextQuoteSelector>"
    yield exact, _OA + "exact>", text(quote.exact)
    yield exact, _OA + "prefix>", text(before)
    yield exact, _OA + "suffix>", text(behind)
    yield position, TYPE, _OA + "TextPositionSelector>"
    yield position, _OA + "start>", typed(str(quote.start), "integer")
    yield position, _OA + "end>", typed(str(quote.end), "integer")


# Responses

_RELATIONS = {
    Manner.ANSWER: "respondsTo",
    Manner.ACCEPT: "respondsTo",
    Manner.REFUSE: "respondsTo",
    Manner.REPEAT: "repeats",
    Manner.CHANGE: "supersedes",
    Manner.FULFIL: "fulfils",
}
"""What the graph states of two facts, by how the later one responds."""


def response_quads(response: Response) -> Iterator[Quad]:
    """Yield that a fact responds to another, in the graph of the document that tells the later.

    Of a candidate there is the response alone, and no statement that the facts are related.
    """
    yield from _in(graph_of(response.document), _response(response))


def _response(response: Response) -> Iterator[Triple]:
    subject = thing(response.id)
    later, earlier = thing(f"fact/{response.later}"), thing(f"fact/{response.earlier}")
    if response.asserted:
        yield later, term(_RELATIONS[response.manner]), earlier
    yield subject, TYPE, term("Response")
    yield subject, term("laterFact"), later
    yield subject, term("earlierFact"), earlier
    yield subject, term("manner"), term(response.manner.capitalize())
    yield subject, term("asserted"), typed(str(response.asserted).lower(), "boolean")
    yield subject, term("confidence"), typed(f"{response.confidence:.3f}", "decimal")
    yield subject, COMMENT, english(response.reason)
    yield subject, _PROV + "wasGeneratedBy>", thing(response.origin)
    yield subject, term("evidence"), f"{later[:-1]}#evidence>"


# Citations


def chain_quads(chains: Chains) -> Iterator[Quad]:
    """Yield what joins documents: who cites what, in whose words, and who answers whom."""
    for document, sender, recipient in chains.posts:
        graph, subject = graph_of(document), thing(f"document/{document}")
        yield from _in(graph, _posts(subject, sender, recipient))
    for reference in chains.references:
        yield from _in(graph_of(reference.document), _reference(reference))
    for step in chains.steps.values():
        subject, before = thing(f"document/{step.document}"), thing(f"document/{step.before}")
        if step.relation == "answers":
            yield Quad(subject, term("answers"), before, graph_of(step.document))
    for one in chains.cited.values():
        yield from _in(CITED, _cited(one))


def _posts(subject: str, sender: str | None, recipient: str | None) -> Iterator[Triple]:
    for name, post in (("fromPost", sender), ("toPost", recipient)):
        if post:
            yield subject, term(name), text(post)


def _reference(reference: Reference) -> Iterator[Triple]:
    quote = reference.citation.quote
    document, target = thing(f"document/{reference.document}"), thing(reference.target)
    subject = f"{document[:-1]}#citation-{quote.start}>"
    voice = "EditorVoice" if reference.by_editors else "SenderVoice"
    yield document, term("refersTo"), target
    yield subject, TYPE, term("Citation")
    yield subject, term("citedIn"), document
    yield subject, term("refersTo"), target
    yield subject, term("voice"), term(voice)
    yield subject, _PROV + "wasGeneratedBy>", thing(CITATIONS.id)
    if reference.editors:
        yield subject, term("editorsReading"), thing(f"document/{reference.editors}")
    names = [f"{subject[:-1]}-{name}>" for name in ("evidence", "quote", "position")]
    yield from _passage(subject, names, quote, reference.context, reference.document)


def _cited(one: Cited) -> Iterator[Triple]:
    subject = thing(one.id)
    yield subject, TYPE, term("CitedDocument")
    yield subject, LABEL, english(one.label)
    yield subject, term("telegramNumber"), text(one.number)
    yield from _posts(subject, one.sender, one.recipient)
    if one.sent:
        yield from _moment(subject, "dateSent", Moment(one.sent, one.sent, one.sent))


# Meetings


def encounter_quads(met: Encounters) -> Iterator[Quad]:
    """Yield which accounts tell of one meeting, and whom each of them leaves out."""
    for encounter in met.encounters:
        yield from _in(MET, _encounter(encounter))
    for fact, entity in met.omitted:
        yield Quad(thing(f"fact/{fact}"), term("omits"), thing(entity), MET)


def _encounter(encounter: Encounter) -> Iterator[Triple]:
    subject = thing(encounter.id)
    yield subject, TYPE, term("Encounter")
    yield subject, LABEL, english(encounter.label)
    yield subject, term("confidence"), typed(f"{encounter.confidence:.3f}", "decimal")
    yield subject, _PROV + "wasGeneratedBy>", thing(ENCOUNTERS.id)
    for account in encounter.accounts:
        yield thing(f"fact/{account.fact}"), term("accountOf"), subject


def curation_quads(curation: Curation) -> Iterator[Quad]:
    """Yield who decided the facts of a document."""
    subject = thing(f"curation/{curation.document}")
    triples = [
        (subject, TYPE, term("Curation")),
        (subject, LABEL, english(f"Curation of {curation.document} by {curation.curator}")),
        (subject, _PROV + "used>", thing(f"document/{curation.document}")),
        (subject, _DCTERMS + "creator>", text(curation.curator)),
    ]
    yield from _in(graph_of(curation.document), triples)


def run_quads(run: ExtractionRun) -> Iterator[Quad]:
    """Yield which version of which program a run is."""
    subject = thing(run.id)
    triples = [
        (subject, TYPE, term("ExtractionRun")),
        (subject, LABEL, english(run.label)),
        (subject, _SCHEMA + "softwareVersion>", text(run.version)),
    ]
    yield from _in(RUNS, triples)


def version_quad(version: str) -> Quad:
    """Return what the data set says of its version."""
    return Quad(thing("void"), "<http://purl.org/dc/terms/hasVersion>", text(version), VERSION)


# Entities and links


def entity_quads(entity: Entity) -> Iterator[Quad]:
    """Yield what the authority says about an entity, and its link to Wikidata."""
    yield from _in(AUTHORITY, _entity(entity))
    yield from _in(LINKS, _links(entity))


def _entity(entity: Entity) -> Iterator[Triple]:
    subject = thing(entity.id)
    yield subject, TYPE, term(entity.type.capitalize())
    yield subject, LABEL, english(entity.label)
    for name in entity.names:
        yield subject, _SKOS + "altLabel>", english(name)
    if entity.description:
        yield subject, _DCTERMS + "description>", english(entity.description)
    if entity.represents:
        yield subject, term("represents"), thing(entity.represents)
    for other in entity.member_of:
        yield subject, term("memberOf"), thing(other)
    if entity.part_of:
        yield subject, term("partOf"), thing(entity.part_of)
    for listed in entity.listed_as:
        yield subject, _DCTERMS + "identifier>", text(listed)
    for dated in entity.dated_names:
        yield from _dated_name(entity, dated)
    for name, date in zip(("existedFrom", "existedUntil"), entity.existed, strict=True):
        if date:
            yield subject, term(name), edtf(date)
    yield from _life(entity.id, entity.born, entity.died)
    yield from _coordinates(entity.id, entity.coordinates)
    for tenure in entity.tenures:
        yield from _tenure(entity, tenure.position, tenure.start, tenure.end, tenure.source)


def _life(id: str, born: int | None, died: int | None) -> Iterator[Triple]:
    for name, year in (("born", born), ("died", died)):
        if year:
            yield thing(id), term(name), edtf(str(year))


def _coordinates(id: str, coordinates: tuple[float, float] | None) -> Iterator[Triple]:
    for name, degrees in zip(("lat", "long"), coordinates or (), strict=False):
        yield thing(id), f"{_GEO}{name}>", typed(str(degrees), "decimal")


def _dated_name(entity: Entity, name: Dated) -> Iterator[Triple]:
    subject = thing(f"name/{entity.id}/{slug(name.words)}")
    yield thing(entity.id), term("hasName"), subject
    yield subject, TYPE, term("Name")
    yield subject, LABEL, english(name.words)
    for property_, date in (("usedFrom", name.start), ("usedUntil", name.end)):
        if date:
            yield subject, term(property_), edtf(date)


def _tenure(
    entity: Entity, position: str, start: str | None, end: str | None, source: str
) -> Iterator[Triple]:
    name = f"tenure/{entity.id.split('/')[1]}/{position.split('/')[1]}"
    subject = thing(name if start is None else f"{name}/{start}")
    yield thing(entity.id), term("holds"), subject
    yield subject, TYPE, term("Tenure")
    yield subject, term("office"), thing(position)
    yield subject, _DCTERMS + "source>", iri(source)
    if start:
        yield subject, term("tenureStart"), edtf(start)
    if end:
        yield subject, term("tenureEnd"), edtf(end)


def _links(entity: Entity) -> Iterator[Triple]:
    """Yield the state of an entity's link, and the link with its reasons as SSSOM has it.

    Other items that it may be are mappings of their own.
    """
    link = entity.link
    state = "".join(part.capitalize() for part in link.state.split("-"))
    yield thing(entity.id), term("linkState"), term(state)
    if link.item:
        match = _SKOS + ("exactMatch>" if link.exact else "closeMatch>")
        mapping = thing(f"link/{entity.id}")
        yield from _mapping(entity, mapping, match, link.item, link.evidence, link.confidence)
    if link.exact:
        yield from _life(entity.id, link.born, link.died)
        if not entity.coordinates:
            yield from _coordinates(entity.id, link.coordinates)
    for one in link.alternatives:
        mapping, match = thing(f"link/{entity.id}/{one.item}"), term("possibleMatch")
        yield mapping, _SSSOM + "object_label>", text(one.label)
        yield from _mapping(entity, mapping, match, one.item, one.evidence, one.confidence)


def _mapping(
    entity: Entity, mapping: str, match: str, item: str, evidence: str, confidence: float | None
) -> Iterator[Triple]:
    subject, target = thing(entity.id), iri(_WIKIDATA + item)
    yield subject, match, target
    yield mapping, TYPE, _OWL + "Axiom>"
    yield mapping, _OWL + "annotatedSource>", subject
    yield mapping, _OWL + "annotatedProperty>", match
    yield mapping, _OWL + "annotatedTarget>", target
    how = "ManualMappingCuration>" if entity.link.manual else "CompositeMatching>"
    yield mapping, _SSSOM + "mapping_justification>", _SEMAPV + how
    if confidence is not None:
        yield mapping, _SSSOM + "confidence>", typed(f"{confidence:.3f}", "decimal")
    yield mapping, COMMENT, english(evidence)
