"""Builders for all tests: the smallest data set, and the service over it.

The data set has the shape of a built one: one offer of telegram 256 of the volume on Malta,
with its words, in the graph of its document, and the persons and states that it names.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import hypothesis
import pytest
import uvicorn
from fastapi import FastAPI
from pyoxigraph import RdfFormat, Store

from server.app import create_app
from server.front import Protocol
from server.settings import Settings

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("CABLEGRAPH_SHARED", ROOT.parent / "shared"))

# How long an example takes says how busy the machine is, and not whether the code is right.
hypothesis.settings.register_profile("cablegraph", deadline=None)
hypothesis.settings.load_profile("cablegraph")

LONGEST = (
    "test_accuracy.py",
    "test_link.py",
    "test_build.py",
    "test_every_page.py",
    "test_reason.py",
    "test_corpus.py",
    "test_changes.py",
)
"""Files that take minutes: they come first, so that none is begun when all others are done."""

# Else the log of requests would stand between the results.
os.environ.setdefault("CABLEGRAPH_ACCESS_LOG", "off")

VERSION = "2026-01-01-test"

GRAPH = """
PREFIX cg: <https://w3id.org/cablegraph/ontology#>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://w3id.org/cablegraph/>

GRAPH <graph/frus1945Malta/d256> {
  <document/frus1945Malta/d256>
      a cg:Document, cg:Telegram ;
      rdfs:label "The Ambassador in the Soviet Union (Harriman) to the President"@en ;
      cg:sender <person/harriman-w-averell> ;
      cg:dateSent "1944-10-17"^^edtf:EDTF ;
      cg:earliest "1944-10-17"^^xsd:date ;
      cg:latest "1944-10-17"^^xsd:date ;
      cg:partOf <volume/frus1945Malta> ;
      foaf:isPrimaryTopicOf
          <https://history.state.gov/historicaldocuments/frus1945Malta/d256> .

  <fact/frus1945Malta/d256/3f9a2c11>
      a cg:Offer ;
      cg:actor <person/stalin-joseph> ;
      cg:addressee <state/united-states> ;
      cg:content "the use of Petropavlovsk as a base"@en ;
      cg:about <place/petropavlovsk-kamchatsky> ;
      cg:force cg:Propose ;
      cg:status cg:Made ;
      cg:date "1944-10-17"^^edtf:EDTF ;
      cg:earliest "1944-10-17"^^xsd:date ;
      cg:latest "1944-10-17"^^xsd:date ;
      cg:statedIn <document/frus1945Malta/d256> ;
      cg:reportedBy <person/harriman-w-averell> ;
      cg:voice cg:SenderVoice ;
      cg:confidence 1.0 ;
      cg:trigger "offered" ;
      prov:wasGeneratedBy <curation/frus1945Malta/d256> ;
      cg:evidence <fact/frus1945Malta/d256/3f9a2c11#evidence> .
  <fact/frus1945Malta/d256/3f9a2c11#evidence>
      a oa:SpecificResource ;
      oa:hasSource <document/frus1945Malta/d256> ;
      oa:hasSelector
          <fact/frus1945Malta/d256/3f9a2c11#quote>,
          <fact/frus1945Malta/d256/3f9a2c11#position> .
  <fact/frus1945Malta/d256/3f9a2c11#quote>
      a oa:TextQuoteSelector ;
      oa:exact "specifically offered us the use of Petropavlovsk as a base" .
  <fact/frus1945Malta/d256/3f9a2c11#position>
      a oa:TextPositionSelector ;
      oa:start 1234 ;
      oa:end 1292 .
}

GRAPH <graph/frus1945Malta> {
  <volume/frus1945Malta> a cg:Volume ; rdfs:label "Conferences at Malta and Yalta, 1945"@en .
}

GRAPH <graph/authority> {
  <person/stalin-joseph>
      a cg:Person ;
      rdfs:label "Joseph Stalin"@en ;
      skos:altLabel "Marshal Stalin"@en ;
      cg:represents <state/soviet-union> .
  <person/harriman-w-averell>
      a cg:Person ;
      rdfs:label "W. Averell Harriman"@en ;
      cg:represents <state/united-states> .
  <state/soviet-union> a cg:State ; rdfs:label "Soviet Union"@en .
  <state/united-states> a cg:State ; rdfs:label "United States"@en .
  <place/petropavlovsk-kamchatsky> a cg:Place ; rdfs:label "Petropavlovsk-Kamchatsky"@en .
}
"""

VOID = """
PREFIX void: <http://rdfs.org/ns/void#>
<https://w3id.org/cablegraph/> a void:Dataset ; void:uriSpace "https://w3id.org/cablegraph/" .
"""


@dataclass(frozen=True)
class Service:
    """A service that runs, and a client to talk to it."""

    app: FastAPI
    client: httpx.Client
    address: str


Serve = Callable[[Settings], Service]


def write_data_set(root: Path, trig: str = GRAPH) -> Path:
    """Write a data set as `cablegraph build` does: a version, and the link to it."""
    folder = root / "versions" / VERSION
    folder.mkdir(parents=True)
    write_version(folder, trig)
    (root / "current").symlink_to(folder.relative_to(root))
    return root


def write_version(folder: Path, trig: str = GRAPH, version: str = VERSION) -> None:
    """Write the files of one version into a folder."""
    store = Store(str(folder / "store"))
    store.load(trig.encode(), format=RdfFormat.TRIG)
    quads = len(store)
    store.flush()
    del store
    with sqlite3.connect(folder / "side.sqlite") as side:
        side.executescript((ROOT / "ingest" / "side.sql").read_text(encoding="utf-8"))
    side.close()
    (folder / "void.ttl").write_text(VOID, encoding="utf-8")
    manifest = {
        "version": version,
        "built": "2026-01-01T00:00:00Z",
        "format": 1,
        "volumes": 1,
        "documents": 1,
        "facts": 1,
        "quads": quads,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder for a data set that is often written: in memory, if the system has one there."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


@contextmanager
def running(settings: Settings) -> Iterator[Service]:
    """Run the service in a thread, with real worker processes, behind a real socket."""
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, http=Protocol))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx.Client(base_url=address, timeout=60) as client:
            yield Service(app, client, address)
    finally:
        server.should_exit = True
        thread.join()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first; leave out what needs a server that no package index has."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    if shutil.which("virtuoso-t") is None:
        left = [item for item in items if item.get_closest_marker("virtuoso")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@contextmanager
def served(*words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run `cablegraph serve` in a process of its own; give what it says when it is ready."""
    command = [sys.executable, str(ROOT / "cablegraph.py"), "serve", "--port", "0", *words]
    # Not a pipe for its log: one that is full would stop it.
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline().rstrip() for _ in range(5)]
        finally:
            process.terminate()
            process.communicate(timeout=60)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material; a test that needs it is skipped where it is missing."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is missing; CABLEGRAPH_SHARED names it")
    return SHARED


@pytest.fixture
def own_data_set(tmp_path: Path) -> Path:
    """A smallest data set that the test may damage."""
    return write_data_set(tmp_path / "graph")


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the smallest data set."""
    return write_data_set(tmp_path_factory.mktemp("data") / "graph")


@pytest.fixture(scope="session")
def settings(data_set: Path) -> Settings:
    """Settings of the service over the smallest data set."""
    return Settings(store=data_set, port=0, queue_seconds=20)


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A client of one service that all tests share."""
    with running(settings) as service:
        yield service.client


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Run a service with settings of the test's own; it ends with the test."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(running(settings))
