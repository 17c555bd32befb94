"""Build a data set: the stages in order, from volumes to the version that is served.

    volumes --(a process or worker each)--> parts --> store, side file, VoID, manifest --> `current`

A part is named by what it was made from (the volume's bytes, the authority, the curated
files, our own code), so that a build that was killed, or is repeated, reads again only what
changed. The version is named by its parts: the same input is the same version.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rdflib import Graph
from rdflib.compare import to_canonical_graph

import dataset
import ontology
from dataset import journal
from ingest import downloads, nquads, parties, readers, remote, side
from ingest.authority import Authority, read_authority
from ingest.chains import RUN as CITATIONS
from ingest.chains import Chains, joined
from ingest.curated import CuratedFile, read_curated
from ingest.encounters import RUN as ENCOUNTERS
from ingest.encounters import Encounters, met
from ingest.errors import ClusterError
from ingest.extract import RUN as ACTS
from ingest.lives import linked
from ingest.meetings import RUN as RECORDED_MEETINGS
from ingest.model import ListedPerson, Problem, Response, WikidataLink, years_in
from ingest.officers import Officers, read_officers
from ingest.quads import (
    INFERRED,
    ONTOLOGY,
    chain_quads,
    encounter_quads,
    entity_quads,
    response_quads,
    run_quads,
    version_quad,
)
from ingest.reason import Reasoner, compile_rules
from ingest.replies import RUN as REPLIES
from ingest.replies import replies
from ingest.responses import RUN as RESPONSES
from ingest.sssom import read_links
from ingest.terms import Quad, Triple
from ingest.unify import Lists, Unified, lists_of, unified
from ingest.void import description
from ingest.volume import GRAPH, Context, Report, make_part

MANIFEST_FORMAT = 1
"""The version of the layout of a data set's folder; the server refuses another."""


MEMORY = "acts.sqlite"
"""The file beside the versions with what was found in the text of documents."""


COPIES = "sources"
"""The folder beside the versions with copies of volumes from elsewhere."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a data set is built from."""

    paths: tuple[Path, ...]
    authority: Path
    curated: Path
    model: Path | None = None  # what finds facts in the text; None: nothing is looked for there
    links: Path | None = None  # files of links to Wikidata
    officers: Path | None = None  # registers of officers
    addresses: tuple[str, ...] = ()  # volumes that are not on this machine (`ingest.remote`)


@dataclass(slots=True)
class Outcome:
    """What a build came to."""

    version: str
    folder: Path
    unchanged: bool = False
    reused: int = 0
    reports: list[Report] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)


class NothingToBuild(Exception):
    """No volume was found, or none could be read."""


Progress = Callable[[str, int, int], None]
"""Told what is done now, how many bytes are done, and of how many."""


def build(
    sources: Sources,
    store: Path,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    drop_updates: bool = False,
    progress: Progress = lambda *_: None,
) -> Outcome:
    """Build a new version beside the one that is served, and switch to it.

    Volumes are read in `jobs` processes, or on the Dask cluster of a scheduler. Raises
    NothingToBuild, BuildRunning if another build holds the store, or UpdatesInTheWay if
    the version that is served has been changed by updates, which are lost with `drop_updates`.
    What is wrong with single volumes, documents and entries is in the outcome; the rest is built.
    """
    with dataset.build_lock(store):
        if not drop_updates:
            dataset.refuse_updated(store)
        context, problems = read_context(sources)
        copies = remote.copied(sources.addresses, store / COPIES, progress)
        volumes, found = find_volumes([*sources.paths, *copies.paths])
        found += copies.problems
        lists = lists_of(volumes)
        persons = all_persons(lists, context.authority, context.officers)
        links, wrong = read_links(sources.links) if sources.links else ({}, [])
        context = replace(context, memory=store / MEMORY, persons=persons.persons).complete()
        context = replace(context, persons={})  # A volume is read with those of its own list.
        outcome = Outcome("", store, problems=[*problems, *found, *wrong])
        shared = _digest([_shared(sources), repr(context.authority.entities)])
        folders = _part_folders(store, lists, shared, persons)
        own = {path: _own(listed, persons) for path, listed in lists.items()}
        read = partial(_read_volumes, folders, own, context, jobs, scheduler)
        parts = _make_parts(volumes, folders, read, outcome, progress)
        outcome.problems = [copies.told(problem) for problem in outcome.problems]
        if not parts:
            raise NothingToBuild(_nothing(sources, outcome))
        outcome.problems += _unused(context, outcome)
        made_of = [*(part.name for part in parts), shared, repr(persons.entities), repr(links)]
        outcome.version = _digest(made_of)[:12]
        if not _is_served(store, outcome):
            known = _linked(context.authority, persons, links, parts, outcome)
            _combine(store, parts, known, persons, outcome, drop_updates, progress)
        _forget_parts(store, parts)
        return outcome


def read_context(sources: Sources) -> tuple[Context, list[Problem]]:
    """Read what all volumes share: the authority and the curated facts."""
    authority, problems = read_authority(sources.authority)
    curated: dict[str, CuratedFile] = {}
    for path in sorted(sources.curated.rglob("*.yaml")):
        file = read_curated(path)
        if isinstance(file, Problem):
            problems.append(file)
        elif file.curation.document in curated:
            message = f"{file.curation.document} has another curated file; join the two"
            problems.append(Problem(str(path), 1, message, "duplicate-curation"))
        else:
            problems += file.problems
            curated[file.curation.document] = file
    officers, wrong = read_officers(sources.officers) if sources.officers else (Officers(), [])
    context = Context(authority, curated, sources.model, officers=officers)
    return context, [*problems, *wrong]


def all_persons(lists: Lists, authority: Authority, officers: Officers) -> Unified:
    """Return the persons of the volumes' lists, and the officers of the years of the volumes."""
    listed = [*chain.from_iterable(lists.values())]
    both = unified(chain(listed, officers.persons), authority)
    years = [year for path in lists for year in years_in(readers.name_of(path))]
    serving = officers.serving(min(years, default=0), max(years, default=9999))
    return both.only({one.key for one in (*listed, *serving)})


@cache
def reasoner() -> Reasoner:
    """Return the rules of the ontology; to read them takes about a second."""
    return compile_rules(ontology.closed(), ontology.rules())


def knowing(context: Context) -> Reasoner:
    """Return the rules, and all that the authority says as known."""
    entities = (quad[:3] for entity in context.authority for quad in entity_quads(entity))
    return reasoner().knowing(entities)


def find_volumes(paths: Iterable[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the volumes among files and folders, each once, in the order of their names."""
    found: dict[str, Path] = {}
    problems = []
    for path in paths:
        for source in readers.find_sources(path):
            if isinstance(source, Problem):
                problems.append(source)
                continue
            first = found.setdefault(readers.name_of(source), source)
            if first.resolve() != source.resolve():
                message = f"the same volume as {first}; {readers.remedy(source)}"
                problems.append(Problem(str(source), None, message, "duplicate-volume"))
    return list(found.values()), problems


# Parts


def _make_parts(
    volumes: Sequence[Path],
    folders: Mapping[Path, Path],
    read: Callable[[Sequence[Path]], Iterator[tuple[Path, Report]]],
    outcome: Outcome,
    progress: Progress,
) -> list[Path]:
    """Make or find the part of each volume; return those that there are, in order."""
    wanted = [path for path, folder in folders.items() if not folder.exists()]
    size = {path: readers.size_of(path) for path in wanted}
    done, total = 0, sum(size.values())
    progress("reading volumes", 0, total)
    reports = {path: _kept(folder) for path, folder in folders.items() if folder.exists()}
    outcome.reused = len(reports)
    for path, report in read(wanted):
        reports[path] = report
        done += size[path]
        progress(f"{path.name}: {report.documents} documents", done, total)
    outcome.problems += [p for path in volumes for p in reports[path].problems]
    distinct = [*_distinct(volumes, reports, outcome)]
    outcome.reports = [reports[path] for path in volumes]
    return [folders[path] for path in distinct]


def _part_folders(store: Path, lists: Lists, shared: str, persons: Unified) -> dict[Path, Path]:
    """Return where the part of each volume lies, named by all that it is made from."""
    folders = {}
    for path, listed in lists.items():
        files = (f"{file.name} {_hash_file(file)}" for file in readers.files_of(path))
        entries = (f"{one.key} {persons.persons[one.key]}" for one in listed)
        name = _digest([shared, *files, *entries])[:16]
        folders[path] = store / "parts" / readers.name_of(path) / name
    return folders


def _kept(folder: Path) -> Report:
    return Report.from_json((folder / "report.json").read_text(encoding="utf-8"))


def _distinct(
    volumes: Sequence[Path], reports: dict[Path, Report], outcome: Outcome
) -> Iterator[Path]:
    """Yield the volumes that were read; a second file of one volume is a problem."""
    seen: dict[str, Path] = {}
    for path in volumes:
        name = reports[path].volume
        if name is None:
            continue
        if name in seen:
            message = f"holds volume {name}, as {seen[name]} does; remove one of the two"
            outcome.problems.append(Problem(str(path), None, message, "duplicate-volume"))
            reports[path] = Report(str(path))
            continue
        seen[name] = path
        yield path


def _own(listed: Iterable[ListedPerson], persons: Unified) -> dict[str, str]:
    """Return the persons of a volume's own list, by their entries."""
    return {one.key: persons.persons[one.key] for one in listed}


def _read_volumes(
    folders: Mapping[Path, Path],
    own: Mapping[Path, Mapping[str, str]],
    context: Context,
    jobs: int | None,
    scheduler: str | None,
    paths: Sequence[Path],
) -> Iterator[tuple[Path, Report]]:
    """Yield each volume with its report as soon as it is read, the largest volumes first."""
    if not paths:
        return
    shared = (context, knowing(context))
    largest_first = sorted(paths, key=readers.size_of, reverse=True)
    tasks = [(path, folders[path], own[path]) for path in largest_first]
    jobs = min(jobs or os.cpu_count() or 1, len(paths))
    if scheduler:
        try:
            from ingest.cluster import read_volumes
        except ImportError as error:
            message = f"a build on a cluster takes cablegraph[dask]: `pip install` it ({error})"
            raise ClusterError(message) from error
        yield from read_volumes(scheduler, tasks, *shared)
    elif jobs <= 1:
        yield from ((task[0], _part(*task, *shared)) for task in tasks)
    else:
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), _take, shared)
        with pool:
            running = {pool.submit(_make_part, *task): task[0] for task in tasks}
            for finished in as_completed(running):
                yield running[finished], _result(finished.result, running[finished])


def _result(result: Callable[[], Report], path: Path) -> Report:
    try:
        return result()
    except BrokenProcessPool:
        message = "reading was cut short: a process was killed, perhaps for memory; build again"
        return Report(str(path), problems=[Problem(str(path), None, message, "killed")])


_shared_by_tasks: tuple[Context, Reasoner]


def _take(context: Context, reasoner: Reasoner) -> None:
    """Keep in a worker process what all of its volumes are read with."""
    global _shared_by_tasks  # noqa: PLW0603 - how a pool hands over what is too large per task
    _shared_by_tasks = (context, reasoner)


def _make_part(source: Path, folder: Path, persons: Mapping[str, str]) -> Report:
    return _part(source, folder, persons, *_shared_by_tasks)


def _part(
    source: Path, folder: Path, persons: Mapping[str, str], context: Context, reasoner: Reasoner
) -> Report:
    return make_part(source, folder, replace(context, persons=persons), reasoner)


# The whole


def _is_served(store: Path, outcome: Outcome) -> bool:
    """Whether the version that would be built is the one that is served; then it is told."""
    folder = dataset.current(store)
    if folder is None or folder.name != outcome.version:
        return False
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    outcome.folder, outcome.unchanged, outcome.totals = folder, True, manifest["totals"]
    return True


def _linked(
    authority: Authority,
    persons: Unified,
    links: Mapping[str, WikidataLink],
    parts: Sequence[Path],
    outcome: Outcome,
) -> Authority:
    """Return all entities with their links; what lives speak against is told."""
    every = Authority([*authority, *persons.entities])  # of one id, the last counts
    active = side.active_years(part / "side.sqlite" for part in parts)
    known, doubts = linked(every, links, active)
    outcome.problems += [Problem("links", None, each, "contradiction", False) for each in doubts]
    return Authority(known)


def _combine(
    store: Path,
    parts: Sequence[Path],
    entities: Authority,
    persons: Unified,
    outcome: Outcome,
    drop_updates: bool,
    progress: Progress,
) -> None:
    """Make one data set of the parts and switch to it."""
    with dataset.new_version(store) as folder:
        progress("loading the store and writing the side file", 0, 0)
        shared, sides = folder / GRAPH, [part / "side.sqlite" for part in parts]
        chains, encounters = joined(parts), met(sides, [*entities])
        responses = [*replies(chains.steps.values(), sides)]
        with ThreadPoolExecutor(1) as beside:  # SQLite and the store both work without the GIL.
            joins = (chains, encounters, responses)
            assembled = beside.submit(
                side.assemble, folder / "side.sqlite", sides, entities, *joins
            )
            _write_shared(shared, entities, _joining(*joins), outcome)
            graphs = [shared, *(part / GRAPH for part in parts)]
            loaded = nquads.load_store(folder / "store", graphs)
            outcome.totals = dict(sorted({**assembled.result(), "quads": len(loaded)}.items()))
        side.keep_totals(folder / "side.sqlite", outcome.totals)
        built = datetime.now(UTC).isoformat(timespec="seconds")
        void = description(loaded, outcome.version, built, outcome.totals)
        (folder / "void.ttl").write_text(void, encoding="utf-8")
        _write_manifest(folder / "manifest.json", outcome, built)
        _write_report(folder / "report.json", outcome)
        del loaded  # closes the store: a folder is not moved while its files are open
        downloads.write(folder / dataset.DOWNLOADS, shared, parts, entities, persons)
        shared.unlink()
        outcome.folder = publish(store, folder, outcome.version, drop_updates)


def publish(store: Path, folder: Path, version: str, drop_updates: bool) -> Path:
    """Switch to a finished version, unless updates would be lost; the journal tells which are."""
    with dataset.switching(store):
        if not drop_updates:
            dataset.refuse_updated(store)  # They may have come meanwhile.
        before, lost = dataset.current(store), dataset.updates(store)
        made = dataset.publish(store, folder, version)
        if before and lost:
            what = {"build": version, "updates_dropped": lost}
            journal.append(store, journal.line(what, before.name, version, "applied"))
        return made


def _joining(
    chains: Chains, encounters: Encounters, responses: Iterable[Response]
) -> Iterator[Iterable[Quad]]:
    """Yield what joins documents, meetings and facts."""
    yield chain_quads(chains)
    yield encounter_quads(encounters)
    yield chain.from_iterable(map(response_quads, responses))


def _write_shared(
    path: Path, entities: Authority, joining: Iterable[Iterable[Quad]], outcome: Outcome
) -> None:
    """Write what belongs to no volume: entities, links, ontology, what joins documents, version."""
    stated = sorted({quad for entity in entities for quad in entity_quads(entity)})
    bridges = [triple for part in outcome.reports for triple in part.bridges]
    inferred = reasoner().infer([*(quad[:3] for quad in stated), *bridges])
    quads = [
        *stated,
        *run_quads(RECORDED_MEETINGS),
        *run_quads(ACTS),
        *run_quads(CITATIONS),
        *run_quads(ENCOUNTERS),
        *run_quads(RESPONSES),
        *run_quads(REPLIES),
        *_in_graph(inferred, INFERRED),
        *_ontology_quads(),
        version_quad(outcome.version),
    ]
    with nquads.writing(path) as out:
        for some in (quads, *joining):
            nquads.write(out, some)


def _in_graph(triples: Iterable[Triple], graph: str) -> Iterator[Quad]:
    return (Quad(*triple, graph) for triple in triples)


def _ontology_quads() -> list[Quad]:
    """Return the ontology as published, its blank nodes named by what is said of them."""
    graph = Graph()
    for triple in to_canonical_graph(ontology.ontology()):
        graph.add(triple)
    named = graph.skolemize(authority="https://w3id.org")
    return sorted(Quad(s.n3(), p.n3(), o.n3(), ONTOLOGY) for s, p, o in named)


def _write_manifest(path: Path, outcome: Outcome, built: str) -> None:
    manifest: dict[str, Any] = {
        "format": MANIFEST_FORMAT,
        "version": outcome.version,
        "built": built,
        "code": code_version(),
        **outcome.totals,
        "totals": outcome.totals,
        "problems": dict(sorted(Counter(p.category for p in outcome.problems).items())),
        "volumes_by_id": {r.volume: r.documents for r in outcome.reports if r.volume},
    }
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_report(path: Path, outcome: Outcome) -> None:
    """Keep what became of each volume, and all problems, for `cablegraph report`."""
    report = {
        "volumes": [
            {
                "volume": report.volume,
                "file": Path(report.file).name,
                "documents": report.documents,
                "facts": report.facts,
                "counts": dict(sorted(report.counts.items())),
            }
            for report in outcome.reports
        ],
        "problems": [asdict(problem) for problem in outcome.problems],
    }
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _unused(context: Context, outcome: Outcome) -> list[Problem]:
    """Return a note for each curated file whose document no volume of the build holds."""
    volumes = {report.volume for report in outcome.reports}
    return [
        Problem(file.curation.file, 1, f"{document} is in none of the volumes", "unused", False)
        for document, file in context.curated.items()
        if document.split("/")[0] not in volumes
    ]


def _nothing(sources: Sources, outcome: Outcome) -> str:
    where = ", ".join(map(str, (*sources.paths, *sources.addresses)))
    faults = "".join(f"\n{problem}" for problem in outcome.problems if problem.fatal)
    suffixes = ", ".join(readers.suffixes())
    return f"{where}: no volume could be read; name files that end in {suffixes}{faults}"


def _forget_parts(store: Path, parts: Sequence[Path]) -> None:
    """Remove the parts that the newest version does not use."""
    used = {part.resolve() for part in parts}
    for part in (store / "parts").glob("*/*"):
        if part.resolve() not in used:
            shutil.rmtree(part, ignore_errors=True)


# What a part or version is named by


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shared(sources: Sources) -> str:
    """Return what our code, the authority and the curated files come to, as one name."""
    paths = sorted([*sources.authority.glob("*.yaml"), *sources.curated.rglob("*.yaml")])
    paths += parties.files_of(sources.model) if sources.model else []
    return _digest([code_version(), *(f"{path.name} {_hash_file(path)}" for path in paths)])


@cache
def code_version() -> str:
    """Return a name for this very code: parts and versions made by other code are not reused."""
    names = ("ingest", "ontology")
    suffixes = (".py", ".sql", ".tsv", ".ttl", ".rq", ".json")
    paths = sorted(
        (f"{name}/{path.name}", path)
        for name in names
        for folder in (Path(str(files(name))),)
        for path in folder.rglob("*")
        if path.suffix in suffixes
    )
    return _digest([f"{name} {_hash_file(path)}" for name, path in paths])[:12]
