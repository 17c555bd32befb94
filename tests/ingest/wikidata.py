"""Entities as Wikidata writes them, and a server that answers for them as Wikidata does."""

from __future__ import annotations

import gzip
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ontology.names import fold

Json = dict[str, Any]


def snak(value: Any, kind: str = "value") -> Json:
    """What a statement or qualifier says; the value is an item's number, or a time."""
    if kind != "value":
        return {"snaktype": kind, "property": "P1"}
    is_item = isinstance(value, str) and value.startswith("Q")
    held = {"entity-type": "item", "numeric-id": int(value[1:]), "id": value} if is_item else value
    return {"snaktype": "value", "property": "P1", "datavalue": {"value": held}}


def time(text: str, precision: int = 11) -> Json:
    """A time, by default exact to the day."""
    return {
        "time": text,
        "timezone": 0,
        "before": 0,
        "after": 0,
        "precision": precision,
        "calendarmodel": "http://www.wikidata.org/entity/Q1985727",
    }


def year(number: int) -> Json:
    """A time that is exact to the year."""
    return time(f"{'+' if number > 0 else '-'}{abs(number):04}-00-00T00:00:00Z", 9)


def statement(
    value: Any, rank: str = "normal", kind: str = "value", **qualifiers: Json | None
) -> Json:
    """A statement; qualifiers are times, or None for one that is unknown."""
    said = {
        name: [snak(each, "value" if each else "somevalue")] for name, each in qualifiers.items()
    }
    found: Json = {"mainsnak": snak(value, kind), "type": "statement", "rank": rank}
    return {**found, "qualifiers": said} if said else found


def texts(**languages: str) -> Json:
    """Labels or descriptions by language."""
    return {
        one.replace("_", "-"): {"language": one.replace("_", "-"), "value": text}
        for one, text in languages.items()
    }


def entity(id: str, label: str = "", **parts: Any) -> Json:
    """An item with an English label; what is empty is written as a list, as Wikidata does."""
    labels = texts(en=label) if label else {}
    whole: Json = {
        "type": "item",
        "id": id,
        "labels": labels or [],
        "descriptions": [],
        "aliases": [],
        "claims": [],
        "sitelinks": [],
    }
    return {**whole, **parts}


def human(id: str, label: str = "", claims: Json | None = None, **parts: Any) -> Json:
    """An item that is a human."""
    return entity(id, label, claims={"P31": [statement("Q5")], **(claims or {})}, **parts)


ROOSEVELT = human(
    "Q8007",
    "Franklin Delano Roosevelt",
    claims={
        "P569": [statement(time("+1882-01-30T00:00:00Z"))],
        "P570": [statement(time("+1945-04-12T00:00:00Z"))],
        "P39": [
            statement("Q11696", P580=time("+1933-03-04T00:00:00Z"), P582=year(1945)),
            statement("Q889821", P580=year(1929), P582=None),
            statement("Q404", rank="deprecated"),
        ],
        "P27": [statement("Q30")],
        "P106": [statement("Q82955"), statement("Q40348")],
    },
    labels=texts(en="Franklin Delano Roosevelt", fr="Franklin Roosevelt", ru="Франклин Рузвельт"),
    descriptions=texts(
        en="president of the United States from 1933 to 1945", de="Präsident der USA"
    ),
    aliases={
        "en": [{"language": "en", "value": "FDR"}, {"language": "en", "value": "F. D. Roosevelt"}],
        "lv": [{"language": "lv", "value": "Franklins Rūzvelts"}],
        "de": [{"language": "de", "value": "FDR"}],
    },
    sitelinks={"enwiki": {"site": "enwiki", "title": "Franklin D. Roosevelt"}, "dewiki": {}},
)
"""A human as full as they come."""

OTHERS = [
    entity("Q5", "human"),
    entity("Q11696", "President of the United States"),
    entity("Q889821", "Governor of New York"),
    entity("Q30", "United States", claims={"P31": [statement("Q6256")]}),
    entity("Q82955", labels=texts(mul="politician")),
    entity("Q40348", labels=texts(de="Rechtsanwalt", en="lawyer")),
]
"""The items that he names."""

LINE = {
    "qid": "Q8007",
    "label": "Franklin Delano Roosevelt",
    "aliases": ["FDR", "F. D. Roosevelt"],
    "spellings": ["Franklin Roosevelt", "Franklins Rūzvelts"],
    "description": "president of the United States from 1933 to 1945",
    "birth": 1882,
    "death": 1945,
    "positions": [
        ["President of the United States", "1933", "1945"],
        ["Governor of New York", "1929", None],
    ],
    "country": "United States",
    "occupations": ["politician", "lawyer"],
    "sitelinks": 2,
    "sources": ["Wikidata"],
}
"""What a file of items says of him."""


Answer = Callable[[BaseHTTPRequestHandler], None]


class Wiki(ThreadingHTTPServer):
    """A wiki with some items; `answers` come first, in their order, whatever is asked."""

    daemon_threads = True

    def __init__(self, entities: Iterable[Json] = (), redirects: Json | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.entities = {one["id"]: one for one in entities}
        self.redirects = redirects or {}
        self.answers: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        self.agents: set[str] = set()
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        for one in self.entities.values():
            for word in _name_words(one):
                self._named[word].add(one["id"])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def questions(self) -> list[str]:
        """What was asked, in short."""
        return [one.get("srsearch") or one["ids"] for one in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""

    def search(self, text: str, most: int) -> Json:
        """Find the items that have all words in their names, and the statements asked for."""
        words = [word for word in text.split() if not word.startswith("haswbstatement:")]
        sets = [self._named[word] for word in fold(" ".join(words)).split()]
        found = sorted(set.intersection(*sets) if sets else (), key=lambda id: int(id[1:]))
        if "haswbstatement:P31=Q5" in text.split():
            found = [id for id in found if '"id": "Q5"' in json.dumps(self.entities[id]["claims"])]
        pages = [{"ns": 0, "title": id, "pageid": int(id[1:])} for id in found[:most]]
        return {
            "batchcomplete": "",
            "query": {"searchinfo": {"totalhits": len(found)}, "search": pages},
        }

    def get(self, ids: list[str], parts: list[str], languages: list[str]) -> Json:
        """Return entities, those that lead elsewhere as that to which they lead."""
        if len(ids) > 50:
            return {"error": {"code": "toomanyvalues", "info": "Too many values supplied."}}
        return {"entities": {id: self._entity(id, parts, languages) for id in ids}, "success": 1}

    def _entity(self, id: str, parts: list[str], languages: list[str]) -> Json:
        target = self.redirects.get(id, id)
        if target not in self.entities:
            return {"id": id, "missing": ""}
        whole = self.entities[target]
        found = {part: whole[part] for part in ("type", "id", *parts)}
        if languages and found["labels"]:
            labels: Json = found["labels"]
            found["labels"] = {one: labels[one] for one in languages if one in labels}
        return {**found, "redirects": {"from": id, "to": target}} if target != id else found


def _name_words(entity: Json) -> Iterator[str]:
    names = [*(entity["labels"] or {}).values()]
    names += [one for some in (entity["aliases"] or {}).values() for one in some]
    for name in names:
        yield from fold(name["value"]).split()


class _Handler(BaseHTTPRequestHandler):
    server: Wiki

    def do_GET(self) -> None:
        wiki, address = self.server, urlsplit(self.path)
        asked = dict(parse_qsl(address.query, keep_blank_values=True))
        wiki.asked.append(asked)
        wiki.agents.add(self.headers["User-Agent"])
        if wiki.answers:
            wiki.answers.pop(0)(self)
        elif asked.get("list") == "search":
            said(wiki.search(asked["srsearch"], int(asked["srlimit"])))(self)
        else:
            ids, parts = asked["ids"].split("|"), asked["props"].split("|")
            languages = asked["languages"].split("|") if "languages" in asked else []
            said(wiki.get(ids, parts, languages))(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(wiki: Wiki) -> Iterator[Wiki]:
    """Let a wiki answer while the test runs."""
    thread = threading.Thread(target=wiki.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield wiki
    finally:
        wiki.shutdown()
        thread.join()
        wiki.server_close()


def said(answer: Any, status: int = 200, **headers: str) -> Answer:
    """Answer in JSON, packed as the client likes it."""
    return sent(json.dumps(answer).encode(), status, packed=True, **headers)


def sent(body: bytes, status: int = 200, *, packed: bool = False, **headers: str) -> Answer:
    """Answer with whatever these bytes are."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        content = gzip.compress(body, 1) if packed else body
        handler.send_response(status)
        if packed:
            handler.send_header("Content-Encoding", "gzip")
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return send
