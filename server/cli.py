"""The commands that read the data set: serve, query, mcp, export.

Heavy modules are imported inside the commands, so that `cablegraph --help` is quick.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

import queries
from queries import Parameter, Query

if TYPE_CHECKING:
    from pyoxigraph import NamedNode, QuerySolutions, QueryTriples, Store

    from server.dataset import DataSet
    from server.jobs import Term
    from server.local import Found
    from server.settings import Settings

STORE = click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    default="data/graph",
    show_default=True,
    envvar="CABLEGRAPH_STORE",
    help="Folder of the data set.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How the rows are written.",
)
Row = dict[str, str]

LEAST_FILES = 256
"""Files that a process opens beyond those of the store: connections, pipes, libraries."""


def _options_for_settings(
    command: Callable[..., None], names: tuple[str, ...] = ()
) -> Callable[..., None]:
    """Add an option for settings, or for all; one that is not given comes from the environment."""
    from server.settings import Settings

    for name, setting in reversed(Settings.model_fields.items()):
        if names and name not in names:
            continue
        command = click.option(
            f"--{name.replace('_', '-')}",
            metavar=str(getattr(setting.annotation, "__name__", "text")).upper(),
            help=_help(str(setting.description), setting.default),
        )(command)
    return command


def _help(description: str, default: object) -> str:
    return description if default is None else f"{description}  [default: {default}]"


@click.command()
@_options_for_settings
def serve(**values: str | None) -> None:
    """Serve the data set: pages, JSON and SPARQL. Stop it with Ctrl-C.

    Each option is also read from the environment, `CABLEGRAPH_PORT` for `--port`.

    The store may be the address of a SPARQL endpoint, to which `cablegraph load` has brought the
    graph. Lists, search and pages come from the folder that --side names then.

    \b
    Example:
        cablegraph serve --store data/graph --port 8000
        cablegraph serve --store https://example.org/sparql --side data/graph
    """
    settings = _settings(values)
    data_set = _checked(settings)
    _check_changes(settings)
    with _listen(settings.host, settings.port) as listener:
        _serve(settings, listener, lambda: click.echo(_greeting(settings, listener, data_set)))


def _serve(settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> None:
    from server.processes import run, watch

    if settings.processes > 1:
        watch(settings, listener, ready)
    elif not run(settings, listener, ready):
        raise click.ClickException("The service could not start; the lines above say why.")


def _settings(values: dict[str, str | None]) -> Settings:
    """Read the settings: what is not given comes from the environment."""
    from pydantic import ValidationError

    from server.settings import Settings

    given = {name: value for name, value in values.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic reads the strings
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise click.UsageError("; ".join(faults)) from error


def _checked(settings: Settings) -> DataSet:
    """Find the data set, and fail now if it cannot be read, not in the middle of starting."""
    from server.dataset import find_data_set, open_store
    from server.side import Side

    data_set = find_data_set(settings.folder, has_store=settings.endpoint is None)
    Side(data_set.side)
    if settings.endpoint is None:
        _check_files(data_set.store)
        open_store(data_set.store)
    else:
        _check_store(settings)
    return data_set


def _check_changes(settings: Settings) -> None:
    """Where the graph may be changed, see that it can be."""
    from server.errors import CannotWrite
    from server.tokens import read_tokens

    if settings.update_token_file is None:
        return
    read_tokens(settings.update_token_file)
    if settings.endpoint is not None:
        raise CannotWrite(
            f"{settings.store}: updates of another server are not passed on.",
            hint="Leave out --update-token-file, and change the graph there.",
        )
    if not os.access(settings.folder, os.W_OK | os.X_OK):
        raise CannotWrite(
            f"{settings.store}: this process must not write here, which updates need.",
            hint="Change who owns the folder, or leave out --update-token-file.",
        )


def _check_store(settings: Settings) -> None:
    """Ask the server that has the graph, and tell if that is of another version."""
    import asyncio

    from server.usage import Usage
    from server.versions import Version

    async def opened() -> None:
        version = await Version.open(settings, Usage.of(settings))
        await version.close()

    asyncio.run(opened())


def _check_files(store: Path) -> None:
    """Let this process and its workers open as many files as they need, or say why not."""
    import resource

    from server.errors import TooFewFiles

    needed = LEAST_FILES + sum(1 for _ in store.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    elif soft < needed:
        raise TooFewFiles(
            f"A process may open {soft} files here, and {needed} are needed.",
            hint=f"Raise the limit: ulimit -n {needed}",
        )


def _listen(host: str, port: int) -> socket.socket:
    from server.errors import CannotListen

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio send small answers without delay.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"Cannot listen on port {port} of {host}: {error.strerror}.",
            hint="Stop the other program, or choose another port with --port.",
        ) from error
    return listener


def _greeting(settings: Settings, listener: socket.socket, data_set: DataSet) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    return (
        f"Version {data_set.version} of {settings.store} is served at\n"
        f"  {address}/        pages\n"
        f"  {address}/api     JSON\n"
        f"  {address}/sparql  SPARQL 1.1\n"
        "Press Ctrl-C to stop."
    )


class Questions(click.Group):
    """One command for each named query, and one for any file with a query."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the queries."""
        return queries.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Make the command that asks the query of this name, or the one in this file."""
        if cmd_name in queries.names():
            return _named(_loaded(cmd_name))
        if cmd_name == "-" or Path(cmd_name).is_file():
            return _written(cmd_name)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which queries there are."""
        if args and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], queries.names(), 1, 0.5)
            hint = f'Did you mean "{near[0]}"?' if near else "`cablegraph query --help` lists them."
            raise click.UsageError(f'No query and no file is called "{args[0]}". {hint}', ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=Questions, subcommand_metavar="NAME|FILE|- [OPTIONS]")
def query() -> None:
    """Ask the data set a question: a named query, or SPARQL in a file or on standard input.

    `cablegraph query NAME --help` shows what a named query needs.

    \b
    Example:
        cablegraph query met --person stalin-joseph
        echo 'SELECT * { ?s ?p ?o } LIMIT 3' | cablegraph query - --format csv
    """


def _loaded(name: str) -> Query:
    try:
        return queries.load(name)
    except queries.BadQuery as error:
        raise click.ClickException(str(error)) from error


def _named(query: Query) -> click.Command:
    """Make the command of a named query: its parameters are options."""

    def ask(store: Path, form: str, **values: str) -> None:
        data_set = _data_set(store)
        terms = _terms(data_set, query, values)
        _print(_result(data_set, query.text, terms), form, list(query.columns))

    options: list[click.Parameter] = [_option(*item) for item in query.parameters.items()]
    about = f"{query.title}.\n\n{query.description}"
    return FORMAT(STORE(click.Command(query.name, None, ask, options, about)))


def _option(name: str, parameter: Parameter) -> click.Option:
    return click.Option(
        [f"--{name.replace('_', '-')}", name],
        required=True,
        metavar=parameter.type.upper(),
        help=f"{parameter.description} For example {parameter.example}".strip(),
    )


def _written(source: str) -> click.Command:
    """Make the command of a query in a file, or on standard input."""

    def ask(store: Path, form: str) -> None:
        with click.open_file(source, encoding="utf-8") as file:
            text = file.read()
        _print(_result(_data_set(store), text, {}), form, None)

    return FORMAT(STORE(click.Command(source, None, ask, help="Ask the query in this file.")))


def _data_set(store: Path) -> DataSet:
    from server.dataset import find_data_set

    return find_data_set(store)


def _terms(data_set: DataSet, query: Query, values: dict[str, str]) -> dict[str, Term]:
    """Make terms of the values; a name stands for the thing that is called so."""
    from server.graph import substitutions
    from server.side import Side

    for name, value in values.items():
        if query.parameters[name].type == "iri" and "/" not in value:
            values[name] = Side(data_set.side).resolve(value)
    return substitutions(query, values)


def _result(data_set: DataSet, text: str, terms: dict[str, Term]) -> Found:
    from ontology.names import DATA
    from server.dataset import open_store
    from server.guard import outline
    from server.jobs import Job
    from server.local import ask
    from server.matches import expand
    from server.settings import Settings
    from server.side import Side
    from server.syntax import syntax_error

    # The engine does not look for signals: Ctrl-C must end the process at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    union = not outline(text).names_graphs
    job = expand(
        Job(text, union=union, base=DATA, substitutions=terms),
        Side(data_set.side).matches,
        Settings().query_matches,
    )
    try:
        return ask(open_store(data_set.store), job)
    except SyntaxError as error:
        raise syntax_error(text, DATA) from error


def _print(result: Found, form: str, columns: list[str] | None) -> None:
    from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples

    if isinstance(result, QueryTriples):
        _write_triples(result, "turtle", sys.stdout.buffer)
    elif isinstance(result, QueryBoolean):
        click.echo(result.serialize(format=QueryResultsFormat.CSV) or b"")
    else:
        names = columns or [variable.value for variable in result.variables]
        rows = [_row(names, found) for found in _bindings(result)]
        PRINTERS[form](names, rows)


def _bindings(result: QuerySolutions) -> list[dict[str, dict[str, str]]]:
    from pyoxigraph import QueryResultsFormat

    content = json.loads(result.serialize(format=QueryResultsFormat.JSON) or b"")
    bindings: list[dict[str, dict[str, str]]] = content["results"]["bindings"]
    return bindings


def _row(columns: list[str], found: dict[str, dict[str, str]]) -> Row:
    return {column: found[column]["value"] for column in columns if column in found}


def _print_table(columns: list[str], rows: list[Row]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from ontology.names import DATA

    table = Table(*columns, box=box.SIMPLE)
    for row in rows:
        table.add_row(*(row.get(column, "").removeprefix(DATA) for column in columns))
    Console(markup=False).print(table)
    click.echo(f"{len(rows)} rows", err=True)


def _print_csv(columns: list[str], rows: list[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _print_json(columns: list[str], rows: list[Row]) -> None:
    click.echo(json.dumps(rows, indent=2, ensure_ascii=False))


PRINTERS: dict[str, Callable[[list[str], list[Row]], None]] = {
    "table": _print_table,
    "csv": _print_csv,
    "json": _print_json,
}


@click.command()
@STORE
@click.option(
    "--format",
    "form",
    type=click.Choice(["nquads", "trig", "turtle", "ntriples", "jsonld"]),
    default="nquads",
    show_default=True,
    help="The first two keep the graphs apart, and so does jsonld.",
)
@click.option("--graph", metavar="IRI", help="Only this graph: graph/frus1945Malta/d256.")
@click.option(
    "--out",
    type=click.File("wb", lazy=True, atomic=True),
    default="-",
    show_default=True,
    help="File to write; - for standard output.",
)
def export(store: Path, form: str, graph: str | None, out: IO[bytes]) -> None:
    """Write the graph, or one of its named graphs, as an RDF file.

    \b
    Example:
        cablegraph export --format trig --out cablegraph.trig
        cablegraph export --format turtle --graph graph/frus1945Malta/d256
    """
    from server.dataset import open_store

    opened = open_store(_data_set(store).store)
    if graph is None:
        _export_all(opened, form, out)
    else:
        _export_graph(opened, _graph_name(opened, graph), form, out)


def _export_all(store: Store, form: str, out: IO[bytes]) -> None:
    from pyoxigraph import QueryTriples

    from server.formats import PREFIXES, rdf_format

    into = rdf_format(form)
    if into.supports_datasets:
        store.dump(out, into, prefixes=PREFIXES)
    else:
        everything = store.query(
            "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", use_default_graph_as_union=True
        )
        assert isinstance(everything, QueryTriples)
        _write_triples(everything, form, out)


def _write_triples(triples: QueryTriples, form: str, out: IO[bytes]) -> None:
    from pyoxigraph import serialize

    from server.formats import PREFIXES, rdf_format

    serialize(triples, out, rdf_format(form), prefixes=PREFIXES)
    out.write(b"\n")


def _export_graph(store: Store, graph: NamedNode, form: str, out: IO[bytes]) -> None:
    from pyoxigraph import serialize

    from server.formats import PREFIXES, rdf_format

    into = rdf_format(form)
    if into.supports_datasets:
        quads = store.quads_for_pattern(None, None, None, graph)
        serialize(quads, out, into, prefixes=PREFIXES)
    else:
        store.dump(out, into, from_graph=graph, prefixes=PREFIXES)


def _graph_name(store: Store, name: str) -> NamedNode:
    from pyoxigraph import NamedNode

    from server.errors import NotFound
    from server.graph import full_iri

    graph = NamedNode(full_iri(name))
    if not store.contains_named_graph(graph):
        raise NotFound(
            f"There is no graph {graph.value}.", hint="Graphs are named graph/VOLUME/ID."
        )
    return graph


@click.command()
@partial(_options_for_settings, names=("store", "side", "store_login"))
def mcp(**values: str | None) -> None:
    """Offer the data set to a language model: tools in MCP, on standard input and output.

    A client starts this command itself. Settings are read from the environment; a service that runs
    offers the same tools at /mcp.

    \b
    Example:
        cablegraph mcp --store data/graph
    """
    import asyncio
    import logging

    from server.app import release
    from server.mcp import serve_stdio

    settings = _settings(values)
    _checked(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(serve_stdio(settings, release()))


commands: list[click.Command] = [serve, query, mcp, export]
