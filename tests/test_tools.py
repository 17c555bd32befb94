"""What sets up the environment, where Python comes without pip."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tools import environment

ROOT = Path(__file__).parent.parent


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index that has one project, pip, with nothing in it yet."""
    (tmp_path / "pip").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/")
        yield tmp_path / "pip"
        server.shutdown()


def test_pip_comes_from_the_index_that_is_set(index: Path) -> None:
    (index / "files").mkdir()
    (index / "files" / environment.PIP).write_bytes(b"a wheel")
    link = f'<a href="files/{environment.PIP}#sha256=1&amp;2">pip</a>'
    (index / "index.html").write_text(f'<a href="pip-9.tar.gz">old</a>{link}')
    assert environment.downloaded(environment.PIP) == b"a wheel"


def test_index_without_that_pip_is_told(index: Path) -> None:
    (index / "index.html").write_text('<a href="pip-9.tar.gz">old</a>')
    with pytest.raises(SystemExit, match=r"does not have pip-\S+\. Install python3-venv"):
        environment.downloaded(environment.PIP)


def test_pip_with_another_hash_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"should have the SHA-256 [0-9a-f]{64} but has 69f5"):
        environment.verified(b"a wheel")


def test_environment_that_works_is_kept(tmp_path: Path) -> None:
    environment.main(tmp_path / "venv")
    made = (tmp_path / "venv" / "pyvenv.cfg").stat().st_mtime_ns
    environment.main(tmp_path / "venv")
    assert (tmp_path / "venv" / "pyvenv.cfg").stat().st_mtime_ns == made


def test_make_alone_lists_every_target() -> None:
    """`make` without a target changes nothing, and says what there is."""
    listed = subprocess.check_output(["make", "--no-print-directory"], cwd=ROOT, text=True)
    [targets] = re.findall(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"make (\w+)\t", listed) == targets.split()
