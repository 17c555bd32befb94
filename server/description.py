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
    sd:supportedLanguage {languages} ;
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

<{endpoint}#graph> a sd:Graph .
"""

SIZE = "<{endpoint}#graph> <http://rdfs.org/ns/void#triples> {quads} .\n"

UPDATED = """
<{subject}> <http://www.w3.org/2000/01/rdf-schema#comment> "Updates since version {build} was \
built: {updates}. SPARQL and RDF show them. Pages, the JSON API, the search for words and the \
numbers in this description are those of the build."@en .
"""


def describe_service(endpoint: str, data_set: DataSet, *, can_change: bool) -> bytes:
    """Describe the service at this address, in Turtle."""
    service = TEMPLATE.format(
        endpoint=endpoint,
        languages="sd:SPARQL11Query, sd:SPARQL11Update" if can_change else "sd:SPARQL11Query",
        matches=MATCHES,
        formats=", ".join(f"format:{name}" for name in RESULT_FORMATS),
        version=data_set.version,
    ).encode()
    if data_set.updates:
        return service + updates_of(data_set, f"{endpoint}#dataset")
    quads = int(data_set.manifest.get("quads", 0))
    return service + SIZE.format(endpoint=endpoint, quads=quads).encode()


def updates_of(data_set: DataSet, subject: str) -> bytes:
    """Say in Turtle what shows the updates, if there are any, and what does not."""
    if data_set.updates == 0:
        return b""
    of = {"build": data_set.build, "updates": data_set.updates}
    return UPDATED.format(subject=subject, **of).encode()


def endpoint_of_data(endpoint: str) -> bytes:
    """Say in Turtle that the data set is to be queried here, and not only where its IRIs lead."""
    return f"\n<{DATA}> <http://rdfs.org/ns/void#sparqlEndpoint> <{endpoint}> .\n".encode()


def in_format(turtle: bytes, media_type: str) -> bytes:
    """Write Turtle in another format; as Turtle it stays as it is."""
    if media_type == "text/turtle":
        return turtle
    triples = (quad.triple for quad in parse(io.BytesIO(turtle), format=RdfFormat.TURTLE))
    return serialize(triples, format=RdfFormat.from_media_type(media_type)) or b""
