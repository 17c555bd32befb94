"""Citations of telegrams in the words of a document: "Deptel 236", "Saigon's 266", "urtel May 3".

Every number in the text is looked at with the words before it, read backwards: a series ("Secto",
"CA"), what is cited ("telegram", "despatch"), whose it is ("your", "Embassy's", "London's"). The
words behind it give a date, further numbers, and from or to where. From and to which posts a
cited telegram went follows from the ends of the document that cites it. The editors' notes are
never read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from ingest import dates, posts
from ingest.model import Citation, Document, Quote
from ontology.names import fold

_DIGITS = re.compile(r"\d+")
_NOT_BEFORE = frozenset(".,$£€/:&’'_\n")
"""Characters after which digits are part of something else: of a sum, a time, a file number."""
_PART = re.compile(r"[\w%°]|[.,:]\d|[’']s|\s?(?:[ap]\.\s?m\b|per\s?cent|(?:m|b|tr)illion|thousand)")
"""What behind digits makes them part of something else, or a count."""
_LONGEST = 6
"""Digits of a number, at most."""

SERIES = frozenset(
    "secto tosec dulte tedul polto topol delga gadel busec musec usito ecto repto torep toeca toica"
    " ecato delto todel cahto tocah hakto tohak tokis colux coled ecbus secnog nusec kascom gasec"
    " wh cap jcs mac def da uk ca cw cg cx predel delpre ecbru natus unkom comiss".split()
)
"""Series whose name and number tell a telegram, whoever sent it: those of delegations, circular
airgrams and instructions (CA, CW, CG), and of the military."""
_FEWEST = 2
"""Digits of a number behind a mere "your" or "London's"; a single one counts things."""
_SERIES_LIKE = re.compile(r"[A-Z][a-z]{1,4}to")
_NO_SERIES = frozenset("into onto unto plato soto cato veto auto photo ditto motto".split())
_EACH_POST = frozenset({"a", "g"})
"""Series that every post has: airgrams."""

_NOUNS = {
    "": "telegram telegrams tel tels teleg telegs cable cables cablegram cablegrams"
    " message messages msg msgs",
    "despatch": "despatch despatches dispatch dispatches desp desps instruction instructions",
    "a": "airgram airgrams",
    "circular": "circular circulars cirtel circtel circ circr cir",
}
"""What is cited, by its series."""
_OWNERS = {
    "your": "your yours ur yr",
    "my": "my our mine ours",
    "his": "his its their her",
    "dept": "department department’s department's departments dept dept’s dept's depts",
    "post": "embassy embassy’s embassy's embassys emb emb’s emb's legation legation’s legation's"
    " mission’s mission's consulate’s consulate's amembassy congen congen’s congen's",
}
"""Whose a telegram is, seen from the document that cites it; of "his" no post is known."""
_NUMBERED = frozenset("no nos nr nrs number numbers numbered nbr".split())
_BETWEEN = frozenset(
    "secret confidential top priority niact urgent unnumbered restricted noforn limdis nodis exdis"
    " immediate of dated the eyes only".split()
)
"""Words that may stand between what is cited and its number or day."""
_ELSEWHERE = frozenset(
    "cas cia ousaira usaira usarma alusna arma maag chmaag macv comusmacv usmaag".split()
)
"""Others at a place, with numbers of their own: "CAS Saigon 1448"."""
_COMPOUND = re.compile(
    r"(?:re|ref)?(?:(?P<dept>dep(?:artmen)?t?s?|state)|(?P<post>emb(?:assy)?s?|leg|con(?:gen)?|mis)"
    r"|(?P<your>your|ur|yr)|(?P<my>my|our))(?P<circular>cir(?:cular|c|r)?)?"
    r"(?:(?P<despatch>desp?(?:atch)?(?:es)?|instr?)|(?P<a>airgrams?|ag)|(?:circ)?tel(?:egram|egr|g)?s?"
    r"|cables?|msgs?|messages?)\Z"
)
"""One word for whose and what: "Deptel", "reurtels", "Embdesp", "Depcirtel"."""

_DAY = (
    rf"(?:(?P<m1>{dates.MONTH})\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s(?P<y1>1[89]\d\d)\b)?"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m2>{dates.MONTH})"
    r"(?:,?\s(?P<y2>1[89]\d\d|\d\d(?!\d|[.:,]?\d))\b)?)"
)
_HOUR = r"(?:,?\s\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?\s?m\b\.?|noon|midnight),?)?"
_DATED = re.compile(
    rf"\s*,?\s*\(?\s*(?:(?:of|dated|sent|on|from)\s)?{_HOUR}\s?(?:the\s)?{_DAY}", re.IGNORECASE
)
_A_DAY = re.compile(rf"{_DAY}(?!,?\s\d)", re.IGNORECASE)
_MORE = re.compile(
    r"(?:\s\([^()]{1,40}\))?(?:,\s(?:and\s|or\s)?|;\s(?:and\s)?|\s(?:and|or|plus)\s|\s?&\s?)"
    r"(?:No\.\s)?(?P<number>\d{1,6})"
)
_WHERE = re.compile(
    r"\s*\(?,?\s?(?P<way>to|from)\s(?:the\s)?(?P<who>[A-ZÀ-Þ][\w’'-]+(?:\s[A-ZÀ-Þ][\w’'-]+){0,2})"
)
_CORRECTED = re.compile(r"\s?\[(?P<number>\d{1,6})\]")
"""What the editors put behind a misprint: "telegram 72 [27]"."""
_REPEATED = re.compile(
    r"[,;]?\s\(?(?:also\s|and\s)?(?:repeated|rptd|rpt|repeat|sent|info|pouched)\s(?:for\s)?"
    r"(?:info(?:rmation)?\s)?(?:to\s)?(?:[A-ZÀ-Þ][\w’'.]+(?:\s[A-ZÀ-Þ][\w’'.]+)?(?:\sas)?\s\d{1,6}"
    r"(?![\w%])(?:,\s(?:and\s)?|;\s|\sand\s|\s)?)+"
)
"""Numbers that the same telegram has elsewhere: "repeated Paris 234, London 99"."""
_ALSO = re.compile(r"([A-ZÀ-Þ][\w’'.]+(?:\s[A-ZÀ-Þ][\w’'.]+)?)(?:\sas)?\s(\d{1,6})")
_COUNTED = re.compile(
    r"\s(?:[a-z]+\s)?(?:men|percent|per|people|troops|planes|aircraft|tons|days|years|months|weeks|hours"
    r"|dollars|pounds|ships|tanks|officers|personnel|refugees|votes|members|km|kilometers|miles|feet)\b"
)
"""Words behind a number that it counts: "your 400 men"."""
_FEW = re.compile(r"\s(?!is\b|was\b|has\b|as\b|this\b|its\b|re\w+s\b)[a-z-]+s\b")
"""A word behind a number of two digits that it may count: "your 40 divisions"."""


def citations(document: Document) -> list[Citation]:
    """Return the citations of a document in the order of its text, the head left out."""
    start = document.blocks[0].end if document.blocks else 0
    return [*_Reader(document).read(start)]


class _Lead(NamedTuple):
    """What the words before a number say, and where they begin.

    `owner` is a key of _OWNERS or a post; `sure` says that a word for telegrams is among them,
    `of_day` that the number is one of a month.
    """

    start: int
    owner: str | None = None
    series: str = ""
    sure: bool = False
    to: str | None = None
    of_day: bool = False


class _Behind(NamedTuple):
    """What the words behind a number say, and where they end."""

    end: int
    dated: re.Match[str] | None = None
    way: str | None = None  # from, to
    post: str | None = None
    also: tuple[tuple[str | None, str], ...] = ()


class _Reader:
    """A document while it is read, and the posts at its ends."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._senders, self._recipients = posts.ends(document)
        both = (*self._senders, *self._recipients)
        self._abroad = tuple(dict.fromkeys(post for post in both if post != posts.WASHINGTON))

    def read(self, end: int) -> Iterator[Citation]:
        """Yield the citations behind an offset."""
        text = self._text
        for found in _DIGITS.finditer(text, end):
            at = found.start()
            before = text[at - 1]
            if at < end or before in _NOT_BEFORE or found.end() - at > _LONGEST:
                continue
            if before == " " and _kind(_word_before(text, at))[0] is None:
                continue  # most numbers: no word of a citation is before them
            lead = _lead(text, end, at)
            if lead is not None:
                for citation in self._cited(lead, at):
                    yield citation
                    end = citation.quote.end

    def _cited(self, lead: _Lead, at: int) -> Iterator[Citation]:
        """Yield what is cited by the number at an offset and by those that follow it."""
        text, start = self._text, lead.start
        dated = _A_DAY.match(text, text.rfind(" ", 0, at - 1) + 1 if lead.of_day else at)
        if dated or lead.of_day:
            if dated and lead.sure and self._sides(lead, None)[0]:
                yield self._citation(lead, None, start, _Behind(dated.end(), dated))
            return
        digits = _DIGITS.match(text, at)
        while digits and self._is_number(digits, lead):
            corrected = _CORRECTED.match(text, digits.end())
            number = corrected["number"] if corrected else digits[0]
            behind = _behind(text, (corrected or digits).end())
            behind = _with_repeats(text, behind)
            yield self._citation(lead, number, start, behind)
            if behind.also:
                return
            more = _MORE.match(text, behind.end)
            if more is None or len(more["number"]) < len(digits[0]) - 1:
                return
            start = more.start("number")
            digits = None if _A_DAY.match(text, start) else _DIGITS.match(text, start)

    def _is_number(self, digits: re.Match[str], lead: _Lead) -> bool:
        """Tell whether digits are a whole number, and one of a telegram."""
        if _PART.match(self._text, digits.end()):
            return False
        if lead.sure:
            return True
        is_year = len(digits[0]) == 4 and digits[0].startswith("19") and lead.owner not in _OWNERS
        behind = _FEW if len(digits[0]) == _FEWEST else _COUNTED
        counts = len(digits[0]) < _FEWEST or behind.match(self._text, digits.end())
        return not (is_year or counts)

    def _citation(self, lead: _Lead, number: str | None, start: int, behind: _Behind) -> Citation:
        senders, recipients = self._sides(lead, behind)
        month, day, year = _date(behind.dated) if behind.dated else (None, None, None)
        return Citation(
            Quote(self._text[start : behind.end], start, behind.end),
            lead.series,
            (number.lstrip("0") or "0") if number else None,
            senders,
            recipients,
            month,
            day,
            year,
            tuple((post, number) for post, number in behind.also if post),
        )

    def _sides(
        self, lead: _Lead, behind: _Behind | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return from which posts a cited telegram may have gone, and to which."""
        senders, recipients = self._owned(lead.owner)
        if lead.series == "circular":
            return senders or (posts.WASHINGTON,), ()
        way, post = (behind.way, behind.post) if behind and behind.post else ("to", lead.to)
        if post and way == "to":
            abroad = () if post == posts.WASHINGTON else (posts.WASHINGTON,)
            return senders or abroad, (post,)
        if post:
            return (post,), recipients or self._opposite(post)
        return senders, recipients

    def _owned(self, owner: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        match owner:
            case "your":
                return self._recipients, self._senders
            case "my":
                return self._senders, self._recipients
            case "dept":
                return (posts.WASHINGTON,), self._abroad
            case "post":
                return self._abroad, (posts.WASHINGTON,)
            case "his" | None:
                return (), ()
        return (owner,), self._opposite(owner)

    def _opposite(self, post: str) -> tuple[str, ...]:
        return self._abroad if post == posts.WASHINGTON else (posts.WASHINGTON,)


def _behind(text: str, end: int) -> _Behind:
    """Read date and place behind a number, in either order."""
    dated = _DATED.match(text, end)
    end = dated.end() if dated else end
    where = _WHERE.match(text, end)
    post, length = _beginning(where["who"]) if where else (None, 0)
    if where and post:
        end = where.start("who") + length
        dated = dated or _DATED.match(text, end)
        end = max(end, dated.end()) if dated else end
        return _Behind(end, dated, where["way"], post)
    return _Behind(end, dated)


def _with_repeats(text: str, behind: _Behind) -> _Behind:
    """Read to where a telegram was repeated, and under which numbers."""
    repeated = _REPEATED.match(text, behind.end)
    found = _ALSO.finditer(repeated[0]) if repeated else ()
    also = [*takewhile(lambda each: posts.placed(each[1]) or each[1].isupper(), found)]
    if not repeated or not also:
        return behind
    others = tuple((posts.placed(each[1]), each[2]) for each in also)
    return behind._replace(end=repeated.start() + also[-1].end(), also=others)


def _date(dated: re.Match[str]) -> tuple[int, int, int | None]:
    """Return month, day and year, the year only as far as it is printed."""
    printed = dated["y1"] or dated["y2"]
    year = int(printed) + (1900 if len(printed) == 2 else 0) if printed else None
    return _month(dated["m1"] or dated["m2"]), int(dated["d1"] or dated["d2"]), year


_BY_MONTH = {month[:3].lower(): number for number, month in enumerate(dates.MONTHS, 1)}


def _month(word: str) -> int:
    return _BY_MONTH[word[:3].lower()]


# The words before a number

_FARTHEST = 60
"""Code points before a number that are looked at."""
_PUNCTUATION = '()[]“”"‘.,;:–—-#'
_ABBREVIATED = frozenset({"no", "noun", "owner", "compound", "month"})
"""Kinds of words after which a full stop does not end a sentence."""


def _lead(text: str, floor: int, at: int) -> _Lead | None:
    """Read the words before a number backwards; None where they do not lead up to a citation."""
    floor = max(floor, at - _FARTHEST, text.rfind("\n", max(floor, at - _FARTHEST), at) + 1)
    start = _word_start(text, floor, at)
    if start is None or _kind(text[start:at].rstrip())[0] is None:
        return None
    words = [(text[start:at].rstrip(), start)]
    while (start := _word_start(text, floor, words[-1][1])) is not None and len(words) < 9:
        words.append((text[start : words[-1][1]].rstrip(), start))
    lead = _read(words)
    opened = lead is not None and text[lead.start] in "([“"
    return lead._replace(start=lead.start + 1) if lead and opened else lead


def _word_before(text: str, at: int) -> str:
    word = text[text.rfind(" ", at - 25, at - 1) + 1 : at - 1]
    return word.rpartition("\n")[2].rpartition("—")[2]


def _word_start(text: str, floor: int, end: int) -> int | None:
    """Return where the word begins that ends before an offset, dashes of its own left out."""
    while end > floor and text[end - 1] in " –-—":
        end -= 1
    if end == floor:
        return None
    return max(text.rfind(" ", floor, end), text.rfind("—", floor, end), floor - 1) + 1


def _read(words: list[tuple[str, int]]) -> _Lead | None:
    """Read words, the last one first, until it is told whose telegram is cited."""
    lead = _Lead(words[0][1])
    index, numbered = 0, False
    while index < len(words):
        word, start = words[index]
        kind, value = _kind(word)
        if index and (word[-1] in ";:" or (word[-1] == "." and kind not in _ABBREVIATED)):
            break
        if kind == "series":
            return _Lead(start, None, value, True)
        if kind == "compound":
            whose, _, series = value.partition(" ")
            return lead._replace(start=start, owner=whose, series=lead.series or series, sure=True)
        if kind == "owner":
            lead = lead._replace(start=start, owner=value)
            break
        if kind == "noun":
            lead = lead._replace(start=start, series=lead.series or value, sure=True)
        elif kind in ("letter", "month") and index == 0:
            lead = lead._replace(start=start, of_day=kind == "month", series=value)
        elif kind == "no":
            lead, numbered = lead._replace(start=start), True
        elif kind != "between":
            post, index = _named(words, index)
            if (
                post
                and kind == "name"
                and not lead.to
                and index + 1 < len(words)
                and words[index + 1][0] == "to"
            ):
                lead, index = lead._replace(to=post), index + 1
            elif post or (kind == "genitive" and not lead.of_day and words[index][0][:1].isupper()):
                lead = lead._replace(start=words[index][1], owner=post or "his")
                break
            else:
                break
        index += 1
    lead = lead._replace(sure=lead.sure or (numbered and lead.owner is not None))
    return lead if _is_told(lead) else None


def _is_told(lead: _Lead) -> bool:
    if lead.of_day:
        return lead.sure and lead.owner is not None
    return lead.sure or lead.owner is not None


def _named(words: list[tuple[str, int]], index: int) -> tuple[str | None, int]:
    """Return the post that the words behind some index name, and the index of the first one."""
    if words[index][0][-1] in ",." and index == 0:
        return None, index
    for count in (3, 2, 1):
        first = index + count - 1
        if first < len(words) and words[first][0].lstrip("([“")[:1].isupper():
            name = " ".join(word for word, _ in words[first : index - 1 if index else None : -1])
            if post := posts.placed(_bare(name)):
                before = words[first + 1][0] if first + 1 < len(words) else ""
                others = before.strip(_PUNCTUATION).lower() in _ELSEWHERE
                return (None, index) if others else (post, first)
    return None, index


@lru_cache(maxsize=1 << 14)
def _beginning(words: str) -> tuple[str | None, int]:
    """Return the post that some words begin with, and how long its name is."""
    parts = words.split(" ")
    for count in (3, 2, 1):
        name = " ".join(parts[:count])
        if post := posts.placed(_bare(name)):
            return post, len(name)
    return None, 0


@lru_cache(maxsize=1 << 16)
def _kind(word: str) -> tuple[str | None, str]:
    """Tell what a word before a number can be, and what it says; None for no part of a citation."""
    bare = word.strip(_PUNCTUATION)
    low = bare.lower()
    joined = fold(bare).replace(" ", "")
    if not bare:
        return "between", ""  # a dash of its own
    if low in _BY_WORD:
        kind, value = _BY_WORD[low]
        is_common = low in ("department", "embassy", "legation", "emb") and bare[0].islower()
        return (None, "") if is_common else (kind, value)
    if bare[:1].isupper():
        if (
            joined in SERIES
            or joined.removesuffix("s") in SERIES
            or (_SERIES_LIKE.fullmatch(bare) and joined not in _NO_SERIES)
        ):
            return "series", joined if joined in SERIES else joined.removesuffix("s")
        if joined in _EACH_POST:
            return "letter", joined
        if re.fullmatch(dates.MONTH, bare, re.IGNORECASE):
            return "month", ""
    if found := _COMPOUND.match(joined):
        whose = next(name for name in ("dept", "post", "your", "my") if found[name])
        series = next((name for name in ("circular", "despatch", "a") if found[name]), "")
        return "compound", f"{whose} {series}"
    if word.rstrip("–-").endswith(("’s", "'s", "s’", "s'")):
        return "genitive", ""
    return ("name", "") if fold(bare).rpartition(" ")[2] in _last_words() else (None, "")


_BY_WORD = {
    **{word: ("owner", whose) for whose, words in _OWNERS.items() for word in words.split()},
    **{word: ("noun", series) for series, words in _NOUNS.items() for word in words.split()},
    **dict.fromkeys(_NUMBERED, ("no", "")),
    **dict.fromkeys(_BETWEEN, ("between", "")),
}


@lru_cache(maxsize=1)
def _last_words() -> frozenset[str]:
    """Return the last words of the names that telegrams have for posts."""
    return frozenset(name.rpartition(" ")[2] for name in posts.places())


@lru_cache(maxsize=1 << 14)
def _bare(name: str) -> str:
    """Return a name without punctuation and genitive."""
    name = name.strip(_PUNCTUATION)
    return re.sub(r"(?:[’']s|(?<=s)[’'])\Z", "", name)
