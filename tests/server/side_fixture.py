"""The service over the first telegram, built from the sample as `cablegraph build` does it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pyoxigraph import Store

from ingest.build import Sources, build
from server.dataset import DataSet, find_data_set
from server.settings import Settings
from server.side import Side
from tests.conftest import running
from tests.negotiation import build_negotiation

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """A data set that was built, opened in each way."""

    data_set: DataSet
    side: Side
    store: Store


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The data set of the sample."""
    data = ROOT / "data"
    sources = Sources((data / "sample",), data / "authority", data / "curated")
    outcome = build(sources, tmp_path_factory.mktemp("sample") / "graph", jobs=1)
    data_set = find_data_set(outcome.folder.parents[1])
    return Built(data_set, Side(data_set.side), Store.read_only(str(data_set.store)))


@pytest.fixture(scope="session")
def side(built: Built) -> Side:
    """The side file of the sample."""
    return built.side


@pytest.fixture(scope="session")
def api(built: Built) -> Iterator[httpx.Client]:
    """A client of the service over the sample."""
    store = built.data_set.folder.parents[1]
    with running(Settings(store=store, port=0)) as service:
        yield service.client


@pytest.fixture(scope="session")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a version with a negotiation that is made up."""
    return build_negotiation(tmp_path_factory.mktemp("talks") / "graph")


@pytest.fixture(scope="session")
def talks_api(talks: Path) -> Iterator[httpx.Client]:
    """A client of the service over that negotiation."""
    with running(Settings(store=talks.parents[1], port=0)) as service:
        yield service.client


COPIES = 3000
"""Copies of the telegram in the large file: 54,000 facts, of 500 other persons."""

GROW = """
CREATE TEMP TABLE n AS
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :copies)
    SELECT i, 'copy/d' || i AS document, 'person/copy-' || (i % 500) AS entity FROM n;
INSERT INTO document_agent
    SELECT n.document, role, n.entity FROM document_agent, n GROUP BY 1, 2, 3;
INSERT INTO mention SELECT entity, document, 1 FROM n;
INSERT INTO name SELECT 'copy ' || i, entity, 'Copy ' || i, 1 FROM n WHERE i <= 500;
INSERT INTO fact_agent SELECT fact + 18 * i, role, position, n.entity, printed FROM fact_agent, n;
INSERT INTO relation
    SELECT DISTINCT n.entity, predicate, 'state/japan', fact + 18 * i FROM relation, n;
"""

REINDEX = """
INSERT INTO document_search (document_search) VALUES ('rebuild');
INSERT INTO fact_search (fact_search) VALUES ('rebuild');
ANALYZE;
"""

COPIED = {
    "volume": {"id": "'copy'", "documents": "n.i"},
    "entity": {"id": "n.entity"},
    "document": {
        "number": "number + i",
        "id": "n.document",
        "volume": "'copy'",
        "text": "head",
    },
    "fact": {
        "number": "number + 18 * i",
        "id": "n.document || substr(id, 19)",
        "document": "n.document",
    },
}
"""Columns that a copy has of its own."""

WHICH = {"volume": "i = 1", "entity": "id = 'person/stalin-joseph' AND i <= 500"}


@pytest.fixture(scope="session")
def large(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A side file large enough for SQLite to plan as it does in earnest."""
    path = tmp_path_factory.mktemp("large") / "side.sqlite"
    path.write_bytes(built.data_set.side.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        db.executescript(GROW.replace(":copies", str(COPIES)))
        for table, own in COPIED.items():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(own.get(column, f"{table}.{column}") for column in columns)
            where = WHICH.get(table, "true")
            db.execute(f"INSERT INTO {table} SELECT {values} FROM {table}, n WHERE {where}")
        db.commit()
        db.executescript(REINDEX)
    return path
