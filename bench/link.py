"""Join and link the persons of whole volumes: how long it takes, beside links by the exact name.

    python -m bench.link ../shared [items.sqlite]

The baseline links a person to the only item that has one of his names, letter by letter but for
case, accents and punctuation. Both are scored with the persons that were looked up by hand; ours
by trees that were grown without them.
"""

import sys
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bench.links import Best, Case, cross_validated, looked_up_by_hand, measured
from bench.offices import registers
from ingest.authority import read_authority
from ingest.build import all_persons
from ingest.items import Index, build_index, lines_of
from ingest.link import Listed, looked_up, sought
from ingest.officers import read_officers
from ingest.unify import lists_of
from ontology.names import fold

JOBS = 2
DATA = Path(__file__).parents[1] / "data"
Result = TypeVar("Result")


def timed(what: str, run: Callable[[], Result]) -> Result:
    """Do something, and print how many seconds it took."""
    started = time.perf_counter()
    result = run()
    print(f"| {what} | {time.perf_counter() - started:.1f} s |", flush=True)
    return result


def by_exact_name(person: Listed, index: Index) -> str | None:
    """Return the only item that has one of the printed names of a person, if there is one."""
    printed = {fold(name) for entry in person.entries for name in _natural(entry.name)}
    found = [
        item.qid
        for item in index.candidates(person)
        if printed & {fold(name) for name in (item.label, *item.aliases)}
    ]
    return found[0] if len(found) == 1 else None


def _natural(name: str) -> Iterable[str]:
    """Yield a name of a list as it is printed, and with the given names first."""
    surname, _, rest = name.partition(", ")
    given, _, suffix = rest.partition(", ")
    yield name
    yield " ".join(filter(None, (given, surname, suffix)))


def _by_name(case: Case, person: Listed, index: Index) -> Best:
    item = by_exact_name(person, index)
    return Best(case, item, 1.0 if item else 0.0)


def main(shared: Path, items: Path | None) -> None:
    """Print the times, and how good the links are."""
    print("| what | time |\n|---|---|")
    with TemporaryDirectory() as folder:
        if items is None:
            items = Path(folder) / "items.sqlite"
            source = shared / "linking" / "wikidata-candidates.jsonl.gz"
            lines = [(str(source), lines_of(source))]
            timed("index of items, once", lambda: [*build_index(lines, items)])
        measure(shared, items)


def measure(shared: Path, items: Path) -> None:
    """Print the times with an index of items, and how good the links are."""
    volumes = sorted((shared / "corpus").glob("*.xml.gz"))
    authority, _ = read_authority(DATA / "authority")
    with registers(shared) as folder:
        officers, _ = read_officers(folder)
    started = time.perf_counter()
    lists = timed(f"read the lists of {len(volumes)} volumes", lambda: lists_of(volumes))
    persons = timed("unify", lambda: all_persons(lists, authority, officers))
    every = chain(*lists.values(), officers.persons)
    people = [person for _, person in sought(persons, every)]
    found = timed(f"link {len(people):,} persons", lambda: [*looked_up(people, items, JOBS)])
    print(f"| all of it, on {JOBS} cores | {time.perf_counter() - started:.1f} s |")
    index = Index(items)
    plain = timed(
        "the same by exact name, on one", lambda: [by_exact_name(one, index) for one in people]
    )
    print(f"\n{sum(one.state == 'linked' and one.exact for one in found):,} exact matches;")
    print(f"by exact name {sum(one is not None for one in plain):,}\n")
    print("| of those looked up by hand | precision | recall | falsely linked |\n|---|---|---|---|")
    known = [*looked_up_by_hand(shared, index)]
    for name, linked in (
        ("exact matches, cross-validated", measured(cross_validated([case for case, _ in known]))),
        ("by exact name", measured([_by_name(case, person, index) for case, person in known])),
    ):
        print(f"| {name} | {linked.precision} | {linked.recall} | {linked.false} |")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("Name the folder that holds corpus/ and linking/: python -m bench.link ../shared")
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None)
