"""The build: one input, one data set; nothing half done is ever served."""

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

import dataset
import ontology
from ingest.build import MEMORY, NothingToBuild, Sources, build, find_volumes
from ingest.downloads import PERSONS
from ingest.tagger import MODEL
from ingest.volume import GRAPH
from ontology.names import DATA, TERMS
from tests.ingest.folders import FACTS, VOLUME, alter, copied, sources_in


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sample, built once: its sources and its store."""
    folder = tmp_path_factory.mktemp("built")
    sources = copied(folder / "data")
    outcome = build(sources, folder / "graph", jobs=1)
    assert outcome.problems == []
    return outcome


@pytest.fixture(scope="module")
def store(built):
    return Store.read_only(str(built.folder / "store"))


def unpacked(part: Path) -> str:
    """Return the N-Quads of a part."""
    return gzip.decompress((part / GRAPH).read_bytes()).decode()


def ask(store: Store, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query over all graphs, each value without its marks."""
    prefixes = f"PREFIX cg: <{TERMS}> BASE <{DATA}>"
    found = store.query(prefixes + query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    rows = (tuple(value.value for value in row if value is not None) for row in found)
    return sorted(tuple(value.removeprefix(DATA) for value in row) for row in rows)


def test_all_eighteen_curated_facts_are_in_the_graph_with_their_words(store):
    rows = ask(
        store,
        """SELECT DISTINCT ?kind ?fact WHERE {
            ?fact a ?kind ; cg:evidence ?evidence .
            ?evidence <http://www.w3.org/ns/oa#hasSelector>/<http://www.w3.org/ns/oa#exact> ?words
            VALUES ?kind { cg:Meeting cg:Request cg:Offer cg:Commitment cg:Refusal }
        }""",
    )
    kinds = [kind.removeprefix("ontology#") for kind, _ in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "Commitment": 9,
        "Meeting": 3,
        "Offer": 2,
        "Request": 4,
    }


def test_requests_whose_acting_state_is_the_soviet_union_are_the_three_by_stalin(store):
    rows = ask(
        store,
        """SELECT DISTINCT ?content WHERE {
            ?fact a cg:Request ; cg:actingState <state/soviet-union> ; cg:content ?content
        }""",
    )
    assert [content[:24] for (content,) in rows] == [
        "help from the Navy",
        "secrecy; no premature ar",
        "urgent consideration of ",
    ]


def test_those_who_met_are_joined_both_ways_and_never_with_themselves(store):
    rows = ask(store, "SELECT DISTINCT ?other WHERE { <person/stalin-joseph> cg:metWith ?other }")
    assert rows == [
        ("person/antonov-aleksei",),
        ("person/deane-john-r",),
        ("person/harriman-w-averell",),
    ]
    assert ask(store, "SELECT ?a WHERE { ?a cg:metWith ?a }") == []
    assert (
        ask(store, "SELECT ?a WHERE { ?a cg:metWith ?b FILTER NOT EXISTS { ?b cg:metWith ?a } }")
        == []
    )


def test_superclasses_inverses_and_parts_are_there_to_query(store):
    assert len(ask(store, "SELECT DISTINCT ?f WHERE { ?f a cg:Fact }")) == 18
    assert (
        len(ask(store, "SELECT DISTINCT ?f WHERE { <document/frus1945Malta/d256> cg:states ?f }"))
        == 18
    )
    assert ask(store, "SELECT DISTINCT ?d WHERE { <volume/frus1945Malta> cg:hasPart ?d }") == [
        ("document/frus1945Malta/d256",)
    ]


def test_what_is_inferred_can_be_told_apart(store):
    rows = ask(
        store,
        """SELECT ?graph (COUNT(*) AS ?n)
        WHERE { GRAPH ?graph { ?fact cg:actingState ?state } } GROUP BY ?graph""",
    )
    assert rows == [("graph/inferred", "15")]


def test_the_approval_answers_the_suggestions(store):
    rows = ask(
        store,
        """SELECT ?approval ?request
        WHERE { ?a cg:respondsTo ?r . ?a cg:content ?approval . ?r cg:content ?request }""",
    )
    approval = "generally approved those suggestions, with greater immediate emphasis on his"
    assert rows == [(f"{approval} ground forces", "suggestions for the Russian role in the war")]


def test_the_same_input_gives_the_same_bytes_whatever_the_place_and_number_of_processes(tmp_path):
    graphs = []
    for name, jobs in (("one", 1), ("other", 2)):
        sources = copied(tmp_path / name / "data")
        alter(sources.paths[0] / "frus1945Malta.xml", "1955</date>", "1955</date>")
        (sources.paths[0] / "frus1945Copy.xml").write_text(
            (sources.paths[0] / "frus1945Malta.xml")
            .read_text(encoding="utf-8")
            .replace("frus1945Malta", "frus1945Copy"),
            encoding="utf-8",
        )
        build(sources, tmp_path / name / "graph", jobs=jobs)
        graphs.append(
            {
                f"{path.parts[-3]}/{path.parts[-2]}": path.read_bytes()
                for path in (tmp_path / name / "graph" / "parts").glob("*/*/graph.nq.gz")
            }
        )
    assert graphs[0] == graphs[1]
    assert len(graphs[0]) == 2


def test_an_unchanged_input_is_not_built_again_and_its_version_is_told(built, tmp_path):
    sources = copied(tmp_path / "data")
    first = build(sources, tmp_path / "graph", jobs=1)
    again = build(sources, tmp_path / "graph", jobs=1)
    assert (again.version, again.unchanged, again.reused, again.totals) == (
        first.version, True, 1, first.totals,
    )  # fmt: skip
    assert (first.version, first.unchanged, first.reused) == (built.version, False, 0)


def test_a_changed_fact_makes_another_version_and_the_one_before_stays(tmp_path):
    sources = copied(tmp_path / "data")
    first = build(sources, tmp_path / "graph", jobs=1)
    alter(
        tmp_path / "data" / FACTS,
        "the use of Petropavlovsk as a base\n    about",
        "a base\n    about",
    )
    second = build(sources, tmp_path / "graph", jobs=1)
    assert second.version != first.version
    assert (tmp_path / "graph" / "current").resolve().name == second.version
    assert sorted(p.name for p in (tmp_path / "graph" / "versions").iterdir()) == sorted(
        [first.version, second.version]
    )
    [parts] = (tmp_path / "graph" / "parts" / "frus1945Malta").iterdir()
    assert "a base" in unpacked(parts)


def test_what_was_found_in_a_document_is_not_looked_for_again(tmp_path):
    """A decision about one document leaves the text of the others unread."""
    sources = copied(tmp_path / "data")
    sources = replace(sources, model=MODEL)
    letter = tmp_path / "data" / "sample" / "letters" / "t1.txt"
    letter.parent.mkdir()
    letter.write_text("Form: Telegram\n\nHe asked me for wheat.\n", encoding="utf-8")
    assert build(sources, tmp_path / "graph", jobs=1).totals["facts"] == 19
    with closing(sqlite3.connect(tmp_path / "graph" / MEMORY)) as memory:
        memory.execute("UPDATE acts SET acts = '[]'")
        memory.commit()
    alter(
        tmp_path / "data" / FACTS,
        "the use of Petropavlovsk as a base\n    about",
        "a base\n    about",
    )
    assert build(sources, tmp_path / "graph", jobs=1).totals["facts"] == 18


OTHER = """\
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="frus1946v06"><text>
<front><div type="section" xml:id="persons"><head>List of Persons</head><list type="names">
<item><persName xml:id="p_GAA1">Gromyko, Andrei A.</persName>, Soviet Representative.</item>
<item><persName xml:id="p_K1">Kennan, George F.</persName>, Chargé.</item>
</list></div></front>
<body><div type="document" xml:id="d1" n="1"><head>1. Telegram From the Embassy</head>
<p><persName corresp="#p_GAA1">Gromyko</persName> spoke.</p></div></body></text></TEI>
"""


def test_a_person_of_two_volumes_is_one_and_it_is_told_why(tmp_path):
    sources = copied(tmp_path / "data")
    (tmp_path / "data" / "sample" / "frus1946v06.xml").write_text(OTHER, encoding="utf-8")
    outcome = build(sources, tmp_path / "graph", jobs=1)
    table = outcome.folder / dataset.DOWNLOADS / PERSONS
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines()]
    assert rows[0] == ["entry", "person", "reason"]
    assert [row[:2] for row in rows if row[0].startswith("frus1946v06")] == [
        ["frus1946v06#p_GAA1", "person/gromyko-andrei"],
        ["frus1946v06#p_K1", "person/frus1946v06.p_K1"],
    ]
    store = Store.read_only(str(outcome.folder / "store"))
    mentions = """SELECT ?person WHERE {
        <document/frus1946v06/d1> cg:mentions ?person }"""
    assert ask(store, mentions) == [("person/gromyko-andrei",)]


def test_every_line_of_a_part_is_a_quad_and_no_two_are_equal_in_a_graph(built):
    [part] = (built.folder.parents[1] / "parts").glob("*/*")
    lines = unpacked(part).splitlines()
    quads = list(parse(unpacked(part), format=RdfFormat.N_QUADS))
    assert len(quads) == len(lines) == len(set(lines))


def test_the_manifest_counts_what_is_there(built, store):
    manifest = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["totals"] == built.totals
    assert built.totals == {
        "volumes": 1,
        "documents": 1,
        "facts": 18,
        "entities": 371,
        "links": 13,
        "quads": len(store),
    }


def test_the_void_description_counts_triples_by_property(built, store):
    void = Store()
    void.load(path=str(built.folder / "void.ttl"), format=RdfFormat.TURTLE)
    [(told,)] = ask(
        void,
        """SELECT ?n WHERE { ?p <http://rdfs.org/ns/void#property> cg:content ;
            <http://rdfs.org/ns/void#triples> ?n }""",
    )
    assert (told,) == ask(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s cg:content ?o }")[0]


def test_the_side_file_holds_the_same_facts_in_the_order_of_time(built, store):
    with closing(sqlite3.connect(built.folder / "side.sqlite")) as side:
        ids = [row[0] for row in side.execute("SELECT id FROM fact ORDER BY number")]
        days = [
            row[0]
            for row in side.execute(
                "SELECT coalesce(earliest, latest, '1944-10-17') FROM fact ORDER BY number"
            )
        ]
    assert sorted((f"fact/{id}",) for id in ids) == ask(
        store, "SELECT DISTINCT ?f WHERE { ?f a cg:Fact }"
    )
    assert days == sorted(days)


def test_the_ontology_is_in_the_graph_that_bears_its_name(store):
    [(count,)] = ask(store, "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <graph/ontology> { ?s ?p ?o } }")
    assert int(count) == len(ontology.ontology())


# What can go wrong


def test_no_volume_is_one_clear_error(tmp_path):
    sources = copied(tmp_path / "data")
    (tmp_path / "data" / VOLUME).unlink()
    with pytest.raises(NothingToBuild, match=r"no volume could be read; name files that end in"):
        build(sources, tmp_path / "graph", jobs=1)
    assert dataset.current(tmp_path / "graph") is None


def test_a_broken_build_leaves_the_version_before(tmp_path):
    sources = copied(tmp_path / "data")
    first = build(sources, tmp_path / "graph", jobs=1)
    (tmp_path / "data" / VOLUME).write_text("<TEI", encoding="utf-8")
    with pytest.raises(NothingToBuild):
        build(sources, tmp_path / "graph", jobs=1)
    assert (tmp_path / "graph" / "current").resolve() == first.folder.resolve()


def test_a_bad_volume_is_told_and_the_others_are_built(tmp_path):
    sources = copied(tmp_path / "data")
    (tmp_path / "data" / "sample" / "bad.xml").write_text("<TEI", encoding="utf-8")
    outcome = build(sources, tmp_path / "graph", jobs=2)
    assert [(p.file.split("/")[-1], p.fatal) for p in outcome.problems] == [("bad.xml", True)]
    assert outcome.totals["documents"] == 1


def test_two_files_of_one_volume_are_told_and_the_first_is_built(tmp_path):
    sources = copied(tmp_path / "data")
    twin = tmp_path / "data" / "sample" / "twin.xml"
    twin.write_bytes((tmp_path / "data" / VOLUME).read_bytes())
    outcome = build(sources, tmp_path / "graph", jobs=1)
    first = tmp_path / "data" / VOLUME
    assert [(p.file, p.message) for p in outcome.problems] == [
        (str(twin), f"holds volume frus1945Malta, as {first} does; remove one of the two")
    ]
    assert outcome.totals["documents"] == 1


def test_two_files_of_one_name_are_told(tmp_path):
    for name in ("a/v.xml", "b/v.xml.gz", "b/note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    paths = [tmp_path / "a", tmp_path / "b", tmp_path / "a" / "v.xml"]
    found, problems = find_volumes(paths)
    assert found == [tmp_path / "a" / "v.xml"]
    assert [(problem.file, problem.category, problem.fatal) for problem in problems] == [
        (str(tmp_path / "b" / "v.xml.gz"), "duplicate-volume", True),
        (str(tmp_path / "b" / "note.txt"), "stray-text", False),
    ]


def test_a_curated_file_without_its_document_is_noted(tmp_path):
    sources = copied(tmp_path / "data")
    stray = tmp_path / "data" / "curated" / "stray.yaml"
    stray.write_text("document: frus1900/d1\ncurator: J\nfacts: []\n", encoding="utf-8")
    outcome = build(sources, tmp_path / "graph", jobs=1)
    assert [(p.file, p.message, p.fatal) for p in outcome.problems] == [
        (str(stray), "frus1900/d1 is in none of the volumes", False)
    ]


def test_a_second_curated_file_for_a_document_is_told(tmp_path):
    sources = copied(tmp_path / "data")
    (tmp_path / "data" / "curated" / "second.yaml").write_bytes(
        (tmp_path / "data" / FACTS).read_bytes()
    )
    outcome = build(sources, tmp_path / "graph", jobs=1)
    assert [p.category for p in outcome.problems] == ["duplicate-curation"]
    assert outcome.totals["facts"] == 18


def test_a_build_replaces_updates_only_if_it_is_told_to_and_the_journal_tells_it(tmp_path):
    sources = copied(tmp_path / "data")
    store = tmp_path / "graph"
    before = build(sources, store, jobs=1).folder
    updated = store / "versions" / "updated"
    shutil.copytree(before, updated)
    manifest = json.loads((updated / "manifest.json").read_text(encoding="utf-8"))
    (updated / "manifest.json").write_text(json.dumps({**manifest, "updates": 2}), "utf-8")
    (store / "current").unlink()
    (store / "current").symlink_to(Path("versions") / "updated")
    with pytest.raises(dataset.UpdatesInTheWay):
        build(sources, store, jobs=1)
    assert dataset.current(store) == updated.resolve()
    assert build(sources, store, jobs=1, drop_updates=True).folder == before
    [line] = (store / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    told = json.loads(line)
    assert (told["before"], told["after"]) == ("updated", before.name)
    assert told["what"] == {"build": before.name, "updates_dropped": 2}


def test_two_builds_at_once_are_one_build_and_one_clear_error(tmp_path):
    another = pytest.raises(dataset.BuildRunning, match="another build is writing here")
    with dataset.build_lock(tmp_path), another:
        build(sources_in(tmp_path), tmp_path)


KILLS = 20


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_the_version_before_and_the_next_one_resumes(tmp_path):
    """Killed without warning at twenty random moments, from the first step to the last."""
    sources = copied(tmp_path / "data")
    twin = tmp_path / "data/sample/frus1945Twin.xml"
    volume = (tmp_path / "data" / VOLUME).read_text(encoding="utf-8")
    twin.write_text(volume.replace("frus1945Malta", "frus1945Twin"), encoding="utf-8")
    started = time.monotonic()
    start(sources, tmp_path / "graph").wait()
    moments = Random(20).sample(range(1000), KILLS)
    longest = time.monotonic() - started
    served = dataset.current(tmp_path / "graph")
    for number, moment in enumerate(moments):
        old, new = (f"deadline: 1944-{10 + n // 28}-{n % 28 + 1:02}" for n in (number - 1, number))
        alter(tmp_path / "data" / FACTS, old if number else "deadline: 1944-10-31", new)
        parts = finished_parts(tmp_path / "graph")
        killed(start(sources, tmp_path / "graph"), longest * moment / 1000)
        assert quads_of(served) == quads_of(dataset.current(tmp_path / "graph"))
        left = finished_parts(tmp_path / "graph") - parts
        outcome = build(sources, tmp_path / "graph", jobs=1)
        assert outcome.unchanged or outcome.reused == len(left)
        assert outcome.folder == dataset.current(tmp_path / "graph") != served
        assert [*(tmp_path / "graph").glob("building-*")] == []
        served = outcome.folder


def start(sources: Sources, store: Path) -> subprocess.Popen[bytes]:
    """Start a build of two volumes on two processes."""
    command = [sys.executable, "-m", "cablegraph", "build", str(sources.paths[0]), "--jobs", "2",
               "--authority", str(sources.authority), "--curated", str(sources.curated),
               "--officers", str(sources.authority.parent / "officers"),
               "--store", str(store), "--no-text"]  # fmt: skip
    # Coverage of what is killed is lost anyway, and makes it three times slower.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        env=plain,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )


def killed(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Let a build run for some time, then kill it with all of its processes."""
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def finished_parts(store: Path) -> set[Path]:
    return {report.parent for report in store.glob("parts/*/*/report.json")
            if report.parent.suffix != ".making"}  # fmt: skip


def quads_of(folder: Path | None) -> int:
    assert folder is not None
    return len(Store.read_only(str(folder / "store")))


TAGGED = '(<persName type="from" corresp="#p_HWA1"><hi rend="italic">Harriman</hi></persName>)'


def test_a_head_is_understood_with_a_register_of_officers(tmp_path):
    """Without the tag and the authority, the register tells who the Ambassador was that day."""
    sources = replace(copied(tmp_path), officers=tmp_path / "officers")
    alter(tmp_path / VOLUME, TAGGED, "(Harriman)")
    shutil.rmtree(tmp_path / "curated/frus1945Malta")
    for name in ("persons", "positions"):
        (tmp_path / f"authority/{name}.yaml").unlink()
    (tmp_path / "officers").mkdir()
    (tmp_path / "officers/pocom-people.tsv").write_text(
        "id\tsurname\tforename\tgenname\tbirth\tdeath\n"
        "harriman-william-averell\tHarriman\tWilliam Averell\t\t1891\t1986\n"
        "adams-john\tAdams\tJohn\t\t1735\t1826\n"
    )
    (tmp_path / "officers/pocom-appointments.tsv").write_text(
        "pocom_id\trole\tcountry\tappointed\tarrived\tstarted\tended\n"
        "harriman-william-averell\tAmbassador Extraordinary and Plenipotentiary\tRussia\t\t\t"
        "1943-10-23\t1946-01-24\n"
        "adams-john\tMinister Plenipotentiary\tUnited Kingdom\t\t\t1785-06-01\t1788-02-20\n"
    )
    outcome = build(sources, tmp_path / "graph", jobs=1)
    known = Store.read_only(str(outcome.folder / "store"))
    assert ask(known, "SELECT ?who { <document/frus1945Malta/d256> cg:sender ?who }") == [
        ("person/harriman-william-averell",),
        ("position/ambassador-in-the-soviet-union",),
    ]
    assert ask(
        known,
        """SELECT ?entry ?born ?start { <person/harriman-william-averell> cg:born ?born ;
            cg:holds/cg:tenureStart ?start ; <http://purl.org/dc/terms/identifier> ?entry }""",
    ) == [
        (entry, "1891", "1943-10-23")
        for entry in ("frus1945Malta#p_HWA1", "pocom#harriman-william-averell")
    ]
    assert ask(known, "SELECT ?x { VALUES ?x { <person/adams-john> } ?x a cg:Person }") == []
    assert build(sources, tmp_path / "graph", jobs=1).unchanged
