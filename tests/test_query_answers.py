"""Every named query gives exactly the rows that `answers.yaml` expects of the sample."""

from pathlib import Path

import pytest
import yaml
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, Variable

import queries
from ingest.build import Sources, build
from ontology.names import DATA

ROOT = Path(__file__).parents[1]
ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    data = ROOT / "data"
    sources = Sources((data / "sample",), data / "authority", data / "curated")
    outcome = build(sources, tmp_path_factory.mktemp("answers") / "graph", jobs=1)
    return Store.read_only(str(outcome.folder / "store"))


def value(parameter: queries.Parameter) -> NamedNode | Literal:
    if parameter.type == "iri":
        return NamedNode(DATA + parameter.example)
    datatype = NamedNode(f"http://www.w3.org/2001/XMLSchema#{parameter.type}")
    return Literal(parameter.example, datatype=datatype)


@pytest.mark.parametrize("name", queries.names())
def test_query_answers_as_expected(store, name):
    query = queries.load(name)
    given = {Variable(each): value(parameter) for each, parameter in query.parameters.items()}
    found = store.query(query.text, substitutions=given, use_default_graph_as_union=True)
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
