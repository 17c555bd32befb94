"""The head of a document: its form, who wrote it, and to whom.

Heads come in a few shapes: "Telegram From A to B", "The A to the B", "Memorandum of
Conversation, by A", "Memorandum for B", "Paper Prepared in A". Offices contain the word "to"
themselves ("Special Assistant to the President"), so the editors' tags of sender and recipient
decide where there are any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ingest.dates import MONTH
from ingest.model import Form, Party

_NUMBER = re.compile(
    r"\[?(?:No\.\s(?P<old>\d+[a-z]?)\.?|(?P<new>\d+[a-z]?)\s?\.)(?:\s+|$)", re.IGNORECASE
)
_TAIL = re.compile(
    rf",?\s+(?:\[?undated\b|(?:(?:on|of|dated)\s)?(?:\w+day,\s)?\[?(?:{MONTH}\s\d{{1,2}}\b"
    rf"|\d{{1,2}}(?:\s?[-–]\s?\d{{1,2}})?\s{MONTH}|{MONTH},?\s1[789]\d\d))"
)
_DATED = re.compile(r"\d|ndated")
_PLACE = re.compile(r"(?<=\)),\s(?P<after>[^()]+)$|,\s(?P<place>[A-Z][\w.’-]+(?:\s[A-Z]\w+)?)$")
_TO = re.compile(r"\s[Tt]o\s+(?=\S)")
_FROM = re.compile(r"\b[Ff]rom:?\s+(?!transcripts?\b)")
_AUTHOR = re.compile(r",?\s(?:[Pp]repared\s)?[Bb]y\s+")
_BY = re.compile(
    r",?\s(?:(?:[Pp]repared\s|[Dd]rafted\s)?[Bb]y|(?:[Pp]repared|[Dd]rafted),?\s(?:in|at|on))\s+"
)
_FOR = re.compile(r"\s(?:[Ff]or|[Tt]o)\s+")
_BETWEEN = re.compile(r"\b(?:[Bb]etween|[Aa]mong)\s+")
_AND = re.compile(r"(?:,\s(?:and\s)?|\s[Aa]nd\s)")
_SUBJECT = re.compile(
    r"\s(?:[Oo]n|[Bb]efore|[Rr]egarding|[Cc]oncerning|[Tt]ransmitting|[Dd]uring)\s"
)
_FOR_WHOM = re.compile(
    r"\sfor\s(?:the\s)?(?=President\b|Secretary\b|Under Secretary|Ambassador|Cabinet"
    r"|National Security Council|United States Delegation|Vice President)"
)
_NOBODY = re.compile(r"(?:the\s)?(?:record|files?)\b", re.IGNORECASE)
_GAPS = re.compile(r"(?<=[(\[])\s+|\s+(?=[)\],])")
_ROLE = re.compile(
    r"(?:Assistants?|Missions?|Representatives?|Advis[eo]rs?|Delegations?|Delegates?|Counsel"
    r"|Counselor|Consultant|Ambassador|Envoy|Observers?|Aide|Emissary|Secretary|Deputy|Minister"
    r"|Office|Liaison|Attaché|Accredited|Coordinator|Chief|Relations?|Aid|Assigned|Director)$"
)
_NAMED = re.compile(r"(?P<office>[^()]*?)\s*\(\s*(?P<name>[^()]*?)\s*\)\s*(?P<more>[^()]*)$")
_TITLE = re.compile(
    r"(?P<office>(?:(?:Acting|Deputy|Vice|Former|Under|Assistant|Associate)\s)*"
    r"(?:President(?:-[Ee]lect)?|(?:Foreign\s|Defense\s)?Secretary(?:[-\s]General)?"
    r"|Secretary\sof\s(?:State|Defense|the\sTreasury|the\sArmy|Commerce|Agriculture|the\sNavy"
    r"|the\sAir\sForce|Labor|the\sInterior)(?:-Designate)?|Prime\sMinister|Foreign\sMinister"
    r"|Chancellor|Premier|Chairman|General\sSecretary|Ambassador|King|Queen|Prince|Shah|Emperor"
    r"|Senator|Representative|Congressman|Attorney\sGeneral|Director\sof\sCentral\sIntelligence"
    r"|Generalissimo|General|Admiral|Marshal|Colonel|Governor|Archbishop|Lord|Sir|Madame))\s+"
    r"(?P<name>[A-Z’'](?:(?!\s(?:at|in|on|for)\s)[^,])*)(?:\s(?:at|in)\s[^,]*)?$"
)
_HONORIFIC = re.compile(r"(?:Mr|Mrs|Miss|Messrs|Dr)\.?\s+")
_PERSON_OF = re.compile(
    r"(?P<name>(?:[A-Z][\w’'.-]*\s){1,3}[A-Z][\w’'-]+(?:,\s[JS]r\b\.?)?)"
    r"(?:\sof\s(?:the\s)?(?=.*\b(?:Staff|Office"
    r"|Bureau|Division|Department|Embassy|Agency|Council|Mission|Delegation|Committee)\b)"
    r"|,\s(?:of\s(?:the\s)?)?(?![JS]r\b)|\s?—\s?|(?<=r\.)\s)(?P<office>.+)$"
)
_PERSON = re.compile(r"(?:[A-Z][\w’'.-]*\s+){1,3}[A-Z][\w’'-]+(?:,\s[JS]r\.)?$")
_WORD = r"[A-Z]\w*[a-z](?:\s[A-Z]\w*[a-z])?"
_SURNAMES = re.compile(rf"{_WORD}(?:(?:,\s(?:and\s)?|\sand\s){_WORD})*$")
_PERSONAL = re.compile(r"(?:\w+\s){0,2}(?:memorandum|letter|note)\s(?:from|to)\s", re.IGNORECASE)
_JUNIOR = re.compile(r",\s[JS]r\.")
_OF = re.compile(r"^of\s(?:the\s)?")
_TITLE_OR_PLACE = re.compile(r"of\s\w+$|.*\s(?:in|of|at|for)$")
_OFFICE = re.compile(
    r"\b(?:Secretar(?:y|ies)|President|Chiefs?|Staff|Ministers?|Ambassadors?|Chairman|Directors?"
    r"|Embass(?:y|ies)|Departments?|Government|Council|Committee|Counsel(?:or)?|Commander"
    r"|Delegat(?:ion|es?)|Boards?|Missions?|Posts?|Advis[eo]rs?|Offices?|Officers?|Bureau|Division"
    r"|Agency|Group|Force|Party|Union|Nations|Conference|Consul(?:ates?)?|Legations?|Certain|All"
    r"|Congress|Senate|Cabinet|House|Members?|Representatives?|Assistant|General|Chargé|Attaché"
    r"|Administrat(?:ion|or)|Commission(?:er)?|Secretariat|Section|Panel|Intelligence|National"
    r"|Central|United|States|Army|Navy|Joint|Special|Interagency|Forces|Leaders|Stations?|Estimates|of)\b"
)
_WHERE = re.compile(r",\s(?:in|at|aboard|en\sroute\sto)\s[^,()]*(?:,\s[A-Z][\w.]*)?$")
_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"\[?editorial note", Form.EDITORIAL_NOTE),
        (
            r"(?:\w+\s){0,3}memorand(?:um|a)\b.{0,50}?\b(?:of|on)\s.{0,60}?(?:(?:discussions?|actions?)"
            r"\b.*\bmeeting|JCS\b|joint\schiefs\sof\sstaff\smeeting)",
            Form.MINUTES,
        ),
        (
            r"(?:\w+\s){0,3}memorand(?:um|a)\b.{0,25}?\s(?:of|on)\s.{0,60}?\b(?:conversations?"
            r"|conferences?|discussions?|meetings?|talks?|interview)\b"
            r"|.{0,40}\btelephone\s(?:\w+\s)?(?:conversation|call)s?\b|(?:private\s)?conversations?\b"
            r"|(?:[\w’'.-]+\s){0,2}(?:record|notes?|report|transcript|summary|minutes|account)"
            r"\s(?:of|on)\s.{0,30}?\bconversations?\b",
            Form.CONVERSATION,
        ),
        (
            r"(?:[\w’'.-]+\s){0,6}minutes\b|record\sof\saction|(?:[\w’'.-]+\s){0,4}(?:record|notes?"
            r"|summary|transcript|proceedings)\s(?:of|on|from|for)\s(?!.*\bfrom\s.*\sto\s).{0,90}?"
            r"\b(?:meetings?|sessions?|conferences?|discussions?|talks|actions?)\b"
            r"|verbatim\srecord\b",
            Form.MINUTES,
        ),
        (
            r"(?:[\w’'-]+\s){0,3}(?:telegrams?|cablegram|cable|back-?channel\smessage|radiogram)\b",
            Form.TELEGRAM,
        ),
        (r"(?:[\w’'-]+\s){0,3}airgram\b", Form.AIRGRAM),
        (r"(?:[\w’'-]+\s){0,3}(?:letters?|d[ei]spatch|instruction)\b", Form.LETTER),
        (
            r"(?:[\w’'-]+\s){0,2}(?:aide[-\s–]m[ée]moire|note\sverbale|diplomatic\snote)\b",
            Form.NOTE,
        ),
        (r"(?:oral\s|draft\s|informal\s)?(?:notes?|message)\s(?:from|to)\b", Form.OTHER),
        (r"(?!the\s)(?:[^,(]+?\s)?memorand(?:um|a)\b", Form.MEMORANDUM),
        (
            r"(?!the\s)(?:[^,(]+?\s)?(?:reports?|estimates?|stud(?:y|ies)|papers?|analysis|survey"
            r"|assessment|appraisal|review|notes?|intelligence\s\w+|brief)\b",
            Form.REPORT,
        ),
    )
)
_SHORT = re.compile(r"(?P<draft>draft |informal |oral )?(?P<word>notes?|message)\b", re.IGNORECASE)
_MEDIA = {"telegram": Form.TELEGRAM, "airgram": Form.AIRGRAM, "radiogram": Form.TELEGRAM}
_STATE = re.compile(
    r"\b(?:Embassy|Legation|Government|Mission|Ministry|Leaders|Foreign (?:Office|Ministry)"
    r"|(?:Chargé|Ambassador|Minister)(?! (?:in|at|to)\b)|Department of State)\b"
)
_FORMAL = re.compile(
    r"\bpresents? (?:his|its|their|her) compliments\b|\bEXCELLENCY\b|\bExcellency:"
)


class Tag(NamedTuple):
    """A name in the head, as the editors tagged it; `role` is from, to or nothing."""

    role: str
    start: int
    end: int
    target: str | None = None
    person: bool = True


class Head(NamedTuple):
    """What a head says; `tail` is the date at its end, `place` what stands before that."""

    form: Form
    number: str | None = None
    sender: Party | None = None
    recipient: Party | None = None
    between: tuple[Party, ...] = ()
    place: str | None = None
    tail: str = ""


def read_head(
    head: str, tags: Sequence[Tag] = (), medium: str | None = None, opening: str = ""
) -> Head:
    """Read a head.

    `medium` is what the source note calls the original, `opening` the first words of the text.
    """
    numbered = _NUMBER.match(head)
    start = numbered.end() if numbered else 0
    number = (numbered["old"] or numbered["new"]) if numbered else None
    form, plain = _form(_leading(head, start))
    if form is Form.EDITORIAL_NOTE:
        return Head(form, number)
    dated = _TAIL.search(head, start) if _DATED.search(head, start) else None
    end = dated.start() if dated else len(head)
    located = _PLACE.search(head, start, end) if dated else None
    place = (located["after"] or located["place"]) if located else None
    end = located.start() if located else end
    tail = head[dated.start() :] if dated else ""
    if form in (Form.CONVERSATION, Form.MINUTES):
        author = _author(head, start, end, tags)
        return Head(form, number, author, None, _between(head, start, end, tags), place, tail)
    sender, recipient = _parties(head, start, end, plain, tags)
    if form is Form.OTHER:
        form = _unnamed_form(head[start:end], medium, sender, recipient, opening)
    if _PERSONAL.match(head, start):
        sender, recipient = _surnamed(sender, head), _surnamed(recipient, head)
    return Head(form, number, sender, recipient, (), place, tail)


def _leading(head: str, start: int) -> str:
    """The words of a head that can name its form."""
    end = head.find(" From ", start)
    return head[start:end] + " From" if end > 0 else head[start:]


@lru_cache(maxsize=4096)
def _form(words: str) -> tuple[Form, bool]:
    """Tell the form that a head names; also tell whether it names none."""
    if not words.startswith("The "):
        for pattern, form in _FORMS:
            if pattern.match(words):
                return form, False
    return Form.OTHER, True


def _unnamed_form(
    words: str, medium: str | None, sender: Party | None, recipient: Party | None, opening: str
) -> Form:
    """Tell the form where the head leaves it open: "The A to the B", "Message From A to B"."""
    for name, form in _MEDIA.items():
        if medium and name in medium:
            return form
    short = _SHORT.match(words)
    if short is None and not (sender and recipient):
        return Form.OTHER
    if _FORMAL.search(opening) or _between_states(sender, recipient):
        return Form.NOTE
    if short and short["word"].lower().startswith("note"):
        return Form.MEMORANDUM
    return Form.LETTER if sender and recipient else Form.OTHER


def _between_states(sender: Party | None, recipient: Party | None) -> bool:
    """Tell whether two offices, not two persons, of different governments write to each other."""
    if sender is None or recipient is None or sender.name or recipient.name:
        return False
    return bool(_STATE.search(sender.printed) and _STATE.search(recipient.printed))


def _surnamed(party: Party | None, head: str) -> Party | None:
    """Take bare surnames for names: "Memorandum from Smith to Rusk and Ball"."""
    if party is None or party.name or f" the {party.printed}" in head:
        return party
    if _OFFICE.search(party.printed) or not _SURNAMES.match(party.printed):
        return party
    return Party(party.printed, None, party.printed, party.target)


def _parties(
    head: str, start: int, end: int, plain: bool, tags: Sequence[Tag]
) -> tuple[Party | None, Party | None]:
    """Find sender and recipient between `start` and `end` of the head."""
    begins = _FROM.search(head, start, end)
    if begins:
        return _split(head, begins.end(), end, tags)
    if plain and _names_party(head, start, end, tags):
        return _split(head, start, end, tags)
    return _prepared(head, start, end, tags)


def _names_party(head: str, start: int, end: int, tags: Sequence[Tag]) -> bool:
    """Tell whether a head without a form begins with a party: "The A to the B"."""
    if not _TO.search(head, start, end) or _BY.search(head, start, end):
        return False
    return (
        head.startswith("The ", start)
        or bool(_TITLE.match(head, start, end) or _HONORIFIC.match(head, start, end))
        or any(tag.role == "from" or tag.start <= start + 4 for tag in tags)
    )


def _author(head: str, start: int, end: int, tags: Sequence[Tag]) -> Party | None:
    by = _AUTHOR.search(head, start, end)
    return _party(head, by.end(), end, tags) if by else None


def _between(head: str, start: int, end: int, tags: Sequence[Tag]) -> tuple[Party, ...]:
    """Read "Between A and B"; an "and" within an office does not part two persons."""
    begins = _BETWEEN.search(head, start, end)
    if begins is None:
        return ()
    start = begins.end()
    cuts = [m for m in _AND.finditer(head, start, end) if _outside(head, m)]
    if len(cuts) > 1:
        ends = {tag.end for tag in tags}
        cuts = [m for m in cuts if head[m.start() - 1] == ")" or m.start() in ends]
    end = _before_place(cuts, end)
    cuts = [m for m in cuts if m.start() < end]
    edges = [start, *(edge for cut in cuts for edge in cut.span()), end]
    parties = (_party(head, a, b, tags) for a, b in zip(edges[::2], edges[1::2], strict=True))
    return tuple(party for party in parties if party)


def _before_place(cuts: Sequence[re.Match[str]], end: int) -> int:
    """Find the end of the last person: after an "and", a comma comes before a place."""
    last = max((i for i, cut in enumerate(cuts) if "and" in cut.group().lower()), default=None)
    if last is None or last + 1 == len(cuts):
        return end
    return cuts[last + 1].start()


def _prepared(
    head: str, start: int, end: int, tags: Sequence[Tag]
) -> tuple[Party | None, Party | None]:
    """Read "Paper Prepared by A for B", "Memorandum for B by A", "Report to B"."""
    by = _BY.search(head, start, end)
    to = _FOR.search(head, start, by.start() if by else end)
    if by is None:
        return None, _party(head, to.end(), end, tags) if to else None
    subject = _SUBJECT.search(head, by.end(), end)
    if subject and "(" not in head[subject.end() : end]:
        end = subject.start()
    if to:
        return _party(head, by.end(), end, tags), _party(head, to.end(), by.start(), tags)
    whom = _FOR_WHOM.search(head, by.end(), end)
    if whom:
        return _party(head, by.end(), whom.start(), tags), _party(head, whom.end(), end, tags)
    middle = _middle(head, by.end(), end, tags)
    if middle and _of_one_office(head, by.end(), middle.start()):
        return _party(head, by.end(), end, tags), None
    return _split(head, by.end(), end, tags)


def _of_one_office(head: str, start: int, end: int) -> bool:
    """Tell whether a "to" belongs to an office: "Mr. Hiss, Assistant to the Adviser"."""
    before = head[start:end]
    return bool(_ROLE.search(before)) and (", " in before or " of " not in before)


def _split(
    head: str, start: int, end: int, tags: Sequence[Tag]
) -> tuple[Party | None, Party | None]:
    """Read "A to B"."""
    middle = _middle(head, start, end, tags)
    if middle is None:
        return _party(head, start, end, tags), None
    return (
        _party(head, start, middle.start(), tags),
        _party(head, middle.end(), end, tags),
    )


def _middle(head: str, start: int, end: int, tags: Sequence[Tag]) -> re.Match[str] | None:
    """Find the "to" between sender and recipient."""
    found = [m for m in _TO.finditer(head, start, end) if _outside(head, m)]
    if len(found) < 2:
        return found[0] if found else None
    low = max((tag.end for tag in tags if tag.role == "from" and tag.end <= end), default=0)
    high = min((tag.start for tag in tags if tag.role == "to" and tag.start > low), default=end)
    between = [m for m in found if low <= m.start() and m.end() <= high]
    chosen = _likely(head, between or found)
    if _ROLE.search(head, 0, chosen.start()):
        return _after_name(head, found, chosen)
    return chosen


def _after_name(head: str, found: list[re.Match[str]], chosen: re.Match[str]) -> re.Match[str]:
    """Pass over the "to" of an office whose holder is named: "Adviser to SCAP (Sebald) to"."""
    for one in found:
        if one.start() > chosen.start() and head[: one.start()].endswith((")", "),")):
            return one
    return chosen


def _outside(head: str, found: re.Match[str]) -> bool:
    """Tell whether a place in the head is outside of parentheses."""
    return head.count("(", 0, found.start()) == head.count(")", 0, found.start())


def _likely(head: str, found: list[re.Match[str]]) -> re.Match[str]:
    """Choose the "to" that ends a name, or does not belong to an office."""
    for one in found:
        if head[one.start() - 1] in "),":
            return one
    for one in found:
        if not _ROLE.search(head, 0, one.start()):
            return one
    return found[0]


def _party(head: str, start: int, end: int, tags: Sequence[Tag]) -> Party | None:
    """Read the words for one party: an office, a name in parentheses, a tagged person."""
    printed = _tidy(head[start:end])
    if not printed or _NOBODY.match(printed):
        return None
    person = next(
        (tag for tag in tags if tag.person and start <= tag.start and tag.end <= end), None
    )
    tagged = _tidy(head[person.start : person.end]) if person else None
    office, name = _office_and_name(printed, tagged)
    return Party(printed, office, name, person.target if person else None)


def _tidy(words: str) -> str:
    if "( " in words or " )" in words or " ," in words or "[ " in words or " ]" in words:
        words = _GAPS.sub("", words)
    bare = words.strip(" ,.;:”")
    if bare.endswith((" Jr", " Sr")) and f"{bare}." in words:
        bare += "."
    return bare[4:] if bare[:4] in ("the ", "The ") else bare


@lru_cache(maxsize=4096)
def _office_and_name(printed: str, tagged: str | None) -> tuple[str | None, str | None]:
    polite = _HONORIFIC.match(printed)
    bare = _WHERE.sub("", printed[polite.end() :] if polite else printed)
    titled = _PERSON_OF.match(bare)
    if titled and not _OFFICE.search(titled["name"]):
        return titled["office"], titled["name"]
    named = _NAMED.match(printed)
    if named:
        return f"{named['office']} {named['more']}".strip(" ,").replace(" ,", ","), named["name"]
    titled = _TITLE.match(bare)
    if titled and (tagged is None or tagged in titled["name"] or titled["name"] in tagged):
        return titled["office"], titled["name"]
    if tagged and not _OFFICE.search(tagged):
        return _beside(printed, tagged)
    if polite or (_PERSON.match(bare) and not _OFFICE.search(bare)):
        return None, bare
    return printed, None


def _beside(printed: str, tagged: str) -> tuple[str | None, str | None]:
    """Part a tagged person from the office; several persons, or a tag in a title, stay whole."""
    before, _, after = printed.partition(tagged)
    if junior := _JUNIOR.match(after):
        tagged, after = tagged + junior[0], after[junior.end() :]
    if before.endswith("(") and after.startswith(")"):
        before, after = before[:-1], after[1:]
        if "(" in after:
            return printed, None
        office = f"{before}{after}".strip(" ,—")
    else:
        office = f"{before}{after}".strip(" ,()—")
    if _TITLE_OR_PLACE.match(office):
        return printed, None
    return _OF.sub("", office).replace(" ,", ",") or None, tagged


def read_party(words: str, tags: Sequence[Tag] = ()) -> Party | None:
    """Read the words for one party outside of a head, as in a list of participants."""
    return _party(words, 0, len(words), tags)
