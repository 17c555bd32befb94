"""Names of persons as lists of persons print them, and how well two of them agree.

"Adams, Lt. Gen. Sir John Q., Jr." has a surname, given names and a suffix; ranks and titles say
nothing of who it is. "Aichi Kiichi" has no comma: its words stand in any order. What stands in
brackets before a comma is another form of the surname, or of the whole name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from ontology.names import fold

ALIKE = 0.75
"""The share of letters that two spellings of a surname have in common, at least."""

_TITLES = frozenset(
    "general gen lieutenant lt major maj colonel col captain capt admiral adm vice rear brigadier "
    "brig commander cdr marshal field air chief sir lord lady dame dr doctor prof professor mr "
    "mrs miss ms madame mme rev reverend bishop archbishop cardinal prince princess king queen "
    "emir sheikh shaykh shaikh sheik baron count comte viscount earl duke marquis marquess hon "
    "honorable senator rep ambassador president prime minister his her excellency sultan shah "
    "pasha bey father monsignor msgr sgt sergeant usn usa usaf usmc ret jonkheer herr don "
    "ayatollah imam maulana sayyid syed commodore ensign corporal".split()
)
_SUFFIXES = {
    "jr": "jr",
    "junior": "jr",
    "sr": "sr",
    "ii": "ii",
    "2d": "ii",
    "2nd": "ii",
    "iii": "iii",
    "3d": "iii",
    "iv": "iv",
}
_NUMBERED = frozenset({"ii", "iii", "iv"})
COMMON = frozenset(
    "the of to from and in until for after before at then also thereafter a an on by with january "
    "february march april may june july august september october november december see during as "
    "his her was its member s u".split()
)
"""Words of descriptions that do not tell who somebody is."""
_PARTICLES = frozenset("al el de von van der den la le du bin ibn".split())
_RANK = re.compile(
    r"\bof the (?:army|fleet|navy|soviet union|(?:royal )?air force)\b", re.IGNORECASE
)
"""What makes a title longer: Marshal of the Soviet Union."""
_ARTICLE = re.compile(r"^(?:al|el)[-– ]")

_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]?")
_SOUNDS = tuple(
    pair.split(">")
    for pair in (
        "tch>ch sch>sh dj>j kh>h gh>g ph>f th>t ck>k ou>u oo>u ee>i iy>i yi>i ey>i ei>i ie>i ae>e "
        "oe>o ue>u y>i j>i w>v q>k c>k x>ks z>s ff>v"
    ).split()
)
"""What transliterations write differently, in the order in which it is levelled."""

_KEPT = 1 << 18
"""Names that are remembered: all items of Wikidata have far more than fit into memory."""


class Agreement(IntEnum):
    """How well the given names of two persons with one surname agree."""

    APART = 0
    """They are of two persons, or of one under two names."""
    UNKNOWN = 1
    """One of them has none."""
    INITIAL = 2
    """One has an initial where the other has a name."""
    MIDDLE_APART = 3
    """The first is the same, the middle one is not: editors often err there."""
    FIRST = 4
    """The first is the same; one has no middle name."""
    WHOLE = 5
    """All are the same."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in its parts, in small letters without accents.

    `others` are further forms of the surname. `surname` is the whole name if the list does not
    tell which part is the surname; then `given` is empty.
    """

    surname: str
    given: tuple[str, ...]
    suffix: str
    others: tuple[str, ...]
    words: frozenset[str]

    @classmethod
    def of(cls, printed: str) -> "PersonName":
        """Read a name as a list prints it."""
        others = tuple(filter(None, map(_letters, _in_brackets(printed))))
        words = _parts(printed)
        suffix = next((_SUFFIXES[one] for one in chain(*words) if one in _SUFFIXES), "")
        surname, *given = ([one for one in each if one not in _SUFFIXES] for each in words)
        names = tuple(filter(None, map(_letters, chain(*given))))
        own = [one for one in surname if one not in _PARTICLES] or surname
        return cls(
            "".join(_letters(_ARTICLE.sub("", one)) for one in own),
            names,
            suffix,
            others,
            frozenset({*map(_letters, surname), *names}),
        )

    @property
    def is_numbered(self) -> bool:
        """Whether it has a suffix that no bearer of the plain name has: Douglas MacArthur II."""
        return self.suffix in _NUMBERED

    @property
    def keys(self) -> set[str]:
        """What names of one person have in common, at least in one of their forms."""
        return {sound(form) for form in (self.surname, *self.others)}

    @property
    def is_short(self) -> bool:
        """Whether it has no given name, or an initial as the first."""
        return not self.given or len(self.given[0]) == 1

    @property
    def given_keys(self) -> set[str]:
        """What two names have in common, of which none is short, if `agreement` is not APART.

        Those without a given name have it in common that they have none.
        """
        if self.is_short:
            return set() if self.given else {""}
        return {key for name in self.given[:2] if len(name) > 1 for key in _given_keys(name)}


def asked_as(printed: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words by which to ask for a person: of the surname, and of the given names.

    There are as many pairs as the surname has forms; titles, suffixes, initials and particles are
    left out.
    """
    parts = _parts(_RANK.sub(" ", printed))
    surname, *rest = ([one for one in part if one not in _SUFFIXES] for part in parts)
    given = [one for one in chain(*rest) if len(one) > 1 and one not in _PARTICLES]
    for form in (surname, *map(_words, _in_brackets(printed))):
        if form:
            yield form, given


def _in_brackets(printed: str) -> list[str]:
    """Return the other forms of the surname, which stand in brackets before the comma."""
    return _BRACKETS.findall(printed.partition(",")[0])


def _parts(printed: str) -> list[list[str]]:
    """Return the words of each of the parts between commas, at least of one."""
    parts = (part for part in _BRACKETS.sub(" ", printed).split(",") if part.strip())
    return [_words(part) for part in parts] or [[]]


def _words(part: str) -> list[str]:
    """Return the words of a part of a name without titles; initials stand alone.

    A title that is all there is was no title: Winston Lord.
    """
    apart = re.sub(r"\.(?=\S)", ". ", part.lower().replace("’", "'").replace("‘", "'"))
    words = [word for word in (one.strip(".'\"“”-–") for one in apart.split()) if word]
    return [word for word in words if word not in _TITLES] or words


@lru_cache(maxsize=_KEPT)
def _letters(word: str) -> str:
    return re.sub(r"[^a-z]", "", fold(word))


@lru_cache(maxsize=_KEPT)
def sound(name: str) -> str:
    """Return what different transliterations of a name have in common."""
    for spelled, level in _SOUNDS:
        name = name.replace(spelled, level)
    name = re.sub(r"(.)\1+", r"\1", name)
    level = name[:1] + re.sub(r"[aeiou]+", "a", name[1:])
    return level.rstrip("ah") or level


@cache
def _groups() -> dict[str, frozenset[int]]:
    """Return for each given name the groups of names that may be of one person."""
    lines = (Path(__file__).parent / "given_names.tsv").read_text(encoding="utf-8").splitlines()
    groups: dict[str, frozenset[int]] = {}
    for number, line in enumerate(lines):
        for name in line.split():
            groups[name] = groups.get(name, frozenset()) | {number}
    return groups


@lru_cache(maxsize=_KEPT)
def same_given(one: str, other: str) -> bool:
    """Say whether two given names may be one: nicknames, transliterations, short forms."""
    if one == other or sound(one) == sound(other):
        return True
    if min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one)):
        return True
    return bool(_groups().get(one, frozenset()) & _groups().get(other, frozenset()))


@lru_cache(maxsize=_KEPT)
def _given_keys(name: str) -> frozenset[str]:
    """Return what given names have in common if they may be one (`same_given`)."""
    groups = (f"group {number}" for number in _groups().get(name, ()))
    return frozenset({f"sound {sound(name)}", f"start {name[:3]}", *groups})


def agreement(one: PersonName, other: PersonName) -> Agreement:
    """Compare the given names of two persons whose surnames agree."""
    if not one.given and not other.given:
        return _any_order(one.words, other.words)
    if not one.given or not other.given:
        return Agreement.UNKNOWN
    first, second = one.given[0], other.given[0]
    if len(first) > 1 and len(second) > 1:
        return _named(one.given, other.given)
    if first[0] == second[0]:
        return _initial(one.given, other.given)
    skipped = _skips(one.given, other.given) or _skips(other.given, one.given)
    return Agreement.INITIAL if skipped else Agreement.APART


def _any_order(one: frozenset[str], other: frozenset[str]) -> Agreement:
    if one == other and len(one) > 1:
        return Agreement.WHOLE
    return Agreement.UNKNOWN if one <= other or other <= one else Agreement.APART


def _named(one: tuple[str, ...], other: tuple[str, ...]) -> Agreement:
    if not same_given(one[0], other[0]):
        skips = any(
            len(a) > 1 and len(a[1]) > 1 and same_given(a[1], b[0])
            for a, b in ((one, other), (other, one))
        )
        return Agreement.INITIAL if skips else Agreement.APART
    if len(one) == 1 or len(other) == 1:
        return Agreement.FIRST
    return Agreement.WHOLE if _may_be(one[1], other[1]) else Agreement.MIDDLE_APART


def _initial(one: tuple[str, ...], other: tuple[str, ...]) -> Agreement:
    if len(one) == 1 or len(other) == 1:
        return Agreement.INITIAL
    return Agreement.MIDDLE_APART if _may_be(one[1], other[1]) else Agreement.APART


def _skips(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether the other leaves out the initial that one begins with: "J. Robert", "Robert"."""
    return len(one) > 1 and len(one[0]) == 1 and _may_be(one[1], other[0])


def _may_be(one: str, other: str) -> bool:
    """Say whether two names, or an initial and a name, may be one."""
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return same_given(one, other)


@lru_cache(maxsize=_KEPT)
def spelled_alike(one: str, other: str) -> bool:
    """Say whether two surnames may be one that is spelled in two ways."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or sound(one) != sound(other):
        return False
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


@lru_cache(maxsize=_KEPT)
def same_surname(one: PersonName, other: PersonName) -> bool:
    """Say whether two names have a surname in common, in one of its forms and spellings."""
    forms = ((one.surname, *one.others), (other.surname, *other.others))
    return any(spelled_alike(a, b) for a in forms[0] for b in forms[1])


def usual(names: Iterable[str]) -> str:
    """Return the name that is printed most often, the longest among such."""
    printed = Counter(names)
    return min(printed, key=lambda name: (-printed[name], -len(name), name))
