"""Documents cut into the windows that the tagger reads: who is there, what came before, the words.

A window is a row of word pieces: [CLS], those who may act though they are not named here (the
sender, the recipient, those present, those whom the document names most), [SEP], the end of what
came before, sentences, [SEP]. Only the sentences are tagged. Two places stand for those without
a name: [CLS] for the own government, the first [SEP] for nobody.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tokenizers import Encoding, Tokenizer

from ingest.candidates import Candidate, Naming, head_parties, listed_party, named
from ingest.model import Document, Span
from ingest.sentences import sentences

READ = frozenset({"paragraph", "item"})
"""The kinds of blocks that report what was said and done. Annotated facts stand in no other."""

OWN = Candidate("United States", "we", entity="state/united-states")
"""The government whose papers these are."""
NOBODY = Candidate("", "")

PRESENT = 8  # at most so many of those present and of those named most are told
HEAD = 64  # word pieces
BEFORE = 40
LENGTH = 256
"""The longest window. The model was trained with these sizes."""


@dataclass(frozen=True, slots=True)
class Window:
    """Word pieces, and what they mean.

    `words[i]` is the word at `ids[first + i]`, a span of the document's text: several pieces may
    have one word. `candidates` are who may act, with the piece at which each is named.
    `sentences` are the first pieces of those that are tagged.
    """

    ids: list[int]
    first: int
    words: list[tuple[int, int]]
    candidates: list[tuple[Candidate, int]]
    sentences: list[int]


@dataclass(frozen=True, slots=True)
class _Sentence:
    ids: list[int]
    words: list[tuple[int, int]]


def known_in(document: Document) -> list[Candidate]:
    """Return all who are named in the text that is read, in order."""
    naming = Naming.of(document)
    return [
        one
        for block in document.blocks
        if block.kind in READ
        for one in named(naming, block.start, block.end)
    ]


def sentences_in(document: Document) -> list[Span]:
    """Return the sentences of the text that is read, in order."""
    return [
        span
        for block in document.blocks
        if block.kind in READ
        for span in sentences(document.text, block.start, block.end)
    ]


def windows(document: Document, tokenizer: Tokenizer) -> Iterator[Window]:
    """Yield the windows of a document, which together hold each of its sentences once."""
    pieces = _sentences(document, tokenizer)
    if not pieces:
        return
    known = known_in(document)
    head = _head(document, known, tokenizer)
    room = LENGTH - len(head.ids) - BEFORE - 1
    before: list[_Sentence] = []
    core: list[_Sentence] = []
    for sentence in pieces:
        if core and sum(len(one.ids) for one in core) + len(sentence.ids) > room:
            yield _window(head, known, before, core)
            before, core = core, []
        core.append(sentence)
    yield _window(head, known, before, core)


def _sentences(document: Document, tokenizer: Tokenizer) -> list[_Sentence]:
    """Return the sentences of a document; one that is too long is cut."""
    spans = sentences_in(document)
    texts = [_encodable(document.text[span.start : span.end]) for span in spans]
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    room = LENGTH - HEAD - BEFORE - 1
    return [
        _Sentence(encoding.ids[first : first + room], words[first : first + room])
        for span, encoding in zip(spans, encodings, strict=True)
        for words in [_words(span.start, encoding)]
        for first in range(0, len(words), room)
    ]


def _encodable(text: str) -> str:
    """Put a question mark for each half of a surrogate pair, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(start: int, encoding: Encoding) -> list[tuple[int, int]]:
    """Return the span of the whole word that each piece belongs to."""
    spans = []
    for word, piece in zip(encoding.word_ids, encoding.offsets, strict=True):
        first, last = (word is not None and encoding.word_to_chars(word)) or piece
        spans.append((start + first, start + last))
    return spans


@dataclass(frozen=True, slots=True)
class _Head:
    """The pieces before what came before, and the piece at which each is told."""

    ids: list[int]
    told: list[tuple[Candidate, int]]


def _head(document: Document, known: Sequence[Candidate], tokenizer: Tokenizer) -> _Head:
    """Tell who may act though a window does not name them, the first in full, as room allows."""
    ids, told = [_piece(tokenizer, "[CLS]")], [(OWN, 0)]
    for role, one in _absent(document, known):
        more = tokenizer.encode(f"{role} {one.label}", add_special_tokens=False).ids
        if len(ids) + len(more) >= HEAD:
            break
        told.append((one, len(ids) + 1))
        ids += more
    return _Head([*ids, _piece(tokenizer, "[SEP]")], [*told, (NOBODY, len(ids))])


def _piece(tokenizer: Tokenizer, name: str) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        raise ValueError(f"the vocabulary of the model lacks {name}")
    return number


def _absent(document: Document, known: Sequence[Candidate]) -> Iterator[tuple[str, Candidate]]:
    """Yield sender, recipient, those present and those named most, each with its role."""
    sender, recipient = head_parties(document)
    present = [*map(listed_party, document.participants[:PRESENT])]
    parties = [("from", sender), ("to", recipient), *(("with", one) for one in present)]
    yield from ((role, one) for role, one in parties if one)
    told = {one.label for one in (sender, recipient, OWN, *present) if one}
    count = Counter(one.label for one in known)
    most = [label for label, _ in count.most_common(PRESENT + len(told)) if label not in told]
    first = {one.label: one for one in reversed(known)}
    yield from (("on", first[label]) for label in most[:PRESENT])


def _window(
    head: _Head, known: Sequence[Candidate], before: list[_Sentence], core: list[_Sentence]
) -> Window:
    ids = [one for sentence in before for one in sentence.ids][-BEFORE:]
    words = [one for sentence in before for one in sentence.words][-BEFORE:]
    starts = []
    for sentence in core:
        starts.append(len(head.ids) + len(ids))
        ids += sentence.ids
        words += sentence.words
    here = [*_here(known, words, len(head.ids))]
    return Window(
        [*head.ids, *ids, head.ids[-1]], len(head.ids), words, [*head.told, *here], starts
    )


def _here(
    known: Sequence[Candidate], words: list[tuple[int, int]], first: int
) -> Iterator[tuple[Candidate, int]]:
    """Yield those who are named in the words of a window, with the piece of each."""
    places: dict[int, int] = {}
    for place, (start, _) in enumerate(words, start=first):
        places.setdefault(start, place)
    low = bisect_left(known, words[0][0], key=lambda one: one.start)
    high = bisect_left(known, words[-1][1], key=lambda one: one.start)
    yield from ((one, places[one.start]) for one in known[low:high] if one.start in places)
