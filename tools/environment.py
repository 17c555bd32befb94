"""Make `.venv`, with pip in it.

Only the standard library is used, and of that only what a bare Debian has: its `python3`
lacks `ensurepip` unless python3-venv is installed. There pip itself comes from the package
index (`PIP_INDEX_URL`, or else PyPI), pinned by its hash.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import subprocess
import sys
import tempfile
import venv
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

PIP = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
INDEX = "https://pypi.org/simple"
OLDEST = (3, 11)


def main(folder: Path) -> None:
    """Make the environment, or keep it where it already works."""
    if sys.version_info < OLDEST:
        sys.exit("cablegraph needs Python 3.11 or newer. Name one: make run PYTHON=python3.12")
    python = folder / "bin" / "python"
    if not has_pip(python):
        with_pip = find_spec("ensurepip") is not None
        venv.create(folder, clear=True, symlinks=True, with_pip=with_pip)
    if not has_pip(python):
        install_pip(python)


def has_pip(python: Path) -> bool:
    """Whether that interpreter is there, runs, and has pip."""
    if not python.exists():
        return False
    command = [str(python), "-c", "import pip"]
    return not subprocess.run(command, check=False, capture_output=True).returncode


def install_pip(python: Path) -> None:
    """Install pip with itself: a wheel of it can be run as it is."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder, PIP)
        wheel.write_bytes(verified(downloaded(PIP)))
        install = ["install", "--quiet", "--no-index", "--no-deps", str(wheel)]
        subprocess.run([str(python), str(wheel / "pip"), *install], check=True)


def downloaded(name: str) -> bytes:
    """The file of that name, from the project's page in the package index."""
    index = os.environ.get("PIP_INDEX_URL", INDEX).rstrip("/")
    with urlopen(f"{index}/{name.partition('-')[0]}/") as page:
        links = map(html.unescape, re.findall(r'href="([^"#]+)', page.read().decode()))
        url = next((urljoin(page.url, link) for link in links if link.endswith(name)), None)
    if url is None:
        sys.exit(f"{index} does not have {name}. Install python3-venv, and try again.")
    with urlopen(url) as file:
        content: bytes = file.read()
    return content


def verified(content: bytes) -> bytes:
    """The same bytes, if they are the ones that were pinned here."""
    found = hashlib.sha256(content).hexdigest()
    if found != PIP_SHA256:
        sys.exit(f"{PIP} should have the SHA-256 {PIP_SHA256} but has {found}.")
    return content


if __name__ == "__main__":
    main(Path(sys.argv[1]))
