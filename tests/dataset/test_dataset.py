"""A data set on disk: what is served is always a whole version."""

import fcntl
import json
import os
import threading
import time
from pathlib import Path

import pytest

from dataset import (
    BuildRunning,
    UpdatesInTheWay,
    build_lock,
    current,
    journal,
    new_version,
    publish,
    refuse_updated,
    switching,
)


def make(store: Path, version: str, content: str = "x", keep: int = 2) -> Path:
    """Publish a version with one file."""
    with new_version(store) as folder:
        (folder / "file").write_text(content, encoding="utf-8")
        return publish(store, folder, version, keep)


def test_there_is_no_version_before_the_first_build(tmp_path):
    assert current(tmp_path) is None
    assert current(tmp_path / "nowhere") is None


def test_the_version_published_last_is_the_one_served(tmp_path):
    make(tmp_path, "a")
    made = make(tmp_path, "b", "new")
    assert current(tmp_path) == made == tmp_path / "versions" / "b"
    assert (tmp_path / "current" / "file").read_text(encoding="utf-8") == "new"


def test_the_version_before_stays_and_older_ones_go(tmp_path):
    for version in ("a", "b", "c"):
        make(tmp_path, version)
    assert sorted(path.name for path in (tmp_path / "versions").iterdir()) == ["b", "c"]


def test_a_version_that_a_server_reads_stays_until_it_is_let_go(tmp_path):
    server = os.open(make(tmp_path, "a"), os.O_RDONLY)
    fcntl.flock(server, fcntl.LOCK_SH)
    for version in ("b", "c"):
        make(tmp_path, version)
    assert (tmp_path / "versions" / "a" / "file").exists()
    os.close(server)
    make(tmp_path, "d")
    assert sorted(path.name for path in (tmp_path / "versions").iterdir()) == ["c", "d"]


def test_a_version_that_is_there_is_not_replaced(tmp_path):
    """It was made of the same, and a server may read it."""
    first = make(tmp_path, "a").stat().st_ino
    make(tmp_path, "b")
    assert make(tmp_path, "a").stat().st_ino == first
    assert current(tmp_path) == tmp_path / "versions" / "a"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "versions"]


def test_a_version_is_complete_whenever_it_is_looked_at(tmp_path):
    """All are kept: who looks without holding a version may come when it is removed."""
    make(tmp_path, "0")
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add((tmp_path / "current" / "file").read_text(encoding="utf-8"))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(1, 50):
        make(tmp_path, str(number), f"whole {number}", keep=50)
    done.set()
    reader.join()
    assert all(content == "x" or content.startswith("whole ") for content in seen)
    assert seen


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path):
    left = tmp_path / "building-4711"
    left.mkdir()
    (left / "half").touch()
    make(tmp_path, "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "versions"]


def test_what_a_killed_build_left_is_removed_though_nothing_is_to_be_built(tmp_path):
    """It may have been killed when its version was served already, and the old one on its way."""
    left = tmp_path / "building-4711-0815"
    left.mkdir()
    with build_lock(tmp_path):
        assert sorted(path.name for path in tmp_path.iterdir()) == ["build.lock"]


def test_a_build_that_fails_leaves_nothing(tmp_path):
    def fail() -> None:
        with new_version(tmp_path) as folder:
            (folder / "half").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_one_build_at_a_time(tmp_path):
    with (
        build_lock(tmp_path),
        pytest.raises(BuildRunning, match="another build is writing here; wait"),
        build_lock(tmp_path),
    ):
        pass
    with build_lock(tmp_path):
        pass


def test_whoever_switches_waits_for_who_does_so_already(tmp_path):
    order = []

    def switch():
        with switching(tmp_path):
            order.append("second")

    other = threading.Thread(target=switch)
    with switching(tmp_path):
        other.start()
        time.sleep(0.1)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_version_that_was_changed_by_updates_is_not_replaced_without_a_word(tmp_path):
    refuse_updated(tmp_path)
    manifest = make(tmp_path, "a") / "manifest.json"
    refuse_updated(tmp_path)
    manifest.write_text('{"version": "a", "updates": 3}', encoding="utf-8")
    with pytest.raises(UpdatesInTheWay, match="has been changed by 3 updates over HTTP"):
        refuse_updated(tmp_path)


def test_line_of_the_journal_is_whole_and_at_its_end(tmp_path):
    lines = [journal.line({"update": f"é{n}\n"}, "a", None, "applied", "anna") for n in (1, 2)]
    for line in lines:
        journal.append(tmp_path, line)
    written = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in written] == lines
    assert {name: value for name, value in lines[0].items() if name != "when"} == {
        "who": "anna",
        "client": None,
        "what": {"update": "é1\n"},
        "before": "a",
        "after": None,
        "outcome": "applied",
    }
