"""Builders for the tests of what is read in the text: a telegram of some paragraphs."""

from __future__ import annotations

from ingest.model import Block, Document, Form, Moment, Party

HEAD = "7. Telegram From the Embassy in Egypt to the Department of State"
EMBASSY = Party("Embassy in Egypt", "Embassy in Egypt")
DEPARTMENT = Party("Department of State", "Department of State")
SENT = Moment("1955-01-07", "1955-01-07", "1955-01-07", "January 7, 1955")  # a Friday


def telegram(*paragraphs: str, signed: str = "", **fields: object) -> Document:
    """Return a telegram from Cairo to Washington of 7 January 1955."""
    lines = [("head", HEAD), *(("paragraph", each) for each in paragraphs)]
    lines += [("signature", signed)] if signed else []
    blocks, start = [], 0
    for kind, line in lines:
        blocks.append(Block(kind, start, start + len(line)))
        start += len(line) + 1
    given: dict[str, object] = {
        "form": Form.TELEGRAM,
        "sender": EMBASSY,
        "recipient": DEPARTMENT,
        "sent": SENT,
        "blocks": tuple(blocks),
    }
    return Document(
        volume="frus1955-57v14",
        id="d7",
        head=HEAD,
        text="\n".join(line for _, line in lines),
        **{**given, **fields},  # type: ignore[arg-type]
    )
