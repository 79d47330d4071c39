"""A run that may cost money and has no limit is begun only when somebody has seen its plan and says yes."""

import sys
from typing import TYPE_CHECKING

import click

from enrichcore.cli import exits
from enrichcore.cli.options import confirmed, is_terminal, note

if TYPE_CHECKING:
    from enrichcore.cli.plan import View
    from enrichcore.engine.core import AsyncEngine


def payable(engine: "AsyncEngine") -> list[str]:
    """The providers that may cost money, and of which no limit counts what they cost."""
    budget = engine.budget
    general = any(limit is not None for limit in (budget.run, budget.hour, budget.day, budget.month))
    return [
        name
        for name, member in engine.members.items()
        if member.price.paid
        and member.skip is None
        and member.worst != 0
        and not (general or (name in budget.providers and budget.providers[name].limited))
    ]


def ask(ctx: click.Context, view: "View", names: list[str], *, from_stdin: bool) -> None:
    """Show the plan and ask; without anybody to ask, say what to add. Nothing is asked when nothing can be bought.

    `names` are the providers without a limit.
    """
    from enrichcore.cli.plan_text import lines
    from enrichcore.cli.render import cents

    parts = view.forecast.providers
    if not any(parts[name].credits[1] for name in names if name in parts):
        return
    for line in lines(view):
        note(line)
    note("")
    most, unpriced = f"{cents(view.forecast.ceiling)} {view.currency}", ", ".join(sorted(view.forecast.unpriced))
    if unpriced:
        most += f" and credits of {unpriced}"
    if from_stdin or not (sys.stdin.isatty() and is_terminal()):
        limit = "--yes" if unpriced else f'--budget "{most}" (or less), or --yes'
        note(f"this may cost up to {most}, no limit is set and nobody is here to ask: nothing was done. Add {limit}")
        ctx.exit(exits.USAGE)
    confirmed(ctx, f"Spend up to {most}?", yes=False)
