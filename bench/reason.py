"""Time the reasoner, and owlrl and reasonable where they are installed, on made-up documents.

A document has the shape of a real one: itself, and facts with their evidence, about agents of an
authority file. Run it as `python -m bench.reason`, or with a number of documents.

The reasoner takes them one by one, as a build does. owlrl and reasonable (a Datalog engine in
Rust) take all triples at once, with the axioms; owlrl only a few, for its time grows faster than
the data. Only the reasoner looks for faults, and follows the rules beyond OWL 2 RL.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

from rdflib import Graph

import ontology
from ingest.reason import compile_rules
from ingest.rules import TYPE
from ingest.terms import Triple, edtf, english, iri, term, text, thing, typed

PEOPLE, STATES, FACTS = 20_000, 200, 8
OWLRL_DOCUMENTS = 10

T = TypeVar("T")


def authority() -> Iterator[Triple]:
    """Yield people, each of whom represents a state."""
    for number in range(STATES):
        yield thing(f"state/{number}"), TYPE, term("State")
    for number in range(PEOPLE):
        person = thing(f"person/{number}")
        yield person, TYPE, term("Person")
        yield person, term("represents"), thing(f"state/{number % STATES}")


def volume() -> Iterator[Triple]:
    """Yield one volume with ten chapters."""
    yield thing("volume/v"), TYPE, term("Volume")
    for number in range(10):
        yield thing(f"division/v/{number}"), TYPE, term("Division")
        yield thing(f"division/v/{number}"), term("partOf"), thing("volume/v")


def document(number: int) -> list[Triple]:
    """Return a telegram that reports some facts."""
    choose = Random(number)
    this = thing(f"document/v/d{number}")
    triples = [
        (this, TYPE, term("Telegram")),
        (this, term("partOf"), thing(f"division/v/{number % 10}")),
        (this, term("sender"), _person(choose)),
        (this, term("recipient"), _person(choose)),
        (this, term("dateSent"), edtf("1944-10-17")),
        (this, term("telegramNumber"), text(str(number))),
        *((this, term("mentions"), _person(choose)) for _ in range(6)),
    ]
    for place in range(FACTS):
        path = f"fact/v/d{number}/{place:08x}"
        triples += [*_what(path, choose), *_statement(path, this), *_evidence(path, this)]
    return triples


def _person(choose: Random) -> str:
    return thing(f"person/{choose.randrange(PEOPLE)}")


def _what(path: str, choose: Random) -> Iterator[Triple]:
    fact = thing(path)
    if path.endswith("0"):
        yield fact, TYPE, term("Meeting")
        yield fact, term("status"), term("Held")
        yield from ((fact, term("participant"), _person(choose)) for _ in range(4))
    else:
        yield fact, TYPE, term(choose.choice(("Request", "Offer", "Commitment", "Refusal")))
        yield fact, term("status"), term("Made")
        yield fact, term("actor"), _person(choose)
        yield fact, term("addressee"), thing(f"state/{choose.randrange(STATES)}")


def _statement(path: str, document: str) -> Iterator[Triple]:
    fact = thing(path)
    yield fact, term("content"), english(f"what {path} is about")
    yield fact, term("date"), edtf("1944-10-17")
    yield fact, term("earliest"), typed("1944-10-17", "date")
    yield fact, term("latest"), typed("1944-10-17", "date")
    yield fact, term("statedIn"), document
    yield fact, term("voice"), term("SenderVoice")
    yield fact, term("confidence"), typed("1.0", "decimal")


def _evidence(path: str, document: str) -> Iterator[Triple]:
    oa = "http://www.w3.org/ns/oa#"
    evidence, quote, position = (thing(f"{path}#{name}") for name in ("evidence", "quote", "at"))
    yield thing(path), term("evidence"), evidence
    yield evidence, TYPE, iri(f"{oa}SpecificResource")
    yield evidence, iri(f"{oa}hasSource"), document
    yield evidence, iri(f"{oa}hasSelector"), quote
    yield evidence, iri(f"{oa}hasSelector"), position
    yield quote, TYPE, iri(f"{oa}TextQuoteSelector")
    yield quote, iri(f"{oa}exact"), text(f"the words of {path}")
    yield position, TYPE, iri(f"{oa}TextPositionSelector")
    yield position, iri(f"{oa}start"), typed("12", "nonNegativeInteger")
    yield position, iri(f"{oa}end"), typed("34", "nonNegativeInteger")


def timed(what: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of processor time that a call takes, and what it gives."""
    start = time.process_time()
    found = what()
    return time.process_time() - start, found


def report(name: str, seconds: float, documents: int, triples: int) -> None:
    """Print one line."""
    each, rate = 1000 * seconds / documents, triples / seconds
    print(f"{name:<32} {seconds:8.2f} s {each:9.3f} ms a document {rate:12,.0f} triples/s")


def ours(documents: list[list[Triple]]) -> None:
    """Time what a build does for each document."""
    seconds, closed = timed(ontology.closed)
    print(f"ontology closed by owlrl in {seconds:.2f} s", end=", ")
    seconds, reasoner = timed(lambda: compile_rules(closed, ontology.rules()))
    print(f"rules compiled in {seconds:.2f} s", end=", ")
    people = list(authority())
    seconds, reasoner = timed(lambda: reasoner.knowing(people).knowing(volume()))
    print(f"authority of {len(people):,} triples known in {seconds:.2f} s")
    size = sum(map(len, documents))
    seconds, found = timed(lambda: sum(len(reasoner.infer(one)) for one in documents))
    report(f"reasoner, {found:,} inferred", seconds, len(documents), size)
    whole = [triple for one in documents for triple in one]
    seconds, all_at_once = timed(lambda: reasoner.infer(whole))
    report(f"reasoner, all at once, {len(all_at_once):,}", seconds, len(documents), size)


def owlrl(documents: list[list[Triple]]) -> None:
    """Time owlrl on a few documents, without literals, which it compares each with each."""
    owlrl = import_module("owlrl")
    few = documents[:OWLRL_DOCUMENTS]
    graph = parsed([t for one in few for t in one if t[2][0] != '"']) + ontology.closed()
    closure = owlrl.DeductiveClosure(owlrl.OWLRL_Semantics)
    seconds, _ = timed(lambda: closure.expand(graph))
    report(f"owlrl, {len(few)} documents", seconds, len(few), sum(map(len, few)))


def reasonable(documents: list[list[Triple]]) -> None:
    """Time reasonable on all documents and the authority; to read them is not counted."""
    reasonable = import_module("reasonable")
    reasoner = reasonable.PyReasoner()
    axioms = ontology.ontology().serialize(format="nt")
    data = lines([*authority(), *volume(), *(t for one in documents for t in one)])
    with TemporaryDirectory() as folder:
        file = Path(folder, "all.ttl")
        file.write_text(axioms + data, encoding="utf-8")
        reasoner.load_file(str(file))
    seconds, found = timed(reasoner.reason)
    report(f"reasonable, {len(found):,} in all", seconds, len(documents), sum(map(len, documents)))


def lines(triples: list[Triple]) -> str:
    """Return triples as N-Triples."""
    return "".join(f"{' '.join(triple)} .\n" for triple in triples)


def parsed(triples: list[Triple]) -> Graph:
    """Return triples as a graph of rdflib."""
    return Graph().parse(data=lines(triples), format="nt")


def main() -> None:
    """Time whatever is installed."""
    documents = [document(number) for number in range(int((sys.argv[1:] or ["1500"])[0]))]
    print(f"{len(documents):,} documents, {sum(map(len, documents)):,} triples")
    for compared in (ours, owlrl, reasonable):
        try:
            compared(documents)
        except ImportError as missing:
            print(f"{compared.__name__}: {missing}")


if __name__ == "__main__":
    main()
