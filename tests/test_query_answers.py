"""Every named query gives exactly the rows that are expected of it.

`answers.yaml` has those over the sample, with the parameters of the examples; `talks/answers.yaml`
those over a made-up negotiation, of the questions about what becomes of requests and promises.
"""

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
from tests.negotiation import build_negotiation

ROOT = Path(__file__).parents[1]
ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8"))
TALKS = yaml.safe_load((ROOT / "tests" / "talks" / "answers.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data_set(tmp_path_factory):
    data = ROOT / "data"
    sources = Sources((data / "sample",), data / "authority", data / "curated")
    outcome = build(sources, tmp_path_factory.mktemp("answers") / "graph", jobs=1)
    return find_data_set(outcome.folder.parents[1])


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    folder = build_negotiation(tmp_path_factory.mktemp("talks") / "graph")
    return find_data_set(folder.parents[1])


def rows(data_set: DataSet, name: str, values: dict[str, str]) -> list[dict[str, str]]:
    """Ask a query as the service does; IRIs of ours are shown by their paths."""
    query = queries.load(name)
    job = Job(query.text, substitutions=substitutions(query, values))
    store = Store.read_only(str(data_set.store))
    found = ask(store, expand(job, Side(data_set.side).matches, limit=100))
    assert isinstance(found, QuerySolutions)
    return [
        {
            column: row[column].value.removeprefix(DATA)
            for column in query.columns
            if row[column] is not None
        }
        for row in found
    ]


@pytest.mark.parametrize("name", queries.names())
def test_query_answers_as_expected(data_set, name):
    assert rows(data_set, name, queries.load(name).examples) == ANSWERS[name]


@pytest.mark.parametrize("name", TALKS)
def test_query_tells_what_became_of_a_negotiation(talks, name):
    assert rows(talks, name, TALKS[name]["with"]) == TALKS[name]["rows"]


def test_every_answer_belongs_to_a_query():
    assert list(ANSWERS) == queries.names()
