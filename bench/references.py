"""How well cited telegrams are found, beside what the editors say in notes right behind them.

    python -m bench.references ../shared [wrong false unresolved overlooked]

prints the table of bench/ACCURACY.md, and the cases of these outcomes.

A note that does nothing but name one document ("Document 115.", "Supra.", "p. 57.") behind words
that cite a telegram by number or day says which one is meant. `ingest/chains.py` finds it without
the notes. What these words look like is told here anew and more widely than the program reads
them, so that a citation it overlooks counts against its recall. A note "Not printed." counts
against its precision where the program finds a document.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from bench.scoring import Share
from ingest import dates
from ingest.chains import Index, Letter, letter
from ingest.crossrefs import Reading, behind, readings
from ingest.model import Citation, Document, Form, years_in
from ingest.readers import read_source

ROOT = Path(__file__).parents[1]
PERIODS = ((0, "before 1914"), (1914, "1914-1945"), (1946, "1946-1960"), (1961, "1961-1968"),
           (1969, "1969 and later"))  # fmt: skip
TUNED = ("frus1955-57", "frus1961-63")
"""Subseries whose faults were read while the rules were made."""

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_BY_NUMBER = re.compile(r"(?P<before>\S*)[\s–-]*(?:No\.\s?)?\d{1,6}\W{0,3}$")
_BY_NUMBER_AND_DAY = re.compile(
    rf"\S+\s(?:No\. )?\d{{2,6}}\W{{1,2}}(?:of |dated )?{_DAY}\W{{0,3}}$"
)
_BY_DAY = re.compile(
    r"(?:tel|cable|gram|desp|disp)\w*\.?,? (?:(?:of|dated|sent) )?(?:No\. )?"
    rf"(?:\d+ ?,?\s?(?:of |dated )?)?{_DAY}(?:, \d+ [ap]\.? ?m\.?)?\W{{0,3}}$"
)
_WIRED = frozenset({Form.TELEGRAM, Form.AIRGRAM})
_DESPATCHED = re.compile(r"desp|disp|CA|CW|nstruction")


class Case(NamedTuple):
    """A citation that the editors resolve, and what the program makes of it.

    `meant` are the documents that the note may mean: one, or those on a page; none where it says
    "not printed". `outcome` is right, wrong, unresolved or overlooked; of what is not printed left
    or false.
    """

    citing: str
    year: int
    words: str
    note: str
    meant: tuple[str, ...]
    found: str | None
    outcome: str


class _Told(NamedTuple):
    """A note of the editors behind words that cite, and the citation that was read there."""

    citing: str
    year: int
    words: str
    reading: Reading
    letter: Letter | None
    citation: Citation | None


class _Volume(NamedTuple):
    """What is kept of a volume: its letters, the cases to judge, and its pages."""

    letters: list[Letter]
    cases: list[_Told]
    pages: dict[str, list[str]]
    wired: dict[str, bool]  # by document: whether it has a number


def cases(shared: Path, *names: str, jobs: int = 2) -> list[Case]:
    """Return the cases in the volumes of some names, or all; all are searched together."""
    corpus = sorted((shared / "corpus").glob("*.xml.gz"))
    paths = [path for path in corpus if not names or path.name.partition(".")[0] in names]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        volumes = [*pool.map(_kept, paths)]
    index = Index(one for volume in volumes for one in volume.letters)
    return [case for volume in volumes for case in _judged(volume, index)]


def _kept(path: Path) -> _Volume:
    kept = _Volume([], [], defaultdict(list), {})
    for document in read_source(path):
        if isinstance(document, Document):
            one = letter(document)
            kept.letters.extend([one] if one else [])
            for page in document.pages:
                kept.pages[page.id].append(document.key)
            kept.wired[document.key] = document.form in _WIRED
            kept.cases.extend(_told(document, one))
    return kept


def _told(document: Document, one: Letter | None) -> Iterator[_Told]:
    """Yield the readings of the editors behind words that cite a telegram."""
    found = [citation for citation, _ in one.cites] if one else []
    for reading in readings(document):
        start = max(0, reading.note.offset - 60)
        words = document.text[start : reading.note.offset].rpartition("\n")[2]
        last = behind(found, reading.note, document.text)
        resolved = reading.document or reading.page
        if cites(words) if resolved else last is not None:
            yield _Told(document.key, _year(document), words, reading, one, last)


def cites(words: str) -> bool:
    """Tell whether words end in what looks like a telegram by number or day."""
    if _BY_DAY.search(words) or _BY_NUMBER_AND_DAY.search(words):
        return True
    number = _BY_NUMBER.search(words)
    return number is not None and not re.fullmatch(dates.MONTH, number["before"].strip("(,"))


def _year(document: Document) -> int:
    sent = document.sent
    if sent and sent.earliest and sent.latest and sent.earliest[:4] == sent.latest[:4]:
        return int(sent.earliest[:4])
    return next(iter(years_in(document.volume)), 0)


def _judged(volume: _Volume, index: Index) -> Iterator[Case]:
    for told in volume.cases:
        meant = _meant(told.reading, volume, told.words)
        if meant is not None:
            cited, by = told.citation, told.letter
            found = index.meant(cited, by) if cited and by else None
            outcome = _outcome(meant, found, is_read=cited is not None)
            note = told.reading.note.text
            yield Case(told.citing, told.year, told.words, note, meant, found, outcome)


def _outcome(meant: tuple[str, ...], found: str | None, *, is_read: bool) -> str:
    if not meant:
        return "false" if found else "left"
    if not is_read:
        return "overlooked"
    return "unresolved" if found is None else "right" if found in meant else "wrong"


def _meant(reading: Reading, volume: _Volume, words: str) -> tuple[str, ...] | None:
    """Return the documents that a note may mean; None where they are no telegrams."""
    if reading.document:
        is_wired = volume.wired.get(reading.document)
        is_meant = is_wired or (is_wired is not None and _DESPATCHED.search(words))
        return (reading.document,) if is_meant else None
    if reading.page:
        numbered = {one.key for one in volume.letters if one.numbers}
        return tuple(key for key in volume.pages.get(reading.page, ()) if key in numbered) or None
    return ()


def table(found: Sequence[Case]) -> str:
    """Return precision and recall by period, of the volumes read while tuning and of the others."""
    groups: dict[str, list[Case]] = {name: [] for _, name in PERIODS}
    groups |= {"volumes tuned on": [], "other volumes": [], "all": []}
    for case in found:
        period = max((start, name) for start, name in PERIODS if start <= case.year)[1]
        tuned = "volumes tuned on" if case.citing.startswith(TUNED) else "other volumes"
        for name in (period, tuned, "all"):
            groups[name].append(case)
    head = (
        "| documents of | resolved by editors | right | wrong | unresolved | overlooked"
        " | not printed | of these found | precision | recall |\n" + "|---" * 10 + "|\n"
    )
    return head + "\n".join(_row(name, cases) for name, cases in groups.items())


def _row(name: str, group: Sequence[Case]) -> str:
    n = Counter(case.outcome for case in group)
    resolved = n["right"] + n["wrong"] + n["unresolved"] + n["overlooked"]
    precision = Share(n["right"], n["right"] + n["wrong"] + n["false"])
    recall = Share(n["right"], resolved)
    counts = [resolved, n["right"], n["wrong"], n["unresolved"], n["overlooked"]]
    counts += [n["left"] + n["false"], n["false"]]
    cells = [f"{count:,}" for count in counts]
    return f"| {' | '.join([name, *cells, _share(precision), _share(recall)])} |"


def _share(share: Share) -> str:
    return str(share) if share.whole else "–"


def main() -> None:
    """Print the table, and with an outcome as second argument its cases."""
    if len(sys.argv) < 2 or not (Path(sys.argv[1]) / "corpus").is_dir():
        sys.exit("Name the folder that holds corpus/: python -m bench.references ../shared")
    found = cases(Path(sys.argv[1]))
    print(table(found))
    for outcome in sys.argv[2:]:
        for case in (case for case in found if case.outcome == outcome):
            print(outcome, case.citing, "…" + case.words, "|", case.note, case.meant, case.found)


if __name__ == "__main__":
    main()
