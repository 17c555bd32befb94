"""The side file: names are found, lists are complete, every look-up uses an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.names import fold
from server import reading
from server.edtf import first_day, last_day, written_out
from server.errors import DataSetUnreadable, InvalidRequest, QueryTimeout
from server.search import NothingToSearch, search_expression
from server.side import (
    AGENTS,
    AmbiguousName,
    DocumentFilter,
    EntityFilter,
    FactFilter,
    Parameter,
    RelationFilter,
    RelationRow,
    SearchFilter,
    Side,
    UnknownName,
)
from server.wording import linked_by
from tests.server.side_fixture import Built

STALIN = "person/stalin-joseph"
HARRIMAN = "person/harriman-w-averell"


# Names


@pytest.mark.parametrize(
    "name",
    [
        "https://w3id.org/cablegraph/person/stalin-joseph",
        "/person/stalin-joseph",
        "person/stalin-joseph",
        "stalin-joseph",
        "stalin",
        "  Marshal STALIN ",
        "Iósif Vissariónovich Stalin",
    ],
)
def test_entity_is_found_by_iri_id_slug_and_each_of_its_names(side: Side, name: str) -> None:
    assert side.resolve(name) == STALIN


def test_unknown_name_says_what_was_probably_meant(side: Side) -> None:
    with pytest.raises(UnknownName) as error:
        side.resolve("stallin")
    assert error.value.problem() == {
        "type": "/problems/unknown-name",
        "title": "Unknown name",
        "status": 404,
        "detail": 'No entity is named "stallin".',
        "hint": "Did you mean person/stalin-joseph or place/stalingrad?",
    }


@pytest.fixture
def altered(built: Built, tmp_path: Path) -> Callable[[str], Side]:
    """Open a copy of the side file, changed by SQL."""

    def change(sql: str) -> Side:
        path = tmp_path / "side.sqlite"
        path.write_bytes(built.data_set.side.read_bytes())
        with closing(sqlite3.connect(path)) as db:
            db.executescript(sql + ";")
        return Side(path)

    return change


OFFER, REQUEST = "frus1945Malta/d256/18310a3a", "frus1945Malta/d256/cbb5a29c"


@pytest.mark.parametrize("manner", ["answer", "accept", "refuse", "repeat", "change", "fulfil"])
def test_candidates_stand_apart_from_what_is_asserted(
    altered: Callable[[str], Side], manner: str
) -> None:
    row = f"('{OFFER}', '{REQUEST}', '{manner}', 0.4, 0, '“offered” after “asks”', 'run/x')"
    side = altered(f"INSERT INTO response VALUES {row}")
    facts = {fact.id: fact for fact in reading.facts(side, FactFilter(), reading.Span()).items}
    later, earlier = (facts[f"fact/{id}"] for id in (OFFER, REQUEST))
    assert later.links == earlier.links == []
    [forth], [back] = later.possible_links, earlier.possible_links
    assert (forth.id, back.id) == (earlier.id, later.id)
    assert (forth.manner, forth.confidence, forth.origin) == (manner, 0.4, "run/x")
    assert linked_by(forth) != linked_by(back)


def test_name_of_two_entities_lists_both(altered: Callable[[str], Side]) -> None:
    side = altered("INSERT INTO name VALUES ('stalin', 'place/moscow', 'Stalin', 0)")
    with pytest.raises(AmbiguousName) as error:
        side.resolve("Stalin")
    assert error.value.problem() == {
        "type": "/problems/ambiguous-name",
        "title": "Ambiguous name",
        "status": 400,
        "detail": '"Stalin" can be person/stalin-joseph or place/moscow.',
        "hint": "Use the id of the one you mean.",
        "errors": [
            {"id": "person/stalin-joseph", "label": "Joseph Stalin"},
            {"id": "place/moscow", "label": "Moscow"},
        ],
    }


def test_who_acts_is_no_place(altered: Callable[[str], Side]) -> None:
    """Where only an agent makes sense, a place of the same name does not make it ambiguous."""
    side = altered("INSERT INTO name VALUES ('stalin', 'place/moscow', 'Stalin', 0)")
    assert side.resolve("Stalin", AGENTS) == STALIN


def test_names_that_begin_so_come_before_names_that_hold_it(side: Side) -> None:
    found = [row.name for row in side.complete("sta", limit=4)]
    assert found == ["Stalin", "Stalingrad", "Stanleyville", "United States"]


@given(text=st.text(max_size=40))
def test_any_text_completes_or_finds_nothing(side: Side, text: str) -> None:
    known = {row.id for row in side.entities(EntityFilter(), 1000, 0)}
    assert {row.id for row in side.complete(text, 5)} <= known


@given(text=st.text(max_size=40))
def test_any_text_resolves_or_is_unknown(side: Side, text: str) -> None:
    """A text that resolves is one of the names, or the slug, of what it resolves to."""
    try:
        id = side.resolve(text)
    except UnknownName:
        return
    assert fold(text) in {fold(name) for name in [*side.names(id), id, id.split("/")[1]]}


def test_accents_signs_case_and_punctuation_do_not_count_in_names() -> None:
    names = ("Nuri al-Saʿīd", "nuri  al said", "NURI AL-SAĪD")
    assert {fold(name) for name in names} == {"nuri al said"}


# Filters


def test_given_twice_a_filter_means_either_and_two_filters_mean_both(side: Side) -> None:
    actor = ("actor", (STALIN,))
    counts = [
        side.count_facts(which)
        for which in (
            FactFilter(),
            FactFilter(kinds=("request",)),
            FactFilter(kinds=("offer",)),
            FactFilter(kinds=("request", "offer")),
            FactFilter(kinds=("request", "offer"), roles=(actor,)),
            FactFilter(roles=(actor, ("addressee", ("organization/united-states-navy",)))),
            FactFilter(roles=(("participant", (STALIN, HARRIMAN)),)),
            FactFilter(roles=(("participant", (STALIN,)), ("participant", (HARRIMAN,)))),
        )
    ]
    assert counts == [18, 4, 2, 6, 5, 1, 2, 1]


def test_range_finds_what_may_lie_in_it_by_the_date_of_the_document_if_need_be(side: Side) -> None:
    """Hopkins met Gromyko on 17 October or before; four acts have no date but the telegram's."""
    counts = [
        side.count_facts(FactFilter(first=first, last=last))
        for first, last in (
            (None, "1944-10-16"),
            ("1944-10-17", "1944-10-17"),
            ("1944-10-18", "1944-11-15"),
            ("1944-11-30", None),
            ("1944-12-01", None),
            ("0001-01-01", None),
        )
    ]
    assert counts == [1, 17, 0, 1, 0, 18]


def test_volume_is_no_beginning_of_a_name(side: Side) -> None:
    volumes = ("frus1945Malta", "frus1945", "frus1945Malt")
    assert [side.count_facts(FactFilter(volumes=(volume,))) for volume in volumes] == [18, 0, 0]


def test_pages_of_any_size_hold_each_fact_once_in_the_order_of_time(side: Side) -> None:
    whole = side.facts(FactFilter(), 100, 0)
    assert [row.number for row in whole] == sorted(row.number for row in whole)
    for size in (1, 4, 7):
        pages = [side.facts(FactFilter(), size, start) for start in range(0, 18, size)]
        assert [row for page in pages for row in page] == whole


def test_meeting_relates_both_ways_and_counts_once(side: Side) -> None:
    which = RelationFilter(STALIN, predicates=("met",))
    assert side.relations(which, 10, 0) == [
        RelationRow(STALIN, "met", other, 1)
        for other in ("person/antonov-aleksei", "person/deane-john-r", HARRIMAN)
    ]


def test_relations_count_as_many_as_they_list(side: Side) -> None:
    for entity in side.entities(EntityFilter(), 1000, 0):
        which = RelationFilter(entity.id)
        assert side.count_relations(which) == len(side.relations(which, 1000, 0))


# Search


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Break Japan's spine", '"Break" "Japan\'s" "spine"'),
        ('"two months" stock*', '"two months" "stock" *'),
        ("NEAR(a b) AND -c OR (d", '"NEAR(a" "b)" "AND" "-c" "OR" "(d"'),
        ('head : "x', '"head" "x"'),
    ],
)
def test_search_takes_words_as_words(text: str, expression: str) -> None:
    assert search_expression(text) == expression


@pytest.mark.parametrize("text", ["", " ", '""', "* - !", "w " * 33])
def test_search_needs_a_word_and_not_too_many(text: str) -> None:
    with pytest.raises(NothingToSearch):
        search_expression(text)


@given(text=st.text(max_size=60) | st.text(alphabet='ab"*()^:-+ANDOR \0', max_size=30))
def test_nothing_typed_is_a_syntax_error(side: Side, text: str) -> None:
    try:
        expression = search_expression(text)
    except NothingToSearch:
        return
    found = side.find_documents(expression, 10, 0)
    assert len(found) == side.count_found("document", expression)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("petropavlovsk base", 1),
        ("PÉTROPAVLOVSK", 1),
        ('"as a base"', 1),
        ('"base a as"', 0),
        ("petropav*", 1),
        ("petropav", 0),
        ("petropavlovsk vladivostok", 0),
    ],
)
def test_search_finds_words_phrases_and_beginnings(side: Side, text: str, count: int) -> None:
    assert side.count_found("document", search_expression(text)) == count


@pytest.mark.parametrize(
    ("which", "counts"),
    [
        (SearchFilter(), (1, 1)),
        (SearchFilter(volumes=("frus1945Malta",), forms=("Telegram", "Letter")), (1, 1)),
        (SearchFilter(first="1944-10-17", last="1944-10-17"), (1, 1)),
        (SearchFilter(volumes=("frus1945",)), (0, 0)),
        (SearchFilter(forms=("Letter",)), (0, 0)),
        (SearchFilter(last="1944-10-16"), (0, 0)),
    ],
)
def test_search_can_be_narrowed(side: Side, which: SearchFilter, counts: tuple[int, int]) -> None:
    found = [
        (
            side.count_found(table, '"petropavlovsk"', which),
            len(find('"petropavlovsk"', 9, 0, which)),
        )
        for table, find in (("document", side.find_documents), ("fact", side.find_facts))
    ]
    assert found == [(count, count) for count in counts]


def test_numbers_of_what_is_found_come_best_first_and_of_very_much_in_order(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = side.found("fact", '"the"').tolist()
    rows = side.find_facts('"the"', 100, 0)
    assert [row.id for row in rows] == [row.id for row in side.facts_numbered(best)]
    monkeypatch.setattr("server.side.MOST_RANKED", 2)
    assert side.found("fact", '"the"').tolist() == sorted(best) != best


# Dates


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("1944-10-17", "17 October 1944"),
        ("1944-10", "October 1944"),
        ("1944", "1944"),
        ("1944?", "1944 (uncertain)"),
        ("1944-10~", "about October 1944"),
        ("1944-10-17T20:30Z", "17 October 1944, 20:30"),
        ("../1944-10-17", "until 17 October 1944"),
        ("1944-10-17/..", "from 17 October 1944"),
        ("1944-10-17/1944-10-19", "17 October 1944 to 19 October 1944"),
        ("[1944-11-16..1944-11-30]", "between 16 November 1944 and 30 November 1944"),
        ("XXXX-05-27", "27 May"),
        ("1944-21", "1944-21"),
        ("", ""),
    ],
)
def test_date_is_written_out_as_far_as_it_is_known(edtf: str, words: str) -> None:
    assert written_out(edtf) == words


def test_month_and_year_reach_from_their_first_day_to_their_last() -> None:
    given = ("1944-02-10", "1944-02", "1943")
    days = [(first_day(text), last_day(text)) for text in given]
    assert days == [
        ("1944-02-10", "1944-02-10"),
        ("1944-02-01", "1944-02-29"),
        ("1943-01-01", "1943-12-31"),
    ]


@pytest.mark.parametrize("text", ["", "0000", "1944-13", "1944-02-30", "17 Oct 1944", "1944-1-1"])
def test_what_is_no_day_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a date of the calendar"):
        first_day(text)


# The file


@pytest.mark.parametrize("content", [b"", b"no database, but long enough to look at" * 40])
def test_other_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "side.sqlite"
    path.write_bytes(content)
    with pytest.raises(DataSetUnreadable):
        Side(path)


def test_file_of_another_layout_is_refused_with_the_remedy(
    altered: Callable[[str], Side],
) -> None:
    with pytest.raises(DataSetUnreadable, match="its layout is 99") as error:
        altered("PRAGMA user_version = 99")
    assert error.value.hint == "Build the data set again with `cablegraph build`."


def test_statement_that_runs_too_long_is_stopped(built: Built) -> None:
    hasty = Side(built.data_set.side, seconds=0.05)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(QueryTimeout, match=r"longer than 0\.05 seconds"):
        hasty._rows(endless)
    assert hasty.count_facts(FactFilter()) == 18


def test_search_may_have_less_time_than_the_file(side: Side) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(QueryTimeout, match=r"longer than 0\.05 seconds"):
        side.within(0.05)._rows(endless)


def test_tables_are_read_once_for_all_versions_with_the_same_file(
    built: Built, tmp_path: Path
) -> None:
    """An update leaves the side file as it is; a build makes another one."""
    first, path = Side(built.data_set.side), built.data_set.side
    linked, copied = tmp_path / "linked.sqlite", tmp_path / "copied.sqlite"
    linked.hardlink_to(path)
    copied.write_bytes(path.read_bytes())
    first.read_tables()
    found = [Side(each) for each in (linked, copied)]
    for each in found:
        each.share(first)
    assert [each.fact_table is first.fact_table for each in found] == [True, False]
    copied.unlink()
    found[0].share(found[1])
    assert found[0].fact_table is first.fact_table


class Recording(Side):
    """Keeps every statement that it runs."""

    def __init__(self, path: Path) -> None:
        self.statements: list[tuple[str, tuple[Parameter, ...]]] = []
        super().__init__(path)

    def _rows(self, sql: str, *values: Parameter) -> list[tuple[object, ...]]:
        self.statements.append((sql, values))
        return super()._rows(sql, *values)


NARROW = SearchFilter(("frus1945Malta", "copy"), ("Telegram",), "1944-10-01", "1944-10-31")

LOOK_UPS: list[Callable[[Side], object]] = [
    lambda side: side.resolve("stalin"),
    lambda side: side.labels([STALIN]),
    lambda side: side.names(STALIN),
    lambda side: side.entity(STALIN),
    lambda side: side.entities_by_id([STALIN]),
    lambda side: side.entities_of(["Q855"]),
    lambda side: side.names_of([STALIN]),
    lambda side: side.bearers(["stalin"]),
    lambda side: side.similar('"stal"*', 40, ("person",)),
    lambda side: side.relations(RelationFilter(STALIN), 50, 0),
    lambda side: side.count_relations(RelationFilter(STALIN)),
    lambda side: side.facts_of([RelationRow(STALIN, "met", HARRIMAN, 1)], None, None, 20),
    lambda side: side.facts(FactFilter(roles=(("actor", (STALIN,)),)), 50, 0),
    lambda side: side.facts(FactFilter(kinds=("request",), roles=(("", (STALIN,)),)), 50, 0),
    lambda side: side.count_facts(FactFilter(roles=(("actor", (STALIN,)),))),
    lambda side: side.facts(FactFilter(documents=("frus1945Malta/d256",)), 50, 0, True),
    lambda side: side.facts(FactFilter(kinds=("request",)), 50, 0),
    lambda side: side.facts(FactFilter(match='"base"'), 50, 0),
    lambda side: side.fact("frus1945Malta/d256/18310a3a"),
    lambda side: side.fact_counts(["frus1945Malta/d256"]),
    lambda side: side.roles([1, 2]),
    lambda side: side.links(["frus1945Malta/d256/18310a3a"]),
    lambda side: side.document("frus1945Malta/d256"),
    lambda side: side.words("frus1945Malta/d256"),
    lambda side: side.parties("frus1945Malta/d256"),
    lambda side: side.neighbours(side.documents_by_id(["frus1945Malta/d256"]).popitem()[1]),
    lambda side: side.count_documents(DocumentFilter(mentions=(STALIN,))),
    lambda side: side.thread("frus1945Malta/d256", 500),
    lambda side: side.by_number("frus1945Malta/d256"),
    lambda side: side.citations(500, by="frus1945Malta/d256"),
    lambda side: side.citations(500, of="frus1945Malta/d256"),
    lambda side: side.acts([1]),
    lambda side: side.replies(["frus1945Malta/d256/0e3d4c7a"]),
    lambda side: side.fulfilments(["frus1945Malta/d256/0e3d4c7a"]),
    lambda side: side.documents_telling([1]),
    lambda side: side.facts_by_id(["frus1945Malta/d256/0e3d4c7a"]),
    lambda side: side.encounter_of("frus1945Malta/d256/0e3d4c7a"),
    lambda side: side.accounts(["encounter/frus1945Malta/d256/0e3d4c7a"]),
    lambda side: side.omissions(["frus1945Malta/d256/0e3d4c7a"]),
    lambda side: side.divisions("frus1945Malta"),
    lambda side: side.documents_by_id(["frus1945Malta/d256"]),
    lambda side: side.documents(DocumentFilter(volumes=("frus1945Malta",)), 50, 0),
    lambda side: side.documents(DocumentFilter(senders=(HARRIMAN,)), 50, 0),
    lambda side: side.documents(DocumentFilter(mentions=(STALIN,)), 50, 0),
    lambda side: side.find_documents('"base"', 10, 0),
    lambda side: side.find_facts('"base"', 10, 0),
    lambda side: side.find_documents('"base"', 10, 0, NARROW),
    lambda side: side.find_facts('"base"', 10, 0, NARROW),
    lambda side: side.count_found("document", '"base"', NARROW),
    lambda side: side.count_found("fact", '"base"', NARROW),
    lambda side: side.found("document", '"base"'),
    lambda side: side.facts_numbered([1]),
    lambda side: side.documents_numbered([1]),
    lambda side: side.passages('"base"', [1]),
    lambda side: side.highlighted('"base"', [1]),
    lambda side: side.facts(FactFilter(roles=(("", (STALIN,)),), forms=("Telegram",)), 50, 0),
    lambda side: side.matches('"base"', 10),
]


@pytest.mark.parametrize("number", range(len(LOOK_UPS)))
def test_look_up_reads_no_whole_table(large: Path, number: int) -> None:
    """A scan is quick in one telegram and slow in a hundred thousand."""
    side = Recording(large)
    LOOK_UPS[number](side)
    with closing(sqlite3.connect(large)) as db:
        steps = [
            step
            for sql, values in side.statements
            for *_, step in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        ]
    virtual = ("json_each", "_search", "pragma_user_version", "(subquery")
    scans = [step for step in steps if step.startswith("SCAN")]
    assert [step for step in scans if not any(name in step for name in virtual)] == []


OTHERS = {"within", "close", "entities", "count_entities", "complete", "unknown", "nearest_names"}
OTHERS |= {"threads", "count_threads", "encounters", "count_encounters", "read_tables", "share"}
"""Methods that look nothing up, list all there is, or look for what begins or sounds alike."""


def test_every_look_up_is_looked_at() -> None:
    public = {name for name, each in vars(Side).items() if callable(each) and name[0] != "_"}
    looked_at = {name for look_up in LOOK_UPS for name in look_up.__code__.co_names}
    assert public - looked_at == OTHERS
