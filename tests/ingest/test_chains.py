"""Cited telegrams are found across volumes, and threads follow who answers whom."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from pyoxigraph import QuerySolutions, Store

import queries
from ingest.build import Sources, build
from ingest.chains import Chains, Cited, Letter, Step, joined, letter, read
from ingest.model import Block, Document, Form, Moment, Note, Party, Reference
from ontology.names import DATA, TERMS
from server import reading
from server.graph import substitutions
from server.jobs import Job
from server.local import ask
from server.reading import Span
from server.side import Side

DEPARTMENT, SAIGON = "Department of State", "Embassy in Vietnam"


def document(key, number, day, sender, recipient, *lines, **fields):
    """A telegram from one office to another on a day, of some paragraphs."""
    volume, _, name = key.partition("/")
    head = f"Telegram From {sender} to {recipient}"
    starts = [0]
    for line in (head, *lines):
        starts.append(starts[-1] + len(line) + 1)
    blocks = [Block("paragraph", a, b - 1) for a, b in pairwise(starts)]
    given = {"form": Form.TELEGRAM, "telegram_number": number, **fields}
    return Document(
        volume=volume,
        id=name,
        head=head,
        text="\n".join((head, *lines)),
        sender=Party(sender, sender),
        recipient=Party(recipient, recipient),
        sent=Moment(day, day, day) if day else None,
        blocks=(replace(blocks[0], kind="head"), *blocks[1:]),
        **given,
    )


def from_saigon(key, number, day, *lines, **fields):
    return document(key, number, day, SAIGON, DEPARTMENT, *lines, **fields)


def to_saigon(key, number, day, *lines, **fields):
    return document(key, number, day, DEPARTMENT, SAIGON, *lines, **fields)


@pytest.fixture
def join(tmp_path):
    """Join documents, each volume a part of its own."""

    def join_all(*documents: Document) -> Chains:
        for one in documents:
            (tmp_path / one.volume).mkdir(exist_ok=True)
            with (tmp_path / one.volume / "letters.jsonl").open("ab") as out:
                out.writelines(kept.to_json() for kept in [letter(one)] if kept)
        return joined(sorted(tmp_path.iterdir()))

    return join_all


def targets(chains: Chains) -> list[tuple[str, str]]:
    return [(one.citation.quote.exact, one.target) for one in chains.references]


def test_a_telegram_is_found_by_number_and_post_in_another_volume(join):
    chains = join(
        from_saigon("v1/d1", "2108", "1965-06-04", "Met Khanh."),
        document("v1/d2", "2108", "1965-06-04", "Embassy in Laos", DEPARTMENT, "Met Souvanna."),
        to_saigon("v2/d1", "1386", "1965-06-06", "Your 2108, June 4."),
    )
    assert targets(chains) == [("Your 2108, June 4", "document/v1/d1")]
    assert chains.steps == {"v2/d1": Step("v2/d1", "v1/d1", "answers")}


def test_of_telegrams_of_one_number_the_last_one_before_is_meant(join):
    chains = join(
        from_saigon("v1/d1", "266", "1963-08-01", "Old."),
        from_saigon("v1/d2", "266", "1964-08-01", "New."),
        from_saigon("v1/d3", "266", "1965-08-01", "Later."),
        to_saigon("v1/d4", "99", "1964-08-03", "Your 266."),
    )
    assert targets(chains) == [("Your 266", "document/v1/d2")]


def test_a_day_that_does_not_agree_is_of_another_telegram(join):
    chains = join(
        from_saigon("v1/d1", "266", "1964-08-01", "One."),
        to_saigon("v1/d2", "99", "1964-08-20", "Your 266, August 15."),
    )
    assert targets(chains) == [("Your 266, August 15", "cited/vietnam/washington/266-1964")]


def test_what_is_not_printed_has_a_lasting_name_and_what_is_told_of_it(join):
    chains = join(to_saigon("v1/d1", "99", "1964-08-20", "Your 265, Secto 12, Deptel 90, A–7."))
    assert [one.cited for one in chains.references] == [
        Cited(
            "cited/vietnam/washington/265-1964",
            "Telegram 265 from Vietnam to Washington, 1964",
            "vietnam",
            "washington",
            "265",
        ),
        Cited("cited/series/secto/12-1964", "Telegram Secto 12, 1964", None, None, "Secto 12"),
        Cited(
            "cited/washington/vietnam/90-1964",
            "Telegram 90 from Washington to Vietnam, 1964",
            "washington",
            "vietnam",
            "90",
        ),
    ]


def test_the_number_above_a_text_is_no_citation(join):
    chains = join(from_saigon("v1/d1", "641", "1972-01-05", "SAIGON 641", "Met Thieu."))
    assert chains.references == []


def test_a_document_follows_one_and_cites_others(join):
    """Threads are trees: each document has the latest of its own posts before it."""
    chains = join(
        from_saigon("v1/d1", "10", "1964-08-01", "One."),
        to_saigon("v1/d2", "20", "1964-08-02", "Your 10."),
        from_saigon("v1/d3", "11", "1964-08-03", "Embtel 10 and Deptel 20."),
        from_saigon("v1/d4", "12", "1964-08-04", "Further my 11."),
        document("v1/d5", "5", "1964-08-05", "Embassy in Laos", DEPARTMENT, "Saigon’s 12."),
    )
    assert [*chains.steps.values()] == [
        Step("v1/d2", "v1/d1", "answers"),
        Step("v1/d3", "v1/d2", "answers"),
        Step("v1/d4", "v1/d3", "follows"),
    ]
    assert chains.roots() == dict.fromkeys(["v1/d1", "v1/d2", "v1/d3", "v1/d4"], "v1/d1")


def noted(words: str, target: str, text: str) -> Document:
    """A telegram whose last word has a note."""
    one = to_saigon("v1/d9", "99", "1964-08-20", text)
    assert isinstance(one, Document)
    note = Note("d9fn1", "1", "footnote", len(one.text), words)
    return replace(one, notes=(note,), references=(Reference(target, words, "d9fn1"),))


def test_the_editors_note_is_kept_apart_and_stands_in_where_nothing_was_found(join):
    chains = join(
        from_saigon("v1/d1", "10", "1964-08-01", "One."),
        noted("Document 1.", "d1", "See your 11"),
    )
    [one] = chains.references
    assert (one.printed, one.editors) == ("v1/d1", "v1/d1")


@pytest.mark.parametrize("words", ["See footnote 1, Document 1.", "Regarding it, see Document 1."])
def test_a_note_that_says_more_names_no_document(join, words):
    [one] = join(noted(words, "d1", "See your 11")).references
    assert (one.target, one.editors) == ("cited/vietnam/washington/11-1964", None)


def test_a_letter_is_read_as_it_was_kept(tmp_path):
    one = letter(noted("Document 1.", "d1", "Embtel 4529 repeated Paris 1191"))
    assert isinstance(one, Letter)
    (tmp_path / "letters.jsonl").write_bytes(one.to_json())
    assert [*read(tmp_path / "letters.jsonl")] == [one]


# In the graph

VOLUME = """\
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="frus1964v01">
  <teiHeader><fileDesc><titleStmt><title type="complete">A volume</title></titleStmt>
  <publicationStmt><date>1977</date></publicationStmt></fileDesc></teiHeader>
  <text><body><div type="compilation" xml:id="comp1"><head>Vietnam</head>{documents}</div></body>
  </text></TEI>
"""
DOCUMENT = """\
<div type="document" n="{n}" xml:id="d{n}"><head>{n}. Telegram From the {sender} to the {recipient}
</head><dateline><placeName>{place}</placeName>, <date when="1964-08-0{n}">August {n}, 1964</date>
</dateline><p>{text}</p></div>
"""


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chains")
    ends = {"sender": SAIGON, "recipient": DEPARTMENT, "place": "Saigon"}
    back = {"sender": DEPARTMENT, "recipient": SAIGON, "place": "Washington"}
    texts = ["10. Met Khanh.", "20. Your 10. See Embtel 7, July 30.", "11. Deptel 20."]
    documents = "".join(
        DOCUMENT.format(n=n, text=text, **(back if n == 2 else ends))
        for n, text in enumerate(texts, 1)
    )
    (folder / "frus1964v01.xml").write_text(VOLUME.format(documents=documents), "utf-8")
    (folder / "none").mkdir()
    sources = Sources((folder / "frus1964v01.xml",), folder / "none", folder / "none")
    outcome = build(sources, folder / "graph", jobs=1)
    return outcome.folder


@pytest.fixture(scope="module")
def store(version):
    return Store.read_only(str(version / "store"))


def rows(store, name, **parameters):
    query = queries.load(name)
    found = ask(store, Job(query.text, substitutions=substitutions(query, parameters)))
    assert isinstance(found, QuerySolutions)
    return [
        [row[column].value.removeprefix(DATA) if row[column] else None for column in query.columns]
        for row in found
    ]


def test_reply_chains_go_to_and_fro(store):
    period = {"from": "1964-08-01", "to": "1964-08-31"}
    one, two, three = (f"document/frus1964v01/d{n}" for n in (1, 2, 3))
    assert rows(store, "reply-chains", post="vietnam", **period) == [
        ["1964-08-02", "washington", "20", two, one, "10", "1964-08-01"],
        ["1964-08-03", "vietnam", "11", three, two, "20", "1964-08-02"],
    ]
    assert rows(store, "reply-chains", post="laos", **period) == []


def test_what_is_cited_and_not_printed_is_listed(store):
    cited = "cited/vietnam/washington/7-1964"
    label = "Telegram 7 from Vietnam to Washington, 1964"
    assert rows(store, "cited-not-printed", volume="volume/frus1964v01") == [
        [cited, label, "vietnam", "washington", "7", "1964-07-30", "document/frus1964v01/d2"]
    ]


def test_the_thread_of_a_document_is_in_the_side_file(version):
    answer = reading.thread(Side(version / "side.sqlite"), "frus1964v01/d2")
    one, two, three = (f"document/frus1964v01/d{n}" for n in (1, 2, 3))
    assert [
        (each.step.id, each.telegram_number, each.before and each.before.id, each.relation)
        for each in answer.steps
    ] == [(one, "10", None, None), (two, "20", one, "answers"), (three, "11", two, "answers")]
    assert [(each.exact, each.cited.label, each.printed) for each in answer.cites] == [
        ("Your 10", "1. Telegram From the Embassy in Vietnam to the Department of State", True),
        ("Embtel 7, July 30", "Telegram 7 from Vietnam to Washington, 1964", False),
    ]
    assert [each.by.id for each in answer.cited_by] == [three]


def test_a_telegram_leads_to_those_before_and_after_it_by_number(version):
    answer = reading.document(Side(version / "side.sqlite"), "frus1964v01/d1")
    assert answer.lower_number is None
    assert answer.higher_number == reading.name("document/frus1964v01/d3", "11")


def test_threads_are_listed(version):
    [thread] = reading.threads(Side(version / "side.sqlite"), Span()).items
    assert (thread.first.id, thread.count) == ("document/frus1964v01/d1", 3)
    assert (thread.earliest, thread.latest) == ("1964-08-01", "1964-08-03")


def test_a_citation_has_its_words_and_voice_in_the_graph_of_its_document(store):
    found = store.query(
        """
        PREFIX cg: <https://w3id.org/cablegraph/ontology#>
        PREFIX oa: <http://www.w3.org/ns/oa#>
        SELECT ?words ?voice ?target WHERE {
          GRAPH <https://w3id.org/cablegraph/graph/frus1964v01/d2> {
            ?document cg:refersTo ?target .
            ?citation cg:citedIn ?document ; cg:refersTo ?target ; cg:voice ?voice ;
              cg:evidence/oa:hasSelector/oa:exact ?words .
          }
        } ORDER BY DESC(?words)
        """
    )
    assert isinstance(found, QuerySolutions)
    voice = f"{TERMS}SenderVoice"
    assert [[term.value for term in row] for row in found] == [
        ["Your 10", voice, f"{DATA}document/frus1964v01/d1"],
        ["Embtel 7, July 30", voice, f"{DATA}cited/vietnam/washington/7-1964"],
    ]
