"""Every setting of the service, its default and a line of help.

A setting reaches code as an argument: `create_app(Settings(port=9000))`. Only the command
makes one without arguments, which reads the environment; no module does so when imported.
"""

import ipaddress
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.jobs import Endpoint

_ADDRESS = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?[A-Za-z0-9/._~-]*"
)


def _address(text: str | None) -> str | None:
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError(f'"{text}" is not an address such as https://example.org/cg')
    return text or None


def _store(place: object) -> object:
    """Tell an address from a folder. One that is none is not shown: it may have a password."""
    if not isinstance(place, str):
        return place
    if "://" not in place:
        return Path(place)
    if not _ADDRESS.fullmatch(place):
        raise ValueError(
            "the address of a store must be like https://example.org/sparql, without a query; name "
            "and password belong into the file that --store-login names"
        )
    return place


def _networks(text: str | None) -> str | None:
    """Check each proxy: of what cannot be read, none would be believed, without a word."""
    for each in text.split(",") if text else ():
        ipaddress.ip_network(each.strip(), strict=False)
    return text or None


class Settings(BaseSettings):
    """Read from the environment: `CABLEGRAPH_PORT=9000` sets `port`."""

    model_config = SettingsConfigDict(
        env_prefix="CABLEGRAPH_", use_attribute_docstrings=True, frozen=True, extra="forbid"
    )

    store: Annotated[Path | str, BeforeValidator(_store)] = Path("data/graph")
    """Folder of the data set, as `cablegraph build` writes it, or address of a SPARQL endpoint."""

    side: Path = Path("data/graph")
    """Folder of the data set where the store is an address: for lists, search and pages."""

    store_login: Path | None = None
    """File with the login to a store that is an address: a line NAME:PASSWORD, or Bearer TOKEN."""

    store_bytes: PositiveInt = 1_073_741_824
    """Longest answer in bytes that is taken from a store that is an address."""

    look_seconds: Annotated[float, Field(ge=0)] = 2
    """Seconds between two looks for a new version of the data set; 0 for looks on SIGHUP only."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """Port to listen on; 0 for any that is free."""

    public_url: Annotated[str | None, AfterValidator(_address)] = None
    """Address of the service as its users see it, if a proxy changes it: https://example.org/cg."""

    proxies: Annotated[str | None, AfterValidator(_networks)] = None
    """Proxies that are believed when they say who asks, and how: 127.0.0.1, or 10.0.0.0/8,::1."""

    access_log: str = "-"
    """File to which a line of JSON is added for each request; - for standard error, or off."""

    slow_seconds: Annotated[float, Field(ge=0)] = 0
    """Time from which on a query is written to the log, with its text; 0 for none."""

    stop_seconds: Annotated[float, Field(ge=0)] = 5
    """Time that answers have to end when the service is stopped."""

    processes: PositiveInt = 1
    """Processes that take requests, each with its own workers, memory and count of clients."""

    workers: PositiveInt = 2
    """Worker processes that answer queries, one query at a time each."""

    worker_memory: Annotated[int, Field(ge=64)] = 1536
    """Memory in MiB that a query may use beyond that of the open store."""

    worker_queries: PositiveInt = 1000
    """Queries after which a worker process is replaced by a fresh one."""

    client_seconds: Annotated[float, Field(ge=0)] = 60
    """Seconds of the workers' time that one client may use per minute; 0 for no limit."""

    query_seconds: PositiveFloat = 30
    """Longest time for one query and its answer; `timeout=` may ask for less."""

    queue_length: Annotated[int, Field(ge=0)] = 32
    """Queries that may wait for a free worker; one more is told to come back later."""

    queue_seconds: PositiveFloat = 2
    """Longest time that a query waits for a free worker."""

    cache_bytes: Annotated[int, Field(ge=0)] = 67_108_864
    """Memory in bytes for finished answers; 0 to keep none."""

    failure_seconds: Annotated[float, Field(ge=0)] = 300
    """Time for which a query that ran too long or ended its process is not run again."""

    query_bytes: PositiveInt = 65_536
    """Longest query text, in bytes of UTF-8."""

    query_depth: PositiveInt = 64
    """Deepest nesting of brackets in a query."""

    query_separators: PositiveInt = 300
    """Most triple patterns and list items in a query, counted by the marks between them."""

    query_operators: PositiveInt = 100
    """Most operators in a query: of property paths, arithmetic and logic."""

    query_matches: PositiveInt = 50_000
    """Most documents and facts that the words of `cg:matches` in one query may find."""

    update_token_file: Path | None = None
    """File of tokens that allow to change the graph, each behind a name; without it nobody may."""

    update_seconds: PositiveFloat = 30
    """Longest time for one update."""

    update_bytes: PositiveInt = 16_777_216
    """Longest update, or graph to be stored, in bytes."""

    update_queue: Annotated[int, Field(ge=0)] = 16
    """Updates that may wait for those before them; one more is told to come back later."""

    @property
    def folder(self) -> Path:
        """The folder of the data set."""
        return self.store if isinstance(self.store, Path) else self.side

    @property
    def endpoint(self) -> Endpoint | None:
        """The SPARQL endpoint that has the graph, if it is not in the folder."""
        if isinstance(self.store, Path):
            return None
        return Endpoint(self.store, self.store_login, self.store_bytes)
