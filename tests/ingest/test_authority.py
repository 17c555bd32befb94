"""The authority files: who is known, by which names, in which office when."""

from dataclasses import replace

import pytest

from ingest.authority import read_authority
from ingest.model import Dated, Entity, Problem, Tenure, WikidataLink
from tests.ingest.folders import DATA


@pytest.fixture(scope="module")
def authority():
    found, problems = read_authority(DATA / "authority")
    assert problems == []
    return found


@pytest.fixture
def read(tmp_path):
    """Read one authority file with some content."""

    def read(content: str):
        (tmp_path / "some.yaml").write_text(content, encoding="utf-8")
        found, problems = read_authority(tmp_path)
        return list(found), [replace(problem, file="some.yaml") for problem in problems]

    return read


def test_an_entry_becomes_an_entity(authority):
    source = "https://history.state.gov/departmenthistory/people/harriman-william-averell"
    assert authority.entities["person/harriman-w-averell"] == Entity(
        id="person/harriman-w-averell",
        label="W. Averell Harriman",
        names=("Harriman", "Ambassador Harriman", "William Averell Harriman", "Averell Harriman"),
        description="American Ambassador to the Soviet Union.",
        represents="state/united-states",
        tenures=(
            Tenure("position/ambassador-in-the-soviet-union", "1943-10-23", "1946-01-24", source),
        ),
        listed_as=("frus1945Malta#p_HWA1", "frus1943CairoTehran#p_HWA2"),
        link=WikidataLink(
            "linked",
            "Q345531",
            True,
            1.0,
            "Born 1891, died 1986 in Wikidata and in the Office of the Historian's list of "
            "chiefs of mission.",
        ),
    )


def test_the_verified_wikidata_items_are_linked_and_the_others_not_searched(authority):
    """The items are those of the seed's list; none was added from memory."""
    linked = {entity.id: entity.link.item for entity in authority if entity.link.item}
    assert linked == {
        "person/gromyko-andrei": "Q184267",
        "person/harriman-w-averell": "Q345531",
        "person/hopkins-harry-l": "Q450615",
        "person/roosevelt-franklin-d": "Q8007",
        "person/stalin-joseph": "Q855",
        "place/manchuria": "Q81126",
        "place/moscow": "Q649",
        "place/petropavlovsk-kamchatsky": "Q7951",
        "place/washington": "Q61",
        "state/japan": "Q17",
        "state/soviet-union": "Q15180",
        "state/united-states": "Q30",
        "topic/pacific-war": "Q184425",
    }
    assert {e.link.state for e in authority if e.link.item is None} == {"not-searched"}


def test_a_list_entry_of_a_volume_names_a_person(authority):
    assert authority.listed("frus1943CairoTehran", "p_SIV1") == "person/stalin-joseph"
    assert authority.listed("frus1943CairoTehran", "p_S16") is None
    assert authority.listed("frus1943CairoTehran", None) is None


def test_a_name_names_an_entity_of_the_type_asked_for(authority):
    assert authority.named("STALIN", "person") == "person/stalin-joseph"
    assert authority.named("Stalin", "place", "state") is None
    assert authority.named("Moscow", "place", "state") == "place/moscow"
    assert authority.named("Nobody", "person") is None


def test_a_name_that_two_bear_names_neither(read, tmp_path):
    read("- {id: person/a, label: Ann Smith, names: [Smith]}\n- {id: person/b, label: Smith}\n")
    found, _ = read_authority(tmp_path)
    assert found.named("Smith", "person") is None
    assert found.named("Ann Smith", "person") == "person/a"


def test_names_and_states_have_their_time(read, tmp_path):
    read(
        "- {id: place/peking, label: Peking, names: [Beijing, "
        '{name: Peiping, from: "1928", until: "1949"}]}\n'
        '- {id: state/old, label: Congo, existed: {until: "1971-10-27"}}\n'
        '- {id: state/new, label: The Congo, names: [Congo], existed: {from: "1997-05-17"}}\n'
    )
    found, _ = read_authority(tmp_path)
    peking = found.entities["place/peking"]
    assert peking.names == ("Beijing", "Peiping")
    assert peking.dated_names == (Dated("Peiping", "1928", "1949"),)
    assert found.entities["state/old"].existed == (None, "1971-10-27")
    assert found.named("Peiping", "place", day="1960-01-01") == "place/peking"
    days = (None, "1965-01-01", "1980-01-01", "1999-01-01")
    named = [found.named("Congo", "state", day=day) for day in days]
    assert named == [None, "state/old", None, "state/new"]


GOOD = "- {id: state/a, label: A}\n"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "- {id: Person/A, label: A}",
            'Person/A: id: "Person/A" is not TYPE/NAME in small letters, digits and hyphens, with '
            "TYPE one of person, organization, state, place, position, topic",
        ),
        ("- {label: A}", "entry without id: id: Field required"),
        ("- {id: person/a, label: ''}", "person/a: label: String should have at least 1 character"),
        ("- {id: person/a, label: A, born: 1}", "person/a: born: there is no such field"),
        (
            "- {id: person/a, label: A, wikidata: Q1}",
            "person/a: wikidata: write not-searched, none-found, or an item with its evidence",
        ),
        (
            "- {id: person/a, label: A, represents: state/b}",
            "person/a: represents: state/b is not a known state; add it, or mend the id",
        ),
        (
            "- {id: person/a, label: A, member_of: [state/a]}",
            "person/a: member_of: state/a is not a known organization; add it, or mend the id",
        ),
        (
            "- {id: state/a, label: Again}",
            "state/a stands twice; give one of the two another id, or join them",
        ),
    ],
)
def test_a_bad_entry_is_left_out_by_name_and_the_rest_is_read(read, entry, message):
    found, problems = read(GOOD + entry + "\n")
    assert found == [Entity("state/a", "A")]
    assert problems == [Problem("some.yaml", 2, message, "bad-entry")]


@pytest.mark.parametrize("item", ["Q0", "855", "q855", "Q855/x"])
def test_a_wikidata_item_that_is_none_is_refused(read, item):
    found, problems = read(f"- {{id: person/a, label: A, wikidata: {{item: {item}, evidence: e}}}}")
    assert found == []
    assert "wikidata._WikidataEntry.item: String should match pattern" in problems[0].message


def test_a_tenure_that_begins_on_no_day_is_refused(read):
    found, problems = read(
        "- {id: position/p, label: P}\n"
        "- {id: person/a, label: A, tenures: [{position: position/p, start: soon, source: x}]}\n"
    )
    assert found == [Entity("position/p", "P")]
    assert problems[0].message.startswith('person/a: tenures.0.start: "soon" is not a date; write')


def test_a_file_that_is_no_list_is_one_problem(read):
    message = "not a list of entries; begin each with `- id:`"
    assert read("id: person/a\n") == ([], [Problem("some.yaml", 1, message, "bad-yaml")])
