"""A SPARQL server of others that answers as it should, unless a comment in the query says how not.

`# answer: NAME` at the end of a query asks for one of the answers that a test wants.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store, serialize

from server.jobs import Job
from server.local import Found, ask

JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"


@dataclass(frozen=True)
class Answer:
    """What is sent; as long as it says, and no more, unless `length` says otherwise.

    `waits` says that nothing is sent after it until the client has left.
    """

    body: bytes = b""
    kind: str = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    has_length: bool = True
    waits: bool = False


@dataclass
class Other:
    """What a test says to the server, and what the server saw."""

    store: Store
    union: bool = True
    most_rows: int | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    wants: str = ""
    """The challenge of a server that wants a login."""
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    """Speaks for the server of the test."""

    protocol_version = "HTTP/1.1"
    other: ClassVar[Other]

    def do_POST(self) -> None:
        """Answer a query."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        login = self.headers["Authorization"] or ""
        self.other.asked.append((login, form))
        if self.other.wants and not login:
            self.send(Answer(b"<html>", "text/html", 401, {"WWW-Authenticate": self.other.wants}))
            return
        _, _, name = form["query"][0].rpartition("# answer: ")
        self.send(self.other.answers.get(name) or self.found(form["query"][0]))

    def found(self, query: str) -> Answer:
        """Give the answer to a query."""
        found: Found = ask(self.other.store, Job(query, union=self.other.union))
        if isinstance(found, QueryTriples):
            return Answer(serialize(found, format=RdfFormat.N_TRIPLES) or b"", NTRIPLES)
        content = found.serialize(format=QueryResultsFormat.JSON) or b"{}"
        return Answer(self.cut(json.loads(content)))

    def cut(self, content: dict[str, Any]) -> bytes:
        """Leave rows out, without a word."""
        if "results" in content:
            content["results"]["bindings"] = content["results"]["bindings"][: self.other.most_rows]
        return json.dumps(content).encode()

    def send(self, answer: Answer) -> None:
        """Send an answer."""
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
            self.send_header(name, value)
        if answer.has_length:
            length = len(answer.body) if answer.length is None else answer.length
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection = answer.length is not None or not answer.has_length
        if answer.waits:
            self.wfile.flush()
            assert self.connection.recv(1) == b""
            self.other.left.set()

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""


@contextmanager
def running_other(store: Store) -> Iterator[Other]:
    """Run the server over a store."""
    other = Other(store)
    handler = type("Handler", (Handler,), {"other": other})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        other.address = f"http://127.0.0.1:{server.server_port}/sparql"
        try:
            yield other
        finally:
            server.shutdown()
            thread.join()
