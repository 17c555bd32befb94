"""A token allows to change the graph if it stands in the file as it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.errors import TokenMissing, TokenWrong, UnreadableTokens
from server.tokens import name_of, read_tokens
from tests.server.test_cli import run

ANNA, BERTA = "a" * 16, "B-._~+/9" * 4 + "=="


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of two tokens."""
    path = tmp_path / "tokens"
    path.write_text(f"# who may\n\nanna {ANNA}\n  berta@example.org\t{BERTA}  \n")
    return path


def test_names_and_tokens_are_read_line_by_line(file: Path) -> None:
    assert read_tokens(file) == [("anna", ANNA.encode()), ("berta@example.org", BERTA.encode())]


@pytest.mark.parametrize(("token", "name"), [(ANNA, "anna"), (BERTA, "berta@example.org")])
def test_whole_token_gives_the_name(file: Path, token: str, name: str) -> None:
    assert name_of(f"Bearer {token}", file) == name
    for wrong in (token[:-1], token + "a", token.swapcase()):
        with pytest.raises(TokenWrong):
            name_of(f"Bearer {wrong}", file)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", f"Token {ANNA}", ANNA])
def test_header_without_a_token_is_told_so(file: Path, header: str | None) -> None:
    with pytest.raises(TokenMissing, match="Authorization: Bearer TOKEN"):
        name_of(header, file)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", ": there is no token in it."),
        ("# anna aaaaaaaaaaaaaaaa\n", ": there is no token in it."),
        ("\nanna secret\n", ":2: no name, or no token of 16 characters or more."),
        (f"{ANNA}\n", ":1: no name, or no token of 16 characters or more."),
        (f"anna {ANNA} more\n", ":1: no name, or no token of 16 characters or more."),
        (f"anna {ANNA}ä\n", ":1: no name, or no token of 16 characters or more."),
    ],
)
def test_file_that_cannot_be_used_is_told_without_a_token_of_it(
    tmp_path: Path, content: str, fault: str
) -> None:
    file = tmp_path / "tokens"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableTokens) as found:
        read_tokens(file)
    assert found.value.detail == f"{file}{fault}"
    assert ANNA not in str(found.value)


def test_service_does_not_start_without_its_tokens(data_set: Path, tmp_path: Path) -> None:
    words = ("serve", "--store", str(data_set), "--port", "0", "--update-token-file")
    result = run(*words, str(tmp_path / "none"))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path}/none: ")
    assert "No such file" in result.stderr
