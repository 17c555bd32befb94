"""The authority files: who and what the graph knows by name.

A folder of YAML files, one list of entries each. An entry that cannot be used is left out
with a problem that names it; the rest is read. References between entries (`represents`,
`part_of`, offices held) are checked once all files are read, in any order.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from ingest.entries import Written, checked, mappings, read_yaml
from ingest.model import Dated, Entity, Problem, Tenure, WikidataLink
from ingest.moments import moment
from ontology.names import fold

TYPES = ("person", "organization", "state", "place", "position", "topic")
_ID = re.compile(rf"(?:{'|'.join(TYPES)})/[a-z0-9]+(?:-[a-z0-9]+)*")


_Listed = Annotated[str, Field(pattern=r"^[^#\s]+#[^#\s]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _is_date(value: str) -> str:
    moment(value)
    return value


_Date = Annotated[str, AfterValidator(_is_date)]


class _TenureEntry(_Strict):
    position: str
    start: _Date | None = None
    end: _Date | None = None
    source: str


class _Span(_Strict):
    start: _Date | None = Field(None, alias="from")
    end: _Date | None = Field(None, alias="until")


class _NameEntry(_Span):
    name: Annotated[str, Field(min_length=1)]


class _WikidataEntry(_Strict):
    item: Annotated[str, Field(pattern=r"^Q[1-9][0-9]*$")]
    evidence: Annotated[str, Field(min_length=1)]
    exact: bool = True
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class _Entry(_Strict):
    id: str
    label: Annotated[str, Field(min_length=1)]
    names: list[_NameEntry | str] = []
    existed: _Span = _Span.model_validate({})
    description: str = ""
    represents: str | None = None
    member_of: list[str] = []
    part_of: str | None = None
    tenures: list[_TenureEntry] = []
    listed_as: list[_Listed] = []
    not_listed_as: list[_Listed] = []
    coordinates: (
        tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]
        | None
    ) = None
    wikidata: _WikidataEntry | str = "not-searched"

    @field_validator("id")
    @classmethod
    def _is_id(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError(
                f'"{value}" is not TYPE/NAME in small letters, digits and hyphens, '
                f"with TYPE one of {', '.join(TYPES)}"
            )
        return value

    @field_validator("wikidata")
    @classmethod
    def _is_state(cls, value: _WikidataEntry | str) -> _WikidataEntry | str:
        if isinstance(value, str) and value not in ("not-searched", "none-found"):
            raise ValueError("write not-searched, none-found, or an item with its evidence")
        return value


class Authority:
    """All entities by id, with the ways to find one."""

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        """Index entities by list entry and by name."""
        self.entities = {entity.id: entity for entity in entities}
        self._listed = {key: entity.id for entity in self for key in entity.listed_as}
        self._named: dict[str, list[str]] = {}
        for entity in self:
            for name in sorted({fold(name) for name in (entity.label, *entity.names)}):
                self._named.setdefault(name, []).append(entity.id)

    def __iter__(self) -> Iterator[Entity]:
        """Yield every entity, in the order of the files."""
        return iter(self.entities.values())

    def __len__(self) -> int:
        """Return how many entities there are."""
        return len(self.entities)

    def __contains__(self, entity: object) -> bool:
        """Whether an id is that of an entity."""
        return entity in self.entities

    def listed(self, volume: str, target: str | None) -> str | None:
        """Return the entity of an entry in a volume's list of persons."""
        return self._listed.get(f"{volume}#{target}")

    def named(self, name: str, *types: str, day: str | None = None) -> str | None:
        """Return the one entity of these types with a name; None if none or several have it.

        Of several it is the one that existed on an ISO day.
        """
        found = [id for id in self._named.get(fold(name), ()) if id.split("/")[0] in types]
        if len(found) > 1 and day:
            found = [id for id in found if _existed(self.entities[id], day)]
        return found[0] if len(found) == 1 else None

    def with_others(self, others: Iterable[Entity]) -> "Authority":
        """Return these entities and others; one of both gains but life and offices."""
        every = dict(self.entities)
        for other in others:
            known = every.get(other.id)
            every[other.id] = with_life(known, [other]) if known else other
        return Authority(every.values())


def _existed(entity: Entity, day: str) -> bool:
    first, last = (moment(each) if each else None for each in entity.existed)
    begun = first is None or first.earliest is None or first.earliest <= day
    return begun and (last is None or last.latest is None or day <= last.latest)


def with_life(entity: Entity, others: Iterable[Entity]) -> Entity:
    """Return an entity with what others of the same person tell of life and offices as well."""
    both = [entity, *others]
    offices: dict[tuple[str, str | None], Tenure] = {}
    for tenure in chain.from_iterable(each.tenures for each in both):
        offices.setdefault((tenure.position, tenure.start), tenure)
    return replace(
        entity,
        represents=next((each.represents for each in both if each.represents), None),
        tenures=tuple(sorted(offices.values(), key=lambda one: (one.start or "", one.position))),
        born=next((each.born for each in both if each.born), None),
        died=next((each.died for each in both if each.died), None),
    )


def read_authority(folder: Path) -> tuple[Authority, list[Problem]]:
    """Read every YAML file of a folder, in the order of their names."""
    entries: list[tuple[Path, Written, Entity]] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        for found in _read_file(path):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                entries.append((path, *found))
    kept: dict[str, Entity] = {}
    known = {entity.id for _, _, entity in entries}
    for path, written, entity in entries:
        faults = list(_faults(entity, kept, known))
        problems += [Problem(str(path), written.line, fault, "bad-entry") for fault in faults]
        if not faults:
            kept[entity.id] = entity
    return Authority(kept.values()), problems


def _read_file(path: Path) -> Iterator[tuple[Written, Entity] | Problem]:
    value = read_yaml(path)
    if isinstance(value, Problem):
        yield value
    elif not isinstance(value, list):
        yield Problem(str(path), 1, "not a list of entries; begin each with `- id:`", "bad-yaml")
    else:
        for written in mappings(value, path, 1):
            if isinstance(written, Problem):
                yield written
                continue
            name = str(written.fields.get("id", "entry without id"))
            entry = checked(_Entry, written, path, name)
            yield entry if isinstance(entry, Problem) else (written, _entity(entry))


def _entity(entry: _Entry) -> Entity:
    return Entity(
        id=entry.id,
        label=entry.label,
        names=tuple(name if isinstance(name, str) else name.name for name in entry.names),
        dated_names=tuple(
            Dated(name.name, name.start, name.end)
            for name in entry.names
            if not isinstance(name, str)
        ),
        existed=(entry.existed.start, entry.existed.end),
        description=entry.description,
        represents=entry.represents,
        member_of=tuple(entry.member_of),
        part_of=entry.part_of,
        tenures=tuple(Tenure(t.position, t.start, t.end, t.source) for t in entry.tenures),
        listed_as=tuple(entry.listed_as),
        not_listed_as=tuple(entry.not_listed_as),
        coordinates=entry.coordinates,
        link=_link(entry.wikidata),
    )


def _link(written: _WikidataEntry | str) -> WikidataLink:
    if isinstance(written, str):
        return WikidataLink(written)
    return WikidataLink("linked", written.item, written.exact, written.confidence, written.evidence)


def _faults(entity: Entity, kept: dict[str, Entity], known: set[str]) -> Iterator[str]:
    """Yield what keeps an entity out of the authority."""
    if entity.id in kept:
        yield f"{entity.id} stands twice; give one of the two another id, or join them"
    references = [
        ("represents", "state", entity.represents),
        ("part_of", "", entity.part_of),
        *(("member_of", "organization", other) for other in entity.member_of),
        *(("tenures", "position", tenure.position) for tenure in entity.tenures),
    ]
    for name, type_, other in references:
        if other is not None and (other not in known or not other.startswith(type_)):
            kind = type_ or "entity"
            yield f"{entity.id}: {name}: {other} is not a known {kind}; add it, or mend the id"
