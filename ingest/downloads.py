"""What a data set gives away whole: files that a server hands out as they are.

graph.nq.gz         all statements, each with the graph that makes it
VOLUME.nq.gz        those of one volume, without what joins it with others
links.sssom.tsv     links to Wikidata
persons.tsv         which entry of the volumes' lists of persons is whose, and why
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ingest import nquads
from ingest.authority import Authority
from ingest.sssom import write_links
from ingest.unify import Unified
from ingest.volume import GRAPH

LINKS, PERSONS = "links.sssom.tsv", "persons.tsv"


def write(
    folder: Path, shared: Path, parts: Sequence[Path], entities: Authority, persons: Unified
) -> None:
    """Write all of them; `shared` has the quads that belong to no volume."""
    folder.mkdir()
    nquads.join([shared, *(part / GRAPH for part in parts)], folder / GRAPH)
    for part in parts:
        shutil.copyfile(part / GRAPH, folder / f"{part.parent.name}.nq.gz")
    linked = ((each, each.link) for each in entities if each.link.state != "not-searched")
    write_links(folder / LINKS, linked)
    (folder / PERSONS).write_text(persons.table(), encoding="utf-8")
