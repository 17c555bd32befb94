"""A negotiation, made up: four documents with curated facts of each kind that has a state."""

from pathlib import Path

from ingest.build import Sources, build

HERE = Path(__file__).parent / "talks"
VOLUME = "talks1944"


def build_negotiation(store: Path) -> Path:
    """Build its data set; return the folder of the version."""
    authority = HERE.parents[1] / "data" / "authority"
    sources = Sources((HERE / "talks1944.jsonl",), authority, HERE / "curated")
    return build(sources, store, jobs=1).folder
