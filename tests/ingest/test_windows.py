"""Windows hold each sentence of a document once, with who is there and what came before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Block, Party
from ingest.tagger import MODEL, Tagger
from ingest.windows import BEFORE, HEAD, LENGTH, NOBODY, OWN, Window, windows
from tests.ingest.papers import telegram


@pytest.fixture(scope="module")
def tokenizer():
    return Tagger(MODEL).tokenizer


def told(window: Window, tokenizer) -> str:
    """The pieces of a window as words."""
    return str(tokenizer.decode(window.ids, skip_special_tokens=False))


def test_a_window_tells_who_is_there_and_then_the_sentences(tokenizer):
    document = telegram("Saw Nasser today. He refused Dulles.", signed="Hare")
    [window] = windows(document, tokenizer)
    assert told(window, tokenizer) == (
        "[CLS] from embassy in egypt ( hare ) to department of state on nasser on dulles [SEP] "
        "saw nasser today. he refused dulles. [SEP]"
    )
    pieces = [*map(tokenizer.id_to_token, window.ids)]
    assert [(one.label, pieces[place]) for one, place in window.candidates] == [
        ("United States", "[CLS]"),
        ("Embassy in Egypt (Hare)", "embassy"),
        ("Department of State", "department"),
        ("Nasser", "nasser"),
        ("Dulles", "dull"),
        ("", "[SEP]"),
        ("Nasser", "nasser"),
        ("Dulles", "dull"),
    ]  # fmt: skip
    assert [pieces[place] for place in window.sentences] == ["saw", "he"]


def test_those_present_are_told_with_it(tokenizer):
    document = telegram("They met.", sender=None, recipient=None, participants=(Party("Mr. Hare"),))
    [window] = windows(document, tokenizer)
    assert told(window, tokenizer) == "[CLS] with mr. hare [SEP] they met. [SEP]"


def test_only_what_reports_is_read(tokenizer):
    document = telegram("Nothing.")
    assert len([*windows(document, tokenizer)]) == 1
    blocks = tuple(Block("row", each.start, each.end) for each in document.blocks)
    assert [*windows(telegram("Nothing.", blocks=blocks), tokenizer)] == []


def test_what_came_before_is_read_again_but_not_tagged(tokenizer):
    document = telegram(
        " ".join(f"Sentence {number} is about the Aswan dam." for number in range(60))
    )
    parts = [*windows(document, tokenizer)]
    assert len(parts) > 2
    for window in parts[1:]:
        assert window.sentences[0] == window.first + BEFORE
    tagged = [
        word for window in parts for word in window.words[window.sentences[0] - window.first :]
    ]
    assert tagged == sorted(tagged)
    assert (
        " ".join(dict.fromkeys(document.text[a:b] for a, b in tagged[:6]))
        == "Sentence 0 is about the Aswan"
    )


@given(st.text(alphabet="aBé.\x00\x85\u2028\ud800’ 1\n中", max_size=300))
def test_windows_hold_each_piece_once_within_their_size(tokenizer, words):
    document = telegram(words + " " + words.upper() * 3)
    for window in windows(document, tokenizer):
        assert len(window.ids) <= LENGTH
        assert window.first <= HEAD + 1
        assert len(window.words) == len(window.ids) - window.first - 1
        assert all(0 <= a < b <= len(document.text) for a, b in window.words)
        assert {OWN, NOBODY} <= {one for one, _ in window.candidates}
        assert all(0 <= place < len(window.ids) for _, place in window.candidates)
