"""Facts that respond to earlier ones: what a curator says of it, and what a program finds."""

from collections.abc import Iterator

from ingest.model import Fact, Kind, Manner, Response

CURATED = "as a person read it"
"""The reason of a response that a curator wrote down."""

_MANNERS = {Kind.COMMITMENT: Manner.ACCEPT, Kind.REFUSAL: Manner.REFUSE}


def stated(fact: Fact) -> Iterator[Response]:
    """Yield what a fact responds to, as its curator says: commitments accept, refusals refuse."""
    answer = _MANNERS.get(fact.kind, Manner.ANSWER)
    for manner, others in ((answer, fact.responds_to), (Manner.FULFIL, fact.fulfils)):
        yield from (Response(fact.id, other, manner, fact.origin, CURATED) for other in others)
