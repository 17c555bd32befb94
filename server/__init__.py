"""Graph files in, answers out: SPARQL, JSON and pages, and the commands that read the data set."""
