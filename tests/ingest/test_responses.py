"""Facts respond to earlier ones: as a curator says, and as the program finds."""

from dataclasses import replace
from pathlib import Path

from ingest.build import Sources, read_context
from ingest.model import Document, Fact, Kind, Manner, Quote, Response
from ingest.quads import response_quads
from ingest.readers import read_source
from ingest.responses import CURATED, stated, within
from ingest.terms import line
from ingest.volume import facts_of

ASKED, ACCEPTED = "v/d1/aaaa", "v/d2/bbbb"

APPROVAL = Fact(
    ACCEPTED,
    "v/d2",
    Kind.COMMITMENT,
    Quote("He agreed", 0, 9),
    "to it",
    "made",
    "curation/v/d2",
    responds_to=(ASKED,),
)


def test_a_commitment_accepts_and_a_refusal_refuses_what_its_curator_says_it_answers() -> None:
    accepted = Response(ACCEPTED, ASKED, Manner.ACCEPT, "curation/v/d2", CURATED)
    assert [*stated(APPROVAL)] == [accepted]
    assert [*stated(replace(APPROVAL, kind=Kind.REFUSAL))] == [
        replace(accepted, manner=Manner.REFUSE)
    ]
    assert [*stated(replace(APPROVAL, kind=Kind.OFFER))] == [
        replace(accepted, manner=Manner.ANSWER)
    ]


def test_what_a_curator_says_is_fulfilled_is_fulfilled() -> None:
    fact = replace(APPROVAL, responds_to=(), fulfils=(ASKED,))
    assert [one.manner for one in stated(fact)] == [Manner.FULFIL]


RESPONSE = Response(ACCEPTED, ASKED, Manner.ACCEPT, "run/responses-1", "“agreed”", 0.9)


def said(response: Response) -> list[str]:
    """Give the quads of a response, with our namespaces left out."""
    whole = (line(quad) for quad in response_quads(response))
    return [
        each.replace("https://w3id.org/cablegraph/ontology#", "cg:")
        .replace("https://w3id.org/cablegraph/", "")
        .replace(" <graph/v/d2> .", "")
        for each in whole
    ]


def test_an_asserted_response_is_stated_and_described_in_the_graph_of_the_later_document() -> None:
    of = "<response/v/d2/bbbb/v/d1/aaaa>"
    assert said(RESPONSE) == [
        "<fact/v/d2/bbbb> <cg:respondsTo> <fact/v/d1/aaaa>",
        f"{of} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <cg:Response>",
        f"{of} <cg:laterFact> <fact/v/d2/bbbb>",
        f"{of} <cg:earlierFact> <fact/v/d1/aaaa>",
        f"{of} <cg:manner> <cg:Accept>",
        f'{of} <cg:asserted> "true"^^<http://www.w3.org/2001/XMLSchema#boolean>',
        f'{of} <cg:confidence> "0.900"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        f'{of} <http://www.w3.org/2000/01/rdf-schema#comment> "“agreed”"@en',
        f"{of} <http://www.w3.org/ns/prov#wasGeneratedBy> <run/responses-1>",
        f"{of} <cg:evidence> <fact/v/d2/bbbb#evidence>",
    ]


def test_of_a_candidate_the_graph_does_not_state_that_the_facts_are_related() -> None:
    candidate = said(replace(RESPONSE, asserted=False))
    assert [one for one in candidate if one.startswith("<fact/")] == []
    assert '<cg:asserted> "false"' in "".join(candidate)


def test_the_relation_that_is_stated_follows_from_the_manner() -> None:
    stated_as = {manner: said(replace(RESPONSE, manner=manner))[0].split()[1] for manner in Manner}
    assert stated_as == {
        Manner.ANSWER: "<cg:respondsTo>",
        Manner.ACCEPT: "<cg:respondsTo>",
        Manner.REFUSE: "<cg:respondsTo>",
        Manner.REPEAT: "<cg:repeats>",
        Manner.CHANGE: "<cg:supersedes>",
        Manner.FULFIL: "<cg:fulfils>",
    }


def test_the_program_finds_the_curated_answer_of_the_sample_and_no_other() -> None:
    """From the acts as a curator has them; the extractor does not find the suggestions."""
    facts = sample_facts()
    found = within(sample(), [replace(one, origin="run/acts-2", responds_to=()) for one in facts])
    [(approval, suggestions)] = [(one.id, other) for one in facts for other in one.responds_to]
    assert [(one.later, one.earlier, one.manner, one.asserted) for one in found] == [
        (approval, suggestions, Manner.ACCEPT, True)
    ]
    assert found[0].reason.startswith("“approved” in the same sentence as “suggestions”")


DATA = Path(__file__).parents[2] / "data"


def sample() -> Document:
    found = read_source(DATA / "sample" / "frus1945Malta.xml")
    return next(one for one in found if isinstance(one, Document))


def sample_facts() -> list[Fact]:
    sources = Sources((DATA / "sample",), DATA / "authority", DATA / "curated")
    context, _ = read_context(sources)
    return facts_of(sample(), context)[0]
