"""Facts in the form of the gold annotations, one object each, which `score.py` reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from ingest.model import Agent, Fact


def annotation(fact: Fact, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a fact as an annotator would write it, which has one actor and one addressee.

    `labels` gives the names of entities by id; of one that has none, the printed words are given.
    """
    actors, addressees = named(fact.actors, labels), named(fact.addressees, labels)
    day = fact.date.earliest if fact.date and fact.date.earliest == fact.date.latest else None
    return {
        "document": fact.document,
        "id": fact.id,
        "type": fact.kind.value,
        "quote": fact.quote.exact,
        "trigger": fact.trigger.exact if fact.trigger else None,
        "actor": ", ".join(actors) or None,
        "addressee": ", ".join(addressees) or None,
        "participants": named(fact.participants, labels),
        "content": fact.content,
        "date": day,
        "status": fact.status,
        "confidence": fact.confidence,
    }


def named(agents: Iterable[Agent], labels: Mapping[str, str]) -> list[str]:
    """Return what agents are called."""
    return [agent.label or labels.get(agent.entity or "") or agent.printed for agent in agents]
