"""Every named query gives exactly the rows that `answers.yaml` expects of the sample."""

from pathlib import Path

import pytest
import yaml
from pyoxigraph import QuerySolutions, Store

import queries
from ingest.build import Sources, build
from ontology.names import DATA
from server.dataset import DataSet, find_data_set
from server.graph import substitutions
from server.jobs import Job
from server.local import ask
from server.matches import expand
from server.side import Side

ROOT = Path(__file__).parents[1]
ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data_set(tmp_path_factory):
    data = ROOT / "data"
    sources = Sources((data / "sample",), data / "authority", data / "curated")
    outcome = build(sources, tmp_path_factory.mktemp("answers") / "graph", jobs=1)
    return find_data_set(outcome.folder.parents[1])


@pytest.fixture(scope="module")
def store(data_set):
    return Store.read_only(str(data_set.store))


def job(data_set: DataSet, query: queries.Query) -> Job:
    """Make a worker's job of a query and its examples, as the service does."""
    asked = Job(query.text, substitutions=substitutions(query, query.examples))
    return expand(asked, Side(data_set.side).matches, limit=100)


@pytest.mark.parametrize("name", queries.names())
def test_query_answers_as_expected(data_set, store, name):
    query = queries.load(name)
    found = ask(store, job(data_set, query))
    assert isinstance(found, QuerySolutions)
    rows = [
        {
            column: row[column].value.removeprefix(DATA)
            for column in query.columns
            if row[column] is not None
        }
        for row in found
    ]
    assert rows == ANSWERS[name]


def test_every_answer_belongs_to_a_query():
    assert list(ANSWERS) == queries.names()
