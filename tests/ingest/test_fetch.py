"""Fetching volumes, from a server of our own that can misbehave in every way we know of."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest import cli
from ingest import fetch as fetching
from ingest.fetch import (
    AlteredVolume,
    BadAddress,
    BadVolumeName,
    BrokenOff,
    Fetched,
    FetchError,
    FetchRunning,
    FolderFault,
    NoSuchVolume,
    NotAVolume,
    Unreachable,
    fetch,
)
from ingest.web import Pace

ROOT = Path(__file__).parents[2]
VOLUME = b'<?xml version="1.0"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0">%s</TEI>\n' % (
    b"<p>A telegram.</p>" * 20_000
)
SHA256 = hashlib.sha256(VOLUME).hexdigest()
ETAG = f'"{SHA256}"'
EXAMPLES = fetching._EXAMPLES
QUICK = Pace(between=0, timeout=30, tries=3, wait=0.01, longest=3)


@dataclass
class Asked:
    """A request that the server got."""

    path: str
    range: str | None
    if_range: str | None
    agent: str
    at: float = field(default=0, compare=False)


Answer = Callable[[BaseHTTPRequestHandler], None]


class Archive(ThreadingHTTPServer):
    """A server with one volume; `answers` come first, in their order, whatever is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self.files = {"/frus1950v01.xml": VOLUME}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: Archive

    def do_GET(self) -> None:
        get = self.headers.get
        asked = Asked(
            self.path, get("Range"), get("If-Range"), get("User-Agent", ""), time.monotonic()
        )
        self.server.asked.append(asked)
        (self.server.answers.pop(0) if self.server.answers else whole)(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def send(
    handler: BaseHTTPRequestHandler,
    status: int = 200,
    body: bytes = b"",
    **headers: str | None,
) -> None:
    """Send an answer; a header of None is left out."""
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler, etag: str = ETAG, body: bytes | None = None) -> None:
    """Answer as a good server does: with the file, or the part that is asked for."""
    files = handler.server.files if isinstance(handler.server, Archive) else {}
    content = files.get(handler.path) if body is None else body
    if content is None:
        send(handler, 404)
    elif handler.headers.get("Range") and handler.headers.get("If-Range") == etag:
        start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            send(handler, 416)
            return
        part = f"bytes {start}-{len(content) - 1}/{len(content)}"
        send(handler, 206, content[start:], ETag=etag, Content_Range=part)
    else:
        send(handler, 200, content, ETag=etag)


def cut(at: int = 100_000, etag: str | None = ETAG) -> Answer:
    """Break the connection off in the middle."""
    return lambda handler: send(
        handler, 200, VOLUME[:at], Content_Length=str(len(VOLUME)), ETag=etag
    )


def status(code: int, **headers: str) -> Answer:
    return lambda handler: send(handler, code, b"", **headers)


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Archive() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def get(archive: Archive, tmp_path: Path) -> Callable[..., list[Fetched | FetchError]]:
    """Fetch from the archive; the one volume that there is, if no other is named."""

    def get(*names: str, **options: Any) -> list[Fetched | FetchError]:
        settings = {"pace": QUICK, **options}
        return list(fetch(names or ["frus1950v01"], tmp_path, archive.address, **settings))

    return get


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "fetch.lock"}


def told(found: list[Fetched | FetchError]) -> list[tuple[type, str]]:
    return [(type(each), str(each)) for each in found]


def fetched(folder: Path, *, fresh: bool = True) -> Fetched:
    return Fetched(folder / "frus1950v01.xml", len(VOLUME), SHA256, fresh)


def command(archive: Archive, folder: Path) -> list[str]:
    """The command as a user calls it, in a process of its own."""
    options = ["--out", str(folder), "--from", archive.address]
    return [sys.executable, str(ROOT / "cablegraph.py"), "fetch", "frus1950v01", *options]


WHOLE = {
    "frus1950v01.xml": VOLUME,
    "frus1950v01.xml.sha256": f"{SHA256}  frus1950v01.xml\n".encode(),
}
AGENT = f"cablegraph/{version('cablegraph')} (+https://w3id.org/cablegraph/)"
FIRST = Asked("/frus1950v01.xml", None, None, AGENT)


def test_a_volume_comes_with_its_checksum_and_nothing_else_remains(archive, get, tmp_path):
    assert get() == [fetched(tmp_path)]
    assert files(tmp_path) == WHOLE
    assert archive.asked == [FIRST]


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs sha256sum")
def test_the_checksum_is_one_that_sha256sum_verifies(get, tmp_path):
    get()
    check = ["sha256sum", "--check", "frus1950v01.xml.sha256"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "frus1950v01.xml: OK\n")


def test_the_rest_of_a_broken_volume_is_asked_for(archive, get, tmp_path):
    archive.answers = [cut(100_000)]
    assert get() == [fetched(tmp_path)]
    assert archive.asked == [FIRST, replace(FIRST, range="bytes=100000-", if_range=ETAG)]
    assert files(tmp_path) == WHOLE


def test_a_fetch_that_was_given_up_goes_on_the_next_time(archive, get, tmp_path):
    archive.answers = [cut(100_000), status(503), status(503), status(503)]
    assert told(get()) == [
        (
            BrokenOff,
            f"{archive.address}frus1950v01.xml: the server answers 503 Service Unavailable; "
            "fetch it again, and it goes on from there",
        )
    ]
    assert files(tmp_path) == {
        "frus1950v01.xml.part": VOLUME[:100_000],
        "frus1950v01.xml.part.from": f"{archive.address}frus1950v01.xml\n{ETAG}".encode(),
    }
    archive.asked.clear()
    assert get() == [fetched(tmp_path)]
    assert archive.asked == [replace(FIRST, range="bytes=100000-", if_range=ETAG)]
    assert files(tmp_path) == WHOLE


def test_attempts_that_bring_something_are_not_counted_as_failures(archive, get, tmp_path):
    """A line that breaks off every 50 kB brings the volume all the same."""

    def breaking(handler):
        given = handler.headers.get("Range") or "bytes=0-"
        start = int(given.removeprefix("bytes=").removesuffix("-"))
        send(
            handler, 206 if start else 200, VOLUME[start : start + 50_000], ETag=ETAG,
            Content_Length=str(len(VOLUME) - start),
            Content_Range=f"bytes {start}-{len(VOLUME) - 1}/{len(VOLUME)}",
        )  # fmt: skip

    archive.answers = [breaking] * 8
    assert get() == [fetched(tmp_path)]
    assert len(archive.asked) == 8


def test_a_fetch_that_was_killed_goes_on_the_next_time(archive, get, tmp_path):
    def silent(handler):
        send(handler, 200, VOLUME[:200_000], Content_Length=str(len(VOLUME)), ETag=ETAG)
        handler.wfile.flush()
        gone.wait(60)

    archive.answers, gone = [silent], threading.Event()
    process = subprocess.Popen(command(archive, tmp_path))
    part = tmp_path / "frus1950v01.xml.part"
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    gone.set()
    kept = part.stat().st_size
    assert get() == [fetched(tmp_path)]
    assert archive.asked[1:] == [replace(FIRST, range=f"bytes={kept}-", if_range=ETAG)]
    assert files(tmp_path) == WHOLE


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_etag_a_broken_volume_is_fetched_from_the_start(
    archive, get, tmp_path, etag
):
    archive.answers = [cut(etag=etag)]
    assert get() == [fetched(tmp_path)]
    assert archive.asked == [FIRST, FIRST]


def test_a_volume_that_changed_meanwhile_is_fetched_from_the_start(archive, get, tmp_path):
    archive.answers = [cut(etag='"old"')]
    assert get() == [fetched(tmp_path)]
    assert archive.asked[1] == replace(FIRST, range="bytes=100000-", if_range='"old"')
    assert files(tmp_path) == WHOLE


def test_a_part_of_another_address_is_not_continued(archive, get, tmp_path):
    (tmp_path / "frus1950v01.xml.part").write_bytes(b"<TEI>")
    (tmp_path / "frus1950v01.xml.part.from").write_text(f"http://a.example/\n{ETAG}")
    assert get() == [fetched(tmp_path)]
    assert archive.asked == [FIRST]


def test_a_part_with_more_than_there_is_is_forgotten(archive, get, tmp_path):
    (tmp_path / "frus1950v01.xml.part").write_bytes(VOLUME + b"x")
    (tmp_path / "frus1950v01.xml.part.from").write_text(f"{archive.address}frus1950v01.xml\n{ETAG}")
    assert get() == [fetched(tmp_path)]
    assert files(tmp_path) == WHOLE


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Range": f"bytes 7-{len(VOLUME) - 1}/{len(VOLUME)}", "ETag": ETAG},
        {"Content_Range": f"bytes 100000-{len(VOLUME) - 1}/{len(VOLUME)}", "ETag": '"new"'},
        {},
    ],
    ids=["another place", "another file", "no range"],
)
def test_another_part_than_asked_for_is_not_put_behind_the_first(archive, get, tmp_path, headers):
    archive.answers = [cut(), lambda handler: send(handler, 206, VOLUME[100_000:], **headers)]
    assert get() == [fetched(tmp_path)]
    assert files(tmp_path) == WHOLE


def test_a_server_that_is_busy_is_asked_again_when_it_says(archive, get, tmp_path):
    archive.answers = [status(429, Retry_After="1")]
    assert get() == [fetched(tmp_path)]
    first, second = archive.asked
    assert 1 <= second.at - first.at < 3


def test_a_server_may_say_the_time_at_which_to_come_back(archive, get, tmp_path):
    def at(handler):
        when = datetime.now(UTC) + timedelta(seconds=2)
        send(handler, 503, Retry_After=format_datetime(when, usegmt=True))

    archive.answers = [at]
    assert get() == [fetched(tmp_path)]
    first, second = archive.asked
    assert 0.9 <= second.at - first.at < 4


def test_a_server_that_asks_for_long_patience_is_left_alone(archive, get):
    archive.answers = [status(429, Retry_After="3600")]
    assert told(get("frus1950v01", "frus1951v01")) == [
        (
            Unreachable,
            f"{archive.address}frus1950v01.xml: the server answers 429 Too Many Requests, "
            "and asks to wait 3600 s; try again then",
        )
    ]
    assert len(archive.asked) == 1


def test_the_wait_is_doubled_after_each_failure_and_is_no_longer_than_the_longest(archive, get):
    archive.answers = [status(500)] * 5
    get(pace=replace(QUICK, tries=5, wait=0.2, longest=0.4))
    times = [asked.at for asked in archive.asked]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert [round(gap, 1) for gap in gaps] == pytest.approx([0.2, 0.4, 0.4, 0.4], abs=0.15)


def test_requests_keep_a_distance(archive, get):
    archive.files["/frus1951v01.xml"] = VOLUME
    get("frus1950v01", "frus1951v01", pace=replace(QUICK, between=0.3))
    first, second = archive.asked
    assert second.at - first.at >= 0.29


def test_a_server_that_falls_silent_is_asked_again(archive, get, tmp_path):
    def silent(handler):
        send(handler, 200, VOLUME[:70_000], Content_Length=str(len(VOLUME)), ETag=ETAG)
        handler.wfile.flush()
        gone.wait(60)

    archive.answers, gone = [silent], threading.Event()
    assert get(pace=replace(QUICK, timeout=1)) == [fetched(tmp_path)]
    gone.set()
    assert archive.asked[1] == replace(FIRST, range="bytes=70000-", if_range=ETAG)


def test_a_slow_server_is_waited_for_and_what_came_is_told(archive, get, tmp_path):
    def slow(handler):
        send(handler, 200, b"", Content_Length=str(len(VOLUME)))
        for start in range(0, len(VOLUME), 100_000):
            handler.wfile.write(VOLUME[start : start + 100_000])
            handler.wfile.flush()
            time.sleep(0.2)

    archive.answers, seen = [slow], []
    assert get(progress=lambda *said: seen.append(said)) == [fetched(tmp_path)]
    assert seen[-1] == ("frus1950v01", len(VOLUME), len(VOLUME))
    assert [done for _, done, _ in seen] == sorted({done for _, done, _ in seen})


def test_a_volume_that_does_not_exist_is_told_and_the_others_are_fetched(archive, get, tmp_path):
    assert told(get("frus1950v99", "frus1950v01")) == [
        (NoSuchVolume, f"{archive.address}frus1950v99.xml: there is no such volume; {EXAMPLES}"),
        (Fetched, str(fetched(tmp_path))),
    ]


@pytest.mark.parametrize("name", ["../secret", "a/b", "", ".", "frus 1950", "é", "-x", "a" * 101])
def test_a_name_that_no_volume_has_is_never_asked_for(archive, get, tmp_path, name):
    assert told(get(name)) == [
        (BadVolumeName, f'"{name}" is no name of a volume; {EXAMPLES}'),
    ]
    assert (archive.asked, files(tmp_path)) == ([], {})


def test_a_volume_may_be_named_as_its_file_and_twice(archive, get, tmp_path):
    assert get("frus1950v01.xml", "frus1950v01") == [fetched(tmp_path)]
    assert archive.asked == [FIRST]


@pytest.mark.parametrize(
    "body",
    [b"<html>Please sign in.</html>", b"", VOLUME[:-20], b"x" * 70_000 + VOLUME],
    ids=["login page", "empty", "half", "far behind"],
)
def test_what_is_no_whole_volume_is_refused(archive, get, tmp_path, body):
    archive.answers = [lambda handler: send(handler, 200, body)]
    url = f"{archive.address}frus1950v01.xml"
    assert told(get()) == [(NotAVolume, f"{url}: this is not a whole TEI volume; {EXAMPLES}")]
    assert files(tmp_path) == {}


def test_what_is_said_to_be_too_large_is_not_fetched(archive, get, tmp_path):
    archive.answers = [lambda handler: send(handler, 200, Content_Length=str(1 << 40))]
    [error] = get()
    assert type(error) is NotAVolume
    assert str(error).endswith("frus1950v01.xml: 1099511627776 bytes are too many for a volume")
    assert files(tmp_path) == {}


def test_what_is_too_large_without_saying_so_is_broken_off(archive, get, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 200_000)
    archive.answers = [lambda handler: send(handler, 200, VOLUME, Content_Length=None)]
    [error] = get()
    assert str(error).endswith("frus1950v01.xml: more than 200000 bytes; not a volume")
    assert files(tmp_path) == {}


def test_a_server_may_leave_out_how_long_the_volume_is(archive, get, tmp_path):
    archive.answers = [lambda handler: send(handler, 200, VOLUME, Content_Length=None)]
    assert get() == [fetched(tmp_path)]


def test_a_refusal_is_told_as_the_server_says_it(archive, get):
    archive.answers = [status(403)]
    assert told(get()) == [
        (BrokenOff, f"{archive.address}frus1950v01.xml: the server answers 403 Forbidden")
    ]


def test_a_redirect_is_followed(archive, get, tmp_path):
    archive.answers = [status(302, Location=f"{archive.address}moved.xml")]
    archive.files["/moved.xml"] = VOLUME
    assert get() == [fetched(tmp_path)]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x/"])
def test_a_redirect_that_leaves_the_web_is_refused(archive, get, tmp_path, target):
    archive.answers = [status(302, Location=target)]
    [error] = get()
    assert type(error) is BrokenOff
    assert "the server answers 302" in str(error)
    assert files(tmp_path) == {}


def test_a_server_that_cannot_be_reached_is_one_error_for_all_volumes(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    found = list(fetch(["a", "b"], tmp_path, f"http://127.0.0.1:{port}", pace=QUICK))
    assert told(found) == [
        (
            Unreachable,
            f"127.0.0.1:{port} cannot be reached: Connection refused; "
            "check the connection, then go on",
        )
    ]


@pytest.mark.parametrize(
    "address",
    ["file:///etc/", "ftp://x/", "x", "http://", "http://x/?a", "http://x y/", "http://é/", ""],
)
def test_an_address_that_is_not_of_the_web_is_refused(tmp_path, address):
    assert told(list(fetch(["a"], tmp_path, address, pace=QUICK))) == [
        (BadAddress, f'"{address}" is no address of a folder; give one such as {fetching.BASE}')
    ]


def test_a_volume_that_is_there_is_not_asked_for(archive, get, tmp_path):
    get()
    assert get() == [fetched(tmp_path, fresh=False)]
    assert archive.asked == [FIRST]


def test_a_volume_that_came_otherwise_is_left_as_it_is(archive, get, tmp_path):
    (tmp_path / "frus1950v01.xml").write_bytes(b"mine")
    [found] = get()
    assert isinstance(found, Fetched)
    assert not found.fresh
    assert (archive.asked, files(tmp_path)) == ([], {"frus1950v01.xml": b"mine"})


def test_a_volume_that_was_altered_is_told_and_kept(archive, get, tmp_path):
    get()
    (tmp_path / "frus1950v01.xml").write_bytes(b"mine")
    assert told(get()) == [
        (
            AlteredVolume,
            f"{tmp_path}/frus1950v01.xml: not as it was fetched; --force fetches it again, "
            "or remove frus1950v01.xml.sha256",
        )
    ]
    assert (tmp_path / "frus1950v01.xml").read_bytes() == b"mine"


def test_force_fetches_again(archive, get, tmp_path):
    get()
    (tmp_path / "frus1950v01.xml").write_bytes(b"mine")
    assert get(force=True) == [fetched(tmp_path)]
    assert files(tmp_path) == WHOLE


def test_a_failed_force_leaves_the_volume_that_is_there(archive, get, tmp_path):
    get()
    archive.answers = [status(403)]
    get(force=True)
    assert files(tmp_path) == WHOLE


def test_two_fetches_at_once_are_one_fetch_and_one_clear_error(archive, get, tmp_path):
    inner: list[Fetched | FetchError] = []
    found = get(progress=lambda *_: inner.extend([] if inner else get()))
    assert told(inner) == [
        (FetchRunning, f"{tmp_path}: another fetch is writing here; wait for it")
    ]
    assert found == [fetched(tmp_path)]


def test_a_folder_that_is_a_file_is_one_error(archive, tmp_path):
    (tmp_path / "file").touch()
    [error] = fetch(["a"], tmp_path / "file", archive.address, pace=QUICK)
    assert type(error) is FolderFault
    assert str(error).startswith(f"{tmp_path}/file: File exists; put it right")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_a_full_disk_ends_the_fetch_and_says_so(archive, get, tmp_path):
    archive.answers = [cut(100_000), status(403)]
    get()
    (tmp_path / "frus1950v01.xml.part").unlink()
    (tmp_path / "frus1950v01.xml.part").symlink_to("/dev/full")
    assert told(get("frus1950v01", "frus1951v01")) == [
        (
            FolderFault,
            f"{tmp_path}/frus1950v01.xml: No space left on device; put it right and fetch again: "
            "what is there is kept",
        )
    ]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.fetch, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_command_tells_what_came_on_stdout_and_what_did_not_on_stderr(archive, tmp_path):
    options = ("--out", str(tmp_path), "--from", archive.address)
    size = f"{len(VOLUME) / 1e6:.1f} MB"
    path = tmp_path / "frus1950v01.xml"
    assert run("frus1950v01", "nothing", *options) == (
        1,
        f"{path}: fetched, {size}, sha256 {SHA256}\n",
        f"Error: {archive.address}nothing.xml: there is no such volume; {EXAMPLES}\n",
    )
    assert run("frus1950v01", *options) == (
        0,
        f"{path}: is there, {size}, sha256 {SHA256}\n",
        "",
    )


def test_command_tells_how_far_it_is_after_two_seconds(archive, tmp_path):
    def slow(handler):
        send(handler, 200, VOLUME[:200_000], Content_Length=str(len(VOLUME)))
        handler.wfile.flush()
        time.sleep(2.2)
        handler.wfile.write(VOLUME[200_000:])

    archive.answers = [slow]
    done = subprocess.run(
        command(archive, tmp_path),
        env={**os.environ, "CABLEGRAPH_PROGRESS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[0].startswith("frus1950v01: 0.")
    assert done.stderr.splitlines()[0].endswith(" of 0.4 MB")
