"""`enrichcore providers`: who is installed, who can be asked, and who needs help."""

import importlib
from typing import Final

import click

from enrichcore.cli.options import common

_COMMANDS: Final = {
    "list": "providers_list",
    "doctor": "providers_doctor",
    "resume": "providers_resume",
    "new": "providers_new",
    "test": "providers_test",
}


class _Group(click.Group):
    """Loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"enrichcore.cli.{module}").command
        return command


@click.group(cls=_Group)
@common
def command() -> None:
    """Show, check and resume providers."""
