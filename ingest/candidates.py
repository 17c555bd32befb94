"""Who may act in a document: its sender, its recipient, and all whom its words name.

A candidate has a label, which is what a reader would call it: the state for "HMG" and "the
British", "Department of State" for "Dept", the mission for its head. What a name cannot tell (a
title, a bare surname) stays as printed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.model import Document, Party

_WORD = r"[A-Z][\w’'&–-]*(?:\.[A-Z]\b)*(?:\.(?=\s[A-Z]))?"
_INNER = re.compile(rf"(?<=[^.?!\n] ){_WORD}")
_LINK = r"(?:of|de|da|la|du|van|von|der|den|al|el|bin|ibn|in|for)"
_NAME = re.compile(rf"\b{_WORD}(?:\s(?:{_LINK}\s(?:the\s)?)?{_WORD}){{0,7}}")
_OFFICE = re.compile(
    r"(?:Ambassador|Minister|Embassy|Legation|Consul\w*|Mission|Department|Secretary|Chargé|Chief|"
    r"Representative|Commissioner|Counselor|Delegation|Attaché|Affairs|Commander|Committee|Office|"
    r"Assistant|Adviser|Staff|Director|Council)s?$"
)
"""What may be followed by "in" or "for" and a name that belongs to it."""
_APART = re.compile(r"\s(?:in|for)\s(?:the\s)?")
_TAIL = re.compile(r"[’']s?$|[’']s\b(?=\s)")

_NO_NAME = frozenset(
    "a a.m about according accordingly action actually after again all also although am among "
    "an and another any apr april are as ask asked at aug august be because been before begin "
    "believe both but by can concerning confidential copy could dec december department's "
    "depcirtel deptel desire did discussed do does during each either embtel embtels end even "
    "every exdis expressed eyes feb february feel finally first following for foregoing "
    "friday from further furthermore given had has have having he hence her here hereby his "
    "hope how however i if in indeed inform information instead is it its itself jan january "
    "jul july jun june just last later let like limdis limited made many mar march may "
    "meanwhile meeting met might monday more moreover most mr much must my mytel neither "
    "nevertheless niact no nodis nor nos not nothing nov november now oct october of on once "
    "one only or other our p.m para paragraph paras part particularly perhaps personally "
    "please pm possibly present presently priority qte question quote re ref reference refs "
    "reftel regarding repeat request requested respect rptd said same saturday saw second "
    "secret section see sep sept september shall she should since so some stated still stop "
    "subject such suggest suggested sunday talk talked tel telegram text than that the their "
    "them then there therefore these they third this those though through thursday thus to "
    "today together told tomorrow top tuesday two under understand unless unqte unquote until "
    "upon urge urtel urtels very view was we wednesday well were what when where whether "
    "which while who whole why will with without would yesterday yet you your yours".split()
)
"""Words that are often capitalised, to begin a sentence or in headings, and name nobody."""

_OWN = {
    "dept": "Department of State",
    "department": "Department of State",
    "deptoff": "Department of State",
    "deptoffs": "Department of State",
    "state": "Department of State",
    "state department": "Department of State",
    "department of state": "Department of State",
    "secstate": "Secretary of State",
    "secretary": "Secretary of State",
    "secy": "Secretary of State",
}
_MISSION = re.compile(
    r"(?:Amb(?:assador)?|Emb(?:assy)?|Embassy’s|Emboffs?|EmbOffs?|Leg(?:ation)?|Legoff|Mission"
    r"|Country Team|CT|Chargé|Charge|Minister|Consulate)$"
)
_HEAD_OF_MISSION = re.compile(
    r"^(?:Acting )?(?:American )?(?:Ambassador|Chargé|Minister|Appointed Ambassador)"
    r"(?: \(\w+\))?(?= (?:in|to) )"
)
_SECRETARY = re.compile(r"^(?:Acting |Under )?Secretary of State")
_SURNAME = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may act: what it is called, the entity where known, and where it is named.

    `start` and `end` are offsets in the document's text; both are -1 for those that the head
    names, whose words do not stand in the text that is read.
    """

    label: str
    printed: str
    start: int = -1
    end: int = -1
    entity: str | None = None


@cache
def nations() -> dict[str, tuple[str, ...]]:
    """Return the states that a word may mean: name, adjective, people or abbreviation."""
    found: dict[str, tuple[str, ...]] = {}
    for row in (Path(__file__).parent / "nations.tsv").read_text(encoding="utf-8").splitlines():
        state, words = row.split("\t")
        for word in (state, *words.split()):
            found[word.lower()] = (*found.get(word.lower(), ()), state)
    return found


@dataclass(slots=True)
class Naming:
    """What the names in one document stand for."""

    document: Document
    states: Counter[str]
    mission: str | None
    inner: frozenset[str]
    """Words that are capitalised within sentences, and what they begin with before a hyphen."""

    @classmethod
    def of(cls, document: Document) -> "Naming":
        """Count the states that a document names, and find the mission that it is from or to."""
        known = nations()
        states: Counter[str] = Counter()
        for word in re.findall(r"[A-Z][\w.]*\w", document.head * 3 + document.text):
            if len(meant := known.get(word.lower(), ())) == 1:
                states[meant[0]] += 1
        parties = [party_label(party) for party in (document.sender, document.recipient) if party]
        missions = [
            label for label in parties if re.match(r"Embassy|Legation|Mission|Consul", label)
        ]
        inner = {
            word[: end.start()]
            for word in _INNER.findall(document.text)
            for end in re.finditer(r"\b(?!^)(?=\W|$)", word)
        }
        return cls(document, states, missions[0] if missions else None, frozenset(inner))

    def label(self, name: str) -> str:
        """Return what a reader would call what is named so."""
        bare = re.sub(r"\s+", " ", _TAIL.sub("", name)).strip(" .’'–-")
        bare = re.sub(r"^(?:The|the)\s", "", bare)
        low = bare.lower().rstrip(".")
        if low in _OWN:
            return _OWN[low]
        if self.mission and _MISSION.fullmatch(bare):
            return self.mission
        if state := self._state(low):
            return state
        return bare

    def _state(self, low: str) -> str | None:
        low = re.sub(r"\s*\b(?:govt|government|govts|side|delegation|people|authorities)$", "", low)
        low = re.sub(r"^(?:government|govt|republic|kingdom) of (?:the )?", "", low)
        meant = nations().get(low, ())
        if len(meant) < 2:
            return meant[0] if meant else None
        best = max(meant, key=lambda state: self.states[state])
        return best if self.states[best] else None


def party_label(party: Party) -> str:
    """Return what to call a sender or recipient: the body rather than who heads or signs for it."""
    printed = re.sub(r"\(\s*(.*?)\s*\)", r"(\1)", party.printed)
    printed = _HEAD_OF_MISSION.sub("Embassy", printed).replace("Embassy to ", "Embassy in ")
    return _SECRETARY.sub("Department of State", printed)


def head_parties(document: Document) -> tuple[Candidate | None, Candidate | None]:
    """Return the sender and the recipient that the head of a document names."""
    sender, recipient = document.sender, document.recipient
    return (
        _of_head(sender, _signer(document)) if sender else None,
        _of_head(recipient, None) if recipient else None,
    )


def listed_party(party: Party) -> Candidate:
    """Return one whom a list of those present names."""
    return Candidate(party_label(party), party.printed, entity=party.entity)


def _of_head(party: Party, signer: str | None) -> Candidate:
    label = party_label(party)
    if signer and "(" not in label and signer not in label:
        label = f"{label} ({signer})"
    return Candidate(label, party.printed, entity=party.entity)


def _signer(document: Document) -> str | None:
    for block in reversed(document.blocks):
        words = document.text[block.start : block.end].strip(" .")
        if block.kind == "signature" and _SURNAME.fullmatch(words):
            return words
    return None


def named(naming: Naming, start: int, end: int) -> Iterator[Candidate]:
    """Yield those whom a part of the text names, in order and without overlap.

    Names that the editors tagged are taken first, with what is printed before them; a word that
    only begins a sentence is no name unless it is printed in capitals within one elsewhere.
    """
    text, mentions = naming.document.text, naming.document.mentions
    tags = [mention for mention in mentions if start <= mention.start and mention.end <= end]
    for found in _NAME.finditer(text, start, end):
        for first, last in _parts(text, found.start(), found.end()):
            tag = next((one for one in tags if one.start < last and first < one.end), None)
            words = text[first:last]
            if tag is None and not _is_name(naming, words, first):
                continue
            entity = tag.entity if tag else None
            yield Candidate(naming.label(words), words, first, last, entity)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split a run of capitalised words at "in" and "for", unless an office stands before them."""
    first = start
    for cut in _APART.finditer(text, start, end):
        if not _OFFICE.search(text[first : cut.start()]):
            yield from _trimmed(text, first, cut.start())
            first = cut.end()
    yield from _trimmed(text, first, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Leave out the words at the beginning and end that name nobody."""
    words = [(found.start(), found.end()) for found in re.finditer(r"\S+", text[start:end])]
    while words and _is_empty(text[start + words[0][0] : start + words[0][1]]):
        words = words[1:]
    while words and _is_empty(text[start + words[-1][0] : start + words[-1][1]]):
        words = words[:-1]
    if words:
        yield start + words[0][0], start + words[-1][1]


def _is_empty(word: str) -> bool:
    low = _TAIL.sub("", word).lower().rstrip(".")
    return low in _NO_NAME or low in {"of", "de"} or len(low) < 2


def _is_name(naming: Naming, words: str, start: int) -> bool:
    if " " in words or words[1:] != words[1:].lower():
        return True
    before = naming.document.text[max(0, start - 2) : start]
    if len(before) == 2 and before not in {". ", "? ", "! "} and before[1] != "\n":
        return True
    low = _TAIL.sub("", words).lower()
    if low in nations() or low in _OWN or _MISSION.fullmatch(words):
        return True
    return words in naming.inner
