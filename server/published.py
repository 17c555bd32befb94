"""Articles of the project that the service shows: how accurate programs are, and who says so."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

ARTICLES = {"accuracy": "ACCURACY.md", "answers": "ANSWERS.md", "methods": "METHODS.md"}
"""The files of the folder `bench`, by the name of their page."""

FOLDER = Path(__file__).parent.parent / "bench"


@cache
def article(name: str) -> Markup:
    """Return an article as HTML; its links to the others lead to their pages."""
    text = (FOLDER / ARTICLES[name]).read_text(encoding="utf-8")
    for page, file in ARTICLES.items():
        text = text.replace(f"[{file}]({file})", f"[{page}]({page})")
    html = MarkdownIt("commonmark").enable("table").render(text)
    # On a narrow screen a table is scrolled, with the keyboard too.
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    return Markup(html.replace("</table>", "</table></div>"))
