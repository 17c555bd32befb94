"""Who wrote and received: how often heads and signatures are understood by office and day alone.

What the editors of FRUS tell of a person measures it: the surname that a head prints behind an
office, and the tags that point into a volume's list of persons. Neither is used to find the
person that is compared with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.build import Sources, all_persons, read_context
from ingest.model import Document, Moment, Party
from ingest.offices import Offices
from ingest.people import resolved
from ingest.readers import read_source
from ingest.unify import Lists, listed_persons, lists_of
from ingest.volume import Context

DATA = Path(__file__).parents[1] / "data"

Counts = Counter[str]
"""Of the documents of a decade. `parties` are senders and recipients by office, `known` those
whose office the registers have, `found` those for whom there is a person, without the help of
tags. `named` are persons found by office and day alone where the head prints a name, `tagged` and
`signed` persons found where a tag tells one; `named right` and so on, those who agree with it.
"""


def understood(shared: Path, *names: str, jobs: int = 2) -> dict[str, Counts]:
    """Return what is understood in the volumes of some names, or all, by decade (`1940s`)."""
    corpus = sorted((shared / "corpus").glob("*.xml.gz"))
    volumes = [path for path in corpus if not names or path.name.partition(".")[0] in names]
    context = _context_of(shared, lists_of(volumes))
    decades: defaultdict[str, Counts] = defaultdict(Counter)
    with ProcessPoolExecutor(jobs, get_context("spawn"), _take, (context,)) as pool:
        for counts in pool.map(_counted, volumes):
            for (decade, what), number in counts.items():
                decades[decade][what] += number
    return dict(sorted(decades.items()))


@contextmanager
def registers(shared: Path) -> Iterator[Path]:
    """Give a folder with the Office's register of officers and our own."""
    with TemporaryDirectory() as folder:
        for table in (*(shared / "linking").glob("pocom-*"), *(DATA / "officers").glob("*.tsv")):
            (Path(folder) / table.name).symlink_to(table.resolve())
        yield Path(folder)


def _context_of(shared: Path, lists: Lists) -> Context:
    """Return what is known with all registers."""
    with registers(shared) as officers:
        sources = Sources((), DATA / "authority", officers, officers=officers)
        context, _ = read_context(sources)
    persons = all_persons(lists, context.authority, context.officers).persons
    return replace(context, persons=persons).complete()


_context: Context


def _take(context: Context) -> None:
    global _context  # noqa: PLW0603 - how a pool hands over what is too large per task
    _context = context


def _counted(path: Path) -> Counter[tuple[str, str]]:
    offices, listed = Offices(_context.authority), _listed(path)
    counts: Counter[tuple[str, str]] = Counter()
    for document in read_source(path):
        if isinstance(document, Document) and document.sent and document.sent.earliest:
            decade = f"{document.sent.earliest[:3]}0s"
            counts.update((decade, what) for what in _of(document, offices, listed))
    return counts


def _listed(path: Path) -> dict[str, str]:
    return {one.id: _context.persons[one.key] for one in listed_persons(path)}


def _of(document: Document, offices: Offices, listed: Mapping[str, str]) -> Iterator[str]:
    """Yield what there is to count in a document, each as often."""
    bare = resolved(_without_tags(document), offices)
    for printed, party in ((document.sender, bare.sender), (document.recipient, bare.recipient)):
        if printed and party and printed.office:
            tag = listed.get(printed.target or "")
            yield from _of_party(party, tag, document.sent, offices)
    tags = [tag for target in _signed(document) if (tag := listed.get(target or ""))]
    if bare.signers and tags:
        yield "signed"
        yield from ["signed right"] * (bare.signers[-1] in tags)


def _signed(document: Document) -> Iterator[str | None]:
    """Yield where the tags of the signatures point to."""
    for block in document.blocks:
        if block.kind == "signature":
            within = range(block.start, block.end)
            yield from (one.target for one in document.mentions if one.start in within)


def _without_tags(document: Document) -> Document:
    sender, recipient = (
        replace(party, target=None) if party else None
        for party in (document.sender, document.recipient)
    )
    return replace(document, sender=sender, recipient=recipient, mentions=())


def _of_party(
    party: Party, tag: str | None, sent: Moment | None, offices: Offices
) -> Iterator[str]:
    is_known = any(entity.startswith("position/") for entity in party.entities)
    person = next((one for one in party.entities if one.startswith("person/")), None)
    yield from ["parties"] * (is_known or party.name is not None)
    yield from ["known"] * is_known
    yield from ["found"] * (person is not None)
    alone = offices.holder(party.office or "", None, sent.earliest if sent else None).person
    if alone and party.name:
        yield "named"
        yield from ["named right"] * offices.is_called(alone, party.name)
    if person and tag:
        yield "tagged"
        yield from ["tagged right"] * (person == tag)
