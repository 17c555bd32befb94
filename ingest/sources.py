"""Source notes: where the original lies, how secret it was, and how urgent.

The notes of the older volumes are a file number ("740.0011 Pacific War/3062: Telegram"), those
of the newer ones sentences ("Source: Department of State, Central Files, 611.61/5-1661. Secret;
Priority. Drafted by Davis."). Marks such as "Limit Distribution" are not classifications.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_LEVEL = (
    r"(?:top\ssecret|secret|confidential|unclassified|restricted|(?:limited\s)?official\suse"
    r"(?:\sonly)?|personal\sand\s(?:top\s)?(?:confidential|secret))"
)
_PRECEDENCE = (
    r"(?:most immediate|operational immediate|immediate|niact|flash|us urgent|urgent|priority"
    r"|routine|emergency)"
)
_MARKS = re.compile(rf"\s*\[?(?P<level>{_LEVEL})?\b[\s;,—–-]*(?P<rest>[^.]*)", re.IGNORECASE)
_URGENT = re.compile(rf"(?:^|[;,\s])(?P<mark>{_PRECEDENCE})(?=[;,\s.\]]|$)", re.IGNORECASE)
_MARKS_START = re.compile(
    rf"[.;]\s*(?={_LEVEL}\b|no classification|no classified|classification|drafted\b)"
    r"|(?<=[^\s.]{3})(?<!Vol)(?<!Nos)(?<!vol)\.[”’]?\s+(?=[A-Z“\"])",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    r"\s*:\s*(?P<medium>(?:circular |paraphrase |unnumbered )*(?:telegram|airgram|radiogram"
    r"|despatch|cablegram|instruction)s?)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_LOT = re.compile(
    r"\b(?:Lot|FRC|Accession|Job)(?:\sNo\.)?:?\s+(?=[^,;]*\d)[\dA-Z][\dA-Z. /–-]*", re.IGNORECASE
)
_PERSONAL = re.compile(
    rf"(?:personal\sand\s)?{_LEVEL}(?=\sfor\b|\sand\s(?:personal|urgent))", re.IGNORECASE
)
_CALLED_SOURCE = re.compile(r"\[?\s*Source[:;]?\s+(?=[A-Z“(])")
_FILE_NUMBER = re.compile(r"^[\dIVX]{3,4}[A-Za-z]?\.[\w. –-]")


class SourceNote(NamedTuple):
    """What a source note says of the original."""

    source: str | None = None
    parts: tuple[tuple[str, str], ...] = ()
    medium: str | None = None
    classification: str | None = None
    precedence: str | None = None


def read_source(note: str) -> SourceNote:
    """Read a source note, of the older or the newer kind."""
    called = _CALLED_SOURCE.search(note)
    if called is None:
        return _file_number(note)
    words = note[called.end() :]
    end = _MARKS_START.search(words)
    if end is None:
        source = words.rstrip(" .]")
        return SourceNote(source, _parts(source))
    source = words[: end.start()].rstrip(" .]")
    classification, precedence = read_marks(words[end.end() :])
    return SourceNote(source, _parts(source), None, classification, precedence)


def _file_number(note: str) -> SourceNote:
    medium = _MEDIUM.search(note)
    source = note[: medium.start()] if medium else note
    source = source.strip(" .[]")
    return SourceNote(source or None, _parts(source), medium["medium"].lower() if medium else None)


@lru_cache(maxsize=4096)
def _parts(source: str) -> tuple[tuple[str, str], ...]:
    """Split an archival source into repository, lot and file."""
    if not source:
        return ()
    lot = _LOT.search(source)
    if lot is None:
        return _repository_and_file(source)
    before, after = source[: lot.start()].rstrip(" ,:;("), source[lot.end() :].strip(" ,:;)")
    parts = (("repository", before), ("lot", lot.group().rstrip(" ,.")), ("file", after))
    return tuple(part for part in parts if part[1])


def _repository_and_file(source: str) -> tuple[tuple[str, str], ...]:
    repository, comma, file = source.partition(", ")
    if not comma:
        kind = "file" if any(map(str.isdigit, source)) else "repository"
        return ((kind, source),)
    if _FILE_NUMBER.match(repository):
        return (("file", source),)
    return (("repository", repository), ("file", file))


@lru_cache(maxsize=4096)
def read_marks(words: str) -> tuple[str | None, str | None]:
    """Read the classification and the precedence at the start of `words`."""
    found = _MARKS.match(words)
    if found is None:
        return None, None
    level = found["level"]
    urgent = _URGENT.match(found["rest"]) if not level else _URGENT.search(found["rest"])
    return _titled(level), _titled(urgent["mark"] if urgent else None)


def leading_marks(words: str) -> tuple[str | None, str | None] | None:
    """Read marks printed above a text, or at its beginning: "Top Secret for the President"."""
    if len(words) < 60 and is_marks(words):
        return read_marks(words)
    personal = _PERSONAL.match(words)
    return read_marks(personal.group()) if personal else None


def is_marks(words: str) -> bool:
    """Tell whether `words` are nothing but a classification, a precedence, or both."""
    left = re.sub(rf"{_LEVEL}|{_PRECEDENCE}", "", words, flags=re.IGNORECASE)
    return len(left) < len(words) and not left.strip(" ;,.[]—–-")


def _titled(words: str | None) -> str | None:
    if words is None:
        return None
    words = " ".join(words.split()).title()
    return words.replace(" And ", " and ").replace("Us Urgent", "US Urgent")
