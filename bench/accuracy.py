"""Score what programs find against annotated documents, and write bench/ACCURACY.md.

    python -m bench.accuracy SHARED

SHARED holds `gold/`, the annotations with the rules that score them (`score.py`), and `corpus/`,
the volumes. What is scored in a document comes from models, thresholds and calibration that were
made without it: five-fold cross-validation, the folds told by the documents' names. Intervals are
95 % of 1,000 samples of the documents, drawn with replacement.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import references, replies, responses
from bench.grow import Case, cases, grown
from bench.links import cases as link_cases
from bench.links import cross_validated as links_of
from bench.links import measured
from bench.offices import understood
from bench.persons import joined
from bench.recall import Recalled, recalled
from bench.scoring import (
    CORE,
    KINDS,
    Annotated,
    Rules,
    Tally,
    interval,
    matches,
    present,
    recorded,
    tallies,
    text_of,
)
from bench.things import linked_things
from bench.tuning import Sweep, fold_of, settings, sweep
from ingest.annotations import annotation
from ingest.authority import Authority
from ingest.build import Sources, read_context
from ingest.curated import shares
from ingest.extract import Extractor
from ingest.link import EXACT
from ingest.model import Document
from ingest.parties import Reader, ordered
from ingest.readers import read_source
from ingest.tagger import MODEL, Act
from ingest.volume import extractor, facts_of, with_recorded_meeting

ROOT = Path(__file__).parent.parent
SAMPLE = "frus1945Malta.xml"
EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Gold:
    """The annotations: facts and text of each document, and the rules that score them."""

    facts: dict[str, list[Annotated]]
    texts: dict[str, Mapping[str, Any]]
    rules: Rules

    @classmethod
    def read(cls, shared: Path) -> Gold:
        """Read the annotations of `SHARED/gold`."""
        folder = shared / "gold"
        rules = runpy.run_path(str(folder / "score.py"))
        lines = by_document(folder / "dev-gold.jsonl")
        texts = by_document(folder / "dev-texts.jsonl")
        return cls(
            {name: line["facts"] for name, line in sorted(lines.items())},
            {name: text_of(texts[name]["paras"], rules) for name in sorted(lines)},
            rules,
        )


def by_document(path: Path) -> dict[str, Any]:
    """Read lines of JSON, each about one document, by its key, which has / where they have #."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {record["document"].replace("#", "/"): record for record in map(json.loads, lines)}


def documents_in(shared: Path, names: Iterable[str]) -> list[Document]:
    """Read documents by their names, a process a volume at a time."""
    wanted = frozenset(names)
    volumes = sorted({name.partition("/")[0] for name in wanted})
    paths = [shared / "corpus" / f"{name}.xml.gz" for name in volumes]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return [one for found in pool.map(_documents, paths, repeat(wanted)) for one in found]


def _documents(volume: Path, wanted: frozenset[str]) -> list[Document]:
    return [
        item for item in read_source(volume) if isinstance(item, Document) and item.key in wanted
    ]


# Cross-validation


@dataclass(frozen=True, slots=True)
class Judged:
    """One document: what annotators and programs have, and how they agree."""

    document: Document
    gold: list[Annotated]
    found: list[Annotated]
    matched: dict[int, int]
    tallies: dict[str, Tally]


def cross_validated(
    documents: Sequence[Document],
    acts: Mapping[str, Sequence[Act]],
    sweeps: Mapping[str, Sweep],
    gold: Gold,
) -> Iterator[Judged]:
    """Yield each document as it is judged with settings and trees that were made without its fold.

    Trees are grown from all acts of the other folds, weak ones too.
    """
    known = {one.key: cases_in(one, acts[one.key], gold) for one in documents}
    for fold in sorted({fold_of(key) for key in known}):
        made = settings(sweeps[key] for key in sweeps if fold_of(key) != fold)
        trees = grown(case for key in known if fold_of(key) != fold for case in known[key])
        extractor = Extractor(Reader(Recalled(acts), trees, made))
        for document in documents:
            if fold_of(document.key) == fold:
                yield _judged(document, found_in(document, extractor), gold)


def cases_in(document: Document, acts: Sequence[Act], gold: Gold) -> list[Case]:
    """Return what trees may learn from a document about who is meant."""
    facts, text = gold.facts[document.key], gold.texts[document.key]
    return [*cases(document, ordered(acts), facts, text, gold.rules)]


def swept(
    documents: Sequence[Document], acts: Mapping[str, Sequence[Act]], gold: Gold
) -> dict[str, Sweep]:
    """Hold the acts of each document against its annotations, at each threshold."""
    return {
        one.key: sweep(one, acts[one.key], gold.facts[one.key], gold.texts[one.key], gold.rules)
        for one in documents
    }


def found_in(document: Document, extractor: Extractor) -> list[Annotated]:
    """Return what programs find in a document, as annotators would write it."""
    facts = extractor.facts(document, Authority())
    return [annotation(fact, {}) for fact in with_recorded_meeting(document, facts)]


def _judged(document: Document, found: list[Annotated], gold: Gold) -> Judged:
    facts = gold.facts[document.key]
    matched = matches(facts, found, gold.texts[document.key], gold.rules)
    return Judged(document, facts, found, matched, tallies(facts, found, matched))


@dataclass(frozen=True, slots=True)
class Roles:
    """Of facts that were found, in how many who acts and who is addressed is right."""

    actors: Tally
    addressees: Tally
    participants: Tally


def roles(judged: Iterable[Judged], rules: Rules) -> Roles:
    """Compare the parties of matched facts: a wrong actor or addressee is a miss."""
    same = rules["same_party"]
    actors = addressees = participants = Tally()
    for one in judged:
        for mine, its in one.matched.items():
            want, have = one.gold[mine], one.found[its]
            if want["type"] == "meeting":
                participants += present(want, have, rules)
                continue
            actors += _hit(same(want["actor"], have["actor"]))
            if want["addressee"]:
                addressees += _hit(same(want["addressee"], have["addressee"]))
    return Roles(actors, addressees, participants)


def _hit(right: bool) -> Tally:
    return Tally(hits=int(right), misses=int(not right))


def calibration_error(judged: Iterable[Judged], bins: int = 10) -> float:
    """Return the expected calibration error of the confidence of facts, in bins of equal width."""
    facts: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for one in judged:
        right = {*one.matched.values()}
        for number, fact in enumerate(one.found):
            place = min(bins - 1, int(fact["confidence"] * bins))
            facts[place].append((fact["confidence"], number in right))
    whole = sum(map(len, facts.values()))
    gaps = (abs(sum(c - hit for c, hit in each)) for each in facts.values())
    return sum(gaps) / whole if whole else 0.0


# Telling


def table(counted: Sequence[Mapping[str, Tally]]) -> Iterator[str]:
    """Yield a row a kind and one for the four core kinds, as Markdown."""
    yield "| kind | annotated | found | precision | recall | F1 | 95 % of F1 |"
    yield "|---|---|---|---|---|---|---|"
    for name, kinds in (*((kind, (kind,)) for kind in KINDS), ("core four", CORE)):
        each = [sum((one[kind] for kind in kinds), Tally()) for one in counted]
        whole, (low, high) = sum(each, Tally()), interval(each, lambda one: one.f1)
        yield (
            f"| {name} | {whole.hits + whole.misses:,} | {whole.hits + whole.alarms:,} | "
            f"{whole.precision:.3f} | {whole.recall:.3f} | {whole.f1:.3f} | {low:.3f}-{high:.3f} |"
        )


PERIODS = ((1914, 1945), (1946, 1952), (1953, 1960), (1961, 1968), (1969, 1980))


def by_period(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield a row for each period with the F1 of the core four kinds."""
    yield "| years | documents | annotated | precision | recall | F1 |"
    yield "|---|---|---|---|---|---|"
    for first, last in PERIODS:
        each = [one for one in judged if first <= _year(one.document) <= last]
        whole = sum((one.tallies[kind] for one in each for kind in CORE), Tally())
        yield (
            f"| {first}-{last} | {len(each)} | {whole.hits + whole.misses:,} | "
            f"{whole.precision:.3f} | {whole.recall:.3f} | {whole.f1:.3f} |"
        )


def _year(document: Document) -> int:
    sent = document.sent.earliest if document.sent else None
    return int(sent[:4]) if sent else 0


def faults(judged: Iterable[Judged], gold: Gold) -> dict[str, list[str]]:
    """Return what was missed and what was found wrongly, by class, each with its words."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in judged:
        text = gold.texts[one.document.key]
        mine, its = (
            [gold.rules["locate"](fact["quote"], text) for fact in facts]
            for facts in (one.gold, one.found)
        )
        right = {*one.matched.values()}
        for number, fact in enumerate(one.gold):
            if number not in one.matched:
                beside = [one.found[at]["type"] for at in _beside(mine[number], its)]
                found[f"missed: {_class(fact, beside)}"].append(_told(fact))
        for number, fact in enumerate(one.found):
            if number not in right:
                beside = [one.gold[at]["type"] for at in _beside(its[number], mine)]
                found[f"false alarm: {_class(fact, beside)}"].append(_told(fact))
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _beside(span: Any, spans: Sequence[Any]) -> list[int]:
    """Return the places of those that share words with a span."""
    return [
        at
        for at, other in enumerate(spans)
        if span and other and min(span[1], other[1]) > max(span[0], other[0])
    ]


def _class(fact: Annotated, beside: Sequence[str]) -> str:
    if not beside:
        return f"{fact['type']}, nothing on the other side"
    if fact["type"] in beside:
        return f"{fact['type']}, one of two in the same words"
    return f"{fact['type']}, {beside[0]} on the other side"


def _told(fact: Annotated) -> str:
    words = " ".join(fact["quote"].split())
    return f"“{fact['trigger']}” in “{words if len(words) <= 140 else words[:139] + '…'}”"


def fault_lines(found: Mapping[str, Sequence[str]], most: int = 12) -> Iterator[str]:
    """Yield the largest classes of faults with their count and examples."""
    for name, examples in [*found.items()][:most]:
        yield f"- {name}: {len(examples)}"
        yield from (
            f"  - {one}" for one in examples[:: max(1, len(examples) // EXAMPLES)][:EXAMPLES]
        )


def report(shared: Path) -> str:
    """Score what programs find in the annotated documents, and tell it as Markdown."""
    gold, acts = Gold.read(shared), recalled()
    documents = documents_in(shared, gold.facts)
    judged = [*cross_validated(documents, acts, swept(documents, acts, gold), gold)]
    parties = roles(judged, gold.rules)
    meetings = recorded(gold.facts, recorded_meetings(judged), gold.rules)
    curated, hits, others = seed()
    persons, looked_up = joined(shared), link_cases(shared)
    linked, heads = measured(links_of(looked_up)), understood(shared)
    return TEXT.format(
        documents=len(judged),
        facts=sum(len(one.gold) for one in judged),
        table="\n".join(table([one.tallies for one in judged])),
        periods="\n".join(by_period(judged)),
        actor=parties.actors.recall,
        actors=parties.actors.hits + parties.actors.misses,
        addressee=parties.addressees.recall,
        addressees=parties.addressees.hits + parties.addressees.misses,
        present=parties.participants,
        error=calibration_error(judged),
        faults="\n".join(fault_lines(faults(judged, gold))),
        persons=persons,
        linked=linked,
        things=linked_things(shared),
        heads="\n".join(head_lines(heads)),
        references=references.table(references.cases(shared)),
        **{f"answers_{name}": text for name, text in responses.report().items()},
        **{f"replies_{name}": text for name, text in replies.report().items()},
        exact=EXACT,
        meetings=meetings.meetings,
        annotated=meetings.annotated,
        precision=meetings.participants.precision,
        recall=meetings.participants.recall,
        dates=meetings.dates,
        curated=curated,
        hits=hits,
        others=others,
    )


def head_lines(decades: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield the lines of the table of senders and recipients, and that of all."""
    for decade, one in (*decades.items(), ("all", sum(decades.values(), Counter[str]()))):
        counts = [f"{one[name]:,}" for name in ("parties", "known", "found")]
        alike = [f"{one[f'{by} right']:,} of {one[by]:,}" for by in ("named", "tagged", "signed")]
        yield f"| {decade} | {' | '.join((*counts, *alike))} |"


def seed() -> tuple[int, int, int]:
    """Return of the sample's curated facts how many there are, are found, and what else is found.

    The model was not taught with that telegram.
    """
    sources = Sources((ROOT / "data/sample",), ROOT / "data/authority", ROOT / "data/curated")
    context, _ = read_context(sources)
    documents = (one for one in read_source(sources.paths[0] / SAMPLE) if isinstance(one, Document))
    document = next(documents)
    curated, _ = facts_of(document, context)
    found = extractor(MODEL).facts(document, context.authority)
    taken: set[str] = set()
    for fact in curated:
        alike = (one.id for one in found if one.kind is fact.kind and shares(one.quote, fact.quote))
        taken |= {next((name for name in alike if name not in taken), "")}
    hits = len(taken - {""})
    return len(curated), hits, len(found) - hits


def recorded_meetings(judged: Iterable[Judged]) -> Iterator[Annotated]:
    """Yield the meetings that documents record by their form."""
    for one in judged:
        for fact in with_recorded_meeting(one.document, []):
            yield annotation(fact, {})


def keep_settings(
    documents: Sequence[Document], acts: Mapping[str, Sequence[Act]], gold: Gold, path: Path
) -> None:
    """Set thresholds and calibration by all that models were held back from, and keep them."""
    made = settings(swept(documents, acts, gold).values())
    path.write_text(
        json.dumps({"thresholds": made.thresholds, "calibration": made.calibration}, indent=2)
        + "\n",
        encoding="utf-8",
    )


TEXT = """\
# Accuracy

`make eval SHARED=…` writes this page: what programs find in {documents:,} annotated documents
(with {facts:,} facts), scored by the rules that come with the annotations. Each document is read
by a model, thresholds, a calibration and trees that were made without it: five folds, told by the
documents' names (`tests/gold/acts.jsonl.gz` has what the models said).

{table}

| on facts that were found | figure |
|---|---|
| actor right | {actor:.3f} of {actors:,} |
| addressee right | {addressee:.3f} of {addressees:,} |
| participants of meetings | P {present.precision:.3f} R {present.recall:.3f} F1 {present.f1:.3f} |
| expected calibration error of the confidence | {error:.3f} |

Of the {curated} curated facts of the sample's telegram, which is not among the annotated ones, the
model finds {hits} in the right kind, and {others} others.

What was tried, and what it would take to do better: [METHODS.md](METHODS.md).

## By period (core four)

{periods}

## Faults by class

The largest classes, with examples. "Nothing on the other side": annotators, or programs, have no
fact whose words overlap.

{faults}

## Meetings that documents record by their form

Where the text introduces the meeting its words are the evidence; else the heading is, which the
annotators did not see. Beside the annotators' own of the same document:

| recorded meetings | figure |
|---|---|
| all | {meetings} |
| which the annotators have too, from the words below heading and lists | {annotated} |
| of these, with the same date, or without one | {dates} |
| precision of their participants (most false alarms are aides) | {precision:.2f} |
| recall of their participants | {recall:.2f} |

## Meetings that several documents tell of

Accounts that `ingest/encounters.py` joins, of the 3,524 memoranda of conversation and minutes of a
known day in 95 volumes (November 2026): 92 meetings with 208 accounts. We read how each record
begins, its list of persons and its source note, where the editors often say "Part II of IV" or
"see Document 210"; in parentheses where the precision lies, 95 times in 100.

| joined by | meetings | read | right | wrong | not to be decided | precision |
|---|---|---|---|---|---|---|
| the same hour and a person in common | 64 | 30 by chance | 30 | 0 | 0 | 1.000 (0.886-1.000) |
| the same day and nearly the same persons | 28 | all | 26 | 1 | 1 | 0.929 (0.774-0.980) |

The second rule was made on what we read: of 36 that it joined at first, seven were two meetings,
of which one follows the other ("After his conversation with the Acting Secretary", "Following
lunch"), and such words in a first sentence now speak against a join, as do two buildings, two
sessions or a telephone. The one that is wrong is two calls of one visitor on two officials; what
cannot be decided is an undated hour between three talks. Many records are of one meeting by
subject, and some are one text printed twice. Records of different hours of a day are not joined,
though they be a quarter of an hour apart: of six such pairs none is surely one talk. Nor are
those of two days: the 48 pairs of consecutive days with persons in common and the same hour or
subject are two talks each, by their heads. So an account that is printed under a wrong day is not
found. 48 accounts leave out 118 persons whom another one names: most are those who were called
in for one subject. Whom a list names in words that no entry of the volume has is not counted.

## Ten answers, read against the documents

Rows of named queries over what programs found in two volumes, *Kennedy-Khrushchev Exchanges* and
*Western European Integration and Security, 1958-60* (November 2026), before anything linked facts
of several documents. We took the first rows and those of which one could doubt, and read the
documents.

1. `unanswered-between`, Soviet Union to United States, 10 February 1962: that the 18-Nation
   Committee begin at the level of heads of government (frus1961-63v06/d32). Kind and sides are
   right. It is not unanswered: Kennedy's message of 14 February, the next document, declines it.
   No fact is found in those words, so there was nothing to link.
2. `offers-on-condition`, Soviet Union, 21 February 1962: to bring home its troops abroad (d37).
   Right, but quote and condition end with a line, at “if the Western”: “Powers do the same” is
   lost.
3. `offers-on-condition`, United States, 9 July 1958: grain for stockpiling if others pay freight
   and storage (frus1958-60v07p1/d284). Words and condition are right; it tells of earlier offers
   to others, and the speaker, “Secretary”, stands as the addressee.
4. `offers-on-condition`, United States, 1 December 1960: a permanent MRBM force if NATO sees its
   way (d274). What the National Security Council considered saying: hypothetical, not made.
5. `offers-on-condition`, United States, 12 September 1960: Eisenhower “could solve this problem
   quickly if he were given a free hand” (d267). A sigh over Congress, and no offer; confidence
   0.42.
6. `offers-on-condition`, United States, 29 September 1961: to answer for the status of West
   Berlin (frus1961-63v06/d21). The words are Khrushchev's: “we” was taken for the other side, so
   that a ledger has it on the wrong page. The worst fault there is, and the confidence of 0.53
   does not tell it.
7. `offers-on-condition`, United States, 11 April 1963: a senior representative for informal talks
   in May (d95). Right, with the sides; what stands as the condition is the offer itself, since it
   begins with “if”.
8. `commitments-on`, Soviet Union to United States, end of 1962: to conclude a German peace treaty
   (d42), open. Open it was; but Khrushchev announces it against the will of whom he writes to, so
   that it is no debt.
9. `commitments-on`, the same: “objective international verification was accepted” (d44), open. An
   American telegram's account of an earlier Soviet position: neither of that day nor a promise;
   confidence 0.32.
10. `deadlines`, 15 June 1960: further joint examination of Skyshield (frus1958-60v07p1/d320). The
   date is right. He who is to decide by then is the Prime Minister of Canada; the President
   stands as the actor, and two sentences are one.

Five have the right kind and sides (1, 2, 3, 7, 8), of which three say what a historian would note
as it stands or nearly so (1, 2, 7); five do not. So states of obligations that rest on found
facts are passages to look up, with `confidence` as a guide, and “no answer found” above all tells
that none was recognised. Of curated facts they are as good as the curator.

## Persons of several volumes

Entries of lists of persons, joined by `ingest/unify.py`, beside the joins of the Office of the
Historian (a silver standard, in which one or two records in a hundred are wrong):

{persons.entries:,} entries are of {persons.persons:,} persons there, and of {persons.found:,} here.

| persons of several volumes | precision | recall |
|---|---|---|
| pairs of entries | {persons.pair_precision:.3f} | {persons.pair_recall:.3f} |
| B-cubed | {persons.cubed_precision:.3f} | {persons.cubed_recall:.3f} |

## Senders and recipients by office and day

Who a head means by "the Ambassador in Egypt" or "Assistant Secretary Jones", by the registers of
officers (`ingest/offices.py`; measured with the Office of the Historian's list of principal
officers and chiefs of mission), without any tag. `in registers` are those whose office the
registers have, `found` those for whom there is a person. Two things judge them that they were
found without: the surname that the head prints, of those found by office and day alone (`as
printed`), and the editors' tags that point into lists of persons (`as tagged`, and `signed` of
signatures).

| documents of | persons by office | in registers | found | as printed | as tagged | signed |
|---|---|---|---|---|---|---|
{heads}

We read all 116 senders and recipients on which the tags disagree (November 2026): 83 tags are
wrong ("President Johnson" tagged as U. Alexis Johnson, John Foster Dulles as Allen), 33 are of
the person found, whose entry in that list is not joined with the register (a misprint, a missing
"II"). None is another person: so head, day and register go before a tag, and a build tells where
they disagree.

## Cited telegrams

Which document is meant by "Embtel 2032" or "Saigon's 266" (`ingest/chains.py`; `python -m
bench.references SHARED` measures it alone), beside what the editors say in notes right behind
such words: "Document 115.", "Supra.", "p. 57." (`resolved by editors`), or "Not printed." The
notes are no input. `overlooked` are those that were not read as a citation, `unresolved` those
for which no document was found; `of these found` are those found in spite of "not printed". The
rules were made on samples of faults from all volumes at first, then on the subseries 1955-57 and
1961-63 alone (`volumes tuned on`); two late mends (corrected numbers, "rptd") came from faults of
others, too.

{references}

We read all 31 that count as wrong (November 2026). 21 are of the telegram that bears the number,
posts and day of the citation, so the note has a slip, or says "not printed" of one that is. 4
notes are of another number beside it. 6 are errors: a number of an earlier year or conference (3),
a circular taken for a telegram to a post or the other way round (2), another post's telegram (1).
Of those that are not found, many went to several posts, each under a number of its own, of which
the volume prints one; others are of the Central Intelligence Agency's and military series, or are
cited as a mere number ("reported 861").

## Answers

Which commitments, refusals and offers answer a request or an offer of the same document
(`ingest/responses.py`; `python -m bench.responses` measures it alone). The pairs are of
{answers_volumes} volumes; [ANSWERS.md](ANSWERS.md) tells how they were drawn and judged, and what
was tried. The open ones teach the weights, and are judged by weights made without their volume;
signs and threshold were set with them in sight. The kept ones are of other volumes and were looked
at once. `recall` is of the answers between acts that programs found, at most eight sentences
apart, as far as the pairs that were drawn tell (of the open pairs, only of those that were
judged); 95 of 100 samples of the documents lie in parentheses. Repeated, changed and fulfilled
acts are not found.

{answers_table}

The kept pairs by what the program says of them (candidates from 0.3, asserted from 0.75):

{answers_calibration}

**Answers in other documents** (`ingest/replies.py`; `python -m bench.replies`) are looked for where
one document answers another by number or day. The pairs are of {replies_volumes} volumes. The
kept ones, again of other volumes and looked at once, say that of the likely pairs (0.7 and more)
fewer are right than the 0.80 that is asked of asserted answers. So **none is asserted**: all from
0.4 on are candidates with their likelihood. `recall` is of the answers between all acts that
programs found in two such documents.

{replies_table}

{replies_calibration}

## Links to Wikidata

{linked.persons:,} persons of the lists whose items were looked up by hand, each judged by trees
that were grown without it (ten folds). Exact matches are those with a likelihood of {exact} and
more; in parentheses where the share of all lies, 95 times in 100:

| exact matches | figure |
|---|---|
| precision | {linked.precision} |
| precision without those found by name and life dates only | {linked.precision_read} |
| recall of those who have an item | {linked.recall} |
| falsely linked of those who have none | {linked.false} |

Places, states, bodies, offices and events are linked by rules (`ingest/gazetteer.py`). Of
{things.names} names that were looked up by hand, {things.exact} have an exact match, and
{things.right} the right one: precision {things.precision}, recall {things.recall}. Names
that the authority has are linked with all it knows of them but the item.
"""


def main() -> None:
    """Print the report and keep it as bench/ACCURACY.md."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "gold").is_dir():
        sys.exit("Name the folder that holds gold/ and corpus/: make eval SHARED=../shared")
    text = report(Path(sys.argv[1]))
    (ROOT / "bench" / "ACCURACY.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
