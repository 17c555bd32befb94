"""Describe the SPARQL service in RDF (SPARQL 1.1 Service Description).

Nothing is counted: the numbers come from the manifest, for a client asks this often and a
count of a large store takes seconds.
"""

from __future__ import annotations

import io

from pyoxigraph import RdfFormat, parse, serialize

from ontology.names import DATA
from server.dataset import DataSet
from server.matches import MATCHES

RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "TriG",
    "RDF_XML",
    "JSON-LD",
)

TEMPLATE = """
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX format: <http://www.w3.org/ns/formats/>

<{endpoint}#service>
    a sd:Service ;
    sd:endpoint <{endpoint}> ;
    sd:supportedLanguage sd:SPARQL11Query ;
    sd:feature sd:UnionDefaultGraph ;
    sd:propertyFeature <{matches}> ;
    sd:resultFormat {formats} ;
    sd:defaultDataset <{endpoint}#dataset> ;
.

<{endpoint}#dataset>
    a sd:Dataset ;
    dcterms:hasVersion "{version}" ;
    sd:defaultGraph <{endpoint}#graph> ;
.

<{endpoint}#graph>
    a sd:Graph ;
    void:triples {quads} ;
.
"""


def describe_service(endpoint: str, data_set: DataSet) -> bytes:
    """Describe the service at this address, in Turtle."""
    return TEMPLATE.format(
        endpoint=endpoint,
        matches=MATCHES,
        formats=", ".join(f"format:{name}" for name in RESULT_FORMATS),
        version=data_set.version,
        quads=int(data_set.manifest.get("quads", 0)),
    ).encode()


def endpoint_of_data(endpoint: str) -> bytes:
    """Say in Turtle that the data set is to be queried here, and not only where its IRIs lead."""
    return f"\n<{DATA}> <http://rdfs.org/ns/void#sparqlEndpoint> <{endpoint}> .\n".encode()


def in_format(turtle: bytes, media_type: str) -> bytes:
    """Write Turtle in another format; as Turtle it stays as it is."""
    if media_type == "text/turtle":
        return turtle
    triples = (quad.triple for quad in parse(io.BytesIO(turtle), format=RdfFormat.TURTLE))
    return serialize(triples, format=RdfFormat.from_media_type(media_type)) or b""
