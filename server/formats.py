"""The formats of answers: their media types, and the names that `format=` gives them.

The first of each list is what a client gets that accepts anything. Media types that many
clients ask for by mistake or by habit, such as application/json, are among them.
"""

from pyoxigraph import RdfFormat

HTML = "text/html"
MULTIPART = "multipart/form-data"

ROWS = (
    "application/sparql-results+json",
    "application/json",
    "application/sparql-results+xml",
    "application/xml",
    "text/xml",
    "text/csv",
    "text/tab-separated-values",
)
"""Media types for rows and truth values."""

TRIPLES = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/n-quads",
    "application/trig",
    "application/json",
    "application/xml",
    "text/xml",
    "text/plain",
)
"""Media types for triples."""

NAMES: dict[str, tuple[str | None, str | None]] = {
    "json": (ROWS[0], "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv", None),
    "tsv": ("text/tab-separated-values", None),
    "turtle": (None, "text/turtle"),
    "ttl": (None, "text/turtle"),
    "ntriples": (None, "application/n-triples"),
    "nt": (None, "application/n-triples"),
    "nquads": (None, "application/n-quads"),
    "trig": (None, "application/trig"),
    "rdfxml": (None, "application/rdf+xml"),
    "rdf": (None, "application/rdf+xml"),
    "jsonld": (None, "application/ld+json"),
    "json-ld": (None, "application/ld+json"),
}
"""What `format=` may say: the media type for rows, and that for triples."""

PREFIXES = {
    "cg": "https://w3id.org/cablegraph/ontology#",
    "dcterms": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rico": "https://www.ica.org/standards/RiC/ontology#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "wd": "http://www.wikidata.org/entity/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes for files that people read, and for queries that they write."""


def rdf_format(name: str) -> RdfFormat:
    """Give the RDF format for one of the names above."""
    _, media_type = NAMES[name]
    found = RdfFormat.from_media_type(media_type or "")
    if found is None:
        raise ValueError(f"{name} is not an RDF format")
    return found
