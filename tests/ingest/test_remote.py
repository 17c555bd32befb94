"""Volumes behind addresses: copied, read, and named by their addresses where something is wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.build import COPIES, NothingToBuild, build
from ingest.remote import Folder, NotReached, copied, volumes_at
from tests.ingest.folders import VOLUME, copied_twice
from tests.s3 import bucket


@pytest.fixture(scope="module")
def archive() -> Iterator[str]:
    """An S3-compatible store with an empty bucket."""
    with pytest.MonkeyPatch.context() as patch, bucket(patch) as address:
        yield address


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A web server that hands out the files of a folder."""
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def silent(*_: object) -> None:
    pass


def test_volumes_of_a_bucket_are_the_same_data_set_as_those_of_a_folder(archive, tmp_path):
    sources = copied_twice(tmp_path / "data")
    for path in sources.paths[0].iterdir():
        Folder(f"{archive}/volumes").put(path.name, path)
    here = build(sources, tmp_path / "here", jobs=1)
    elsewhere = replace(sources, paths=(), addresses=(f"{archive}/volumes",))
    there = build(elsewhere, tmp_path / "there", jobs=1)
    assert (there.version, there.totals, there.problems) == (here.version, here.totals, [])


@pytest.mark.parametrize("pattern", ["some", "some/", "some/*.xml", "some/a.xml"])
def test_volumes_are_named_by_file_folder_or_pattern(archive, pattern):
    folder = Folder(f"{archive}/some")
    for name in ("a.xml", "letter.txt", "README.md"):
        folder.put(name, b"x")
    assert [address for address, _ in volumes_at(f"{archive}/{pattern}")] == [
        f"{archive}/some/a.xml"
    ]


def test_a_copy_stays_until_its_original_changes_and_goes_with_it(archive, tmp_path):
    folder = Folder(f"{archive}/changing")
    folder.put("a.xml", b"one")
    [first] = copied([folder.address], tmp_path, silent).paths
    first.write_bytes(b"kept")
    assert copied([folder.address], tmp_path, silent).paths == [first]
    assert first.read_bytes() == b"kept"
    folder.put("a.xml", b"two")
    [second] = copied([folder.address], tmp_path, silent).paths
    assert (second.read_bytes(), first.exists()) == (b"two", False)


def test_a_volume_on_the_web_is_read_and_its_faults_are_told_of_its_address(site, tmp_path):
    sources = copied_twice(tmp_path / "data")
    (tmp_path / "bad.xml").write_text("<TEI", encoding="utf-8")
    (tmp_path / "twin.xml").write_bytes((tmp_path / "data" / VOLUME).read_bytes())
    addresses = (f"{site}/bad.xml", f"{site}/data/{VOLUME}", f"{site}/twin.xml")
    outcome = build(replace(sources, paths=(), addresses=addresses), tmp_path / "graph", jobs=1)
    assert outcome.totals["documents"] == 1
    assert [(p.file, p.category) for p in outcome.problems] == [
        (addresses[0], "not-tei"),
        (addresses[2], "duplicate-volume"),
    ]
    assert f"as {addresses[1]} does" in outcome.problems[1].message


def test_what_cannot_be_had_is_told_and_the_rest_is_built(archive, tmp_path):
    sources = copied_twice(tmp_path / "data")
    addresses = (f"{archive}/nothing/*.xml", "xx://a/b.xml", f"{archive}/nothing/a.xml")
    outcome = build(replace(sources, addresses=addresses), tmp_path / "graph", jobs=1)
    assert [(p.file, p.message) for p in outcome.problems] == [
        (addresses[0], "there is nothing at this address"),
        (addresses[1], "Protocol not known: xx"),
        (addresses[2], "there is nothing at this address"),
    ]
    assert outcome.totals["documents"] == 2


def test_if_nothing_can_be_had_the_error_names_the_address(archive, tmp_path):
    sources = replace(copied_twice(tmp_path / "data"), paths=(), addresses=(f"{archive}/none",))
    with pytest.raises(NothingToBuild, match="s3://archive/none: no volume could be read"):
        build(sources, tmp_path / "graph", jobs=1)
    assert list((tmp_path / "graph" / COPIES).glob("*")) == []


def test_no_more_is_taken_than_a_file_may_have(archive, tmp_path):
    folder = Folder(f"{archive}/large")
    folder.put("a.xml", b"12345")
    with pytest.raises(NotReached, match=r"large/a\.xml: it has more than 4 bytes"):
        folder.take("a.xml", tmp_path / "a.xml", most=4)
    assert not (tmp_path / "a.xml").exists()
