"""How the text of a document is cut into the pieces that its page shows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.answers import (
    Block,
    DocumentAnswer,
    Evidence,
    FactAnswer,
    Mention,
    Name,
    NoteAnswer,
    PageBreak,
)
from server.marking import FactMark, NoteMark, PageMark, Words, mark

TEXT = "The Ambassador to the President\nHe asks for ships and offers us the use of a port."
ASKS, OFFERS = (32, 53), (36, 82)


def fact(name: str, *spans: tuple[int, int], text: str = TEXT) -> FactAnswer:
    """Make a fact with these words of the text as evidence."""
    evidence = [Evidence(exact=text[start:end], start=start, end=end) for start, end in spans]
    return FactAnswer.model_construct(id=f"fact/v/d1/{name}", kind="request", evidence=evidence)


def document(text: str = TEXT, **more: Any) -> DocumentAnswer:
    """Make a document of which each line is a paragraph."""
    ends = [-1, *(at for at, letter in enumerate(text) if letter == "\n"), len(text)]
    blocks = [
        Block(kind="paragraph", start=before + 1, end=end)
        for before, end in pairwise(ends)
        if end > before + 1
    ]
    empty: dict[str, Any] = {"notes": [], "pages": [], "mentions": []}
    return DocumentAnswer.model_construct(text=text, blocks=blocks, **empty | more)


def said(document: DocumentAnswer, *facts: FactAnswer) -> list[list[tuple[str, ...]]]:
    """Give each block as its pieces: words with the numbers of their facts, or a mark."""
    return [[_said(piece) for piece in block.pieces] for block in mark(document, facts).blocks]


def _said(piece: Any) -> tuple[str, ...]:
    match piece:
        case Words():
            return (piece.text, *(str(passage.number) for passage in piece.passages))
        case FactMark():
            return ("fact", str(piece.passage.number))
        case NoteMark():
            return ("note", piece.note.mark)
        case PageMark():
            return ("page", piece.page.page)
    raise AssertionError(piece)


def test_words_know_the_fact_that_they_support() -> None:
    assert said(document(), fact("a", ASKS)) == [
        [("The Ambassador to the President",)],
        [("He asks for ships and", "1"), ("fact", "1"), (" offers us the use of a port.",)],
    ]


def test_words_of_two_facts_know_both_the_wider_one_first() -> None:
    assert said(document(), fact("a", ASKS), fact("b", OFFERS))[1] == [
        ("He a", "1"),
        ("sks for ships and", "2", "1"),
        ("fact", "1"),
        (" offers us the use of a port.", "2"),
        ("fact", "2"),
    ]


def test_a_note_stands_before_the_end_of_a_fact_and_a_new_page_after_it() -> None:
    note = NoteAnswer(id="fn1", mark="1", kind="footnote", offset=53, text="Of the line.")
    page = PageBreak(offset=53, page="371", id="pg_371")
    pieces = said(document(notes=[note], pages=[page]), fact("a", ASKS))[1]
    assert pieces[1:4] == [("note", "1"), ("fact", "1"), ("page", "371")]


def test_evidence_across_paragraphs_is_marked_in_both_and_belongs_to_the_first() -> None:
    marked = mark(document(), [fact("a", (22, 39))])
    assert [[passage.number for passage in block.facts] for block in marked.blocks] == [[1], []]
    assert said(document(), fact("a", (22, 39))) == [
        [("The Ambassador to the ",), ("President", "1")],
        [("He asks", "1"), ("fact", "1"), (" for ships and offers us the use of a port.",)],
    ]


def test_a_name_is_known_within_evidence() -> None:
    name = Name(id="person/roosevelt-franklin-d", iri=None, label="Franklin D. Roosevelt")
    mention = Mention(kind="person", start=22, end=31, target=None, entity=name)
    [head, _] = mark(document(mentions=[mention]), [fact("a", (4, 31))]).blocks
    named = [(piece.text, piece.mention) for piece in head.pieces if isinstance(piece, Words)]
    assert named == [("The ", None), ("Ambassador to the ", None), ("President", mention)]


def test_a_fact_whose_words_are_not_in_the_text_stands_elsewhere() -> None:
    """Those of a note: its offsets are not offsets of the text."""
    stray = fact("a", (0, 10), text="Other words than those.")
    marked = mark(document(), [stray])
    assert [passage.fact for passage in marked.elsewhere] == [stray]
    assert said(document(), stray) == [
        [("The Ambassador to the President",)],
        [("He asks for ships and offers us the use of a port.",)],
    ]


def test_each_passage_has_an_anchor_of_its_own() -> None:
    [_, block] = mark(document(), [fact("a1b2", ASKS, (54, 60))]).blocks
    begins = [piece.begins for piece in block.pieces if isinstance(piece, Words)]
    anchors = [passage.anchor for passages in begins for passage in passages]
    assert anchors == ["evidence-a1b2", "evidence-a1b2-2"]


texts = st.text(st.sampled_from("abc é\n"), min_size=1, max_size=60)
offsets = st.integers(0, 60)
spans = st.lists(st.tuples(offsets, offsets), max_size=6)


@given(texts, st.lists(spans, max_size=5), spans, st.lists(offsets, max_size=4), offsets)
def test_pieces_joined_are_the_text(
    text: str,
    evidence: list[list[tuple[int, int]]],
    names: list[tuple[int, int]],
    notes: list[int],
    page: int,
) -> None:
    """Whatever overlaps what: nothing is lost or said twice, and each fact is somewhere."""
    name = Name(id="person/x", iri=None, label="X")
    made = document(
        text,
        notes=[
            NoteAnswer(id=f"n{at}", mark="1", kind="footnote", offset=at, text="") for at in notes
        ],
        pages=[PageBreak(offset=page, page="1", id="pg_1")],
        mentions=[
            Mention(kind="person", start=start, end=end, target=None, entity=name)
            for start, end in names
        ],
    )
    facts = [fact(str(n), *each, text=text) for n, each in enumerate(evidence) if each]
    marked = mark(made, facts)
    assert [block.text for block in marked.blocks] == [
        text[block.start : block.end] for block in made.blocks
    ]
    placed = [passage.number for block in marked.blocks for passage in block.facts]
    other = [passage.number for passage in marked.elsewhere]
    assert sorted(placed + other) == list(range(1, len(facts) + 1))
