"""Find the triple patterns of one property in a query, without planning it.

The front never hands a query to the engine itself, so this reads the tokens of `server.guard`:
groups, triples, lists and paths, as the grammar of SPARQL 1.1 has them; expressions only as far
as groups stand in them. It tells where each pattern stands, which text to cut so that it is
gone, and where something may be put that is joined in its place.

That place is not where the pattern stands: between two triples it would end their basic graph
pattern, which a blank node may span. It is before the first of these triples. What comes before
them, such as an `OPTIONAL`, stays before it, for a join must not change places with that.

A query that has the property and cannot be read so is refused: an answer that lacks rows for
want of understanding would look like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from server import guard
from server.errors import BadRequest, QuerySyntax

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# A full stop before a digit begins a number; one that is escaped belongs to the name.
_WORD = re.compile(
    r"(?P<before>(?:\.(?!\d))*) (?P<name>.*?) (?P<after>(?:(?<!\\)\.)*)", re.DOTALL | re.VERBOSE
)
_GROUP_WORDS = frozenset(
    ("optional", "minus", "graph", "service", "filter", "bind", "values", "lateral")
)
_VERBS = frozenset(("select", "ask", "construct", "describe"))


class UnusableMatch(BadRequest):
    """A property that stands for a search is used where a search cannot be put in its place."""

    slug = "unusable-match"
    title = "No search is possible here"


@dataclass(frozen=True, slots=True)
class Piece(guard.Token):
    """A token and where it stands."""

    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The token in lower case, if it is a word; else as it is, which is no keyword."""
        return self.text.lower() if self.kind == "word" else self.text


@dataclass(frozen=True, slots=True)
class Pattern:
    """One triple pattern; several objects with one verb make several."""

    subject: Piece
    iri: str | None
    """The IRI of the subject, if that is named by one."""
    object: Piece
    place: int
    """The offset at which what is joined instead may stand."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The patterns of the property, and the parts of the text that are theirs alone.

    Those whose subject is a blank node in brackets cannot be had apart from it: they have no cut.
    """

    patterns: tuple[Pattern, ...] = ()
    cuts: tuple[tuple[int, int], ...] = ()


def names(query: str, wanted: str, base: str | None = None) -> bool:
    """Say whether a query has this IRI, with a fragment, anywhere."""
    # Most queries have not. A prefix may end within the fragment; escapes may be anything.
    _, _, fragment = wanted.partition("#")
    if not any(sign in query for sign in (fragment, f"#{fragment[:1]}", "\\")):
        return False
    pieces = list(_pieces(query))
    known = _Names(pieces, base)
    return any(known.iri(piece) == wanted for piece in pieces)


def read(query: str, wanted: str, base: str | None = None) -> Reading:
    """Find the triple patterns whose property has this IRI.

    Raises UnusableMatch where it is part of a path or of a template that is also the pattern,
    and QuerySyntax where the query cannot be read.
    """
    if not names(query, wanted, base):
        return Reading()
    pieces = list(_pieces(query))
    reader = _Reader(query, pieces, _Names(pieces, base), wanted)
    reader.query()
    return Reading(tuple(reader.patterns), tuple(reader.cuts))


def graphs(query: str, base: str | None = None) -> tuple[list[str], list[str]]:
    """Give the graphs that `FROM` and those that `FROM NAMED` names in a query that is SPARQL."""
    pieces = list(_pieces(query))
    known, found = _Names(pieces, base), (list[str](), list[str]())
    for at, piece in enumerate(pieces):
        if piece.keyword == "from":
            is_named = pieces[at + 1].keyword == "named"
            iri = known.iri(pieces[at + 1 + is_named])
            assert iri is not None
            found[is_named].append(iri)
    return found


def refuse(query: str, piece: Piece, problem: str, hint: str) -> UnusableMatch:
    """Make the error that says where in the query a search is not possible, and why."""
    line, column = _position(query, piece.start)
    detail = f"Line {line}, column {column}: {problem}"
    return UnusableMatch(detail, hint=hint, line=line, column=column)


class _Names:
    """What the prefixes and the base of a query make of its names."""

    def __init__(self, pieces: Sequence[Piece], base: str | None = None) -> None:
        self._base = base or ""
        self._prefixes: dict[str, str] = {}
        for at, piece in enumerate(pieces):
            if piece.keyword in _VERBS:
                break
            if piece.kind == "iri":
                self._declare(pieces[max(0, at - 2) : at], self._full(piece.text))

    def iri(self, piece: Piece) -> str | None:
        """Return the IRI that a piece stands for; None if it is none."""
        if piece.kind == "iri":
            return self._full(piece.text)
        prefix, colon, local = piece.text.partition(":")
        if piece.kind != "word" or not colon or prefix not in self._prefixes:
            return None
        return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _declare(self, before: Sequence[Piece], iri: str) -> None:
        words = [piece.keyword for piece in before]
        if words[-1:] == ["base"]:
            self._base = iri
        elif words[:1] == ["prefix"]:
            # Prefixes have capitals, keywords need not.
            self._prefixes[before[-1].text.removesuffix(":")] = iri

    def _full(self, text: str) -> str:
        iri = _ESCAPE.sub(lambda found: _character(found[1] or found[2]), text[1:-1])
        if _SCHEME.match(iri):
            return iri
        try:
            # An empty fragment is lost when IRIs are joined, and here names are put behind it.
            return urljoin(self._base, iri) + "#" * iri.endswith("#")
        except ValueError:  # The engine will say so.
            return iri


class _Reader:
    """Goes through the pieces once, from the first to the last."""

    def __init__(self, query: str, pieces: list[Piece], names: _Names, wanted: str) -> None:
        self.patterns: list[Pattern] = []
        self.cuts: list[tuple[int, int]] = []
        self._query = query
        self._pieces = [*pieces, Piece("end", "", len(query), len(query))]
        self._names = names
        self._wanted = wanted
        self._at = 0
        for piece in pieces:
            if piece.kind == "string":
                self._check_certain(piece)

    # Pieces

    @property
    def _here(self) -> Piece:
        return self._pieces[self._at]

    @property
    def _last_end(self) -> int:
        return self._pieces[self._at - 1].end

    def _take(self) -> Piece:
        piece = self._here
        if piece.kind == "end":
            raise self._unexpected(piece)
        self._at += 1
        return piece

    def _expect(self, text: str) -> Piece:
        if self._here.text != text:
            raise self._unexpected(self._here)
        return self._take()

    def _unexpected(self, piece: Piece) -> QuerySyntax:
        line, column = _position(self._query, piece.start)
        what = f'"{piece.text[:40]}"' if piece.text else "end of the query"
        return QuerySyntax(
            f"Line {line}, column {column}: unexpected {what}.", line=line, column=column
        )

    def _check_certain(self, piece: Piece) -> None:
        """Refuse what the engine might not read as one string or IRI."""
        if guard.doubtful(piece):
            hint = "Write whole IRIs or prefixed names, and in strings no escapes with numbers."
            raise refuse(self._query, piece, "this can be read in two ways.", hint)

    # Queries

    def query(self) -> None:
        self._select()
        if self._here.kind != "end":
            raise self._unexpected(self._here)

    def _select(self) -> None:
        """Read a query or a sub-query, up to its end; only its groups and expressions matter."""
        while self._here.kind != "end" and self._here.text != "}":
            piece = self._take()
            if piece.text == "(":
                self._expression()
            elif piece.text == "{":
                self._group(piece)
            elif piece.keyword == "values":
                self._data()
            elif piece.keyword == "construct":
                self._construct()

    def _construct(self) -> None:
        """Skip a template; one that is also the pattern cannot be had apart from it."""
        if self._here.text == "{":
            self._skip(self._take())
            return
        before = len(self.patterns)
        while self._here.text != "{":
            self._take()
        verb = self._here
        self._group(self._take())
        if len(self.patterns) > before:
            raise refuse(
                self._query,
                verb,
                "no search can be part of a template.",
                "Write CONSTRUCT { … } WHERE { … }.",
            )

    # Groups

    def _group(self, brace: Piece) -> None:
        if self._here.keyword == "select":
            self._select()
        place = brace.end
        while self._here.text != "}":
            place = self._element(place)
        self._expect("}")

    def _element(self, place: int) -> int:
        """Read one part of a group; return the place at which what is joined next may stand."""
        keyword = self._here.keyword
        if keyword == ".":
            self._take()
            return place
        if keyword not in _GROUP_WORDS and keyword != "{":
            self._triples(place)
            return place
        first = self._take()
        if keyword == "{":
            self._alternatives(first)
        elif keyword == "values":
            self._data()
        else:
            self._constraint()
        # Past a filter, which holds for the whole group, and past data, which is joined as well,
        # the place need not move; and must not where the engine lets triples go on after them.
        return place if keyword in ("filter", "values") else self._last_end

    def _alternatives(self, brace: Piece) -> None:
        self._group(brace)
        while self._here.keyword == "union":
            self._take()
            self._group(self._expect("{"))

    def _constraint(self) -> None:
        """Read what follows a keyword: names up to a group or an expression in brackets."""
        while (piece := self._take()).text not in ("{", "("):
            if piece.kind not in ("word", "iri", "variable"):
                raise self._unexpected(piece)
        if piece.text == "{":
            self._group(piece)
        else:
            self._expression()

    def _expression(self) -> None:
        """Read up to the closing bracket. Here `<` may be an operator, and so an IRI none."""
        while (piece := self._take()).text != ")":
            self._check_certain(piece)
            if piece.text == "(":
                self._expression()
            elif piece.text == "{":
                self._group(piece)

    def _data(self) -> None:
        while (piece := self._take()).text != "{":
            pass
        self._skip(piece)

    def _skip(self, brace: Piece) -> None:
        """Skip what stands in braces, in which no group can be."""
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self._take().text, 0)

    # Triples

    def _triples(self, place: int) -> None:
        subject = self._node(place)
        pairs = self._pairs(subject, place)
        if not pairs and subject.text not in "[(":
            raise self._unexpected(self._here)
        if self._here.text not in (".", "}", "{") and self._here.keyword not in _GROUP_WORDS:
            raise self._unexpected(self._here)
        if pairs and all(wanted for _, _, wanted in pairs):
            dot = self._here if self._here.text == "." else None
            self.cuts.append((subject.start, dot.end if dot else self._last_end))
        else:
            self.cuts += _cuts(pairs)

    def _pairs(self, subject: Piece, place: int) -> list[tuple[int, int, bool]]:
        """Read verbs with their objects: where each begins and ends, and whether it is wanted."""
        pairs: list[tuple[int, int, bool]] = []
        while True:
            while pairs and self._here.text == ";":
                self._take()
            if self._here.text in (".", "}", "]", "{") or self._here.keyword in _GROUP_WORDS:
                return pairs
            start = self._here.start
            wanted = self._pair(subject, place)
            pairs.append((start, self._last_end, wanted))
            if self._here.text != ";":
                return pairs

    def _pair(self, subject: Piece, place: int) -> bool:
        verb = self._verb()
        found = [piece for piece in verb if self._names.iri(piece) == self._wanted]
        if found and len(verb) > 1:
            hint = "Give what the path leads to a name, and let that be the subject."
            raise refuse(self._query, found[0], "no search can be part of a path.", hint)
        objects = [self._node(place)]
        while self._here.text == ",":
            self._take()
            objects.append(self._node(place))
        if found:
            iri = self._names.iri(subject)
            self.patterns += [Pattern(subject, iri, each, place) for each in objects]
        return bool(found)

    def _verb(self) -> list[Piece]:
        """Read a variable, a name or a path, with all marks that belong to it."""
        if self._here.kind == "variable":
            return [self._take()]
        verb = self._step()
        while self._here.text in ("/", "|"):
            verb += [self._take(), *self._step()]
        return verb

    def _step(self) -> list[Piece]:
        step = [self._take()]
        while step[-1].text in ("^", "!"):
            step.append(self._take())
        if step[-1].text == "(":
            step += self._enclosed()
        elif step[-1].kind not in ("word", "iri"):
            raise self._unexpected(step[-1])
        if self._here.text in ("?", "*", "+"):
            step.append(self._take())
        return step

    def _enclosed(self) -> list[Piece]:
        """Read up to the closing bracket, that included."""
        pieces, depth = list[Piece](), 1
        while depth:
            pieces.append(self._take())
            depth += {"(": 1, ")": -1}.get(pieces[-1].text, 0)
        return pieces

    def _node(self, place: int) -> Piece:
        """Read a subject or object; return its first piece, of which a tag changes the kind."""
        first = self._take()
        if first.text == "[":
            self._blank(first, place)
        elif first.text == "(":
            while self._here.text != ")":
                self._node(place)
            self._take()
        elif first.text in ("+", "-"):
            self._take()
        elif first.kind == "string" and self._here.text in ("@", "^"):
            return self._tagged(first)
        elif first.kind not in ("string", "variable", "iri", "word"):
            raise self._unexpected(first)
        return first

    def _blank(self, bracket: Piece, place: int) -> None:
        self._pairs(bracket, place)
        self._expect("]")

    def _tagged(self, string: Piece) -> Piece:
        if self._take().text == "^":
            self._expect("^")
        self._take()
        return Piece("tagged", string.text, string.start, self._last_end)


def _cuts(pairs: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    """Cut out the wanted pairs of a list, of which others stay: a `;` may stand alone."""
    kept = [start for start, _, wanted in pairs if not wanted]
    if kept and kept[0] > pairs[0][0]:
        yield pairs[0][0], kept[0]
    yield from ((start, end) for start, end, wanted in pairs if wanted and start > min(kept))


def _pieces(query: str) -> Iterator[Piece]:
    """Give the tokens with their places; a full stop around a name is a piece of its own."""
    end = 0
    for token in guard.tokens(query):
        start, end = end, end + len(token.text)
        if token.kind == "word":
            yield from _names_and_dots(token.text, start)
        elif token.kind != "space":
            yield Piece(token.kind, token.text, start, end)


def _names_and_dots(text: str, start: int) -> Iterator[Piece]:
    found = _WORD.fullmatch(text)
    assert found is not None
    for name in ("before", "name", "after"):
        at = start + found.start(name)
        if name == "name" and found[name]:
            yield Piece("word", found[name], at, at + len(found[name]))
        elif name != "name":
            yield from (Piece("mark", ".", at + n, at + n + 1) for n in range(len(found[name])))


def _position(query: str, offset: int) -> tuple[int, int]:
    return query.count("\n", 0, offset) + 1, offset - query.rfind("\n", 0, offset)


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number < 0x110000 else "\ufffd"
