"""`enrichcore report`: what a run came to, as text or as a page with pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from enrichcore.cli.options import Globals, common, drive, load, make_reader, note, store_of

if TYPE_CHECKING:
    from enrichcore.cli.report_facts import Facts
    from enrichcore.cli.runs import Entry


@click.command(short_help="Tell what a run came to, as text or as a page with pictures.")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--html", metavar="FILE", help="Write one page with pictures, which needs nothing but itself.")
@common
@click.pass_context
def command(ctx: click.Context, /, *, run: str | None, html: str | None) -> None:
    """Tell what a run came to: the last one, or RUN, which is its output or a name that `enrichcore runs` shows.

    How far the rows came in the cascade, fill rates by country and method, what each provider added, what an accepted
    number cost, how long the answers took, why numbers were refused, and what is incomplete. Nothing in it is personal.

    What is said of rows is what the last command of the run wrote down; what is said of calls and money is what the
    journal says now.
    """
    from enrichcore.cli.report_text import told

    options = ctx.ensure_object(Globals)
    entry = _entry(store_of(options), run)
    facts = _read(options, entry)
    if html is None:
        click.echo(told(facts))
        return
    from enrichcore.bulk.output import Output
    from enrichcore.cli.report_page import page

    with Output(html) as output:
        output.write(page(facts).encode())
        output.commit()
    if output.name != "standard output":
        note(f"wrote {html}")


def _read(options: Globals, entry: "Entry") -> "Facts":
    from enrichcore.cli.report_facts import gather
    from enrichcore.cli.runs import state

    async def look() -> "Facts":
        async with make_reader(options) as engine:
            return await gather(engine.for_tenant(entry.tenant), entry, state(entry), load(options).currency)

    return drive(look())


def _entry(store: str, run: str | None) -> "Entry":
    """The run that is meant.

    Raises:
        ConfigError: there is none, or several of that name.
    """
    from enrichcore.cli.runs import of_store
    from enrichcore.errors import ConfigError

    mine = of_store(store)
    if not mine:
        raise ConfigError("no run yet: `enrichcore enrich IN --out OUT` makes one")
    if run is None:
        return mine[0]
    path = str(Path(run).resolve())
    found = [entry for entry in mine if entry.out == path] or [entry for entry in mine if entry.run.startswith(run)]
    if len(found) != 1:
        what = "several runs are called" if found else "there is no run"
        raise ConfigError(f"{what} {run!r}: expected the output of one, or a name that `enrichcore runs` shows")
    return found[0]
