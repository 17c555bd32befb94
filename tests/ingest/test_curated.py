"""Curated facts: read as a historian wrote them, and held against the words of the document."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.authority import Authority
from ingest.curated import CuratedFile, curated_facts, fact_hash, find_quote, nearest, read_curated
from ingest.model import Agent, Document, Entity, Fact, Form, Kind, Moment, Problem, Quote

TEXT = "He hopes for help from our Navy and offered us a base. He asks for secrecy. He asks."
DOCUMENT = Document("v", "d1", Form.TELEGRAM, "Head", TEXT)
AUTHORITY = Authority(
    [Entity("person/a", "A"), Entity("state/b", "B"), Entity("place/c", "C")],
)

HEAD = "document: v/d1\ncurator: Jane Doe\nreported_by: person/a\nfacts:\n"
OFFER = """\
  - key: base
    kind: offer
    quote: offered us a base
    trigger: offered
    actor: person/a
    addressee: [state/b]
    content: a base
    about: place/c
    date: 1944-10
    status: made
    location: place/c
    force: propose
    condition: if asked
    deadline: 1944-12-31
    quantity: one
"""


@pytest.fixture
def curated(tmp_path):
    """Write a curated file; return its facts and problems for the document above."""

    def read(content: str) -> tuple[list[Fact], list[Problem]]:
        path = tmp_path / "d1.yaml"
        path.write_text(content, encoding="utf-8")
        file = read_curated(path)
        if isinstance(file, Problem):
            return [], [replace(file, file="d1.yaml")]
        facts, problems = curated_facts(file, DOCUMENT, AUTHORITY)
        return facts, [replace(p, file="d1.yaml") for p in (*file.problems, *problems)]

    return read


def test_an_entry_becomes_a_fact_with_its_words(curated):
    quote = Quote("offered us a base", 36, 53)
    assert curated(HEAD + OFFER) == (
        [
            Fact(
                id=f"v/d1/{fact_hash(Kind.OFFER, quote, 0, TEXT)}",
                document="v/d1",
                kind=Kind.OFFER,
                quote=quote,
                trigger=Quote("offered", 36, 43),
                content="a base",
                status="made",
                origin="curation/v/d1",
                actors=(Agent("person/a"),),
                addressees=(Agent("state/b"),),
                reported_by=(Agent("person/a"),),
                about=("place/c",),
                force="propose",
                date=Moment("1944-10", "1944-10-01", "1944-10-31"),
                location="place/c",
                condition="if asked",
                deadline="1944-12-31",
                quantity="one",
            )
        ],
        [],
    )


def entry(**fields: str) -> str:
    """Return a minimal entry with some fields changed; None leaves a field out."""
    least = {
        "key": "x", "kind": "request", "quote": "He hopes for help from our Navy",
        "actor": "person/a", "content": "help", "status": "made",
    }  # fmt: skip
    lines = [f"    {name}: {value}\n" for name, value in (least | fields).items() if value]
    return "  -" + "".join(lines)[3:]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"quote": "He hopes for help from our navy"},
            'x: the quote "He hopes for help from our navy" is not in the text; '
            'nearest is "He hopes for help from our Navy"',
        ),
        (
            {"quote": "He asks"},
            'x: the quote "He asks" stands 2 times; add `occurrence: 1` (or later)',
        ),
        (
            {"quote": "He asks", "occurrence": "3"},
            'x: the quote "He asks" stands only 2 times, not 3',
        ),
        (
            {"trigger": "begs"},
            'x: the trigger "begs" is not in the quote "He hopes for help from our Navy"',
        ),
        (
            {"support": "[offered us a bass]"},
            'x: the quote "offered us a bass" is not in the text; nearest is "offered us a base"',
        ),
        (
            {"actor": "person/nobody"},
            "x: actor: person/nobody is not in the authority files; add it there, or mend the id",
        ),
        (
            {"location": "place/nowhere"},
            "x: location: place/nowhere is not in the authority files; "
            "add it there, or mend the id",
        ),
        (
            {"kind": "wish"},
            "x: kind: Input should be 'meeting', 'request', 'offer', 'commitment' or 'refusal'",
        ),
        (
            {"status": "held"},
            "x: entry: status of a request is one of made, instructed, hypothetical",
        ),
        ({"date": "soon"}, 'x: date: "soon" is not a date; write 1944-10-17, 1944-10, 1944, '
         "1944-10-17/1944-10-19, ../1944-10-17, [1944-11-16..1944-11-30], with ? for uncertain "
         "or ~ for about"),
        ({"adressee": "state/b"}, "x: adressee: there is no such field"),
        ({"content": ""}, "x: content: Field required"),
        (
            {"participants": "[person/a]"},
            "x: entry: a request has an actor and an addressee, not participants",
        ),
        (
            {"kind": "meeting", "status": "held"},
            "x: entry: a meeting has participants, and neither actor nor addressee",
        ),
    ],
)  # fmt: skip
def test_a_bad_entry_is_refused_by_name_and_the_others_are_kept(curated, fields, message):
    facts, problems = curated(HEAD + entry(**fields) + OFFER)
    assert [fact.content for fact in facts] == ["a base"]
    assert [(p.line, p.message, p.fatal) for p in problems] == [(5, message, True)]


def test_equal_passages_are_told_apart_by_number(curated):
    facts, problems = curated(HEAD + entry(quote="He asks", occurrence="2"))
    assert ([fact.quote for fact in facts], problems) == ([Quote("He asks", 76, 83)], [])


def test_the_same_fact_twice_is_a_problem(curated):
    facts, problems = curated(HEAD + entry() + entry(key="y"))
    assert len(facts) == 1
    assert [problem.message for problem in problems] == [
        "y: the same kind with the same words stands twice; quote other words"
    ]


def test_an_entry_without_key_is_named_by_its_number(curated):
    _, problems = curated(HEAD + OFFER + entry(key="", quote="nothing of the kind at all"))
    assert problems[0].message.startswith("fact 2: the quote")


def test_links_go_by_key_and_come_out_by_id(curated):
    facts, problems = curated(
        HEAD + OFFER + entry(responds_to="base") + entry(key="z", quote="for secrecy", fulfils="x")
    )
    ids = {fact.content + fact.quote.exact[:3]: fact.id for fact in facts}
    assert [(f.responds_to, f.fulfils) for f in facts] == [
        ((), ()),
        ((ids["a baseoff"],), ()),
        ((), (ids["helpHe "],)),
    ]
    assert problems == []


def test_a_link_to_no_fact_is_told_and_the_fact_kept(curated):
    facts, problems = curated(HEAD + entry(responds_to="nothing"))
    assert [fact.responds_to for fact in facts] == [()]
    message = 'x: no fact of this file has the key "nothing"'
    assert problems == [Problem("d1.yaml", 5, message, "bad-fact", fatal=False)]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("- a\n", 1, "not curated facts; begin with `document: VOLUME/ID`"),
        ("curator: J\nfacts: []\n", 1, "file: document: Field required"),
        (
            "document: d1\ncurator: J\nfacts: []\n",
            1,
            "file: document: String should match pattern '^[^/\\s]+/[^/\\s]+$'",
        ),
        (
            "document: v/d1\ncurator: J\nfacts: none\n",
            1,
            "file: facts: Input should be a valid list",
        ),
        ("document: [\n", 2, "not valid YAML: expected the node content, but found '<stream end>'"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_problem(curated, content, line, message):
    facts, [problem] = curated(content)
    assert (facts, problem.line, problem.message) == ([], line, message)


@given(st.text(min_size=1, max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_words_are_found_where_they_stand_or_the_reason_is_told(words, before, behind):
    text = before + words + behind
    found = find_quote(text, words)
    if isinstance(found, Quote):
        assert text[found.start : found.end] == words == found.exact
    else:
        assert "times" in found


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=60))
def test_the_nearest_passage_is_in_the_text(text, words):
    assert nearest(text, words) in text


def test_equal_words_at_two_places_are_two_facts():
    first, second = Quote("He asks", 54, 61), Quote("He asks", 76, 83)
    text_before = "A new head\n" + TEXT
    assert fact_hash(Kind.REQUEST, first, 0, TEXT) != fact_hash(Kind.REQUEST, second, 0, TEXT)
    moved = replace(second, start=second.start + 11, end=second.end + 11)
    assert fact_hash(Kind.REQUEST, second, 0, TEXT) == fact_hash(
        Kind.REQUEST, moved, 0, text_before
    )


def test_what_a_fact_is_called_does_not_depend_on_other_facts(curated):
    both, _ = curated(HEAD + entry() + OFFER)
    one, _ = curated(HEAD + OFFER)
    assert both[1].id == one[0].id


def test_completeness_is_read(tmp_path):
    path = tmp_path / "d1.yaml"
    path.write_text("document: v/d1\ncurator: J\ncomplete: true\nfacts: []\n", encoding="utf-8")
    file = read_curated(path)
    assert isinstance(file, CuratedFile)
    assert file.curation.complete
