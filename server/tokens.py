"""Who may change the graph: whoever sends a token that stands in a file (RFC 6750).

A line of the file has a name, which the journal tells, and behind it the token. The file is read
for each request, so that a token can be added or taken away while the service runs.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from pathlib import Path

from server.errors import TokenMissing, TokenWrong, UnreadableTokens

LEAST = 16
"""Characters of the shortest token: 96 bits, if they are drawn at random from 64."""

_LINE = re.compile(r"(\S+)[ \t]+([A-Za-z0-9._~+/-]+=*)")
_BEARER = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)


def read_tokens(file: Path) -> list[tuple[str, bytes]]:
    """Read names and tokens; a line that is empty or begins with # says nothing."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableTokens(f"{file}: {error}.") from error
    found = list(_tokens(file, lines))
    if not found:
        raise UnreadableTokens(f"{file}: there is no token in it.", hint=HINT)
    return found


HINT = "A line has a name and a token: `echo anna $(openssl rand -hex 32) >> tokens` adds one."


def _tokens(file: Path, lines: list[str]) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None or len(found[2]) < LEAST:
            # Not the line itself: it may hold a token, and the log is not secret.
            problem = f"{file}:{number}: no name, or no token of {LEAST} characters or more."
            raise UnreadableTokens(problem, hint=HINT)
        yield found[1], found[2].encode()


def name_of(authorization: str | None, file: Path) -> str:
    """Return the name of the token that a request brings; each is compared in the same time."""
    given = _BEARER.fullmatch(authorization or "")
    if given is None:
        raise TokenMissing(
            "The graph is changed by those who have a token.",
            hint="Send it as the header `Authorization: Bearer TOKEN`.",
        )
    token = given[1].encode()
    names = [name for name, known in read_tokens(file) if hmac.compare_digest(known, token)]
    if not names:
        raise TokenWrong("The token is none of those that allow to change the graph.")
    return names[0]
