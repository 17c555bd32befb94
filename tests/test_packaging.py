"""What an install puts where, and that the lock files say what pyproject.toml asks for."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ontology
import queries
from hatch_build import ARTICLES, PARTS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Needed for its files: the script of the page that shows the API. Imported by uvicorn, Starlette.
# What fsspec imports for addresses of the web and of S3-compatible stores.
NOT_IMPORTED = {"aiohttp", "fastapi-offline", "httptools", "jinja2", "s3fs"}
LOCKS = ("requirements.lock", "requirements-dev.lock")


@dataclass(frozen=True, slots=True)
class Install:
    """An environment of its own, with the wheel in it; what we depend on is borrowed."""

    bin: Path
    added: frozenset[str]

    def run(self, *command: str) -> str:
        """What a command of that environment prints, run where there is no source tree."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.bin,
            env=plain,
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Install:
    folder = tmp_path_factory.mktemp("install")
    venv.create(folder, symlinks=True)
    [site] = folder.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(str(Path(pytest.__file__).parents[1]))
    before = {path.name for path in site.iterdir()}
    pip("--python", str(folder / "bin" / "python"), "install", "--no-deps", str(wheel))
    return Install(folder / "bin", frozenset({path.name for path in site.iterdir()} - before))


def built(target: str, source: Path, out: Path) -> Path:
    """A wheel or sdist, built offline with the hatchling that is here."""
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        target,
        "--directory",
        str(out),
    ]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [file] = out.iterdir()
    return file


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True)


def names_in(wheel: Path) -> set[str]:
    return {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}


def requirements(lock: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Each requirement of a lock file, and its hashes."""
    lines = (line for line in (ROOT / lock).read_text().splitlines() if line[:1] not in ("", "#"))
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for entry in text.replace("\\\n", "").splitlines():
        requirement, *hashes = entry.split("--hash=")
        yield Requirement(requirement), [found.strip() for found in hashes]


def pins(lock: str) -> dict[str, str]:
    """The exact version of each package in a lock file."""
    return {wanted.name: str(wanted.specifier)[2:] for wanted, _ in requirements(lock)}


def imported(*folders: str) -> set[str]:
    """The distributions that the files in those folders import, ours and Python's left out."""
    owners = packages_distributions()
    nodes = (
        node
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
    )
    modules: set[str] = set()
    for node in nodes:
        match node:
            case ast.Import(names=names):
                modules |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module)):
                modules.add(module)
    found = (owners.get(module.partition(".")[0], []) for module in modules)
    return {str(canonicalize_name(owner)) for names in found for owner in names} - {"cablegraph"}


def asked_for(*groups: str, extras: bool = False) -> list[Requirement]:
    """What pyproject.toml asks for: to run, in those groups, and in all extras."""
    optional = PROJECT["project"]["optional-dependencies"].values() if extras else ()
    grouped = (PROJECT["dependency-groups"][group] for group in groups)
    plain = [one for one in chain(*optional, *grouped) if isinstance(one, str)]
    return [Requirement(wanted) for wanted in [*PROJECT["project"]["dependencies"], *plain]]


def test_wheel_has_every_file_of_every_part(wheel: Path) -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PARTS, *ARTICLES]
    not_ignored = subprocess.check_output(command, cwd=ROOT, text=True).splitlines()
    files = {f"cablegraph/parts/{file}" for file in not_ignored if (ROOT / file).exists()}
    assert names_in(wheel) == {"cablegraph/__init__.py", *files}


def test_wheel_from_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = built("sdist", ROOT, tmp_path / "sdist")
    subprocess.run(["tar", "-xzf", sdist, "-C", tmp_path], check=True)
    source = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert names_in(built("wheel", source, tmp_path / "wheel")) == names_in(wheel)


def test_install_adds_one_name(install: Install) -> None:
    """A package called `server` would overwrite another project's, or be overwritten."""
    assert install.added == {"cablegraph", f"cablegraph-{version('cablegraph')}.dist-info"}


def test_installed_command_is_the_same(install: Install) -> None:
    here = subprocess.check_output([Path(sys.executable).parent / "cablegraph", "-h"], text=True)
    assert install.run("cablegraph", "-h") == here


def test_installed_parts_are_found_under_the_one_name(install: Install) -> None:
    program = f"import cablegraph, {', '.join(PARTS)}; print(ontology.__file__, server.__file__)"
    folders = [
        Path(file).parent.relative_to(install.bin.parent) for file in run_python(install, program)
    ]
    site = next(install.bin.parent.glob("lib/python*/site-packages"))
    parts = site.relative_to(install.bin.parent) / "cablegraph" / "parts"
    assert folders == [parts / "ontology", parts / "server"]


def test_installed_queries_can_be_loaded(install: Install) -> None:
    program = "import cablegraph, queries; print(*[queries.load(n).name for n in queries.names()])"
    assert run_python(install, program) == list(queries.names())


def test_installed_ontology_has_its_terms(install: Install) -> None:
    program = "import cablegraph, ontology; print(len(ontology.ontology()))"
    assert run_python(install, program) == [str(len(ontology.ontology()))]


def run_python(install: Install, program: str) -> list[str]:
    return install.run("python", "-c", program).split()


def test_edit_is_seen_at_once() -> None:
    """The environment of the source tree has the folder itself on its path, not a copy."""
    assert Path(ontology.__file__).parent == ROOT / "ontology"


def test_dependencies_are_what_is_imported() -> None:
    """None is missing that only happens to be there, and none is left that nobody needs.

    In a process of its own: Python 3.11 loses count of how deep a syntax tree is when a greenlet,
    as browser tests leave some, is freed while the tree is made (gh-106905).
    """
    asked = {canonicalize_name(wanted.name) for wanted in asked_for(extras=True)}
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert asked == pool.submit(imported, *PARTS).result() | NOT_IMPORTED


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_one_version_and_its_hashes(lock: str) -> None:
    loose = [
        str(wanted)
        for wanted, hashes in requirements(lock)
        if [pin.operator for pin in wanted.specifier] != ["=="]
        or not hashes
        or not all(found.startswith("sha256:") for found in hashes)
    ]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_package_index(lock: str) -> None:
    """A mirror serves the same files; only their hashes count."""
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize(
    ("lock", "groups", "extras"),
    [(LOCKS[0], ["build"], False), (LOCKS[1], ["build", "dev"], True)],
)
def test_lock_has_what_is_asked_for(lock: str, groups: list[str], extras: bool) -> None:
    pinned = pins(lock)
    unmet = [
        str(wanted)
        for wanted in asked_for(*groups, extras=extras)
        if not wanted.specifier.contains(pinned.get(canonicalize_name(wanted.name), "0"))
    ]
    assert unmet == []


def test_locks_agree() -> None:
    """Adding the tools of the tests changes nothing of what runs."""
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()
