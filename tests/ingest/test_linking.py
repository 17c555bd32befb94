"""A run of linking loses nothing, whatever happens, and takes no silence for an answer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest import cli, linking, mediawiki, wikidata
from ingest.cli import link as command
from ingest.link import Listed, Sought, Unanswered
from ingest.linking import IN_A_ROW, CannotLink, Outcome, Source, made_of, run_of
from ingest.model import Alternative, Entity, ListedPerson, WikidataLink
from ingest.sssom import read_links
from ingest.web import Pace
from tests.ingest.folders import copied
from tests.ingest.wikidata import OTHERS, ROOSEVELT, Answer, Wiki, human, said, sent, serving

ROOT = Path(__file__).parents[2]
QUICK = Pace(between=0, timeout=20, tries=2, wait=0, longest=5)
LINK = WikidataLink("linked", "Q1", False, 0.5, "Why.", manual=False)
SAME = {"the persons": "a", "the program": "b", "the items": "c"}


def person(name: str) -> Sought:
    listed = ListedPerson("frus1945v01", name, f"{name}, Otto", "")
    return Entity(f"person/{name}", name), Listed((listed,))


PEOPLE = [person(name) for name in ("adler", "bauer", "cohen", "dietz", "ebert")]


class Answers:
    """What answers as it is told, and knows whom it was asked for."""

    def __init__(self, **said: WikidataLink | Unanswered) -> None:
        self.asked: list[str] = []
        self._said = said

    def __call__(self, people: Sequence[Listed]) -> Iterator[WikidataLink | Unanswered]:
        for one in people:
            name = one.entries[0].id
            self.asked.append(name)
            yield self._said.get(name, LINK)


def run(
    out: Path, answers: Answers, made: dict[str, str] | None = None, told: Any = None
) -> tuple[str, Outcome]:
    with run_of(out, made or SAME) as going:
        return going.note, going.link(PEOPLE, answers, told or (lambda *_: None))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "links" / "persons.sssom.tsv"


def linked(out: Path) -> list[str]:
    found, problems = read_links(out.parent)
    assert problems == []
    return [id.removeprefix("person/") for id in found]


def test_everyone_who_was_answered_for_is_in_the_file_and_nothing_else_remains(out):
    others = (Alternative("Q2", "Otto", 0.2, "Why not."),)
    close = replace(LINK, alternatives=others)
    none = WikidataLink("none-found", manual=False)
    exact = replace(LINK, exact=True)
    told: list[tuple[int, int]] = []
    note, outcome = run(
        out,
        Answers(adler=close, bauer=none, cohen=exact, dietz=none, ebert=none),
        told=lambda *each: told.append(each),
    )
    assert (note, outcome) == ("", Outcome(Counter({"close": 1, "none-found": 3, "linked": 1})))
    assert [*read_links(out.parent)[0].values()][:3] == [close, none, exact]
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert told == [(n, 5) for n in range(1, 6)]


def test_who_was_not_answered_for_is_not_said_to_have_no_item_and_is_asked_again(out):
    silent = Unanswered("The wiki is busy")
    _, outcome = run(out, Answers(bauer=silent, dietz=silent))
    assert outcome == Outcome(Counter({"close": 3}), 2, "The wiki is busy")
    assert linked(out) == ["adler", "cohen", "ebert"]
    later = Answers()
    note, outcome = run(out, later)
    assert (note, outcome) == (
        "goes on, for 3 persons were linked before",
        Outcome(Counter({"close": 5})),
    )
    assert later.asked == ["bauer", "dietz"]
    assert linked(out) == ["adler", "bauer", "cohen", "dietz", "ebert"]
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_after_several_without_an_answer_nobody_is_asked_any_more(out):
    run(out, Answers())
    before = out.read_bytes()
    names = ("bauer", "cohen", "dietz")
    assert len(names) == IN_A_ROW
    answers = Answers(**{name: Unanswered(f"No {name}") for name in names})
    _, outcome = run(out, answers)
    assert outcome == Outcome(Counter({"close": 1}), 4, "No dietz", whole=False)
    assert answers.asked == ["adler", *names]
    assert out.read_bytes() == before
    later = Answers()
    run(out, later)
    assert later.asked == [*names, "ebert"]


def test_an_answer_that_is_final_ends_the_run(out):
    answers = Answers(bauer=Unanswered("Go away", final=True))
    _, outcome = run(out, answers)
    assert outcome == Outcome(Counter({"close": 1}), 4, "Go away", whole=False)
    assert answers.asked == ["adler", "bauer"]
    assert not out.exists()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"the items": "other"}, "the items"),
        ({"the persons": "x", "the program": "y"}, "the persons and the program"),
    ],
)
def test_what_was_found_is_forgotten_if_it_depends_on_what_has_changed(out, changed, reason):
    run(out, Answers(bauer=Unanswered("Busy", final=True)))
    later = Answers()
    note, _ = run(out, later, {**SAME, **changed})
    assert note == f"starts afresh, for {reason} changed since the last run"
    assert len(later.asked) == len(PEOPLE)


def test_links_depend_on_the_persons_the_program_and_the_items(monkeypatch):
    source = Source(Answers(), "an index")
    made = made_of(PEOPLE, source)
    assert made == made_of(list(PEOPLE), replace(source, answers=Answers()))
    assert made_of(PEOPLE, replace(source, digest="x")) == {**made, "the items": "x"}
    fewer = made_of(PEOPLE[1:], source)
    assert {name for name in made if made[name] != fewer[name]} == {"the persons"}
    monkeypatch.setattr("ingest.linking.code_version", lambda: "other")
    other = made_of(PEOPLE, source)
    assert {name for name in made if made[name] != other[name]} == {"the program"}


def test_two_runs_at_once_are_one_run_and_one_clear_error(out):
    with run_of(out, SAME), pytest.raises(CannotLink) as raised, run_of(out, SAME):
        pass
    assert str(raised.value) == f"{out}.part: another run is writing here; wait for it"


def test_what_was_kept_and_is_damaged_is_found_again(out):
    run(out, Answers(bauer=Unanswered("Busy", final=True)))
    out.with_name(f"{out.name}.part").write_bytes(b"rubbish" * 1000)
    later = Answers()
    assert run(out, later) == ("", Outcome(Counter({"close": 5})))
    assert len(later.asked) == len(PEOPLE)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    for out in (tmp_path / "file" / "x.tsv", tmp_path / "x.tsv"):
        (tmp_path / "x.tsv.part").mkdir(exist_ok=True)
        with pytest.raises(CannotLink, match="put it right and begin again"), run_of(out, SAME):
            pass


# Wikidata itself


@pytest.fixture
def wiki(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiki]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(wikidata, "PACE", QUICK)
    son = human("Q5489732", "Franklin Delano Roosevelt Jr.")
    with serving(Wiki([*OTHERS, ROOSEVELT, son])) as server:
        yield server


@pytest.fixture
def call(wiki: Wiki, tmp_path: Path) -> list[str]:
    """The words of a call that links the seven persons of the sample by asking the wiki."""
    copied(tmp_path)
    (tmp_path / "nobody").mkdir()
    paths = [f"{tmp_path}/sample", "--out", f"{tmp_path}/links/persons.sssom.tsv"]
    nobody = f"{tmp_path}/nobody"
    known = ["--authority", nobody, "--officers", nobody]
    return [*paths, *known, "--from-wikidata", "--address"]


def link(call: list[str], wiki: Wiki) -> Result:
    return CliRunner().invoke(command, [*call, wiki.address])


def silent(until: Event) -> Answer:
    def wait(_: BaseHTTPRequestHandler) -> None:
        until.wait(60)

    return wait


WHOLE = "1 exact links, 0 close ones, 6 persons without"


def test_the_command_links_to_what_wikidata_has(wiki, call, out):
    result = link(call, wiki)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{out}: {WHOLE}\n", "")
    found, _ = read_links(out.parent)
    assert {id: one.item for id, one in found.items() if one.item} == {
        "person/frus1945Malta.p_RFD1": "Q8007"
    }
    count = len(wiki.asked)
    assert link(call, wiki).stdout == f"{out}: {WHOLE}\n"
    assert len(wiki.asked) == count


FAULTS = {
    "the server answers 429 Too Many Requests, and asks to wait 900 s": sent(
        b"", 429, Retry_After="900"
    ),
    "the server answers 503 Service Unavailable": sent(b"", 503),
    "the server answers with the error maxlag": said({"error": {"code": "maxlag"}}),
    "the server answers with something that is no JSON": sent(b'{"query": {"sea'),
    "the server answers something else than it was asked for": said({"query": {"search": 7}}),
    "more than 1 MB; no such answer": sent(b" " * (2 << 20)),
    "cannot be reached: timed out": None,
}


@pytest.mark.parametrize(("reason", "fault"), FAULTS.items(), ids=FAULTS)
def test_nothing_is_lost_whatever_happens_in_the_middle_of_a_run(
    wiki, call, out, monkeypatch, reason, fault
):
    """Whatever the fourth question meets, the run ends, tells why and goes on; nobody is NIL."""
    monkeypatch.setattr(mediawiki, "MOST_BYTES", 1 << 20)
    undisturbed, questions, done = _undisturbed(wiki, call, out), [*wiki.questions], Event()
    if fault is None:
        fault = silent(done)
        monkeypatch.setattr(linking, "IN_A_ROW", 1)
        monkeypatch.setattr(wikidata, "PACE", replace(QUICK, timeout=3, tries=1))
    wiki.asked.clear()
    wiki.answers = [*[_good(wiki)] * 3, *[fault] * 9]
    broken = link(call, wiki)
    done.set()
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert reason in broken.stderr
    assert "were not: link again, and it goes on with them" in broken.stderr
    assert out.read_bytes() == undisturbed
    wiki.answers.clear()
    whole = link(call, wiki)
    assert (whole.exit_code, whole.stdout) == (0, f"{out}: {WHOLE}\n")
    assert out.read_bytes() == undisturbed
    assert {*wiki.questions} == {*questions}
    assert not {*wiki.questions[:3]} & {*wiki.questions[3:]}


def _undisturbed(wiki: Wiki, call: list[str], out: Path) -> bytes:
    """Return the links of a run that nothing happens to; no answer is kept of it."""
    link(call, wiki)
    (out.parent / "wikidata.sqlite").unlink()
    return out.read_bytes()


def _good(wiki: Wiki) -> Answer:
    """Answer as the wiki does."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked = wiki.asked[-1]
        if "srsearch" in asked:
            said(wiki.search(asked["srsearch"], 50))(handler)
        else:
            said(wiki.get(asked["ids"].split("|"), asked["props"].split("|"), []))(handler)

    return answer


def test_who_could_not_be_asked_is_left_out_and_the_rest_is_linked(wiki, call, out):
    wiki.answers = [sent(b"", 503)] * 2
    result = link(call, wiki)
    assert (result.exit_code, result.stdout) == (
        1,
        f"{out}: 1 exact links, 0 close ones, 5 persons without\n",
    )
    assert result.stderr == (
        f"Error: {wiki.address}/w/api.php: the server answers 503 Service Unavailable; 6 persons "
        "were looked up, 1 were not: link again, and it goes on with them\n"
    )
    found, _ = read_links(out.parent)
    assert len(found) == 6
    result = link(call, wiki)
    assert result.stderr == f"{out}: goes on, for 6 persons were linked before\n"
    assert (result.exit_code, result.stdout) == (0, f"{out}: {WHOLE}\n")


def test_a_network_that_is_down_is_one_clear_error(wiki, call, out):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    result = CliRunner().invoke(command, [*call, address])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: {address}/w/api.php: cannot be reached: Connection refused; 0 persons were looked "
        "up, 7 were not: link again, and it goes on with them\n"
    )
    assert not out.exists()


def test_a_run_that_was_killed_goes_on_the_next_time(wiki, call, out):
    """What was found before SIGKILL is not looked for again."""
    gone = Event()
    wiki.answers = [*[_good(wiki)] * 5, silent(gone)]
    program = (
        "import ingest.wikidata as w; from ingest.web import Pace; w.PACE = Pace(between=0);"
        "from ingest.cli import link; link()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", program, *call, wiki.address], env=environment, cwd=ROOT
    )
    while len(wiki.asked) < 6:
        assert process.poll() is None
        gone.wait(0.01)
    process.kill()
    process.wait()
    gone.set()
    assert not out.exists()
    before = [*wiki.questions]
    result = link(call, wiki)
    assert result.stdout == f"{out}: {WHOLE}\n"
    assert result.stderr.startswith(f"{out}: goes on, for ")
    assert not {*before[:5]} & {*wiki.questions[6:]}


def test_an_address_that_is_not_of_the_web_is_refused(call, out):
    result = CliRunner().invoke(command, [*call, "wikidata.org"])
    assert (result.exit_code, result.stderr) == (
        1,
        'Error: "wikidata.org" is no address of a wiki; give one such as '
        "https://www.wikidata.org\n",
    )


def test_a_disk_that_is_full_is_one_clear_error(wiki, call, out):
    (out.parent / "wikidata.sqlite").mkdir(parents=True)
    result = link(call, wiki)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {out.parent}: unable to open database file; put it")


def test_who_looks_on_is_told_how_fast_it_goes(monkeypatch, capsys):
    times = iter([0.0, 1.0, 4.0, 4.0, 5.0])
    monkeypatch.setenv("CABLEGRAPH_PROGRESS", "1")
    tell = cli._going("persons", lambda: next(times))
    for done in (5, 1000, 1200):
        tell(done, 12_000)
    assert capsys.readouterr().err == ("1,000 of 12,000 persons, 250.0 a second, 44 s left\n")


def test_a_long_reading_is_told_of_once_in_two_seconds():
    times, told = iter([0.0, 1.0, 4.0, 4.0, 5.0]), []
    tell = cli._rarely(lambda *said: told.append(said), lambda: next(times))
    for done in (5, 10, 15):
        tell("reading", done, 100)
    assert told == [("reading", 10, 100)]
