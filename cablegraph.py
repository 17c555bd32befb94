"""Start the `cablegraph` command.

In the source tree the parts are top-level packages beside this file. In an install this file
is `cablegraph/__init__.py` and the parts lie in `cablegraph/parts` (see hatch_build.py): that
folder goes first on the path, before another project's `server` can be taken for ours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click

PARTS = Path(__file__).parent / "parts"
PACKAGES = ("ontology", "queries", "dataset", "ingest", "server")
if PARTS.is_dir():
    sys.path.insert(0, str(PARTS))


class Commands(click.Group):
    """The commands of the parts; a part is imported when its commands are looked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which one needs them."""
        return [str(command.name) for command in _commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        return next((command for command in _commands() if command.name == cmd_name), None)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever goes wrong is told in a line, and by the exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params["debug"]:
                raise
            raise click.ClickException(_told(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cablegraph", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="On an unexpected error, show where it came from.")
def main(debug: bool) -> None:
    """Build a knowledge graph from diplomatic telegrams, and serve it."""


def _commands() -> Iterator[click.Command]:
    for part in ("ingest", "server"):
        yield from import_module(f"{part}.cli").commands


def _told(error: Exception) -> str:
    """The message, and for an error that is neither ours nor the system's also its kind."""
    ours = type(error).__module__.partition(".")[0] in PACKAGES
    if ours or isinstance(error, OSError):
        return str(error)
    return f"{type(error).__name__}: {error}\n`cablegraph --debug` shows where it came from."


if __name__ == "__main__":
    main()
