"""Builders for the tests of reading: the smallest telegram and the smallest volume."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import tei
from ingest.model import Document, Problem

NAMESPACES = 'xmlns="http://www.tei-c.org/ns/1.0" xmlns:frus="http://history.state.gov/frus/ns/1.0"'
HEADER = """<teiHeader><fileDesc><titleStmt>
<title type="complete">Foreign Relations of the United States, 1950, Volume I</title>
<title type="subseries">1950</title><title type="volumenumber">Volume I</title>
<editor>A. Editor</editor></titleStmt>
<publicationStmt><date>1977</date><idno type="frus">frus1950v01</idno></publicationStmt>
</fileDesc></teiHeader>""".replace("\n", " ")
HEAD = '1. Telegram From the <gloss type="from">Embassy in Egypt</gloss> to the Department of State'
DATELINE = '<placeName>Cairo</placeName>, <date when="1950-03-04">March 4, 1950</date>.'

Telegram = Callable[..., str]
WriteVolume = Callable[..., Path]
Read = Callable[..., Document]


@pytest.fixture
def telegram() -> Telegram:
    """Build the smallest telegram, as XML; an empty word leaves its element out."""

    def build(
        body: str = "<p>12. Met Nasser today.</p>",
        *,
        id: str = "d1",
        head: str = HEAD,
        source: str = "",
        dateline: str = DATELINE,
    ) -> str:
        note = f'<note type="source">{source}</note>' if source else ""
        heading = f"<head>{head}{note}</head>" if head else ""
        line = f"<dateline>{dateline}</dateline>" if dateline else ""
        name = f' xml:id="{id}"' if id else ""
        return f'<div type="document"{name}>{heading}{line}{body}</div>\n'

    return build


@pytest.fixture
def write_volume(tmp_path: Path) -> WriteVolume:
    """Write a volume with one compilation that holds the documents given, from line 2."""

    def write(
        *documents: str,
        id: str = "frus1950v01",
        header: str = HEADER,
        front: str = "",
        name: str = "frus1950v01.xml",
    ) -> Path:
        path = tmp_path / name
        named = f' xml:id="{id}"' if id else ""
        path.write_text(
            f"<TEI {NAMESPACES}{named}>{header}<text><front>{front}</front><body>"
            f'<div type="compilation" xml:id="comp1"><head>Egypt</head>\n{"".join(documents)}</div>'
            "</body></text></TEI>\n",
            "utf-8",
        )
        return path

    return write


@pytest.fixture
def read(write_volume: WriteVolume, telegram: Telegram) -> Read:
    """Read the one telegram that the arguments describe, which must be without a fault."""

    def read_one(*arguments: str, **settings: str) -> Document:
        items = list(tei.read_volume(write_volume(telegram(*arguments, **settings))))
        assert not [item for item in items if isinstance(item, Problem)]
        [document] = [item for item in items if isinstance(item, Document)]
        return document

    return read_one
