"""What a template was filled with is free once the page is made."""

import gc
from pathlib import Path
from weakref import ref

import pytest

from server.rendering import environment

PARTS = "{% macro of(it) %}{{ it.words }} of {{ thing.words }}{% endmacro %}"
PAGE = """{% import "parts.html" as parts with context %}
{% macro twice(it) %}{{ parts.of(it) }}, {{ parts.of(thing) }}{% endmacro %}
{% block main %}{{ twice(thing) }}{% endblock %}"""


class Thing:
    """Something to show, which can be referred to weakly."""

    words = "a <fact>"


@pytest.fixture
def templates(tmp_path: Path):
    (tmp_path / "parts.html").write_text(PARTS)
    (tmp_path / "page.html").write_text(PAGE)
    gc.disable()
    yield environment(tmp_path)
    gc.enable()


def test_what_a_page_shows_is_free_without_a_search_for_garbage(templates):
    thing = Thing()
    shown = ref(thing)
    page = templates.get_template("page.html").render(thing=thing).strip()
    del thing
    words = "a &lt;fact&gt; of a &lt;fact&gt;"
    assert (page, shown()) == (f"{words}, {words}", None)
