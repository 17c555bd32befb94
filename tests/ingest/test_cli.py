"""The commands that read sources: what they print, where, and how they end."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli import build, facts, validate
from ingest.cli import report as reports
from tests.ingest.folders import FACTS, VOLUME, alter, copied

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CABLEGRAPH_SHARED", ROOT.parent / "shared"))


@pytest.fixture
def run(tmp_path):
    """Run a command over a copy of the sample; give its exit status, stdout and stderr."""
    copied(tmp_path)

    def run(command, *arguments: str) -> tuple[int, str, str]:
        folders = ["--authority", f"{tmp_path}/authority", "--curated", f"{tmp_path}/curated"]
        store = [] if command is facts else ["--store", f"{tmp_path}/graph"]
        paths = [] if arguments and not arguments[0].startswith("-") else [f"{tmp_path}/sample"]
        result = CliRunner().invoke(command, [*paths, *arguments, *folders, *store])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout, result.stderr

    return run


def test_build_says_what_it_built_and_where(run, tmp_path):
    status, out, err = run(build)
    assert (status, err) == (0, "")
    version = (tmp_path / "graph" / "current").resolve()
    assert out.startswith(
        f"{version.parent.parent.parent}/graph/versions/{version.name}: built in "
    )
    assert ": 1 volumes, 1 documents, 18 facts, " in out


def test_build_again_says_that_nothing_changed(run):
    run(build)
    status, out, _ = run(build)
    assert status == 0
    assert ": unchanged in " in out


def test_build_tells_a_bad_entry_builds_the_rest_and_ends_with_1(run, tmp_path):
    alter(
        tmp_path / FACTS,
        "actor: person/stalin-joseph\n    addressee: organization/united-states-navy",
        "actor: person/stalin\n    addressee: organization/united-states-navy",
    )
    status, out, err = run(build)
    assert status == 1
    assert err == (
        f"{tmp_path}/{FACTS}:81: naval-help: actor: person/stalin is not in the authority files; "
        "add it there, or mend the id\n"
    )
    assert "17 facts" in out
    assert out.endswith("; 1 left out, see above\n")


def test_every_fault_of_a_file_is_one_message_and_the_rest_is_built(run, tmp_path):
    """Seven volumes that are wrong, each in its own way, beside one that is right."""
    folder, right = tmp_path / "sample", (tmp_path / VOLUME).read_text(encoding="utf-8")
    start = right.index('<div type="document"')
    document = right[start : right.index("</div>", start) + len("</div>")]

    def wrong(name: str, alter: Callable[[str], str]) -> None:
        volume = alter(right).replace("frus1945Malta", name)
        (folder / f"{name}.xml").write_text(volume, encoding="utf-8")

    wrong("a-truncated", lambda text: text[: text.index("Break Japan")])
    wrong("b-entity", lambda text: text.replace("Moscow", "&city;", 1))
    wrong("c-empty", lambda _: "")
    wrong("d-html", lambda _: "<html/>")
    wrong("e-twice", lambda text: text.replace(document, 2 * document))
    wrong("f-nameless", lambda text: text.replace(' xml:id="frus1945Malta"', "", 1))
    (folder / "g-second.xml").write_text(right, encoding="utf-8")
    status, out, err = run(build, "--no-text")
    report = CliRunner().invoke(reports, ["--store", f"{tmp_path}/graph"]).stdout
    told = [line.removeprefix("note: ").removeprefix(f"{folder}/") for line in report.splitlines()]
    assert status == 1
    assert ": 5 volumes, 4 documents, 18 facts, " in out
    assert out.endswith(" quads; 5 left out, see above\n")
    assert err.count("\n") == 6
    assert [line for line in told if ".xml:" in line] == [
        "a-truncated.xml:50: document d256 is left out: the file ends too early; get it again"
        " [truncated]",
        "c-empty.xml: the file is empty; get it again [empty]",
        "d-html.xml:1: the root element is <html>, not <TEI> in the TEI namespace; give a TEI "
        "volume [not-tei]",
        "e-twice.xml:51: document d256 was there before; give each an xml:id of its own"
        " [duplicate-id]",
        f"g-second.xml: holds volume frus1945Malta, as {tmp_path}/{VOLUME} does; remove one of "
        "the two [duplicate-volume]",
        "b-entity.xml:45: document d256: Entity 'city' not defined; write the character itself, "
        "and & as &amp; [bad-entity]",
        'f-nameless.xml:2: the volume has no xml:id; it is called "f-nameless" after its idno. '
        "Give the root element an xml:id [no-volume-id]",
    ]
    assert report.splitlines()[9].split()[:3] == ["all", "4", "18"]


def test_build_without_any_volume_is_one_message(run, tmp_path):
    (tmp_path / VOLUME).unlink()
    status, out, err = run(build)
    assert (status, out) == (1, "")
    suffixes = ".xml, .xml.gz, .txt, .jsonl, .jsonl.gz"
    advice = f"no volume could be read; name files that end in {suffixes}"
    assert err == f"Error: {tmp_path}/sample: {advice}\n"


def test_a_folder_that_is_not_there_is_one_message(tmp_path):
    result = CliRunner().invoke(build, ["--authority", str(tmp_path / "x"), str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {tmp_path}/x: there is no such folder; name yours with --authority\n"
    )


def test_validate_says_what_it_looked_at(run):
    run(build)
    assert run(validate) == (
        0,
        "valid; sources: 1 documents, 18 facts; data set: 19 quotes, 1 graphs\n",
        "",
    )


def test_validate_without_a_data_set_says_so(run, tmp_path):
    status, out, _ = run(validate)
    assert status == 0
    assert out == (
        "valid; sources: 1 documents, 18 facts; "
        f"no data set in {tmp_path}/graph: run `cablegraph build`\n"
    )


def test_validate_ends_with_1_and_names_the_fact_whose_quote_was_altered(run, tmp_path):
    alter(tmp_path / FACTS, "He hopes for help from our Navy", "He hopes for help from your Navy")
    status, out, err = run(validate)
    assert status == 1
    assert "naval-help: the quote" in err
    assert out.startswith("1 problems; sources: 1 documents, 17 facts")


def test_facts_prints_one_line_a_fact_in_the_order_of_the_text(run):
    status, out, err = run(facts)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 18
    assert lines[0] == (
        "frus1945Malta/d256  meeting, held, 1944-10-17: W. Averell Harriman, John R. Deane, "
        "Joseph Stalin, Aleksei Antonov: detailed planning for Soviet participation and "
        "cooperation in the Pacific war"
    )
    assert lines[6] == (
        "frus1945Malta/d256  request, made, 1944-10-17: Joseph Stalin -> United States Navy: "
        "help from the Navy"
    )


def test_facts_as_json_lines_are_in_the_form_of_the_gold_annotations(run):
    _, out, _ = run(facts, "--format", "jsonl")
    found = [json.loads(line) for line in out.splitlines()]
    [offer] = [fact for fact in found if fact["quote"].endswith("Petropavlovsk as a base.")]
    del offer["id"]
    assert offer == {
        "document": "frus1945Malta/d256",
        "type": "offer",
        "quote": "specifically offered us the use of Petropavlovsk as a base.",
        "trigger": "offered",
        "actor": "Joseph Stalin",
        "addressee": "United States",
        "participants": [],
        "content": "the use of Petropavlovsk as a base",
        "date": "1944-10-17",
        "status": "made",
        "confidence": 1.0,
    }


def test_facts_of_one_document_only(run):
    status, out, _ = run(facts, "--document", "frus1945Malta/d256")
    assert (status, len(out.splitlines())) == (0, 18)


def test_facts_of_a_document_that_is_not_there_are_an_error(run):
    status, out, err = run(facts, "--document", "frus1945Malta/d1")
    assert (status, out) == (1, "")
    assert err == "frus1945Malta/d1: there is no such document in the volumes that were read\n"


LETTER = """\
Form: Telegram
From: Embassy in Egypt
To: Department of State
Date: 1955-01-07

Prime Minister Nasser asked me today for immediate delivery of wheat.
"""
VOLUME_OF_ONE = """\
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="frus1"><text><body>
<div type="document" xml:id="d1" n="1"><head>1. Telegram From the Embassy in Egypt</head>
<p>{}</p></div></body></text></TEI>
"""


@pytest.mark.parametrize(
    "given",
    [
        LETTER,
        json.dumps({"id": "t1", "form": "Telegram", "text": LETTER.split("\n\n")[1]}),
        VOLUME_OF_ONE.format(LETTER.split("\n\n")[1]),
        LETTER.split("\n\n")[1],
    ],
    ids=["plain text", "JSON lines", "TEI", "words alone"],
)
def test_facts_of_what_comes_on_standard_input(given, tmp_path):
    words = [sys.executable, "-m", "cablegraph", "facts", "-", "--format", "jsonl"]
    done = subprocess.run(words, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    [fact] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (fact["type"], fact["trigger"], fact["actor"]) == (
        "request",
        "asked me",
        "Prime Minister Nasser",
    )


@pytest.mark.skipif(
    not (SHARED / "gold" / "score.py").exists(),
    reason="needs the gold annotations' score.py in the folder that CABLEGRAPH_SHARED names",
)
def test_the_scorer_reads_what_facts_prints(run, tmp_path):
    """The curated facts scored against themselves are all right."""
    _, out, _ = run(facts, "--format", "jsonl")
    (tmp_path / "predictions.jsonl").write_text(out, encoding="utf-8")
    made = [json.loads(line) for line in out.splitlines()]
    gold = {"document": "frus1945Malta#d256", "facts": made}
    (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n", encoding="utf-8")
    paras = [fact["quote"] for fact in made]
    texts = {"document": "frus1945Malta#d256", "head": "", "date": "", "paras": paras}
    (tmp_path / "texts.jsonl").write_text(json.dumps(texts) + "\n", encoding="utf-8")
    files = [str(tmp_path / f"{name}.jsonl") for name in ("gold", "texts", "predictions")]
    scored = subprocess.run(
        [sys.executable, str(SHARED / "gold" / "score.py"), *files],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    [row] = [line.split() for line in scored.stdout.splitlines() if line.startswith("request")]
    assert "1.000" in row
