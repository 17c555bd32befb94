"""What the words of our plain JSON mean, as a JSON-LD context: /api/answers.jsonld.

An answer read with it states what the store states, and nothing else. What RDF says in another
shape (dates, quotes, numbers with a fraction, groups of relations) is left out: who needs it
asks for JSON-LD, which has all of it. The context of that is the ontology's.
"""

from typing import Any

from fastapi import Request

from server.formats import PREFIXES
from server.public import root_of

RELATION = 'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'

_ENGLISH = {
    "content": "cg:content",
    "label": "rdfs:label",
    "title": "rdfs:label",
}
_TEXT = {
    "classification": "cg:classification",
    "condition": "cg:condition",
    "first_page": "cg:pageStart",
    "last_page": "cg:pageEnd",
    "precedence": "cg:precedence",
    "published": "dcterms:issued",
    "quantity": "cg:quantity",
    "recipient": "cg:recipientAsPrinted",
    "sender": "cg:senderAsPrinted",
    "source": "cg:archivalSource",
    "telegram_number": "cg:telegramNumber",
    "trigger": "cg:trigger",
}
_THINGS = {
    "about": "cg:about",
    "acting_states": "cg:actingState",
    "actors": "cg:actor",
    "addressees": "cg:addressee",
    "document": "cg:statedIn",
    "entities": "cg:mentions",
    "location": "cg:location",
    "member_of": "cg:memberOf",
    "part_of": "cg:partOf",
    "participants": "cg:participant",
    "presented_by": "cg:presentedBy",
    "public_page": "foaf:isPrimaryTopicOf",
    "recipients": "cg:recipient",
    "reported_by": "cg:reportedBy",
    "represents": "cg:represents",
    "senders": "cg:sender",
    "signers": "cg:signedBy",
    "volume": "cg:partOf",
}
_CONCEPTS = """
    Meeting Request Offer Commitment Refusal
    Ask Urge Demand Propose Instruct Recommend Promise Agree Assure Decide Intend
    Made Instructed Hypothetical Held Planned Proposed Cancelled
"""
_FORMS = """
    Telegram Airgram Letter Memorandum MemorandumOfConversation Note Minutes Report EditorialNote
    Document
"""
_LEFT_OUT = (
    "blocks notes mentions references offices holders born died dated_names existed_from "
    "existed_until relations link links possible_links document_date divisions steps cites "
    "cited_by first by cited printed editors step before relation citation towards rules "
    "accounts omits because coverage dealing day"
)

ANSWERS: dict[str, Any] = {
    "@context": {
        "@version": 1.1,
        **{name: PREFIXES[name] for name in ("cg", "dcterms", "edtf", "foaf", "rdfs", "xsd")},
        "iri": "@id",
        "items": "@graph",
        "kind": "@type",
        "form": "@type",
        **{word: {"@id": term, "@language": "en"} for word, term in _ENGLISH.items()},
        **_TEXT,
        **{word: {"@id": term, "@type": "@id"} for word, term in _THINGS.items()},
        "force": {"@id": "cg:force", "@type": "@vocab"},
        "status": {"@id": "cg:status", "@type": "@vocab"},
        "deadline": {"@id": "cg:deadline", "@type": "xsd:date"},
        "received": {"@id": "cg:dateReceived", "@type": "edtf:EDTF"},
        "words": {"@id": "cg:wordCount", "@type": "xsd:integer"},
        **{name.lower(): f"cg:{name}" for name in _CONCEPTS.split()},
        **{name: f"cg:{name}" for name in _FORMS.split()},
        **dict.fromkeys(_LEFT_OUT.split()),
    }
}


def context_link(request: Request) -> str:
    """Return the Link header by which a plain JSON answer names this context.

    See JSON-LD 1.1, section 6.1.
    """
    return f"<{root_of(request)}/api/answers.jsonld>; {RELATION}"
