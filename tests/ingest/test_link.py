"""Persons are linked to Wikidata by more than a name, or not at all."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench.links import Best, Case, cases, cross_validated, measured
from ingest.build import build
from ingest.cli import link as command
from ingest.items import Index, Item, build_index
from ingest.link import (
    CLOSE,
    EXACT,
    PLAUSIBLE,
    SAME_LIFE,
    TREES,
    Judged,
    Listed,
    judged,
    link,
    looked_up,
    questions,
)
from ingest.model import Alternative, Entity, ListedPerson, Problem, Tenure, WikidataLink
from ingest.names import PersonName
from ingest.sssom import read_links, write_links
from ingest.trees import Trees
from tests.floors import FLOORS
from tests.ingest.folders import copied

ROOSEVELT = {
    "qid": "Q8007",
    "label": "Franklin Delano Roosevelt",
    "aliases": ["FDR", "Franklin D. Roosevelt"],
    "description": "president of the United States from 1933 to 1945",
    "birth": 1882,
    "death": 1945,
    "positions": [["President of the United States", "1933", "1945"]],
    "country": "United States of America",
    "occupations": ["politician"],
    "sources": ["a", "b", "c"],
}
SON = {
    "qid": "Q5489732",
    "label": "Franklin Delano Roosevelt Jr.",
    "description": "American lawyer",
    "birth": 1914,
    "death": 1988,
    "country": "United States of America",
    "sources": ["a"],
}
OTHERS = [
    {"qid": f"Q{number}", "label": f"Otto Miller{number}", "description": f"painter of {number}"}
    for number in range(1, 1001)
]
"""Others, beside whom the words of a description are rare."""
PRESIDENT = ListedPerson(
    "frus1945Malta", "p_RFD1", "Roosevelt, Franklin D.", "President of the United States."
)
PAINTER = ListedPerson("frus1861v01", "p_RF1", "Roosevelt, F.", "Painter.")


@pytest.fixture(scope="module")
def items(tmp_path_factory) -> Path:
    path = Path(tmp_path_factory.mktemp("items")) / "items.sqlite"
    lines = map(json.dumps, (ROOSEVELT, SON, *OTHERS))
    assert [*build_index([("x", lines)], path)] == [1000, 1002]
    return path


def test_a_person_is_the_item_whose_life_and_office_agree(items):
    found = judged(Listed((PRESIDENT,)), Index(items), Trees(TREES))
    assert [one.item.qid for one in found] == ["Q8007", "Q5489732"]
    best = link(found)
    assert (best.state, best.item, best.exact, best.manual) == ("linked", "Q8007", True, False)
    assert best.evidence == (
        "Franklin Delano Roosevelt (1882-1945), president of the United States from 1933 to 1945; "
        "listed as Roosevelt, Franklin D."
    )


def test_a_name_alone_is_no_link(items):
    found = judged(Listed((PAINTER,)), Index(items), Trees(TREES))
    assert link(found) == NONE
    nobody = ListedPerson("frus1950v01", "p_X", "Xylander, Otto", "")
    assert judged(Listed((nobody,)), Index(items), Trees(TREES)) == []
    assert link([]) == NONE


def test_who_was_not_grown_up_or_long_dead_is_not_the_one(items):
    for year in ("1890", "1980"):
        other = replace(PRESIDENT, volume=f"frus{year}v01")
        found = judged(Listed((other,)), Index(items), Trees(TREES))
        assert [one.likely for one in found if one.item.qid == "Q8007"] == [0.0]


def test_the_years_of_birth_and_death_decide_where_a_register_tells_them(items):
    """Two years apart may be an error; three are another person."""
    held = (Tenure("position/president", "1933", "1945", "x"),)
    index, trees = Index(items), Trees(TREES)
    officer = ListedPerson("pocom", "r", "Roosevelt, F.", "Painter", held)

    def likely(born: int | None, died: int | None) -> float:
        found = judged(Listed((replace(officer, born=born, died=died),)), index, trees)
        return next(one.likely for one in found if one.item.qid == "Q8007")

    plain = likely(None, None)
    assert plain < EXACT
    assert [likely(1882, 1945), likely(1882, None), likely(1884, 1945), likely(1885, 1945)] == [
        SAME_LIFE,
        plain,
        plain,
        0.0,
    ]


def test_the_name_that_the_authority_gives_is_one_of_a_person(items):
    """The list has another spelling."""
    other = replace(PRESIDENT, name="Roosevelt, Frenklin")
    names = Listed((other,), "Franklin D. Roosevelt").names
    assert names == (PersonName.of(other.name), PersonName.of(PRESIDENT.name))
    assert Listed((other,), other.name).names == Listed((other,), "FDR").names == names[:1]


def test_an_unsure_link_is_close_and_a_weak_one_none(items):
    [item, _] = Index(items).items({"r"}) or questions(Listed((PRESIDENT,)), Index(items))[0]
    assert link([Judged(item, EXACT, "")]).exact
    assert not link([Judged(item, CLOSE, "")]).exact
    assert link([Judged(item, CLOSE - 0.01, "")]).state == "none-found"


def test_other_items_that_are_plausible_are_kept_beside_the_link():
    items = [Item(f"Q{number}", f"Miller {number}") for number in range(1, 7)]
    likely = (0.9, 0.39, 0.2, 0.1, PLAUSIBLE, PLAUSIBLE - 0.01)
    found = [Judged(item, each, "Why.") for item, each in zip(items, likely, strict=True)]
    others = [Alternative(f"Q{n}", f"Miller {n}", likely[n - 1], "Why.") for n in range(2, 6)]
    assert link(found).alternatives == tuple(others[:3])
    assert link(found[1:]) == replace(NONE, alternatives=tuple(others[:3]))
    assert link(found[3:]).alternatives == tuple(others[2:])


def test_several_processes_find_what_one_finds(items):
    people = [Listed((each,)) for each in (PRESIDENT, PAINTER)] * 20
    assert [*looked_up(people, items, 2)] == [*looked_up(people, items, 1)]


def test_all_descriptions_of_a_person_count():
    other = ListedPerson("frus1943Tehran", "p_R", "Roosevelt, President", "At Tehran.")
    person = Listed((PRESIDENT, other))
    assert person.text == "President of the United States. At Tehran."
    assert person.years == (1943, 1945)
    assert len(person.names) == 2


# Files of links


LINKED = WikidataLink("linked", "Q8007", True, 0.987, "Born\t1882.", manual=False)
HIS_SON = Alternative("Q5489732", "Franklin Roosevelt | Jr.", 0.25, "Born 1914.")
NAMESAKE = Alternative("Q3", "F. Roosevelt", 0.1, "")
NONE = WikidataLink("none-found", manual=False)
LINKS = [
    (
        Entity("person/frus1945Malta.p_RFD1", "Roosevelt, Franklin D."),
        replace(LINKED, alternatives=(HIS_SON, NAMESAKE)),
    ),
    (Entity("person/a", "A"), WikidataLink("linked", "Q1", False, 0.5, "", manual=False)),
    (Entity("person/b", "B"), NONE),
    (Entity("person/c", "C"), replace(NONE, alternatives=(NAMESAKE,))),
]


def test_links_are_read_as_they_were_written(tmp_path):
    write_links(tmp_path / "links" / "persons.sssom.tsv", LINKS)
    found, problems = read_links(tmp_path / "links")
    assert problems == []
    assert found == {
        "person/frus1945Malta.p_RFD1": replace(LINKS[0][1], evidence="Born 1882."),
        "person/a": LINKS[1][1],
        "person/b": NONE,
        "person/c": LINKS[3][1],
    }


def test_an_alternative_is_a_mapping_of_its_own(tmp_path):
    """Any reader of SSSOM knows them: only the predicate is ours."""
    path = tmp_path / "persons.sssom.tsv"
    write_links(path, LINKS[:1])
    lines = path.read_text("utf-8").splitlines()
    assert "#   cg: https://w3id.org/cablegraph/ontology#" in lines
    assert lines[-2].split("\t") == [
        "cgd:person/frus1945Malta.p_RFD1",
        "Roosevelt, Franklin D.",
        "cg:possibleMatch",
        "wikidata:Q5489732",
        "Franklin Roosevelt | Jr.",
        "semapv:CompositeMatching",
        "0.250",
        "cablegraph link",
        "Born 1914.",
        *[""] * 4,
    ]


def test_what_items_say_of_life_and_place_is_kept(tmp_path):
    born = replace(LINKS[0][1], born=1882, died=1945, coordinates=(53.06, -158.62))
    write_links(tmp_path / "a.sssom.tsv", [(LINKS[0][0], born)])
    [read] = read_links(tmp_path)[0].values()
    assert (read.born, read.died, read.coordinates) == (1882, 1945, (53.06, -158.62))


def test_the_likeliest_alternatives_are_read_and_only_beside_a_link(tmp_path):
    many = [Alternative(f"Q{n}", "", n / 10, "") for n in range(1, 6)]
    path = tmp_path / "persons.sssom.tsv"
    write_links(path, [(Entity("person/a", "A"), replace(NONE, alternatives=tuple(many)))])
    found, _ = read_links(tmp_path)
    assert [one.item for one in found["person/a"].alternatives] == ["Q5", "Q4", "Q3"]
    path.write_text(re.sub(r".*NoTermFound.*\n", "", path.read_text("utf-8")))
    assert read_links(tmp_path) == ({}, [])


def test_the_first_file_that_names_a_person_counts_with_its_alternatives(tmp_path):
    by_hand = WikidataLink("linked", "Q7", True, 1.0, "Read.", manual=True)
    write_links(tmp_path / "a.sssom.tsv", [(LINKS[0][0], by_hand)])
    write_links(tmp_path / "b.sssom.tsv", LINKS)
    text = (tmp_path / "a.sssom.tsv").read_text("utf-8")
    (tmp_path / "a.sssom.tsv").write_text(
        text.replace("Composite", "Manual").replace("ManualMatching", "ManualMappingCuration")
    )
    assert read_links(tmp_path)[0]["person/frus1945Malta.p_RFD1"] == by_hand


def test_a_line_that_is_no_mapping_is_told_and_the_rest_is_read(tmp_path):
    path = tmp_path / "a.sssom.tsv"
    write_links(path, LINKS)
    text = path.read_text("utf-8")
    path.write_text(text.replace("wikidata:Q1\t", "wikidata:nobody\t").replace("0.987", "9"))
    found, problems = read_links(tmp_path)
    assert [*found] == ["person/b", "person/c"]
    assert [(problem.line, problem.category) for problem in problems] == [
        (21, "bad-link"),
        (24, "bad-link"),
    ]
    (tmp_path / "b.sssom.tsv").write_bytes(b"\xff\xfe")
    _, [*_, unreadable] = read_links(tmp_path)
    assert isinstance(unreadable, Problem)
    assert unreadable.category == "unreadable"
    assert read_links(tmp_path / "nowhere") == ({}, [])


def test_the_build_takes_links_and_the_authority_goes_first(tmp_path, items):
    sources = copied(tmp_path)
    wrong = Entity("person/roosevelt-franklin-d", "Roosevelt")
    deane = Entity("person/deane-john-r", "Deane")
    link_to = WikidataLink("linked", "Q42", True, 0.9, "A test.", manual=False)
    write_links(tmp_path / "links" / "x.sssom.tsv", [(wrong, link_to), (deane, link_to)])
    with_links = replace(sources, links=tmp_path / "links")
    outcome = build(with_links, tmp_path / "graph", jobs=1)
    [part] = outcome.folder.glob("void.ttl")
    assert part.exists()
    quads = "\n".join(str(quad) for quad in _links(outcome.folder))
    assert "deane-john-r" in quads
    assert "entity/Q42" in quads
    assert "CompositeMatching" in quads
    assert not any("roosevelt" in line and "Q42" in line for line in quads.splitlines())


def _links(folder: Path):
    from pyoxigraph import Store

    store = Store.read_only(str(folder / "store"))
    return [quad for quad in store if "links" in str(quad.graph_name)]


def test_the_command_links_whom_the_authority_says_nothing_of(tmp_path, items):
    copied(tmp_path)
    out = tmp_path / "links" / "persons.sssom.tsv"
    empty = tmp_path / "empty"
    empty.mkdir()
    words = [f"{tmp_path}/sample", "--items", str(items), "--out", str(out), "--jobs", "1"]
    words += ["--officers", str(empty)]
    result = CliRunner().invoke(command, [*words, "--authority", str(empty)])
    assert result.stdout == f"{out}: 1 exact links, 0 close ones, 6 persons without\n"
    assert [key for key, one in read_links(tmp_path / "links")[0].items() if one.item] == [
        "person/frus1945Malta.p_RFD1"
    ]
    kept = CliRunner().invoke(command, [*words, "--authority", f"{tmp_path}/authority"])
    assert kept.stdout == f"{out}: 0 exact links, 0 close ones, 2 persons without\n"


def test_without_an_index_the_command_says_what_to_do(tmp_path):
    copied(tmp_path)
    words = ["--items", str(tmp_path / "x"), "--authority", f"{tmp_path}/authority"]
    result = CliRunner().invoke(
        command, [f"{tmp_path}/sample", *words, "--out", str(tmp_path / "out.tsv")]
    )
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {tmp_path / 'x'}: no index of items; make one with `cablegraph items`\n",
    )
    assert not (tmp_path / "out.tsv").exists()


# How good links are


def test_links_are_counted_by_whom_they_join():
    def best(right: str, item: str | None, likely: float, level: str = "B") -> Best:
        return Best(Case("x", right, level, (), np.zeros((0, 0), np.float32)), item, likely)

    found = [
        best("Q1", "Q1", 0.9),
        best("Q2", "Q3", 0.9, "C"),
        best("Q4", "Q4", 0.1),
        best("NIL", "Q5", 0.9),
        best("NIL", None, 0.0),
    ]
    assert measured(found) == (5, (1, 3), (1, 3), (1, 2), (1, 2))


@pytest.mark.slow
@pytest.mark.timeout(1800)  # An index of 187,546 items takes a minute or two.
def test_links_are_as_good_as_they_were(shared):
    linked = measured(cross_validated(cases(shared)))
    reached = {name: getattr(linked, name).value for name in ("precision", "recall", "false")}
    least, most = FLOORS["links"], FLOORS["links at most"]
    low = {name: reached[name] for name in ("precision", "recall") if reached[name] < least[name]}
    assert (low, reached["false"] <= most["false"]) == ({}, True)
    assert linked.precision_read.value >= least["precision_read"]
