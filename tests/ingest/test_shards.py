"""Shards: the same bytes wherever they were built, and the data set wherever they are loaded."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Store

import dataset
from cablegraph import main
from ingest.build import Outcome, build
from ingest.load import InTheWay, Way, load_shards
from ingest.remote import Folder, NotReached
from ingest.shards import MANIFEST, SHARED, SIDE, BadShards, Manifest, restore, write
from tests.conftest import ROOT
from tests.ingest.folders import copied_twice
from tests.s3 import bucket
from tests.stores import Oxigraph

NAMES = [
    "links.sssom.tsv",
    "manifest.json",
    "persons.tsv",
    "shared.nq.gz",
    "side.sqlite.zst",
    "volumes/frus1945Malta.nq.gz",
    "volumes/frus1945Twin.nq.gz",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Two volumes that say the same of the same people."""
    folder = tmp_path_factory.mktemp("built")
    return build(copied_twice(folder / "data"), folder / "graph", jobs=1)


@pytest.fixture(scope="module")
def written(built: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its shards."""
    folder = tmp_path_factory.mktemp("shards")
    write(built.folder, Folder(str(folder)))
    return folder


@pytest.fixture
def own(written: Path, tmp_path: Path) -> Path:
    """Shards that a test may damage."""
    shutil.copytree(written, tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Oxigraph]:
    server = Oxigraph(tmp_path / "oxigraph")
    server.start()
    yield server
    server.kill()


def files(folder: Path) -> dict[str, bytes]:
    """Give all files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def quads(version: Path) -> set[object]:
    return set(Store.read_only(str(version / "store")))


def dump(version: Path) -> list[str]:
    """Give all that the side file of a version has."""
    with closing(sqlite3.connect(version / "side.sqlite")) as side:
        return list(side.iterdump())


# What is written


def test_shards_are_the_same_bytes_wherever_they_are_built(built, written, tmp_path):
    """In a process that hashes words in another way, so that no order is one of a set."""
    copied_twice(tmp_path / "data")
    there = tmp_path / "shards"
    words = "build data/sample --store graph --no-text --jobs 2 --officers none --shards".split()
    subprocess.run(
        [sys.executable, str(ROOT / "cablegraph.py"), *words, str(there)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        check=True,
    )
    assert files(there) == files(written)
    assert list(files(written)) == NAMES


def test_the_manifest_counts_what_is_there(built, written):
    manifest = Manifest.of(Folder(str(written)))
    lines = {
        shard.name: gzip.decompress((written / shard.name).read_bytes()).count(b"\n")
        for shard in manifest.shards
    }
    assert {shard.name: shard.statements for shard in manifest.shards} == lines
    assert {file.name: file.bytes for file in manifest.files} == {
        name: len(content) for name, content in files(written).items() if name != MANIFEST
    }
    assert (manifest.version, manifest.data_set["totals"]) == (built.version, built.totals)
    [(graph, number)] = manifest.graphs.items()
    assert graph == "https://w3id.org/cablegraph/graph/inferred"
    # The twin concludes the same of Stalin and Harriman: these lines stand in both shards.
    assert sum(lines.values()) - built.totals["quads"] > 0
    assert number < sum(lines.values())


def test_only_what_has_changed_is_written_again_and_what_is_gone_is_removed(built, own):
    folder = Folder(str(own))
    kept = json.loads((own / MANIFEST).read_bytes())
    old = {"name": "volumes/old.nq.gz", "bytes": 1, "sha256": "", "statements": 0}
    (own / MANIFEST).write_text(json.dumps({**kept, "files": [*kept["files"], old]}))
    (own / old["name"]).write_bytes(b"x")
    (own / SHARED).unlink()
    before = (own / SIDE).stat().st_mtime_ns
    write(built.folder, folder)
    assert (own / SIDE).stat().st_mtime_ns == before
    assert list(files(own)) == NAMES


def test_a_bucket_holds_them_and_gives_the_data_set_back(built, written, tmp_path):
    with pytest.MonkeyPatch.context() as patch, bucket(patch) as address:
        folder = f"{address}/deep/graph"
        with pytest.raises(NotReached, match="there is nothing at this address"):
            Manifest.of(Folder(folder))
        write(built.folder, Folder(folder))
        loaded = ["load", "--from", folder, "--store", str(tmp_path / "graph")]
        run = CliRunner().invoke(main, loaded)
        again = CliRunner().invoke(main, loaded)
    version = tmp_path / "graph" / "versions" / built.version
    assert (
        run.output
        == again.output
        == (
            f"Version {built.version} is in {version}: {built.totals['quads']:,} statements, "
            "counted there.\n"
        )
    )


# What is made of them


def test_what_is_restored_is_what_was_built(built, written, tmp_path):
    _, version = restore(Folder(str(written)), tmp_path / "graph")
    assert version == dataset.current(tmp_path / "graph")
    assert quads(version) == quads(built.folder)
    assert dump(version) == dump(built.folder)
    assert files(version / "downloads") == files(built.folder / "downloads")
    kept = [json.loads((folder / MANIFEST).read_bytes()) for folder in (version, built.folder)]
    assert [one.pop("built") is not None for one in kept] == [True, True]
    assert kept[0] == kept[1]
    assert not (tmp_path / "graph" / "incoming").exists()


def test_files_that_a_stopped_restore_has_copied_are_not_copied_again(built, own, tmp_path):
    incoming = tmp_path / "graph" / "incoming" / built.version
    shutil.copytree(own, incoming)
    (incoming / SIDE).write_bytes(b"half")
    (own / SHARED).unlink()
    _, version = restore(Folder(str(own)), tmp_path / "graph")
    assert quads(version) == quads(built.folder)


def test_a_shard_that_was_changed_is_told_and_nothing_is_served(own, tmp_path):
    path = own / SHARED
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BadShards, match=r"shared\.nq\.gz is not what the manifest says"):
        restore(Folder(str(own)), tmp_path / "graph")
    assert dataset.current(tmp_path / "graph") is None


def test_graphs_that_have_not_as_many_statements_as_the_manifest_says_are_told(own, tmp_path):
    kept = json.loads((own / MANIFEST).read_bytes())
    [name] = kept["graphs"]
    kept["graphs"][name] += 1
    (own / MANIFEST).write_text(json.dumps(kept))
    with pytest.raises(BadShards, match=f"1 graphs have not as many .* as {name}"):
        restore(Folder(str(own)), tmp_path / "graph")
    assert dataset.current(tmp_path / "graph") is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"files": [{"name": "../../x.nq.gz", "bytes": 1, "sha256": "", "statements": 0}]},
        {"files": [{"name": "volumes/../x.nq.gz", "bytes": 1, "sha256": "", "statements": 0}]},
        {"files": [{"name": "/etc/x.tsv", "bytes": 1, "sha256": ""}]},
        {"files": [1]},
        {"data_set": {"version": "../x"}},
        {"data_set": None},
    ],
    ids=str,
)
def test_a_manifest_from_elsewhere_is_believed_only_if_it_is_one(own, change):
    kept = json.loads((own / MANIFEST).read_bytes())
    (own / MANIFEST).write_text(json.dumps(kept | change))
    with pytest.raises(BadShards, match="write them again"):
        Manifest.of(Folder(str(own)))


# In another server


@pytest.mark.parametrize("way", [Way(500), Way(10_000, quads=True)], ids=str)
def test_a_server_has_all_statements_each_once(built, written, server, tmp_path, way):
    loaded = load_shards(Folder(str(written)), tmp_path / "notes", server.client(), way)
    assert server.quads() == quads(built.folder)
    assert (loaded.version, loaded.statements) == (built.version, built.totals["quads"])
    assert list((tmp_path / "notes").iterdir()) == []
    with pytest.raises(InTheWay):
        load_shards(Folder(str(written)), tmp_path / "notes", server.client(), way)


def test_a_load_of_shards_that_was_stopped_goes_on_where_it_was(built, own, server, tmp_path):
    held_back = (own / SHARED).read_bytes()
    (own / SHARED).unlink()
    with pytest.raises(NotReached):
        load_shards(Folder(str(own)), tmp_path, server.client(), Way(500))
    [note] = tmp_path.glob("load-*.json")
    assert json.loads(note.read_bytes())["done"] > 0
    (own / SHARED).write_bytes(held_back)
    load_shards(Folder(str(own)), tmp_path, server.client(), Way(500))
    assert server.quads() == quads(built.folder)
