"""Registers of officers are read row by row, and the Office's own list becomes one."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cablegraph import main
from ingest.model import Entity, ListedPerson, Tenure
from ingest.officers import Officers, read_officers

PEOPLE = "id\tsurname\tforename\tgenname\tbirth\tdeath\n"
HELD = "pocom_id\trole\tcountry\tappointed\tarrived\tstarted\tended\n"
AMBASSADOR = "Ambassador Extraordinary and Plenipotentiary"
PAGE = "https://history.state.gov/departmenthistory/people/harriman-william-averell"
POSITION = "position/ambassador-in-the-soviet-union"
HARRIMAN = ListedPerson(
    "pocom",
    "harriman-william-averell",
    "Harriman, William Averell",
    "Ambassador in the Soviet Union, 1943–1946; Ambassador at Large, 1961",
    (
        Tenure(POSITION, "1943-10-23", "1946-01-24", PAGE),
        Tenure("position/ambassador-at-large", "1961-02", "1961-12-03", PAGE),
    ),
    1891,
    1986,
)
POSITIONS = (
    Entity(POSITION, "Ambassador in the Soviet Union", represents="state/united-states"),
    Entity("position/ambassador-at-large", "Ambassador at Large", represents="state/united-states"),
)


@pytest.fixture
def register(tmp_path):
    """Write the tables of a register, and read it."""

    def read(people: str, held: str) -> tuple[Officers, list[str]]:
        (tmp_path / "pocom-people.tsv").write_text(PEOPLE + people)
        (tmp_path / "pocom-appointments.tsv").write_text(HELD + held)
        officers, problems = read_officers(tmp_path)
        return officers, [str(problem).removeprefix(f"{tmp_path}/") for problem in problems]

    return read


def test_a_register_tells_persons_and_offices(register):
    officers, problems = register(
        "harriman-william-averell\tHarriman\tWilliam Averell\t\t1891\t1986\n"
        "idle-ivan\tIdle\tIvan\t\t\t\n",
        f"harriman-william-averell\t{AMBASSADOR}\tRussia\t1943-10-07\t\t1943-10-23\t1946-01-24\n"
        "harriman-william-averell\tAmbassador at Large\t\t\t1961-02\t\t1961-12-03\n",
    )
    assert officers == Officers((HARRIMAN,), POSITIONS)
    assert problems == []


def test_a_row_that_cannot_be_used_is_told_and_the_rest_is_read(register):
    officers, problems = register(
        "a\tAble\t\tJr.\tabout 1900\t\n\tNobody\t\t\t\t\nb\tBaker\t\tJr.\t\t\n",
        "b\tCounselor\t\t\t\t1950-13-01\t\nb\tCounselor\t\t1950\t\t\t\na\tCounselor\t\t\t\t\t\n",
    )
    [baker] = officers.persons
    assert (baker.name, baker.description, baker.year) == ("Baker, Jr.", "Counselor, 1950–", 1950)
    assert [problem.partition(" ")[0] for problem in problems] == [
        "pocom-appointments.tsv:2:",
        "pocom-people.tsv:2:",
        "pocom-people.tsv:3:",
    ]


def test_a_table_without_columns_or_words_is_told(tmp_path):
    (tmp_path / "x-appointments.tsv").write_bytes(b"\xff")
    (tmp_path / "y-appointments.tsv").write_text("role\nCounselor\n")
    _, problems = read_officers(tmp_path)
    assert [(p.file.rpartition("/")[2], p.category) for p in problems] == [
        ("x-appointments.tsv", "unreadable"),
        ("x-people.tsv", "unreadable"),
        ("y-appointments.tsv", "bad-entry"),
        ("y-people.tsv", "unreadable"),
    ]


def test_those_who_served_in_some_years_are_known(register):
    officers = Officers((HARRIMAN,), POSITIONS)
    assert officers.serving(1950, 1960) == []
    assert officers.serving(1946, 1950) == [HARRIMAN]


def test_officers_are_the_persons_whom_the_lists_join_them_with():
    officers = Officers((HARRIMAN,), (*POSITIONS, Entity("position/other", "Other")))
    assert officers.known({}) == []
    offices_and_post = officers.known({HARRIMAN.key: "person/w-averell"})
    assert [entity.id for entity in offices_and_post] == [
        POSITION,
        "position/ambassador-at-large",
        "organization/embassy-in-the-soviet-union",
        "person/w-averell",
    ]
    assert offices_and_post[-1] == Entity(
        "person/w-averell",
        "Harriman, William Averell",
        ("William Averell Harriman",),
        HARRIMAN.description,
        represents="state/united-states",
        tenures=HARRIMAN.tenures,
        listed_as=(HARRIMAN.key,),
        born=1891,
        died=1986,
    )


PERSON = """<person><id>harriman-william-averell</id><persName><surname>Harriman</surname>
<forename>William
  Averell</forename></persName><birth>1891</birth><death>1986</death></person>"""
RANK = f"""<role><id>ambassador-e-p</id><names><singular>{AMBASSADOR}</singular></names></role>"""
MISSION = """<country-mission><territory-id>russia</territory-id><chiefs><chief>
<person-id>harriman-william-averell</person-id><role-title-id>ambassador-e-p</role-title-id>
<appointed><date>1943-10-07</date><note/></appointed><arrived><date/></arrived>
<started><date>1943-10-23</date></started><ended><date>1946-01-24</date></ended>
</chief></chiefs></country-mission>"""
AT_LARGE = """<principal-position><id>ambassador-at-large</id><names><singular>Ambassador at
 Large</singular></names><principals><principal><person-id>harriman-william-averell</person-id>
<role-title-id>ambassador-at-large</role-title-id><started><date>1961-02</date></started>
<ended><date>1961-12-03</date></ended></principal></principals></principal-position>"""


@pytest.fixture
def clone(tmp_path):
    files = {
        "people/h/harriman-william-averell.xml": PERSON,
        "roles-country-chiefs/ambassador-e-p.xml": RANK,
        "missions-countries/russia.xml": MISSION,
        "positions-principals/ambassador-at-large.xml": AT_LARGE,
    }
    for name, text in files.items():
        path = tmp_path / "clone" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path / "clone"


def made(clone: Path, out: Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["officers", str(clone), "--out", str(out)])
    return result.exit_code, result.output.replace(str(out.parent), "")


def test_the_offices_own_list_becomes_a_register(clone, tmp_path):
    assert made(clone, tmp_path / "out") == (0, "/out: 1 persons, 2 appointments\n")
    officers, problems = read_officers(tmp_path / "out")
    assert problems == []
    assert officers.persons[0].name == HARRIMAN.name
    assert sorted(officers.persons[0].tenures, key=lambda one: one.start or "") == [
        *HARRIMAN.tenures
    ]


def test_a_file_that_is_no_xml_is_told_and_the_rest_is_taken(clone, tmp_path):
    (clone / "people/h/broken.xml").write_text("<person><id>")
    code, told = made(clone, tmp_path / "out")
    assert code == 1
    assert told.startswith("/clone/people/h/broken.xml: cannot be read: ")
    assert told.endswith("/out: 1 persons, 2 appointments\n")


def test_a_folder_without_officers_is_told(clone, tmp_path):
    shutil.rmtree(clone / "people")
    assert made(clone, tmp_path / "out") == (
        1,
        "Error: /clone: no people/ and missions-countries/ with officers in them\n",
    )
