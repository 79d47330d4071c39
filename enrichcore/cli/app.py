"""The command group: global options, commands that load when they are used, and errors as one line."""

import importlib
import io
import os
import sys
from typing import Any, Final

import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, common, note
from enrichcore.errors import ConfigError, EnrichcoreError, InvalidContact
from enrichcore.version import __version__

_COMMANDS: Final = {
    "init": "init",
    "demo": "demo",
    "lookup": "lookup",
    "plan": "plan",
    "enrich": "enrich",
    "runs": "runs",
    "report": "report",
    "explain": "explain",
    "providers": "providers",
    "ledger": "ledger",
    "suppress": "suppress",
    "forget": "forget",
    "store": "store",
    "serve": "serve",
    "keys": "keys",
}
"""Each command and its module. The order is the one in which people need them."""


class Commands(click.Group):
    """Loads a command's module when it is asked for, and turns errors into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of a first visit."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Import the command's module."""
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"enrichcore.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with a guess at what was meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], list(_COMMANDS), 1) if args else []
            if near and "mean" not in error.message:
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong becomes a line on standard error and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(exits.INTERRUPTED)
        except Exception as error:
            globals_ = ctx.find_object(Globals)
            if globals_ is not None and globals_.debug:
                raise
            usage = isinstance(error, ConfigError | InvalidContact)
            if isinstance(error, EnrichcoreError | OSError):
                note(f"enrichcore: {error}")
            else:
                note(
                    f"enrichcore: unexpected {type(error).__name__}: {error}. This is a bug: "
                    "please report it with what `--debug` shows"
                )
            ctx.exit(exits.USAGE if usage else exits.FAILED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="enrichcore")
@common
def app() -> None:
    """Find phone numbers for contacts through a cascade of provider plugins.

    Try `enrichcore demo` first: it needs no key and no network.

    Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 finished with incomplete rows, 130 interrupted.
    """


def run() -> int:
    """Run the command line with the process's arguments; the answer is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe in an old code page must not end a run
    try:
        app.main(prog_name="enrichcore")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else exits.DONE if end.code is None else exits.FAILED
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not fail again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAILED
