"""Turn what a person typed into what SQLite's full-text search understands.

Words in double quotes must follow each other, and an asterisk at the end of a word stands for
any ending. All else is plain words, each of which must be found: nothing a person types is a
syntax error, or an operator that they did not mean.
"""

import re

from server.errors import BadRequest

MOST_WORDS = 32
"""More words than anyone searches for; each costs time."""

_PART = re.compile(r'"([^"]*)"?|([^\s"]+)')


class NothingToSearch(BadRequest):
    """A search needs at least one word with a letter or a digit, and takes at most 32 words."""

    slug = "nothing-to-search"
    title = "Nothing to search for"


def search_expression(text: str) -> str:
    """Return the expression of FTS5 for what a person typed."""
    parts = [phrase or word for phrase, word in _PART.findall(text.replace("\0", " "))]
    words = [part for part in parts if any(map(str.isalnum, part))]
    if not 0 < len(words) <= MOST_WORDS:
        raise NothingToSearch(
            f"There are {len(words) or 'no'} words to search for.",
            hint=f"Give from 1 to {MOST_WORDS} words with letters or digits.",
        )
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    return f'"{word.rstrip("*")}"{" *" if word.endswith("*") else ""}'
