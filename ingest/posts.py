"""Posts: the ends between which telegrams were numbered, by the words that name them.

A post is the Department of State (`washington`) or a mission abroad, named by the state that it
is accredited to or, where it is none's, by its city. An embassy that moves (from Chungking to
Nanking, from Karachi to Islamabad) counts on, so it stays one post. `posts.tsv` has the names
under which the volumes and the telegrams know them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from itertools import chain

from ingest.model import Document, Party
from ontology.names import fold, slug

WASHINGTON = "washington"
_STATION = re.compile(
    r"\b(?:Central Intelligence|CIA|Station|Military|Commander|Joint Chiefs|Chief of|Army|Navy"
    r"|Naval|Air Force|Fleet|President|Defense|White House|National Security|Intelligence|Agency"
    r"|King|Prime|Foreign Minister|Chancellor|Information|Certain|All|Posts)\b"
)
"""Senders with numbers of their own, and heads that name no single post."""
_SEAT = re.compile(
    r"\b(?:in|at|to|for|on|of)\s+(?:the\s+)?(?=[A-ZÀ-Þ])(?P<name>[^,()]*?)"
    r"(?=$|,|\(|\s(?:at|in|and|on)\s)"
)
_SEVERAL = re.compile(r",\s(?:and\s)?|\sand\s")


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Return the posts by the names of their states, bodies and places, folded."""
    return {fold(name): post for post, *columns in _rows() for each in columns for name in each}


@lru_cache(maxsize=1)
def places() -> dict[str, str]:
    """Return the posts by the names that telegrams call them by, folded: "saigon", "usun"."""
    return {fold(name): post for post, _, listed in _rows() for name in listed}


@lru_cache(maxsize=1)
def _rows() -> list[tuple[str, list[str], list[str]]]:
    lines = files("ingest").joinpath("posts.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [(post, _listed(states), _listed(places)) for post, states, places in rows]


def _listed(cell: str) -> list[str]:
    return [*filter(None, cell.split("; "))]


@lru_cache(maxsize=1 << 14)
def named(words: str) -> str | None:
    """Return the post that some words name: "Saigon", "Viet-Nam", "the Department of State"."""
    return names().get(fold(words).removeprefix("the "))


@lru_cache(maxsize=1 << 14)
def placed(words: str) -> str | None:
    """Return the post that telegrams call so: "Saigon", "Department", "USUN"."""
    return places().get(fold(words))


@lru_cache(maxsize=1 << 10)
def title(post: str) -> str:
    """Return a post as it is written in labels: "Hong Kong", "Soviet Union", "Washington"."""
    called = [name for known, *columns in _rows() if known == post for name in chain(*columns)]
    return next((name for name in called if slug(name) == post), called[0])


def ends(document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the posts between which a document went: from which, and to which."""
    return _posts(document.sender, document.place), _posts(document.recipient, None)


def _posts(party: Party | None, place: str | None) -> tuple[str, ...]:
    return _read(party.office or party.printed, place) if party else ()


@lru_cache(maxsize=1 << 14)
def _read(office: str, place: str | None) -> tuple[str, ...]:
    """Read an office; who has none of a post's names sits where the dateline says."""
    if _STATION.search(office):
        return ()
    if place and office.endswith(("Secretary of State", "Delegation", "Ambassador", "Mission")):
        post = named(place)
        return (post,) if post else ()
    if whole := named(office):
        return (whole,)
    found = [_SEVERAL.split(seat["name"]) for seat in _SEAT.finditer(office)]
    posts = [post for words in found for word in words if (post := named(word))]
    if len(posts) > 1 and " and " not in office:
        posts = posts[-1:] if "at" in office else posts[:1]
    if not posts and place and (post := named(place)):
        posts = [post]
    return tuple(dict.fromkeys(posts))
