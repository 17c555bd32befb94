"""Larger corpora for measuring: of the real ones, with other years and other people."""

from __future__ import annotations

import gzip
from pathlib import Path

from bench.scale import corpus
from ingest.model import Document, ListedPerson
from ingest.readers import name_of, read_source

VOLUME = """\
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="frus1950v01"><text>
<front><div type="section" xml:id="persons"><head>List of Persons</head><list type="names">
{listed}</list></div></front>
<body><div type="document" xml:id="d1" n="1"><head>1. Telegram From the Embassy</head>
<dateline><date when="1952-02-29">February 29, 1952</date></dateline>
<p>Of file 611.61/5-1661.</p></div></body></text></TEI>
"""
PEOPLE = 40


def made(folder: Path, times: int) -> list[Path]:
    """Make a corpus of a volume that lists forty people."""
    source = folder / "frus1950v01.xml.gz"
    listed = (
        f'<item><persName xml:id="p_{n}">Surname{"abcdefgh"[n % 8]}, Given</persName>, x.</item>\n'
        for n in range(PEOPLE)
    )
    source.write_bytes(gzip.compress(VOLUME.format(listed="".join(listed)).encode()))
    (folder / "made").mkdir(exist_ok=True)
    return corpus([source], times, folder / "made")


def test_the_same_volumes_are_the_same_corpora(tmp_path):
    first = [path.read_bytes() for path in made(tmp_path, 3)]
    assert [path.read_bytes() for path in made(tmp_path, 3)] == first
    assert len(set(first)) == 3


def test_each_copy_is_of_other_years_and_every_document_can_be_read(tmp_path):
    items = [item for path in made(tmp_path, 5) for item in read_source(path)]
    documents = [item for item in items if isinstance(item, Document)]
    assert [(one.key, one.sent.edtf if one.sent else None) for one in documents] == [
        ("frus1950v01x00/d1", "1952-02-29"),
        ("frus1950v01x01/d1", "1948-02-29"),
        ("frus1950v01x02/d1", "1956-02-29"),
        ("frus1950v01x03/d1", "1944-02-29"),
        ("frus1950v01x04/d1", "1960-02-29"),
    ]
    assert all("611.61/5-1661" in one.text for one in documents)


def test_people_serve_in_up_to_eight_copies_and_are_followed_by_others(tmp_path):
    volumes = made(tmp_path, 9)
    names = {
        name_of(path): [item.name for item in read_source(path) if isinstance(item, ListedPerson)]
        for path in volumes
    }
    same = [
        sum(one == first for one, first in zip(others, names["frus1950v01x00"], strict=True))
        for others in names.values()
    ]
    assert same[0] == PEOPLE
    assert sorted(same, reverse=True) == same
    assert same[1] > 0
    assert same[8] < PEOPLE / 8
