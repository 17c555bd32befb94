"""The commands that get and read sources: fetch, officers, build, facts, link and the rest."""

import json
import os
import re
import sqlite3
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ingest.authority import Authority
    from ingest.build import Outcome, Progress, Sources
    from ingest.graphstore import Login
    from ingest.items import Lines
    from ingest.link import Sought
    from ingest.linking import Outcome as Links
    from ingest.linking import Source as Items
    from ingest.model import Document, Fact, Problem
    from ingest.volume import Context

_Command = Callable[..., Any]

_PATHS = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))


class _Source(click.Path):
    """A path that is there, or an address."""

    name = "source"

    def convert(self, value: Any, *where: Any) -> Any:
        """Leave an address as it is."""
        return value if "://" in str(value) else super().convert(value, *where)


_JOBS = click.option(
    "--jobs", type=click.IntRange(1), help="Processes to use  [default: all cores]."
)


def _is_watched() -> bool:
    """Say whether someone looks on, who wants to see that it goes on."""
    return sys.stderr.isatty() or "CABLEGRAPH_PROGRESS" in os.environ


def _folder_of(name: str, what: str) -> Callable[[_Command], _Command]:
    """Return the option for a folder of YAML files that people write."""
    return click.option(
        f"--{name}",
        type=click.Path(file_okay=False, path_type=Path),
        default=f"data/{name}",
        show_default=True,
        help=f"Folder of the YAML files with {what}.",
    )


_CURATED = _folder_of("curated", "curated facts")
_AUTHORITY = _folder_of("authority", "persons, places, offices")


_OFFICERS = click.option(
    "--officers",
    type=click.Path(file_okay=False, path_type=Path),
    default="data/officers",
    show_default=True,
    help="Folder of the registers of officers (*-people.tsv, *-appointments.tsv).",
)


def _sources(command: _Command) -> _Command:
    """Add the options that say where the sources lie."""
    return click.option(
        "--text/--no-text",
        default=True,
        show_default=True,
        help="Whether to look for facts in the running text.",
    )(_AUTHORITY(_CURATED(command)))


def _store(command: _Command) -> _Command:
    return click.option(
        "--store",
        type=click.Path(file_okay=False, path_type=Path),
        default="data/graph",
        show_default=True,
        envvar="CABLEGRAPH_STORE",
        callback=_folder,
        help="Folder of the data set.",
    )(command)


def _folder(context: click.Context, parameter: click.Parameter, store: Path) -> Path:
    """Refuse an address: `cablegraph serve` takes one, but what is built lies in a folder."""
    if re.match("https?:/", str(store)):
        raise click.BadParameter("a folder is needed here, and this is an address.")
    return store


@click.command()
@click.argument("paths", nargs=-1, type=_Source(exists=True, path_type=Path))
@_store
@_sources
@_OFFICERS
@click.option(
    "--links",
    type=click.Path(file_okay=False, path_type=Path),
    default="data/links",
    show_default=True,
    help="Folder of the links to Wikidata (*.sssom.tsv), if there is one.",
)
@_JOBS
@click.option(
    "--drop-updates",
    is_flag=True,
    help="Replace a version that was changed by updates over HTTP, although they are lost.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Read the volumes on the Dask cluster of this scheduler, such as tcp://10.0.0.1:8786.",
)
@click.option(
    "--shards",
    metavar="FOLDER",
    help="Folder or address, such as s3://bucket/graph, to write the data set to in shards.",
)
def build(
    paths: tuple[Path | str, ...],
    store: Path,
    authority: Path,
    curated: Path,
    officers: Path,
    text: bool,
    links: Path,
    jobs: int | None,
    drop_updates: bool,
    scheduler: str | None,
    shards: str | None,
) -> None:
    """Build the graph from the volumes in PATHS (files or folders; default: data/sample).

    A path may be an address, such as s3://bucket/volumes/*.xml.gz; this takes cablegraph[remote].

    The new data set is made beside the one that is served and replaces it in one step; a
    volume that has not changed is not read again. What is wrong with the sources goes to
    stderr; the exit status is 1 if something is not in the graph because of it.

    \b
    Example:
        cablegraph build data/sample --store data/graph
        cablegraph build s3://bucket/volumes --shards s3://bucket/graph
    """
    from dataset import BuildRunning, UpdatesInTheWay
    from ingest.build import NothingToBuild
    from ingest.build import build as run
    from ingest.errors import ClusterError

    started = time.monotonic()
    try:
        here = tuple(path for path in paths if isinstance(path, Path))
        elsewhere = tuple(path for path in paths if isinstance(path, str))
        found = _found(here, authority, curated, text=text)
        found = replace(found, paths=here, addresses=elsewhere) if elsewhere else found
        sources = replace(found, links=links, officers=officers)
        outcome = run(
            sources,
            store,
            jobs=jobs,
            scheduler=scheduler,
            drop_updates=drop_updates,
            progress=_progress(),
        )
    except (NothingToBuild, ClusterError, BuildRunning, UpdatesInTheWay) as error:
        raise click.ClickException(str(error)) from error
    _tell(outcome.problems)
    click.echo(_summary(outcome, time.monotonic() - started))
    if shards:
        _write_shards(outcome.folder, shards)
    _exit(outcome.problems)


def _write_shards(version: Path, address: str) -> None:
    from ingest.remote import Folder, NotReached
    from ingest.shards import write

    try:
        written = write(version, Folder(address), _going("files"))
    except NotReached as error:
        raise click.ClickException(str(error)) from error
    statements = sum(shard.statements for shard in written.shards)
    click.echo(f"{address}: version {written.version}, {statements:,} lines in shards")


def _found(paths: tuple[Path, ...], authority: Path, curated: Path, *, text: bool) -> "Sources":
    from ingest.build import Sources
    from ingest.tagger import MODEL

    for name, folder in (("authority", authority), ("curated", curated)):
        if not folder.is_dir():
            message = f"{folder}: there is no such folder; name yours with --{name}"
            raise click.ClickException(message)
    return Sources(paths or (Path("data/sample"),), authority, curated, MODEL if text else None)


def _progress() -> "Progress":
    """Return what prints a line of progress, from the second second on, if someone watches."""
    started = time.monotonic()
    watched = _is_watched()

    def tell(stage: str, done: int, total: int) -> None:
        seconds = time.monotonic() - started
        if seconds < 2 or not watched:
            return
        rate = done / seconds
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        share = f"{100 * done / total:3.0f} %  {rate / 1e6:.1f} MB/s{left}  " if total else ""
        click.echo(f"{share}{stage}", err=True)

    return tell


def _tell(problems: Iterable["Problem"], most: int = 20) -> None:
    """Print what is lost by each problem; of the notes that lose nothing, only how many."""
    problems = list(problems)
    fatal = [problem for problem in problems if problem.fatal]
    for problem in fatal[:most]:
        click.echo(str(problem), err=True)
    if len(fatal) > most:
        click.echo(f"... and {len(fatal) - most} more", err=True)
    notes = Counter(problem.category for problem in problems if not problem.fatal)
    if notes:
        counted = ", ".join(f"{number} {name}" for name, number in notes.most_common())
        click.echo(f"notes: {counted}", err=True)


def _summary(outcome: "Outcome", seconds: float) -> str:
    totals = outcome.totals
    counts = ", ".join(f"{totals[n]} {n}" for n in ("volumes", "documents", "facts", "quads"))
    state = "unchanged" if outcome.unchanged else "built"
    lost = sum(problem.fatal for problem in outcome.problems)
    faults = f"; {lost} left out, see above" if lost else ""
    return f"{outcome.folder}: {state} in {seconds:.1f} s: {counts}{faults}"


def _exit(problems: Iterable["Problem"]) -> None:
    if any(problem.fatal for problem in problems):
        raise SystemExit(1)


@click.command()
@_PATHS
@_store
@_sources
@click.option("--sample", default=1000, show_default=True, help="Documents checked by SHACL.")
@click.option("--all", "everything", is_flag=True, help="Check every document by SHACL.")
def validate(
    paths: tuple[Path, ...],
    store: Path,
    authority: Path,
    curated: Path,
    text: bool,
    sample: int,
    everything: bool,
) -> None:
    """Check the sources in PATHS and the data set built from them.

    Every quote must stand in its document letter by letter, every entity must be known, and
    the graph must have the shapes of the ontology.

    \b
    Example:
        cablegraph validate data/sample --store data/graph
    """
    from ingest.validate import validate as run

    found = run(
        _found(paths, authority, curated, text=text), store, sample=None if everything else sample
    )
    _tell(found.problems)
    checked = (
        f"data set: {found.quotes} quotes, {found.shaped} graphs"
        if found.quotes or found.shaped
        else f"no data set in {store}: run `cablegraph build`"
    )
    lost = sum(problem.fatal for problem in found.problems)
    verdict = f"{lost} problems" if lost else "valid"
    click.echo(f"{verdict}; sources: {found.documents} documents, {found.facts} facts; {checked}")
    _exit(found.problems)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, allow_dash=True, path_type=Path))
@_sources
@_OFFICERS
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl"]),
    default="table",
    show_default=True,
    help="jsonl: one fact a line, as the gold annotations have it.",
)
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="VOLUME/ID",
    help="Only the facts of this document; may be given more than once.",
)
def facts(
    paths: tuple[Path, ...],
    authority: Path,
    curated: Path,
    officers: Path,
    text: bool,
    form: str,
    documents: tuple[str, ...],
) -> None:
    """Print the facts of the volumes in PATHS, in the order of the text.

    A path may be -: one telegram, or a volume, on standard input, in any form that is read, or
    words alone.

    \b
    Example:
        cablegraph facts data/sample --document frus1945Malta/d5 --format jsonl
        cablegraph facts - < telegram.txt
    """
    from ingest.annotations import annotation
    from ingest.build import find_volumes, read_context

    with TemporaryDirectory() as folder:
        paths = tuple(_piped(Path(folder)) if str(path) == "-" else path for path in paths)
        sources = replace(_found(paths, authority, curated, text=text), officers=officers)
        context, problems = read_context(sources)
        context = context.complete()
        volumes, found = find_volumes(paths or (Path("data/sample"),))
        problems += found
        labels = {entity.id: entity.label for entity in context.authority}
        wanted = frozenset(documents)
        for document, fact in _facts(volumes, context, problems, wanted):
            if form == "jsonl":
                click.echo(json.dumps(annotation(fact, labels), ensure_ascii=False))
            else:
                click.echo(_plain(document, fact, labels))
    _tell(problems)
    _exit(problems)


def _piped(folder: Path) -> Path:
    """Put what comes on standard input into a file with the suffix that its beginning tells."""
    from ingest.plain import has_header

    taken = sys.stdin.buffer.read()
    begins = taken.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    suffix = {b"<": ".xml", b"{": ".jsonl"}.get(begins, ".txt")
    if suffix == ".txt" and not has_header(taken.decode("utf-8-sig", "replace")):
        taken = b"\n" + taken
    path = folder / "stdin" / f"telegram{suffix}"
    path.parent.mkdir()
    path.write_bytes(taken)
    return path


def _facts(
    volumes: Iterable[Path],
    context: "Context",
    problems: list["Problem"],
    wanted: frozenset[str],
) -> Iterator[tuple["Document", "Fact"]]:
    """Yield the facts of the documents that are wanted; of all, if none is named."""
    from ingest.model import Document, Problem
    from ingest.offices import Offices
    from ingest.people import resolved
    from ingest.readers import read_source
    from ingest.volume import facts_of

    seen, offices = set(), Offices(context.authority)
    for path in volumes:
        for item in read_source(path):
            if isinstance(item, Problem):
                problems.append(item)
            elif isinstance(item, Document) and (not wanted or item.key in wanted):
                seen.add(item.key)
                document = resolved(item, offices)
                found, wrong = facts_of(document, context)
                problems += wrong
                yield from ((document, fact) for fact in found)
    message = "there is no such document in the volumes that were read"
    problems += [Problem(each, None, message, "unknown-document") for each in sorted(wanted - seen)]


def _plain(document: "Document", fact: "Fact", labels: Mapping[str, str]) -> str:
    from ingest.annotations import named

    who = named(fact.participants or fact.actors, labels)
    whom = named(fact.addressees, labels)
    parties = ", ".join(who) + (f" -> {', '.join(whom)}" if whom else "")
    when = fact.date.edtf if fact.date else "undated"
    return f"{document.key}  {fact.kind}, {fact.status}, {when}: {parties}: {fact.content}"


@click.command()
@_store
@click.option("--volume", help="Only the problems of this volume.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="json: the whole report as the build left it.",
)
def report(store: Path, volume: str | None, form: str) -> None:
    """Tell what became of each volume, and every problem with its category.

    \b
    Example:
        cablegraph report --store data/graph
    """
    from ingest import report as reports
    from ingest.model import CATEGORIES

    try:
        found = reports.read_report(store)
    except reports.NoReport as error:
        raise click.ClickException(str(error)) from error
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if volume is None:
        for rows in (reports.table(found), reports.facts(found)):
            click.echo("\n".join([*_aligned(list(rows)), ""]))
    for problem in reports.problems(found, volume):
        kind = "" if problem.fatal else "note: "
        click.echo(f"{kind}{problem} [{problem.category}]")
    told = Counter(problem.category for problem in reports.problems(found, volume))
    for category, number in sorted(told.items()):
        click.echo(f"{number} {category}: {CATEGORIES[category]}")


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table, the first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        right = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        yield "  ".join([f"{name:{widths[0]}}", *right])


@click.command()
@click.argument("volumes", nargs=-1, required=True, metavar="VOLUME...")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="data/volumes",
    show_default=True,
    help="Folder to put them into.",
)
@click.option(
    "--from",
    "base",
    metavar="URL",
    help="Folder to take them from  [default: the Office of the Historian's repository].",
)
@click.option("--force", is_flag=True, help="Fetch again what is there.")
def fetch(volumes: tuple[str, ...], out: Path, base: str | None, force: bool) -> None:
    """Fetch VOLUMEs of Foreign Relations of the United States.

    A volume that is there is not fetched again; one that broke off goes on where it stopped.
    The exit status is 1 if one could not be fetched; the others are.

    \b
    Example:
        cablegraph fetch frus1943China frus1969-76v01
    """
    from ingest.fetch import BASE, Fetched
    from ingest.fetch import fetch as run

    failed = False
    for each in run(volumes, out, base or BASE, force=force, progress=_arriving()):
        if isinstance(each, Fetched):
            state = "fetched" if each.fresh else "is there"
            click.echo(f"{each.path}: {state}, {each.size / 1e6:.1f} MB, sha256 {each.sha256}")
        else:
            failed = True
            click.echo(f"Error: {each}", err=True)
    if failed:
        raise SystemExit(1)


def _arriving() -> "Progress":
    """Return what prints how much of a volume is there, once a second, if someone watches."""
    watched = _is_watched()
    told = time.monotonic() + 1

    def tell(name: str, done: int, total: int) -> None:
        nonlocal told
        if watched and time.monotonic() - told >= 1:
            told = time.monotonic()
            of = f" of {total / 1e6:.1f}" if total else ""
            click.echo(f"{name}: {done / 1e6:.1f}{of} MB", err=True)

    return tell


@click.command()
@click.argument("clone", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="data/officers",
    show_default=True,
    help="Folder of the registers of officers.",
)
def officers(clone: Path, out: Path) -> None:
    """Make a register of officers from CLONE, a clone of the Office of the Historian's list.

    The list has the principal officers of the Department of State and the chiefs of mission
    since 1778; with it, `cablegraph build` knows who "the Ambassador in Egypt" was on a day.

    \b
    Example:
        git clone https://github.com/HistoryAtState/pocom
        cablegraph officers pocom
    """
    from ingest.pocom import NotPocom, write_register

    try:
        persons, appointments, problems = write_register(clone, out)
    except NotPocom as error:
        raise click.ClickException(str(error)) from error
    _tell(problems)
    click.echo(f"{out}: {persons} persons, {appointments} appointments")
    _exit(problems)


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="data/items.sqlite",
    show_default=True,
    help="Where to put the index.",
)
def items(files: tuple[Path, ...], out: Path) -> None:
    """Make one index of the items of Wikidata in FILES, for `cablegraph link`.

    A file has one item a line, as JSON, of persons or of other things; or it is a dump of
    Wikidata, of which the humans are taken. It may be compressed (.gz, .bz2). A dump is read twice.

    \b
    Example:
        cablegraph items persons.jsonl.gz places.jsonl.gz
        cablegraph items latest-all.json.gz
    """
    from ingest.dump import NotADump, humans, is_dump
    from ingest.items import build_index, lines_of
    from ingest.model import Problem

    counted, problems, number, file = _counting("items"), [], 0, files[0]

    def lines() -> Iterator[tuple[str, "Lines"]]:
        nonlocal file
        for file in files:
            told = _rarely(_progress())
            yield str(file), humans(file, out.parent, told) if is_dump(file) else lines_of(file)

    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        for found in build_index(lines(), out):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                number = found
                counted(number)
    except NotADump as error:
        raise click.ClickException(str(error)) from error
    except (EOFError, OSError, sqlite3.Error, zlib.error) as error:
        raise click.ClickException(_broken(file, out, error)) from error
    _tell(problems)
    click.echo(f"{out}: {number - len(problems)} items")
    _exit(problems)


def _broken(file: Path, out: Path, error: Exception) -> str:
    """Say why no index could be made: for the file, or for the disk."""
    if isinstance(error, sqlite3.Error) or getattr(error, "errno", None):
        return f"{out.parent}: {error}; put it right and begin again"
    return f"{file}: not compressed as its name says, or cut short ({error}); get it again"


def _now_and_then(clock: Callable[[], float], told: float) -> Callable[[], bool]:
    """Return what says once in two seconds, from a time on, that something may be told."""

    def is_time() -> bool:
        nonlocal told
        now = clock()
        if now < told + 2:
            return False
        told = now
        return True

    return is_time


def _rarely(progress: "Progress", clock: Callable[[], float] = time.monotonic) -> "Progress":
    """Return what tells of progress once in two seconds."""
    is_time = _now_and_then(clock, clock())

    def tell(stage: str, done: int, total: int) -> None:
        if is_time():
            progress(stage, done, total)

    return tell


def _counting(what: str) -> Callable[[int], None]:
    """Return what prints how many are done, once in two seconds, if someone watches."""
    watched, is_time = _is_watched(), _now_and_then(time.monotonic, time.monotonic())

    def tell(number: int) -> None:
        if watched and is_time():
            click.echo(f"{number} {what}", err=True)

    return tell


@click.command()
@_PATHS
@click.option(
    "--items",
    "index",
    type=click.Path(dir_okay=False, path_type=Path),
    default="data/items.sqlite",
    show_default=True,
    help="Index that `cablegraph items` made.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="data/links/persons.sssom.tsv",
    show_default=True,
    help="Where to put the links; `cablegraph build` reads all files of that folder.",
)
@click.option(
    "--from-wikidata",
    is_flag=True,
    help="Ask Wikidata itself, instead of an index.",
)
@click.option(
    "--address",
    metavar="URL",
    default="https://www.wikidata.org",
    show_default=True,
    help="Where to find Wikidata, or another wiki with its items.",
)
@_AUTHORITY
@_OFFICERS
@_JOBS
def link(
    paths: tuple[Path, ...],
    index: Path,
    out: Path,
    from_wikidata: bool,
    address: str,
    authority: Path,
    officers: Path,
    jobs: int | None,
) -> None:
    """Link the persons of the volumes in PATHS, officers, places, states and bodies to Wikidata.

    Those whom the authority links, or says to have no item, are left alone. A run that is stopped,
    or for which Wikidata does not answer, goes on the next time where it was.

    \b
    Example:
        cablegraph link data/volumes
        cablegraph link data/volumes --from-wikidata
    """
    from ingest.items import NoIndex
    from ingest.linking import CannotLink, made_of, run_of
    from ingest.mediawiki import NoWiki

    people, entities, problems = _to_link(paths, authority, officers)
    try:
        with ExitStack() as stack:
            source = _items(stack, index, out, address if from_wikidata else None, jobs)
            run = stack.enter_context(run_of(out, made_of(people, source)))
            if run.note:
                click.echo(f"{out}: {run.note}", err=True)
            outcome = run.link(people, source.answers, _going("persons"))
        things = None if from_wikidata else _link_things(index, entities, out)
    except (CannotLink, NoIndex, NoWiki) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, sqlite3.Error) as error:
        message = f"{out.parent}: {error}; put it right and link again: what was found is kept"
        raise click.ClickException(message) from error
    _tell(problems)
    if things:
        click.echo(things)
    _tell_links(out, outcome)
    _exit(problems)


def _to_link(
    paths: tuple[Path, ...], authority: Path, officers: Path
) -> tuple[list["Sought"], "Authority", list["Problem"]]:
    """Return the persons to look up, all entities that are known, and what is wrong with them."""
    from ingest.authority import read_authority
    from ingest.build import all_persons, find_volumes
    from ingest.link import sought
    from ingest.officers import read_officers
    from ingest.unify import lists_of

    known, problems = read_authority(authority)
    volumes, found = find_volumes(paths or (Path("data/sample"),))
    register, wrong = read_officers(officers)
    lists = lists_of(volumes)
    persons = all_persons(lists, known, register)
    people = sought(persons, chain(*lists.values(), register.persons))
    entities = known.with_others(register.known(persons.persons))
    return people, entities, [*problems, *found, *wrong]


def _link_things(index: Path, entities: "Authority", persons: Path) -> str | None:
    """Link what is no person, beside the links of persons; return what came of it.

    Without items of such things nothing is asked, and nothing is said of them.
    """
    from ingest.gazetteer import link_things
    from ingest.items import Index
    from ingest.sssom import write_links

    with closing(Index(index)) as items:
        if not items.has_things:
            return None
        found = [*link_things(entities, items.things)]
    out = persons.with_name("things.sssom.tsv")
    write_links(out, found)
    states = Counter(each.state if each.exact else "close" for _, each in found)
    return _links_told(out, states, "things")


def _links_told(out: Path, states: Counter[str], what: str) -> str:
    counts = (states["linked"], states["close"], states["none-found"])
    return "{}: {} exact links, {} close ones, {} {} without".format(out, *counts, what)


def _items(stack: ExitStack, index: Path, out: Path, wiki: str | None, jobs: int | None) -> "Items":
    """Return where items come from: an index, or a wiki, with its answers kept by the links."""
    from ingest.linking import from_index, from_wiki
    from ingest.wikidata import Wikidata

    if wiki is None:
        return from_index(index, jobs or os.cpu_count() or 1)
    finds = Wikidata(out.with_name("wikidata.sqlite"), wiki)
    return from_wiki(stack.enter_context(closing(finds)), wiki)


def _tell_links(out: Path, outcome: "Links") -> None:
    """Print how many links there are, and whether that is all; if not, exit with 1."""
    if outcome.whole:
        click.echo(_links_told(out, outcome.states, "persons"))
    if outcome.unasked:
        state = f"{outcome.states.total():,} persons were looked up, {outcome.unasked:,} were not"
        message = f"{outcome.reason}; {state}: link again, and it goes on with them"
        raise click.ClickException(message)


def _going(what: str, clock: Callable[[], float] = time.monotonic) -> Callable[[int, int], None]:
    """Return what prints how far it is, and how fast, once in two seconds, if someone watches."""
    watched, started = _is_watched(), clock()
    is_time = _now_and_then(clock, started)

    def tell(done: int, total: int) -> None:
        if watched and is_time():
            rate = done / (clock() - started)
            left = (total - done) / rate
            message = f"{done:,} of {total:,} {what}, {rate:.1f} a second, {left:.0f} s left"
            click.echo(message, err=True)

    return tell


@click.command(name="load")
@_store
@click.option("--from", "shards", metavar="FOLDER", help="Shards to load instead of the data set.")
@click.option("--to", metavar="URL", help="Graph store of the server.")
@click.option(
    "--query",
    metavar="URL",
    help="Its SPARQL endpoint  [default: as in Oxigraph, Fuseki, GraphDB or Virtuoso].",
)
@click.option("--replace", "replaces", is_flag=True, help="Replace graphs of cablegraph there.")
@click.option("--quads", is_flag=True, help="Send many graphs at once, where it takes N-Quads.")
@click.option(
    "--batch",
    type=click.IntRange(1, 200_000),
    default=10_000,
    show_default=True,
    help="Most statements that are sent at once.",
)
def load_command(
    store: Path,
    shards: str | None,
    to: str | None,
    query: str | None,
    replaces: bool,
    quads: bool,
    batch: int,
) -> None:
    """Load the data set into another SPARQL server, by the Graph Store Protocol.

    A load that was stopped goes on where it was. At the end the statements of each graph are
    counted there. CABLEGRAPH_LOAD_USER and CABLEGRAPH_LOAD_PASSWORD say who writes, or
    CABLEGRAPH_LOAD_TOKEN does. With --from, what `cablegraph build --shards` wrote is loaded;
    without --to, into --store, as if it had been built there.

    \b
    Example:
        cablegraph load --to http://localhost:7878/store --quads
        cablegraph load --to http://localhost:8890/sparql-graph-crud-auth
        cablegraph load --from s3://bucket/graph --store data/graph
    """
    from dataset import BuildRunning, UpdatesInTheWay
    from ingest.graphstore import GraphStore, LoadError
    from ingest.load import Way, load, load_shards
    from ingest.remote import Folder, NotReached
    from ingest.shards import BadShards

    try:
        if to is None:
            _restore(shards, store)
            return
        server = GraphStore(to, query, _login())
        way, progress = Way(batch, quads), _going("statements")
        loaded = (
            load_shards(Folder(shards), store, server, way, replace=replaces, progress=progress)
            if shards
            else load(store, server, way, replace=replaces, progress=progress)
        )
    except (LoadError, NotReached, BadShards, BuildRunning, UpdatesInTheWay) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Version {loaded.version} is in {to}: {loaded.statements:,} statements in "
        f"{loaded.graphs:,} graphs, counted there."
    )


def _restore(shards: str | None, store: Path) -> None:
    from ingest.remote import Folder
    from ingest.shards import restore

    if shards is None:
        raise click.UsageError("name the server with --to, or the shards with --from, or both.")
    manifest, folder = restore(Folder(shards), store, progress=_going("files"))
    quads = manifest.data_set["totals"]["quads"]
    click.echo(f"Version {manifest.version} is in {folder}: {quads:,} statements, counted there.")


def _login() -> "Login":
    from ingest.graphstore import Login

    user, password, token = (
        os.environ.get(f"CABLEGRAPH_LOAD_{name}", "") for name in ("USER", "PASSWORD", "TOKEN")
    )
    return Login(user, password, token)


commands = [fetch, officers, build, validate, facts, report, items, link, load_command]
