"""What nobody sends in good faith: queries and requests that would harm a weaker server.

Each attack is the bytes of a request, so that it can break every rule, also those of HTTP. The
test sends a part of them to a server with a short deadline; `bench.attack` sends all of them,
many times over. `CANARY` in a query is the port where somebody listens for a call that must
not come.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import quote, quote_from_bytes

Query = tuple[str, str]
"""A name and a text."""

CANARY = 9
"""The port that stands in the queries; `attacks` puts that of the canary in its place."""

HEAD = "GET {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAccept-Encoding: identity\r\n{}\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    """A request: `is_slow` if it may take all the time there is, `is_broken` if it is no HTTP."""

    name: str
    request: bytes
    is_slow: bool = False
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back, and after how many seconds. The status is 0 if nothing did."""

    status: int
    media_type: str
    is_whole: bool
    seconds: float

    def is_proper(self, attack: Attack) -> bool:
        """Say whether it is an answer, a problem, or a cut that cannot be taken for an answer."""
        if self.status == 0:
            return attack.is_broken
        if self.status >= 400:
            return self.is_whole and self.media_type == "application/problem+json"
        return self.status >= 200


def send(address: tuple[str, int], attack: Attack, patience: float) -> Outcome:
    """Send an attack and read what comes; `TimeoutError` if nothing does for so many seconds."""
    start = time.monotonic()
    status, media_type, is_whole = 0, "", False
    with socket.create_connection(address, patience) as connection, suppress(ConnectionError):
        connection.sendall(attack.request)
        with suppress(HTTPException), closing(HTTPResponse(connection)) as answer:
            answer.begin()
            status, media_type = answer.status, answer.headers.get_content_type()
            while answer.read(65_536):
                pass
            is_whole = not answer.length
    return Outcome(status, media_type, is_whole, time.monotonic() - start)


def attacks(canary: int) -> list[Attack]:
    """Give all attacks; where one names a place to call, it is this port."""
    return [
        *(Attack(name, by_get(text, canary)) for name, text in [*nested(), *large()]),
        *(Attack(name, by_get(text, canary)) for name, text in [*regular(), *calls(), *torn()]),
        *(Attack(name, by_get(text, canary), is_slow=True) for name, text in endless()),
        *(Attack(name, by_post(text, canary)) for name, text in [*updates(), *very_large()]),
        *named_graphs(canary),
        *odd_bytes(),
        *odd_requests(),
        *(Attack(name, request, is_broken=True) for name, request in no_http()),
    ]


def by_get(query: str, canary: int = CANARY) -> bytes:
    """Make a request of a query."""
    query = query.replace(f":{CANARY}/", f":{canary}/")
    return HEAD.format(f"/sparql?query={quote(query)}", "").encode()


def by_post(query: str, canary: int = CANARY, kind: str = "query") -> bytes:
    """Make a request with a query, or an update, as its body."""
    body = query.replace(f":{CANARY}/", f":{canary}/").encode()
    return posted(body, f"application/sparql-{kind}")


def posted(body: bytes, media_type: str) -> bytes:
    """Make a request with this body."""
    head = HEAD.format("/sparql", f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n")
    return head.replace("GET", "POST", 1).encode() + body


# Queries that end at once: refused, or not as bad as they look

NESTS = {
    "parentheses": ("ASK { FILTER(", "(", "1", ")", ") }"),
    "negations": ("ASK { FILTER(", "!(", "1", ")", ") }"),
    "minus signs": ("ASK { FILTER(", "-(", "1", ")", ") }"),
    "functions": ("ASK { FILTER(", "STR(", "1", ")", ") }"),
    "conditions": ("ASK { FILTER(", "IF(1,", "1", ",2)", ") }"),
    "groups": ("ASK ", "{ ", "?s ?p ?o", " }", ""),
    "optional groups": ("ASK {", "OPTIONAL { ?s ?p ?o ", "", " }", "}"),
    "MINUS": ("ASK {", "?s ?p ?o MINUS { ", "", " }", "}"),
    "EXISTS": ("ASK {", "FILTER EXISTS { ?s ?p ?o ", "", " }", "}"),
    "NOT EXISTS": ("ASK {", "FILTER NOT EXISTS { ?s ?p ?o ", "", " }", "}"),
    "GRAPH": ("ASK {", "GRAPH ?g { ", "?s ?p ?o", " }", "}"),
    "sub-SELECT": ("ASK {", "{ SELECT * { ", "?s ?p ?o", " } }", "}"),
    "blank nodes": ("ASK { ?s ?p ", "[ ?p ", "1", " ]", " }"),
    "collections": ("ASK { ?s ?p ", "( ", "1", " )", " }"),
    "paths": ("ASK { ?s ", "(", "<p>", ")*", " ?o }"),
    "inverse paths": ("ASK { ?s ", "^(", "<p>", ")", " ?o }"),
    "unions": ("ASK {", "{ ", "?s ?p ?o", " } UNION { ?o ?p ?s }", "}"),
}


def nested() -> Iterator[Query]:
    """Nest every kind of bracket: as deep as is allowed, deeper, and as crashes other servers."""
    for (kind, (start, left, core, right, end)), depth in itertools.product(
        NESTS.items(), (20, 70, 5000)
    ):
        yield f"{kind}, {depth} deep", fit(start + left * depth + core + right * depth + end)
    for bracket in "([{":
        yield f"never closed {bracket}", "ASK " + bracket * 5000
    for bracket in ")]}":
        yield f"never opened {bracket}", "ASK " + bracket * 5000


def fit(query: str) -> str:
    """Cut a query to what the head of a request can hold."""
    return query[:30_000]


def large() -> Iterator[Query]:
    """Make queries of many parts."""
    for number in (99, 5000):
        numbers = range(number)
        yield f"IN with {number}", fit(f"ASK {{ ?s ?p ?o FILTER(?o IN ({commas(number)})) }}")
        yield f"NOT IN with {number}", fit(f"ASK {{ FILTER(1 NOT IN ({commas(number)})) }}")
        yield f"{number} numbers added", fit(f"ASK {{ FILTER({'+'.join(map(str, numbers))}) }}")
        yield f"{number} alternatives", fit(f"ASK {{ FILTER({'||'.join(map(str, numbers))}) }}")
        yield f"{number} equations", fit(f"ASK {{ FILTER({'&&'.join(['1=1'] * number)}) }}")
        yield f"a path of {number} steps", fit(f"ASK {{ ?s {'/'.join(['<p>'] * number)} ?o }}")
        yield f"{number} paths", fit(f"ASK {{ ?s {'|'.join(['<p>'] * number)} ?o }}")
        yield f"{number} prefixes", fit("".join(f"PREFIX p{n}: <x{n}> " for n in numbers) + "ASK{}")
        yield f"{number} BIND", fit("ASK {" + "".join(f"BIND({n} AS ?v{n})" for n in numbers) + "}")
        yield f"{number} variables", fit("SELECT " + " ".join(f"?v{n}" for n in numbers) + " {}")
        yield f"{number} FROM", fit("ASK " + "".join(f"FROM <g{n}> " for n in numbers) + "{}")


def very_large() -> Iterator[Query]:
    """Make queries that are large enough to be sent as a body."""
    numbers = " ".join(map(str, range(10_000)))
    yield "10,000 VALUES", f"SELECT * {{ VALUES ?x {{ {numbers} }} }}"
    yield "10,000 VALUES twice", f"ASK {{ VALUES ?x {{ {numbers} }} VALUES ?y {{ {numbers} }} }}"
    yield "10,000 IN", f"ASK {{ FILTER(1 IN ({commas(10_000)})) }}"
    yield "a comment of a megabyte", "ASK {} #" + "x" * 2**20
    yield "a long comment", "ASK {} #" + "x" * 65_000
    yield "a long string", f'ASK {{ ?s ?p "{"x" * 65_000}" }}'
    yield "a long name", f"ASK {{ ?s ?p <{'x' * 65_000}> }}"
    yield "a long variable", f"ASK {{ ?s ?p ?{'x' * 65_000} }}"
    yield "a long number", f"ASK {{ ?s ?p {'9' * 65_000} }}"
    yield "long white space", "ASK" + " \t\r\n" * 16_000 + "{}"


def commas(number: int) -> str:
    """List so many numbers."""
    return ",".join(map(str, range(number)))


def regular() -> Iterator[Query]:
    """Give regular expressions that take for ever, or much memory, in other engines."""
    text = "a" * 5000 + "!"
    patterns = (
        "(a+)+$",
        "(a|aa)+$",
        "(a*)*b",
        "(.*a){25}",
        "(a?){50}a{50}",
        "a{1000000}",
        "((a{100}){100}){100}",
        "(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9})",
        "(" * 500 + "a" + ")" * 500,
        "[" * 500,
        "(?:a(?=b))",
        "\\\\p{L}{5000}",
        "x*" * 3000,
    )
    for pattern in patterns:
        yield (
            f"regular expression {pattern[:30]}",
            f'ASK {{ FILTER(REGEX("{text}", "{pattern}")) }}',
        )
        yield (
            f"replacement of {pattern[:30]}",
            f'SELECT (REPLACE("{text}", "{pattern}", "$1$1$1") AS ?x) {{}}',
        )


def torn() -> Iterator[Query]:
    """Give texts that are no queries."""
    for name, text in {
        "nothing": "",
        "a space": " ",
        "a null": "\0",
        "a byte order mark": "\ufeffASK {}",
        "an open string": "ASK { ?s ?p '",
        "an open long string": 'ASK { ?s ?p """',
        "an open name": "ASK { <http://",
        "escapes without end": "ASK { ?s ?p '" + "\\" * 9999,
        "a name of half a character": "ASK { ?s ?p <\\uD800> }",
        "a string of half a character": "ASK { ?s ?p '\\uD800' }",
        "a character beyond all": "ASK { ?s ?p '\\UFFFFFFFF' }",
        "marks that turn the text": "ASK { ?s ?p '\u202e\u2066' } # \u2028",
        "a name with a null": "ASK { ?s ?p <\0> }",
        "a number without end": f"ASK {{ FILTER(1e{'9' * 400} > 0) }}",
        "LIMIT below nothing": "SELECT * { ?s ?p ?o } LIMIT -1",
        "LIMIT beyond all": f"SELECT * {{ ?s ?p ?o }} LIMIT {'9' * 40}",
        "OFFSET beyond all": f"SELECT * {{ ?s ?p ?o }} OFFSET {2**64 - 1}",
        "division by nothing": "SELECT (1/0 AS ?x) {}",
        "a function of ours": "SELECT (<urn:system>('id') AS ?x) {}",
        "markup": "<script>alert(1)</script>",
        "another language": "1'; DROP TABLE fact; --",
    }.items():
        yield f"no query: {name}", text


# Queries that do not end

SUM = "SELECT (COUNT(*) AS ?n) "


def product(patterns: int) -> str:
    """Combine so many triples in every way."""
    return "{ " + " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(patterns)) + " }"


def endless() -> Iterator[Query]:
    """Give queries that take more time, memory or room than there is."""
    for patterns in (4, 8, 60):
        all_ = product(patterns)
        yield f"a count over {patterns} patterns", SUM + all_
        yield f"all rows of {patterns} patterns", "SELECT * " + all_
        yield f"{patterns} patterns in order", f"SELECT * {all_} ORDER BY ?o0 ?o1 LIMIT 1"
        yield f"{patterns} patterns, each once", f"SELECT DISTINCT ?s0 ?s1 ?s2 {all_}"
        yield f"{patterns} patterns in groups", f"SELECT ?s0 ?s1 {SUM[7:]} {all_} GROUP BY ?s0 ?s1"
        yield f"triples of {patterns} patterns", f"CONSTRUCT {{ ?s0 ?p1 ?o2 }} {all_}"
        yield f"names of {patterns} patterns", f"DESCRIBE ?s0 ?s1 ?s2 {all_}"
        yield f"one text of {patterns} patterns", f"SELECT (GROUP_CONCAT(?o0) AS ?x) {all_}"
        yield f"none of {patterns} patterns", f"ASK {all_[:-1]} FILTER(?o0 = 1 && ?o1 = 2) }}"
        yield f"the last of {patterns} patterns", f"SELECT * {all_} OFFSET 99999999999"
    values = " ".join(map(str, range(300)))
    tables = "".join(f"VALUES ?v{n} {{ {values} }} " for n in range(6))
    yield "tables combined", f"{SUM} {{ {tables} }}"
    yield "tables combined in order", f"SELECT * {{ {tables} }} ORDER BY ?v5 ?v0 LIMIT 1"
    yield "tables left out", f"{SUM} {{ {tables} MINUS {{ VALUES ?v0 {{ 301 }} }} }}"
    step = "!<x>"
    for path in (
        f"({step}|^{step})*",
        f"({step}|^{step})+",
        f"(({step}*)*)*",
        f"^({step})*/{step}*",
    ):
        yield f"path {path}", f"{SUM} {{ ?a {path} ?b . ?b {path} ?c . ?c {path} ?d }}"
    double = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(60))
    yield (
        "a text that doubles",
        f'SELECT (STRLEN(?x60) AS ?n) {{ BIND("xxxxxxxx" AS ?x0) {double} }}',
    )
    swell = " ".join(f'BIND(REPLACE(?x{n}, "x", "xxxxxxxx") AS ?x{n + 1})' for n in range(30))
    yield "a text that swells", f'SELECT (STRLEN(?x30) AS ?n) {{ BIND("x" AS ?x0) {swell} }}'
    for kind in ("OPTIONAL", "MINUS", "FILTER NOT EXISTS"):
        parts = "".join(f"{kind} {product(3)} " for _ in range(5))
        yield f"{kind} of products", f"{SUM} {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i {parts} }}"
    unions = " UNION ".join([product(4)] * 8)
    yield "a union of products", f"SELECT DISTINCT * {{ {unions} }} ORDER BY ?s0"
    yield "random order", f"SELECT * {product(4)} ORDER BY RAND()"
    yield (
        "a plan of many patterns",
        "ASK {" + " . ".join(f"?a{n} ?p ?a{n + 1}" for n in range(250)) + "}",
    )
    yield "a plan of nested nodes", "ASK { ?s ?p " + "[ ?p " * 62 + "1" + " ]" * 62 + " }"


# Calls of other servers

TARGETS = [
    f"http://127.0.0.1:{CANARY}/",
    f"http://localhost:{CANARY}/",
    f"http://LOCALHOST.:{CANARY}/",
    f"http://127.1:{CANARY}/",
    f"http://127.000.000.001:{CANARY}/",
    f"http://2130706433:{CANARY}/",
    f"http://0x7f000001:{CANARY}/",
    f"http://0x7f.0.0.1:{CANARY}/",
    f"http://0177.0.0.1:{CANARY}/",
    f"http://017700000001:{CANARY}/",
    f"http://0:{CANARY}/",
    f"http://0.0.0.0:{CANARY}/",
    f"http://[::1]:{CANARY}/",
    f"http://[::]:{CANARY}/",
    f"http://[0:0:0:0:0:ffff:127.0.0.1]:{CANARY}/",
    f"http://[::ffff:7f00:1]:{CANARY}/",
    f"http://history.state.gov@127.0.0.1:{CANARY}/",
    f"http://user:secret@127.0.0.1:{CANARY}/",
    f"http://127.0.0.1:{CANARY}/?to=http://169.254.169.254/",
    f"http://127.0.0.1:{CANARY}/%2e%2e/%00",
    f"http://%31%32%37.0.0.1:{CANARY}/",
    f"http://\\u0031\\u0032\\u0037.0.0.1:{CANARY}/",
    f"http://①②⑦.0.0.1:{CANARY}/",
    f"HTTP://127.0.0.1:{CANARY}/",
    f"https://127.0.0.1:{CANARY}/",
    f"ftp://127.0.0.1:{CANARY}/",
    f"gopher://127.0.0.1:{CANARY}/",
    "http://10.0.0.1/",
    "http://192.168.0.1/",
    "http://172.16.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "data:text/turtle,<a><b><c>",
    "unix:/var/run/docker.sock",
]

FORMS = {
    "SERVICE": "SELECT * {{ SERVICE <{}> {{ ?s ?p ?o }} }}",
    "SERVICE SILENT": "SELECT * {{ sErViCe sIlEnT <{}> {{ ?s ?p ?o }} }}",
}

HIDDEN = {
    "by a variable": "SELECT * {{ BIND(<{0}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
    "by VALUES": "SELECT * {{ VALUES ?x {{ <{0}> }} SERVICE ?x {{ ?s ?p ?o }} }}",
    "by a prefix": "PREFIX x: <{0}> SELECT * {{ SERVICE x: {{ ?s ?p ?o }} }}",
    "by the base": "BASE <{0}> SELECT * {{ SERVICE <x> {{ ?s ?p ?o }} }}",
    "without spaces": "SELECT*{{SERVICE<{0}>{{?s?p?o}}}}",
    "behind a comment": "SELECT * {{ SERVICE # {{}}\n <{0}> #\n {{ ?s ?p ?o }} }}",
    "behind a name": "SELECT * {{ ?s ?p trueSERVICE <{0}> {{ ?s ?p ?o }} }}",
    "behind a string": "SELECT * {{ ?s ?p '#'SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "in EXISTS": "ASK {{ FILTER EXISTS {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "in a sub-SELECT": "SELECT * {{ {{ SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }} }}",
    "in CONSTRUCT": "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "in DESCRIBE": "DESCRIBE ?s {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "in escapes": "SELECT * {{ \\u0053ERVICE <{0}> {{ ?s ?p ?o }} }}",
    "twice": "SELECT * {{ SERVICE <{0}> {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "after a less-than": 'SELECT * {{ FILTER(?a<?b#>"""\n) SERVICE <{0}> {{}} #"""\n}}',
    "by FROM": "SELECT * FROM <{0}> {{ ?s ?p ?o }}",
    "by FROM NAMED": "SELECT * FROM NAMED <{0}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "by GRAPH": "SELECT * {{ GRAPH <{0}> {{ ?s ?p ?o }} }}",
    "by DESCRIBE": "DESCRIBE <{0}>",
}


def calls() -> Iterator[Query]:
    """Give queries that would have another server called."""
    for (name, form), target in itertools.product(FORMS.items(), TARGETS):
        yield f"{name} {target}", form.format(target)
    for name, form in HIDDEN.items():
        yield f"a call {name}", form.format(TARGETS[0])


def updates() -> Iterator[Query]:
    """Give updates, sent as if they were queries."""
    for target in TARGETS:
        yield f"LOAD {target}", f"LOAD <{target}>"
    yield "LOAD SILENT", f"LOAD SILENT <{TARGETS[0]}> INTO GRAPH <g>"
    for update in (
        "DROP ALL",
        "CLEAR ALL",
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <a> <b> 1 }",
    ):
        yield update, update
    yield "an update with a call", f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{TARGETS[0]}> {{}} }}"


LOADS = {
    "LOAD": "LOAD <{0}>",
    "LOAD INTO": "LOAD <{0}> INTO GRAPH <g>",
    "LOAD behind an update": "INSERT DATA {{ <a> <b> 1 }} ; lOaD<{0}>",
    "LOAD of a name": "PREFIX x: <{0}> LOADx: INTO GRAPHx:g",
    "LOAD by the base": "BASE <{0}> LOAD <x>",
    "LOAD in a comment and behind it": "# LOAD SILENT\n LOAD # SILENT\n<{0}>",
    "LOAD SILENT": "LOAD SILENT <{0}>",
    "LOADSILENT": "LOADSILENT<{0}>INTOGRAPH<g>",
    "LOAD SILENT twice": "LOAD SILENT <{0}> ; LOAD SILENT <{0}> INTO GRAPH <g>",
}


def changes() -> Iterator[Query]:
    """Give updates that would have another server called, for those who may change the graph."""
    for target in TARGETS:
        yield f"LOAD {target}", LOADS["LOAD"].format(target)
    for name, form in LOADS.items():
        yield f"a {name}", form.format(TARGETS[0])
    for name, form in HIDDEN.items():
        pattern = form.partition("{{")[2].rpartition("}}")[0]
        if "SERVICE" in form and form.startswith(("SELECT", "ASK")):
            update = f"INSERT {{{{ ?s ?p ?o }}}} WHERE {{{{ {pattern} }}}}"
            yield f"a call {name}", update.format(TARGETS[0])


# Requests

ASK = "/sparql?query=ASK%7B%7D"


def named_graphs(canary: int) -> Iterator[Attack]:
    """Name places to call where a graph is named."""
    for target in (each.replace(f":{CANARY}/", f":{canary}/") for each in TARGETS[::4]):
        for name in ("default-graph-uri", "named-graph-uri", "using-graph-uri", "service"):
            address = f"{ASK}&{name}={quote(target, safe='')}"
            yield Attack(f"{name} {target}", HEAD.format(address, "").encode())
        address = f"/graphs?graph={quote(target, safe='')}"
        yield Attack(f"graph {target}", HEAD.format(address, "").encode())


def odd_bytes() -> Iterator[Attack]:
    """Send what is not UTF-8, where a query is expected."""
    for name, text in {
        "half a character": b"\xc3",
        "a byte too many": b"\xbf\xbf",
        "an overlong slash": b"\xc0\xaf",
        "half a pair": b"\xed\xa0\x80",
        "beyond all characters": b"\xf5\x80\x80\x80",
        "UTF-16": "ASK {}".encode("utf-16"),
        "noise": bytes(range(128, 256)),
    }.items():
        query = b"ASK { ?s ?p '" + text + b"' }"
        address = f"/sparql?query={quote_from_bytes(query)}"
        yield Attack(f"{name} by GET", HEAD.format(address, "").encode())
        yield Attack(f"{name} as a query", posted(query, "application/sparql-query"))
        form = b"query=" + quote_from_bytes(query).encode()
        yield Attack(f"{name} in a form", posted(form, "application/x-www-form-urlencoded"))
        yield Attack(
            f"{name} in a path", HEAD.format(f"/api/{quote_from_bytes(text)}", "").encode()
        )
        search = f"/api/search?q={quote_from_bytes(text)}"
        yield Attack(f"{name} in a search", HEAD.format(search, "").encode())


ODD_HEADERS = {
    "many types": "Accept: " + ",".join(f"a/b{n};q=0.{n}" for n in range(2000)),
    "a type without end": "Accept: " + "x" * 30_000,
    "q of no number": "Accept: text/csv;q=much, */*;q=nan",
    "q beyond all": f"Accept: text/csv;q={'9' * 400}, */*;q=-1",
    "types of commas": "Accept: " + "," * 9000,
    "types of semicolons": "Accept: text/csv" + ";" * 9000,
    "an open quotation": 'Accept: text/csv;x="' + "\\" * 5000,
    "many codings": "Accept-Encoding: " + ",".join(f"x{n};q=0.{n}" for n in range(2000)),
    "no coding": "Accept-Encoding: *;q=0, identity;q=0",
    "codings of no number": "Accept-Encoding: gzip;q=inf, br;q=1e999",
    "many ranges": "Range: bytes=" + ",".join(f"{n}-{n + 1}" for n in range(3000)),
    "a range beyond all": f"Range: bytes={'9' * 99}-{'9' * 99}",
    "a range backwards": "Range: bytes=9-1",
    "many tags": "If-None-Match: " + ",".join(f'"{n}"' for n in range(3000)),
    "a torn tag": 'If-None-Match: W/"',
    "a day that is none": "If-Modified-Since: Sat, 99 Foo 99999 99:99:99 GMT",
    "many origins": "\r\n".join(f"Origin: http://h{n}/" for n in range(100)),
    "a forwarded address": f"X-Forwarded-For: {'127.0.0.1, ' * 3000}",
    "a forwarded nothing": "X-Forwarded-For: \x01\r\nX-Forwarded-Proto: gopher",
    "another host": "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example",
    "a cookie without end": "Cookie: " + "a=b; " * 5000,
    "many headers": "\r\n".join(f"X-{n}: {n}" for n in range(2000)),
    "one header often": "\r\n".join(["Accept: text/csv"] * 1000),
    "latin letters": "Accept: text/h\xe9; q=\xbd",
    "another protocol": "Upgrade: websocket\r\nConnection: upgrade",
    "an expectation": "Expect: 200-ok",
    "a coded body": "Content-Encoding: gzip\r\nContent-Type: application/sparql-query",
    "a languages list": "Accept-Language: " + ",".join(["en-" + "x" * 9] * 2000),
}

ODD_ADDRESSES = {
    "two queries": f"{ASK}&query=ASK%7B%7D",
    "a thousand queries": ASK + "&query=x" * 1000,
    "a thousand parameters": ASK + "".join(f"&p{n}={n}" for n in range(1000)),
    "a thousand graphs": ASK + "&default-graph-uri=http://h/" * 1000,
    "no format": f"{ASK}&format=%00",
    "a format without end": f"{ASK}&format={'x' * 20_000}",
    "no time": f"{ASK}&timeout=0",
    "time backwards": f"{ASK}&timeout=-1",
    "time that is no number": f"{ASK}&timeout=nan",
    "time without end": f"{ASK}&timeout=inf",
    "a time of many digits": f"{ASK}&timeout={'9' * 5000}",
    "percent signs": "/sparql?query=%%%%25%2&%=%",
    "a query of ampersands": "/sparql?" + "&=" * 10_000,
    "semicolons": "/sparql?query=ASK%7B%7D;query=x",
    "a page beyond all": "/api/documents?page=99999999999999999999999",
    "the last page": "/api/documents?page=1000000000&limit=1000",
    "a limit below nothing": "/api/documents?limit=-1",
    "a search for everything": "/api/search?q=*",
    "a search for operators": "/api/search?q=NEAR(%22%22)%20AND%20OR%20NOT%20^%20-",
    "a search of quotes": "/api/search?q=" + "%22" * 3000,
    "a search of many words": "/api/search?q=" + "a*+" * 3000,
    "a search for nulls": "/api/search?q=%00",
    "a file above": "/static/../../../../etc/passwd",
    "a file above in escapes": "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "a file above, twice escaped": "/static/%252e%252e%252fetc%252fpasswd",
    "a file of backslashes": "/static/..%5c..%5cetc%5cpasswd",
    "a file with a null": "/static/%00",
    "a path of slashes": "/" * 8000,
    "a path without end": "/document/" + "x" * 30_000,
    "a path with lines": "/api/%0d%0aX-Evil:%201",
    "another server": "//evil.example/%2f..",
    "an entity of nulls": "/api/entities/person/%00%00",
    "a problem without end": "/problems/" + "x" * 9000,
    "a name of markup": "/person/%3Cscript%3E",
    "a reconciliation of noise": "/reconcile?queries=%7B%22q%22:" + "%5B" * 5000,
}


def odd_requests() -> Iterator[Attack]:
    """Send requests that HTTP allows and nobody needs."""
    for name, header in ODD_HEADERS.items():
        yield Attack(name, HEAD.format(ASK, f"{header}\r\n").encode("latin-1"))
    for name, address in ODD_ADDRESSES.items():
        yield Attack(name, HEAD.format(address, "").encode())
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        request = HEAD.format(ASK, "").replace("GET", method, 1).encode()
        # Methods that its parser does not know are no HTTP to the server.
        yield Attack(f"by {method}", request)
    for kind in ("", "text/plain", "application/json", "multipart/form-data", "a/b; charset=x"):
        yield Attack(f"a body of type {kind}", posted(b"ASK {}", kind))
    yield Attack(
        "a form of ampersands", posted(b"&=" * 30_000, "application/x-www-form-urlencoded")
    )
    yield Attack("nested JSON", posted(b"[" * 60_000, "application/json"))
    yield Attack("nested JSON to match", matched(b"[" * 60_000))
    yield Attack("a number without end to match", matched(b'{"queries":[' + b"9" * 9999 + b"]}"))


def matched(body: bytes) -> bytes:
    """Make a request to reconcile."""
    request = posted(body, "application/json")
    return request.replace(b"/sparql", b"/reconcile/draft/match", 1)


def no_http() -> Iterator[tuple[str, bytes]]:
    """Give what looks like a request."""
    start = f"GET {ASK} HTTP/1.1\r\nHost: test\r\n"
    yield "noise", bytes(range(256)) * 20 + b"\r\n\r\n"
    yield "another protocol at once", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)
    yield "HTTP/9.9", b"GET / HTTP/9.9\r\n\r\n"
    yield "HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "a head without end", (start + "X-Y: " + "x" * 400_000 + "\r\n\r\n").encode()
    yield "headers without end", (start + "X-Y: z\r\n" * 50_000 + "\r\n").encode()
    yield "an address without end", f"GET /{'x' * 400_000} HTTP/1.1\r\n\r\n".encode()
    yield "two lengths", (start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx").encode()
    yield "a length below nothing", (start + "Content-Length: -1\r\n\r\n").encode()
    yield "a length beyond all", (start + f"Content-Length: {'9' * 30}\r\n\r\n").encode()
    smuggled = (
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
    )
    yield "a request in a request", (start + smuggled).encode()
    yield "torn chunks", (start + "Transfer-Encoding: chunked\r\n\r\nZZ\r\nx").encode()
    yield (
        "a chunk beyond all",
        (start + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n").encode(),
    )
    yield "a header without a name", (start + ": x\r\n\r\n").encode()
    yield "a header without a colon", (start + "x\r\n\r\n").encode()
    yield "a header with a null", (start + "X: \0\r\n\r\n").encode()
    yield "a space before the colon", (start + "Host : x\r\n\r\n").encode()
    yield "no host", f"GET {ASK} HTTP/1.1\r\nConnection: close\r\n\r\n".encode()
    yield "an unknown method", f"STEAL {ASK} HTTP/1.1\r\n\r\n".encode()
    yield (
        "a whole address",
        f"GET http://evil.example{ASK} HTTP/1.1\r\nConnection: close\r\n\r\n".encode(),
    )
    yield "a way through", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nConnection: close\r\n\r\n"


_QUERY = b"POST /sparql HTTP/1.1\r\nContent-Type: application/sparql-query\r\n"
HALF_OPEN = [
    b"",
    b"G",
    b"GET / HTTP/1.1\r\nHost: t",
    _QUERY + b"Content-Length: 99\r\n\r\nASK",
    _QUERY + b"Transfer-Encoding: chunked\r\n\r\n5\r\nASK",
]
"""Requests that never go on."""
