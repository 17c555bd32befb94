"""A volume becomes a part: its structure, its lists, its documents, and what is not known."""

import gzip
from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from ingest.authority import Authority
from ingest.build import reasoner
from ingest.model import Entity
from ingest.volume import GRAPH, Context, Report, make_part
from ontology.names import DATA, TERMS

VOLUME = """\
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="frus1950v01">
  <teiHeader><fileDesc><titleStmt><title type="complete">A volume</title></titleStmt>
  <publicationStmt><date>1977</date></publicationStmt></fileDesc></teiHeader>
  <text><front><div type="section" xml:id="persons"><head>Persons</head><list>
    <item><persName xml:id="p_AD1">Acheson, Dean</persName>, Secretary of State</item>
    <item><persName xml:id="p_S1">Stalin, Joseph</persName>, Marshal</item>
  </list></div></front><body>
  <div type="compilation" xml:id="comp1"><head>Europe</head>
    <div type="chapter" xml:id="ch1"><head>Berlin</head>
      <div type="document" n="1" xml:id="d1"><head>1. Telegram From the <gloss type="from">Embassy
        in France</gloss> to the <gloss type="to">Department of State</gloss></head>
        <dateline><placeName>Paris</placeName>,
        <date when="1950-01-02">January 2, 1950</date></dateline>
        <p>Told <persName corresp="#p_AD1">Acheson</persName> and
        <persName corresp="#p_X">X</persName> what <ref target="#d2">Document 2</ref> and
        <ref target="#pg_3">page 3</ref> say of
        <persName corresp="#p_S1">Stalin</persName>.</p></div>
      <div type="document" n="3" xml:id="d3"><head>3. Memorandum of a Conversation Between the
        Secretary of State (<persName corresp="#p_AD1">Acheson</persName>) and Mr. Jones</head>
        <dateline><placeName>Washington</placeName>,
        <date when="1950-01-03">January 3, 1950</date></dateline><p>They met.</p></div>
      <div type="document" n="2" xml:id="d2"><head>2. Editorial Note</head>
        <note type="source">Source: Department of State, Bundy Files: Lot 85 D 240, WPB Chron.
        Secret.</note>
        <p>Nothing [less than 1 line not declassified].</p>
        <frus:attachment xmlns:frus="http://history.state.gov/frus/ns/1.0"><head>Tab A</head>
        <p>Less.</p></frus:attachment></div>
    </div></div></body></text>
</TEI>
"""


@pytest.fixture(scope="module")
def part(tmp_path_factory) -> tuple[Report, set[tuple[str, ...]]]:
    """The report of the volume, and its quads without their common beginnings."""
    folder = tmp_path_factory.mktemp("volume")
    (folder / "frus1950v01.xml").write_text(VOLUME, encoding="utf-8")
    stalin = Entity("person/stalin-joseph", "Joseph Stalin", listed_as=("frus1950v01#p_S1",))
    context = Context(Authority([stalin]), {})
    report = make_part(folder / "frus1950v01.xml", folder / "part", context, reasoner())
    quads = parse(gzip.decompress((folder / "part" / GRAPH).read_bytes()), format=RdfFormat.N_QUADS)
    return report, {tuple(_short(term) for term in quad) for quad in quads}


def _short(term: object) -> str:
    value = term.value if isinstance(term, NamedNode) else str(term)
    return value.removeprefix(TERMS).removeprefix(DATA)


def of(part: tuple[Report, set[tuple[str, ...]]], subject: str, predicate: str) -> list[list[str]]:
    """Return the values of a property of a thing, each with the graph that says so."""
    return sorted([o, g] for s, p, o, g in part[1] if s == subject and p == predicate)


def test_a_division_is_part_of_the_one_above_and_the_first_of_the_volume(part):
    assert of(part, "division/frus1950v01/ch1", "partOf") == [
        ["division/frus1950v01/comp1", "graph/frus1950v01"],
        ["volume/frus1950v01", "graph/inferred"],
    ]
    assert of(part, "division/frus1950v01/comp1", "partOf") == [
        ["volume/frus1950v01", "graph/frus1950v01"]
    ]


def test_a_document_is_part_of_its_chapter_and_by_inference_of_what_is_above(part):
    assert of(part, "document/frus1950v01/d1", "partOf") == [
        ["division/frus1950v01/ch1", "graph/frus1950v01/d1"],
        ["division/frus1950v01/comp1", "graph/inferred"],
        ["volume/frus1950v01", "graph/frus1950v01/d1"],
    ]


def test_a_listed_person_is_an_entity_of_the_volume_unless_the_authority_knows_it(part):
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    assert of(part, "person/frus1950v01.p_AD1", label) == [
        ['"Acheson, Dean"@en', "graph/frus1950v01"]
    ]
    assert of(part, "person/frus1950v01.p_AD1", "linkState") == [
        ["NotSearched", "graph/frus1950v01"]
    ]
    assert of(part, "person/frus1950v01.p_S1", label) == []


def test_a_document_mentions_listed_persons_and_refers_to_documents(part):
    assert of(part, "document/frus1950v01/d1", "mentions") == [
        ["person/frus1950v01.p_AD1", "graph/frus1950v01/d1"],
        ["person/stalin-joseph", "graph/frus1950v01/d1"],
    ]
    assert of(part, "document/frus1950v01/d1", "refersTo") == [
        ["document/frus1950v01/d2", "graph/frus1950v01/d1"]
    ]


def test_a_memorandum_of_conversation_states_a_meeting_with_its_evidence(part):
    [[fact, graph]] = [[s, g] for s, p, o, g in part[1] if o == "Meeting" and g != "graph/inferred"]
    assert graph == "graph/frus1950v01/d3"
    assert fact.startswith("fact/frus1950v01/d3/")
    told = {(p, o) for s, p, o, g in part[1] if s == fact and g == graph}
    assert {
        ("participant", "person/frus1950v01.p_AD1"),
        ("participantAsPrinted", '"Mr. Jones"'),
        ("http://www.w3.org/ns/prov#wasGeneratedBy", "run/recorded-meetings-1"),
        ("status", "Held"),
        ("date", '"1950-01-03"^^<http://id.loc.gov/datatypes/edtf/EDTF>'),
    } <= told


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        ("repository", '"Department of State, Bundy Files"'),
        ("lotFile", '"Lot 85 D 240"'),
        ("fileNumber", '"WPB Chron"'),
        ("enclosureAsPrinted", '"Tab A"'),
        ("redactionCount", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ],
)
def test_a_document_says_where_its_original_lies_what_went_with_it_and_what_is_left_out(
    part, predicate, value
):
    assert of(part, "document/frus1950v01/d2", predicate) == [[value, "graph/frus1950v01/d2"]]


def test_what_is_not_known_is_counted(part):
    report, _ = part
    assert (report.volume, report.documents, report.facts) == ("frus1950v01", 3, 1)
    assert report.counts == Counter(
        {
            "words": 62,
            "meeting": 1,
            "form Telegram": 1,
            "form EditorialNote": 1,
            "form MemorandumOfConversation": 1,
            "without date": 1,
            "without sender": 2,
            "without recipient": 2,
            "mentions": 6,
            "mentions of no entry": 1,
            "references": 2,
            "references to no document": 1,
        }
    )
