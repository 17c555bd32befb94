"""The sources of the sample in a folder of their own, to be altered by a test."""

import shutil
from pathlib import Path

from ingest.build import Sources

DATA = Path(__file__).parents[2] / "data"
VOLUME = "sample/frus1945Malta.xml"
FACTS = "curated/frus1945Malta/d256.yaml"


def copied(folder: Path) -> Sources:
    """Copy the sample, its authority and its curated facts."""
    for name in ("sample", "authority", "curated"):
        shutil.copytree(DATA / name, folder / name)
    return sources_in(folder)


def sources_in(folder: Path) -> Sources:
    """Name the sources in a folder that is laid out as `data/` is."""
    return Sources((folder / "sample",), folder / "authority", folder / "curated")


def alter(file: Path, old: str, new: str) -> None:
    """Replace words of a file, which must stand in it exactly once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def copied_twice(folder: Path) -> Sources:
    """Copy the sample, with a second volume that says the same of the same people."""
    sources = copied(folder)
    text = (folder / VOLUME).read_text(encoding="utf-8")
    twin = folder / VOLUME.replace("Malta", "Twin")
    twin.write_text(text.replace("frus1945Malta", "frus1945Twin"), encoding="utf-8")
    return sources
