"""The command itself: what it offers, how quickly, and how it ends when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner, Result

from cablegraph import Commands, main

SLOW_TO_IMPORT = [
    "fastapi",
    "lxml",
    "mcp",
    "owlrl",
    "pyoxigraph",
    "pyshacl",
    "rdflib",
    "uvicorn",
]


def ended_with(error: BaseException, *arguments: str) -> Result:
    """What is left of `cablegraph fail` when its only line raises that error."""

    class Failing(Commands):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return click.Command(cmd_name, callback=raise_it)

    def raise_it() -> None:
        raise error

    debug = click.Option(["--debug"], is_flag=True)
    return CliRunner().invoke(Failing("cablegraph", params=[debug]), [*arguments, "fail"])


def test_version_is_that_of_the_distribution() -> None:
    result = CliRunner().invoke(main, ["--version"], prog_name="cablegraph")
    assert result.output == f"cablegraph {version('cablegraph')}\n"


def test_every_command_has_a_line_of_help() -> None:
    context = click.Context(main)
    commands = [main.get_command(context, name) for name in main.list_commands(context)]
    assert [command for command in commands if not command or not command.help] == []


def test_help_is_quick() -> None:
    """What takes long to import waits until a command needs it."""
    program = f"""
import json, sys
from click.testing import CliRunner
from cablegraph import main
assert CliRunner().invoke(main, ["--help"]).exit_code == 0
print(json.dumps([name for name in {SLOW_TO_IMPORT} if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert json.loads(done.stdout) == []


def test_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["atlantis"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        2,
        "Error: No such command 'atlantis'.",
    )


def test_unexpected_error_is_told_with_its_kind() -> None:
    result = ended_with(ValueError("no head"))
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "Error: ValueError: no head\n`cablegraph --debug` shows where it came from.\n",
    )


def test_error_of_a_part_is_told_in_its_own_words() -> None:
    error = type("UnreadableVolume", (Exception,), {"__module__": "ingest.errors"})
    result = ended_with(error("bad.xml:2: document d9 has no head"))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: bad.xml:2: document d9 has no head\n",
    )


def test_error_of_the_system_is_told_in_its_own_words() -> None:
    result = ended_with(FileNotFoundError(2, "No such file or directory", "d.xml"))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: [Errno 2] No such file or directory: 'd.xml'\n",
    )


def test_debug_lets_an_unexpected_error_through() -> None:
    error = ValueError("no head")
    assert ended_with(error, "--debug").exception is error


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), 130), (BrokenPipeError(32, "Broken pipe"), 1)]
)
def test_interrupt_and_broken_pipe_are_quiet(error: BaseException, status: int) -> None:
    """Who pressed Ctrl-C, or closed the pipe, knows it."""
    result = ended_with(error)
    assert (result.exit_code, result.output) == (status, "")
