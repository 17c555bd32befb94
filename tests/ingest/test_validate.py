"""Validation finds what is wrong, in the sources and in the data set, and names it."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from pyoxigraph import NamedNode, Store

from ingest.build import build
from ingest.model import Problem
from ingest.validate import Findings, validate
from tests.ingest.folders import FACTS, alter, copied, sources_in


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A folder with the sample's sources and the data set built from them."""
    folder = tmp_path_factory.mktemp("validate")
    build(copied(folder), folder / "graph", jobs=1)
    return folder


@pytest.fixture
def copy(sample, tmp_path):
    """A copy of it, to be damaged."""
    shutil.copytree(sample, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy"


def test_the_data_is_valid(sample):
    found = validate(sources_in(sample), sample / "graph", sample=None)
    assert found == Findings(documents=1, facts=18, quotes=19, shaped=1, problems=())


def test_without_a_data_set_the_sources_are_checked(sample, tmp_path):
    found = validate(sources_in(sample), tmp_path / "nothing", sample=None)
    assert found == Findings(documents=1, facts=18, quotes=0, shaped=0, problems=())


def test_a_quote_altered_by_one_letter_in_the_sources_is_found_by_name(copy):
    alter(
        copy / FACTS,
        "offered us the use of Petropavlovsk as a base.",
        "offered us the use of Petropavlovsk as a bese.",
    )
    found = validate(sources_in(copy), copy / "graph", sample=None)
    [problem] = found.problems
    assert problem.message == (
        'petropavlovsk: the quote "specifically offered us the use of Petropavlovsk as a bese." is '
        'not in the text; nearest is "specifically offered us the use of Petropavlovsk as a base."'
    )
    assert problem.file == str(copy / FACTS)
    assert problem.fatal
    line = (copy / FACTS).read_text(encoding="utf-8").splitlines()[(problem.line or 0) - 1]
    assert line == "  - key: petropavlovsk"


def test_a_quote_altered_by_one_letter_in_the_data_set_is_found_by_name(copy):
    side = next((copy / "graph").glob("versions/*/side.sqlite"))
    with closing(sqlite3.connect(side)) as db, db:
        [[fact]] = db.execute(
            "SELECT id FROM fact WHERE kind = 'offer' AND quote LIKE '%as a base.'"
        )
        db.execute("UPDATE fact SET quote = replace(quote, 'base', 'bese') WHERE id = ?", [fact])
    found = validate(sources_in(copy), copy / "graph", sample=None)
    resolved = (copy / "graph" / "current").resolve() / "side.sqlite"
    message = (
        f'fact {fact}: the quote "specifically offered us the use of Petropavlovsk as a bese." '
        'stands as "specifically offered us the use of Petropavlovsk as a base."; build again'
    )
    assert found.problems == (Problem(str(resolved), None, message, "altered-quote"),)


def test_a_fact_whose_words_are_missing_in_the_graph_breaks_its_shape(copy):
    store = Store(str(next((copy / "graph").glob("versions/*/store"))))
    evidence = NamedNode("https://w3id.org/cablegraph/ontology#evidence")
    [quad, *_] = store.quads_for_pattern(None, evidence, None)
    store.remove(quad)
    store.flush()
    del store
    found = validate(sources_in(copy), copy / "graph", sample=None)
    assert isinstance(quad.subject, NamedNode)
    name = quad.subject.value.removeprefix("https://w3id.org/cablegraph/")
    assert {problem.category for problem in found.problems} == {"shape"}
    assert any(problem.message.startswith(f"{name}: ") for problem in found.problems)


def test_a_sample_of_documents_is_held_against_the_shapes(sample):
    assert validate(sources_in(sample), sample / "graph", sample=0).shaped == 0
