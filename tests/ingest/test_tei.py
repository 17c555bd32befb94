"""Reading volumes: what comes out of good ones, and what of damaged ones."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest import tei
from ingest.model import (
    Block,
    Division,
    Document,
    Form,
    ListedPerson,
    ListedTerm,
    Mention,
    Moment,
    Note,
    PageBreak,
    Party,
    Problem,
    Reference,
    Span,
    Volume,
)

Telegram = Callable[..., str]
WriteVolume = Callable[..., Path]
Read = Callable[..., Document]

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CABLEGRAPH_SHARED", ROOT.parent / "shared"))
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder named by CABLEGRAPH_SHARED is missing"
)
COUNTED = ["frus1943v06", "frus1955-57v10", "frus1969-76ve13"]
VOLUME = Volume(
    "frus1950v01",
    "Foreign Relations of the United States, 1950, Volume I",
    "1950",
    "Volume I",
    "1977",
    ("A. Editor",),
    "https://history.state.gov/historicaldocuments/frus1950v01",
)
DIVISION = Division(
    "frus1950v01",
    "comp1",
    "compilation",
    "Egypt",
    None,
    "https://history.state.gov/historicaldocuments/frus1950v01/comp1",
)


def one(path: Path, name: str) -> Document:
    document = tei.read_document(path, name)
    assert document is not None
    return document


def only_problem(path: Path) -> Problem:
    [problem] = [item for item in tei.read_volume(path) if isinstance(item, Problem)]
    return problem


def of_kind(document: Document, *kinds: str) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind in kinds]


def outcome(path: Path) -> tuple[list[str], list[tuple[str, int | None, bool]]]:
    """Documents by id, and problems by category."""
    items = list(tei.read_volume(path))
    documents = [item.id for item in items if isinstance(item, Document)]
    problems = [(p.category, p.line, p.fatal) for p in items if isinstance(p, Problem)]
    return documents, problems


def test_volume_comes_first_and_division_before_its_documents(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    first, division, document = tei.read_volume(write_volume(telegram()))
    assert (first, division) == (VOLUME, DIVISION)
    assert isinstance(document, Document)


def test_smallest_telegram_is_read_whole(read: Read) -> None:
    assert read() == Document(
        volume="frus1950v01",
        id="d1",
        form=Form.TELEGRAM,
        head="1. Telegram From the Embassy in Egypt to the Department of State",
        text="1. Telegram From the Embassy in Egypt to the Department of State\n"
        "Cairo, March 4, 1950.\n12. Met Nasser today.",
        number="1",
        sender=Party("Embassy in Egypt", "Embassy in Egypt"),
        recipient=Party("Department of State", "Department of State"),
        place="Cairo",
        sent=Moment("1950-03-04", "1950-03-04", "1950-03-04", "March 4, 1950"),
        telegram_number="12",
        division="comp1",
        page="https://history.state.gov/historicaldocuments/frus1950v01/d1",
        blocks=(Block("head", 0, 64), Block("dateline", 65, 86), Block("paragraph", 87, 108)),
        mentions=(Mention("place", 65, 70),),
    )


def test_example_telegram_is_read() -> None:
    items = list(tei.read_volume(ROOT / "data/sample/frus1945Malta.xml"))
    assert not [item for item in items if isinstance(item, Problem)]
    document = next(item for item in items if isinstance(item, Document) and item.id == "d256")
    assert (document.sender, document.recipient, document.sent, document.place) == (
        Party(
            "Ambassador in the Soviet Union (Harriman)",
            "Ambassador in the Soviet Union",
            "Harriman",
            "p_HWA1",
        ),
        Party("President", "President"),
        Moment("1944-10-17", "1944-10-17", "1944-10-17", "17 October 1944"),
        "Moscow",
    )
    assert "specifically offered us the use of Petropavlovsk as a base" in document.text


def test_compressed_volume_is_the_same(
    write_volume: WriteVolume, telegram: Telegram, tmp_path: Path
) -> None:
    path = write_volume(telegram())
    packed = tmp_path / "frus1950v01.xml.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(tei.read_volume(packed)) == list(tei.read_volume(path))


def test_one_document_can_be_read_alone(write_volume: WriteVolume, telegram: Telegram) -> None:
    path = write_volume(telegram(), telegram(id="d2"))
    assert one(path, "d2").key == "frus1950v01/d2"
    assert tei.read_document(path, "d3") is None


def test_white_space_is_collapsed_and_line_breaks_are_space(read: Read) -> None:
    document = read("<p>12. Met\n\t <hi>Nasser</hi> ,\n  who<lb/>left\n</p>\n<p> \n </p>")
    assert of_kind(document, "paragraph") == ["12. Met Nasser , who left"]


def test_list_in_a_paragraph_makes_blocks_of_its_own(read: Read) -> None:
    inner = "<list><label>(a)</label><item>Go <list><item>now</item></list></item></list>"
    body = f"<p>I said:{inner} Then.</p>"
    document = read(body)
    kinds = [(block.kind, document.text[block.start : block.end]) for block in document.blocks[2:]]
    assert kinds == [
        ("paragraph", "I said:"),
        ("label", "(a)"),
        ("item", "Go"),
        ("item", "now"),
        ("paragraph", "Then."),
    ]


def test_every_printed_unit_has_its_kind(read: Read) -> None:
    body = (
        '<opener><salute>Dear Sir:</salute></opener><p rend="sectiontitleital">Aid</p>'
        "<quote>He agreed.</quote><table><head>Sums</head><row><cell>Oil</cell><cell>3</cell></row>"
        "</table><closer>Yours,<signed>Caffery</signed></closer>"
        "<frus:attachment><head>Enclosure</head><p>Text.</p></frus:attachment>"
    )
    document = read(body)
    assert [(b.kind, document.text[b.start : b.end]) for b in document.blocks[2:]] == [
        ("salutation", "Dear Sir:"),
        ("heading", "Aid"),
        ("paragraph", "He agreed."),
        ("caption", "Sums"),
        ("row", "Oil 3"),
        ("closing", "Yours,"),
        ("signature", "Caffery"),
        ("attachment", "Enclosure"),
        ("paragraph", "Text."),
    ]


def test_notes_are_left_out_and_keep_their_place(read: Read) -> None:
    body = (
        '<p>12. Met Nasser <note n="2" xml:id="d1fn2">See <ref target="#d7">Document 7</ref> on '
        '<persName corresp="#p_NG1">Nasser</persName>.</note> today.</p>'
    )
    document = read(body)
    assert of_kind(document, "paragraph") == ["12. Met Nasser today."]
    offset = document.text.index("Nasser") + len("Nasser")
    mention = Mention("person", 18, 24, "p_NG1")
    assert document.notes == (
        Note("d1fn2", "2", "footnote", offset, "See Document 7 on Nasser.", (mention,)),
    )
    assert document.references == (Reference("d7", "Document 7", "d1fn2"),)


def test_source_note_gives_archive_and_marks(read: Read) -> None:
    source = "Source: Department of State, Central Files, 774.00/3–450. Secret; Niact."
    document = read(source=source)
    assert (document.source, document.classification, document.precedence) == (
        "Department of State, Central Files, 774.00/3–450",
        "Secret",
        "Niact",
    )
    assert document.source_parts == (
        ("repository", "Department of State"),
        ("file", "Central Files, 774.00/3–450"),
    )


def test_source_note_above_the_head_tells_a_telegram(write_volume: WriteVolume) -> None:
    """The volumes before 1952 head a telegram like a letter."""
    path = write_volume(
        '<div type="document" xml:id="d3"><note type="source">893.00/1: Telegram</note><head>The '
        'Ambassador in China (<persName type="from" corresp="#p_GC1">Gauss</persName>) to the '
        '<gloss type="to">Secretary of State</gloss></head><opener><dateline><placeName>Chungking'
        '</placeName>, <date when="1950-01-11T13:00:00">January 11, 1950—1 p.m.</date><lb/>'
        "[Received January 12—7:25 a.m.]</dateline><seg>secret priority</seg></opener>"
        "<p>58. Text.</p></div>"
    )
    document = one(path, "d3")
    assert (document.form, document.sender, document.received, document.telegram_number) == (
        Form.TELEGRAM,
        Party("Ambassador in China (Gauss)", "Ambassador in China", "Gauss", "p_GC1"),
        Moment("1950-01-12T07:25:00", "1950-01-12", "1950-01-12", "January 12—7:25 a.m"),
        "58",
    )
    assert (document.classification, document.precedence) == ("Secret", "Priority")


def test_participants_are_listed_with_name_office_and_target(read: Read) -> None:
    body = (
        "<list type='subject'><head>SUBJECT</head><item>Aid</item></list>"
        "<list type='participants'><head>PARTICIPANTS</head><item>United States</item>"
        "<item>U.S. Side></item><item>(See attached list)</item><item>Others</item>"
        "<item>The Secretary</item><item>Mr. <persName corresp='#p_DRH1'>Richard H. Davis"
        "</persName>, Deputy Assistant Secretary</item></list><p>The Secretary said so.</p>"
    )
    assert read(body, head="69. Memorandum of Conversation").participants == (
        Party("Secretary", "Secretary"),
        Party(
            "Mr. Richard H. Davis, Deputy Assistant Secretary",
            "Deputy Assistant Secretary",
            "Richard H. Davis",
            "p_DRH1",
        ),
    )


def test_pages_begin_with_the_one_on_which_the_document_begins(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    body = '<p>12. Met <pb n="6" xml:id="pg_6"/>Nasser.</p>'
    path = write_volume('<pb n="4" xml:id="pg_4"/>', '<pb n="5" xml:id="pg_5"/>', telegram(body))
    document = one(path, "d1")
    before_nasser = document.text.index(" Nasser.")
    assert document.pages == (
        PageBreak(0, "5", "pg_5"),
        PageBreak(before_nasser, "6", "pg_6"),
    )


def test_redactions_are_found(read: Read) -> None:
    document = read("<p>He [<hi>less than 1 line not declassified</hi>] left. [Laughter]</p>")
    [span] = document.redactions
    assert isinstance(span, Span)
    assert document.text[span.start : span.end] == "[less than 1 line not declassified]"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("#d35", "d35"),
        ("#pg_371", "pg_371"),
        ("frus1943CairoTehran#d44", "frus1943CairoTehran/d44"),
        ("frus1964-68v01", "frus1964-68v01"),
        ("https://example.org/a#b", "https://example.org/a#b"),
    ],
)
def test_reference_names_a_document_of_any_volume(read: Read, target: str, name: str) -> None:
    document = read(f'<p>See <ref target="{target}">it</ref>.</p>')
    assert document.references == (Reference(name, "it"),)


def test_document_in_a_document_comes_out_once(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    inner = telegram("<p>Inner.</p>", id="d2")
    path = write_volume(telegram(f"<p>Outer.</p>{inner}"))
    documents = {d.id: d for d in tei.read_volume(path) if isinstance(d, Document)}
    assert {name: of_kind(d, "paragraph") for name, d in documents.items()} == {
        "d1": ["Outer."],
        "d2": ["Inner."],
    }


def test_persons_and_terms_are_listed(write_volume: WriteVolume) -> None:
    front = (
        '<div type="section" xml:id="persons"><list><item><hi><persName xml:id="p_N1">Nasser, '
        'Gamal</persName>,</hi> Prime Minister</item></list></div><div type="section" '
        'xml:id="terms"><list><item>Editor’s note</item><item><term xml:id="t_U1">UN</term>, '
        "United Nations</item></list></div>"
    )
    items = list(tei.read_volume(write_volume(front=front)))
    assert items[1:] == [
        ListedPerson("frus1950v01", "p_N1", "Nasser, Gamal", "Prime Minister"),
        ListedTerm("frus1950v01", "t_U1", "UN", "United Nations"),
    ]


def test_printed_date_is_preferred_and_the_tag_told(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    path = write_volume(telegram(dateline='<date when="1950-04-04">March 4, 1950</date>'))
    assert one(path, "d1").sent == Moment("1950-03-04", "1950-03-04", "1950-03-04", "March 4, 1950")
    assert only_problem(path) == Problem(
        str(path),
        2,
        'document d1: the tagged date "1950-04-04" is not the printed date "March 4, 1950"; '
        "correct the tag",
        "wrong-date",
        fatal=False,
    )


@pytest.mark.parametrize(
    ("change", "category", "fatal", "left"),
    [
        (lambda t: t(id="d2", dateline=""), "no-date", False, ["d1", "d2", "d3"]),
        (lambda t: t(id="d2", head=""), "no-head", False, ["d1", "d2", "d3"]),
        (lambda t: t(id=""), "no-id", True, ["d1", "d3"]),
        (lambda t: t(id="d1"), "duplicate-id", True, ["d1", "d3"]),
        (lambda t: t("<p>&bad;</p>", id="d2"), "bad-entity", False, ["d1", "d2", "d3"]),
        (lambda t: t("<p>a & b</p>", id="d2"), "bad-entity", False, ["d1", "d2", "d3"]),
        (lambda t: t("<p>\x01</p>", id="d2"), "bad-character", False, ["d1", "d2", "d3"]),
        (lambda t: t("<p><hi>a</p>", id="d2"), "not-well-formed", True, ["d1", "d3"]),
    ],
)
def test_fault_in_a_document_is_told_once_and_the_rest_is_read(
    write_volume: WriteVolume,
    telegram: Telegram,
    change: Callable[[Telegram], str],
    category: str,
    fatal: bool,
    left: list[str],
) -> None:
    path = write_volume(telegram(), change(telegram), telegram(id="d3"))
    documents, problems = outcome(path)
    assert (sorted(documents), problems) == (left, [(category, 3, fatal)])


def test_undated_document_is_no_fault(read: Read) -> None:
    assert read(dateline="Cairo, undated.").sent is None


def test_editorial_note_needs_no_date(read: Read) -> None:
    assert read(head="2. Editorial Note", dateline="").form is Form.EDITORIAL_NOTE


def test_truncated_volume_gives_what_is_whole(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    path = write_volume(telegram(), telegram(id="d2"))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"12. Met", whole.index(b'"d2"'))])
    assert outcome(path) == (["d1"], [("truncated", 3, True)])


def test_truncated_archive_gives_one_problem(write_volume: WriteVolume, telegram: Telegram) -> None:
    path = write_volume(telegram())
    path.write_bytes(gzip.compress(path.read_bytes())[:-30])
    assert outcome(path) == ([], [("truncated", None, True)])


def test_text_in_another_encoding_is_told(write_volume: WriteVolume, telegram: Telegram) -> None:
    path = write_volume(telegram(), telegram("<p>café</p>", id="d2"), telegram(id="d3"))
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    assert outcome(path) == (["d1", "d2", "d3"], [("not-utf-8", 3, False)])


def test_utf_16_is_read(write_volume: WriteVolume, telegram: Telegram) -> None:
    """U+0A20 holds a byte that looks like a line feed, and one that looks like a space."""
    path = write_volume(telegram("<p>12. Letter \u0a20 of\n   Gurmukhi</p>"))
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    assert of_kind(one(path, "d1"), "paragraph") == ["12. Letter \u0a20 of Gurmukhi"]


@pytest.mark.parametrize(
    ("content", "category"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Hello", "not-tei"),
        (b"<html><body/></html>", "not-tei"),
        (b'<doc xmlns:t="http://www.tei-c.org/ns/1.0"><t:div type="document"/></doc>', "not-tei"),
    ],
)
def test_file_that_is_no_volume_is_refused(tmp_path: Path, content: bytes, category: str) -> None:
    path = tmp_path / "v.xml"
    path.write_bytes(content)
    assert outcome(path)[0] == []
    problem = only_problem(path)
    assert (problem.category, problem.fatal) == (category, True)


def test_missing_file_is_told(tmp_path: Path) -> None:
    assert str(only_problem(tmp_path / "none.xml")) == (
        f"{tmp_path}/none.xml: the file cannot be read (No such file or directory); "
        "check its path and rights"
    )


def test_volume_without_a_name_is_called_after_its_file(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    header = "<teiHeader><fileDesc/></teiHeader>"
    path = write_volume(telegram(), id="", header=header, name="cairo.xml")
    assert next(tei.read_volume(path)) == Volume(
        "cairo", "cairo", page="https://history.state.gov/historicaldocuments/cairo"
    )
    assert (only_problem(path).category, one(path, "d1").key) == ("no-volume-id", "cairo/d1")


def test_volume_is_named_by_its_idno_where_the_root_has_no_id(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    first, *_ = tei.read_volume(write_volume(telegram(), id="", name="other.xml"))
    assert first == VOLUME


def test_external_entity_is_not_read(
    write_volume: WriteVolume, telegram: Telegram, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", "utf-8")
    path = write_volume(telegram("<p>&e;</p>"), telegram(id="d2"))
    doctype = f'<!DOCTYPE TEI [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    path.write_text(doctype + path.read_text("utf-8"), "utf-8")
    assert of_kind(one(path, "d1"), "paragraph") == ["&e;"]
    assert outcome(path) == (["d1", "d2"], [("bad-entity", 2, False)])


def test_entity_bomb_is_refused_with_one_problem(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    path = write_volume(telegram(), telegram("<p>&b9;</p>", id="d2"))
    bomb = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10))
    text = path.read_text("utf-8")
    path.write_text(f'<!DOCTYPE TEI [<!ENTITY b0 "lol">{bomb}]>{text}', "utf-8")
    documents, [problem] = outcome(path)
    assert (documents, problem[0], problem[2]) == (["d1"], "over-limit", True)


def test_deep_nesting_is_refused_with_one_problem(
    write_volume: WriteVolume, telegram: Telegram
) -> None:
    path = write_volume(telegram("<p>" + "<hi>" * 3000 + "a" + "</hi>" * 3000 + "</p>"))
    documents, [problem] = outcome(path)
    assert (documents, problem[0], problem[2]) == ([], "over-limit", True)


WORDS = st.text(alphabet="ab ,.\n\t–é\u2003", max_size=12)
INLINE = st.recursive(
    WORDS,
    lambda inner: st.tuples(
        st.sampled_from(
            [
                "<hi>{}</hi>",
                '<persName corresp="#p_1">{}</persName>',
                '<gloss target="#t_1">{}</gloss>',
                "<note>{}</note>",
                '{}<pb n="2"/>',
                "<ref target='#d2'>{}</ref>",
                "{}<lb/>",
                "<list><item>{}</item></list>",
                "<quote><p>{}</p></quote>",
            ]
        ),
        st.lists(inner, max_size=3).map("".join),
    ).map(lambda made: made[0].format(made[1])),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(INLINE, max_size=4))
@example(['a<persName corresp="#p_1"><lb/></persName>b'])
@example(['<note>a<persName corresp="#p_1"><lb/></persName></note>'])
def test_blocks_tile_the_text_and_all_offsets_lie_in_it(
    write_volume: WriteVolume, telegram: Telegram, paragraphs: list[str]
) -> None:
    body = "".join(f"<p>{words}</p>" for words in paragraphs)
    document = one(write_volume(telegram(body)), "d1")
    text = document.text
    assert "\n".join(text[b.start : b.end] for b in document.blocks) == text
    assert all(one.end + 1 == two.start for one, two in pairwise(document.blocks))
    assert not re.search(r"  |\t|^ | $|\n\n", text, re.MULTILINE)
    for name in document.mentions:
        assert text[name.start : name.end].strip(" ") == text[name.start : name.end] != ""
    for note in document.notes:
        assert 0 <= note.offset <= len(text)
        assert all(note.text[m.start : m.end] for m in note.mentions)
    assert all(0 <= page.offset <= len(text) for page in document.pages)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_give_problems_and_never_an_error(
    write_volume: WriteVolume, telegram: Telegram, data: st.DataObject
) -> None:
    path = write_volume(telegram(), telegram("<p>a<note>b</note></p>", id="d2"))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        until = data.draw(st.integers(at, min(at + 30, len(content))))
        content[at:until] = data.draw(st.binary(max_size=6) | st.sampled_from([b"<p>", b"</div>"]))
        content = content or bytearray(b" ")
    path.write_bytes(content)
    items = list(tei.read_volume(path))
    assert all(isinstance(item, tei.ITEMS) for item in items)


def gold_texts() -> dict[str, dict[str, list[str]]]:
    texts: dict[str, dict[str, list[str]]] = defaultdict(dict)
    with (SHARED / "gold/dev-texts.jsonl").open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            volume, _, name = line["document"].partition("#")
            texts[volume][name] = line["paras"]
    return texts


def gold_quotes() -> dict[str, list[str]]:
    quotes = {}
    with (SHARED / "gold/dev-gold.jsonl").open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            name = line["document"].replace("#", "/")
            quotes[name] = [fact["quote"] for fact in line["facts"]]
    return quotes


@needs_shared
@pytest.mark.slow
def test_paragraphs_are_those_that_the_annotators_read() -> None:
    """They saw the list in a paragraph twice, within it and after; we give its items once."""
    same = nested = 0
    missing: list[str] = []
    quotes = gold_quotes()
    for volume, texts in gold_texts().items():
        for document in tei.read_volume(SHARED / f"corpus/{volume}.xml.gz"):
            if not isinstance(document, Document) or document.id not in texts:
                continue
            missing += [q for q in quotes[document.key] if q not in document.text]
            read = of_kind(document, "paragraph", "heading", "item")
            same += read == texts[document.id]
            pieces = of_kind(document, "paragraph", "heading", "item", "row", "label")
            nested += read != texts[document.id] and is_nested(pieces, texts[document.id])
    assert (same, nested) == (1071, 29)
    # Each of the three runs from a label into its item, or from a paragraph into its list.
    assert len(missing) == 3


def is_nested(pieces: list[str], printed: list[str]) -> bool:
    """Tell whether each paragraph of theirs is one of our blocks, or begins and ends with two."""
    return all(
        words in pieces or (words.startswith(tuple(pieces)) and words.endswith(tuple(pieces)))
        for words in printed
    )


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTED)
def test_every_document_of_a_volume_comes_out(name: str) -> None:
    path = SHARED / f"corpus/{name}.xml.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        printed = len(re.findall(r'<div\b[^>]*\btype="document"', lines.read()))
    items = list(tei.read_volume(path))
    documents = [item for item in items if isinstance(item, Document)]
    assert len(documents) == printed
    assert not [item for item in items if isinstance(item, Problem) and item.fatal]
    for document in documents:
        blocks = [document.text[b.start : b.end] for b in document.blocks]
        assert "\n".join(blocks) == document.text
