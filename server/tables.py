"""Write lists of answers as CSV, for spreadsheets and statistics.

One row an item, one column a field. A thing becomes its id, or its words where it has none; a
date its EDTF; several values stand in one cell with semicolons between them.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from server.answers import Answer, Because, Coverage, Date, Evidence, FactLink, Name


def answers_csv(kind: type[Answer], items: Sequence[Answer]) -> str:
    """Return a table of answers of one kind."""
    return _table(list(kind.model_fields), ([_cell(value) for _, value in item] for item in items))


def rows_csv(columns: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> str:
    """Return a table of rows that a query found."""
    return _table(columns, ([row[column] for column in columns] for row in rows))


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a line of headings and the rows (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()


def _cell(value: Any) -> str | int | float | None:
    match value:
        case None | str() | int() | float():
            return value
        case Name():
            return value.id or value.label
        case Date():
            return value.edtf
        case Evidence():
            return value.exact
        case FactLink():
            return f"{value.relation} {value.id}"
        case Because():
            return f"{value.id}: {value.citation}"
        case Coverage():
            return f"{value.documents} documents, {value.read} read, {value.dealing} dealing"
        case BaseModel():
            return value.model_dump_json()
        case _:
            return "; ".join(str(_cell(each)) for each in value)
